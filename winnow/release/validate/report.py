"""A file against the rules of one consumer: how many rows, and which of them would be dropped or refused."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from winnow.reading.units import BadUnit, Unit
from winnow.release.validate import CONSUMERS
from winnow.release.validate.openai import MIN_ROWS

_SHOWN = 20
_CHUNK = 10 << 20  # bytes by which HF datasets fixes the types of a JSON file


@dataclass
class Report:
    """What was found: the rows of the file, those in trouble, the first of them with line and reason, and what is wrong
    with the file as a whole.
    """

    rows: int = 0
    bad: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the consumer takes all of the file."""
        return not self.bad and not self.whole


class _Types:
    """Watches for keys and types that come after what HF ``datasets`` has fixed by the first 10 MB of a JSON file."""

    def __init__(self) -> None:
        self._size, self._known, self._empty = 0, set[tuple[str, str]](), set[str]()

    def late(self, raw: str, value: dict[str, Any]) -> str:
        """Return what of a row comes too late."""
        fixed = self._size > _CHUNK
        self._size += len(raw.encode()) + 1
        found: set[tuple[str, str]] = set()
        _types(value, "", found)
        if not fixed:
            self._known |= found
            return ""
        new = min(found - self._known, default=None)
        self._known |= found
        return "" if new is None else f"{new[0]} is first met as {new[1]}"


def _types(value: Any, where: str, found: set[tuple[str, str]]) -> None:
    if isinstance(value, dict):
        found.add((where, "an object"))
        for key, item in value.items():
            _types(item, f"{where}.{key}" if where else key, found)
    elif isinstance(value, list):
        found.add((where, "a list"))
        for item in value:
            _types(item, f"{where}[]", found)
    elif value is not None:
        found.add((where, "text" if isinstance(value, str) else "a number or truth value"))


def report(units: Iterable[Unit | BadUnit], consumer: str, *, lines: bool) -> Report:
    """Check the units of a file for a consumer; ``lines`` tells JSON Lines, where types depend on the order."""
    check, found, types, labels = CONSUMERS[consumer].check, Report(), _Types(), set[bool]()
    late = ""
    for unit in units:
        found.rows += 1
        if isinstance(unit, BadUnit):
            problem = f"{unit.reason}: {unit.detail}"
        else:
            problem = check(unit.value)
            labels |= {value for name in ("label", "kto_tag") if isinstance(value := unit.value.get(name), bool)}
            if lines and consumer != "openai" and not late and (late := types.late(unit.raw, unit.value)):
                found.whole.append(
                    f"line {unit.line}: {late} after the first 10 MB; HF datasets then refuses the whole file: "
                    "move that row to the front"
                )
        if problem:
            found.bad += 1
            if len(found.shown) < _SHOWN:
                found.shown.append((unit.line, problem))
    if consumer == "openai" and found.rows < MIN_ROWS:
        found.whole.append(f"{found.rows} rows, at least {MIN_ROWS} are needed")
    if consumer == "openai" and not lines:
        found.whole.append("the file is one JSON array; JSON Lines are needed")
    if len(labels) == 1:
        found.whole.append(f"every label is {str(labels.pop()).lower()}: KTO learns nothing from one kind of feedback")
    return found
