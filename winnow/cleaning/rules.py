"""The cleaning rules as a table, in the order in which they are applied.

The options of the stage and the texts of the report are the sentences of this table; a test compares the comments in
``params.yaml`` with them.

Wrong decoding comes first, because every later rule reads characters; then what is invisible, so that a mark or a tag
is not split by it; then markup, because entities hide placeholders and citations; white space last, because each
removal leaves some.

A rule needs evidence that the defect is there, so it gets the row with the text: where the prompt makes its sign the
subject, it steps back. Replies to one prompt are cleaned together: a rule that would change one and leave its sign in
another changes none, because the sign would tell the chosen from the rejected.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

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
    zalgo,
)
from winnow.cleaning.row import Row

ALL_FIELDS = frozenset({"system", "context", "instruction", "response"})


class Rule(NamedTuple):
    """One rule: its switch, where it applies, a cheap test for "may change", the change itself, and its sentence."""

    name: str  # also the switch in params.yaml and the `rule` of the edits table
    fields: frozenset[str]  # "instruction" = every user turn, "response" = every assistant turn, also rejected ones
    trigger: str  # RE2 (pyarrow.compute.match_substring_regex): matches every text that `fix` would change
    fix: Callable[[str, Row], str]  # pure, and idempotent for one row
    sentence: str  # what becomes of the text: help of the option, comment in params.yaml, text of the report
    ascii: bool = True  # whether a text of ASCII alone may trigger it
    sign: Any = None  # compiled pattern: what left in one reply tells it from another that was changed


RULES: tuple[Rule, ...] = (
    Rule(
        "mojibake",
        ALL_FIELDS,
        mojibake.TRIGGER,
        mojibake.mojibake,
        "Text decoded with the wrong encoding is decoded again (ftfy); Chinese punctuation stays.",
        sign=mojibake.SIGN,
        ascii=False,
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
        ascii=False,
    ),
    Rule(
        "zalgo",
        ALL_FIELDS,
        zalgo.TRIGGER,
        zalgo.zalgo,
        "Heaps of four or more marks on one letter are removed, except where the prompt is about them.",
        ascii=False,
    ),
    Rule(
        "html",
        frozenset({"context", "instruction", "response"}),
        html.TRIGGER,
        html.html,
        "Remnants of HTML in prose are removed; code, tables and rows about HTML stay.",
        sign=html.SIGN,
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
        'A response that only says "<nooutput>" becomes empty; "<noinput>" before a reply goes (Alpaca).',
    ),
    Rule(
        "citation",
        frozenset({"context", "instruction", "response"}),
        citation.TRIGGER,
        citation.citation,
        "Citation marks of Wikipedia such as [3] are removed, unless the row has what they point at (Dolly).",
        sign=citation.SIGN,
    ),
    Rule(
        "punctuation",
        frozenset({"response"}),
        punctuation.TRIGGER,
        punctuation.punctuation,
        "Half-width marks in Chinese prose, doubled stops and spaces before a comma are corrected.",
        sign=punctuation.SIGN,
    ),
    Rule(
        "whitespace",
        ALL_FIELDS,
        whitespace.TRIGGER,
        whitespace.whitespace,
        "Superfluous white space is removed; code, tables and indents stay.",
        sign=whitespace.SIGN,
    ),
)
