"""Texts that speak to terminals, Markdown and spreadsheets, and how to see whether one of them is live."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

PAYLOADS = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "\x9b2J\x90q\x9c",
    "safe\u202egnp.exe\u2066\u200b\ufeff\U000e0041",
    "a\nb\rc\u2028d\x85e\r\n# heading\n\n---\n| x | y |\n|---|---|",
    "| cell | \\| ![p](http://evil.test/p.png)",
    "`` ` ```\n```text\n</details>",
    "@everyone and org/team#12, #123, GH-7, me@evil.test",
    "![x](http://evil.test/x.png) [y](javascript:alert(1)) <http://evil.test>",
    "http://evil.test/x www.evil.test",
    "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;",
    "[ref]: http://evil.test",
    "- item", "1. item", "> quote", "# heading", "*bold* _it_ ~~no~~ $x$", "    indented",
    "=cmd()", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1",
)  # fmt: skip
ANY = st.one_of(st.sampled_from(PAYLOADS), st.text(), st.lists(st.sampled_from(PAYLOADS), max_size=3).map("".join))
HIDING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
WORDS = {"status", "verdict", "role", "outcome", "kind", "split"}  # of the code, never of other people


def hostile(value: Any, payload: str, name: str = "") -> Any:
    """Return ``value`` with the payload after each text in it, except the words of the code."""
    if isinstance(value, dict):
        return {key: hostile(item, payload, key) for key, item in value.items()}
    if isinstance(value, list):
        return [hostile(item, payload, name) for item in value]
    return value + payload if isinstance(value, str) and name not in WORDS else value


def still(text: str) -> bool:
    """Say whether a terminal shows all of ``text`` as it is."""
    return not [char for char in text if char != "\n" and unicodedata.category(char) in HIDING]


def live(page: str, allowed: str = "https://good.test") -> list[str]:
    """Return what is live in Markdown as GitHub and Hugging Face show it."""
    parser = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])

    def leaves(tokens: list[Token]) -> Iterator[Token]:
        for token in tokens:
            yield token
            yield from leaves(token.children or [])

    found = []
    for token in leaves(parser.parse(page)):
        html = re.sub(r"</?(details|summary)>", "", token.content) if token.type.startswith("html") else ""
        if "<" in html or token.type in ("image", "link_open", "em_open", "strong_open", "s_open", "hr", "code_block"):
            found.append(f"{token.type} {token.content}")
        elif token.type == "text":
            words = token.content.replace(allowed, "")
            found += re.findall(r"@\w+|#\d+|GH-\d+|\w+://|www\.|\$", words)
    return found
