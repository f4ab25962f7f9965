"""A request to a model and the key under which its reply is kept."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from winnow.records.identity import digest
from winnow.records.record import canonical_json


class Request(NamedTuple):
    """One request: ``body`` is what is posted to ``/v1/chat/completions``, ``key`` names its reply in the ledger.

    ``place`` is a small map that is kept with the reply where its key alone does not say where it belongs
    (:mod:`winnow.ledger.line`).
    """

    key: str
    body: dict[str, Any]
    place: Mapping[str, Any] | None = None


def request(body: dict[str, Any], sample: int, place: Mapping[str, Any] | None = None) -> Request:
    """Return the request for ``body`` (model, messages, sampling settings); ``sample`` tells equal ones apart.

    >>> one = request({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}, 0)
    >>> one.key == request({"messages": [{"content": "Hi", "role": "user"}], "model": "m"}, 0).key
    True
    >>> one.key == request(one.body, 1).key
    False
    """
    return Request(digest(canonical_json([body, sample])), body, place)


def payload(body: Mapping[str, Any]) -> bytes:
    """Return ``body`` as it is posted: in its own order.

    A model writes the fields of structured output as the schema orders them, and the reason comes before the verdict.

    >>> payload({"reason": "…", "accuracy": 9}).decode()
    '{"reason":"…","accuracy":9}'
    """
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
