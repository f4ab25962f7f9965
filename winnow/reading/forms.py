"""How the files of a source are laid out, as far as its entry says so; what it leaves open is read from the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.dialect import DELIMITERS

KEYS = ("delimiter", "quoted", "sheet", "missing")


@dataclass(frozen=True)
class Form:
    """``delimiter`` and ``quoted`` of CSV and TSV files, the ``sheet`` of a workbook, and by column the texts that
    stand for a ``missing`` cell.
    """

    delimiter: str | None = None
    quoted: bool | None = None
    sheet: str | None = None
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)


OPEN = Form()
"""Of an entry that leaves everything to its files."""


def form(where: str, entry: Mapping[str, Any]) -> Form:
    """Return the form that an entry states; ``where`` names the entry in a :class:`UserError` about it."""
    return Form(
        _delimiter(where, entry.get("delimiter")),
        _yes_or_no(where, entry.get("quoted")),
        _sheet(where, entry.get("sheet")),
        _missing(where, entry.get("missing")),
    )


def _delimiter(where: str, value: Any) -> str | None:
    sign = DELIMITERS.get(value, value) if isinstance(value, str) else value
    if sign is not None and not (isinstance(sign, str) and len(sign) == 1 and sign not in '"\r\n'):
        raise UserError(f"{where}.delimiter is {value!r}; it is one character, or {', '.join(DELIMITERS)}.")
    return sign


def _yes_or_no(where: str, value: Any) -> bool | None:
    known = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    if known is not None and not isinstance(known, bool):
        raise UserError(f"{where}.quoted is {value!r}; it is true (cells may stand in quotes) or false.")
    return known


def _sheet(where: str, value: Any) -> str | None:
    if value is not None and (not isinstance(value, str) or not value):
        raise UserError(f"{where}.sheet is {value!r}; it is the name of a sheet.")
    return value


def _missing(where: str, value: Any) -> dict[str, frozenset[str]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UserError(f"{where}.missing is {value!r}; it names columns with the text of a missing cell (input: nan).")
    known = {}
    for column, texts in value.items():
        listed = texts if isinstance(texts, list) else [texts]
        if not all(isinstance(text, str) for text in listed):
            raise UserError(f"{where}.missing.{column} is {texts!r}; it is a text, in quotes where YAML needs them.")
        known[str(column)] = frozenset(listed)
    return known
