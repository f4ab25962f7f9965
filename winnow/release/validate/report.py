"""A file checked by the rules of one consumer: how many rows, and which of them would be dropped or refused."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.files import read_units, suffix_of
from winnow.reading.text import text_chunks
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps
from winnow.release.validate import CONSUMERS
from winnow.release.validate.openai import MIN_ROWS

_SHOWN = 20
_CAPS = Caps(1 << 40, 1 << 30)  # trainers read files of any size
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
        kinds: set[tuple[str, str]] = set()
        _types(value, "", kinds)
        if not fixed:
            self._known |= kinds
            return ""
        new = min(kinds - self._known, default=None)
        self._known |= kinds
        return "" if new is None else f"{new[0]} is first met as {new[1]}"


def _types(value: Any, where: str, kinds: set[tuple[str, str]]) -> None:
    if isinstance(value, dict):
        kinds.add((where, "an object"))
        for key, item in value.items():
            _types(item, f"{where}.{key}" if where else key, kinds)
    elif isinstance(value, list):
        kinds.add((where, "a list"))
        for item in value:
            _types(item, f"{where}[]", kinds)
    elif value is not None:
        kinds.add((where, "text" if isinstance(value, str) else "a number or truth value"))


def validate(path: str | Path, for_: str) -> Report:
    """Check a file (JSON, JSON Lines, CSV or Parquet) by the rules of who is to train on it, written down from the
    documents and code of ``llama-factory``, ``trl``, ``axolotl`` and ``openai``.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "train.jsonl")
    ...     _ = file.write_text('{"messages": [{"role": "user", "content": "Hi"}]}\\n{"chosen": []}\\n')
    ...     report = validate(file, "trl")
    >>> report.ok, report.bad, report.shown
    (False, 1, [(2, 'the keys chosen are no set that TRL knows: KeyError')])
    """
    if for_ not in CONSUMERS:
        raise UserError(f"there are no rules for {for_!r}; there are for {', '.join(CONSUMERS)}.")
    file = Path(path)
    json = suffix_of(file) in (".json", ".jsonl", ".ndjson")
    lines = json and not next(text_chunks(file, "utf-8", _CAPS.file_bytes), "").lstrip().startswith("[")
    return _report(read_units(file, "utf-8", _CAPS), for_, lines=lines)


def _report(units: Iterable[Unit | BadUnit], consumer: str, *, lines: bool) -> Report:
    """Check the units of a file for a consumer; ``lines``: it is JSON Lines, where types depend on the order."""
    check, report, types, labels = CONSUMERS[consumer].check, Report(), _Types(), set[bool]()
    late = ""
    for unit in units:
        report.rows += 1
        if isinstance(unit, BadUnit):
            problem = f"{unit.reason}: {unit.detail}"
        else:
            problem = check(unit.value)
            labels |= {value for name in ("label", "kto_tag") if isinstance(value := unit.value.get(name), bool)}
            if lines and consumer != "openai" and not late and (late := types.late(unit.raw, unit.value)):
                report.whole.append(
                    f"line {unit.line}: {late} after the first 10 MB; HF datasets then refuses the whole file: "
                    "move that row to the front"
                )
        if problem:
            report.bad += 1
            if len(report.shown) < _SHOWN:
                report.shown.append((unit.line, problem))
    if consumer == "openai" and report.rows < MIN_ROWS:
        report.whole.append(f"{report.rows} rows, at least {MIN_ROWS} are needed")
    if consumer == "openai" and not lines:
        report.whole.append("the file is one JSON array; JSON Lines are needed")
    if len(labels) == 1:
        report.whole.append(f"every label is {str(labels.pop()).lower()}: KTO learns nothing from one kind of feedback")
    return report
