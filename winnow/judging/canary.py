"""Canaries: made-up rows with known verdicts, asked again in every session of ``winnow ask``.

A model behind the same name changes (Chen et al. 2023, "How is ChatGPT's behavior changing over time?"). A canary
tells: its verdict must lie where the rubric says, and near the one of the first session.
"""

from winnow.judging.conclusion import preference
from winnow.judging.render import request
from winnow.judging.rubric import CHOSEN, COMPARISON, PREFERRED, REJECTED, SCORES, TIE, Known, Rubric
from winnow.judging.settings import Settings
from winnow.judging.verdict import Verdict, verdict
from winnow.replies.stage import Canary, Unusable

TOLERANCE = 2  # points on the scale of ten; greedy replies of one model differ by less


def canaries(settings: Settings, session: int) -> list[Canary]:
    """Return the canaries of all rubrics; each session's have keys of their own."""
    return [
        _canary(settings, rubric, known, swapped, session)
        for rubric in settings.rubrics
        for known in rubric.canaries
        for swapped in rubric.swapped
    ]


def _canary(settings: Settings, rubric: Rubric, known: Known, swapped: bool, session: int) -> Canary:
    shown = [("user", known.prompt)] if "prompt" in rubric.shows or rubric.kind == COMPARISON else []
    if rubric.kind == COMPARISON:
        replies = [known.response, known.other]
        shown += zip(("A", "B"), replies[::-1] if swapped else replies, strict=True)
    elif "response" in rubric.shows:
        shown.append(("response", known.response))
    asked = request(settings, shown, known.language, rubric, -1 - session)

    def problem(reply: str, first: str | None) -> str | None:
        return _problem(reply, first, rubric, known, swapped, settings.form)

    return Canary(f"{rubric.name}/{known.name}", asked, problem)


def _problem(reply: str, first: str | None, rubric: Rubric, known: Known, swapped: bool, form: str) -> str | None:
    name = f"canary {known.name} of data/rubrics/{rubric.name}.yaml"
    try:
        said = verdict(reply, rubric, form)
    except Unusable as reason:
        return f"{name}: the reply is no verdict ({reason})"
    if off := _outside(said, rubric, known, swapped):
        return f"{name}: {off}"
    if first is None:
        return None
    try:
        before = verdict(first, rubric, form)
    except Unusable:
        return None
    for criterion, value in said.items():
        was = before[criterion]
        near = value == was if isinstance(value, str) else abs(value - float(was)) <= TOLERANCE
        if not near:
            return f"{name}: {criterion} was {_shown(was)} in the first session and is {_shown(value)} now"
    return None


def _outside(said: Verdict, rubric: Rubric, known: Known, swapped: bool) -> str | None:
    """Return how a verdict differs from the known one."""
    if rubric.kind == COMPARISON:
        better = {1.0: "A", -1.0: "B", 0.0: TIE}[preference(said)]
        wanted = {CHOSEN: "AB", REJECTED: "BA"}.get(str(known.expect[PREFERRED]), [TIE, TIE])[swapped]
        return None if better == wanted else f"the verdict is {better} and is known to be {wanted}"
    for criterion, expected in known.expect.items():
        value = said[criterion]
        if rubric.kind == SCORES:
            lowest, highest = expected
            if not lowest <= float(value) <= highest:
                return f"{criterion} is {_shown(value)} and is known to lie in {lowest}-{highest}"
        elif value != expected:
            return f"{criterion} is {value} and is known to be {expected}"
    return None


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
