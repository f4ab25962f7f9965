"""The gate score: one number from facts and verdicts, and who leaves for it."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from stages.score import main
from tests.conftest import REPOSITORY
from winnow.gates.decisions import alive, decide
from winnow.gates.mix.facts import SCORE, order, train_facts
from winnow.gates.score.columns import Columns, criteria, wide
from winnow.gates.score.plan import Plan, check_columns, make_plan
from winnow.gates.score.scoring import decide_by_score, scores
from winnow.harness.errors import UserError
from winnow.records.schema import JUDGEMENTS, SCORES, SPLITS
from winnow.storage.buckets import read_all
from winnow.storage.tables import write_bucketed

Row = dict[str, Any]

OFF: dict[str, Any] = {"parts": {}, "minimum": False, "below": {}, "missing": "ignore"}
ACCURACY, STYLE, MTLD = "response.accuracy", "pair.style", "mtld"
FACT = {"weight": 1, "from": 20, "to": 80}


def plan(**settings: Any) -> Plan:
    return make_plan(**{**OFF, **settings})


def table(rows: list[dict[str, Any]]) -> tuple[pa.Array, Columns]:
    """Return ids and columns of rows written as {column: value, or "2 pending"}; a missing column has no value."""
    names = (ACCURACY, "response.style", STYLE, MTLD)
    cells = {name: [row.get(name) for row in rows] for name in names}
    due = {name: np.array([int(v.split()[0]) if isinstance(v, str) else 0 for v in vs]) for name, vs in cells.items()}
    values = {
        name: np.array([np.nan if v is None or isinstance(v, str) else v for v in vs], float)
        for name, vs in cells.items()
    }
    del due[MTLD]
    ids = [row.get("row_id", f"s:{n:03d}") for n, row in enumerate(rows)]
    languages = np.array([row.get("language", "en") for row in rows], object)
    return pa.array(ids, pa.string()), Columns(values, due, languages)


def decided(*rows: dict[str, Any], **settings: Any) -> list[tuple[Any, ...]]:
    """Return (verdict, reason, value, limit, detail, score) of each row."""
    found = decide_by_score(plan(**settings), *table(list(rows)))
    assert found.schema == SCORES
    kept = ("verdict", "reason", "value", "limit", "detail", "score")
    return [tuple(row[name] for name in kept) for row in found.to_pylist()]


def test_a_score_is_the_weighted_mean_of_the_parts_that_a_row_has() -> None:
    parts = {ACCURACY: 2, MTLD: FACT}
    rows: list[Row] = [{ACCURACY: 10, MTLD: 20}, {ACCURACY: 5.5, MTLD: 95}, {MTLD: 35}, {ACCURACY: 4}, {}]
    found = decided(*rows, parts=parts, minimum=0.3)
    assert [one[-1] for one in found] == [0.666667, 0.666667, 0.25, 0.333333, None]
    assert [one[:5] for one in found] == [
        *[("keep", None, None, None, None)] * 2,
        ("drop", "low_score", 0.25, 0.3, None),
        *[("keep", None, None, None, None)] * 2,
    ]


def test_from_above_to_wants_low_values() -> None:
    assert decided({MTLD: 20}, {MTLD: 80}, parts={MTLD: {"from": 80, "to": 20}})[0][-1] == 1.0


def test_a_limit_may_depend_on_the_language() -> None:
    rows: list[Row] = [{ACCURACY: 5.5}, {ACCURACY: 5.5, "language": "zh"}, {ACCURACY: 5.5, "language": "und"}]
    minimum = {"zh": 0.7, "en": False, "default": 0.6}
    found = decided(*rows, parts={ACCURACY: 1}, minimum=minimum)
    assert [one[:4] for one in found] == [
        ("keep", None, None, None),
        ("drop", "low_score", 0.5, 0.7),
        ("drop", "low_score", 0.5, 0.6),
    ]


def test_a_limit_on_one_column_is_in_its_unit_and_what_else_fails_is_named() -> None:
    limits = {ACCURACY: 4, MTLD: 30, STYLE: False}
    rows: list[Row] = [{ACCURACY: 3.5, MTLD: 29, STYLE: 1}, {ACCURACY: 4, MTLD: 30}, {MTLD: 29}]
    found = decided(*rows, below=limits)
    assert [one[:5] for one in found] == [
        ("drop", "low_mtld", 29.0, 30.0, "low_response_accuracy"),
        ("keep", None, None, None, None),
        ("drop", "low_mtld", 29.0, 30.0, None),
    ]
    assert decided(rows[0], below=limits, parts={ACCURACY: 1}, minimum=0.3)[0][1:] == (
        "low_score", 0.277778, 0.3, "low_mtld, low_response_accuracy", 0.277778,
    )  # fmt: skip


def test_a_pending_row_leaves_with_the_number_of_replies_that_it_needs() -> None:
    parts = {ACCURACY: 1, "response.style": 1, STYLE: 1, MTLD: FACT}
    both = {ACCURACY: "2 pending", "response.style": "2 pending", STYLE: "1 pending", MTLD: 10}
    (found,) = decided(both, parts=parts, below={MTLD: 20}, missing="drop")
    assert found == ("drop", "pending", 3.0, 0.0, "low_mtld", None)
    (found,) = decided(both, below={STYLE: 9})
    assert found[1:3] == ("pending", 1.0)
    assert decided(both, parts={MTLD: FACT})[0] == ("keep", None, None, None, None, 0.0)  # it needs none of them


def test_half_of_the_verdicts_are_no_verdict() -> None:
    _, columns = table([{ACCURACY: 10, MTLD: 80}])
    columns.pending[ACCURACY][0] = 1  # one of two samples is there: a mean that may still fall
    found = decide_by_score(
        plan(parts={ACCURACY: 1, MTLD: FACT}, below={ACCURACY: 11}), pa.array(["s:1"]), columns
    ).to_pylist()
    assert (found[0]["reason"], found[0]["score"], found[0]["detail"]) == ("pending", None, None)


def test_missing_parts_drop_on_request() -> None:
    rows: list[Row] = [{ACCURACY: 9, MTLD: 80}, {ACCURACY: 9}, {}]
    found = decided(*rows, parts={ACCURACY: 1}, below={MTLD: 10}, missing="drop")
    assert [one[:4] for one in found] == [
        ("keep", None, None, None), ("drop", "unjudged", 1.0, 0.0), ("drop", "unjudged", 2.0, 0.0),
    ]  # fmt: skip
    assert {one[0] for one in decided(*rows, parts={ACCURACY: 1}, below={MTLD: 10})} == {"keep"}


def test_nothing_asked_for_nothing_done() -> None:
    assert decided({}, {}) == [("keep", None, None, None, None, None)] * 2
    assert decided() == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"parts": {MTLD: 1}}, r"score.parts.mtld is a fact and needs the values that count 0 and 1: \{weight"),
        ({"parts": {MTLD: {"from": 1}}}, "is a fact and needs"),
        ({"parts": {MTLD: {"from": 1, "to": 1}}}, "from and to both 1; they must differ"),
        ({"parts": {ACCURACY: 0}}, "score.parts.response.accuracy has the weight 0, which must be above 0"),
        ({"parts": {ACCURACY: -1}}, "let from be above to"),
        ({"parts": {ACCURACY: "much"}}, "score.parts.response.accuracy is 'much'; it must be a number"),
        ({"parts": {ACCURACY: True}}, "is True; it must be a number"),
        ({"parts": {ACCURACY: {"wieght": 1}}}, "has 'wieght'; a part has weight, from and to"),
        ({"parts": {ACCURACY: {"to": float("nan")}}}, "score.parts.response.accuracy.to is nan"),
        ({"minimum": 0.5}, "score.minimum is set and score.parts is empty"),
        ({"parts": {ACCURACY: 1}, "minimum": 60}, "score.minimum is 60; scores are between 0 and 1"),
        ({"parts": {ACCURACY: 1}, "minimum": {"zh": 0.5}}, "score.minimum: a map of languages needs 'default'"),
        ({"parts": {ACCURACY: 1}, "minimum": "high"}, "'high' is neither a number nor false"),
        ({"below": {ACCURACY: True}}, "score.below.response.accuracy: True is neither"),
        ({"parts": {"mtdl": FACT}}, "score.parts names 'mtdl', which is no numeric fact; known are mtld, and"),
        (
            {"below": {"response.acuracy": 4}},
            "score.below names 'response.acuracy', which no row .*; there are pair.st",
        ),
        ({"below": {"tags.task": 4}}, "score.below names 'tags.task', whose verdicts are words"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_columns(plan(**settings), [MTLD], {STYLE: True, ACCURACY: True, "tags.task": False})


def test_a_verdict_is_needed_and_nothing_was_judged() -> None:
    with pytest.raises(UserError, match=r"names 'response\.accuracy', and no row was to be judged; see .* judge"):
        check_columns(plan(parts={ACCURACY: 1}), [MTLD], {})


verdict = st.one_of(st.none(), st.integers(1, 10), st.sampled_from(["1 pending", "3 pending"]))
drawn = st.fixed_dictionaries(
    {ACCURACY: verdict, STYLE: verdict, MTLD: st.one_of(st.none(), st.floats(0, 100))},
    optional={"language": st.sampled_from(["en", "zh"])},
)
many = st.lists(drawn, min_size=1, max_size=12)
weights = st.fixed_dictionaries(
    {}, optional={ACCURACY: st.floats(0.1, 9), STYLE: st.floats(0.1, 9), MTLD: st.just(FACT)}
)
limits = st.fixed_dictionaries({}, optional={ACCURACY: st.integers(1, 10), MTLD: st.integers(0, 100)})
missing = st.sampled_from(["ignore", "drop"])


@given(many, weights, limits, missing, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_parts_does_not_matter(
    rows: list[Row], parts: dict[str, Any], below: dict[str, int], missing: str, random: Random
) -> None:
    settings: dict[str, Any] = {"parts": parts, "below": below, "missing": missing, "minimum": 0.5 if parts else False}
    names = [{"row_id": f"s:{n}", **row} for n, row in enumerate(rows)]
    shuffled = random.sample(names, len(names))
    turned = {
        **settings,
        "parts": dict(reversed(settings["parts"].items())),
        "below": dict(reversed(settings["below"].items())),
    }
    found = decide_by_score(plan(**settings), *table(names)).to_pylist()
    assert sorted(
        decide_by_score(plan(**turned), *table(shuffled)).to_pylist(), key=lambda row: row["row_id"]
    ) == sorted(found, key=lambda row: row["row_id"])


@given(many, weights.filter(bool), limits, missing, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_minimum_never_brings_a_row_back(
    rows: list[Row], parts: dict[str, Any], below: dict[str, int], missing: str, one: float, other: float
) -> None:
    kept = []
    for minimum in sorted([one, other]):
        found = decided(*rows, parts=parts, below=below, missing=missing, minimum=minimum)
        kept.append({n for n, row in enumerate(found) if row[0] == "keep"})
    assert kept[1] <= kept[0]


@given(many, weights, limits, missing)
def test_a_row_that_needs_a_pending_reply_is_never_kept_and_has_no_score(
    rows: list[Row], parts: dict[str, Any], below: dict[str, int], missing: str
) -> None:
    for row, found in zip(rows, decided(*rows, parts=parts, below=below, missing=missing), strict=True):
        waits = any(isinstance(row[name], str) for name in {*parts, *below})
        assert (found[1] == "pending") == waits
        assert not (any(isinstance(row[name], str) for name in parts) and found[-1] is not None)
        assert found[-1] is None or 0 <= found[-1] <= 1


@given(many, weights, limits, missing)
def test_decisions_are_those_of_the_other_gates(
    rows: list[Row], parts: dict[str, Any], below: dict[str, int], missing: str
) -> None:
    for row in decide_by_score(plan(parts=parts, below=below, missing=missing), *table(rows)).to_pylist():
        empty = [row[name] is None for name in ("reason", "value", "limit")]
        assert empty == [row["verdict"] == "keep"] * 3
        assert row["reason"] not in (row["detail"] or "").split(", ")


def judgements(lines: list[tuple[Any, ...]]) -> pa.Table:
    """Return lines of (row_id, rubric, criterion, value, label, pending)."""
    names = ("row_id", "rubric", "criterion", "value", "label", "pending")
    rows = [{"spread": None, "samples": 1, "unusable": 0, **dict(zip(names, line, strict=True))} for line in lines]
    return pa.Table.from_pylist(sorted(rows, key=lambda row: tuple(row[n] for n in names[:3])), JUDGEMENTS)


def test_long_becomes_wide_and_rows_that_left_are_no_matter() -> None:
    long = judgements(
        [("s:1", "a", "x", 3.0, None, 0), ("s:1", "b", "x", 9.0, None, 0), ("s:9", "a", "x", 1.0, None, 4)]
    )
    values, pending = wide(long, pa.array(["s:0", "s:1"]), ["a.x", "b.y"])
    np.testing.assert_equal(values, {"a.x": np.array([np.nan, 3.0]), "b.y": np.array([np.nan, np.nan])})
    np.testing.assert_equal(pending, {"a.x": np.array([0, 0]), "b.y": np.array([0, 0])})


FACTS = pa.schema([("row_id", pa.string()), ("language", pa.string()), (MTLD, pa.float64()), ("turns", pa.int32())])


Stage = Callable[..., Result]
"""Runs the stage with arguments and settings."""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Run the stage on forty rows in two buckets, of which one left before and some are judged."""
    ids = [f"s:{n:02d}" for n in range(40)]
    before = decide(pa.array(ids), {})
    before = before.set_column(1, "verdict", pa.array(["drop", *["keep"] * 39]))
    write_bucketed(tmp_path / "data/decontaminate", before, 2)
    facts = [{"row_id": i, "language": "en", MTLD: float(n), "turns": 2} for n, i in enumerate(ids)]
    write_bucketed(tmp_path / "data/annotate", pa.Table.from_pylist(facts, FACTS), 2)
    lines: list[tuple[Any, ...]] = [(i, "response", "accuracy", n % 10 + 1.0, None, 0) for n, i in enumerate(ids[:20])]
    lines += [(i, "response", "accuracy", None, None, 2) for i in ids[20:25]]
    lines += [(i, "response", "accuracy", None, None, 0) for i in ids[25:27]]  # unusable replies
    lines += [(i, "tags", "task", 1.0, "qa", 0) for i in ids]  # the share of samples that said so
    better = [(1.0, "chosen"), (0.0, "tie"), (-1.0, "rejected")]
    lines += [(i, "comparison", "preferred", *better[n % 3], 0) for n, i in enumerate(ids)]
    write_bucketed(tmp_path / "data/judge/facts", judgements(lines), 2)
    for package in ("stages", "winnow"):
        (tmp_path / package).symlink_to(REPOSITORY / package)
    (tmp_path / "dvc.yaml").write_text((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: Any) -> Result:
        group = {**OFF, **settings}
        Path("params.yaml").write_text(json.dumps({"buckets": 2, "seed": 1, "score": group}), encoding="utf-8")
        return CliRunner().invoke(main, list(arguments))

    return run


def metrics() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("metrics/score.json").read_text(encoding="utf-8"))
    return found


def test_the_stage_writes_decisions_metrics_and_plots(stage: Stage) -> None:
    result = stage(parts={ACCURACY: 3, MTLD: {"weight": 1, "from": 0, "to": 40}}, minimum=0.25)
    assert result.exit_code == 0, result.output
    found = read_all("data/score", 2)
    assert found.schema == SCORES
    assert len(found) == 39
    counts = metrics()
    assert counts["rows_in"] == 39 == counts["rows_out"] + sum(counts["dropped"].values())
    assert counts["dropped"]["pending"] == 5
    assert counts["scored"] == 34
    assert counts["missing"] == {"judge": {"response": {"accuracy": 15}}, "facts": {MTLD: 0}}
    lines = [line.split(",") for line in Path("metrics/plots/score/scores.csv").read_text(encoding="utf-8").split()]
    assert lines[0] == ["source", "band", "rows"]
    assert sum(int(rows) for _, _, rows in lines[1:]) == 34
    dropped = Path("metrics/plots/score/dropped.csv").read_text(encoding="utf-8").split()
    assert dropped[0] == "source,reason,rows"
    assert "s,pending,5" in dropped


def test_by_default_every_row_stays_and_no_other_table_is_read(stage: Stage) -> None:
    for part in [*Path("data/annotate").iterdir(), *Path("data/judge/facts").iterdir()]:
        part.unlink()
    assert stage().exit_code == 0
    assert metrics() == {"rows_in": 39, "rows_out": 39, "dropped": {}, "scored": 0, "missing": {}}
    assert read_all("data/score", 2)["score"].null_count == 39


def test_the_command_line_says_the_same_as_the_file(stage: Stage) -> None:
    assert stage(parts={ACCURACY: 1}, minimum=0.5).exit_code == 0
    counts = metrics()
    assert stage("--parts", '{"response.accuracy": 1}', "--minimum", "0.5").exit_code == 0
    assert metrics() == counts
    assert "neither a number, false nor a map" in stage("--minimum", "lots").output
    assert "not one of 'ignore', 'drop'" in stage(missing="guess").output


def test_words_are_no_numbers(stage: Stage) -> None:
    assert criteria(Path("data/judge/facts"), 2) == {"comparison.preferred": True, ACCURACY: True, "tags.task": False}
    result = stage(below={"tags.task": 3})
    assert isinstance(result.exception, SystemExit | UserError)
    assert "whose verdicts are words" in result.output + str(result.exception)


def test_the_preferred_reply_counts_from_rejected_to_chosen(stage: Stage) -> None:
    assert stage(parts={"comparison.preferred": 1}).exit_code == 0
    scored = {row["row_id"]: row["score"] for row in read_all("data/score", 2).to_pylist()}
    assert [scored[f"s:{n:02d}"] for n in (3, 4, 5)] == [1.0, 0.5, 0.0]


def test_the_mix_ranks_by_score_and_rows_without_one_come_last(stage: Stage) -> None:
    assert stage(parts={ACCURACY: 1}).exit_code == 0
    kept = [row for row in read_all("data/score", 2).to_pylist() if row["verdict"] == "keep"]
    table = pa.Table.from_pylist([{**row, "split": "train"} for row in kept], SPLITS)
    write_bucketed(Path("data/split"), table, 2)
    split, annotate, score = (Path("data") / name for name in ("split", "annotate", "score"))
    facts = train_facts(alive(split, 2), split, annotate, score, ["language"], [SCORE, MTLD])
    score_of = {row["row_id"]: row["score"] for row in kept}
    ranked = [score_of[facts["row_id"][n].as_py()] for n in order(facts, 1, [(SCORE, True)]).tolist()]
    known = [score for score in ranked if score is not None]
    assert known == sorted(known, reverse=True)
    assert ranked == known + [None] * (len(ranked) - len(known))
    assert stage().exit_code == 0
    with pytest.raises(UserError, match=r"mix\.pick_by names score, and no train row has one; see score.parts"):
        train_facts(alive(split, 2), split, annotate, score, [], [SCORE])


def test_a_score_of_all_rows_is_that_of_each() -> None:
    rows: list[Row] = [{ACCURACY: n % 10 + 1, MTLD: float(n)} for n in range(50)]
    whole = plan(parts={ACCURACY: 0.3, MTLD: FACT})
    alone = [scores(whole.parts, table([row])[1])[0] for row in rows]
    assert scores(whole.parts, table(rows)[1]).tolist() == alone
