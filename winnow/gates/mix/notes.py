"""What people are told of a mix on the terminal: a value that no row has, a setting that shrinks train."""

from collections.abc import Iterable
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.mix.drawing import Target
from winnow.gates.mix.facts import LENGTH_BAND
from winnow.gates.mix.mixing import Mix
from winnow.gates.mix.plan import Plan
from winnow.harness.errors import UserError

_SHOWN = 12  # values that an error lists at most


def named_values(plan: Plan) -> dict[str, dict[str, str]]:
    """Return the values that shares and caps name, by column, each with the setting that names it.

    Bands of length are a closed list, which the plan has checked.
    """
    named: dict[str, dict[str, str]] = {}
    for share in plan.shares:
        for values in share.targets:
            for column, value in zip(share.columns, values, strict=True):
                named.setdefault(column, {}).setdefault(value, f"mix.shares.{share.name}")
    for cap in plan.caps:
        for value in cap.named:
            knob = "mix.max_rows" if cap.column == "source" else f"mix.max_rows_per.{cap.column}"
            named.setdefault(cap.column, {}).setdefault(value, knob)
    return {column: dict(sorted(values.items())) for column, values in sorted(named.items()) if column != LENGTH_BAND}


def check_values(plan: Plan, facts: Iterable[pa.Table]) -> None:
    """Raise :class:`UserError` where the plan names a value that no row of ``facts`` has, whatever became of the row.

    ``facts`` are tables with the columns of :func:`named_values`, all buckets of them. A value whose rows all left at
    earlier gates is no mistake; its target is reported as missed.
    """
    named = named_values(plan)
    seen: dict[str, set[str]] = {column: set() for column in named}
    for table in facts:
        for column, found in seen.items():
            found.update(pc.unique(table[column].cast(pa.string())).drop_null().to_pylist())
    for column, values in named.items():
        for value, knob in values.items():
            if value not in seen[column]:
                raise UserError(
                    f"params.yaml: {knob} names {value!r}, and no row has that {column}; {_near(value, seen[column])}."
                )


def _near(value: str, seen: set[str]) -> str:
    """Return what the user may have meant: the values most alike, or else some that there are."""
    alike = get_close_matches(value, sorted(seen), n=3, cutoff=0.6)
    if alike:
        return f"perhaps {' or '.join(alike)} is meant"
    more = f" and {len(seen) - _SHOWN} more" if len(seen) > _SHOWN else ""
    return f"there are {', '.join(sorted(seen)[:_SHOWN]) or 'none'}{more}"


def notes(mixed: Mix, plan: Plan) -> list[str]:
    """Return sentences on what the shares and the total cost: rows left out of train, and targets that are missed."""
    said = []
    rows = len(mixed.repeats)
    left = int(np.count_nonzero((mixed.repeats == 0) & (mixed.reason != 1)))
    shares = [one for one in mixed.targets if one.dimension != "total"]
    scarce = min((one for one in shares if one.asked > 0), key=lambda one: _most(one, plan), default=None)
    if plan.total is None and left and scarce:
        said.append(
            f"mix: train shrinks from {rows:,} rows to {mixed.drawn:,} draws, since {scarce.dimension}={scarce.value} "
            f"is to be {scarce.share:.3g} of them and has {scarce.rows:,} rows; lower its share, raise "
            "mix.max_repeats, or set mix.total."
        )
    if plan.total is not None and mixed.drawn < plan.total:
        said.append(
            f"mix: {mixed.drawn:,} draws of the {plan.total:,} that mix.total asks for; the rows do not allow more."
        )
    said += [
        f"mix: {one.dimension}={one.value} is {one.part:.3g} of the draws, not {one.share:.3g}: "
        f"it has {one.rows:,} rows."
        for one in shares
        if one.missed
    ]
    return said


def _most(target: Target, plan: Plan) -> float:
    """Return how many draws a target allows in all; a target without a row is missed whatever the total."""
    return target.rows * plan.max_repeats / target.share if target.rows else float("inf")
