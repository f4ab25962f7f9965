"""The rules of ``filter`` as a table: name, fact, limit, unit and where each comes from.

A rule is an entry here, a setting in ``params.yaml`` and a row in the tests; nothing else names it. Left out on
purpose, because they hurt instruction data: C4's brace rule and its "five sentences" (Raffel et al. 2020; code, JSON
and one-line answers are good answers), Gopher's word counts, stop words and mean word length (Rae et al. 2021; a reply
of one word, a table or a Chinese text breaks them), FineWeb's line-end punctuation (lists), perplexity under a web
model (it prefers web prose to instructions), rates of unknown words (lists of names are all of them). ``repetition`` is
there and off: in curated sets its worst hits are tables, schedules and repeats that were asked for.
"""

from dataclasses import dataclass
from enum import Enum


class Breaks(Enum):
    """When a row breaks a rule: its fact lies below or above the limit, equals it, or the flag is there."""

    BELOW = "below"
    ABOVE = "above"
    EQUAL = "equal"
    FLAG = "flag"


@dataclass(frozen=True)
class Rule:
    """One rule: ``name`` is the setting and the reason of its drops, ``fact`` the column (or flag) it looks at.

    ``sentence`` says of a row that breaks it what is wrong: the help of its option, the first words of its comment in
    ``params.yaml``, and the text of the report. ``unit`` is that of the limit.
    ``fixed`` is the limit of a rule that has only a switch. ``only`` and ``unless`` name boolean facts: the rule
    concerns the rows where the one is true and the other is not. ``kind`` restricts it to rows of a kind. ``near``
    names the flag of rows that nearly break it.
    """

    name: str
    fact: str
    breaks: Breaks
    sentence: str
    unit: str = ""
    fixed: float | None = None
    only: str | None = None
    unless: str | None = None
    kind: str | None = None
    near: str | None = None

    @property
    def switch(self) -> bool:
        """Whether the setting is only on or off."""
        return self.breaks is Breaks.FLAG or self.fixed is not None


_FLAG, _BELOW, _ABOVE = Breaks.FLAG, Breaks.BELOW, Breaks.ABOVE
_LATIN = "Latin characters, a CJK one counts annotate.cjk_weight"

RULES: tuple[Rule, ...] = (
    Rule("empty_instruction", "prompt_length", _BELOW, "The user says nothing.", fixed=1),
    Rule(
        "empty_response",
        "response_length",
        _BELOW,
        "The reply is empty and calls no tool.",
        fixed=1,
        unless="calls_tool",
    ),
    Rule("placeholder", "placeholder", _FLAG, "The reply is a placeholder: N/A, TODO, [insert text]."),
    Rule(
        "only_markup", "only_markup", _FLAG, "The reply is nothing but a picture, a sound or a link, as text (Alpaca)."
    ),
    Rule(
        "needs_attachment",
        "needs_attachment",
        _FLAG,
        "The user asks about an image or a file that is not there (Alpaca).",
    ),
    Rule("needs_link", "needs_link", _FLAG, "The user asks about what stands behind a link (Alpaca)."),
    Rule(
        "missing_input", "missing_input", _FLAG, 'The user speaks of "the following text" and there is none (Alpaca).'
    ),
    # a reply that people preferred, or a "no" where none of the tools on offer would do, may well be the one to teach
    Rule(
        "refusal",
        "refusal",
        _FLAG,
        "The assistant refuses or says that it cannot.",
        near="refusal_weak",
        unless="offers_tools",
        kind="sft",
    ),
    # a set may want to teach these and no other refusals
    Rule(
        "safety_refusal",
        "refusal_safety",
        _FLAG,
        "The assistant refuses a dangerous request, or says that it is harmful.",
        unless="offers_tools",
        kind="sft",
    ),
    Rule(
        "foreign_identity", "foreign_identity", _FLAG, "The assistant says that it is ChatGPT, Vicuna or another model."
    ),
    Rule("verified_wrong", "verified_wrong", _FLAG, "A program proves the reply wrong: a sum, a count, a conversion."),
    Rule("code_translated", "code_translated", _FLAG, "The reply is code that a translator ruined."),
    Rule("next_task", "next_task", _FLAG, "The reply runs on into another task (Self-Instruct, Wang et al. 2023)."),
    Rule("echo", "echo", _FLAG, "The reply repeats the instruction."),
    Rule("wrong_language", "wrong_language", _FLAG, "The reply is in another language than was asked for."),
    # cleaning may have changed what was counted; and a model does not always do what it was asked
    Rule(
        "unmet_constraint",
        "constraints_met",
        _BELOW,
        "The reply does not meet a constraint that a method put into its prompt.",
        fixed=1,
    ),
    Rule("truncated", "truncated", _FLAG, "The reply stops in the middle."),
    Rule(
        "repetition",
        "duplicate_10gram_share",
        _ABOVE,
        "The reply repeats itself (Rae et al. 2021, A1.1).",
        "share of its characters in runs of ten tokens that stood before",
    ),
    Rule("short_instruction", "prompt_length", _BELOW, "All user turns together are too short.", _LATIN),
    Rule(
        "short_response",
        "answer_length",
        _BELOW,
        "The reply (its reasoning counts) is too short for a task that asks for a text.",
        _LATIN,
        only="asks_text",
        unless="calls_tool",
    ),
    Rule("long_response", "response_length", _ABOVE, "The reply is too long.", _LATIN),
    Rule("long_conversation", "total_length", _ABOVE, "The whole row is too long.", _LATIN),
    Rule(
        "preference_tie",
        "margin",
        Breaks.EQUAL,
        "Neither reply is preferred (WebGPT, Nakano et al. 2021).",
        fixed=0,
        kind="preference",
    ),
    Rule(
        "preference_equal",
        "same_replies",
        Breaks.EQUAL,
        "The chosen reply is the rejected one but for case, spaces, signs and dress.",
        fixed=1,
        kind="preference",
    ),
    Rule(
        "preference_inverted",
        "margin",
        _BELOW,
        "The source rates the rejected reply above the chosen one.",
        fixed=0,
        kind="preference",
    ),
)
"""In the order in which they give their reason: the first that a row breaks does."""

BY_NAME = {rule.name: rule for rule in RULES}
FLAGS = frozenset(name for rule in RULES if rule.breaks is _FLAG for name in (rule.fact, rule.near) if name)
"""The flags that the rules look at."""
