"""The edits of cleaning, rule by rule, with the changed places of some."""

from dataclasses import dataclass

from winnow.report.examples.texts import Edit
from winnow.report.format.numbers import ranked
from winnow.report.inputs import Inputs
from winnow.report.section import Section
from winnow.report.survey.counts import nested
from winnow.text.worddiff import Pieces, around_changes, bounded, word_diff

CHANGES = 6  # changed places shown of one edit
LONGEST = 240  # characters shown of one removed or added piece
AROUND = 36  # characters of unchanged text shown on each side of a change


@dataclass(frozen=True)
class Rule:
    """One rule with its edits by source and some of them, each with its changed places."""

    name: str
    count: int
    by_source: list[tuple[str, int]]
    examples: list[tuple[Edit, Pieces]]


class Cleaning(Section):
    """The rules that changed something, the most frequent first, and how many rows they changed."""

    title = "Cleaning"

    def __init__(self, inputs: Inputs) -> None:
        rules = []
        for name, by_source in nested(inputs.survey.edits).items():
            edits = [inputs.texts.edits[place] for place in inputs.choice.edits.get((name,), [])]
            examples = [(edit, _changes(edit)) for edit in edits]
            rules.append(Rule(name, by_source.total(), ranked(by_source), examples))
        self.rules = sorted(rules, key=lambda rule: (-rule.count, rule.name))
        self.edited = inputs.survey.edited


def _changes(edit: Edit) -> Pieces:
    """Return the changed places of an edit, with some text around each."""
    return around_changes(bounded(word_diff(edit.before, edit.after, letters=True), CHANGES, LONGEST), AROUND)
