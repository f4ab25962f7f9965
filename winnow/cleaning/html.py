r"""Remnants of HTML in prose."""

import re

from winnow.cleaning.protect import protected, sub_outside, until_stable

_BLOCK = "p|li|ul|ol|dl|dt|dd|blockquote|center|hr|br"
_INLINE = "b|i|u|em|strong|a|font|big|small|tt|cite|q|abbr|acronym|mark|ins|span|nobr|bdi|bdo|dfn|strike|wbr"
# An attribute has a value, so that a blank to fill ("<a link to a painting>") is no tag.
_ATTRIBUTES = r"(?:\s+[a-zA-Z-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))*\s*+/?"
# The line break behind a tag that becomes one is the same break, not a second.
_TAG = re.compile(rf"<(?P<close>/?)(?P<name>{_BLOCK}|{_INLINE})\b{_ATTRIBUTES}>(?P<end>[ \t]*\n)?", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"<(?:/(?:{_BLOCK})|(?:br|hr)|(?:p|li)\b{_ATTRIBUTES})\s*/?>", re.IGNORECASE)
_ALONE = {"br", "hr", "p", "li", "wbr", "dt", "dd"}  # need no closing tag
_NEW_LINE = {"br", "hr", "/p", "/li", "/blockquote", "/dd", "/dt", "/center"}

_ENTITY = re.compile(
    r"&(?P<name>amp(?!;(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-f]+);)|lt|gt|quot|apos|nbsp|#0?39|#x27);"
)
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

TRIGGER = (
    r"(?i)&(?:amp|lt|gt|quot|apos|nbsp|#0?39|#x27);"
    rf"|</?(?:{_BLOCK})(?:\s[^<>]*)?/?>"
)


def html(text: str) -> str:
    r"""Take the tags out of prose that was scraped from a page, and decode what was escaped on the way.

    >>> html("First.<br>Second &amp; <b>last</b>.</p>")
    'First.\nSecond & last.\n'
    >>> html("&lt;mask&gt; isn&#39;t here")
    "<mask> isn't here"

    .87 % of real answers hold a "<" and .18 % a tag outside of code, and most of those are HTML on purpose.
    So the rule acts on about forty tags only, needs a block tag (br, p, li …) as its evidence, and steps back
    from any text that names HTML or a relative of it, starts with a tag, or holds layout. Parsers lose 60-100
    % of what else stands in angle brackets; here it is never touched:

    >>> for text in ["std::vector<int> v;", "Map<String, List<String>>", "#include <iostream>",
    ...              "x < y and y > z", "<|im_start|>user", "Dear <your name>,", "mail <a@b.c>",
    ...              "the file <i>.txt", "a `<br>` b"]:
    ...     assert html(text) == text

    Emphasis alone (`<u>word</u>`) is legal Markdown and often the point of a task ("underline the verb"), a
    lone link would lose its address, and `<sup>`, `<sub>`, `<del>` change the meaning of what they hold:

    >>> html("The moon is <u>bright</u>."), html("x<sup>2</sup>")
    ('The moon is <u>bright</u>.', 'x<sup>2</sup>')

    Entities that would spell a tag, or an entity, when decoded are shown on purpose:

    >>> html("Write &lt;br&gt; for a line"), html("write &amp;lt; for less")
    ('Write &lt;br&gt; for a line', 'write &amp;lt; for less')
    """
    return until_stable(_strip, text)


def _strip(text: str) -> str:
    if _ABOUT_MARKUP.search(text) or _STARTS_WITH_TAG.match(text):
        return text
    if _BLOCK_TAG.search(text):
        closed = {m["name"].lower() for m in _TAG.finditer(text) if m["close"]}

        def replace(match: "re.Match[str]") -> str:
            name = match["name"].lower()
            if not match["close"] and name not in closed and name not in _ALONE:
                return match.group()  # "<i>" without its "</i>": a type, an index, a blank to fill
            return "\n" if match["close"] + name in _NEW_LINE else match["end"] or ""

        text = sub_outside(_TAG, replace, text, protected(text))
    decoded = sub_outside(_ENTITY, lambda m: _DECODED.get(m["name"], "'"), text, protected(text))
    shown = len(_MARKUP.findall(decoded)) > len(_MARKUP.findall(text)) or _ABOUT_MARKUP.search(decoded)
    return text if shown else decoded


_MARKUP = re.compile(rf"</?(?:{_BLOCK}|{_INLINE})\b[^<>]*>", re.IGNORECASE)
