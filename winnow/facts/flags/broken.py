"""Replies that break off where a program sees it: an open code fence, open brackets of JSON or code, half a word."""

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts import vocabulary
from winnow.facts.texts import Texts
from winnow.storage.types import Bools
from winnow.text.columns import byte_lengths, matches

_LAST = 2_000  # characters from the end in which a line of code is looked at
_HALF = 5  # letters of half a word; shorter ones are slang and names as likely as not
_LEAST_PROSE = 80  # bytes; shorter prose may be a title
_JSON = r'^\s*(?:```(?:json)?\s*)?(?:\{\s*["\']|\[\s*(?:\{|\[|["\']|-?\d))'
_OPEN_END = r"[^\s}\])>`.!?。！？;；)）”]\s*$"
_CODE = (
    r"(?m)^[ \t]*(?:def \w+ ?\(|class \w+[(:{ ]|import \w|from \w+ import|#include|public |private |function\b|"
    r"const \w|let \w|"
    r"var \w|for ?\(|while ?\(|if ?\(.*\{|\w+ = [\[{]|for \w+ in .*:|while .*:$|print\(|using |package |SELECT |"
    r"CREATE |INSERT )"
)
_CONTINUES = (
    r"(?i)\b(?:complete|continue|finish|fill|opening|open(?:s|ed)? (?:tag|bracket|brace)|first (?:line|half)|"
    r"beginning|start of|snippet of|"
    r"line of code|emoticon|smiley)\b|续写|补全|填|开头"
)
_PROSE_END = r"(?:^|[.!?,;:] |[a-z] )[a-z]+(?: [a-z'’]+){5,} [a-z]{2,12}\s*$"
_WORD = re.compile(r"([a-z]+)\s*$")
_LETTERED = r"```|https?://|[{}\\|<>=_#@]|\b[a-z]+\([a-z]*\)"


def open_fence(texts: pa.Array) -> Bools:
    r"""Return a mask of the texts that break off in a code fence.

    A text with an odd number of fences that ends in a sentence, or with the fence itself, has lost one elsewhere.

    >>> open_fence(pa.array(["```py\nx = (", "```py\nx = 1\n```", "x = 1\n```", "```x`` is short.", "text"])).tolist()
    [True, False, False, False, False]
    """
    fences = pc.count_substring(texts, "```").to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(fences % 2 == 1)
    breaks_off = np.zeros(len(texts), bool)
    breaks_off[rows] = ~matches(texts.take(pa.array(rows)), r"(?:[.!?。！？:：]|```)\s*$")
    return breaks_off


def open_brackets(texts: Texts) -> Bools:
    """Return a mask of the replies that are JSON or code without a fence and end inside brackets or a string."""
    response = texts.response
    rows = np.flatnonzero(matches(response, _OPEN_END) & ~matches(response, "```"))
    some = response.take(pa.array(rows))
    json, code = matches(some, _JSON), matches(some, _CODE)
    rows, json = rows[json | code], json[json | code]
    kept = ~matches(texts.instruction.take(pa.array(rows)), _CONTINUES)
    rows, json = rows[kept], json[kept]
    found = np.zeros(len(response), bool)
    for row, text, is_json in zip(rows.tolist(), response.take(pa.array(rows)).to_pylist(), json.tolist(), strict=True):
        found[row] = _ends_inside(text) if is_json else _code_ends_inside(text)
    return found


def _ends_inside(text: str) -> bool:
    """Say whether a text of JSON, or of a Python literal, ends inside its first value.

    >>> _ends_inside('{"a": [1, {"b":'), _ends_inside('{"a": 1}'), _ends_inside('["a, "b"]'), _ends_inside('{"a": "x')
    (True, False, False, True)
    """
    quote = '"' if '"' in text else "'"
    depth, inside, escaped, after = 0, False, False, ""
    for sign in text:
        if escaped:
            escaped = False
        elif inside:
            escaped = sign == "\\"
            inside = sign != quote
        elif sign == quote:
            inside = True
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
            if depth <= 0:
                return False  # a value is whole; what follows is another matter
        after = sign
    return depth > 0 and after not in "]}"


def _code_ends_inside(text: str) -> bool:
    r"""Say whether code ends inside brackets of its last line, behind the head of a block, or in a braced statement.

    >>> cut = ("def f(a):\n    out.append(b[j", "if a:\n    b()\nelse:", "function f() {\n  if (a) {\n    return")
    >>> [_code_ends_inside(text) for text in (*cut, "print(')')", "f(a)\n}", "def f():\n    return 1")]
    [True, True, True, False, False, False]
    """
    text = text.rstrip()
    line = text[-_LAST:]
    line = line[line.rfind("\n") + 1 :]
    if re.search(r"^\s*(?:#|//|\*|--)|[.!?] [A-Z]|(?:\b[A-Za-z]+ ){6,}\w+$", line):
        return False  # a comment, or prose behind the code
    bare = _without_strings(line)
    if bare.count("(") + bare.count("[") > bare.count(")") + bare.count("]"):
        return bool(re.search(r"[\w\"'\[(,+*=-]$", line))
    if _BLOCK.fullmatch(line):
        return "\n" in text
    if not re.search(r"[\w,(+=&|*/<>?-]$", line) or not _BRACES.search(text):
        return False
    whole = _without_strings(text)
    return whole.count("{") > whole.count("}")


_BLOCK = re.compile(r"[ \t]*(?:(?:if|for|while|elif|with|def|class)\b.{1,200}|else|try|finally) ?:")
_BRACES = re.compile(
    r"(?m)^[ \t]*(?:function\b|public |private |#include|class \w+[^:\n]*\{|(?:int|void) \w+ ?\(|for ?\(.*\{)"
)


def _without_strings(code: str) -> str:
    bare = re.sub(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", "''", code)
    return re.sub(r"(?m)(?:^|\s)(?:#|//).*$", "", bare)


def half_word(texts: Texts) -> Bools:
    """Return a mask of the English replies that end in the first letters of a word: ``… is very impor``.

    The last word is no known word, and a common one begins with it and goes on for two letters or more.
    """
    rows = np.flatnonzero((texts.response_language == "en") & (byte_lengths(texts.response) >= _LEAST_PROSE))
    rows = rows[matches(texts.response.take(pa.array(rows)), r"[a-z]\s*$")]
    rows = rows[matches(texts.response.take(pa.array(rows)), _PROSE_END)]
    rows = rows[~matches(texts.response.take(pa.array(rows)), _LETTERED)]
    found = np.zeros(len(texts), bool)
    for row, text in zip(rows.tolist(), texts.response.take(pa.array(rows)).to_pylist(), strict=True):
        match = _WORD.search(text)
        found[row] = match is not None and _is_half(match[1], text)
    return found


def _is_half(word: str, text: str) -> bool:
    if len(word) < _HALF or word not in _beginnings() or vocabulary.known(pa.array([word]))[0]:
        return False
    return len(re.findall(rf"(?i)\b{word}\b", text)) == 1


@cache
def _beginnings() -> frozenset[str]:
    """Return the beginnings of listed words that lack two letters or more."""
    words = vocabulary.listed().to_pylist()
    return frozenset(word[:end] for word in words for end in range(_HALF, len(word) - 1))
