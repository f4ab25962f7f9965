"""Text as a page may show it: characters that would act on the page, or cannot be seen, become visible symbols."""

import re
import unicodedata

_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\uffff]")
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u061c\u115f\u1160\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_SYMBOLS = {" ": "·", "\n": "↵\n", "\t": "⇥\t", "\r": "␍", "\xa0": "⍽", "\u3000": "□"}
_SPACES = re.compile(r"(?m)^ +| +$| {2,}")  # where a space is easily overlooked
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
)


def _symbol(match: re.Match[str]) -> str:
    char = match[0]
    if char in _SYMBOLS:
        return _SYMBOLS[char]
    if "\U000e0020" <= char <= "\U000e007e":  # tag characters: hidden ASCII, so name the character
        return f"⟨tag {chr(ord(char) - 0xE0000)}⟩"
    return f"⟨U+{ord(char):04X}⟩"


def plain(text: str) -> str:
    """Return ``text`` with control and direction characters as symbols; tabs and line breaks stay.

    >>> print(plain("a\\u202eb\\x00"))
    a⟨U+202E⟩b⟨U+0000⟩
    """
    return _ACTING.sub(_symbol, text.replace("\r\n", "\n"))


def visible(text: str) -> str:
    """Return ``text`` with all characters that cannot be seen as symbols: for the changed part of an edit.

    >>> print(visible("a\\u200bb\\xa0"))
    a⟨U+200B⟩b⍽
    >>> visible("one  two "), visible("one two")
    ('one··two·', 'one two')
    """
    return _HIDDEN.sub(_symbol, _SPACES.sub(lambda match: "·" * len(match[0]), text))


def cut(text: str, longest: int) -> str:
    """Return the beginning of ``text``, never ending inside a character and its marks.

    >>> cut("abcdef", 3), cut("abc", 3)
    ('abc…', 'abc')
    """
    if len(text) <= longest:
        return text
    end = longest
    while end > 0 and (unicodedata.combining(text[end]) or text[end] in "\u200d\ufe0f" or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end].rstrip() + "…"


def language_of(text: str) -> str:
    """Return the language that the script implies, for the fonts of East Asian text; empty where it implies none.

    >>> language_of("用 Python"), language_of("カタカナ"), language_of("Hello")
    ('zh', 'ja', '')
    """
    return next((code for code, script in _SCRIPTS if script.search(text)), "")


_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def language_tag(code: str | None) -> str:
    """Return ``code`` where it can stand in a ``lang`` attribute, else the empty tag for "unknown".

    >>> language_tag("zh"), language_tag("und"), language_tag('"><b>')
    ('zh', '', '')
    """
    return code if code and code != "und" and _CODE.fullmatch(code) else ""
