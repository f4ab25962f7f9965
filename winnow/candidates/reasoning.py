"""Checks of what can be computed: the sums in the steps of a candidate's reasoning, and its final answer."""

import re
from fractions import Fraction

from winnow.candidates.checks import Candidate, Found
from winnow.facts.proofs.sums import result
from winnow.facts.proofs.wrong import LONGEST_PROMPT, LONGEST_REPLY, wrong

_NUMBER = r"-?\d+(?:,\d{3})*(?:\.\d+)?"
_SUM = re.compile(
    rf"(?<![\w.,)=+*/×÷-])(?P<sum>{_NUMBER}(?: ?[-+*/×÷] ?{_NUMBER})+) ?= ?(?P<is>{_NUMBER})(?![\w%.,]*\d|\s*[-+*/×÷%])"
)
_STEPS = 200  # sums of one row that are checked


def wrong_step(one: Candidate) -> Found | None:
    """Count the sums in the reasoning, such as ``3 + 4 = 8``, that are wrong; a rounded result is right.

    >>> wrong_step(Candidate("", "", "", "en", reasoning="3 + 4 = 7\\n10 / 3 = 3.33\\nso 2 * 6 = 13"))
    Found(value=1.0, detail='2 * 6 = 13')
    """
    if not one.reasoning:
        return None
    faults = [
        match[0] for match in list(_SUM.finditer(one.reasoning))[:_STEPS] if not _right(match["sum"], match["is"])
    ]
    return Found(float(len(faults)), faults[0] if faults else None)


def _right(asked: str, said: str) -> bool:
    """Say whether ``said`` is the result of a sum, to as many places as it has; a sum that is not read is right."""
    value = result(f"Calculate {asked}")
    if value is None:
        return True
    number, unit = Fraction(said.replace(",", "")), Fraction(1, 10 ** len(said.partition(".")[2]))
    rounded = (value / unit).denominator > 1
    return abs(value - number) < unit if rounded else value == number


def wrong_answer(one: Candidate) -> Found | None:
    """Tell whether a program proves the reply wrong as an answer to the question that the row was made from.

    Constraints on the form of a reply change no sum.
    """
    asked = f"{one.parent} {one.parent_input}".strip()
    if not one.parent or len(asked.encode()) > LONGEST_PROMPT or len(one.output.encode()) > LONGEST_REPLY:
        return None
    return Found(float(wrong(asked, one.output)))
