"""What people or a model said of a row's quality, as its source gives it."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.texts import Texts

FIELDS = [pa.field("rating", pa.float64())]
_KEYS = ("rating", "score", "quality")
_HAS_ONE = '"(?:rating|score|quality)"'


def rating(texts: Texts) -> dict[str, pa.Array]:
    """Return the source's own rating of each row, null where it has none; higher is better, scales are the source's.

    It is ``rating``, ``score`` or ``quality`` in the row's metadata, or OpenAssistant's ``quality`` label of the
    reply, a mean of its reviewers (0 to 1).
    """
    found: list[float | None] = [None] * len(texts)
    at = np.flatnonzero(pc.match_substring_regex(texts.metadata, _HAS_ONE).to_numpy(zero_copy_only=False))
    for index, metadata in zip(at.tolist(), texts.metadata.take(pa.array(at)).to_pylist(), strict=True):
        found[index] = _rating(json.loads(metadata))
    return {"rating": pa.array(found, pa.float64())}


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
