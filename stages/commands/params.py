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
        if not isinstance(sources, CommentedMap) or not sources:
            sources = document["sources"] = CommentedMap()
        place = sum(other < name for other in sources)
        sources.insert(place, name, CommentedMap(entry))
        if 0 < place == len(sources) - 1:
            _move_trailing(sources, list(sources)[place - 1], name)


def remove_sources(names: list[str]) -> None:
    """Take ``sources.<name>`` out for each name; comments that belong to what follows stay."""
    with edited() as document:
        sources = document["sources"]
        for name in names:
            place = list(sources).index(name)
            if 0 < place == len(sources) - 1:
                _move_trailing(sources, name, list(sources)[place - 1])
            del sources[name]


def _last_leaf(value: CommentedMap) -> tuple[CommentedMap, str]:
    key = list(value)[-1]
    return _last_leaf(value[key]) if isinstance(value[key], CommentedMap) and value[key] else (value, key)


def _move_trailing(sources: CommentedMap, old: str, new: str) -> None:
    """Hang what stands between the sources and the next group on the entry ``new``: ruamel keeps it on the last."""
    (holder, key), (target, last) = _last_leaf(sources[old]), _last_leaf(sources[new])
    if comment := holder.ca.items.pop(key, None):
        target.ca.items[last] = comment
