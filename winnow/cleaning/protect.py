r"""What no rule for prose may touch: code and formulas.

A rule that edits prose asks `protected` for the spans to leave alone and edits through `sub_outside`, so all
rules agree on what code is. Code that stands without a fence has no span of its own to find; `has_bare_code`
says whether a text holds any, and the rules that could break it step back from the whole text.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

Span = tuple[int, int]

# Patterns here and in the rules read any text in linear time: where two parts could share a text, the first keeps it
# (``*+``, ``++``), and what may stay open to the end of the text is closed by `protected`, which looks once.
_SPAN = re.compile(
    r"```.*?(?:```|\Z)"  # a fence; one that never closes runs to the end, as in every Markdown renderer
    r"|^[ \t]*~~~.*?(?:^[ \t]*~~~|\Z)"
    r"|(?<!`)(?P<ticks>`{1,2})(?!`)[^\n]*?[^`\n](?P=ticks)(?!`)"
    r"|\$\$.+?\$\$"
    r"|(?<![\\$\w])\$(?=[^\s$])[^$\n]*[^\s$\\]\$(?!\w)"  # pandoc's rule, so that "$5 and $10" is no formula
    r"|(?P<latex>\\\(|\\\[|\\begin\{(?P<env>\w+\*?)\})",
    re.DOTALL | re.MULTILINE,
)
_LATEX_END = re.compile(r"\\\)|\\\]|\\end\{\w+\*?\}")
_MOST_STEPS = 16
_MAY_HOLD_SPAN = re.compile(r"[`$\\]|~~~")
_FENCE = re.compile(r"```.*?(?:```|\Z)|^[ \t]*~~~.*?(?:^[ \t]*~~~|\Z)", re.DOTALL | re.MULTILINE)

# Syntax that only a program (or a shell, a query, a data file) writes. Prose has brackets, colons and
# semicolons too, so each piece needs more: "import duties rose" and "for (some) people" are not code.
_CODE_LINE = re.compile(
    r"^[ \t]*(?:"
    r"(?:async )?def \w+ ?\(|class \w[^.\n]*[:{]$|import [\w.]+(?: as \w+)?(?:, ?\w+)*;?$"
    r"|from [\w.]+ import "
    r"|#include|#!/|using \w+;|package [\w.]+;"
    r"|(?:public|private|protected|static|const|let|var|final) +\w.*[=({;]"
    r"|(?:int|float|double|char|bool|boolean|void|string|String|long|auto) +\*?\w+ *[=(;\[]"
    r"|function\b.*[({]|(?:if|for|while|switch|else if|elif|foreach) *\(.*\) *[{:]?$"
    r"|(?:if|for|while|elif|else|try|except|with|case)\b[^.?!\n]*:$|return\b[^.\n]*;$|break;|continue;"
    r"|(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE)\b"
    r"|print *\(|console\.log|System\.out|>>> |\$ \w|\w+\(\)[;.]?$|[{}\[\]][,;]?$|//|/\*|<\?php|<!--"
    r"|[A-Za-z_][\w.\[\]'\"]* ?[-+*/|&]?= ?[^=\s].*"
    r"|[\"']?\w+[\"']? ?: ?[\[{\"'].*)",
    re.MULTILINE,
)
# Each begins with a literal, which lets `re` skip ahead; a leading \w would be tried at every letter. Names and
# arguments are bounded, because the next piece may begin inside them.
_CODE_PIECES = (
    re.compile(r"(?:==|!=|<=|>=|\+=|-=|&&|\|\||=>|->|::) *[\w(\"'-]"),
    re.compile(r"\{[ \t]*$", re.MULTILINE),
    re.compile(r"\((?<=\w\()[^()\n]*\);[ \t]*$", re.MULTILINE),
    re.compile(r"\.[a-zA-Z_]\w*+\([^)\n]{0,400}\)"),
    re.compile(r"_\w{1,64}\("),
    re.compile(r"\[(?<=\w\[)(?:i|j|k|n|m|x|0|-1|[ijk] ?[-+] ?1|\d*:\d*)\]"),
)


def protected(text: str) -> list[Span]:
    r"""Return the spans of fenced and inline code and of LaTeX, in order and without overlap.

    >>> [text[a:b] for text in ["run `ls  -l`, pay $5 or $10, $x+y$"] for a, b in protected(text)]
    ['`ls  -l`', '$x+y$']
    >>> protected("```py\nx = 1")  # unclosed: all of it
    [(0, 11)]
    """
    if not _MAY_HOLD_SPAN.search(text):
        return []
    if "\\" not in text:
        return [m.span() for m in _SPAN.finditer(text)]
    last_ends = {m.group(): m.start() for m in _LATEX_END.finditer(text)}
    spans, at = [], 0
    while found := _SPAN.search(text, at):
        start, at = found.span()
        if opener := found["latex"]:
            closer = rf"\end{{{found['env']}}}" if found["env"] else {"\\(": "\\)", "\\[": "\\]"}[opener]
            inside_from = at if found["env"] else at + 1
            if last_ends.get(closer, -1) < inside_from:
                continue  # it never closes
            at = text.index(closer, inside_from) + len(closer)
        spans.append((start, at))
    return spans


def has_bare_code(text: str) -> bool:
    r"""Tell whether a line of the text, outside of any fence, reads as source code.

    >>> has_bare_code("Try this:\nfor (i = 0; i < n; i++) {")
    True
    >>> has_bare_code("First, import the goods; then wait for the class (about an hour).")
    False
    """
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("", text)
    return any(pattern.search(text) for pattern in (*_CODE_PIECES, _CODE_LINE))


def inside(span: Span, spans: Sequence[Span]) -> bool:
    """Tell whether a span overlaps one of the protected spans, which are in order and without overlap."""
    at = bisect_right(spans, span[0], key=lambda one: one[1])
    return at < len(spans) and spans[at][0] < span[1]


def united(spans: Sequence[Span]) -> list[Span]:
    """Return spans in any order as spans in order and without overlap.

    >>> united([(5, 9), (0, 2), (1, 3)])
    [(0, 3), (5, 9)]
    """
    union: list[Span] = []
    for start, end in sorted(spans):
        if union and start < union[-1][1]:
            union[-1] = union[-1][0], max(end, union[-1][1])
        else:
            union.append((start, end))
    return union


def by_line(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, list[Span]]]:
    r"""Yield each line of a text with the spans that it has a part in, counted from its start.

    >>> list(by_line("a `b`\nc", [(2, 5)]))
    [('a `b`', [(2, 5)]), ('c', [])]
    """
    start = first = 0
    for line in text.split("\n"):
        end = start + len(line)
        while first < len(spans) and spans[first][1] <= start:
            first += 1
        local, at = [], first
        while at < len(spans) and spans[at][0] < end:
            local.append((spans[at][0] - start, spans[at][1] - start))
            at += 1
        yield line, local
        start = end + 1


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

    Removing one thing can uncover another ("<b<b>>"), three deep at most in texts that people write. A text that is
    not done after :data:`_MOST_STEPS` was made for that, and stays as it is.
    """
    done = text
    for _ in range(_MOST_STEPS):
        if (changed := step(done)) == done:
            return done
        done = changed
    return text
