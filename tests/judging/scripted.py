"""A judge without a model: its verdict is a function of the request, and it knows the canaries."""

import json
from typing import Any

from winnow.judging.rubric import COMPARISON, SCORES, Known, Rubric
from winnow.records.identity import digest


def verdict_of(body: dict[str, Any], rubrics: list[Rubric]) -> str:
    """Return a verdict in the form of the request's schema: that of a canary where it is one, else by lot."""
    user = body["messages"][-1]["content"]
    fields = body["response_format"]["json_schema"]["schema"]["properties"]
    lot = int(digest(user)[:12], 16)
    said: dict[str, Any] = {"reason": "By lot. 抽签决定。"}
    for place, (name, field) in enumerate(fields.items()):
        if name != "reason":
            said[name] = field["enum"][(lot >> (4 * place)) % len(field["enum"])]
    for rubric in rubrics:
        for known in rubric.canaries:
            if set(rubric_fields(rubric)) == set(fields) - {"reason"} and _shows(user, known):
                said |= _expected(rubric, known, user)
    return json.dumps(said, ensure_ascii=False)


def rubric_fields(rubric: Rubric) -> list[str]:
    """Return the names of the fields of a rubric's verdict."""
    return [name for name, _ in rubric.allowed]


def _shows(user: str, known: Known) -> bool:
    return all(f"\n{text}\n<<<end " in user for text in (known.prompt, known.response, known.other) if text)


def _expected(rubric: Rubric, known: Known, user: str) -> dict[str, Any]:
    if rubric.kind == COMPARISON:
        better = known.response if known.expect["preferred"] == "chosen" else known.other
        first = user.split("<<<A ", 1)[1].split("<<<end", 1)[0]
        return {"verdict": "A" if better in first else "B"}
    if rubric.kind == SCORES:
        return {name: span[0] for name, span in known.expect.items()}
    return dict(known.expect)
