"""Lists that are to be sorted, and whether the reply has the same items in that order."""

import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction

_NUM = r"[-−]?\d[\d,]*(?:\.\d+)?"
_ASKED = re.compile(
    r"(?i)(?:please )?(?:sort|arrange|order|put|list|rank|organi[sz]e|请?(?:将|把|对)?)(?: the| this| these|"
    r" following| given| list| array|"
    r" set| group| series| sequence| of| numbers?| integers?| words?| names?| items?| elements?| values?| by| value|"
    r"以下|下列|下面|给定|这些|的|数字|列表|单词|数)*"
    r",? ?(?P<how>(?:(?:in|into|by|from|按照?|进行|"
    r"从) ?)?(?:the )?[a-z小大升降字母顺序到至排列序 ]{3,45}?)(?:[.:：。,，]|(?= ?[\[(\d-]))"
    r"(?: (?:numbers|list|words|input|order|数字|列表)[:：])?\s*[\[(]?(?P<list>[^\[\]():\n?？]{3,300})[\])]?[.。]?"
)
_UP = re.compile(
    r"(?i)ascending|increasing|smallest to (?:the )?(?:largest|biggest|greatest)|least to greatest|lowest to highest|"
    r"升序|从小到大|由小到大"
)
_DOWN = re.compile(
    r"(?i)descending|decreasing|largest to (?:the )?smallest|greatest to least|highest to lowest|biggest to smallest|"
    r"降序|从大到小|由大到小"
)
_ALPHABETICAL = re.compile(r"(?i)alphabetic|字母顺序")
_OTHER = re.compile(
    r"(?i)non[- ]?(?:de|in)creas|reverse|length|unless|then|odd|even|except|and then|by dates?|dates|absolute|unique|"
    r"last name|surname|倒|反"
)
_BETWEEN = re.compile(r"\s*(?:[,;、，；\n]|\band\b|\s<\s|\s>\s|\s→\s|\s->\s)\s*(?:and\s+)?")


def wrong_order(asked: str, reply: str) -> bool:
    """Say whether ``reply`` is a list with items other than ``asked`` wants sorted, or in another order.

    >>> asked = "Sort the following numbers in ascending order. 4, 9, 2"
    >>> wrong_order(asked, "2, 4, 9"), wrong_order(asked, "2, 9, 4"), wrong_order(asked, "Two first.")
    (False, True, False)
    """
    match = _ASKED.fullmatch(" ".join(asked.split()))
    if match is None or _OTHER.search(asked):
        return False
    ups, downs, letters = (bool(pattern.search(match["how"])) for pattern in (_UP, _DOWN, _ALPHABETICAL))
    if ups + downs != 1 and not letters:
        return False
    given, said = _items(match["list"]), _items(re.sub(r"^[^:：\n\d]{0,80}[:：]\s*", "", reply.strip()))
    if len(given) < 3 or len(said) < 2:
        return False
    if letters and not any(_numeric(given)):
        return len(said) == len(given) and _wrong_words(given, said, downs)
    if letters or not all(_numeric(given)) or not all(_numeric(said)):
        return False
    return [_value(one) for one in said] != sorted(map(_value, given), reverse=downs)


def _items(text: str) -> list[str]:
    parts = [one.strip(" \t.[]()。'\"“”‘’") for one in _BETWEEN.split(text.strip().strip("[]()."))]
    if len(parts) == 1:
        parts = text.split()
    return [one for one in parts if one]


def _numeric(items: list[str]) -> list[bool]:
    return [bool(re.fullmatch(_NUM, one)) for one in items]


def _value(text: str) -> Fraction:
    return Fraction(text.replace(",", "").replace("−", "-"))


def _plain(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum() or sign == " ")


_KEYS: tuple[Callable[[str], str], ...] = (
    _plain,
    lambda text: _plain(text).replace(" ", ""),
    lambda text: text,
    lambda text: re.sub(r"^(?:the|an?) ", "", _plain(text)),
)


def _wrong_words(given: list[str], said: list[str], down: bool) -> bool:
    """Say whether the words are the same and stand in no order that some way of comparing gives."""
    if any(not re.fullmatch(r"[A-Za-z][A-Za-z' -]{0,40}", one) for one in given + said):
        return False
    if sorted(map(_plain, given)) != sorted(map(_plain, said)):
        return False
    last = [one.split()[-1].casefold() for one in said]
    ways = [[key(one) for one in said] for key in _KEYS] + [last]
    return all(keys != sorted(keys, reverse=down) for keys in ways)
