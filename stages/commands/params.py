"""Edits of ``params.yaml`` that keep its comments."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from stages.harness.settings import PARAMS


@contextmanager
def edited() -> Iterator[CommentedMap]:
    """Yield ``params.yaml`` as a map; what is changed in it is written back with comments, order and width kept."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(PARAMS.read_text(encoding="utf-8"))
    yield document
    temporary = PARAMS.with_suffix(".yaml.tmp")
    with temporary.open("w", encoding="utf-8", newline="\n") as file:
        yaml.dump(document, file)
    temporary.replace(PARAMS)


def add_source(name: str, entry: Mapping[str, Any]) -> None:
    """Write ``sources.<name>``, in its alphabetical place."""
    with edited() as document:
        sources = document.get("sources")
        if not isinstance(sources, CommentedMap):
            sources = document["sources"] = CommentedMap()
        place = sum(other < name for other in sources)
        sources.insert(place, name, CommentedMap(entry))


def remove_sources(names: list[str]) -> None:
    """Take ``sources.<name>`` out for each name; comments that belong to what follows stay."""
    with edited() as document:
        sources = document["sources"]
        for name in names:
            _remove(sources, name)


def _remove(sources: CommentedMap, name: str) -> None:
    """Delete a key without losing the comment that ruamel hangs on the last value before the next group."""
    trailing = _trailing(sources[name])
    before = list(sources)
    place = before.index(name)
    del sources[name]
    if trailing and place > 0:
        _hang(sources, before[place - 1], trailing)


def _trailing(value: Any) -> Any:
    if not isinstance(value, CommentedMap) or not value:
        return None
    last = list(value)[-1]
    comment = value.ca.items.get(last)
    return comment[2] if comment and comment[2] is not None else _trailing(value[last])


def _hang(sources: CommentedMap, name: str, comment: Any) -> None:
    entry = sources[name]
    if isinstance(entry, CommentedMap) and entry:
        last = list(entry)[-1]
        entry.ca.items[last] = [None, None, comment, None]
