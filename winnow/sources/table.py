"""Any table or JSON whose columns the entry names: ``instruction`` with ``response``, or ``chosen`` and ``rejected``.

Each option names a column; a name with dots reaches into nested objects (``meta.author``) unless a column has that
very name. What no option names goes into the metadata. Cells of CSV and TSV are text, an empty one is no value for
every column that may be missing. A number is read as its JSON text. ``reasoning`` is what the model thought before it
replied, ``history`` the exchanges before the instruction.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading import prompts
from winnow.reading.adapter import Adapter, LeftOut, Options, Row, Unusable, kind_of, per_unit, written
from winnow.reading.turns import history
from winnow.reading.units import Unit
from winnow.records.record import Message, Record, Rejected

_MAIN = ("instruction", "response", "chosen", "rejected")
OPTIONS = (*_MAIN, "context", "system", "reasoning", "history", "id", "group")


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
    content = cell if isinstance(cell, str) else written(cell)
    if content is None:
        raise Unusable("wrong_type", f"{column!r} is {kind_of(cell)}, not text")
    return content


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
    reasoning = _optional(value, options.get("reasoning"))
    before = history(_cell(value, options["history"])[1], options["history"]) if options.get("history") else []
    names = [options[name] for name in _MAIN[1:] if options.get(name)]
    replies = [_text(value, name) for name in names]
    if len(set(replies)) < len(replies):
        raise Unusable("same_reply", "the chosen and the rejected reply are the same")
    asked = prompts.read(instruction, options["instruction"], replies, names[0])
    said_before = (turn.content for turn in before)
    key_text = (instruction, context or "", replies[0], system or "", *said_before, *replies[1:])
    system, context = asked.beside(system, context)
    prompt, (best, *worse) = [*before, *asked.turns], asked.replies
    metadata = _without(value, {_way(value, options[name]) for name in OPTIONS if options.get(name)})
    return Record(
        messages=[*prompt, Message("assistant", best, reasoning)],
        key_text=key_text,
        key=_name(value, options.get("id")),
        kind="preference" if worse else "sft",
        system=system,
        context=context,
        prompt_turns=len(prompt),
        rejected=[Rejected((Message("assistant", one),)) for one in worse] or None,
        group=_name(value, options.get("group")),
        metadata=metadata | dict(asked.notes),
    )


def check(options: Options) -> None:
    """Raise :class:`UserError` unless the options name the columns that a row is made of."""
    for name in OPTIONS:
        column = options.get(name)
        if column is not None and (not isinstance(column, str) or not column):
            raise UserError(f"params.yaml: the option {name} of adapter table is {column!r}; it names a column.")
    chosen = tuple(name for name in _MAIN if options.get(name))
    if chosen not in (("instruction", "response"), ("instruction", "chosen", "rejected")):
        raise UserError(
            "params.yaml: a source of adapter table names its columns in the options instruction and response, or "
            f"instruction, chosen and rejected; this one names {', '.join(chosen) or 'none'}."
        )
    named = [options[name] for name in OPTIONS if options.get(name)]
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
    options=dict.fromkeys(OPTIONS),
)
