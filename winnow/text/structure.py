r"""What a text holds beside prose: code, mathematics, tables, lists, addresses.

Patterns are in RE2's syntax and look for evidence, not for proof. ``\b``, ``\d``, ``\w`` are ASCII only there.
"""

import pyarrow as pa

from winnow.storage.types import Bools, Ints
from winnow.text.columns import counts, matches

_CODE = (
    r"^[ \t]*(?:```|~~~)",
    r"^[ \t]*(?:def \w+ ?\(.*\).*:|class \w+(?:\(.*\))?:|class \w+.*\{|elif .*:$|except\b.*:$)",
    r"^[ \t]*(?:import [\w.]+(?: as \w+)?;?|from [\w.]+ import .+)$",
    r"^[ \t]*(?:#include ?[<\"]|#define \w|#!/|using namespace |package [\w.]+;)",
    r"^[ \t]*(?:public|private|protected|static) [\w<>\[\], ]+[({]",
    r"\bfunction ?\w* ?\([^)\n]*\) ?\{|=> ?\{",
    r"^[ \t]*(?:const|let|var) [\w{}, ]+ ?= ?\S",
    r"^[ \t]*(?:for|while|if|else if|switch) ?\(.+\) ?\{|^[ \t]*\}? ?else ?\{",
    r"^[ \t]*for \w+(?:, ?\w+)* in .+:$|^[ \t]*while .+:$",
    r"\b(?:print|printf|println|console\.log|System\.out\.\w+|input|len|range|malloc)\([^)\n]",
    r"\b(?:SELECT\s[^;]+?\sFROM|INSERT INTO|DELETE FROM|CREATE TABLE|ALTER TABLE|DROP TABLE|UPDATE \w+ SET)\s",
    r"<(?:!DOCTYPE|html|head|body|div|span|table|script|style|ul|ol|li|p|h[1-6]|form|a href|img src)\b[^>\n]*>",
    r"</(?:html|head|body|div|span|table|script|style|ul|ol|li|p|h[1-6]|form|a)>|<\?(?:php|xml)\b",
    r"^[ \t]*\w[\w.\[\]]* ?[-+*/]?= ?\w[\w.]*\(.*\);?$",
    r"^[ \t]*[\w.]+\(.*\);$|^[ \t]*\w.* ?= ?.+;$",
    r"^[ \t]*return\b.*;$|^[ \t]*return [\w.()\[\], +*/-]+$",
    r"^[ \t]*[.#]?\w[\w -]*\{\s*[\w-]+: ?[^;{}]+;",
    r"^[ \t]*\$ ?(?:sudo|pip|npm|git|cd|ls|docker|curl)\b|^[ \t]*(?:sudo apt|pip install|npm install|git clone) ",
)
_NUMBER = r"(?:\d[\d.,]*|\b[A-Za-z])"
_LATEX = (
    r"\\(?:frac|sqrt|sum|int|prod|lim|times|cdot|leq?|geq?|neq|pm|infty|alpha|beta|theta|pi|begin|left|mathbb|text)\b",
    r"\\\(|\\\[|\$\$",
    r"\$[^$\n]*[\\^_=][^$\n]*\$",
)
_EQUATION = (
    rf"(?:{_NUMBER}|[)²³])%? ?[-+*/×÷·^−] ?(?:{_NUMBER}|\()[^=\n]{{0,60}}= ?[-−$£€]?(?:{_NUMBER}|[(√])",
    rf"(?:{_NUMBER}|[)²³]) ?= ?[-−(√]{{0,2}}(?:{_NUMBER}|\()[^=\n]{{0,60}}?[)²³]? ?[+*/×÷·^−-] ?(?:{_NUMBER}|[(√])",
    r"[∑∫∏√∂∇∞≤≥≠≈∈∉⊂⊆∪∩∀∃]|[A-Za-z\d)][²³⁴]|\b[a-z]\^\d",
)
_TABLE = (
    r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:[|+][ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$",
    r"^[ \t]*\|.*\|.*\|[ \t]*\n[ \t]*\|.*\|.*\|[ \t]*$",
    r"^[^|\n]+\|[^|\n]+(?:\|[^\n]*)?\n[^|\n]+\|[^|\n]+(?:\|[^\n]*)?\n[^|\n]+\|",
    r"^ *[^\s][^\t\n]*\t+[^\t\n]+.*\n *[^\s][^\t\n]*\t+[^\t\n]",
    r"^\S.* {3,}\S.*\n\S.* {3,}\S.*\n\S.* {3,}\S",
)
_ITEM = (
    r"(?m)^[ \t]*(?:[-*+–—•·●○▪◦‣➢✓] +[^-*+=\s]|[-–—•·●○▪◦‣➢✓][^-*+=\s\d.,>]"
    r"|\(?\d{1,3}[.)][ \t]+\S|[(（]?\d{1,3}[.、．)）][ \t]*\p{Han}"
    r"|[①-⑳]|[(（]?[一二三四五六七八九十]{1,3}[、)）]|\(?[A-Za-z][.)][ \t]+\S)"
)
_URL = r"(?i)\b(?:https?|ftp)://[^\s/]|\bwww\.[\w-]+\.[a-z]"
_LIST_ITEMS = 2


def _any(*patterns: str) -> str:
    return "(?m)" + "|".join(f"(?:{pattern})" for pattern in patterns)


def has_code(texts: pa.Array) -> Bools:
    r"""Return a mask of the texts that hold lines of a programming, markup or query language, in a fence or not.

    >>> has_code(pa.array(["x\n```\ny\n```", "def f(x):\n    return x", "Let it be, for a while."])).tolist()
    [True, True, False]
    """
    return matches(texts, _any(*_CODE))


def has_math(texts: pa.Array, code: Bools) -> Bools:
    r"""Return a mask of the texts that hold LaTeX, mathematical signs or an equation with an operation.

    In a text with ``code`` only LaTeX counts: ``x = y + 1`` is a statement there.

    >>> texts = pa.array(["2 + 3 = 5", "$x^2$", "It cost $5, then $6.", "x = 1"])
    >>> has_math(texts, has_code(texts)).tolist()
    [True, True, False, False]
    """
    return matches(texts, _any(*_LATEX)) | (matches(texts, _any(*_EQUATION)) & ~code)


def has_table(texts: pa.Array) -> Bools:
    r"""Return a mask of the texts that hold a table: Markdown, or columns cut by bars, tabs or three spaces.

    >>> has_table(pa.array(["|a|b|\n|--|--|\n|1|2|", "a\tb\n1\t2", "a | b"])).tolist()
    [True, True, False]
    """
    return matches(texts, _any(*_TABLE))


def list_items(texts: pa.Array) -> Ints:
    r"""Return the number of lines of each text that begin with a bullet, a number or a letter of a list.

    >>> list_items(pa.array(["- a\n- b", "1. a\n2) b", "一、甲\n2.乙", "1.5 kg\n-5", "---"])).tolist()
    [2, 2, 2, 0, 0]
    """
    return counts(texts, _ITEM)


def has_list(items: Ints) -> Bools:
    """Return a mask of the texts with a list, of two items or more."""
    return items >= _LIST_ITEMS


def has_url(texts: pa.Array) -> Bools:
    """Return a mask of the texts that hold a web address.

    >>> has_url(pa.array(["see https://a.org", "www.a.org", "a.org"])).tolist()
    [True, True, False]
    """
    return matches(texts, _URL)
