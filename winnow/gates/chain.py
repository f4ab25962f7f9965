"""The chain of gates as a table, and the only place that lists them: index, commands, report and tests read it here.

Each gate decides on the rows that the one before it kept; the order is that of :data:`CHAIN`. A gate's name is also its
stage, its group in ``params.yaml`` and its folder of decisions ``data/<name>``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from winnow.gates.rules import RULES
from winnow.gates.written import RULES as WRITTEN

FACTS = "annotate"
"""The table of all clean rows: its rows enter the first gate."""


class Reason(NamedTuple):
    """Why a decision was made, in a sentence about the row, and what its ``value`` and ``limit`` measure."""

    sentence: str
    measure: str = "measured"


DUPLICATES = {
    "exact": "exact_duplicate",
    "near": "near_duplicate",
    "semantic": "semantic_duplicate",
    "traditional": "script_duplicate",
    "response": "same_response",
    "prompt": "same_prompt",
}
"""Why ``deduplicate`` drops a row, by the relation that it has with the row that stays."""


@dataclass(frozen=True)
class Gate:
    """One gate.

    ``sentence`` says what the gate does, and is its ``desc`` in ``dvc.yaml``. ``reads`` names the data, below
    ``data/``, that it needs beside the rows that enter. ``reasons`` has all reason codes that its decisions may hold;
    one that ends with ``*`` stands for all that begin so. ``other`` says what the ``other_row_id`` of a decision is.
    """

    name: str
    sentence: str
    reads: tuple[str, ...]
    reasons: Mapping[str, Reason]
    other: str = ""

    def reason(self, code: str) -> Reason | None:
        """Return the reason with this code, ``None`` where the gate knows none.

        >>> BY_NAME["score"].reason("low_response_accuracy")
        Reason(sentence='Its response accuracy is below the limit.', measure='response accuracy')
        """
        if code in self.reasons:
            return self.reasons[code]
        for pattern, reason in self.reasons.items():
            start = pattern.removesuffix("*")
            if start != pattern and code.startswith(start):
                name = code.removeprefix(start).replace("_", " ")
                return Reason(reason.sentence.format(name), reason.measure.format(name))
        return None


_RULES = {rule.name: Reason(rule.sentence, rule.fact.replace("_", " ")) for rule in RULES}

CHAIN: tuple[Gate, ...] = (
    Gate(
        "filter",
        "Drops rows that people dropped, and rows that break a rule on length, form or flags.",
        (FACTS, "clean/matches", "patches"),
        {
            "dropped_by_hand": Reason("A person dropped it, or a row that it was made from."),
            "takedown": Reason("Taken down on request. Its text is not shown here."),
            **_RULES,
        },
        other="The row that it follows",
    ),
    Gate(
        "deduplicate",
        "Keeps one row of each group of equal or nearly equal rows.",
        (FACTS, "neighbours/links", "neighbours/sketches"),
        {
            "kto_contradiction": Reason(
                "As many rows or more label the same reply the other way.", "rows that label it so"
            ),
            "swapped_pair": Reason(
                "As many rows or more prefer the other of the same two replies.", "rows that prefer it so"
            ),
            "exact_duplicate": Reason("Another row is equal after normalisation.", "similarity"),
            "near_duplicate": Reason("Another row says nearly the same.", "similarity"),
            "script_duplicate": Reason(
                "Another row says the same, or nearly, in the other Chinese script.", "similarity"
            ),
            "semantic_duplicate": Reason("Another row says the same in other words.", "similarity"),
            "same_response": Reason("Another row gives the same reply to another prompt.", "similarity"),
            "same_prompt": Reason(
                "Another row has the same prompt, and of several replies the best stays or is chosen.", "value"
            ),
            "replaced": Reason("A row made from it, with its reply and another prompt, takes its place."),
            "preferred": Reason("Became the chosen reply of a preference pair.", "value"),
        },
        other="The row that stays",
    ),
    Gate(
        "decontaminate",
        "Drops rows that hold too much of an item of a test set.",
        ("overlaps",),
        {
            "benchmark_overlap": Reason("It holds too much of an item of a test set.", "overlap"),
            "benchmark_paraphrase": Reason("Its prompt says nearly what an item of a test set says.", "cosine"),
        },
        other="Test item",
    ),
    Gate(
        "score",
        "Drops rows that facts or a judging model rate too low, and rows whose verdict is pending.",
        (FACTS, "judge/facts"),
        {
            "pending": Reason("A reply of a model that the row needs is not there yet.", "replies missing"),
            "unjudged": Reason("A part of its score has no value, though no reply is pending.", "values missing"),
            "low_score": Reason("Its score, the weighted mean of its parts, is below the minimum.", "score"),
            "low_*": Reason("Its {} is below the limit.", "{}"),
        },
    ),
    Gate(
        "accept",
        "Drops rows that models wrote and that are faulty, not new, or beyond the target of their plan.",
        ("novelty/candidates", "novelty/checks", "novelty/pairs"),
        {
            **{rule.name: Reason(rule.sentence, rule.name.replace("_", " ")) for rule in WRITTEN},
            "not_novel": Reason("A row that stays, or a test item, asks nearly the same.", "ROUGE-L"),
            "beyond_target": Reason("Its plan has as many rows as it asks for.", "place in the plan"),
        },
        other="The row or test item that it is like",
    ),
    Gate(
        "split",
        "Assigns train, validation and test; drops validation and test rows that are near a train row.",
        (FACTS, "neighbours/links", "clean/records"),
        {
            "near_train": Reason(
                "A validation or test row whose text, prompt or translation a train row has, or nearly.", "similarity"
            )
        },
        other="The train row",
    ),
    Gate(
        "mix",
        "Draws the train set by caps, shares and size; rows that it drops are sound, there are too many of their kind.",
        (FACTS, "score", "split"),
        {
            "over_cap": Reason(
                "Its source, or another value that it has, has more rows than the mix allows.", "place in the draw"
            ),
            "over_share": Reason("The shares of the mix leave no place for it.", "place in the draw"),
            "over_total": Reason("Beyond the number of rows that train is to have.", "place in the draw"),
        },
    ),
)

BY_NAME = {gate.name: gate for gate in CHAIN}
GATES = tuple(BY_NAME)
"""The names of the gates in their order."""


def before(gate: str) -> str:
    """Return the table whose rows enter ``gate``: the gate before it, or the facts for the first.

    >>> before(GATES[0]), before(GATES[1]) == GATES[0]
    ('annotate', True)
    """
    return (FACTS, *GATES)[GATES.index(gate)]
