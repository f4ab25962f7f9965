r"""Text of other people where it is shown: on a terminal, in Markdown, in JSON, in CSV that a spreadsheet may open.

Row ids, names, licences, reasons, replies and raw text come from anybody. Each place where text is shown has one
function here, through which all of it goes, so that no text speaks to the terminal, hides or reorders what a reader
sees, forges a line, loads a picture, notifies a person or runs as a formula:

- a terminal: :func:`say`, which takes lines, or :func:`visible` for a text that something else prints;
- Markdown: :func:`inline` for text in a line or a table cell, :func:`code` for names, :func:`link`, :func:`block`;
- JSON: :func:`json_text`, which stays exact;
- CSV: :func:`guarded`, which :func:`unguarded` undoes.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

import click

# format characters and letters without a glyph: bidi marks, overrides and isolates, zero width, tags, fillers
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_BREAKS = "\n\v\f\r\x1c-\x1e\x85\u2028\u2029"
_BREAK = re.compile(f" ?(?:\r\n|[{_BREAKS}])")
_HIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f{_UNSEEN}]")
_UNESCAPED = re.compile(f"[\x7f-\x9f\u2028\u2029{_UNSEEN}]")  # by JSON, which escapes only what is below a space
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")  # https://owasp.org/www-community/attacks/CSV_Injection
_LIVE = re.compile(
    r"[\\`*\[\]<>&|~@$]"  # marks of GitHub's Markdown, HTML, mentions, mathematics
    r"|(?<![^\W_])_|_(?![^\W_])"  # at the edge of a word; inside one it is no mark
    r"|#\d|\bGH-\d"  # references to issues
    r"|://|\bwww\.|\b(?:mailto|xmpp):",  # addresses that become links
    re.IGNORECASE,
)
_PLAIN_START = re.compile(r"(?!\d+[.)](?:\s|$))[^\W_]")  # begins no list, heading or quotation
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?=%+&-]+")


def visible(text: str) -> str:
    r"""Return ``text`` in one line in which everything shows: a line break as ⏎, what has no glyph as its escape.

    >>> print(visible("one\ntwo\x1b[2J \u202egnp"))
    one ⏎ two\x1b[2J \u202egnp
    """
    return _HIDDEN.sub(_escape, _BREAK.sub(" ⏎ ", text))


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def say(*lines: str, err: bool = False) -> None:
    """Print each of ``lines`` as one line of the terminal, whatever it holds; ``err``: to standard error."""
    for line in lines:
        click.echo(visible(line), err=err)


def inline(text: str) -> str:
    """Return ``text`` as Markdown inside a line or table cell: as it stands where nothing in it is live, else as code.

    Code is the one place in which Markdown, HTML, mentions and addresses all stay text.

    >>> inline("CC-BY-4.0"), inline("near_duplicate"), inline("@everyone"), inline("![x](http://a.org/x)")
    ('CC-BY-4.0', 'near_duplicate', '`@everyone`', '`![x](http://a.org/x)`')
    """
    plain = visible(text) == text and text == text.strip() and _PLAIN_START.match(text) and not _LIVE.search(text)
    return text if plain or not text else code(text)


def code(text: str) -> str:
    r"""Return ``text`` as a code span that nothing in it closes, also in a table cell: a pipe shows as ``\x7c``.

    >>> print(code("demo:1"), code("a`b|c"))
    `demo:1` ``a`b\x7cc``
    """
    shown = visible(text).replace("|", "\\x7c")  # GitHub ends a cell at a pipe inside code, and at one after two \
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.strip("`") != shown or not shown.strip() or shown.strip() != shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def link(url: str) -> str:
    """Return an address as Markdown: a link where it is a plain one of the web, else code.

    >>> link("https://example.org/rows.json"), link("javascript:alert(1)")
    ('https://example.org/rows.json', '`javascript:alert(1)`')
    """
    return url if _ADDRESS.fullmatch(url) else code(url)


def block(lines: Iterable[str]) -> str:
    """Return ``lines`` as a block of code in Markdown that nothing in them closes."""
    text = "\n".join(map(visible, lines))
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def json_text(value: Any, indent: int = 1) -> str:
    r"""Return ``value`` as JSON for programs, keys sorted: exact, with escapes for what would speak to a terminal.

    >>> json_text(["\x9b2J", "中文"], indent=0).splitlines()
    ['[', '"\\u009b2J",', '"中文"', ']']
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=True)
    return _UNESCAPED.sub(lambda match: json.dumps(match[0])[1:-1], text)


def guarded(cell: Any) -> Any:
    """Return the cell of a CSV file so that no spreadsheet runs it: a text that begins like a formula after a quote.

    That quote is what OWASP recommends. Numbers stay numbers, and :func:`unguarded` gives every text back.

    >>> guarded("=cmd()"), guarded("'=cmd()"), guarded("'tis"), guarded(-1)
    ("'=cmd()", "''=cmd()", "'tis", -1)
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return the text that :func:`guarded` wrote as ``cell``.

    >>> unguarded("'=cmd()"), unguarded("''=cmd()"), unguarded("'tis"), unguarded("-1")
    ('=cmd()', "'=cmd()", "'tis", '-1')
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
