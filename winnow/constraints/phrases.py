"""Constraints on the words of a reply: which must stand in it, how often, where, and which must not."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from winnow.text import language as languages

_CLOSERS = " \t\r\n\"'”’」』）)*_"
_HAN = re.compile(r"[\u3400-\u9fff]")


def _times(text: str, word: str) -> tuple[int, int]:
    """Return how often ``word`` stands in a text: as a whole word, and inside others too.

    >>> _times("Cats and cat", "cat"), _times("猫和小猫", "猫")
    ((1, 2), (2, 2))
    """
    flat, wanted = _folded(text), _folded(word)
    inside = flat.count(wanted)
    if _HAN.search(wanted):
        return inside, inside
    return len(re.findall(rf"(?<!\w){re.escape(wanted)}(?!\w)", flat)), inside


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())


def includes(text: str, language: str, word: str) -> bool:
    """Tell whether ``word`` stands in the text, as a whole word."""
    return _times(text, word)[0] > 0


def includes_times(text: str, language: str, word: str, count: int) -> bool:
    """Tell whether ``word`` stands in the text ``count`` times or more."""
    return _times(text, word)[0] >= count


def excludes(text: str, language: str, word: str) -> bool:
    """Tell whether ``word`` stands nowhere in the text, not even inside another word."""
    return _times(text, word)[1] == 0


def letter_times(text: str, language: str, letter: str, count: int) -> bool:
    """Tell whether a letter stands in the text ``count`` times or more, in either case."""
    return text.casefold().count(letter.casefold()) >= count


def starts_with(text: str, language: str, phrase: str) -> bool:
    """Tell whether the text begins with exactly ``phrase``, and not inside a word."""
    rest = text.lstrip()
    after = rest[len(phrase) : len(phrase) + 1]
    inside = after.isalnum() and phrase[-1:].isalnum() and not _HAN.match(after)
    return rest.startswith(phrase) and not inside


def ends_with(text: str, language: str, phrase: str) -> bool:
    """Tell whether the text ends with exactly ``phrase``; nothing but closing quotation marks may follow."""
    rest = text.rstrip()
    return rest.endswith(phrase) or rest.rstrip(_CLOSERS).endswith(phrase.rstrip(_CLOSERS) or phrase)


def paragraph_starts(text: str, language: str, paragraph: int, word: str) -> bool:
    """Tell whether paragraph number ``paragraph`` (from 1; parted by blank lines) begins with ``word``."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return len(parts) >= paragraph and starts_with(parts[paragraph - 1].lstrip("\"'“‘*#- "), language, word)


def one_of(text: str, language: str, options: str) -> bool:
    """Tell whether the text is one of ``options``, parted by slashes, and nothing else; a full stop may follow."""
    return text.strip().rstrip(".。!！").strip() in [one.strip() for one in options.split("/")]


def in_language(text: str, language: str, name: str) -> bool:
    """Tell whether the text is in the language ``name``, an ISO 639-1 code."""
    import pyarrow as pa

    return bool(languages.identify(pa.array([text])).codes[0] == name)


PHRASES: Mapping[str, Callable[..., bool]] = {
    "includes": includes,
    "includes_times": includes_times,
    "excludes": excludes,
    "letter_times": letter_times,
    "starts_with": starts_with,
    "ends_with": ends_with,
    "paragraph_starts": paragraph_starts,
    "one_of": one_of,
    "in_language": in_language,
}
"""Every check of words, by its name; after text and language it takes the arguments of the constraint."""

ARGUMENTS: Mapping[str, Mapping[str, type]] = {
    "includes": {"word": str},
    "includes_times": {"word": str, "count": int},
    "excludes": {"word": str},
    "letter_times": {"letter": str, "count": int},
    "starts_with": {"phrase": str},
    "ends_with": {"phrase": str},
    "paragraph_starts": {"paragraph": int, "word": str},
    "one_of": {"options": str},
    "in_language": {"name": str},
}
"""The arguments of each check of words, with their types."""
