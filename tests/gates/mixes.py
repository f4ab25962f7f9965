"""Small train sets and plans for the tests of the mix."""

from typing import Any

import numpy as np
import pyarrow as pa

from winnow.gates.mix.facts import encoded
from winnow.gates.mix.mixing import REASONS, Mix, mix
from winnow.gates.mix.plan import Plan, make_plan

OFF: dict[str, Any] = {
    "shares": {}, "total": None, "max_rows": {}, "max_rows_per": {}, "max_repeats": 1, "temperature": 1.0,
    "temperature_over": "source", "size_limit": None, "pick": "random", "pick_by": [],
}  # fmt: skip

SCHEMA = pa.schema(
    [("row_id", pa.string()), ("source", pa.string()), ("language", pa.string()), ("task", pa.string()),
     ("turns", pa.int32()), ("calls_tool", pa.bool_()), ("est_tokens", pa.int32()), ("response_length", pa.float64()),
     ("flags", pa.list_(pa.string()))]
)  # fmt: skip


def rows(*cells: tuple[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return facts: of each (number, facts) so many rows, numbered through."""
    plain = {"source": "a", "language": "en", "task": "qa", "turns": 2, "calls_tool": False, "est_tokens": 40}
    found: list[dict[str, Any]] = []
    for number, facts in cells:
        for _ in range(number):
            row = {**plain, "response_length": 1.0, "flags": [], **facts}
            found.append({"row_id": f"{row['source']}:{len(found)}", **row})
    return found


def plan(**settings: Any) -> Plan:
    """Return the plan of ``settings``, the others off."""
    return make_plan(SCHEMA, **{**OFF, **settings})


def mixed(facts: list[dict[str, Any]], seed: int = 0, **settings: Any) -> Mix:
    """Return the mix of ``facts`` under ``settings``."""
    wanted = plan(**settings)
    groups = sorted({*wanted.groups, "source", "task", "language"})
    return mix(encoded(pa.Table.from_pylist(facts, SCHEMA), groups, wanted.ranks), wanted, seed)


def verdicts(facts: list[dict[str, Any]], **settings: Any) -> dict[str, tuple[int, str | None]]:
    """Return draws and reason by row id."""
    found = mixed(facts, **settings)
    reasons = [REASONS[n] for n in found.reason.tolist()]
    return dict(zip([row["row_id"] for row in facts], zip(found.repeats.tolist(), reasons, strict=True), strict=True))


def drawn(facts: list[dict[str, Any]], by: str, **settings: Any) -> dict[Any, int]:
    """Return draws by the values of a column."""
    found = mixed(facts, **settings).repeats
    return {
        value: int(found[np.array([row[by] == value for row in facts])].sum())
        for value in sorted({row[by] for row in facts})
    }


def targets(found: Mix) -> dict[tuple[str, str], tuple[int, int, int, bool]]:
    """Return (asked, drawn, short by, missed) of each target."""
    return {(t.dimension, t.value): (round(t.asked), t.drawn, t.short_by, t.missed) for t in found.targets}
