"""Texts in which a row says again what stands in none of its turns as a whole.

Turns that follow each other are merged by a blank line, turns behind the last reply are cut off into the metadata
(:mod:`winnow.reading.order`), and metadata hold what an adapter does not read: a solution, a copy of the conversation.
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from winnow.reading.jsonvalue import strings
from winnow.text.lengths import characters, cjk_characters, latin_equivalent

LONG = 40
"""Latin characters from which a text names itself and is no common phrase."""

_CJK_WEIGHT = 3
_PARTS = 60  # paragraphs of a merged turn of which every run is looked at; of longer ones, all runs of a few
_RUN = 8


def is_long(text: str) -> bool:
    """Tell whether a text has :data:`LONG` Latin characters or more; a CJK character counts three."""
    if len(text) * _CJK_WEIGHT < LONG or text.isascii():
        return len(text) >= LONG
    array = pa.array([text], pa.string())
    return bool(latin_equivalent(characters(array), cjk_characters(array), float(_CJK_WEIGHT))[0] >= LONG)


def has_merged(record: dict[str, Any]) -> bool:
    """Tell whether turns of a record were merged."""
    metadata = record.get("metadata") or ""
    return '"turns_merged"' in metadata and bool(json.loads(metadata).get("turns_merged"))


def beside(record: dict[str, Any]) -> Iterator[str]:
    """Yield the texts of a record that could be a turn of another row: parts of merged turns, turns that were cut off,
    long texts in its metadata.
    """
    if not record.get("metadata") or record["metadata"] == "{}":
        return
    metadata = json.loads(record["metadata"])
    cut = metadata.get("turns_cut")
    for turn in cut if isinstance(cut, list) else ():
        said = (turn.get("content"), turn.get("reasoning")) if isinstance(turn, dict) else ()
        yield from (text for text in said if isinstance(text, str) and text.strip())
    yield from filter(is_long, strings(metadata))
    if has_merged(record):
        for turn in record["messages"]:
            yield from runs((turn["content"] or "").split("\n\n"))


def runs(parts: list[str]) -> Iterator[str]:
    """Yield every run of neighbours among the parts of a text but the whole; of very many parts the short runs, and
    those at its start and its end.

    >>> list(runs(["a", "b", "c"]))
    ['a', 'a\\n\\nb', 'b', 'b\\n\\nc', 'c']
    """
    count = len(parts)
    for start in range(count):
        most = count if count <= _PARTS else min(start + _RUN, count)
        for end in range(start + 1, most + 1):
            if end - start < count:
                yield "\n\n".join(parts[start:end])
