"""The difference of two versions as plain data: counts by source, language, task and reason, and examples."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import GATES
from winnow.harness.processes import workers
from winnow.records.draw import draw
from winnow.versions.compare import CHANGES, Comparison
from winnow.versions.fields import field_changes
from winnow.versions.lines import differing, facts, record
from winnow.versions.outputs import Outputs
from winnow.versions.silent import Silent, silent


@dataclass(frozen=True)
class Difference:
    """What changed from one version to another: ``summary`` is what ``winnow diff --json`` prints; ``comparison`` has
    the changed rows.
    """

    summary: dict[str, Any]
    comparison: Comparison

    @property
    def rows(self) -> pa.Table:
        """The changed rows as one table: see :meth:`winnow.versions.compare.Comparison.rows`."""
        return self.comparison.rows()


def difference(a: Outputs, b: Outputs, examples: int) -> Difference:
    """Return what changed from version ``a`` to ``b``; its summary has ``counts``, ``by`` (source, language, task,
    reason), ``replaced`` (rows whose source says the same prompt under a new key) and up to ``examples`` rows of each
    change.

    Everything is sorted, so that equal versions give equal text. Threads do the reading, during which Python runs on.
    """
    with ThreadPoolExecutor(workers()) as pool:
        comparison = differing(a, b, pool)
        known = facts(b, {change: comparison.table(change) for change in CHANGES if change != "gone"}, pool)
        known |= facts(a, {"gone": comparison.table("gone")}, pool)
        replaced = _replaced(known["gone"], known["added"])
        summary = {
            "a": a.name,
            "b": b.name,
            "counts": {**comparison.counts(), "replaced": len(replaced), "unchanged": comparison.unchanged},
            "by": _breakdowns(comparison, known),
            "replaced": [list(pair) for pair in replaced[:examples]],
            "examples": _examples(comparison, a, b, examples, pool),
        }
    return Difference(summary, comparison)


def _breakdowns(comparison: Comparison, known: Mapping[str, pa.Table]) -> dict[str, dict[str, dict[str, int]]]:
    by: dict[str, dict[str, dict[str, int]]] = {
        group: {change: _counted(rows[group]) for change in CHANGES if len(rows := known[change])}
        for group in ("source", "language", "task")
    }
    reasons = {"removed": comparison.after["removed"]["reason"], "restored": comparison.before["restored"]["reason"]}
    return {**by, "reason": {change: _counted(values) for change, values in reasons.items() if len(values)}}


def _counted(values: pa.ChunkedArray) -> dict[str, int]:
    counts = Counter({row["values"] or "": row["counts"] for row in pc.value_counts(values).to_pylist()})
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _replaced(gone: pa.Table, added: pa.Table) -> list[tuple[str, str]]:
    """Return (old id, new id) of rows that went and came with the same source and the same opening prompt."""
    left: dict[tuple[str, str], list[str]] = {}
    for row in _also_in(added, gone).to_pylist():
        left.setdefault((row["source"], row["prompt_key"]), []).append(row["row_id"])
    pairs = []
    for row in _also_in(gone, added).to_pylist():
        if old := left.get((row["source"], row["prompt_key"])):
            pairs.append((old.pop(0), row["row_id"]))
    return sorted(pairs)


def _also_in(others: pa.Table, rows: pa.Table) -> pa.Table:
    """Return those of ``rows`` whose opening prompt one of ``others`` has too."""
    keys = others["prompt_key"].combine_chunks().drop_null()
    return rows.filter(pc.is_in(rows["prompt_key"], value_set=keys))


def _examples(
    comparison: Comparison, a: Outputs, b: Outputs, count: int, pool: Executor
) -> dict[str, list[dict[str, Any]]]:
    """Return up to ``count`` rows of each change, sampled by a seeded hash, in the order of their ids."""
    sampled: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
    for change in CHANGES:
        draws = draw(None, comparison.table(change)["row_id"], "diff").tolist()
        chosen = nsmallest(count, ((draw, at) for at, draw in enumerate(draws)))
        lines = comparison.before[change], comparison.after[change]
        sampled += [(change, _line(lines[0], at), _line(lines[1], at)) for _, at in chosen]
    by_change: dict[str, list[dict[str, Any]]] = {change: [] for change in CHANGES}
    hidden = silent(b)
    for (change, _, _), shown in zip(sampled, pool.map(lambda one: _example(a, b, hidden, *one), sampled), strict=True):
        by_change[change].append(shown)
    return {change: sorted(some, key=lambda one: str(one["row_id"])) for change, some in by_change.items()}


def _line(lines: pa.Table, at: int) -> dict[str, Any]:
    """Return one line of an index, empty where the version has none for the row."""
    return lines.slice(at, 1).to_pylist()[0] if len(lines) else {}


def _example(
    a: Outputs, b: Outputs, hidden: Silent, change: str, old: dict[str, Any], new: dict[str, Any]
) -> dict[str, Any]:
    shown: dict[str, Any] = {"row_id": (new or old)["row_id"]}
    if hidden.hides(old, new):
        shown["taken_down"] = True  # whoever reads the comment on a pull request is not to read its text
    elif change == "edited":
        shown["fields"] = field_changes(record(a, old), record(b, new))
    elif change == "moved":
        shown["split"] = [old["split"], new["split"]]
    elif change == "reweighted":
        shown["repeats"] = [old["repeats"], new["repeats"]]
    else:
        shown["text"] = _opening(record(b, new, ["messages"]) if new else record(a, old, ["messages"]))
    if change == "removed":
        shown |= _decision(b, new["stage"], new["row_id"])
    if change == "restored":
        shown["reason_before"] = old["reason"]
    return shown


def _decision(version: Outputs, stage: str, row_id: str) -> dict[str, Any]:
    rows = version.rows(f"data/{stage}", row_id) if stage in GATES else []
    kept = ("reason", "value", "limit", "other_row_id", "detail")
    return {"stage": stage, **{name: row[name] for row in rows for name in kept if row[name] is not None}}


def _opening(row: dict[str, Any]) -> str:
    turns = [turn["content"] for turn in row["messages"] if turn["role"] == "user"]
    return turns[0] if turns else ""
