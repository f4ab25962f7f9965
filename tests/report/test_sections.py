"""Sections of the page: counts, examples and remarks."""

import math
from collections import Counter
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.inputs import cell, inputs
from winnow.facts.explain import explain
from winnow.gates.filtering import COLUMNS, Facts, columns
from winnow.gates.rules import RULES
from winnow.records.draw import draw
from winnow.report import words
from winnow.report.examples.clusters import clusters, survivors
from winnow.report.examples.turns import BUDGET, FULL, TURNS, full
from winnow.report.format.levels import LEVELS, logarithmic
from winnow.report.inputs import StageMetrics
from winnow.report.page import SECTIONS, Page
from winnow.report.rates import Rates
from winnow.report.sections.before_after import LANGUAGES, BeforeAfter
from winnow.report.sections.by_language import ByLanguage
from winnow.report.sections.coverage import Coverage
from winnow.report.sections.sources import Sources
from winnow.report.sections.targets import Targets
from winnow.report.sections.test_sets import TestSets
from winnow.report.sections.verdicts import Verdicts
from winnow.report.sections.written import Written
from winnow.report.survey.candidates import kept, nearly_dropped
from winnow.report.survey.counts import MEASURES, Cell, count_rows, sums
from winnow.report.survey.sampling import first_of_each


def test_every_section_is_a_module_and_a_template_of_one_name_and_stands_on_the_page() -> None:
    names = {section.__module__.rsplit(".", 1)[-1] for section in SECTIONS}
    there = {file.name for file in files("winnow.report.sections").iterdir() if file.is_file()}
    assert there == {"__init__.py"} | {f"{name}{suffix}" for name in names for suffix in (".py", ".html.j2")}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["", "filter"]), st.integers(0, 9)), max_size=30))
def test_a_cube_sums_to_its_rows(rows: list[tuple[str, str, int]]) -> None:
    table: dict[str, list[Any]] = {
        "source": [row[0] for row in rows], "license": ["MIT"] * len(rows), "gate": [row[1] or None for row in rows],
        "reason": ["r" if row[1] else None for row in rows], "split": [None] * len(rows),
        "language": ["en"] * len(rows),
        "draws": [1] * len(rows), "tokens": [row[2] for row in rows], "flagged": [row[2] % 2 for row in rows],
        "rated": [1] * len(rows), "rating": [0.5] * len(rows),
    }  # fmt: skip
    types = {name: pa.string() if name in Cell._fields else pa.float64() for name in table}
    cube = count_rows(pa.table({name: pa.array(values, types[name]) for name, values in table.items()}))
    assert sums(cube, "source") == Counter(row[0] for row in rows)
    assert sums(cube, "source", measure="tokens").total() == sum(row[2] for row in rows)
    assert sums(cube, "gate", where=Cell.released)[""] == sum(not row[1] for row in rows)
    assert {measure for _, measure in cube} <= set(MEASURES)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), max_size=40), st.integers(0, 4))
def test_the_lowest_draws_of_each_group_are_taken(pairs: list[tuple[int, int]], count: int) -> None:
    groups = np.array([group for group, _ in pairs], np.int64)
    draws = np.array([drawn for _, drawn in pairs], np.uint64)
    taken = first_of_each(groups, draws, count).tolist()
    for group in set(groups.tolist()):
        mine = sorted(draws[groups == group].tolist())
        assert [draws[n] for n in taken if groups[n] == group] == mine[:count]


def facts(lengths: list[float], flags: list[list[str]]) -> Facts:
    rows = len(lengths)
    table: dict[str, Any] = {name: [0.0] * rows for name in COLUMNS} | {
        "row_id": [f"a:{n:03d}" for n in range(rows)], "kind": ["sft"] * rows, "language": ["en"] * rows,
        "flags": pa.array(flags, pa.list_(pa.string())), "calls_tool": [False] * rows, "asks_text": [True] * rows,
        "offers_tools": [False] * rows,
        **{name: lengths for name in COLUMNS if name.endswith("_length")},
    }  # fmt: skip
    return columns(pa.table(table))


SETTINGS = {rule.name: 20 if rule.name.startswith("short") else rule.switch for rule in RULES} | {"echo": False}


def test_near_rows_lie_at_the_limit_and_kept_rows_in_the_middle() -> None:
    arrays = facts([float(n) for n in range(100)], [["refusal_weak"] if n < 50 else [] for n in range(100)])
    inside = arrays["response_length"] >= 20
    near = nearly_dropped(arrays, SETTINGS, inside, 2)
    assert [row.value for *_, row in near["filter", "short_response"]] == [20.0, 21.0]
    weak = [row for *_, row in near["filter", "refusal"]]
    assert len(weak) == 2
    assert all("a:020" <= row.row_id < "a:050" and row.value is None for row in weak)
    passed = kept(arrays, SETTINGS, inside, pa.array(["a"] * 100), draw(None, arrays["row_id"], "report"), 100)
    values = [row.value for _, row in passed["filter", "short_response", "a"]]
    assert min(values) == 41  # the quarters of 21 … 99
    assert max(values) == 79
    assert {row.row_id for _, row in passed["filter", "refusal", "a"]} == {f"a:{n:03d}" for n in range(50, 100)}
    assert ("filter", "echo", "a") not in passed  # the rule is off
    assert ("filter", "empty_response", "a") not in passed  # nothing lies near a limit that only says "empty"


def test_clusters_are_the_largest_groups_and_count_all_their_rows() -> None:
    names = ["survivor", "row_id", "reason", "value"]
    rows = [(f"a:{n % 12}", f"b:{n}", "near_duplicate", 0.8 + n / 1000) for n in range(30)]
    tables = [pa.table([list(column) for column in zip(*part, strict=True)], names) for part in (rows[:7], rows[7:])]
    largest = clusters(tables, 2)
    assert [group.survivor for group in largest[:7]] == ["a:0", "a:1", "a:2", "a:3", "a:4", "a:5", "a:10"]
    assert [group.size for group in largest[:7]] == [4] * 6 + [3]
    assert largest[0].members == [("b:0", "near_duplicate", 0.8), ("b:12", "near_duplicate", 0.812)]
    assert survivors(tables) == 12
    assert clusters([], 3) == []


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_levels_grow_with_the_count(count: int, other: int) -> None:
    most = max(count, other)
    assert logarithmic(min(count, other), most) <= logarithmic(most, most)
    assert logarithmic(count, most) == 0 if count == 0 else 1 <= logarithmic(count, most) <= LEVELS


def test_coverage_shows_every_combination_and_stays_in_bounds() -> None:
    lines = [
        {"task": f"t{n % 30:02d}", "domain": f"d{n // 30:03d}", "difficulty": "x", "rows": str(n % 7), "draws": "9"}
        for n in range(30 * 80)
    ]
    section = Coverage(inputs(metrics=StageMetrics(coverage=lines)))
    assert (section.across, [grid.down for grid in section.grids]) == ("task", ["domain", "difficulty"])
    assert (len(section.names), len(section.grids[0].names), section.grids[1].names) == (24, 60, ["x"])
    assert section.hidden == 6 + 20
    assert {len(row) for row in section.grids[0].cells} == {24}
    assert section.empty + section.few == len(section.cells)
    assert Coverage(inputs()).across == ""
    of_one_fact = Coverage(inputs(metrics=StageMetrics(coverage=[{"task": "code", "rows": "1", "draws": "1"}])))
    assert (of_one_fact.names, of_one_fact.grids) == (["code"], [])


def target(value: str, asked: float, drawn: float, met: str, dimension: str = "d") -> dict[str, str]:
    return {"dimension": dimension, "value": value, "share": str(asked), "share_drawn": str(drawn), "met": met,
            "asked": "20", "drawn": "5", "short_by": "15", "rows": "5"}  # fmt: skip


def test_targets_come_missed_first_by_their_gap() -> None:
    lines = [target("a", 0.2, 0.2, "yes"), target("b", 0.2, 0.1, "no"), target("c", 0.9, 0.1, "no")]
    section = Targets(inputs(metrics=StageMetrics(targets=lines * 30)))
    assert [one.value for one in section.targets] == ["c"] * 30 + ["b"] * 30
    assert section.count == 90


def test_rates_of_a_gate_are_of_the_rows_that_entered_it() -> None:
    section = ByLanguage(inputs({
        (cell(language="zh"), "rows"): 50, (cell(gate="filter", reason="r", language="zh"), "rows"): 50,
        (cell(language="en"), "rows"): 180, (cell(gate="filter", reason="r", language="en"), "rows"): 20,
        (cell(gate="mix", reason="over_cap", language="zh"), "rows"): 10,
        (cell(gate="mix", reason="over_cap", language="fr"), "rows"): 3,
    }))  # fmt: skip
    first, second = section.reasons
    assert first.rates == Rates(50, 110, 20, 200)
    assert first.rates.ratio == pytest.approx(4.545, abs=0.001)
    assert first.rates.clear
    assert second.rates == Rates(10, 60, 0, 180)
    assert second.others == 3


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_ratio_is_clear_only_where_its_interval_says_so(chinese: int, english: int) -> None:
    rates = Rates(chinese, 1000, english, 4000)
    if rates.ratio is None:
        assert chinese == english == 0
        return
    assert rates.lowest <= rates.ratio
    assert rates.clear == (rates.uneven and rates.lowest > 1)
    assert not Rates(1, 1000, 1, 4000).clear  # four times as often, but of one row each
    assert not math.isnan(rates.lowest)


def test_rare_values_share_one_line() -> None:
    values = {("language", f"l{n:02d}", "rows"): 100 - n for n in range(20)}
    values |= {("language", f"l{n:02d}", "released"): 1 for n in range(20)}
    (language,) = BeforeAfter(inputs(values=Counter(values))).distributions
    assert len(language.lines) == LANGUAGES + 1
    assert language.lines[-1][0] == "8 others"
    assert sum(line[1] for line in language.lines) == language.rows
    assert language.released == 20


def test_a_source_has_means_flags_and_losses() -> None:
    one, out = cell(), cell(gate="deduplicate", reason="exact_duplicate")
    cube = {(one, "rows"): 3, (one, "tokens"): 30, (one, "rated"): 2, (one, "rating"): 1.0,
            (out, "rows"): 1, (out, "tokens"): 50, (out, "flagged"): 1}  # fmt: skip
    units = [{"source": "a", "outcome": "used", "units": "4"}, {"source": "b", "outcome": "quarantined", "units": "2"}]
    flags = Counter({("echo", "a", "en", "out"): 1})
    entries = {"c": {"license": "MIT"}}
    first, second, third = Sources(inputs(cube, entries, StageMetrics(units=units), flags=flags)).sources
    assert [source.name for source in (first, second, third)] == ["a", "b", "c"]
    assert (first.tokens, first.released_tokens, first.rating, first.duplicates, first.lost) == (20, 10, 0.5, 1, 1)
    assert first.reasons == [("exact_duplicate", 1)]
    assert (first.flags, first.flagged, second.quarantined, third.licenses) == ([("echo", 1)], 1, 2, ["MIT"])
    assert third.tokens is None


def test_a_row_in_full_is_bounded_and_keeps_its_end() -> None:
    turn = {"role": "user", "content": "long " * 4000, "reasoning": None, "tool_calls": None}
    messages = [turn] * 99 + [{**turn, "role": "assistant", "content": "the end"}]
    row = {"system": "s", "context": None, "messages": messages, "rejected": None,
           "instruction_language": "en", "response_language": "en"}  # fmt: skip
    texts = full(row)
    assert len(texts) == TURNS + 1
    assert texts[TURNS // 2].role == "61 turns not shown"
    assert texts[-1].shown == "the end"
    assert sum(len(text.shown) for text in texts) <= BUDGET + FULL + TURNS * 300


def test_remarks_name_what_deserves_a_look_and_the_section_with_more() -> None:
    limited, chinese = cell(code="CC-BY-NC-4.0"), cell(language="zh")
    out = [cell(gate="filter", reason="short_response", language=language) for language in ("zh", "en")]
    cube = {(limited, "rows"): 600, (chinese, "rows"): 400, (out[0], "rows"): 600, (out[1], "rows"): 200}
    metrics = StageMetrics(
        annotate={"audit": {"rows": 10, "agreement": 0.5}},
        judge={"canaries": {"sessions": 2, "replies": 8, "off": 3}},
        units=[{"source": source, "outcome": "used", "units": "9"} for source in "ab"],
        requests=[{"rubric": "pair", "outcome": "ok", "requests": "9"}],
        targets=[target("code", 0.2, 0.05, "no", "task"), target("y", 1, 1, "yes")],
    )
    flags = {("refusal", "a", "en", "in"): 3, ("refusal", "a", "en", "out"): 2, ("boilerplate", "a", "en", "in"): 3}
    units = {("quarantined", "invalid_json", "a"): 2}
    page = Page(inputs(cube, metrics=metrics, flags=Counter(flags), units=Counter(units)))
    assert [(section.name, sentence) for sentence, section in page.remarks] == [
        (
            "test_sets",
            "No test set was compared with the rows: whether they hold items of public test sets is not known. Name "
            "those that must not leak in overlaps.benchmarks.",
        ),
        ("overview", "The split validation is empty."),
        ("overview", "The split test is empty."),
        ("overview", "600 released rows (60.0%) are licensed under CC-BY-NC-4.0, which does not allow commercial use."),
        ("overview", "The release mixes 2 licences; a use of the whole must respect all."),
        ("sources", "Nothing of the source b is in the release: it gave no row."),
        ("sources", "The source a lost 44.4% of its rows, most of them for short response (800)."),
        ("before_after", "A second detector agrees with the language of 50.0% of the 10 rows checked."),
        ("targets", "The mix gives task code 5.0% of the draws, and 20.0% were asked for."),
        ("verdicts", "3 of 8 replies to canaries differ from the known verdict: the model may not be the one it was."),
        ("left_out", "2 raw units could not be read and are quarantined."),
        ("by_language",
         "filter drops Chinese rows for short response 2.4 times as often as English ones (60.0% against 25.0%)."),
        ("flags", "3 released rows carry the flag refusal, whose rule does not drop them."),
    ]  # fmt: skip
    assert page.metrics() == {"remarks": 13, "reasons": 2, "uneven": 1}


@pytest.mark.parametrize(
    ("kinds", "first"),
    [((), "No test set was compared"), (("demo",), "Only the made-up demo test set"), (("demo", "public"), None)],
)
def test_a_set_that_no_public_test_set_was_compared_with_says_so_on_top(
    kinds: tuple[str, ...], first: str | None
) -> None:
    sets = [
        {"benchmark": kind, "title": kind, "license": "MIT", "kind": kind, "items": "12", "rows": "3"} for kind in kinds
    ]
    metrics = StageMetrics(benchmarks=sets, contaminated=[{"benchmark": "public", "rows": "2"}])
    page = Page(inputs(metrics=metrics))
    said = [sentence for sentence, section in page.remarks if section.name == "test_sets"]
    assert [sentence[: len(first or "")] for sentence in said] == ([first] if first else [])
    assert not first or page.remarks[0][0] == said[0]
    assert [(one.items, one.rows, one.dropped) for one in TestSets(inputs(metrics=metrics)).sets] == [
        (12, 3, 2 if kind == "public" else 0) for kind in kinds
    ]


def test_verdicts_are_shown_by_score_and_by_choice() -> None:
    def line(rubric: str, criterion: str, value: str, rows: int) -> dict[str, str]:
        return {"rubric": rubric, "criterion": criterion, "value": value, "rows": str(rows)}

    lines = [line("pair", "style", value, rows) for value, rows in (("1", 2), ("9.5", 1), ("10", 7))]
    lines += [line("tags", "task", f"t{n}", 20 - n) for n in range(15)]
    lines += [line("comparison", "preferred", "chosen", 5), line("comparison", "preferred", "tie", 1)]
    outcomes = [("pair", "ok", "8"), ("tags", "ok", "2"), ("pair", "pending", "3")]
    requests = [{"rubric": rubric, "outcome": outcome, "requests": n} for rubric, outcome, n in outcomes]
    metrics = StageMetrics(verdicts=lines, requests=requests, models=[{"model": "m", "replies": "10"}])
    section = Verdicts(inputs(metrics=metrics))
    assert (section.requests, section.outcomes) == (13, [("used", 10), ("pending", 3)])
    (style,) = section.rubrics["pair"]
    assert (style.name, style.rows, style.mean) == ("style", 10, 8.15)
    assert [count for count, _ in style.cells] == [2, 0, 0, 0, 0, 0, 0, 0, 0, 8]
    assert section.preferred == {"comparison": [("chosen", 5), ("tie", 1), ("rejected", 0)]}
    labels = section.labels["tags: task"]
    assert (labels[0], labels[-1]) == (("t0", 20), ("3 others", 8 + 7 + 6))
    assert Verdicts(inputs()).requests == 0


def test_a_fact_is_explained_by_the_metadata_of_its_field() -> None:
    meaning = explain("mtld")
    assert words.explained("mtld") == f"{meaning.meaning} Unit: {meaning.unit}. Source: {meaning.source}."
    assert words.explained("no_such_fact") == ""


def test_the_section_of_models_that_write_counts_slots_reasons_and_their_share_of_the_release() -> None:
    line = {"plan": "more", "method": "evol_instruct", "model": "m", "prompt_tokens": "70", "completion_tokens": "30"}
    rounds = [
        {**line, "round": "1", "slots": "10", "accepted": "6", "state": "closed"},
        {**line, "round": "2", "slots": "4", "accepted": "0", "state": "open"},
        {**line, "round": "3", "slots": "4", "accepted": "0", "state": "proposed"},
    ]
    slots = [
        {"plan": "more", "round": "1", "outcome": outcome, "slots": count}
        for outcome, count in (("accepted", "6"), ("leak", "1"), ("beyond_target", "2"), ("not_novel", "1"))
    ]
    cube = {(cell("more"), "rows"): 6, (cell("a"), "rows"): 18}
    entries = {"more": {"adapter": "written", "plan": "more"}, "a": {"adapter": "alpaca"}}
    section = Written(inputs(cube, entries, StageMetrics(rounds=rounds, slots=slots)))
    assert [(one.round, one.accepted, one.good, one.tokens) for one in section.rounds] == [
        (1, 6, 8, 100),
        (2, 0, 0, 100),
    ]
    assert section.rounds[0].reasons == [("beyond_target", 2), ("leak", 1), ("not_novel", 1)]
    assert (section.released, section.total, section.not_novel) == (6, 24, 1)
    assert section.remarks() == ["The plan more has an open round: run winnow grow more."]
    assert Written(inputs()).rounds == []
