"""How people or a model rated a row, as its source gives it."""

import json
from typing import Any

import numpy as np
import pyarrow as pa

from winnow.facts.subject import Settings, Subject
from winnow.facts.texts import Texts
from winnow.records.meaning import column
from winnow.text.columns import matches

_KEYS = ("rating", "score", "quality")
_HAS_ONE = f'"(?:{"|".join(_KEYS)})"'


def rating(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return the source's own rating of each row, null where it has none; higher is better, scales are the source's.

    It is ``rating``, ``score`` or ``quality`` in the row's metadata, or OpenAssistant's ``quality`` label of the
    reply, a mean of its reviewers (0 to 1).
    """
    ratings: list[float | None] = [None] * len(texts)
    rows = np.flatnonzero(matches(texts.metadata, _HAS_ONE))
    for row, metadata in zip(rows.tolist(), texts.metadata.take(pa.array(rows)).to_pylist(), strict=True):
        ratings[row] = _rating(json.loads(metadata))
    return {"rating": pa.array(ratings, pa.float64())}


def _rating(metadata: dict[str, Any]) -> float | None:
    """Return the rating that metadata gives.

    >>> _rating({"score": 4}), _rating({"score": "good"}), _rating({"score": True})
    (4.0, None, None)
    >>> _rating({"messages": [{}, {"labels": {"name": ["spam", "quality"], "value": [0.0, 0.75]}}]})
    0.75
    """
    for key in _KEYS:
        value = metadata.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    messages = metadata.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    labels = last.get("labels") if isinstance(last, dict) else None
    if isinstance(labels, dict) and isinstance(labels.get("name"), list) and isinstance(labels.get("value"), list):
        named = dict(zip(labels["name"], labels["value"], strict=False))
        if isinstance(named.get("quality"), int | float):
            return round(float(named["quality"]), 6)
    return None


SUBJECT = Subject(
    [
        column(
            "rating",
            pa.float64(),
            "Rating that the source states in its metadata (`rating`, `score`, `quality`); higher is better.",
            "the source's scale",
            "the row's source",
        )
    ],
    rating,
)
