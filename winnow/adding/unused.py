"""What a new source says that its adapter does not use: every column with its count, and which may change training."""

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.reading.adapter import LeftOut, Row
from winnow.reading.placing import OfTurns
from winnow.reading.training import kind_named

_SHOWN = 40  # columns


def unused(outcomes: Sequence[Row | LeftOut]) -> list[str]:
    """Return in lines the columns of rows and of their turns that stay metadata, the most frequent first."""
    rows = [outcome.record for outcome in outcomes if isinstance(outcome, Row)]
    counts = Counter(name for record in rows for name in _columns(record.metadata))
    if not counts:
        return []
    lines = [f"not used, kept as metadata, by the number of rows ({len(rows)} were read):"]
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]:
        kind = kind_named(name.partition(" of ")[0])
        lines.append(f"  {count:>6}  {name}{f' (its name is that of {kind.what})' if kind else ''}")
    return [*lines, *([f"  and {len(counts) - _SHOWN} more"] if len(counts) > _SHOWN else []), ""]


def _columns(metadata: Mapping[str, Any]) -> Iterator[str]:
    for name, value in metadata.items():
        if isinstance(value, OfTurns):
            yield from sorted({f"{inner} of {name}" for fields in value for inner in fields})
        else:
            yield name


def refuse_whole(
    name: str, entry: Mapping[str, Any], files: Sequence[tuple[Path, Path]], outcomes: Sequence[Row | LeftOut]
) -> None:
    """Raise :class:`UserError` with the line to type where fields that are not read cost half the units or more."""
    left = [one for one in outcomes if isinstance(one, LeftOut) and one.reason == "unread_field"]
    if 2 * len(left) < len(outcomes) or not left:
        return
    counts = Counter(field for one in left for field in [_field(one)] if field)
    kept = [str(one) for one in entry.get("metadata") or ()]
    problem = (
        f"{len(left)} of the first {len(outcomes)} units hold a field that changes training and that "
        f"{entry['adapter']} does not read; {Path(left[0].unit.file).name}, line {left[0].unit.line}: {left[0].detail}"
    )
    if not counts:
        raise UserError(f"{problem}.")
    command = ["winnow", "add", name, *_where(entry, files), "--license", entry["license"], "--adapter"]
    line = shlex.join([*command, entry["adapter"], "--option", f"metadata={','.join([*kept, *sorted(counts)])}"])
    raise UserError(f"{problem}. To keep it as metadata: {line}")


def _field(left: LeftOut) -> str | None:
    """Return the field that a unit is left out for, which its reason names in quotes."""
    quoted = left.detail.split("'")
    return quoted[1] if len(quoted) > 2 else None


def _where(entry: Mapping[str, Any], files: Sequence[tuple[Path, Path]]) -> list[str]:
    if url := entry.get("url"):
        return [part for one in (url if isinstance(url, list) else [url]) for part in ("--url", str(one))]
    return [str(file) for file, _ in files]
