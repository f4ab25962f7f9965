"""What names in the tables mean, each in a sentence for the person who decides; other names are shown as they are."""

from functools import cache

from winnow.facts import lexicon
from winnow.facts.schema import FACTS
from winnow.gates.rules import BY_NAME
from winnow.gates.rules import RULES as FILTER_RULES

GATES = {
    "normalize": "Raw units that became no row",
    "filter": "Rules on length, form and flags",
    "deduplicate": "One of each group of equal or nearly equal rows stays",
    "decontaminate": "Rows that hold too much of a test item",
    "split": "Validation and test rows that are nearly the same as a training row",
    "mix": "Caps, shares and size of the training set; its drops are sound rows, of which there are too many of a kind",
    "score": "Rows that measures or a judging model rate too low, and rows not yet judged",
}

REASONS = {
    "dropped_by_hand": "A person dropped it, or a row that it was made from.",
    "takedown": "Taken down on request. Its text is not shown here.",
    **{rule.name: rule.help for rule in FILTER_RULES},
    "exact_duplicate": "Another row says the same, letter for letter after normalisation.",
    "near_duplicate": "Another row says nearly the same.",
    "semantic_duplicate": "Another row says the same in other words.",
    "same_prompt": "Another row has the same prompt, and of several replies the best stays or is chosen.",
    "same_response": "Another row gives the same reply to another prompt.",
    "preferred": "Became the chosen reply of a preference pair.",
    "benchmark_overlap": "The user's side holds too much of an item of a test set.",
    "near_train": "A validation or test row that a training row nearly repeats.",
    "over_cap": "Its source, or another value that it has, has more rows than the mix allows.",
    "over_share": "The shares of the mix are full without it.",
    "over_total": "Train has the number of rows that it is to have without it.",
    "pending": "A model's reply that the score of the row needs is not bought yet.",
    "unjudged": "A part of its score has no value, though no reply is pending.",
    "low_score": "Its score, the weighted mean of its parts, is below the minimum.",
}

_MEASURES = {
    "deduplicate": "similarity",
    "decontaminate": "overlap",
    "split": "similarity",
    "mix": "place in the draw",
}

_COUNTED = {"pending": "replies missing", "unjudged": "values missing"}

_LOW = "low_"
"""Prefix of the reason of a row whose value of one column is below the limit."""

RULES = {
    "patch": "A person changed it.",
    "mojibake": "Text decoded with the wrong encoding is decoded again.",
    "control": "Control characters, terminal escapes and stray byte order marks are removed.",
    "invisible": "Zero-width, direction and tag characters are removed, except in emoji and scripts that need them.",
    "html": "Remnants of HTML in prose are removed; code and text about HTML stay.",
    "runon": "A reply that runs on into the generator's next task is cut there.",
    "placeholder": "A context that only says “no input” becomes empty.",
    "no_output": "A response that only says “no output” becomes empty, and the filter drops the row.",
    "citation": "Citation marks such as [3] are removed.",
    "punctuation": "Half-width punctuation in Chinese prose, spaces before a comma and doubled full stops are fixed.",
    "whitespace": "White space is made regular outside code, tables and indents.",
}

COMPARED = {
    "filter": "The row that it copies or was made from",
    "deduplicate": "The row that stays",
    "decontaminate": "Item of the test set",
    "split": "The training row",
}
"""What the row or item beside a dropped row is, by gate."""


def meaning(gate: str, reason: str) -> str:
    """Return why a row left, in a sentence; nothing for a reason without one.

    >>> meaning("score", "low_response_accuracy")
    'Its response accuracy is below the limit.'
    """
    if gate == "score" and reason.startswith(_LOW) and reason not in REASONS:
        return f"Its {measure(gate, reason)} is below the limit."
    return REASONS.get(reason, "")


def measure(gate: str, reason: str) -> str:
    """Return what the value and the limit of a decision measure.

    >>> measure("filter", "short_response"), measure("split", "near_train"), measure("deduplicate", "same_prompt")
    ('answer length', 'similarity', 'value')
    >>> measure("score", "low_response_accuracy"), measure("score", "pending")
    ('response accuracy', 'replies missing')
    """
    if gate == "filter" and reason in BY_NAME:
        return BY_NAME[reason].fact.replace("_", " ")
    if gate == "score":
        return _COUNTED.get(reason, reason.removeprefix(_LOW).replace("_", " "))
    return "value" if reason in ("same_prompt", "preferred") else _MEASURES.get(gate, "measured")


def detail_text(gate: str, reason: str, detail: str) -> str:
    """Return the detail of a decision: of ``filter`` and ``score``, the other reasons for which the row would leave.

    >>> detail_text("filter", "echo", "truncated"), detail_text("mix", "over_cap", "source=alpaca")
    ('also truncated', 'source=alpaca')
    """
    others = gate == "score" or (gate == "filter" and reason in BY_NAME)
    return f"also {detail}" if others else detail


@cache
def explained(column: str) -> str:
    """Return what a fact or flag means, a fact with unit and source; empty where neither schema nor lexicon says."""
    if flag := lexicon.load("flags")["flags"].get(column):
        return str(flag["meaning"])
    if column not in FACTS.names:
        return ""
    metadata = FACTS.field(column).metadata or {}
    meaning, unit, source = (metadata.get(key, b"").decode() for key in (b"meaning", b"unit", b"source"))
    return " ".join(part for part in (meaning, unit and f"Unit: {unit}.", source and f"Source: {source}.") if part)
