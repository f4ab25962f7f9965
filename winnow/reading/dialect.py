"""The dialect of delimited text, read from the file: what parts its cells, whether cells are quoted, where it begins.

Nothing here is a guess by chance: the same file gives the same dialect, and the entry of a source can name each part.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from winnow.reading.quoting import QUOTE, Line, Text, records

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_HEAD, _HEAD_CHARS = 200, 1 << 20  # lines, or characters, from which the delimiter is read
_EXCEL = re.compile(r"sep=(.)\r?")  # the first line by which a file tells Excel its delimiter
_ENCLOSED = re.compile(r'"(?:[^"]|"")*"')
Lines = Callable[[], Iterator[Line]]


class Dialect(NamedTuple):
    """``first``: the number of the line that the table begins on; lines before it are comments. ``spaced``: whether a
    space behind each delimiter belongs to no cell.
    """

    delimiter: str
    quoted: bool
    first: int = 1
    spaced: bool = False


def dialect(
    lines: Lines, usual: str, max_chars: int, header: bool, delimiter: str | None, quoted: bool | None
) -> Dialect:
    """Return the dialect of a file, whose lines ``lines()`` gives from the start; ``usual`` is its name's delimiter.

    ``delimiter`` and ``quoted`` are those of the source's entry, None where it leaves them to the file. Cells of CSV
    are quoted; in a file whose ``usual`` delimiter is the tab, IANA's TSV has no quoting, while pandas and csv quote,
    so all its lines are looked at (:func:`_is_quoted`), as are those of a file that may be ``spaced``.
    """
    head = _head(lines())
    first = 1
    if head and (excel := _EXCEL.fullmatch(head[0].text)):
        delimiter, first, head = delimiter or excel.group(1), 2, head[1:]
    comments = _comments([line.text.removesuffix("\r") for line in head], header, delimiter)
    first, head = first + comments, head[comments:]
    delimiter = delimiter or _delimiter(head, usual, max_chars)
    if quoted is None:
        quoted = delimiter != "\t" or _is_quoted(lines, first, max_chars)
    spaced = quoted and any(f"{delimiter} {QUOTE}" in line.text for line in head)
    return Dialect(delimiter, quoted, first, spaced and _is_spaced(lines, first, delimiter, max_chars))


def _head(lines: Iterator[Line]) -> list[Line]:
    head, chars = [], 0
    for line in islice(lines, _HEAD):
        head.append(line)
        chars += len(line.text)
        if chars > _HEAD_CHARS:
            break
    return head


def _comments(head: list[str], header: bool, delimiter: str | None) -> int:
    """Return how many lines at the top are comments: they begin with #, and with a space behind it where a header
    follows, or have not as many cells as the line after them.

    >>> _comments(["# made by hand", "q,a", "x,y"], True, None), _comments(["#q,a", "x,y"], True, None)
    (1, 0)
    """
    count = next((n for n, text in enumerate(head) if not text.startswith("#")), 0)
    if not count or (header and head[count - 1].startswith("# ")):
        return count
    signs = [delimiter] if delimiter else [*DELIMITERS.values()]
    sign = max(signs, key=head[count].count)
    return 0 if head[count - 1].count(sign) == head[count].count(sign) > 0 else count


def _delimiter(head: list[Line], usual: str, max_chars: int) -> str:
    """Return the delimiter that parts the first line, and most other lines into as many cells; in doubt the usual one.

    >>> _delimiter([Line(1, "q;a"), Line(2, "What, now?;Yes, now.")], ",", 100)
    ';'
    """
    best, best_share = usual, -1.0
    for sign in (usual, *(one for one in DELIMITERS.values() if one != usual)):
        rows = [record.cells for record in records(head, sign, 0, max_chars)]
        columns = len(rows[0]) if rows else 0
        share = sum(len(row) == columns for row in rows) / max(len(rows), 1) if columns > 1 else -1.0
        if share > best_share:
            best, best_share = sign, share
    return best


def _is_spaced(lines: Lines, first: int, delimiter: str, max_chars: int) -> bool:
    """Tell whether each cell but an empty one begins with a space, in every row, and all rows have the header's cells.

    >>> _is_spaced(lambda: iter([Line(1, "q, a"), Line(2, '"Hi, you", "Hi, Ann"'), Line(3, "-,")]), 1, ",", 100)
    True
    >>> _is_spaced(lambda: iter([Line(1, "q, a"), Line(2, 'Hi,"Hi, Ann"')]), 1, ",", 100)
    False
    """
    table = (line for line in lines() if line.number >= first)
    columns = 0
    for record in records(table, delimiter, 0, max_chars, spaced=True):
        columns = columns or len(record.cells)
        bare = _ENCLOSED.sub(QUOTE, record.raw)  # a delimiter inside a quoted cell parts nothing
        behind = bare.split(delimiter)[1:]
        if record.problem or len(record.cells) != columns or not all(part[:1] in ("", " ", "\r") for part in behind):
            return False
    return columns > 1


def _is_quoted(lines: Lines, first: int, max_chars: int) -> bool:
    r"""Tell whether cells of a file with tabs are quoted, by what only the one or the other writer makes.

    For quoting speak a cell with doubled quotes, a tab or a line break inside its quotes; against it a quote in a cell
    that does not begin with one, and text behind a closing quote. Where nothing speaks, a header in quotes does.

    >>> _is_quoted(lambda: iter([Line(1, "q\ta"), Line(2, '"Say ' '""hi""' '"\tHi')]), 1, 100)
    True
    >>> _is_quoted(lambda: iter([Line(1, '"Hi," he said.\tHi'), Line(2, '"Hi."\tHo')]), 1, 100)
    False
    """
    table = (line for line in lines() if line.number >= first)
    if (header := next(table, None)) is None:
        return False
    names = header.text.removesuffix("\r").split("\t")
    speaks = _evidence(Text(first, header.text, names), len(names))
    for record in records(table, "\t", len(names), max_chars):
        if QUOTE in record.raw:
            speaks += _evidence(record, len(names))
    return speaks > 0 or (speaks == 0 and all(map(_ENCLOSED.fullmatch, names)))


def _evidence(record: Text, columns: int) -> int:
    """Return 1 where a record speaks for quoting, -1 where it speaks against it, 0 where it could be either."""
    lines = record.raw.split("\n")
    if record.problem or (len(lines) > 1 and all(line.count("\t") == columns - 1 for line in lines)):
        return -1
    cells = record.raw.split("\t")
    if len(lines) > 1 or len(cells) > len(record.cells):
        return 1
    if any(QUOTE in cell and not cell.startswith(QUOTE) for cell in cells):
        return -1
    return int(any(QUOTE * 2 in cell[1:-1] for cell in cells))
