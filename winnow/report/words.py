"""What names in the tables mean, each in a sentence for the person who decides; other names are shown as they are."""

from functools import cache

from winnow.cleaning.rules import RULES as CLEANING_RULES
from winnow.facts import lexicon
from winnow.facts.explain import explain
from winnow.facts.schema import FACTS
from winnow.gates.chain import BY_NAME, CHAIN
from winnow.gates.rules import BY_NAME as FILTER_RULES

GATES = {"normalize": "Raw units that became no row.", **{gate.name: gate.sentence for gate in CHAIN}}

RULES = {"patch": "A person changed it.", **{rule.name: rule.sentence for rule in CLEANING_RULES}}

COMPARED = {gate.name: gate.other for gate in CHAIN if gate.other}
"""What the row or item beside a dropped row is, by gate."""


def meaning(gate: str, reason: str) -> str:
    """Return why a row left, in a sentence; nothing for a reason without one.

    >>> meaning("score", "low_response_accuracy")
    'Its response accuracy is below the limit.'
    """
    known = BY_NAME[gate].reason(reason) if gate in BY_NAME else None
    return known.sentence if known else ""


def measure(gate: str, reason: str) -> str:
    """Return what the value and the limit of a decision measure.

    >>> measure("filter", "short_response"), measure("split", "near_train"), measure("deduplicate", "same_prompt")
    ('answer length', 'similarity', 'value')
    >>> measure("score", "low_response_accuracy"), measure("score", "pending")
    ('response accuracy', 'replies missing')
    """
    known = BY_NAME[gate].reason(reason) if gate in BY_NAME else None
    return known.measure if known else "measured"


def detail_text(gate: str, reason: str, detail: str) -> str:
    """Return the detail of a decision: of ``filter`` and ``score``, the other reasons for which the row would leave.

    >>> detail_text("filter", "echo", "truncated"), detail_text("mix", "over_cap", "source=alpaca")
    ('also truncated', 'source=alpaca')
    """
    others = gate == "score" or (gate == "filter" and reason in FILTER_RULES)
    return f"also {detail}" if others else detail


@cache
def explained(column: str) -> str:
    """Return what a fact or flag means, a fact with unit and source; empty where neither schema nor lexicon says."""
    if flag := lexicon.load("flags")["flags"].get(column):
        return str(flag["meaning"])
    if column not in FACTS.names:
        return ""
    meaning = explain(column)
    return f"{meaning.meaning} Unit: {meaning.unit}. Source: {meaning.source}."
