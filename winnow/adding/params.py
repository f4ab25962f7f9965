"""Edits of ``params.yaml``, most of them of ``sources``: the lines of one entry are written, every other byte stays."""

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from winnow.harness.documents import parse_yaml
from winnow.harness.errors import UserError
from winnow.harness.files import transaction
from winnow.harness.settings import PARAMS
from winnow.reading.remote import UNKNOWN

RAW = Path("data/raw")
"""Where the files of the sources stand."""


def add_source(
    name: str, entry: Mapping[str, Any], files: Sequence[tuple[Path, Path]] = (), *, move: bool = False
) -> None:
    """Write ``sources.<name>`` in its alphabetical place, and ``files`` to ``data/raw/<name>``: both or neither.

    ``files`` and ``move`` are those of :meth:`~winnow.harness.files.Transaction.place`.
    """
    with transaction() as change:
        if files:
            change.place(RAW / name, files, move=move)
        text = params_text()
        sources = _sources(text)
        smaller = [other for other in sources if str(other) < name]
        change.write(PARAMS, _edited(text, {**sources, name: entry}, [name], smaller[-1] if smaller else None))
        change.commit()


def remove_sources(names: Sequence[str], paths: Sequence[Path] = ()) -> None:
    """Take ``sources.<name>`` out for each name, and delete ``paths`` with them: all or nothing.

    Comments above the entries that stay are theirs and stay.
    """
    with transaction() as change:
        text = params_text()
        for name in names:
            text = _edited(text, {key: entry for key, entry in _sources(text).items() if key != name}, [name])
        change.write(PARAMS, text)
        for path in paths:
            change.remove(path)
        change.commit()


def pin_source(name: str, digests: Sequence[str | None]) -> None:
    """Write ``sources.<name>.sha256``: a list where ``url`` is one; ``unknown`` for a file not fetched yet."""
    with transaction() as change:
        change.write(PARAMS, pinned(params_text(), name, digests))
        change.commit()


def pinned(text: str, name: str, digests: Sequence[str | None]) -> str:
    """Return the text of ``params.yaml`` with the digests that :func:`pin_source` writes."""
    sources = _sources(text)
    known = [digest or UNKNOWN for digest in digests]
    one_or_all = known if isinstance(sources[name]["url"], list) else known[0]
    sources[name] = {**sources[name], "sha256": one_or_all}
    return _edited(text, sources, [name, "sha256"], "url")


def set_count(keys: Sequence[str], count: int) -> None:
    """Write the whole number at ``keys`` of ``params.yaml``, where one stands; every other byte stays."""
    with transaction() as change:
        text = params_text()
        change.write(PARAMS, with_count(text, keys, count))
        change.commit()


def with_count(text: str, keys: Sequence[str], count: int) -> str:
    """Return the text of ``params.yaml`` with another whole number at ``keys``.

    >>> with_count("a:\\n  b: {c: 5, d: 1}  # why\\n", ["a", "b", "c"], 20)
    'a:\\n  b: {c: 20, d: 1}  # why\\n'
    """
    block = _yaml().load(text)
    for key in keys[:-1]:
        block = block[key]
    line, column = block.lc.value(keys[-1])
    lines = text.splitlines(keepends=True)
    rest = lines[line][column:]
    digits = len(rest) - len(rest.lstrip("0123456789"))
    lines[line] = f"{lines[line][:column]}{count}{rest[digits:]}"
    edited, found = "".join(lines), parse_yaml("".join(lines))
    for key in keys:
        found = found[key]
    if not digits or found != count:
        raise UserError(f"params.yaml: {'.'.join(keys)} could not be written without harm; write {count} by hand.")
    return edited


def params_text() -> str:
    """Return ``params.yaml`` as it stands."""
    return PARAMS.read_text(encoding="utf-8")


def with_value(text: str, group: str, name: str, value: str) -> str:
    """Return the text of ``params.yaml`` with the setting ``group.name`` as ``value``; every other byte stays.

    A setting that stands in no line of its own is a :class:`UserError`.
    """
    document = _yaml().load(text)
    if _is_block(document.get(group)) and name in document[group]:
        lines = text.splitlines(keepends=True)
        line = document[group].lc.key(name)[0]
        lines[line] = re.sub(r":\s*(?:\"[^\"]*\"|'[^']*'|[^\s#]*)", f": {value}", lines[line], count=1)
        edited = "".join(lines)
        before = parse_yaml(text)
        if parse_yaml(edited) == {**before, group: {**before[group], name: value}}:
            return edited
    raise UserError(f"params.yaml: {group}.{name} could not be written without harm; write {name}: {value} by hand.")


def _sources(text: str) -> dict[str, Any]:
    return dict(parse_yaml(text).get("sources") or {})


def _yaml() -> YAML:
    """Return a reader and writer with DVC's settings, so that ``dvc exp run --set-param`` changes one line later."""
    yaml = YAML()
    yaml.default_flow_style = False
    return yaml


def _dumped(value: Mapping[str, Any], indent: int) -> list[str]:
    stream = io.StringIO()
    _yaml().dump(value, stream)
    return [" " * indent + line for line in stream.getvalue().splitlines(keepends=True)]


def _edited(text: str, sources: Mapping[str, Any], changed: Sequence[str], after: str | None = None) -> str:
    """Return ``text`` with ``sources`` as the group of that name, in which only what stands at the keys ``changed`` is
    new, other or gone.

    Something new is written below the key ``after``, at the top where that is None.
    """
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    document = _yaml().load(text)
    first, last = _span(document, "sources", lines, len(lines)) if "sources" in document else (len(lines),) * 2
    block = document.get("sources")
    if sources and _is_block(block):
        value: Any = sources
        for key in changed[:-1]:
            if not _is_block(block[key]):  # an entry in braces is written anew as a whole
                changed = [key]
                break
            _, last = _span(block, key, lines, last)
            block, value = block[key], value[key]
        lines = _spliced(lines, block, last, changed[-1], value, after)
    else:
        lines[first:last] = ["sources:\n", *_dumped(sources, 2)] if sources else ["sources: {}\n"]
    edited = "".join(lines)
    if parse_yaml(edited) != {**parse_yaml(text), "sources": dict(sources)}:
        raise UserError(f"params.yaml: sources.{changed[0]} could not be written without harm; write it by hand.")
    return edited


def _is_block(value: Any) -> bool:
    return isinstance(value, CommentedMap) and bool(value) and not value.fa.flow_style()


def _span(block: CommentedMap, key: str, lines: list[str], last: int) -> tuple[int, int]:
    """Return the first line of ``key`` and the line after its last, in a block that ends before ``last``; blank lines
    and comments at the end belong to what follows.
    """
    keys = list(block)
    place = keys.index(key)
    first = block.lc.key(key)[0]
    end = block.lc.key(keys[place + 1])[0] if place + 1 < len(keys) else last
    while end > first + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return first, end


def _spliced(
    lines: list[str], block: CommentedMap, last: int, key: str, value: Mapping[str, Any], after: str | None
) -> list[str]:
    """Return the lines with ``key`` of the block as ``value`` has it: replaced, put below ``after``, or taken out."""
    first = next(iter(block))
    new = _dumped({key: value[key]}, block.lc.key(first)[1]) if key in value else []
    if key in block:
        start, end = _span(block, key, lines, last)
    else:
        start = end = block.lc.key(first)[0] if after is None else _span(block, after, lines, last)[1]
    return [*lines[:start], *new, *lines[end:]]
