"""Tags that a source itself states, read from its metadata by the mappings of ``categories.yaml``."""

import json
import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from winnow.facts.lexicon import load, mistake, section
from winnow.storage.types import Labels
from winnow.text.columns import matches

NAME = "categories"
PARTS = {"task": "tasks", "domain": "domains", "difficulty": "difficulties"}
"""The part of a set's mapping for each tag."""


class Categories(NamedTuple):
    """For each metadata key, in the order of look-up: its exact values and its prefixes, each with a value of a tag."""

    exact: dict[str, dict[str, str]]
    prefixes: dict[str, list[tuple[str, str]]]


def plain(value: str) -> str:
    """Return a category in the form that is compared: lower case, one space for each run of punctuation but ``*``.

    >>> plain("Open_QA"), plain("cnn_dailymail:*")
    ('open qa', 'cnn dailymail *')
    """
    return re.sub(r"[^\w*]+|_+", " ", value.lower()).strip()


def parse(document: Mapping[str, Any], tag: str = "task") -> Categories:
    """Return a document's mappings to a tag; a value that it has not, or two for one category, is a ``UserError``."""
    categories = Categories({}, {})
    sets = section(NAME, "the file", document, ("sets",), ("sets",))["sets"]
    if not isinstance(sets, Mapping):
        raise mistake(NAME, "sets", "must be a map from the name of a data set to its mapping")
    for name, value in sets.items():
        entry = f"sets.{name}"
        mapping = section(NAME, entry, value, ("key", *PARTS.values()), ("key",))
        parts = [mapping[part] for part in PARTS.values() if part in mapping]
        if not isinstance(mapping["key"], str) or not parts or not all(isinstance(part, Mapping) for part in parts):
            raise mistake(
                NAME, entry, f"must have a metadata key as text and one of {', '.join(PARTS.values())} as a map"
            )
        if PARTS[tag] not in mapping:
            continue
        exact = categories.exact.setdefault(mapping["key"], {})
        prefixes = categories.prefixes.setdefault(mapping["key"], [])
        for category, label in mapping[PARTS[tag]].items():
            _add(f"{entry}.{PARTS[tag]}.{category}", plain(str(category)), label, load(tag)["labels"], exact, prefixes)
    return categories


def _add(
    entry: str,
    category: str,
    label: object,
    known: Collection[str],
    exact: dict[str, str],
    prefixes: list[tuple[str, str]],
) -> None:
    if label not in known:
        raise mistake(NAME, entry, f"is {label!r}; it may be {', '.join(known)}")
    if category.endswith("*"):
        prefixes.append((category[:-1], str(label)))
    elif exact.setdefault(category, str(label)) != label:
        raise mistake(NAME, entry, f"is {label!r}, but another set maps the same category to {exact[category]!r}")


@cache
def categories(tag: str = "task") -> Categories:
    """Return the mappings to ``tag`` of ``winnow/facts/lexicon/categories.yaml``."""
    return parse(load(NAME), tag)


def _label(metadata: str, known: Categories) -> str | None:
    """Return the value that one row's metadata states.

    >>> known = Categories({"category": {"coding": "code"}}, {})
    >>> _label('{"category": "Coding"}', known), _label('{"category": null}', known)
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
    """Return the task type (or what ``known`` maps to) that each row's metadata (JSON) states, ``None`` where none."""
    known = known or categories()
    keys = "|".join(re.escape(json.dumps(key, ensure_ascii=False)) for key in known.exact)
    tasks = np.full(len(metadata), None, dtype=object)
    rows = np.flatnonzero(matches(metadata, rf"(?:{keys})\s*:"))
    if len(rows) == 0:
        return tasks
    coded = metadata.take(pa.array(rows)).dictionary_encode()
    of_values = np.array([_label(value, known) for value in coded.dictionary.to_pylist()], dtype=object)
    tasks[rows] = of_values[coded.indices.to_numpy()]
    return tasks
