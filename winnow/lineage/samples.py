"""Rows that a rule dropped and rows that it nearly dropped, sampled by a hash so that every run shows the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import CHAIN, GATES
from winnow.gates.decisions import sources_of
from winnow.harness.errors import UserError
from winnow.harness.settings import read_params
from winnow.records.draw import draw
from winnow.storage.buckets import bucket_of, each_bucket, read_bucket


@dataclass(frozen=True)
class Sample:
    """A row with the reason it is out, or nearly; ``value`` and ``limit`` are null where the rule is a flag."""

    row_id: str
    gate: str
    reason: str
    value: float | None
    limit: float | None
    other: str | None
    prompt: str
    response: str


def dropped(reason: str | None, source: str | None, count: int) -> tuple[int, list[Sample]]:
    """Return how many rows left for ``reason`` (any, if null) from ``source`` (any, if null), and ``count`` of them."""
    buckets, total = read_params()["buckets"], 0
    drawn: list[tuple[int, dict[str, Any]]] = []
    for gate in GATES:
        for table in each_bucket(f"data/{gate}", buckets):
            table = table.filter(pc.equal(table["verdict"], "drop"))
            if reason is not None:
                table = table.filter(pc.equal(table["reason"], reason))
            if source is not None:
                table = table.filter(pa.array([one == source for one in sources_of(table["row_id"])], pa.bool_()))
            total += len(table)
            draws = draw(None, table["row_id"], "diff").tolist()
            rows = ((one, {**row, "gate": gate}) for one, row in zip(draws, table.to_pylist(), strict=True))
            drawn = nsmallest(count, [*drawn, *rows], key=lambda one: one[0])
    return total, list(_with_texts([row for _, row in drawn], buckets))


def nearly(rule_name: str, source: str | None, count: int) -> list[Sample]:
    """Return the ``count`` rows that came nearest to breaking a rule of ``filter`` and passed it."""
    from winnow.gates.borderline import nearest
    from winnow.gates.filtering import COLUMNS, columns
    from winnow.gates.rules import BY_NAME

    if (rule := BY_NAME.get(rule_name)) is None:
        return []
    params = read_params()
    setting, close = (params.get("filter") or {}).get(rule_name, False), []
    for bucket in range(params["buckets"]):
        facts = columns(read_bucket("data/annotate", bucket, COLUMNS))
        kept = pc.equal(read_bucket("data/filter", bucket, ["verdict"])["verdict"], "keep")
        among = kept.to_numpy().copy()
        if source is not None:
            among &= np.array([row_id.startswith(f"{source}:") for row_id in facts["row_id"].tolist()], bool)
        close += nearest(rule, facts, setting, among, count)
    draws = draw(None, [one.row_id for one in close], "diff").tolist()
    order = sorted(range(len(close)), key=lambda at: (close[at].distance, draws[at]))
    chosen = [close[at] for at in order[:count]]
    rows = [
        {"row_id": one.row_id, "gate": "filter", "reason": rule_name, "value": one.value, "limit": one.limit}
        for one in chosen
    ]
    return list(_with_texts(rows, params["buckets"]))


def check_names(reason: str | None, source: str | None) -> None:
    """Raise when no source has that name, or no gate drops rows for that reason."""
    sources = sorted(read_params().get("sources") or {})
    if source is not None and source not in sources:
        raise UserError(f"there is no source {source!r}; params.yaml has {', '.join(sources)}.")
    if reason is not None and not any(gate.reason(reason) for gate in CHAIN):
        reasons = (f"{gate.name}: {', '.join(gate.reasons)}" for gate in CHAIN)
        raise UserError(f"no rule and no reason is called {reason!r}; there are {'; '.join(reasons)}.")


def _with_texts(rows: Sequence[Mapping[str, Any]], buckets: int) -> Iterator[Sample]:
    from winnow.records import views

    wanted: dict[int, list[str]] = {}
    for row in rows:
        wanted.setdefault(bucket_of(row["row_id"], buckets), []).append(row["row_id"])
    texts: dict[str, tuple[str, str]] = {}
    for bucket, ids in sorted(wanted.items()):
        table = read_bucket("data/clean/records", bucket, ["row_id", "context", "messages"])
        table = table.filter(pc.is_in(table["row_id"], value_set=pa.array(ids)))
        pairs = zip(views.prompts(table).to_pylist(), views.response(table).to_pylist(), strict=True)
        texts.update(zip(table["row_id"].to_pylist(), pairs, strict=True))
    for row in rows:
        prompt, response = texts[row["row_id"]]
        yield Sample(
            row["row_id"],
            row["gate"],
            row["reason"],
            row["value"],
            row["limit"],
            row.get("other_row_id"),
            prompt,
            response,
        )
