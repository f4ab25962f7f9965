"""The numbers that a reply holds, and whether one of them is the right one, however it was rounded or written."""

import re
from fractions import Fraction
from typing import NamedTuple

_NUMBER = re.compile(
    r"(?P<sign>[-−–]\s?)?(?:(?P<whole>\d+)\s+(?P<part>\d+)\s?/\s?(?P<of>\d+)|(?P<top>\d+)\s?/\s?(?P<bottom>\d+)"
    r"|(?P<number>\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:\s?(?:[eE]|"
    r"[x×*]\s?10\^?)\s?(?P<power>-?\d{1,2}))?)"
)
_NAMES = (
    "zero,零 one,一 two,二,两 three,三 four,四 five,五 six,六 seven,七 eight,八 nine,九 ten,十 eleven,十一 twelve,十二 "
    "thirteen,十三 fourteen,十四 fifteen,十五 sixteen,十六 seventeen,十七 eighteen,十八 nineteen,十九 twenty,二十"
)
_WORDS = {name: value for value, names in enumerate(_NAMES.split()) for name in names.split(",")}
_ENGLISH = re.compile(rf"(?i)\b(?:{'|'.join(name for name in _WORDS if name.isascii())})\b")
_CHINESE = re.compile("[零一二两三四五六七八九十]+")
UNREADABLE = re.compile(
    r"(?i)√|\\frac|\\sqrt|π|\bpi\b|sqrt|infinit|undefined|remainder|\br\.? ?\d|\b(?:hundred|thousand|million|billion|"
    r"trillion|dozen|half|quarter|third|thirds|none|no)\b|[百千万亿兆半余无∞]"
)
"""Signs that a number may stand in the reply in a form that is not read here."""


class Value(NamedTuple):
    """A number and the size of the last digit that was written: 1 of ``12``, 0.01 of ``0.33``."""

    number: Fraction
    step: Fraction


def values(text: str) -> list[Value]:
    """Return the numbers of ``text``, words up to twenty among them; of ``3/4`` and ``1 3/4`` the fraction.

    >>> [float(one.number) for one in values("1,200 and 1 1/2 or -3, that is two")]
    [1200.0, 1.5, -3.0, 2.0]
    """
    found = [one for match in _NUMBER.finditer(text) for one in _read(match)]
    words = [match[0].lower() for pattern in (_ENGLISH, _CHINESE) for match in pattern.finditer(text)]
    return found + [Value(Fraction(_WORDS[word]), Fraction(1)) for word in words if word in _WORDS]


def _read(match: re.Match[str]) -> list[Value]:
    exact = Fraction(1, 10**9)
    sign = -1 if match["sign"] else 1
    if match["whole"]:
        of = int(match["of"])
        return [Value(sign * (int(match["whole"]) + Fraction(int(match["part"]), of)), exact)] if of else []
    if match["top"]:
        bottom = int(match["bottom"])
        return [Value(sign * Fraction(int(match["top"]), bottom), exact)] if bottom else []
    written = match["number"].replace(",", "").replace("，", "")
    power = Fraction(10) ** int(match["power"] or 0)
    return [Value(sign * Fraction(written) * power, power / 10 ** len(written.partition(".")[2]))]


def holds(text: str, right: Fraction, near: Fraction = Fraction(0)) -> bool:
    """Say whether a number of ``text`` is ``right``: rounded or cut off at any digit, of either sign, as a per cent.

    ``near`` is a share by which it may miss: factors of units are rounded too.

    >>> holds("It is 0.33.", Fraction(1, 3)), holds("33.3 %", Fraction(1, 3)), holds("3", Fraction(4))
    (True, True, False)
    """
    for value in values(text):
        for scale in (1, 100):
            wanted = abs(right) * scale
            if abs(abs(value.number) - wanted) < max(value.step, near * wanted) or abs(value.number) == wanted:
                return True
    return False
