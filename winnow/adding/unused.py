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
from winnow.reading.values import liked, says

_SHOWN = 40  # columns
_OWN = ("license_name", "homepage", "attribution", "origin", "encoding")  # keys of an entry with options of their own
_NAMED = frozenset({"adapter", "path", "license", "url", "sha256", "metadata", "missing", *_OWN})


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
            yield from sorted({f"{inner} of {name}" for fields in value for inner in _columns(fields)})
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
    line = _kept_line(name, entry, files, [*kept, *sorted(counts)])
    raise UserError(f"{problem}. To keep it as metadata: {line}")


def refuse_labels(
    name: str, entry: Mapping[str, Any], files: Sequence[tuple[Path, Path]], outcomes: Sequence[Row | LeftOut]
) -> None:
    """Raise :class:`UserError` where a column by its name labels replies and all its values are words or numbers that
    could say good or bad: a disliked reply would train as a good one. Asked once, never guessed.
    """
    kept = frozenset(map(str, entry.get("metadata") or ()))
    rows = [one.record.metadata for one in outcomes if isinstance(one, Row) and one.record.kind == "sft"]
    columns = dict.fromkeys(column for fields in rows for column in fields)
    for column in columns:
        kind = kind_named(column)
        values = [fields[column] for fields in rows if says(fields.get(column))]
        if column in kept or kind is None or kind.name not in ("label", "correct") or not all(map(_may_label, values)):
            continue
        if values:
            raise UserError(
                f"the column {column!r} of {len(values)} of the first {len(rows)} rows is {values[0]!r} and its like; "
                "if it says whether the reply is good, write true or false there, which the adapter kto reads; if not, "
                f"keep it as metadata: {_kept_line(name, entry, files, [*sorted(kept), column])}"
            )


def _may_label(value: Any) -> bool:
    return liked(value) or (isinstance(value, str) and value.strip() in ("0", "1", "-1"))


def _kept_line(name: str, entry: Mapping[str, Any], files: Sequence[tuple[Path, Path]], columns: Sequence[str]) -> str:
    """Return the line to type that keeps some columns as metadata, with all that the entry says so far."""
    words = ["winnow", "add", name, *_where(entry, files), "--license", entry["license"], "--adapter", entry["adapter"]]
    words += [word for key in _OWN if entry.get(key) for word in (f"--{key.replace('_', '-')}", str(entry[key]))]
    options = [f"{key}={one}" for key, one in entry.items() if key not in _NAMED and isinstance(one, str)]
    options += [
        f"missing.{column}={text}" for column, texts in entry.get("missing", {}).items() for text in texts or [""]
    ]
    for one in (*options, f"metadata={','.join(columns)}"):
        words += ["--option", one]
    return shlex.join(words)


def _field(left: LeftOut) -> str | None:
    """Return the field that a unit is left out for, which its reason names in quotes."""
    quoted = left.detail.split("'")
    return quoted[1] if len(quoted) > 2 else None


def _where(entry: Mapping[str, Any], files: Sequence[tuple[Path, Path]]) -> list[str]:
    if url := entry.get("url"):
        return [part for one in (url if isinstance(url, list) else [url]) for part in ("--url", str(one))]
    return [str(file) for file, _ in files]
