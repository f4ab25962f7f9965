"""What a mix is to be: target shares, caps, totals and the order of picking, checked against the facts there are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from winnow.gates.mix.facts import LENGTH_BAND, LENGTH_BANDS, SCORE
from winnow.harness.errors import UserError

CROSS = " x "
"""Joins columns, and their values, of a joint share: ``language x task``, ``zh x code``."""

_ROUNDING = 0.001
"""Shares may miss 1 by so much: three thirds are written 0.333, 0.333, 0.333."""


@dataclass(frozen=True)
class Share:
    """Target shares of one column or of several crossed: ``targets`` by value(s), ``others`` of all other values."""

    columns: tuple[str, ...]
    targets: Mapping[tuple[str, ...], float]
    others: float

    @property
    def name(self) -> str:
        """The dimension as the user wrote it."""
        return CROSS.join(self.columns)


@dataclass(frozen=True)
class Cap:
    """Most rows of each value of a column: ``each`` for all values (None: no cap), ``named`` for single ones."""

    column: str
    each: int | None
    named: Mapping[str, int]


@dataclass(frozen=True)
class Temperature:
    """Shares of the values of a column proportional to ``min(rows, size_limit) ** (1 / degree)``."""

    column: str
    degree: float
    size_limit: int | None


@dataclass(frozen=True)
class Plan:
    """A checked mix. ``pick`` ranks rows: columns, the first one first, and whether the higher value is better."""

    shares: tuple[Share, ...] = ()
    caps: tuple[Cap, ...] = ()
    temperature: Temperature | None = None
    total: int | None = None
    max_repeats: int = 1
    pick: tuple[tuple[str, bool], ...] = ()

    @property
    def groups(self) -> list[str]:
        """Return the columns that rows are grouped by, sorted."""
        names = {name for share in self.shares for name in share.columns} | {cap.column for cap in self.caps}
        return sorted(names | ({self.temperature.column} if self.temperature else set()))

    @property
    def ranks(self) -> list[str]:
        """Return the columns that rows are ranked by, sorted."""
        return sorted({name for name, _ in self.pick})


def groupable(schema: pa.Schema) -> list[str]:
    """Return the facts that rows can be grouped by: text, booleans, whole numbers, and the band of ``est_tokens``.

    >>> groupable(pa.schema([("row_id", pa.string()), ("task", pa.string()), ("margin", pa.float64())]))
    ['task']
    """
    kinds = (pa.types.is_string, pa.types.is_boolean, pa.types.is_integer)
    names = [field.name for field in schema if any(kind(field.type) for kind in kinds) and field.name != "row_id"]
    return sorted([*names, LENGTH_BAND] if "est_tokens" in schema.names else names)


def _column(name: str, knob: str, schema: pa.Schema) -> str:
    if name not in (known := groupable(schema)):
        raise UserError(
            f"params.yaml: {knob} names {name!r}, which is no fact to group by; there are {', '.join(known)}."
        )
    return name


def value_name(value: Any) -> str:
    """Return a value of a column as its name: booleans as Arrow writes them.

    >>> value_name(True), value_name(2), value_name("zh")
    ('true', '2', 'zh')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any, knob: str, *, whole: bool) -> float:
    kinds = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value) or value < 0:
        wanted = "a whole number of rows" if whole else "a share between 0 and 1"
        raise UserError(f"params.yaml: {knob} is {value!r}; it must be {wanted}.")
    return value


def _share(key: str, targets: Any, schema: pa.Schema) -> Share:
    knob = f"mix.shares.{key}"
    columns = tuple(_column(name.strip(), "mix.shares", schema) for name in str(key).split(CROSS))
    if len(set(columns)) < len(columns) or not isinstance(targets, dict) or not targets:
        raise UserError(f"params.yaml: {knob} is {targets!r}; it must map values of different columns to shares.")
    shares: dict[tuple[str, ...], float] = {}
    for value, share in targets.items():
        names = tuple(value_name(value).split(CROSS)) if len(columns) > 1 else (value_name(value),)
        if len(names) != len(columns):
            raise UserError(f"params.yaml: {knob} has {value!r}; write one value for each column, joined by {CROSS!r}.")
        if LENGTH_BAND in columns and names[columns.index(LENGTH_BAND)] not in LENGTH_BANDS:
            raise UserError(f"params.yaml: {knob} has {value!r}; the bands are {', '.join(LENGTH_BANDS)}.")
        shares[names] = float(_number(share, f"{knob}.{value}", whole=False))
    total = sum(shares.values())
    if total > 1 + _ROUNDING + 1e-9:
        raise UserError(f"params.yaml: {knob} adds up to {total:g}; shares add up to 1 at most.")
    if total >= 1 - _ROUNDING - 1e-9:
        return Share(columns, {names: share / total for names, share in sorted(shares.items())}, 0.0)
    return Share(columns, dict(sorted(shares.items())), 1 - total)


def _cap(column: str, limit: Any, knob: str, schema: pa.Schema) -> Cap:
    _column(column, knob, schema)
    if isinstance(limit, dict):
        named = {value_name(value): int(_number(rows, f"{knob}.{value}", whole=True)) for value, rows in limit.items()}
        return Cap(column, None, dict(sorted(named.items())))
    return Cap(column, int(_number(limit, knob, whole=True)), {})


def _pick(pick: str, pick_by: Sequence[Any], schema: pa.Schema) -> tuple[tuple[str, bool], ...]:
    if pick == "random":
        return ()
    ranks = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
    known = [SCORE, *(field.name for field in schema if any(kind(field.type) for kind in ranks))]
    names = [str(name) for name in pick_by]
    if unknown := [name for name in names if name.removeprefix("-") not in known]:
        raise UserError(
            f"params.yaml: mix.pick_by names {unknown[0]!r}; rows can be ranked by {', '.join(sorted(known))}."
        )
    if not names:
        raise UserError("params.yaml: mix.pick is quality and mix.pick_by is empty; list the facts to rank by.")
    return tuple((name.removeprefix("-"), not name.startswith("-")) for name in names)


def make_plan(  # noqa: PLR0913 - one argument for each setting
    schema: pa.Schema,
    *,
    shares: Mapping[Any, Any],
    total: int | None,
    max_rows: Mapping[Any, Any],
    max_rows_per: Mapping[Any, Any],
    max_repeats: int,
    temperature: float,
    temperature_over: str,
    size_limit: int | None,
    pick: str,
    pick_by: Sequence[Any],
) -> Plan:
    """Return the plan that the settings of ``mix`` describe, on facts with ``schema``.

    Maps have no order: caps and shares are taken by name, sources' caps first. Raises :class:`UserError`.
    """
    caps = [_cap("source", dict(max_rows), "mix.max_rows", schema)] if max_rows else []
    caps += [_cap(str(name), max_rows_per[name], f"mix.max_rows_per.{name}", schema) for name in sorted(max_rows_per)]
    wanted = tuple(_share(key, shares[key], schema) for key in sorted(shares))
    heat = None
    if temperature != 1 or size_limit is not None:
        heat = Temperature(_column(temperature_over, "mix.temperature_over", schema), temperature, size_limit)
        if any(heat.column in share.columns for share in wanted):
            raise UserError(
                f"params.yaml: mix.shares and mix.temperature both decide the shares of {heat.column}; keep one."
            )
    return Plan(wanted, tuple(caps), heat, total, max_repeats, _pick(pick, pick_by, schema))
