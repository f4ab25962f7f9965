r"""Remnants of HTML in prose."""

import re

from winnow.cleaning.code import FENCE, has_bare_code
from winnow.cleaning.evidence import speaks_of
from winnow.cleaning.protect import protected, sub_outside, until_stable
from winnow.cleaning.row import Row

_BLOCK = "p|li|ul|ol|dl|dt|dd|blockquote|center|hr|br"
_INLINE = "b|i|u|em|strong|a|font|big|small|tt|cite|q|abbr|acronym|mark|ins|span|nobr|bdi|bdo|dfn|strike|wbr"
# An attribute has a value, so that a blank to fill ("<a link to a painting>") is no tag.
_ATTRIBUTES = r"(?:\s+[a-zA-Z-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))*\s*+/?"
# The line break behind a tag that becomes one is the same break, not a second.
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>{_BLOCK}|{_INLINE})\b{_ATTRIBUTES}>(?P<end>[ \t]*\n)?",
    re.IGNORECASE,
)
# A letter in angle brackets that hangs on a name is a parameter of a type: "Box<p>".
_BLOCK_TAG = re.compile(
    rf"<(?:/(?:{_BLOCK})|(?:br|hr)|(?!(?<=\w<)p>)(?:p|li)\b{_ATTRIBUTES})\s*/?>",
    re.IGNORECASE,
)
_ALONE = {"br", "hr", "p", "li", "wbr", "dt", "dd"}  # need no closing tag
_NEW_LINE = {"br", "hr", "/p", "/li", "/blockquote", "/dd", "/dt", "/center"}

_ENTITY = re.compile(
    r"&(?P<name>amp(?!;(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-f]+);)|lt|gt|quot|apos|nbsp|#0?39|#x27);"
)
_RAW_AMPERSAND = re.compile(r"&(?!#?\w{1,8};)")
_RAW_ANGLE = re.compile(r"[<>](?![\w/!])")
# Code that was escaped as a whole: an operator is spelt as an entity, and none is spelt as itself.
_ESCAPED_OPERATOR = re.compile(
    r"[\w)\]] ?&(?:lt|gt);=? ?[\w(\[\"'-]|&(?:lt|gt);&(?:lt|gt);|#include ?&lt;|[-=]&gt;|&amp;&amp;|\w&lt;\w+&gt;"
)
_OPERATOR = re.compile(r"[<>]|&(?!(?:amp|lt|gt|quot|apos|nbsp|#0?39|#x27);)")
_DECODED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": " "}  # the others are apostrophes

# The text is HTML, or speaks of it: every tag and every entity is content.
_ABOUT_MARKUP = re.compile(
    r"(?i)html|xml|css|javascript|jsx|svg|react|angular|vue|php|jinja|markdown|markup|web ?(?:page|site)"
    r"|网页|网站|网頁"
    r"|标签|標籤|标记|元素|前端|实体|转义|<!doctype|<!--|<html|<head|<body|<form|<table|<div|<script|<style|<h[1-6]|<img"
    r"|<input|<button|<svg|<code|<pre|\b(?:tags?|elements?|selectors?|anchors?|hyperlinks?|entit(?:y|ies)|escap\w+)\b"
    r"|(?:class|style|id|onclick)\s*=\s*[\"']"
)
_STARTS_WITH_TAG = re.compile(r"\s*[\"'“]?<[a-zA-Z][^<>]*>")
_MARKUP = re.compile(rf"</?(?:{_BLOCK}|{_INLINE})\b[^<>]*>", re.IGNORECASE)

TRIGGER = (
    r"(?i)&(?:amp|lt|gt|quot|apos|nbsp|#0?39|#x27);"
    rf"|</?(?:{_BLOCK})(?:\s[^<>]*)?/?>"
)
SIGN = re.compile(rf"{_BLOCK_TAG.pattern}|&(?:amp|lt|gt|quot|apos|nbsp|#0?39|#x27);", re.IGNORECASE)


def html(text: str, row: Row) -> str:
    r"""Take the tags out of prose that was scraped from a page, and decode what was escaped on the way.

    >>> from winnow.cleaning.row import alone
    >>> def fixed(text): return html(text, alone(text, "response"))
    >>> fixed("First.<br>Second &amp; <b>last</b>.</p>")
    'First.\nSecond & last.\n'
    >>> fixed("&lt;mask&gt; isn&#39;t here")
    "<mask> isn't here"

    .87 % of real answers hold a "<" and .18 % a tag outside of code, and most of those are HTML on purpose.
    So the rule acts on about forty tags only, needs a block tag (br, p, li …) as its evidence, and steps back
    from any text that names HTML or a relative of it, starts with a tag, or holds layout, and where the prompt
    does. Parsers lose 60-100 % of what else stands in angle brackets; here it is never touched:

    >>> for text in ["std::vector<int> v;", "Map<String, List<String>>", "#include <iostream>",
    ...              "x < y and y > z", "<|im_start|>user", "Dear <your name>,", "mail <a@b.c>",
    ...              "the file <i>.txt", "a `<br>` b", "Box<p> and Rc<p>"]:
    ...     assert fixed(text) == text

    Emphasis alone (`<u>word</u>`) is legal Markdown and often the point of a task ("underline the verb"), a
    lone link would lose its address, and `<sup>`, `<sub>`, `<del>` change the meaning of what they hold. In a
    Markdown table and in JSON a tag is the only line break there is:

    >>> for text in ["The moon is <u>bright</u>.", "x<sup>2</sup>", "| a |\n|---|\n| b<br>c |", '{"a": "b<br>c"}']:
    ...     assert fixed(text) == text

    Entities that would spell a tag, or an entity, when decoded are shown on purpose, and so are those in a text
    that has the sign itself as well:

    >>> for text in ["Write &lt;br&gt; for a line", "write &amp;lt; for less", "Is it & or &amp; here?"]:
    ...     assert fixed(text) == text

    A code block keeps its bytes, unless it was escaped as a whole, which no compiler reads:

    >>> fixed("```c\nif (a &lt; b &amp;&amp; c)\n```"), fixed("```js\ns.replace('&lt;', '<')\n```")
    ('```c\nif (a < b && c)\n```', "```js\ns.replace('&lt;', '<')\n```")
    """
    fixed = until_stable(_strip, text)
    if fixed == text or speaks_of("markup", row.said.asked):
        return text
    return text if speaks_of("types", row.said.asked) and "&" not in text else fixed


def _strip(text: str) -> str:
    if _ABOUT_MARKUP.search(text) or speaks_of("markup", text.lower()) or _STARTS_WITH_TAG.match(text):
        return text
    if _BLOCK_TAG.search(text) and not has_bare_code(text):
        text = _without_tags(text)
    text = FENCE.sub(_decode_code, text)
    raw = {
        name for name, sign in (("amp", _RAW_AMPERSAND), ("lt", _RAW_ANGLE), ("gt", _RAW_ANGLE)) if sign.search(text)
    }

    def decode(match: "re.Match[str]") -> str:
        return match.group() if match["name"] in raw else _DECODED.get(match["name"], "'")

    decoded = sub_outside(_ENTITY, decode, text, protected(text))
    shown = len(_MARKUP.findall(decoded)) > len(_MARKUP.findall(text)) or _ABOUT_MARKUP.search(decoded)
    return text if shown else decoded


def _without_tags(text: str) -> str:
    closed = {m["name"].lower() for m in _TAG.finditer(text) if m["close"]}

    def replace(match: "re.Match[str]") -> str:
        name, attached = match["name"].lower(), text[match.start() - 1 : match.start()].isalnum()
        if not match["close"] and name not in closed and (name not in _ALONE or (name == "p" and attached)):
            return match.group()  # "<i>" without its "</i>": a type, an index, a blank to fill
        return "\n" if match["close"] + name in _NEW_LINE else match["end"] or ""

    return sub_outside(_TAG, replace, text, protected(text))


def _decode_code(fence: "re.Match[str]") -> str:
    code = fence.group()
    if not _ESCAPED_OPERATOR.search(code) or _OPERATOR.search(code):
        return code
    return _ENTITY.sub(lambda m: _DECODED.get(m["name"], "'"), code)
