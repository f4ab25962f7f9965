"""Task types that a source itself states, read from its metadata by the mappings of ``categories.yaml``."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from winnow.facts.lexicon import load, mistake, section
from winnow.facts.tags.rules import rules
from winnow.storage.types import Labels
from winnow.text.columns import matches

NAME = "categories"


class Categories(NamedTuple):
    """For each metadata key, in the order of look-up: its exact values and its prefixes, each with a task type."""

    exact: dict[str, dict[str, str]]
    prefixes: dict[str, list[tuple[str, str]]]


def plain(value: str) -> str:
    """Return a category in the form that is compared: lower case, one space for each run of punctuation but ``*``.

    >>> plain("Open_QA"), plain("cnn_dailymail:*")
    ('open qa', 'cnn dailymail *')
    """
    return re.sub(r"[^\w*]+|_+", " ", value.lower()).strip()


def parse(document: Mapping[str, Any]) -> Categories:
    """Return the mappings of a document; a task type that is none, or two for one category, is a ``UserError``."""
    categories = Categories({}, {})
    sets = section(NAME, "the file", document, ("sets",), ("sets",))["sets"]
    if not isinstance(sets, Mapping):
        raise mistake(NAME, "sets", "must be a map from the name of a data set to its mapping")
    for name, value in sets.items():
        entry = f"sets.{name}"
        mapping = section(NAME, entry, value, ("key", "tasks"), ("key", "tasks"))
        if not isinstance(mapping["key"], str) or not isinstance(mapping["tasks"], Mapping):
            raise mistake(NAME, entry, "must have a metadata key as text and tasks as a map")
        exact = categories.exact.setdefault(mapping["key"], {})
        prefixes = categories.prefixes.setdefault(mapping["key"], [])
        for category, task in mapping["tasks"].items():
            _add(f"{entry}.tasks.{category}", plain(str(category)), task, exact, prefixes)
    return categories


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

    >>> known = Categories({"category": {"coding": "code"}}, {})
    >>> _task('{"category": "Coding"}', known), _task('{"category": null}', known)
    ('code', None)
    """
    fields = json.loads(metadata)
    if not isinstance(fields, dict):
        return None
    for key, exact in known.exact.items():
        value = fields.get(key)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, (str, bool)):
                category = plain(str(item))
                if category in exact:
                    return exact[category]
                for prefix, task in known.prefixes.get(key, ()):
                    if f"{category} ".startswith(prefix):
                        return task
    return None


def stated(metadata: pa.Array, known: Categories | None = None) -> Labels:
    """Return the task type that the metadata (JSON) of each row states, ``None`` where it states none we map."""
    known = known or categories()
    keys = "|".join(re.escape(json.dumps(key, ensure_ascii=False)) for key in known.exact)
    tasks = np.full(len(metadata), None, dtype=object)
    rows = np.flatnonzero(matches(metadata, rf"(?:{keys})\s*:"))
    if len(rows) == 0:
        return tasks
    coded = metadata.take(pa.array(rows)).dictionary_encode()
    of_values = np.array([_task(value, known) for value in coded.dictionary.to_pylist()], dtype=object)
    tasks[rows] = of_values[coded.indices.to_numpy()]
    return tasks
