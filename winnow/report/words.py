"""What the names in the tables mean, in a sentence for the person who decides; a name not here stands for itself."""

from winnow.facts import lexicon
from winnow.gates.rules import BY_NAME
from winnow.gates.rules import RULES as FILTER_RULES

GATES = {
    "filter": "Rules on length, form and flags",
    "deduplicate": "One of each group of equal or nearly equal rows stays",
    "decontaminate": "Rows that hold too much of a test item",
    "split": "Validation and test rows too near to a training row",
    "mix": "Caps, shares and size of the training set; its rows are sound, there are too many of their kind",
    "judge": "What a judging model said",
    "score": "Rows that measures or a judging model rate too low, and rows not yet judged",
}

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
    "over_share": "The shares of the mix leave no place for it.",
    "over_total": "Beyond the number of rows that train is to have.",
    "pending": "A reply of a model that the row needs is not there yet.",
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
"""How the reason begins of a row whose value of one column is below the limit."""

RULES = {
    "patch": "A person changed it.",
    "mojibake": "Text decoded with the wrong encoding is decoded again.",
    "control": "Control characters, terminal escapes and stray byte order marks go.",
    "invisible": "Zero-width, direction and tag characters go; emoji and scripts that need them keep theirs.",
    "html": "Remnants of HTML in prose go; code and talk about HTML stay.",
    "runon": "A reply that runs on into the generator's next task is cut there.",
    "placeholder": "A context that says “no input” in so many words becomes empty.",
    "no_output": "A response that says “no output” becomes empty (and the filter drops the row).",
    "citation": "Citation marks such as [3] go.",
    "punctuation": "Half-width signs in Chinese prose, spaces before a comma, doubled stops.",
    "whitespace": "White space that is not code, a table or an indent.",
}

RELATIONS = {
    "filter": "The row that it follows",
    "deduplicate": "The row that stays",
    "decontaminate": "Item of the test set",
    "split": "The training row",
}


def meaning(gate: str, reason: str) -> str:
    """Return why a row left, in a sentence; nothing for a reason that nobody explained.

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


def breaks_too(gate: str, reason: str, detail: str) -> str:
    """Return what a decision says beyond value and limit: of ``filter`` and ``score``, what else a row leaves for.

    >>> breaks_too("filter", "echo", "truncated"), breaks_too("mix", "over_cap", "source=alpaca")
    ('also truncated', 'source=alpaca')
    """
    others = gate == "score" or (gate == "filter" and reason in BY_NAME)
    return f"also {detail}" if others else detail


def flags() -> dict[str, str]:
    """Return what each flag of the lexicon means."""
    return {str(name): str(flag["meaning"]) for name, flag in lexicon.load("flags")["flags"].items()}
