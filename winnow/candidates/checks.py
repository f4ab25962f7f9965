"""Acceptance facts of one candidate, as pure functions of its texts and those of the row that it was rewritten from.

They follow the eliminations of Evol-Instruct (Xu et al. 2023, section 3.2) and the filters of Self-Instruct (Wang et
al. 2023, appendix A), which public code leaves out or applies to English alone. Nothing here counts words by spaces.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pyarrow as pa
import regex

from winnow.candidates.asking import asks
from winnow.candidates.words import (
    HANGING,
    NUMBERS,
    OPENS_ANSWER,
    POLITE,
    PROMISE,
    SORRY,
    SORRY_ASKED,
    SPEAKS,
    STOP,
    STRAYED,
)
from winnow.text.dress import request_alone
from winnow.text.language import UNKNOWN, identify

CUT = 15  # tokens of a reply from which its last word is looked at
SURE = 0.8  # probability from which a language is taken to be another one
FEW_NUMBERS = 3  # numbers of an instruction that are its data
RUN = 8  # tokens of a run that counts as copied
FEW_NEW = 6  # tokens; a rewrite with as many new ones, or more, changed something
ADDED = {"en": 20, "zh": 40}
"""Tokens that a rewrite may add whatever its length: Evol-Instruct's prompt allows 10 to 20 words."""
SHORT_REPLY = {"en": 80, "zh": 160}
"""Tokens below which a reply that says sorry is an apology (the paper: 80 words)."""

_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]|[\p{L}\p{M}\p{N}_]+(?<![\p{Han}\p{Hiragana}\p{Katakana}])")
_PIECES = (
    re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL),
    re.compile(r"`([^`\n]{2,})`"),
    re.compile(r"(https?://[^\s<>\"'，。）)]+)"),
    re.compile(r'"([^"\n]{2,})"'),
    re.compile(r"“([^”\n]{2,})”"),
    re.compile(r"[「『《]([^」』》\n]{2,})[」』》]"),
)
_OPENING = frozenset("\"'“‘«「『《〈（([{¿¡`#$€£¥")


class Candidate(NamedTuple):
    """The texts of a candidate, and those of the row that it was rewritten from (empty: none, or a wholly new one)."""

    instruction: str
    input: str
    output: str
    language: str
    depth: int = 1
    parent: str = ""
    parent_input: str = ""
    leaks: tuple[str, ...] = ()
    reasoning: str = ""


class Found(NamedTuple):
    """What a check measured, and the words that show it."""

    value: float
    detail: str | None = None


def tokens(text: str) -> list[str]:
    """Return the mixed tokens of a text: words, and each character of a script without spaces.

    >>> tokens("用 Python 写。"), tokens("It's 3")
    (['用', 'python', '写'], ['it', 's', '3'])
    """
    return [one.lower() for one in _TOKEN.findall(text)]


def leak(one: Candidate) -> Found:
    """Count the words of the prompt that stand in the candidate and not in the row that it was made from."""
    text, own = f"{one.instruction}\n{one.input}".lower(), f"{one.parent}\n{one.parent_input}".lower()
    found = [phrase for phrase in one.leaks if phrase.lower() in text and phrase.lower() not in own]
    return Found(float(len(found)), ", ".join(found) or None)


def no_op(one: Candidate) -> Found | None:
    """Measure how much of a rewrite is its parent: the share of its runs of eight tokens that stand there too.

    A rewrite with :data:`FEW_NEW` new tokens or more is none. Courtesy is no change, nor is one word in the place of
    another.
    """
    if not one.parent:
        return None
    new, old = (
        [token for token in tokens(f"{plain}\n{given}") if token not in POLITE]
        for plain, given in zip(_plain(one.instruction, one.parent), (one.input, one.parent_input), strict=True)
    )
    more, less = Counter(new) - Counter(old), Counter(old) - Counter(new)
    added, gone = sum(more.values()), sum(less.values())
    if added >= FEW_NEW or not new:
        return Found(0.0)
    if added == 0 or (added <= gone and added <= (2 if all(map(_han, more)) else 1)):
        return Found(1.0)
    if len(new) < 2 * RUN:
        return Found(round(1 - added / len(new), 6))
    there = set(_runs(old))
    runs = _runs(new)
    return Found(round(sum(run in there for run in runs) / len(runs), 6))


def _plain(*texts: str) -> list[str]:
    """Return texts without greetings, please and thanks."""
    return [str(text) for text in request_alone(pa.array(texts, pa.string())).to_pylist()]


def _han(token: str) -> bool:
    return "\u4e00" <= token <= "\u9fff"


def _runs(some: list[str]) -> list[tuple[str, ...]]:
    return [tuple(some[at : at + RUN]) for at in range(max(len(some) - RUN + 1, 1))]


def growth(one: Candidate) -> Found | None:
    """Measure how many times as long the instruction is as its parent's, beyond the tokens that a rewrite may add.

    A parent of a few words counts as a quarter of these tokens: three times "Define inflation" is no length.
    """
    if not one.parent:
        return None
    added = ADDED.get(one.language, ADDED["en"])
    old, new = len(tokens(one.parent)), len(tokens(one.instruction))
    return Found(round(max(new - added, 0) / max(old, added // 4), 6))


def depth(one: Candidate) -> Found:
    """Return how often the row was rewritten."""
    return Found(float(one.depth))


def apology(one: Candidate) -> Found:
    """Tell whether the reply is short and says that it is sorry, which nobody asked it to say."""
    short = len(tokens(one.output)) < SHORT_REPLY.get(one.language, SHORT_REPLY["en"])
    found = SORRY.search(one.output) if short and not SORRY_ASKED.search(one.instruction) else None
    return Found(float(found is not None), found[0] if found else None)


def no_words(one: Candidate) -> Found:
    """Tell whether the reply holds only punctuation and stop words, or says "sure, no problem"; "yes" is a reply."""
    said = tokens(one.output)
    empty = not any(token not in STOP for token in said) and not (0 < len(said) <= 2)
    symbols = not said and not any(char.isalnum() for char in one.output)
    return Found(float(empty or symbols or PROMISE.fullmatch(one.output) is not None))


def language(one: Candidate) -> Found:
    """Tell whether the candidate is in another language than the one asked for.

    Its instruction is in another script, or surely in another language; or its reply has a sentence in another script,
    and the instruction speaks of no language, code or title.
    """
    chinese = one.language == "zh"
    share = _chinese(one.instruction)
    if share < 0.2 if chinese else share > 0.5:
        return Found(1.0)
    if one.language == "en":
        found = identify(pa.array([one.instruction], pa.string()))
        code = str(found.codes[0])
        if code not in {"en", UNKNOWN} and found.confidence[0] >= SURE:
            return Found(1.0, code)
    silent = SPEAKS[chinese].search(f"{one.instruction} {one.input}") is None
    strayed = STRAYED[chinese].search(one.output) if silent else None
    return Found(float(strayed is not None), strayed[0][:80] if strayed else None)


def _chinese(text: str) -> float:
    said = tokens(text)
    return sum(map(_han, said)) / len(said) if said else 0.0


def answers(one: Candidate) -> Found:
    """Tell whether the instruction is an answer: it opens as one, is its own reply, or asks for nothing at all."""
    opens = OPENS_ANSWER.match(one.instruction)
    same = one.instruction.strip() == one.output.strip()
    states = not asks(one.instruction, one.language) and (not one.parent or asks(one.parent, one.language))
    return Found(float(bool(opens) or same or states), opens[0].strip() if opens else None)


def cut_end(one: Candidate) -> Found:
    """Tell whether the reply ends without a stop on a word that another one must follow."""
    found = HANGING.search(one.output.rstrip()) if len(tokens(one.output)) >= CUT else None
    return Found(float(found is not None), found[0].strip() if found else None)


def lost_code(one: Candidate) -> Found | None:
    """Measure the share of the parent's code, links, quoted texts, numbers and context that the rewrite lost.

    A quotation in the place of another one loses nothing. Numbers are a piece where there are three or more.
    """
    if not one.parent:
        return None
    text = f"{one.instruction}\n{one.input}"
    pieces, kept = list(dict.fromkeys(_quoted(one.parent))), _flat(text)
    lost = [piece for piece in pieces if _flat(piece) not in kept]
    lost = lost[: max(len(pieces) - len(set(_quoted(text))), 0)]
    numbers = NUMBERS.findall(one.parent)
    if len(numbers) >= FEW_NUMBERS:
        pieces.append(", ".join(numbers))
        if 2 * len(NUMBERS.findall(text)) < len(numbers):
            lost.append(pieces[-1])
    if one.parent_input:
        pieces.append(one.parent_input)
        if _missing(one.parent_input, text):
            lost.append(one.parent_input)
    return Found(round(len(lost) / len(pieces), 6) if pieces else 0.0, lost[0][:80] if lost else None)


def _quoted(text: str) -> list[str]:
    return [piece.strip() for pattern in _PIECES for piece in pattern.findall(text) if len(piece.strip()) > 1]


def _flat(text: str) -> str:
    return "".join(text.split()).lower()


def _missing(context: str, text: str) -> bool:
    """Say whether less than half of the tokens of a context are in a text."""
    old = Counter(tokens(context))
    return 2 * sum((old & Counter(tokens(text))).values()) < sum(old.values())


def colon_end(one: Candidate) -> Found:
    """Tell whether the reply ends with a colon: what it announces is missing."""
    return Found(float(one.output.rstrip().endswith((":", "："))))


def odd_start(one: Candidate) -> Found:
    """Tell whether the instruction begins with a sign that opens no sentence. Chinese characters are none."""
    first = one.instruction.lstrip()[:1]
    return Found(float(bool(first) and first not in _OPENING and unicodedata.category(first)[0] in "PSZC"))


def long_instruction(one: Candidate) -> Found:
    """Count the tokens of the instruction; a Chinese character is half a word."""
    said = tokens(one.instruction)
    return Found(sum(0.5 if "\u4e00" <= token <= "\u9fff" else 1.0 for token in said))


CHECKS: Mapping[str, Callable[[Candidate], Found | None]] = {
    "leak": leak,
    "no_op": no_op,
    "growth": growth,
    "depth": depth,
    "apology": apology,
    "no_words": no_words,
    "language": language,
    "answers": answers,
    "lost_code": lost_code,
    "colon_end": colon_end,
    "cut_end": cut_end,
    "odd_start": odd_start,
    "long_instruction": long_instruction,
}
"""Every check of one candidate; novelty, a fact of pairs, stands beside them."""
