"""What a reply says, read so that nothing is guessed: a verdict in the form asked for, or none.

No number is clamped, rounded or picked from a sentence. UltraFeedback read "1" as 10 in thousands of replies; here
"10/1", "11", NaN, "eight" and a score that stands twice are no verdicts.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from winnow.judging.rubric import HIGHEST, LOWEST, SCORES, TWO_SCORES, Rubric
from winnow.judging.settings import TEXT

Verdict = Mapping[str, float | str]
"""Scores by criterion, labels by criterion, ``{"verdict": "A" | "B" | "tie"}`` or ``{"A": 9.0, "B": 8.5}``."""

_THOUGHT = re.compile(r"\A\s*(?:<think>)?(?:(?!</?think>).)*</think>", re.DOTALL)  # templates may open it themselves
_JSON_FENCE = re.compile(r"^```(?:json)?\s*\n(.*)\n\s*```$", re.DOTALL | re.IGNORECASE)
_MARKS = "*_` \t\r\f\v\xa0\u3000"  # spaces and Markdown's marks around a value
_TWO = re.compile(r"([0-9]+(?:\.[0-9]+)?)[ \t,]+([0-9]+(?:\.[0-9]+)?)")
_LAST_TWO = re.compile(
    r"Scores?:[ \t]*\n[ \t]*(?:Assistant 1|A):[ \t]*([0-9]+(?:\.[0-9]+)?)[ \t]*\n"
    r"[ \t]*(?:Assistant 2|B):[ \t]*([0-9]+(?:\.[0-9]+)?)[ \t]*(?:\n|$)"
)


class NoVerdict(Exception):
    """A reply without a verdict; its text is the reason code: ``unparsed`` or ``out_of_range``."""


def verdict(text: str, rubric: Rubric, form: str) -> Verdict:
    """Return the verdict in ``text``; raises :class:`NoVerdict` where there is none in the form asked for.

    >>> two = Rubric("c", "comparison", (), {"en": "Which is better?"})
    >>> verdict('{"reason": "B errs.", "verdict": "A"}', two, "json_schema")
    {'verdict': 'A'}
    """
    if "</think>" in text:
        text = _THOUGHT.sub("", text)
    text = text.strip()
    if rubric.reply == TWO_SCORES:
        return _two_scores(text)
    found = _from_lines(text, rubric) if form == TEXT else _from_json(text)
    return {name: _value(found, name, values) for name, values in rubric.allowed}


def _value(found: Mapping[str, Any], name: str, values: tuple[Any, ...]) -> float | str:
    if name not in found:
        raise NoVerdict("unparsed")
    value = found[name]
    if isinstance(values[0], str):
        if not isinstance(value, str):
            raise NoVerdict("unparsed")
        if value not in values:
            raise NoVerdict("out_of_range")
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise NoVerdict("unparsed")
    if value not in values:
        raise NoVerdict("out_of_range")
    return float(value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NoVerdict("unparsed")
    return found


def _from_json(text: str) -> Mapping[str, Any]:
    if fence := _JSON_FENCE.match(text):
        text = fence[1].strip()
    try:
        found = json.loads(text, strict=False, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise NoVerdict("unparsed") from None
    if not isinstance(found, dict):
        raise NoVerdict("unparsed")
    return found


@cache
def _line(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"[\s*_`-]*({'|'.join(names)})[\s*_`]*[:：](.*)")


def _from_lines(text: str, rubric: Rubric) -> Mapping[str, Any]:
    """Return the fields that the last lines give, each once: as many lines as there are fields."""
    names = tuple(name for name, _ in rubric.allowed)
    lines = [line for line in text.split("\n") if line.strip()][-len(names) :]
    found: dict[str, Any] = {}
    for line in lines:
        match = _line(names).fullmatch(line)
        if match is None or match[1] in found:
            raise NoVerdict("unparsed")
        said = match[2].strip(_MARKS)
        whole = re.fullmatch(r"[0-9]{1,4}", said) and rubric.kind == SCORES
        found[match[1]] = int(said) if whole else said
    return found


def _two_scores(text: str) -> Verdict:
    """Return the scores on the first line, or, where a judge reasoned first, those under its last ``Scores:``.

    >>> _two_scores("9 8.5\\nBoth are helpful.")
    {'A': 9.0, 'B': 8.5}
    """
    found = _TWO.fullmatch(text.split("\n", 1)[0].strip())
    if found is None:
        behind = _LAST_TWO.findall(text)
        if len(behind) != 1:
            raise NoVerdict("unparsed")
        first, second = behind[0]
    else:
        first, second = found[1], found[2]
    scores = {"A": float(first), "B": float(second)}
    if not all(LOWEST <= score <= HIGHEST for score in scores.values()):
        raise NoVerdict("out_of_range")
    return scores
