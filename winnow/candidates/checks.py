"""Acceptance facts of one candidate, as pure functions of its texts and those of the row that it was rewritten from.

They follow the eliminations of Evol-Instruct (Xu et al. 2023, section 3.2) and the filters of Self-Instruct (Wang et
al. 2023, appendix A), which public code leaves out or applies to English alone. Nothing here counts words by spaces.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

import regex

RUN = 8  # tokens of a run that counts as copied
FEW_NEW = 6  # tokens; a rewrite with as many new ones, or more, changed something
ADDED = {"en": 20, "zh": 40}
"""Tokens that a rewrite may add whatever its length: Evol-Instruct's prompt allows 10 to 20 words."""
SHORT_REPLY = {"en": 80, "zh": 160}
"""Tokens below which a reply that says sorry is an apology (the paper: 80 words)."""

_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]|[\p{L}\p{M}\p{N}_]+(?<![\p{Han}\p{Hiragana}\p{Katakana}])")
_POLITE = frozenset({"please", "kindly", "could", "can", "you", "请", "麻", "烦", "您", "你", "帮", "我", "一", "下"})
_SORRY = re.compile(r"\bsorry\b|\bapologi[sz]e|抱歉|对不起|很遗憾|无法(?:回答|完成|提供)", re.IGNORECASE)
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "from",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "so",
        "that",
        "the",
        "then",
        "there",
        "this",
        "to",
        "was",
        "we",
        "were",
        "with",
        "you",
        "your",
        "me",
        "my",
        "not",
        "no",
        "yes",
        "ok",
        "okay",
        "do",
        "does",
        "did",
        "的",
        "了",
        "是",
        "在",
        "和",
        "与",
        "也",
        "就",
        "都",
        "而",
        "及",
        "或",
        "这",
        "那",
        "有",
        "我",
        "你",
        "他",
        "她",
        "它",
        "们",
        "吗",
        "呢",
        "吧",
        "啊",
    ]
)
_ANSWERS = re.compile(
    r"\s*(?:sure|certainly|of course|absolutely|here (?:is|are)|here's|the answer (?:is|to)|answer\s*:|solution\s*:|"
    r"当然|好的|没问题|以下(?:是|为)|答案(?:是|为|：|:)|答[：:]|解[：:])",
    re.IGNORECASE,
)
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

    A rewrite with :data:`FEW_NEW` new tokens or more is none. Words of courtesy are no change.
    """
    if not one.parent:
        return None
    new = [token for token in tokens(f"{one.instruction}\n{one.input}") if token not in _POLITE]
    old = [token for token in tokens(f"{one.parent}\n{one.parent_input}") if token not in _POLITE]
    added = sum((Counter(new) - Counter(old)).values())
    if added >= FEW_NEW or not new:
        return Found(0.0)
    if added == 0:
        return Found(1.0)
    if len(new) < 2 * RUN:
        return Found(round(1 - added / len(new), 6))
    there = set(_runs(old))
    runs = _runs(new)
    return Found(round(sum(run in there for run in runs) / len(runs), 6))


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
    """Tell whether the reply is short and says that it is sorry."""
    short = len(tokens(one.output)) < SHORT_REPLY.get(one.language, SHORT_REPLY["en"])
    found = _SORRY.search(one.output) if short else None
    asked = found is not None and found[0].lower() in one.instruction.lower()
    return Found(float(found is not None and not asked), found[0] if found and not asked else None)


def no_words(one: Candidate) -> Found:
    """Tell whether the reply holds nothing but punctuation and stop words; "yes", "no" and the like are replies."""
    said = tokens(one.output)
    empty = not any(token not in _STOP for token in said) and not (0 < len(said) <= 2)
    symbols = not said and not any(char.isalnum() for char in one.output)
    return Found(float(empty or symbols))


def language(one: Candidate) -> Found:
    """Tell whether the instruction is in another script than the one asked for: Chinese, or not Chinese."""
    said = tokens(one.instruction)
    chinese = sum("\u4e00" <= token <= "\u9fff" for token in said)
    share = chinese / len(said) if said else 0.0
    wrong = share < 0.2 if one.language == "zh" else share > 0.5
    return Found(float(wrong))


def answers(one: Candidate) -> Found:
    """Tell whether the instruction is an answer: it opens as one, or it is its own reply."""
    opens = _ANSWERS.match(one.instruction)
    same = one.instruction.strip() == one.output.strip()
    return Found(float(bool(opens) or same), opens[0].strip() if opens else None)


def lost_code(one: Candidate) -> Found | None:
    """Measure the share of the parent's code, links and quoted texts, and of its context, that the rewrite lost."""
    if not one.parent:
        return None
    pieces = list(dict.fromkeys(_quoted(one.parent)))
    kept = _flat(f"{one.instruction}\n{one.input}")
    lost = [piece for piece in pieces if _flat(piece) not in kept]
    if one.parent_input:
        pieces.append(one.parent_input)
        if _missing(one.parent_input, f"{one.instruction}\n{one.input}"):
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
    "odd_start": odd_start,
    "long_instruction": long_instruction,
}
"""Every check of one candidate; novelty, a fact of pairs, stands beside them."""
