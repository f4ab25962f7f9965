"""The cleaning rules as a table, in the order in which they are applied.

The options of the stage and the texts of the report are the sentences of this table; a test compares the comments in
``params.yaml`` with them.

Wrong decoding comes first, because every later rule reads characters; then what is invisible, so that a mark or a tag
is not split by it; then markup, because entities hide placeholders and citations; white space last, because each
removal leaves some.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

import regex

from winnow.cleaning import (
    citation,
    control,
    html,
    invisible,
    mojibake,
    placeholder,
    punctuation,
    runon,
    whitespace,
)

ALL_FIELDS = frozenset({"system", "context", "instruction", "response"})
MAX_PASSES = 8


class Rule(NamedTuple):
    """One rule: its switch, where it applies, a cheap test for "may change", the change itself, and its sentence."""

    name: str  # also the switch in params.yaml and the `rule` of the edits table
    fields: frozenset[str]  # "instruction" = every user turn, "response" = every assistant turn, also rejected ones
    trigger: str  # RE2 (pyarrow.compute.match_substring_regex): matches every text that `fix` would change
    fix: Callable[[str], str]  # pure and idempotent
    sentence: str  # what becomes of the text: help of the option, comment in params.yaml, text of the report


RULES: tuple[Rule, ...] = (
    Rule(
        "mojibake",
        ALL_FIELDS,
        mojibake.TRIGGER,
        mojibake.mojibake,
        "Text decoded with the wrong encoding is decoded again (ftfy); Chinese punctuation stays.",
    ),
    Rule(
        "control",
        ALL_FIELDS,
        control.TRIGGER,
        control.control,
        "Control characters, terminal escapes and stray byte order marks are removed.",
    ),
    Rule(
        "invisible",
        ALL_FIELDS,
        invisible.TRIGGER,
        invisible.invisible,
        "Zero-width, bidi and tag characters are removed, except in emoji and scripts that need them.",
    ),
    Rule(
        "html",
        frozenset({"context", "instruction", "response"}),
        html.TRIGGER,
        html.html,
        "Remnants of HTML in prose are removed; code and text about HTML stay.",
    ),
    Rule(
        "runon",
        frozenset({"response"}),
        runon.TRIGGER,
        runon.runon,
        "A reply that runs on into the generator's next task is cut there (Self-Instruct, Alpaca).",
    ),
    Rule(
        "placeholder",
        frozenset({"context"}),
        placeholder.CONTEXT_TRIGGER,
        placeholder.placeholder,
        'A context that only says "No input" becomes empty (Alpaca).',
    ),
    Rule(
        "no_output",
        frozenset({"response"}),
        placeholder.RESPONSE_TRIGGER,
        placeholder.no_output,
        'A response that only says "<nooutput>" becomes empty, and filter drops the row (Alpaca).',
    ),
    Rule(
        "citation",
        frozenset({"context", "instruction", "response"}),
        citation.TRIGGER,
        citation.citation,
        "Citation marks of Wikipedia such as [3] are removed (Dolly).",
    ),
    Rule(
        "punctuation",
        frozenset({"response"}),
        punctuation.TRIGGER,
        punctuation.punctuation,
        "Half-width marks in Chinese prose, doubled stops and spaces before a comma are corrected.",
    ),
    Rule(
        "whitespace",
        ALL_FIELDS,
        whitespace.TRIGGER,
        whitespace.whitespace,
        "Superfluous white space is removed; code, tables and indents stay.",
    ),
)


@cache
def may_change(trigger: str) -> Callable[[str], object]:
    r"""Return the trigger as a test of one text in Python, where Arrow would compile the pattern at every call.

    `re` is several times faster on plain classes, `regex` knows RE2's \pL; both need two spellings changed.

    >>> bool(may_change(r"\x{3000}\z")("a\u3000")), bool(may_change(r"\x{3000}\z")("a"))
    (True, False)
    """
    pattern = regex.sub(r"\\x\{([0-9a-f]+)\}", lambda m: rf"\U{int(m[1], 16):08x}", trigger)
    engine = regex if r"\p" in pattern else re
    return engine.compile(pattern.replace(r"\z", r"\Z")).search


def edits(
    text: str, field: str, rules: Iterable[Rule] = RULES, triggered: frozenset[str] | None = None
) -> Iterator[tuple[str, str, str]]:
    """Yield each change as (rule, before, after), in order; the last `after` is the clean text.

    `triggered` names the rules whose trigger is known to match, so that others are not tried on the text as it came.

    One rule can uncover work for an earlier one (a decoded entity is a tag, a removed tag joins two spaces),
    so the rules run until none acts. Few texts need a second pass; the bound is for texts made to have none.

    >>> list(edits("&lt;noinput&gt;", "context"))
    [('html', '&lt;noinput&gt;', '<noinput>'), ('placeholder', '<noinput>', '')]
    """
    wanted = [(rule, may_change(rule.trigger)) for rule in rules if field in rule.fields]
    for _ in range(MAX_PASSES):
        before_pass = text
        for rule, matches in wanted:
            tried = matches(text) if triggered is None else rule.name in triggered
            if tried and (after := rule.fix(text)) != text:
                yield rule.name, text, after
                text, triggered = after, None
        if text == before_pass:
            return


def clean_text(text: str, field: str, rules: Iterable[Rule] = RULES) -> str:
    r"""Return the text after all rules of its field; cleaning it again changes nothing.

    >>> clean_text("Fine .  \r\n\n\n\n<noinput>", "response")
    'Fine.\n\n<noinput>'
    """
    done = list(edits(text, field, rules))
    return done[-1][2] if done else text
