"""What the names in the tables mean, in a sentence for the person who decides; a name not here stands for itself."""

from winnow.cleaning.rules import RULES as CLEANING_RULES
from winnow.facts import lexicon
from winnow.gates.chain import BY_NAME, CHAIN
from winnow.gates.rules import BY_NAME as FILTER_RULES

GATES = {gate.name: gate.sentence for gate in CHAIN} | {"judge": "What a judging model said"}

SECTIONS = {
    "headline": "overview",
    "made-of": "before and after",
    "mix": "coverage and mix",
    "left-out": "left out",
    "by-language": "by language",
}
"""What links call a section, where its anchor does not say it."""

SHORT = {"deduplicate": "dedupli\xadcate", "decontaminate": "deconta\xadminate"}
"""Names of gates as they may break in the head of a table."""

RULES = {"patch": "A person changed it.", **{rule.name: rule.sentence for rule in CLEANING_RULES}}

RELATIONS = {gate.name: gate.other for gate in CHAIN if gate.other}


def meaning(gate: str, reason: str) -> str:
    """Return why a row left, in a sentence; nothing for a reason that nobody explained.

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


def breaks_too(gate: str, reason: str, detail: str) -> str:
    """Return what a decision says beyond value and limit: of ``filter`` and ``score``, what else a row leaves for.

    >>> breaks_too("filter", "echo", "truncated"), breaks_too("mix", "over_cap", "source=alpaca")
    ('also truncated', 'source=alpaca')
    """
    others = gate == "score" or (gate == "filter" and reason in FILTER_RULES)
    return f"also {detail}" if others else detail


def flags() -> dict[str, str]:
    """Return what each flag of the lexicon means."""
    return {str(name): str(flag["meaning"]) for name, flag in lexicon.load("flags")["flags"].items()}
