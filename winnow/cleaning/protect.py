r"""What no rule for prose may touch: code, formulas, JSON, tables, diffs.

A rule that edits prose asks `protected` for the spans to leave alone and edits through `sub_outside`, so all
rules agree on what code is. Code that stands without a fence has no span of its own to find; `has_bare_code` of
winnow/cleaning/code.py says whether a text holds any, and the rules that could break it step back from the whole text.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from winnow.cleaning.structure import Span, structures

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


def protected(text: str) -> list[Span]:
    r"""Return the spans of fenced and inline code, of LaTeX, JSON, tables and diffs, in order and without overlap.

    >>> [text[a:b] for text in ["run `ls  -l`, pay $5 or $10, $x+y$"] for a, b in protected(text)]
    ['`ls  -l`', '$x+y$']
    >>> protected("```py\nx = 1")  # unclosed: all of it
    [(0, 11)]
    """
    spans = _code(text) if "`" in text or "$" in text or "\\" in text or "~~~" in text else []
    found = structures(text)
    return united(spans + found) if found else spans


def _code(text: str) -> list[Span]:
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


def outside(change: Callable[[str], str], text: str, spans: Sequence[Span]) -> str:
    """Return ``text`` with ``change`` made to each stretch between ``spans``.

    >>> outside(str.upper, "ab[cd]ef", [(2, 6)])
    'AB[cd]EF'
    """
    pieces, at = [], 0
    for start, end in spans:
        pieces += [change(text[at:start]) if at < start else "", text[start:end]]
        at = end
    return "".join([*pieces, change(text[at:])]) if at < len(text) else "".join(pieces)


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
