r"""Characters that control a device or a program and carry no text."""

import re

TRIGGER = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\x{2028}\x{2029}\x{feff}\x{fff9}-\x{fffb}\x{fdd0}-\x{fdef}\x{fffe}\x{ffff}]"

_LINE_BREAK = re.compile("\r\n|[\r\u0085\u2028\u2029\x0b\x0c]")
# CSI sequences (ECMA-48, 5.4) and operating-system commands such as window titles and links.
_TERMINAL_ESCAPE = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff]")


def control(text: str) -> str:
    r"""Remove control characters, non-characters, byte-order marks; write every line break as "\n".

    >>> control("one\r\ntwo\rthree\x00")
    'one\ntwo\nthree'
    >>> control("\ufeff\x1b[31mred\x1b[0m")
    'red'

    A vertical tab, a form feed and U+2028 break the line on screen (Word writes them), so they become a line
    break rather than nothing: "a\vb" must not turn into one word. But "\f" before "rac" or "\x07" before
    "lpha" is LaTeX read through a string literal ("\frac"); what was lost is known, and it is put back.

    >>> control("page one\x0cpage two"), control("\\(\x0crac{1}{2}\\)")
    ('page one\npage two', '\\(\\frac{1}{2}\\)')

    Tabs and line feeds are text. So is everything visible, and what is invisible but shapes its neighbours
    belongs to `invisible`.

    >>> control("a\tb\nc\u200d") == "a\tb\nc\u200d"
    True

    U+FFFD, the replacement character, stays: it says that something is missing, and a filter can count it.
    The literal text "\x1b[0m", written with a backslash in an answer on terminals, is text as well.

    >>> control("caf\ufffd, \\x1b[0m") == "caf\ufffd, \\x1b[0m"
    True
    """
    text = _LATEX.sub(_restore_latex, text)
    text = _TERMINAL_ESCAPE.sub("", text)
    text = _CONTROL.sub("", text)
    # Removal can join "\x1b" pieces of nothing else: no escape survives, because "\x1b" itself is removed.
    return _LINE_BREAK.sub("\n", text)


# Commands whose first letter, after a backslash, is an escape of JSON and Python.
_LATEX = re.compile("\x0c(?=rac\\{)|\x07(?=lpha\\b)|\x08(?=eta\\b|egin\\{)|\x0b(?=ec\\{)")
_LETTER = {"\x0c": "\\f", "\x07": "\\a", "\x08": "\\b", "\x0b": "\\v"}


def _restore_latex(match: "re.Match[str]") -> str:
    return _LETTER[match.group()]
