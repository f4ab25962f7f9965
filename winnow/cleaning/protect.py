r"""What no rule for prose may touch: code and formulas.

A rule that edits prose asks `protected` for the spans to leave alone and edits through `sub_outside`, so all
rules agree on what code is. Code that stands without a fence has no span of its own to find; `has_bare_code`
says whether a text holds any, and the rules that could break it step back from the whole text.
"""

import re
from collections.abc import Callable, Sequence

Span = tuple[int, int]

_SPAN = re.compile(
    r"```.*?(?:```|\Z)"  # a fence; one that never closes runs to the end, as in every Markdown renderer
    r"|^[ \t]*~~~.*?(?:^[ \t]*~~~|\Z)"
    r"|(?<!`)(?P<ticks>`{1,2})(?!`)[^\n]*?[^`\n](?P=ticks)(?!`)"
    r"|\$\$.+?\$\$"
    r"|(?<![\\$\w])\$(?=[^\s$])[^$\n]*[^\s$\\]\$(?!\w)"  # pandoc's rule, so that "$5 and $10" is no formula
    r"|\\\(.+?\\\)|\\\[.+?\\\]"
    r"|\\begin\{(?P<env>\w+\*?)\}.*?\\end\{(?P=env)\}",
    re.DOTALL | re.MULTILINE,
)
_MAY_HOLD_SPAN = re.compile(r"[`$\\]|~~~")
_FENCE = re.compile(r"```.*?(?:```|\Z)|^[ \t]*~~~.*?(?:^[ \t]*~~~|\Z)", re.DOTALL | re.MULTILINE)

# Syntax that only a program (or a shell, a query, a data file) writes. Prose has brackets, colons and
# semicolons too, so each piece needs more: "import duties rose" and "for (some) people" are not code.
_CODE_LINE = re.compile(
    r"^[ \t]*(?:"
    r"(?:async )?def \w+ ?\(|class \w+[^.\n]*[:{]$|import [\w.]+(?: as \w+)?(?:, ?\w+)*;?$"
    r"|from [\w.]+ import "
    r"|#include|#!/|using \w+;|package [\w.]+;"
    r"|(?:public|private|protected|static|const|let|var|final) +\w+.*[=({;]"
    r"|(?:int|float|double|char|bool|boolean|void|string|String|long|auto) +\*?\w+ *[=(;\[]"
    r"|function\b.*[({]|(?:if|for|while|switch|else if|elif|foreach) *\(.*\) *[{:]?$"
    r"|(?:if|for|while|elif|else|try|except|with|case)\b[^.?!\n]*:$|return\b[^.\n]*;$|break;|continue;"
    r"|(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE)\b"
    r"|print *\(|console\.log|System\.out|>>> |\$ \w|\w+\(\)[;.]?$|[{}\[\]][,;]?$|//|/\*|<\?php|<!--"
    r"|[A-Za-z_][\w.\[\]'\"]* ?[-+*/|&]?= ?[^=\s].*"
    r"|[\"']?\w+[\"']? ?: ?[\[{\"'].*)",
    re.MULTILINE,
)
# Each begins with a literal, which lets `re` skip ahead; a leading \w would be tried at every letter.
_CODE_PIECES = (
    re.compile(r"(?:==|!=|<=|>=|\+=|-=|&&|\|\||=>|->|::) *[\w(\"'-]"),
    re.compile(r"\{[ \t]*$", re.MULTILINE),
    re.compile(r"\((?<=\w\()[^()\n]*\);[ \t]*$", re.MULTILINE),
    re.compile(r"\.[a-zA-Z_]\w*\([^)\n]*\)"),
    re.compile(r"_\w+\("),
    re.compile(r"\[(?<=\w\[)(?:i|j|k|n|m|x|0|-1|[ijk] ?[-+] ?1|\d*:\d*)\]"),
)


def protected(text: str) -> list[Span]:
    r"""Spans of fenced and inline code and of LaTeX, in order and without overlap.

    >>> [text[a:b] for text in ["run `ls  -l`, pay $5 or $10, $x+y$"] for a, b in protected(text)]
    ['`ls  -l`', '$x+y$']
    >>> protected("```py\nx = 1")  # unclosed: all of it
    [(0, 11)]
    """
    return [m.span() for m in _SPAN.finditer(text)] if _MAY_HOLD_SPAN.search(text) else []


def has_bare_code(text: str) -> bool:
    r"""Whether a line of the text, outside of any fence, reads as source code.

    >>> has_bare_code("Try this:\nfor (i = 0; i < n; i++) {")
    True
    >>> has_bare_code("First, import the goods; then wait for the class (about an hour).")
    False
    """
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("", text)
    return any(pattern.search(text) for pattern in (*_CODE_PIECES, _CODE_LINE))


def inside(span: Span, spans: Sequence[Span]) -> bool:
    """Whether a span overlaps one of the protected spans."""
    start, end = span
    return any(a < end and start < b for a, b in spans)


def sub_outside(
    pattern: "re.Pattern[str]", repl: str | Callable[["re.Match[str]"], str], text: str, spans: Sequence[Span]
) -> str:
    """`pattern.sub`, except for matches that overlap a protected span.

    The pattern still sees the whole text, so look-behind and look-ahead work across a span's border; cutting
    the text into pieces would make the `[1]` in "`f`[1]" look like the start of a line.
    """
    if not spans:
        return pattern.sub(repl, text)
    replace = m_expand(repl) if isinstance(repl, str) else repl
    return pattern.sub(lambda m: m.group() if inside(m.span(), spans) else replace(m), text)


def m_expand(template: str) -> Callable[["re.Match[str]"], str]:
    """Return a replacement function for a replacement template."""
    return lambda m: m.expand(template)


def until_stable(step: Callable[[str], str], text: str) -> str:
    """Apply `step` until it changes nothing, which makes a rule idempotent by construction.

    Removing one thing can uncover another ("<b<b>>"). Every step used here shortens the text or lowers the
    number of characters that it acts on, so the loop ends.
    """
    while (changed := step(text)) != text:
        text = changed
    return text
