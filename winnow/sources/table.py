"""Any table or JSON whose columns the entry names: ``instruction`` with ``response``, or ``chosen`` and ``rejected``.

Each option names a column; a name with dots reaches into nested objects (``meta.author``) unless a column has that
very name. What no option names goes into the metadata. Cells of CSV and TSV are text, an empty one is no value for
every column that may be missing. A number is no reply: it is quarantined, because how to write it is a guess.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.adapter import Adapter, LeftOut, Options, Row, Unusable, kind_of, per_unit
from winnow.reading.definitions import parsed
from winnow.reading.units import Unit
from winnow.records.record import Message, Record, Rejected
from winnow.sources import alpaca, preference

_OPTIONS = (
    *("instruction", "response", "chosen", "rejected"),
    *("context", "system", "reasoning", "history", "id", "group"),
)


def _way(value: dict[str, Any], column: str) -> tuple[str, ...]:
    return (column,) if column in value else tuple(column.split("."))


def _cell(value: dict[str, Any], column: str) -> tuple[bool, Any]:
    """Return whether there is such a column, and its cell."""
    cell: Any = value
    for name in _way(value, column):
        if not isinstance(cell, dict) or name not in cell:
            return False, None
        cell = cell[name]
    return True, cell


def _text(value: dict[str, Any], column: str) -> str:
    there, cell = _cell(value, column)
    if not there:
        raise Unusable("missing_field", f"there is no {column!r}")
    if not isinstance(cell, str):
        raise Unusable("wrong_type", f"{column!r} is {kind_of(cell)}, not text")
    return cell


def _optional(value: dict[str, Any], column: str | None) -> str | None:
    if not column or _cell(value, column)[1] is None:
        return None
    return _text(value, column) or None


def _name(value: dict[str, Any], column: str | None) -> str | None:
    """Return a cell that names something: a text or a whole number."""
    cell = _cell(value, column)[1] if column else None
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        raise Unusable("wrong_type", f"{column!r} is {kind_of(cell)}, neither text nor a whole number")
    return str(cell)


def _history(value: dict[str, Any], column: str | None) -> list[Message]:
    """Return the earlier turns of a cell: pairs of texts or turns, or the JSON text of either."""
    cell = _cell(value, column)[1] if column else None
    if cell is None or cell == "":
        return []
    if isinstance(cell, str):
        cell = parsed(cell, "bad_history", repr(column))
    if not isinstance(cell, list):
        raise Unusable("wrong_type", f"{column!r} is {kind_of(cell)}, not a list of earlier turns")
    if cell and all(isinstance(one, dict) for one in cell):
        return preference.turns(cell, str(column), "user")
    return alpaca.pairs(cell, str(column))


def _without(value: dict[str, Any], ways: set[tuple[str, ...]]) -> dict[str, Any]:
    """Return ``value`` without the cells at ``ways``; an object that is empty then goes too."""
    left = {}
    for name, cell in value.items():
        inner = {way[1:] for way in ways if way[0] == name}
        if () in inner:
            continue
        if inner and isinstance(cell, dict):
            cell = _without(cell, inner)
            if not cell:
                continue
        left[name] = cell
    return left


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one row, whose columns the options name."""
    instruction = _text(value, options["instruction"])
    context, system = _optional(value, options.get("context")), _optional(value, options.get("system"))
    response = _text(value, options.get("response") or options["chosen"])
    reasoning, history = _optional(value, options.get("reasoning")), _history(value, options.get("history"))
    worse = _text(value, options["rejected"]) if options.get("rejected") else None
    if worse == response:
        raise Unusable("same_reply", "the chosen and the rejected reply are the same")
    prompt = [*history, Message("user", instruction)]
    key_text = (instruction, context or "", response, system or "", *(turn.content for turn in history))
    return Record(
        messages=[*prompt, Message("assistant", response, reasoning)],
        key_text=key_text if worse is None else (*key_text, worse),
        key=_name(value, options.get("id")),
        kind="sft" if worse is None else "preference",
        system=system,
        context=context,
        prompt_turns=len(prompt),
        rejected=None if worse is None else [Rejected((Message("assistant", worse),))],
        group=_name(value, options.get("group")),
        metadata=_without(value, {_way(value, options[name]) for name in _OPTIONS if options.get(name)}),
    )


def check(options: Options) -> None:
    """Raise :class:`UserError` unless the options name the columns that a row is made of."""
    for name in _OPTIONS:
        column = options.get(name)
        if column is not None and (not isinstance(column, str) or not column):
            raise UserError(f"params.yaml: the option {name} of adapter table is {column!r}; it names a column.")
    chosen = tuple(name for name in _OPTIONS[:4] if options.get(name))
    if chosen not in (("instruction", "response"), ("instruction", "chosen", "rejected")):
        raise UserError(
            "params.yaml: a source of adapter table names its columns in the options instruction and response, or "
            f"instruction, chosen and rejected; this one names {', '.join(chosen) or 'none'}."
        )
    named = [options[name] for name in _OPTIONS if options.get(name)]
    if twice := sorted({column for column in named if named.count(column) > 1}):
        raise UserError(f"params.yaml: two options of adapter table name the column {twice[0]!r}.")


_read = per_unit(convert)


def read(units: Iterable[Unit], options: Options) -> Iterator[Row | LeftOut]:
    """Read the rows of one file; options that cannot be used are an error before the first."""
    check(options)
    yield from _read(units, options)


ADAPTER = Adapter(
    summary="any JSON, CSV, TSV or Parquet by its columns: options instruction, response, …",
    read=read,
    sniff=lambda values: 0.0,
    options=dict.fromkeys(_OPTIONS),
)
