"""Sections of the page: what is counted, what is chosen, what is remarked."""

import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.gates.filtering import COLUMNS, columns
from winnow.gates.rules import RULES
from winnow.records.draw import draw
from winnow.report.candidates import kept, nearly_dropped
from winnow.report.clusters import clusters, groups
from winnow.report.coverage import LEVELS, Target, coverage, level, targets
from winnow.report.cube import MEASURES, Cell, cube, totals
from winnow.report.judged import Judged, judged
from winnow.report.overview import License
from winnow.report.picks import first_of_each
from winnow.report.remarks import remarks
from winnow.report.sources import sources
from winnow.report.tongues import Flag, Rates, Uneven, by_language
from winnow.report.turns import BUDGET, FULL, TURNS, full
from winnow.report.values import LANGUAGES, distribution


def cell(source: str = "a", gate: str = "", reason: str = "", language: str = "en") -> Cell:
    return Cell(source, "MIT", gate, reason, "" if gate else "train", language)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["", "filter"]), st.integers(0, 9)), max_size=30))
def test_a_cube_sums_to_its_rows(rows):
    table = {
        "source": [row[0] for row in rows], "license": ["MIT"] * len(rows), "gate": [row[1] or None for row in rows],
        "reason": ["r" if row[1] else None for row in rows], "split": [None] * len(rows),
        "language": ["en"] * len(rows),
        "draws": [1] * len(rows), "tokens": [row[2] for row in rows], "flagged": [row[2] % 2 for row in rows],
        "rated": [1] * len(rows), "rating": [0.5] * len(rows),
    }  # fmt: skip
    text = pa.string()
    found = cube(pa.table({name: pa.array(values, text if name in Cell._fields else pa.float64())
                           for name, values in table.items()}))  # fmt: skip
    assert totals(found, "source") == Counter(row[0] for row in rows)
    assert sum(totals(found, "source", measure="tokens").values()) == sum(row[2] for row in rows)
    assert totals(found, "gate", where=lambda one: one.released)[""] == sum(not row[1] for row in rows)
    assert {measure for _, measure in found} <= set(MEASURES)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), max_size=40), st.integers(0, 4))
def test_the_lowest_draws_of_each_group_are_taken(pairs, count):
    group, drawn = (np.array([pair[n] for pair in pairs], kind) for n, kind in enumerate((np.int64, np.uint64)))
    taken = first_of_each(group, drawn, count).tolist()
    for one in set(group.tolist()):
        mine = sorted(drawn[group == one].tolist())
        assert [drawn[n] for n in taken if group[n] == one] == mine[:count]


def facts(lengths: list[float], flags: list[list[str]]) -> dict:
    rows = len(lengths)
    table = {name: [0.0] * rows for name in COLUMNS} | {
        "row_id": [f"a:{n:03d}" for n in range(rows)], "kind": ["sft"] * rows, "language": ["en"] * rows,
        "flags": pa.array(flags, pa.list_(pa.string())), "calls_tool": [False] * rows, "asks_text": [True] * rows,
        "offers_tools": [False] * rows,
        **{name: lengths for name in COLUMNS if name.endswith("_length")},
    }  # fmt: skip
    return columns(pa.table(table))


SETTINGS = {rule.name: 20 if rule.name.startswith("short") else rule.switch for rule in RULES} | {"echo": False}


def test_near_rows_lie_at_the_limit_and_kept_rows_in_the_middle():
    held = facts([float(n) for n in range(100)], [["refusal_weak"] if n < 50 else [] for n in range(100)])
    inside = held["response_length"] >= 20
    near = nearly_dropped(held, SETTINGS, inside, 2)
    assert [pick.value for *_, pick in near["filter", "short_response"]] == [20.0, 21.0]
    weak = [pick for *_, pick in near["filter", "refusal"]]
    assert len(weak) == 2
    assert all("a:020" <= pick.row_id < "a:050" and pick.value is None for pick in weak)
    found = kept(held, SETTINGS, inside, pa.array(["a"] * 100), draw(None, held["row_id"], "report"), 100)
    values = [pick.value for _, pick in found["filter", "short_response", "a"]]
    assert min(values) == 41  # the quarters of 21 … 99
    assert max(values) == 79
    assert {pick.row_id for _, pick in found["filter", "refusal", "a"]} == {f"a:{n:03d}" for n in range(50, 100)}
    assert ("filter", "echo", "a") not in found  # the rule is off
    assert ("filter", "empty_response", "a") not in found  # nothing lies near a limit that only says "empty"


def test_clusters_are_the_largest_groups_and_count_all_their_rows():
    names = ["survivor", "row_id", "reason", "value"]
    rows = [(f"a:{n % 12}", f"b:{n}", "near_duplicate", 0.8 + n / 1000) for n in range(30)]
    tables = [pa.table([list(column) for column in zip(*part, strict=True)], names) for part in (rows[:7], rows[7:])]
    found = clusters(tables, 2)
    assert [one.survivor for one in found[:7]] == ["a:0", "a:1", "a:2", "a:3", "a:4", "a:5", "a:10"]
    assert [one.size for one in found[:7]] == [4] * 6 + [3]
    assert found[0].members == [("b:0", "near_duplicate", 0.8), ("b:12", "near_duplicate", 0.812)]
    assert groups(tables) == 12
    assert clusters([], 3) == []


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_levels_grow_with_the_count(one, other):
    most = max(one, other)
    assert (level(min(one, other), most)) <= level(most, most)
    assert level(one, most) == 0 if one == 0 else 1 <= level(one, most) <= LEVELS


def test_coverage_shows_every_combination_and_stays_in_bounds():
    lines = [[f"t{n % 30:02d}", f"d{n // 30:03d}", "x", str(n % 7), "9"] for n in range(30 * 80)]
    found = coverage(["task", "domain", "difficulty"], lines)
    assert (len(found.names), len(found.grids[0].names), found.grids[1].names) == (24, 60, ["x"])
    assert found.hidden == 6 + 20
    assert {len(row) for row in found.grids[0].cells} == {24}
    assert found.empty + found.few == len(found.cells)
    assert coverage([], []) is None
    assert coverage(["task"], [["code", "1", "1"]]).grids == []


def test_targets_come_missed_first_by_their_gap():
    def line(value: str, asked: float, drawn: float, met: str) -> dict[str, str]:
        return {"dimension": "d", "value": value, "share": str(asked), "share_drawn": str(drawn), "met": met,
                "asked": "9", "drawn": "5", "short_by": "4", "rows": "5"}  # fmt: skip

    found, count = targets([line("a", 0.2, 0.2, "yes"), line("b", 0.2, 0.1, "no"), line("c", 0.9, 0.1, "no")], most=2)
    assert [one.value for one in found] == ["c", "b"]
    assert count == 3


def test_rates_of_a_gate_are_of_the_rows_that_entered_it():
    counts = Counter({
        (cell(language="zh"), "rows"): 50, (cell(gate="filter", reason="r", language="zh"), "rows"): 50,
        (cell(language="en"), "rows"): 180, (cell(gate="filter", reason="r", language="en"), "rows"): 20,
        (cell(gate="mix", reason="over_cap", language="zh"), "rows"): 10,
        (cell(gate="mix", reason="over_cap", language="fr"), "rows"): 3,
    })  # fmt: skip
    first, second = by_language(counts)
    assert first.rates == Rates(50, 110, 20, 200)
    assert first.rates.ratio == pytest.approx(4.545, abs=0.001)
    assert first.rates.clear
    assert second.rates == Rates(10, 60, 0, 180)
    assert second.others == 3


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_ratio_is_clear_only_where_its_interval_says_so(chinese, english):
    rates = Rates(chinese, 1000, english, 4000)
    if rates.ratio is None:
        assert chinese == english == 0
        return
    assert rates.lowest <= rates.ratio
    assert rates.clear == (rates.uneven and rates.lowest > 1)
    assert not Rates(1, 1000, 1, 4000).clear  # four times as often, but of one row each
    assert not math.isnan(rates.lowest)


def test_rare_values_share_one_line():
    counts = {(f"l{n:02d}", "rows"): 100 - n for n in range(20)} | {(f"l{n:02d}", "released"): 1 for n in range(20)}
    found = distribution("language", counts)
    assert len(found.lines) == LANGUAGES + 1
    assert found.lines[-1][0] == "8 others"
    assert sum(line[1] for line in found.lines) == found.rows
    assert found.released == 20


def test_a_source_tells_its_means_flags_and_losses():
    one, out = cell(), cell(gate="deduplicate", reason="exact_duplicate")
    counts = Counter({(one, "rows"): 3, (one, "tokens"): 30, (one, "rated"): 2, (one, "rating"): 1.0,
                      (out, "rows"): 1, (out, "tokens"): 50, (out, "flagged"): 1})  # fmt: skip
    found = sources(counts, {("a", "used"): 4, ("b", "quarantined"): 2}, {("echo", "a", "en", "out"): 1},
                    {"c": {"license": "MIT"}})  # fmt: skip
    assert [source.name for source in found] == ["a", "b", "c"]
    first = found[0]
    assert (first.tokens, first.released_tokens, first.rating, first.duplicates, first.lost) == (20, 10, 0.5, 1, 1)
    assert first.reasons == [("exact_duplicate", 1)]
    assert (first.flags, first.flagged, found[1].quarantined, found[2].licenses) == ([("echo", 1)], 1, 2, ["MIT"])
    assert found[2].tokens is None


def test_a_row_in_full_is_bounded_and_keeps_its_end():
    turn = {"role": "user", "content": "long " * 4000, "reasoning": None, "tool_calls": None}
    messages = [turn] * 99 + [{**turn, "role": "assistant", "content": "the end"}]
    row = {"system": "s", "context": None, "messages": messages, "rejected": None,
           "instruction_language": "en", "response_language": "en"}  # fmt: skip
    found = full(row)
    assert len(found) == TURNS + 1
    assert found[TURNS // 2].role == "61 turns not shown"
    assert found[-1].shown == "the end"
    assert sum(len(text.shown) for text in found) <= BUDGET + FULL + TURNS * 300


def test_remarks_name_what_deserves_a_look():
    counts = {("a", "used"): 100, ("b", "used"): 1}
    rows = Counter({(cell(), "rows"): 60, (cell(gate="filter", reason="short_response"), "rows"): 40})
    found = remarks(
        {
            "left": [("quarantined", 2)], "released": 100, "splits": [("train", 100), ("test", 0)],
            "licenses": [License("CC-BY-NC-4.0", 60, 1, ["a"]), License("MIT", 40, 1, ["b"])],
            "sources": sources(rows, counts, {}, {}),
            "targets": [Target("task", "code", 0.2, 0.05, False, 20, 5, 15, 5),
                        Target("x", "y", 1, 1, True, 1, 1, 0, 1)],
            "uneven": [Uneven("filter", "short_response", 5, 0, Rates(60, 1000, 20, 1000)),
                       Uneven("filter", "echo", 5, 0, Rates(1, 1000, 0, 1000))],
            "flags": [Flag("refusal", "", 5, 3, Rates(1, 9, 1, 9)), Flag("boilerplate", "", 5, 3, Rates(1, 9, 1, 9))],
            "benchmark_items": 0, "audit": {"rows": 10, "agreement": 0.5},
            "judged": Judged(9, [("used", 9)], [("m", 9)], {"sessions": 2, "replies": 8, "off": 3}),
        }
    )  # fmt: skip
    assert [(anchor, sentence) for sentence, anchor in found] == [
        ("left-out", "2 raw units could not be read and are quarantined."),
        ("licences", "60 released rows (60.0%) stand under CC-BY-NC-4.0, which does not allow commercial use."),
        ("licences", "The release mixes 2 licences; a use of the whole must respect all."),
        ("sources", "Nothing of the source b is in the release: it gave no row."),
        ("sources", "The source a lost 40.0% of its rows, most of them for short response (40)."),
        ("headline", "The split test is empty."),
        ("mix", "The mix gives task code 5.0% of the draws, and 20.0% were asked for."),
        ("by-language",
         "filter drops Chinese rows for short response 3 times as often as English ones (6.0% against 2.0%)."),
        ("flags", "3 released rows carry the flag refusal, whose rule does not drop them."),
        ("left-out", "No test set was compared with the rows."),
        ("judged", "3 of 8 canaries were judged otherwise than known: the model may not be the one it was."),
        ("made-of", "A second detector agrees with the language of 50.0% of the 10 rows checked."),
    ]  # fmt: skip


def test_what_models_said_is_shown_by_score_and_by_choice():
    def line(rubric, criterion, value, rows):
        return {"rubric": rubric, "criterion": criterion, "value": value, "rows": str(rows)}

    verdicts = [line("pair", "style", value, rows) for value, rows in (("1", 2), ("9.5", 1), ("10", 7))]
    verdicts += [line("tags", "task", f"t{n}", 20 - n) for n in range(15)]
    verdicts += [line("comparison", "preferred", "chosen", 5), line("comparison", "preferred", "tie", 1)]
    outcomes = [{"rubric": r, "outcome": o, "requests": n} for r, o, n in (("pair", "ok", "8"), ("tags", "ok", "2"))]
    outcomes.append({"rubric": "pair", "outcome": "pending", "requests": "3"})
    found = judged(verdicts, outcomes, [{"model": "m", "replies": "10"}], {})
    assert (found.requests, found.outcomes) == (13, [("used", 10), ("pending", 3)])
    ((rubric, (style,)),) = found.rubrics
    assert (rubric, style.name, style.rows, style.mean) == ("pair", "style", 10, 8.15)
    assert [count for count, _ in style.cells] == [2, 0, 0, 0, 0, 0, 0, 0, 0, 8]
    assert found.preferred == [("comparison", [("chosen", 5), ("tie", 1), ("rejected", 0)])]
    ((name, labels),) = found.labels
    assert (name, labels[0], labels[-1]) == ("tags: task", ("t0", 20), ("3 others", 8 + 7 + 6))
    assert judged([], [], [], {}) is None
