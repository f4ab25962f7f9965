"""The numbers of a stage that asks a model: headline metrics, and the breakdowns behind them."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from winnow.replies.canaries import rounds
from winnow.replies.stage import OK, PENDING, Asking, Q, S

if TYPE_CHECKING:
    from winnow.ledger.ledger import Ledger

Counts: TypeAlias = Counter[tuple[str, ...]]
"""What was counted: ("rows",), ("requests", topic, outcome), ("models", model), and the keys of the stage's tally."""

Plot = tuple[list[str], list[list[Any]]]


def headline(counts: Counts, canaries: Mapping[str, int]) -> dict[str, Any]:
    """Return the metrics that every stage has: rows, requests by outcome, models, canaries."""
    requests = dict.fromkeys(("used", "pending", "unusable"), 0)
    for key, number in counts.items():
        if key[0] == "requests":
            requests[{OK: "used", PENDING: "pending"}.get(key[2], "unusable")] += number
    models = sum(key[0] == "models" for key in counts)
    metrics = {"rows": counts["rows",], "requests": requests, "models": models}
    return {**metrics, "canaries": dict(canaries)} if canaries else metrics


def canary_numbers(asking: Asking[S, Q], settings: S, ledger: "Ledger") -> dict[str, int]:
    """Return how many sessions asked canaries, how many replies they gave, and how many of these were off."""
    sessions = rounds(lambda number: asking.canaries(settings, number), ledger)
    replies = off = 0
    first: dict[int, str] = {}
    for session in sessions:
        for n, (canary, reply) in enumerate(session):
            if reply is not None:  # else the session stopped before it
                replies += 1
                off += reply.status != OK or canary.problem(reply.reply, first.get(n)) is not None
                if reply.status == OK:
                    first.setdefault(n, reply.reply)
    return {"sessions": len(sessions), "replies": replies, "off": off} if sessions else {}


def plots(asking: Asking[S, Q], counts: Counts) -> dict[str, Plot]:
    """Return the breakdowns: requests by topic and outcome, replies by model, and the stage's own tallies."""
    headers = {"requests": [asking.topic, "outcome", "requests"], "models": ["model", "replies"]}
    headers |= {name: [*columns, "rows"] for name, columns in asking.plots.items()}
    return {
        name: (header, [[*key[1:], number] for key, number in sorted(counts.items()) if key[0] == name])
        for name, header in headers.items()
    }
