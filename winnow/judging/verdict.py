"""What a reply says, read so that nothing is guessed: a verdict in the form asked for, or none.

No number is clamped, rounded or picked from a sentence. UltraFeedback read "1" as 10 in thousands of replies; here
"10/1", "11", NaN, "eight" and a score that stands twice are no verdicts.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from winnow.judging.rubric import HIGHEST, LOWEST, SCORES, TWO_SCORES, Rubric
from winnow.replies.form import TEXT, json_object, without_thought
from winnow.replies.stage import Unusable

Verdict = Mapping[str, float | str]
"""Scores by criterion, labels by criterion, ``{"verdict": "A" | "B" | "tie"}`` or ``{"A": 9.0, "B": 8.5}``."""

_MARKS = "*_` \t\r\f\v\xa0\u3000"  # spaces and Markdown's marks around a value
_TWO = re.compile(r"([0-9]+(?:\.[0-9]+)?)[ \t,]+([0-9]+(?:\.[0-9]+)?)")
_LAST_TWO = re.compile(
    r"Scores?:[ \t]*\n[ \t]*(?:Assistant 1|A):[ \t]*([0-9]+(?:\.[0-9]+)?)[ \t]*\n"
    r"[ \t]*(?:Assistant 2|B):[ \t]*([0-9]+(?:\.[0-9]+)?)[ \t]*(?:\n|$)"
)


def verdict(text: str, rubric: Rubric, form: str) -> Verdict:
    """Return the verdict in ``text``.

    Raises :class:`~winnow.replies.stage.Unusable`, ``unparsed`` or ``out_of_range``, where none has the form asked for.

    >>> two = Rubric("c", "comparison", (), {"en": "Which is better?"})
    >>> verdict('{"reason": "B errs.", "verdict": "A"}', two, "json_schema")
    {'verdict': 'A'}
    """
    text = without_thought(text).strip()
    if rubric.reply == TWO_SCORES:
        return _two_scores(text)
    fields = _from_lines(text, rubric) if form == TEXT else json_object(text)
    return {name: _value(fields, name, values) for name, values in rubric.allowed}


def _value(fields: Mapping[str, Any], name: str, values: tuple[Any, ...]) -> float | str:
    if name not in fields:
        raise Unusable("unparsed")
    value = fields[name]
    if isinstance(values[0], str):
        if not isinstance(value, str):
            raise Unusable("unparsed")
        if value not in values:
            raise Unusable("out_of_range")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise Unusable("unparsed")
    if value not in values:
        raise Unusable("out_of_range")
    return float(value)


@cache
def _line(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"[\s*_`-]*({'|'.join(names)})[\s*_`]*[:：](.*)")


def _from_lines(text: str, rubric: Rubric) -> Mapping[str, Any]:
    """Return the fields that the last lines give, each once: as many lines as there are fields.

    Where a text has another complete set of them that differs (a draft, the example that it was shown), nobody knows
    which one is meant.
    """
    names = tuple(name for name, _ in rubric.allowed)
    lines = [_field(line, names, rubric) for line in text.split("\n") if line.strip()]
    sets = [_set(lines[at : at + len(names)]) for at in range(len(lines) - len(names) + 1)]
    complete = [fields for fields in sets if fields is not None]
    if not complete or sets[-1] is None or any(fields != complete[-1] for fields in complete):
        raise Unusable("unparsed")
    return complete[-1]


def _field(line: str, names: tuple[str, ...], rubric: Rubric) -> tuple[str, Any] | None:
    match = _line(names).fullmatch(line)
    if match is None:
        return None
    said = match[2].strip(_MARKS)
    whole = re.fullmatch(r"([0-9]{1,4})(?:\.0{1,4})?", said) if rubric.kind == SCORES else None
    return match[1], int(whole[1]) if whole else said


def _set(lines: list[tuple[str, Any] | None]) -> dict[str, Any] | None:
    """Return the fields of so many lines, None where they are not each field once."""
    fields = dict(line for line in lines if line is not None)
    return fields if len(fields) == len(lines) else None


def _two_scores(text: str) -> Verdict:
    """Return the scores on the first line, or, where a judge reasoned first, those under its last ``Scores:``.

    >>> _two_scores("9 8.5\\nBoth are helpful.")
    {'A': 9.0, 'B': 8.5}
    """
    match = _TWO.fullmatch(text.split("\n", 1)[0].strip())
    if match is None:
        behind = _LAST_TWO.findall(text)
        if len(behind) != 1:
            raise Unusable("unparsed")
        first, second = behind[0]
    else:
        first, second = match[1], match[2]
    scores = {"A": float(first), "B": float(second)}
    if not all(LOWEST <= score <= HIGHEST for score in scores.values()):
        raise Unusable("out_of_range")
    return scores
