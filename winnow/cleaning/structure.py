r"""What is no prose although it stands in a text: rows of tables, JSON, diffs."""

import json
import re
from collections.abc import Iterator

Span = tuple[int, int]

_JSON_START = re.compile(r"\{(?=\s*[\"}])|\[(?=\s*[\[{\"])(?!(?:\[\s*){16})")  # [[[[… sixteen deep is art, no JSON
_MOST_STARTS = 32  # beyond so many that do not parse, a text holds no JSON worth a search
_DELIMITERS = re.compile(r"[ \t]*(?:\|[ \t]*)?:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_TAKEN = re.compile(r"^-(?![-\s]*$)", re.MULTILINE)
_ADDED = re.compile(r"^\+(?!\s*$)", re.MULTILINE)
_HUNK = re.compile(r"^(?:@@ -\d|diff --git |--- [ab]/|\+\+\+ [ab]/)", re.MULTILINE)
_DECODER = json.JSONDecoder()


def structures(text: str) -> list[Span]:
    r"""Return the spans of JSON, of Markdown tables and of diffs; they may overlap.

    >>> text = 'Call {"to":  "a<br>b"}.\n| a | b |\n|---|---|\n| 1  | 2 |\nDone'
    >>> [text[a:b] for a, b in structures(text)]
    ['{"to":  "a<br>b"}', '| a | b |\n|---|---|\n| 1  | 2 |']
    """
    spans = json_spans(text)
    if "|" in text:
        spans += _tables(text)
    if "\n+" in text or "@@" in text or "diff --git" in text or text.startswith("+"):
        spans += _diffs(text)
    return spans


def json_spans(text: str) -> list[Span]:
    """Return the spans of JSON objects and arrays that parse, wherever they stand.

    >>> json_spans('[1] is no array of texts, {"a": ["b"]} is an object')
    [(26, 38)]
    """
    spans: list[Span] = []
    if "{" not in text and "[" not in text:
        return spans
    at = failed = 0
    while failed < _MOST_STARTS and (start := _JSON_START.search(text, at)):
        try:
            _, at = _DECODER.raw_decode(text, start.start())
            spans.append((start.start(), at))
        except (ValueError, RecursionError):
            failed += 1
            at = start.end()
    return spans


def is_json(text: str) -> bool:
    """Tell whether the text as a whole is a JSON object or array."""
    spans = json_spans(text)
    return len(spans) == 1 and not (text[: spans[0][0]].strip() or text[spans[0][1] :].strip())


def _tables(text: str) -> Iterator[Span]:
    """Yield runs of lines with a bar in each that have a line of dashes, or begin with a bar."""
    start, at, rows = 0, 0, list[str]()
    for line in [*text.split("\n"), ""]:
        if "|" in line:
            start = start if rows else at
            rows.append(line)
        elif rows:
            if all(row.lstrip().startswith("|") for row in rows) or any(map(_is_rule, rows)):
                yield start, at - 1
            rows = []
        at += len(line) + 1


def _is_rule(line: str) -> bool:
    return "-" in line and _DELIMITERS.fullmatch(line) is not None


def _diffs(text: str) -> Iterator[Span]:
    """Yield the blocks of lines without a blank one that take lines away and add others."""
    at = 0
    for block in re.split(r"(\n(?:[ \t]*\n)+)", text):
        if _HUNK.search(block) or (_ADDED.search(block) and _TAKEN.search(block)):
            yield at, at + len(block)
        at += len(block)
