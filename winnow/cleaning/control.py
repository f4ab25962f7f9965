r"""Characters that control a device or a program and carry no text."""

import re

from winnow.cleaning.evidence import speaks_of
from winnow.cleaning.protect import outside
from winnow.cleaning.row import Row
from winnow.cleaning.structure import json_spans
from winnow.cleaning.tex import AFTER_LINE_BREAK, has_tex, restored

TRIGGER = (
    rf"\t[a-z]|\n(?:{AFTER_LINE_BREAK})\b|"
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\x{2028}\x{2029}\x{feff}\x{fff9}-\x{fffb}\x{fdd0}-\x{fdef}\x{fffe}\x{ffff}]"
)

_LINE_BREAK = re.compile("\r\n|[\r\u0085\u2028\u2029\x0b\x0c]")
# CSI sequences (ECMA-48, 5.4) and operating-system commands such as window titles and links.
_TERMINAL_ESCAPE = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff]")
# Where TeX may have been: which command it was is not known, so the sign stays, and the flag `lost_escapes` is raised.
_LOST = re.compile("[\a\b\v\f](?=[A-Za-z])")
_CONTROL_OR_LOST = re.compile(f"({_LOST.pattern})|{_CONTROL.pattern}")
_LINE_BREAK_OR_LOST = re.compile(f"({_LOST.pattern})|{_LINE_BREAK.pattern}")


def control(text: str, row: Row) -> str:
    r"""Remove control characters, non-characters, byte-order marks; write every line break as "\n".

    >>> from winnow.cleaning.row import alone
    >>> def fixed(text): return control(text, alone(text, "response"))
    >>> fixed("one\r\ntwo\rthree\x00")
    'one\ntwo\nthree'
    >>> fixed("\ufeff\x1b[31mred\x1b[0m")
    'red'

    A vertical tab, a form feed and U+2028 break the line on screen (Word writes them), so they become a line
    break rather than nothing: "a\vb" must not turn into one word. But "\f" before "rac" or "\t" before "imes"
    is TeX read through a string literal; what was lost is known, and it is put back. Where it is not known, in a
    text with TeX, the control character stays for a filter to see.

    >>> fixed("page one\x0cpage two"), fixed("\\(\x0crac{1}{2}\\)"), fixed("\\(\x08foo\\)")
    ('page one\npage two', '\\(\\frac{1}{2}\\)', '\\(\x08foo\\)')

    Tabs and line feeds are text. So is everything visible, and what is invisible but shapes its neighbours
    belongs to `invisible`. Strings of JSON are data, and U+2028 is allowed in them.

    >>> for text in ["a\tb\nc\u200d", '{"a": "b\u2028c"}']:
    ...     assert fixed(text) == text

    U+FFFD, the replacement character, stays: it says that something is missing, and a filter can count it.
    The literal text "\x1b[0m", written with a backslash in an answer on terminals, is text as well.

    >>> fixed("caf\ufffd, \\x1b[0m") == "caf\ufffd, \\x1b[0m"
    True
    """
    changed = outside(_fix, text, json_spans(text))
    return text if changed == text or speaks_of("controls", row.said.asked) else changed


def _fix(text: str) -> str:
    text = _TERMINAL_ESCAPE.sub("", restored(text))
    if _LOST.search(text) and has_tex(text):
        text = _CONTROL_OR_LOST.sub(r"\1", text)
        return _LINE_BREAK_OR_LOST.sub(lambda m: m[1] or "\n", text)
    # Removal can join "\x1b" pieces of nothing else: no escape survives, because "\x1b" itself is removed.
    return _LINE_BREAK.sub("\n", _CONTROL.sub("", text))
