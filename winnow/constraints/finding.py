"""Which constraints a reply meets already, and so could have been asked for (RECAST: correct by construction).

An offer is only made where it says something: a bound near the count, a word that the reply is about. How common it is
among replies to the same kind of task is :mod:`winnow.constraints.shares`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa

from winnow.constraints.check import COUNT
from winnow.constraints.kinds import LADDER, Kind, Range, Values
from winnow.constraints.measures import MEASURES, ZH, Counts
from winnow.constraints.phrases import includes_times

ENOUGH = {"en": 20, "zh": 40}
"""Words, or Chinese characters, from which it says something that a reply lacks a sign."""
NEAR = 0.7
"""Share of a bound that the count must reach: a reply of 20 words is not asked to stay below 100."""
_WORD = re.compile(r"(?<![\w'’.-])[a-z]{5,14}(?![\w'’-])")
_TERM = re.compile(r"(?:(?<=[，。、：；！？“”（）\n])|(?<=[和与]))([\u3400-\u9fff]{2,4})(?=[，。、：；！？“”（）\n])")
"""A Chinese term between signs: words are not parted by spaces, and a guess would cut them."""
_PLAIN = """
about above across after again against almost along already although always among another around because before being
below between cannot could doing during either every first found given gives going great having however include includes
including itself large likely makes making maybe might never number often other others ourselves perhaps please quite
really right several should since small some something sometimes still their theirs them themselves there therefore
these thing things those though through today together towards under unless until using various very well were where
whether which while whole whose within without would years yourself important different people provide provides help
helps make many most such following example examples
"""
_STOPPED = frozenset(_PLAIN.split())
Arguments = Mapping[str, Any]
Offer = tuple[Kind, Arguments]


def offers(kinds: Iterable[Kind], prompts: list[str], texts: pa.Array, language: str) -> list[list[Offer]]:
    """Return for each reply the constraints that it meets and that say something, in the order of ``kinds``.

    ``prompts`` are what was asked, for words that would only repeat it.
    """
    found: list[list[Offer]] = [[] for _ in prompts]
    counted = {name: MEASURES[name](texts, language) for name in ("length", "sentences")}
    said, sentences = counted["length"].low.tolist(), counted["sentences"].low.tolist()
    replies = texts.to_pylist()
    for kind in kinds:
        if language not in kind.languages:
            continue
        if finder := FINDERS.get(kind.check):
            for row, (prompt, reply) in enumerate(zip(prompts, replies, strict=True)):
                if (arguments := finder(kind, prompt, reply, language)) is not None:
                    found[row].append((kind, arguments))
            continue
        relation, _, measure = kind.check.partition(" ")
        if measure not in MEASURES:
            continue
        if measure not in counted:
            counted[measure] = MEASURES[measure](texts, language)
        for row, arguments in _counted(kind, relation, counted[measure]):
            if _worth(relation, measure, said[row], sentences[row], language):
                found[row].append((kind, arguments))
    return found


def _worth(relation: str, measure: str, length: int, sentences: int, language: str) -> bool:
    """Say whether a reply is long enough for a constraint to say something of it.

    That a word or two hold no comma is no wonder, nor that a single sentence is no longer than itself.
    """
    if relation == "no":
        return length >= ENOUGH[language]
    if measure in ("lower_case", "upper_case"):
        return length >= ENOUGH[language] / 2
    return measure != "longest_sentence" or sentences > 1


def _counted(kind: Kind, relation: str, found: Counts) -> Iterable[tuple[int, Arguments]]:
    """Yield the rows for which a counted constraint may be offered, with its arguments."""
    low, high = found.low.tolist(), found.high.tolist()
    if relation in ("some", "no"):
        for row, (least, most) in enumerate(zip(low, high, strict=True)):
            if (least > 0) if relation == "some" else (most == 0):
                yield row, {}
        return
    span = kind.arguments[COUNT]
    assert isinstance(span, Range)
    for row, (least, most) in enumerate(zip(low, high, strict=True)):
        count = _bound(relation, least, most)
        if count is not None and span.low <= count <= span.high:
            yield row, {COUNT: count}


def _bound(relation: str, low: int, high: int) -> int | None:
    """Return the count that would be asked for.

    >>> _bound("at_most", 41, 43), _bound("at_least", 41, 43), _bound("exactly", 3, 3), _bound("exactly", 3, 4)
    (50, 40, 3, None)
    """
    if relation == "exactly":
        return low if low == high else None
    if relation == "at_most":
        at = bisect_left(LADDER, high)
        bound = LADDER[at] if at < len(LADDER) else None
        return bound if bound and low >= NEAR * bound else None
    at = bisect_right(LADDER, low) - 1
    return LADDER[at] if at >= 0 and LADDER[at] >= NEAR * high else None


def _keyword(kind: Kind, prompt: str, reply: str, language: str) -> Arguments | None:
    """Offer a word of the reply that the prompt does not have: the longest, then the first of the alphabet."""
    word = _content(prompt, reply, language, 1)
    return {"word": word} if word else None


def _repeated(kind: Kind, prompt: str, reply: str, language: str) -> Arguments | None:
    """Offer a word that the reply has two to five times."""
    span = kind.arguments[COUNT]
    assert isinstance(span, Range)
    for count in range(min(span.high, 4), span.low - 1, -1):
        if (word := _content(prompt, reply, language, count)) and includes_times(reply, language, word, count):
            return {"word": word, COUNT: count}
    return None


def _content(prompt: str, reply: str, language: str, times: int) -> str | None:
    """Return a word of substance that stands in the reply ``times`` times or more and not in the prompt."""
    words = (_TERM if language == ZH else _WORD).findall(reply)
    asked = prompt.lower()
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    fit = [one for one, count in counts.items() if count >= times and one not in _STOPPED and one[:5] not in asked]
    return max(fit, key=lambda word: (min(len(word), 9), word)) if fit else None


def _opening(kind: Kind, prompt: str, reply: str, language: str) -> Arguments | None:
    """Offer the opening words up to their comma, where they are few: "Once upon a time,"."""
    pattern = r"[\u3400-\u9fff]{2,8}，" if language == ZH else r"[A-Z][a-z]+(?: [A-Za-z']+){0,4},"
    match = re.match(pattern, reply)
    if (
        match is None
        or len(reply) <= 3 * len(match[0])
        or re.search(r"(?i)sorry|unfortunately|\bAI\b|language model|抱歉|遗憾|人工智能", match[0])
    ):
        return None
    return {"phrase": match[0]}


def _ending(kind: Kind, prompt: str, reply: str, language: str) -> Arguments | None:
    """Offer the last sentence, where it is short and others stand before it."""
    if language == ZH:
        match = re.search(r"[。！？]([\u3400-\u9fff，]{4,14}[。！？])$", reply)
    else:
        match = re.search(r"[.!?] ([A-Z][A-Za-z' ,]{8,50}[.!?])$", reply)
        if match and not 3 <= len(match[1].split()) <= 8:
            match = None
    return {"phrase": match[1]} if match else None


def _later_paragraph(kind: Kind, prompt: str, reply: str, language: str) -> Arguments | None:
    """Offer a paragraph after the first that begins with one of the words that the kind lists."""
    span, words = kind.arguments["paragraph"], kind.arguments["word"]
    assert isinstance(span, Range)
    assert isinstance(words, Values)
    parts = [part.strip() for part in re.split(r"\n[ \t]*\n", reply.strip())]
    for number in range(span.low, min(span.high, len(parts)) + 1):
        for word in words.by_language.get(language, ()):
            after = parts[number - 1][len(word) : len(word) + 1]
            if parts[number - 1].startswith(word) and not (after.isascii() and after.isalnum()):
                return {"paragraph": number, "word": word}
    return None


FINDERS: Mapping[str, Callable[[Kind, str, str, str], Arguments | None]] = {
    "includes": _keyword,
    "includes_times": _repeated,
    "starts_with": _opening,
    "ends_with": _ending,
    "paragraph_starts": _later_paragraph,
}
"""By check of words what finds its arguments in a reply; the others are never offered."""


def tokens_of(arguments: Arguments) -> list[str]:
    """Return the texts among the arguments, whose words a reply that meets the constraint must have.

    >>> tokens_of({"word": "rain", "count": 2})
    ['rain']
    """
    return [value for value in arguments.values() if isinstance(value, str)]
