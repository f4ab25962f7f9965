"""Read test sets: files of any format that sources have, and the fields of an entry, to items."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from winnow.harness.documents import parse_yaml
from winnow.harness.errors import UserError
from winnow.reading.choices import answer_texts, split_options, unlabelled, worked
from winnow.reading.files import SUFFIXES, read_units, suffix_of
from winnow.reading.units import BadUnit
from winnow.reading.window import Caps

_DEMO = "demo.jsonl"
_CAPS = Caps(1 << 30, 1 << 26)
_FIELDS = ("text", "options", "answer", "solutions")
_LAYOUT = frozenset({*_FIELDS, "items", "id", "columns"})
_KEYS = _LAYOUT | {"path", "preset", "license"}


class BenchmarkItem(NamedTuple):
    """An item of a test set: what it asks, its options in any order, what answers it, and what solves it.

    Each solution is a list of parts, such as the asserts of one function.
    """

    name: str
    question: str
    options: list[str]
    answers: list[str]
    solutions: list[list[str]]


class Benchmark(NamedTuple):
    """A test set with its items, its licence ("" where nobody says), and the name that people know it by.

    ``demo`` tells that it is the one that comes with Winnow, made up and nobody's test.
    """

    items: list[BenchmarkItem]
    license: str = ""
    title: str = ""
    demo: bool = False


@cache
def presets() -> dict[str, Any]:
    """Return the public test sets that are known by name: title, licence, home page and fields by layout of file."""
    document: dict[str, Any] = parse_yaml(files("winnow.reading").joinpath("testsets.yaml").read_text(encoding="utf-8"))
    return document


def read_benchmarks(entries: Mapping[str, Any], folder: Path) -> dict[str, Benchmark]:
    """Return every test set that ``overlaps.benchmarks`` names, by its name.

    An entry says ``path`` (a file, or a folder of files, below ``folder``) and ``text``, or has the name of a preset,
    or says ``preset``; what it says itself stands above its preset. Items without an id are numbered from 1; in a
    folder the name of the file stands before. Raises :class:`UserError` for an entry or a file that cannot be read
    whole.
    """
    return {name: _read(name, entry, folder) for name, entry in sorted(entries.items())}


def _read(name: str, entry: Any, folder: Path) -> Benchmark:
    where = f"params.yaml: overlaps.benchmarks.{name}"
    if not isinstance(entry, Mapping) or not isinstance(entry.get("path"), str):
        raise UserError(f"{where} must say path and text (the field that holds the question).")
    if unknown := sorted(set(entry) - _KEYS):
        raise UserError(f"{where}.{unknown[0]} is no key of a test set; it knows {', '.join(sorted(_KEYS))}.")
    known = entry.get("preset", name)
    if "preset" in entry and known not in presets():
        raise UserError(f"{where}.preset is {known!r}; there are {', '.join(presets())}.")
    preset = presets().get(known, {})
    if not entry.get("text") and not preset:
        raise UserError(f"{where} must say path and text (the field that holds the question), or name a preset.")
    own = {key: value for key, value in entry.items() if key in _LAYOUT and value}
    if not isinstance(own.get("items", ""), str):
        raise UserError(f"{where}.items must be the key under which the items stand.")
    path = Path(entry["path"])
    if folder not in path.parents or ".." in path.parts:
        raise UserError(f"{where}.path is {entry['path']!r}; it must stay below {folder}, which the stage depends on.")
    items = [item for file in _files(path, where) for item in _items(file, path, preset.get("layouts", []), own, where)]
    title = preset.get("title", name) if known == name else name
    return Benchmark(items, str(entry.get("license", preset.get("license", ""))), title, path == folder / _DEMO)


def _files(path: Path, where: str) -> list[Path]:
    """Return the files of a test set: itself, or all data below a folder, sorted."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.is_file() and suffix_of(file) in SUFFIXES)
    if not found:
        raise UserError(f"{path} holds no file of a format that sources have; check {where}.path.")
    return found


def _items(
    file: Path, path: Path, layouts: list[dict[str, Any]], own: dict[str, Any], where: str
) -> Iterator[BenchmarkItem]:
    """Yield the items of one file by the first layout that fits its first item, under what the entry says itself."""
    prefix = f"{file.relative_to(path).as_posix().split('.', 1)[0]}:" if file != path else ""
    fields = _fitting(file, [{**one, **own} for one in layouts]) or (own if "text" in own else None)
    if fields is None:
        asked = " or ".join(str(one["text"]) for one in layouts)
        raise UserError(f"{file} holds no items with the fields of its preset ({asked}); check {where}, or say text.")
    number = 0
    for number, row in enumerate(_rows(file, fields), 1):
        if missing := [one for one in _named(fields, own) if not _present(row, one)]:
            key = next(key for key in _FIELDS if missing[0] in _listed(fields.get(key)))
            raise UserError(f"{file}, item {number}: there is no field {missing[0]!r}; check {where}.{key}.")
        yield _item(f"{prefix}{row.get(fields.get('id', 'id'), number)}", row, fields)
    if not number:
        raise UserError(f"{file} holds no items; check {where}.")


def _fitting(file: Path, layouts: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the first layout all of whose fields the first item of a file has."""
    for layout in layouts:
        first = next(_rows(file, layout), None)
        if first is not None and all(_present(first, path) for path in _named(layout, layout)):
            return layout
    return None


def _item(name: str, row: Mapping[str, Any], fields: Mapping[str, Any]) -> BenchmarkItem:
    texts = [text for path in _listed(fields["text"]) for text in _texts(row, path)]
    options = texts[1:] + [text for path in _listed(fields.get("options")) for text in _texts(row, path)]
    question = unlabelled(texts[0]) if texts else ""
    if not options:
        question, options = split_options(question)
    answers = [
        answer
        for path in _listed(fields.get("answer", "answer"))
        for value in _values(row, path)
        for part in (str(value).split("; ") if len(_listed(fields.get("answer"))) > 1 else [str(value)])
        for answer in answer_texts(part, options, number=not isinstance(value, str))
    ]
    solutions = [_texts(row, path) for path in _listed(fields.get("solutions"))]
    solutions += [plain for one in solutions if (plain := [worked(text) for text in one]) != one]
    return BenchmarkItem(
        name, question, [one for one in options if one.strip()], answers, [one for one in solutions if one]
    )


def _listed(value: Any) -> list[str]:
    return [] if not value else [value] if isinstance(value, str) else list(value)


def _named(layout: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    """Return the fields that items must have: the question, and what ``own`` names; others may be absent in some."""
    return [path for key in _FIELDS if key in own or key == "text" for path in _listed(layout.get(key))]


def _present(row: Mapping[str, Any], path: str) -> bool:
    return path.replace("[]", "").split(".", 1)[0] in row


def _values(row: Any, path: str) -> list[Any]:
    """Return what stands at a path such as ``turns[].content``, lists laid flat, nothing where it is null.

    >>> _values({"turns": [{"content": "a"}, {"content": "b"}]}, "turns[].content")
    ['a', 'b']
    """
    head, _, rest = path.partition(".")
    value = row.get(head.removesuffix("[]")) if isinstance(row, Mapping) else None
    if rest:
        return [one for part in (value if isinstance(value, list) else [value]) for one in _values(part, rest)]
    return [one for one in _flat(value) if one is not None]


def _flat(value: Any) -> list[Any]:
    return [part for one in value for part in _flat(one)] if isinstance(value, list) else [value]


def _texts(row: Any, path: str) -> list[str]:
    return [str(value) for value in _values(row, path)]


def _rows(path: Path, fields: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the items of a file as objects. Raises :class:`UserError` for the first that cannot be read."""
    columns, items = fields.get("columns"), fields.get("items")
    for unit in read_units(path, "utf-8", _CAPS, header=not columns):
        if isinstance(unit, BadUnit):
            if unit.outcome == "skipped":
                continue
            raise UserError(f"{path}, line {unit.line}: {unit.detail}; a test set must be whole, fix the file.")
        value = unit.value
        if columns:
            value = dict(zip(columns, value.values(), strict=False))
            if list(value.values()) == columns[: len(value)]:
                continue
        objects = [value] if not items or unit.part == items else value.get(items, [])
        if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
            raise UserError(f"{path}, line {unit.line}: {items!r} holds no list of objects; check its entry's items.")
        yield from objects
