"""The page as text: every value escaped, the style inline, and a policy that forbids all else."""

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from winnow.report import words
from winnow.report.format.characters import cut, language_of, plain, visible
from winnow.report.format.numbers import change, number, ranked, rate, share, slug, tokens
from winnow.report.format.svg import bar, pair
from winnow.report.page import Page

_BRIEF = 90  # characters of a text that stands in a heading
_NAME = 120  # characters of an id or a path


def policy(style: str) -> str:
    """Return the content security policy of a page whose only resource is the inline ``style``.

    Nothing may load, run, be sent or be framed in, also when the page is opened from disk.

    >>> policy("")
    "default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; base-uri 'none'; \
form-action 'none'"
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _file(name: str) -> str:
    return files("winnow.report").joinpath(name).read_text(encoding="utf-8")


def render(page: Page) -> str:
    """Return the page as HTML: the same data, the same bytes."""
    environment = Environment(
        loader=FunctionLoader(_file),
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
        round_or_none=lambda value: number(None if value is None else round(value)),
        ranked=ranked,
        wordy=lambda text: any(char.isalnum() for char in text),
        brief=lambda text: cut(" ".join(text.split()), _BRIEF),
        name=lambda text: cut(plain(text), _NAME),
        words=lambda name: name.replace("_", " "),
    )
    environment.globals.update(share=share, rate=rate, change=change, bar=bar, pair=pair, words=words)
    style = _file("style.css")
    html = environment.get_template("page.html.j2").render(page=page, style=Markup(style), policy=policy(style))
    return html.rstrip() + "\n"
