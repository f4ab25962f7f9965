r"""Word lists and rules that people extend without programming: YAML files in ``winnow/facts/lexicon``.

An entry of a list is a plain phrase, or ``regex: …`` in RE2's syntax (no lookaround). A phrase matches in any case,
as whole words, with any white space between them and either apostrophe. A mistake in a file is a :class:`UserError`
that names file and entry. Files are read once a process.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.documents import read_map
from winnow.harness.errors import UserError

FOLDER = Path(__file__).parent / "lexicon"


def mistake(name: str, entry: str, problem: str) -> UserError:
    """Return the error of a wrong ``entry`` (such as ``refusal.en[3]``) in the lexicon ``name``, as one sentence.

    >>> str(mistake("flags", "refusal.en[3]", "is empty; write a phrase"))
    'winnow/facts/lexicon/flags.yaml, refusal.en[3] is empty; write a phrase.'
    """
    return UserError(f"winnow/facts/lexicon/{name}.yaml, {entry} {problem}.")


@cache
def load(name: str) -> dict[str, Any]:
    """Return the map in ``<name>.yaml``; it is shared, so do not change it."""
    return read(FOLDER / f"{name}.yaml")


def read(path: Path) -> dict[str, Any]:
    """Return the map in the YAML file ``path``; a key that stands twice, or no map, is a :class:`UserError`."""
    return read_map(path, f"winnow/facts/lexicon/{path.name}")


def section(
    name: str, entry: str, value: object, keys: Collection[str], needed: Collection[str] = ()
) -> dict[str, Any]:
    """Return ``value`` if it is a map with no other than ``keys`` and all ``needed`` ones; ``entry`` names it."""
    if not isinstance(value, Mapping):
        raise mistake(name, entry, f"must be a map, not {value!r}")
    for key in value:
        if key not in keys:
            raise mistake(name, f"{entry}.{key}", f"is unknown; it may be {', '.join(sorted(keys))}")
    for key in sorted(needed):
        if key not in value:
            raise mistake(name, entry, f"lacks {key}; add it")
    return dict(value)


def sentence(name: str, entry: str, value: object) -> str:
    """Return ``value`` if it is a text of one line."""
    if not isinstance(value, str) or not value.strip() or "\n" in value:
        raise mistake(name, entry, "must be a text of one line")
    return value


def patterns(name: str, entry: str, value: object) -> list[str]:
    """Return the RE2 pattern of each entry of a list of phrases and regexes; ``entry`` names the list in errors."""
    if not isinstance(value, list):
        raise mistake(name, entry, f"must be a list of phrases, not {value!r}")
    places: dict[str, int] = {}
    for index, item in enumerate(value):
        at = f"{entry}[{index}]"
        pattern = _regex(name, at, item["regex"]) if _is_regex(item) else _phrase(name, at, item)
        if pattern in places:
            raise mistake(name, at, f"says the same as {entry}[{places[pattern]}]; drop one")
        places[pattern] = index
    return list(places)


def _is_regex(item: object) -> bool:
    return isinstance(item, dict) and list(item) == ["regex"]


def _phrase(name: str, entry: str, item: object) -> str:
    if not isinstance(item, str):
        raise mistake(name, entry, f"must be a phrase or `regex: …`, not {item!r}; put quotes around a phrase")
    if not item.strip():
        raise mistake(name, entry, "is empty; write a phrase")
    return phrase(item)


def _regex(name: str, entry: str, item: object) -> str:
    if not isinstance(item, str) or not item:
        raise mistake(name, entry, f"must be a regex in quotes, not {item!r}")
    if problem := _fault(item):
        raise mistake(name, entry, f"is no regex that RE2 takes ({problem}); fix it")
    if pc.match_substring_regex(pa.scalar(""), item).as_py():
        raise mistake(name, entry, "matches everything; make it more exact")
    return f"(?:{item})"


def _fault(pattern: str) -> str:
    """Return RE2's complaint about ``pattern``, empty where it takes the pattern."""
    try:
        pc.match_substring_regex(pa.scalar(""), pattern)
    except pa.ArrowInvalid as error:
        return " ".join(str(error).split())
    return ""


def phrase(text: str) -> str:
    r"""Return the RE2 pattern of a plain phrase.

    >>> phrase("can't  do"), phrase("无法")
    ("\\bcan['’]t\\s+do\\b", '无法')
    """
    words = [re.sub("['’]", "['’]", re.escape(word)) for word in text.split()]
    pattern = r"\s+".join(words)
    first, last = text.strip()[0], text.strip()[-1]
    return (r"\b" if _ascii_word(first) else "") + pattern + (r"\b" if _ascii_word(last) else "")


def _ascii_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")  # RE2's \b knows ASCII only


def alternation(parts: Sequence[str]) -> str:
    """Return one RE2 pattern, blind to case, that matches where any of ``parts`` does; of none, one that never does."""
    return f"(?i)(?:{'|'.join(parts)})" if parts else r"[^\s\S]"
