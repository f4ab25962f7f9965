"""The page as text: the template with every value escaped, the style inline, and a policy that lets nothing else in."""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from stages.page.content import ranked, slug
from stages.page.signs import cut, language_of, plain, visible
from stages.page.svg import bar

_BRIEF = 90  # characters of a text that stands in a heading


def policy(style: str) -> str:
    """Return the content security policy of a page whose only resource is the inline ``style``.

    Nothing may load, run, be sent or be framed in, also when the page is opened from disk.

    >>> policy("")
    "default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; base-uri 'none'; \
form-action 'none'"
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def number(value: float | None) -> str:
    """Return a number as people read it.

    >>> number(12345), number(0.877358), number(18.0), number(None)
    ('12,345', '0.877', '18', '–')
    """
    if value is None:
        return "–"
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def share(part: float, whole: float) -> str:
    """Return a share in percent that never rounds something to nothing or to all.

    >>> share(1, 3), share(1, 10**6), share(999_999, 10**6), share(0, 5), share(1, 0)
    ('33.3%', '<0.1%', '>99.9%', '0%', '–')
    """
    if not whole:
        return "–"
    if part in (0, whole):
        return "100%" if part else "0%"
    percent = 100 * part / whole
    return "<0.1%" if percent < 0.1 else ">99.9%" if percent > 99.9 else f"{percent:.1f}%"


def tokens(count: int) -> str:
    """Return a large count in words.

    >>> tokens(8688036), tokens(31234), tokens(512)
    ('8.7 M', '31 k', '512')
    """
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return str(count)


def _source(name: str) -> str:
    return files("stages.page").joinpath(name).read_text(encoding="utf-8")


def render(content: Mapping[str, Any]) -> str:
    """Return the page: the same content, the same bytes."""
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        number=number,
        tokens=tokens,
        plain=plain,
        visible=visible,
        script=language_of,
        slug=slug,
        ranked=ranked,
        wordy=lambda text: any(char.isalnum() for char in text),
        brief=lambda text: cut(" ".join(text.split()), _BRIEF),
        words=lambda name: name.replace("_", " "),
    )
    environment.globals.update(share=share, bar=bar)
    style = _source("style.css")
    page = environment.get_template("page.html.j2").render(**content, style=Markup(style), policy=policy(style))
    return page.rstrip() + "\n"
