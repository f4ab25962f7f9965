r"""Space that carries no meaning."""

import re

from winnow.cleaning.code import has_bare_code
from winnow.cleaning.evidence import speaks_of
from winnow.cleaning.protect import by_line, inside, protected, sub_outside, united, until_stable
from winnow.cleaning.row import Row
from winnow.cleaning.structure import Span

_TRAILING = re.compile("(?<![ \t\u00a0\u3000])[ \t\u00a0\u3000]++(?=\n|\\Z)")
_WIDE_END = re.compile(r"[ \t\u00a0\u3000]{2}(?=\n|\Z)")
_BLANK_LINES = re.compile(r"\n{3,}")
# French sets a no-break space inside guillemets and before high punctuation; figures are grouped with it.
_NO_BREAK = re.compile(r"(?<![«\d])\u00a0(?![?!;»%€]|:(?!:))|(?<=\d)\u00a0(?![\d?!;:»%€])")
_RUN = re.compile(
    "(?<=[^\\W_]|[.,;:!?)\\]\"'”’%…，。；：！？、）】》])[ \u00a0\u3000]{2,}(?=[^\\W_]|[(\"'“‘\\[$（《【])"
)
_SENTENCE_END = '.!?:;,。！？：；，"”’)'
_LIST_MARK = re.compile(r"\s*(?:\d{1,3}[.)、]|\(?[a-zA-Z][.)]|[-*+•])\Z")
_INNER = re.compile("[ \u00a0\u3000]{2}|\u00a0|\n{3}|\\A ")
_LAYOUT = re.compile("[\t|\u2500-\u257f]")
_ABOUT_SPACE = re.compile(r"(?i)spac(?:e|es|ed|ing)\b|\bindent|\balign|空格|空白|缩进|對齊|对齐")
_WIDE_RUN = 3
_PROSE_LINE = 30  # characters; in shorter lines a gap of two is as likely a column
_WIDE_PROSE_LINE = 60

TRIGGER = (
    r"[ \t\x{a0}\x{3000}](?:\n|\z)|\n\n\n|\A\n|\n\z|\A[ \x{a0}]{1,3}[^ \x{a0}]"
    r"|[^ \t\n\f\r][ \x{a0}\x{3000}]{2}|\x{a0}"
)


SIGN = re.compile(r"(?<=\S)(?:[ \u3000]{2,}(?=\S)|\u00a0)")


def whitespace(text: str, row: Row) -> str:
    r"""Remove space at the end of lines and around the text, fold runs of spaces and of blank lines.

    >>> from winnow.cleaning.row import Parts, Row, Said, alone
    >>> def fixed(text): return whitespace(text, alone(text, "response"))
    >>> fixed("\nTwo  sentences.  Here they are, on one line. \n\n\n\nEnd.\n")
    'Two sentences. Here they are, on one line.\n\nEnd.'

    Space at the start of a line is indentation (code, lists, verse, the two ideographic spaces of a Chinese
    paragraph) and stays, except for the one to three blanks that some generators put before everything.

    >>> fixed("　　从前有座山。\n　　山上有座庙。"), fixed(" An answer.")
    ('　　从前有座山。\n　　山上有座庙。', 'An answer.')

    Inside fences, inline code, formulas, tables, JSON and diffs not a byte changes, and lines that look like a
    table or code keep their columns. In text with unfenced code only the ends of lines are trimmed, as an editor
    would.

    >>> for text in ["```\na  =  1   \n\n\n\nb\n```", "use `a  b`", "Name   Age   City", "x  | y",
    ...              "a\tb", "def f():\n    return 1\n\n\n\ndef g():\n    x  =  2",
    ...              "Strip the spaces of this:  a  b", " a:\n-  b: 1\n+    b: 1"]:
    ...     assert fixed(text) == text

    A no-break space becomes a space, except where French typography and grouped figures want it.

    >>> fixed("a\u00a0b"), fixed("«\u00a0Oui\u00a0!\u00a0» 10\u00a0000")
    ('a b', '«\xa0Oui\xa0!\xa0» 10\xa0000')

    The two blanks that end a line in Markdown as a hard break go as well: in a chat the line break itself
    shows, and in Alpaca they end thousands of lines that are no Markdown at all. They stay, like runs of spaces and
    no-break spaces, where the prompt is about them; so does a blank before the continuation of a text.

    >>> def reply(prompt, text):
    ...     turns = ("user", prompt), ("assistant", text)
    ...     return whitespace(text, Row("response", Said(lambda: Parts(turns=turns))))
    >>> reply("Put a non-breaking space before km.", "10\u00a0km"), reply("Use a hard line break.", "a  \nb")
    ('10\xa0km', 'a  \nb')
    >>> reply("Continue the text: The capital is", " Lisbon."), reply("What is the capital?", " Lisbon.")
    (' Lisbon.', 'Lisbon.')
    """
    fixed = until_stable(_fold, text)
    if fixed == text or not (_may_have_inner(text) and (_INNER.search(text) or _WIDE_END.search(text))):
        return fixed  # a blank at the end of a line, or a line break around the text: nobody speaks of one
    asked = row.said.asked
    if speaks_of("spaces", asked):
        fixed = until_stable(_trimmed, text)
    elif fixed[:1] != text[:1] and text[:1] == " " and speaks_of("continues", asked) and _open_ended(asked):
        fixed = text[: len(text) - len(text.lstrip(" "))] + fixed
    return text if speaks_of("ends", asked) else fixed


def _may_have_inner(text: str) -> bool:
    """Tell at the cost of a few searches for literals whether `_INNER` or `_WIDE_END` may match."""
    return "  " in text or "\n\n\n" in text or "\u00a0" in text or "\u3000" in text or text[:1] == " " or "\t" in text


def _open_ended(asked: str) -> bool:
    """Tell whether a prompt ends in the middle of a sentence."""
    return asked.rstrip()[-1:].isalnum() or asked.rstrip().endswith((",", "，", "、", "-", "…"))


def _trimmed(text: str) -> str:
    """Return a text without space at the ends of its lines and line breaks around it."""
    return _trim_ends(sub_outside(_TRAILING, "", text, protected(text)))


def _fold(text: str) -> str:
    text = sub_outside(_TRAILING, "", text, protected(text))
    if _may_have_inner(text) and _INNER.search(text) and not has_bare_code(text):  # the last test costs most
        text = sub_outside(_NO_BREAK, " ", text, protected(text))
        text = sub_outside(_BLANK_LINES, "\n\n", text, protected(text))
        if _RUN.search(text) and not _ABOUT_SPACE.search(text):
            text = _fold_runs(text)
        text = _trim_start(text)
    return _trim_ends(text)


def _trim_ends(text: str) -> str:
    spans = protected(text)
    end = len(text.rstrip("\n"))
    if end < len(text) and not inside((end, len(text)), spans):
        text = text[:end]
    return text.lstrip("\n")


def _trim_start(text: str) -> str:
    stripped = text.lstrip(" \u00a0")
    if not 0 < len(text) - len(stripped) < 4 or "\n " in text or "\n\t" in text or "\n\u3000" in text:
        return text
    if inside((0, len(text) - len(stripped)), protected(text)):
        return text
    return text if stripped.startswith(("```", "~~~", "-", "*", "|", "\u3000")) else stripped


def _fold_runs(text: str) -> str:
    several = "\n" in text
    lines = by_line(text, united(protected(text) + _quoted(text)))
    return "\n".join(_fold_line(line, spans, several) for line, spans in lines)


def _quoted(text: str) -> list[Span]:
    """Return short quoted strings, which hold examples more often than speech."""
    return [m.span() for m in re.finditer(r"\"[^\"\n]{1,80}\"", text)] if '"' in text else []


def _fold_line(line: str, spans: list[Span], several: bool) -> str:
    """Return a line with its runs of spaces folded, but for those that set columns or stand behind a list mark.

    `several` says whether the text has other lines, between which columns could be.
    """
    runs = list(_RUN.finditer(line))
    if not runs or _LAYOUT.search(line) or sum(line[m.start() - 1] not in _SENTENCE_END for m in runs) > 1:
        return line
    behind_mark = runs[0].start() if _LIST_MARK.match(line, 0, runs[0].start()) else -1

    def fold(match: "re.Match[str]") -> str:
        run = match.group()
        narrow = len(line) < _WIDE_PROSE_LINE if len(run) >= _WIDE_RUN else several and len(line) < _PROSE_LINE
        if narrow or match.start() == behind_mark:
            return run
        return "\u3000" if set(run) == {"\u3000"} else " "

    return sub_outside(_RUN, fold, line, spans)
