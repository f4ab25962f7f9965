"""The interface of an adapter, a module under ``winnow/sources`` that turns units of one format into records.

Most formats hold one row per unit: write ``convert(value, options) -> Record`` and wrap it in :func:`per_unit`.
A format whose rows span units (a conversation tree) gives its own ``read``.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from winnow.reading.kept import keep, without
from winnow.reading.placing import place
from winnow.reading.units import BadUnit, Unit
from winnow.reading.unusable import KINDS
from winnow.reading.unusable import Unusable as Unusable  # noqa: PLC0414 - what adapters raise
from winnow.reading.unusable import kind_of as kind_of  # noqa: PLC0414
from winnow.reading.values import written_number
from winnow.records.record import Record


class Row(NamedTuple):
    """A record with the units it was read from; ``fresh`` counts those that no earlier row used."""

    record: Record
    units: tuple[Unit, ...]
    fresh: int = 1


class LeftOut(NamedTuple):
    """A unit that became no record: ``quarantined`` (it cannot be read) or ``skipped`` (the source says so)."""

    unit: Unit | BadUnit
    outcome: str
    reason: str
    detail: str


Options = Mapping[str, Any]
T = TypeVar("T")
Read = Callable[[Iterable[Unit], Options], Iterator[Row | LeftOut]]


def _no_expansion(unit: Unit) -> Sequence[Unit]:
    return (unit,)


@dataclass(frozen=True)
class Adapter:
    """One source format.

    ``read`` gets the readable units of one file and accounts for each of them. ``expand`` splits an entry of the
    file (a tree of messages) into the raw units that are accounted for. ``sniff`` looks at a few values and returns how
    sure it is (0 to 1) that they are of this format. ``options`` are the entry's extra keys with their defaults.
    ``header`` says whether the first row of its CSV and TSV files names the columns. ``list_unit`` tells a JSON array
    that is one raw unit, alone on its line, from an array of units; where it is None there is no such array.
    """

    summary: str
    read: Read
    sniff: Callable[[Sequence[Any]], float]
    expand: Callable[[Unit], Sequence[Unit]] = _no_expansion
    options: Mapping[str, Any] = field(default_factory=dict)
    header: bool = True
    list_unit: Callable[[Any], bool] | None = None

    def __post_init__(self) -> None:
        """Make sure that no ``read`` files away a field that changes training."""
        if not isinstance(self.read, PerUnit):
            object.__setattr__(self, "read", Placed(self.read))

    @property
    def in_parts(self) -> bool:
        """Whether a file may be read in parts, because no row is made of several units."""
        return isinstance(self.read, PerUnit)


@dataclass(frozen=True)
class PerUnit:
    """A ``read`` that makes one record of each unit and quarantines those that raise :class:`Unusable`.

    What ``convert`` left in the metadata goes through :func:`~winnow.reading.placing.place`, but where ``placing`` is
    off: rows of a release were placed when they were read first. The fields that the option ``metadata`` names are kept
    out of ``convert``'s sight.
    """

    convert: Callable[[Any, Options], Record]
    placing: bool = True

    def __call__(self, units: Iterable[Unit], options: Options) -> Iterator[Row | LeftOut]:
        """Yield a row, or the unit and why it is quarantined, for each unit."""
        convert, names = self.convert, frozenset(options.get("metadata") or ())
        for unit in units:
            try:
                value, kept = without(unit.value, names) if names else (unit.value, None)
                record = convert(value, options)
                if self.placing:
                    place(record, names)
                if kept:
                    keep(record, kept)
                yield Row(record, (unit,))
            except Unusable as error:
                yield LeftOut(unit, "quarantined", error.reason, error.detail)


@dataclass(frozen=True)
class Placed:
    """A ``read`` whose rows of one unit go through :func:`~winnow.reading.placing.place`.

    Rows that span units are another matter: their adapter looks at each unit (``refuse_unread``).
    """

    read: Read

    def __call__(self, units: Iterable[Unit], options: Options) -> Iterator[Row | LeftOut]:
        """Yield what the ``read`` inside yields; a row with a field that has no place is quarantined."""
        names = frozenset(options.get("metadata") or ())
        for outcome in self.read(units, options):
            if isinstance(outcome, Row) and len(outcome.units) == outcome.fresh == 1:
                try:
                    place(outcome.record, names)
                except Unusable as error:
                    yield LeftOut(outcome.units[0], "quarantined", error.reason, error.detail)
                    continue
            yield outcome


def per_unit(convert: Callable[[Any, Options], Record], *, placing: bool = True) -> Read:
    """Return a ``read`` of one row per unit; files of such a format can be read in parts."""
    return PerUnit(convert, placing)


def expect(value: Any, kind: type[T], what: str) -> T:
    """Return ``value`` if its JSON type is ``kind``, else raise :class:`Unusable`; ``what`` names it there.

    >>> expect([], dict, "message 1")
    Traceback (most recent call last):
    winnow.reading.unusable.Unusable: wrong_type: message 1 is a list, not an object
    """
    if not isinstance(value, kind):
        raise Unusable("wrong_type", f"{what} is {kind_of(value)}, not {KINDS[kind]}")
    return value


def required(value: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """Return the field ``name``, whose JSON type is ``kind``; missing or of another type is :class:`Unusable`."""
    if name not in value:
        raise Unusable("missing_field", f"there is no {name!r}")
    return expect(value[name], kind, repr(name))


def text(value: Mapping[str, Any], name: str) -> str:
    """Return the text field ``name``, a number as its JSON text; missing or of another type is :class:`Unusable`."""
    content = value.get(name)
    if isinstance(content, str):
        return content
    return written(content) or required(value, name, str)


def written(value: Any) -> str | None:
    """Return a JSON number as its text, None for all else: an answer may be a number where a text stands.

    >>> written(4), written(2.5), written(True)
    ('4', '2.5', None)
    """
    return json.dumps(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def texts(value: Mapping[str, Any], name: str) -> list[str]:
    """Return the field ``name``, a text or a list of at least one; anything else is :class:`Unusable`."""
    content = value.get(name)
    if not isinstance(content, list):
        return [text(value, name)]
    if not content or not all(isinstance(one, str) for one in content):
        raise Unusable("wrong_type", f"{name!r} is a list of something else than texts")
    return content


def number(value: Any, what: str) -> float:
    """Return a JSON number as a float; anything else is :class:`Unusable`, and ``what`` names it there."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unusable("wrong_type", f"{what} is {kind_of(value)}, not a number")
    try:
        return float(value)
    except OverflowError:
        raise Unusable("wrong_type", f"{what} is larger than any number that can be held") from None


def measured(value: Any, what: str) -> float:
    """Return what :func:`number` does, and the number that a text is: cells of CSV are text."""
    read = written_number(value) if isinstance(value, str) else None
    return read if read is not None and math.isfinite(read) else number(value, what)


def optional_text(value: Mapping[str, Any], name: str) -> str | None:
    """Return the text field ``name``, ``None`` where it is missing, null or empty."""
    return text(value, name) or None if value.get(name) is not None else None


def own_id(value: Mapping[str, Any], name: str = "id") -> str | None:
    """Return the source's own id of a row as text, ``None`` where there is none.

    >>> own_id({"id": 7}), own_id({"id": True}), own_id({})
    ('7', None, None)
    """
    own = value.get(name)
    if own is None or isinstance(own, bool) or not isinstance(own, (str, int)) or own == "":
        return None
    return str(own)


def rest(value: Mapping[str, Any], used: frozenset[str]) -> dict[str, Any]:
    """Return the fields beside the ``used`` ones: they go into ``metadata``, nothing is thrown away.

    >>> rest({"id": 1.5, "text": "Hi", "tag": "x"}, frozenset({"id", "text"}))  # an id that is no key stays
    {'id': 1.5, 'tag': 'x'}
    """
    if "id" not in value and used.issuperset(value):
        return {}
    return {
        name: content
        for name, content in value.items()
        if name not in used or (name == "id" and content and own_id(value) is None)
    }


def share(values: Sequence[dict[str, Any]], test: Callable[[dict[str, Any]], bool]) -> float:
    """Return the share of ``values`` that pass ``test``: what most sniffers are made of."""
    return sum(map(test, values)) / len(values) if values else 0.0
