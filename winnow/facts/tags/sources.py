"""Task types that a source itself states, read from its metadata by the mappings of ``categories.yaml``."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.lexicon import load, mistake, section
from winnow.facts.tags.rules import rules

NAME = "categories"


class Categories(NamedTuple):
    """For each metadata key, in the order of asking: its exact values and its prefixes, each with a task type."""

    exact: dict[str, dict[str, str]]
    prefixes: dict[str, list[tuple[str, str]]]


def plain(value: str) -> str:
    """Return a category as it is compared: small letters, one space for each run of other signs than ``*``.

    >>> plain("Open_QA"), plain("cnn_dailymail:*")
    ('open qa', 'cnn dailymail *')
    """
    return re.sub(r"[^\w*]+|_+", " ", value.lower()).strip()


def parse(document: Mapping[str, Any]) -> Categories:
    """Return the mappings of a document; a task type that is none, or two for one category, is a ``UserError``."""
    found = Categories({}, {})
    sets = section(NAME, "the file", document, ("sets",), ("sets",))["sets"]
    if not isinstance(sets, Mapping):
        raise mistake(NAME, "sets", "must be a map from the name of a data set to its mapping")
    for name, value in sets.items():
        entry = f"sets.{name}"
        said = section(NAME, entry, value, ("key", "tasks"), ("key", "tasks"))
        if not isinstance(said["key"], str) or not isinstance(said["tasks"], Mapping):
            raise mistake(NAME, entry, "must have a metadata key as text and tasks as a map")
        exact = found.exact.setdefault(said["key"], {})
        prefixes = found.prefixes.setdefault(said["key"], [])
        for category, task in said["tasks"].items():
            _add(f"{entry}.tasks.{category}", plain(str(category)), task, exact, prefixes)
    return found


def _add(entry: str, category: str, task: object, exact: dict[str, str], prefixes: list[tuple[str, str]]) -> None:
    if task not in rules("task").labels:
        raise mistake(NAME, entry, f"is {task!r}; it may be {', '.join(rules('task').labels)}")
    if category.endswith("*"):
        prefixes.append((category[:-1], str(task)))
    elif exact.setdefault(category, str(task)) != task:
        raise mistake(NAME, entry, f"is {task!r}, but another set maps the same category to {exact[category]!r}")


@cache
def categories() -> Categories:
    """Return the mappings of ``winnow/facts/lexicon/categories.yaml``."""
    return parse(load(NAME))


def _task(metadata: str, known: Categories) -> str | None:
    """Return the task type that one row's metadata states.

    >>> found = Categories({"category": {"coding": "code"}}, {})
    >>> _task('{"category": "Coding"}', found), _task('{"category": null}', found)
    ('code', None)
    """
    said = json.loads(metadata)
    if not isinstance(said, dict):
        return None
    for key, exact in known.exact.items():
        value = said.get(key)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, (str, bool)):
                category = plain(str(item))
                if category in exact:
                    return exact[category]
                for prefix, task in known.prefixes.get(key, ()):
                    if f"{category} ".startswith(prefix):
                        return task
    return None


def stated(metadata: pa.Array, known: Categories | None = None) -> npt.NDArray[np.object_]:
    """Return the task type that the metadata (JSON) of each row states, ``None`` where it states none we map."""
    known = known or categories()
    keys = "|".join(re.escape(json.dumps(key, ensure_ascii=False)) for key in known.exact)
    found = np.full(len(metadata), None, dtype=object)
    at = np.flatnonzero(pc.match_substring_regex(metadata, rf"(?:{keys})\s*:").to_numpy(zero_copy_only=False))
    if len(at) == 0:
        return found
    coded = metadata.take(pa.array(at)).dictionary_encode()
    tasks = np.array([_task(value, known) for value in coded.dictionary.to_pylist()], dtype=object)
    found[at] = tasks[coded.indices.to_numpy()]
    return found
