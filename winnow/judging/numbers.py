"""The numbers of the stage ``judge``: headline metrics, and the breakdowns behind them."""

from collections import Counter
from typing import Any

from winnow.judging.canary import canaries
from winnow.judging.judged import Counts
from winnow.judging.rubric import OVERALL, PREFERRED
from winnow.judging.settings import Settings
from winnow.ledger.ledger import Ledger

Plot = tuple[list[str], list[list[Any]]]


def headline(counts: Counts, settings: Settings, ledger: Ledger | None) -> dict[str, Any]:
    """Return the metrics: requests by outcome, mean scores by rubric, preferences, canaries."""
    outcomes: Counter[str] = Counter()
    for (_, outcome), number in counts.requests.items():
        outcomes["used" if outcome == "ok" else "pending" if outcome == "pending" else "unusable"] += number
    found: dict[str, Any] = {
        "rows": counts.rows,
        "requests": {name: outcomes[name] for name in ("used", "pending", "unusable")},
        "models": len(counts.models),
    }
    means: dict[str, float] = {}
    for rubric in settings.rubrics:
        scores = {
            float(value): number
            for (name, criterion, value), number in counts.values.items()
            if (name, criterion) == (rubric.name, OVERALL)
        }
        if scores:
            means[rubric.name] = sum(value * number for value, number in sorted(scores.items())) / sum(scores.values())
    if means:
        found["mean"] = means
    preferred = {
        label: number for (_, criterion, label), number in sorted(counts.values.items()) if criterion == PREFERRED
    }
    if preferred:
        found["preferred"] = {**preferred, "orders_disagree": counts.swapped.total()}
    if counts.tags:
        found["tags_agree"] = _agreement(counts.tags)
    if ledger is not None and (known := canary_numbers(settings, ledger)):
        found["canaries"] = known
    return found


def _agreement(tags: Counter[tuple[str, str, str]]) -> dict[str, float]:
    """Return by tag the share of rows for which rules and model say the same.

    >>> _agreement(Counter({("task", "code", "code"): 3, ("task", "code", "chat"): 1}))
    {'task': 0.75}
    """
    same: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for (tag, rules, model), number in tags.items():
        rows[tag] += number
        same[tag] += number if rules == model else 0
    return {tag: same[tag] / number for tag, number in sorted(rows.items())}


def canary_numbers(settings: Settings, ledger: Ledger) -> dict[str, int]:
    """Return how many sessions asked canaries, how many replies they gave, and how many of these were off."""
    sessions = replies = off = 0
    first: dict[int, str] = {}
    while asked := canaries(settings, sessions):
        answered = [(n, one, ledger.get(one.request.key)) for n, one in enumerate(asked)]
        if all(reply is None for *_, reply in answered):
            break
        for n, one, reply in answered:
            if reply is None:  # the session stopped before it
                continue
            replies += 1
            off += reply.status != "ok" or one.problem(reply.reply, first.get(n)) is not None
            if reply.status == "ok":
                first.setdefault(n, reply.reply)
        sessions += 1
    return {"sessions": sessions, "replies": replies, "off": off} if sessions else {}


def plots(counts: Counts) -> dict[str, Plot]:
    """Return the breakdowns: verdicts by criterion and value, requests by outcome, replies by model."""
    return {
        "verdicts": (
            ["rubric", "criterion", "value", "rows"],
            [[*key, number] for key, number in sorted(counts.values.items())],
        ),
        "requests": (
            ["rubric", "outcome", "requests"],
            [[*key, number] for key, number in sorted(counts.requests.items())],
        ),
        "tags": (
            ["tag", "rules", "model", "rows"],
            [[*key, number] for key, number in sorted(counts.tags.items())],
        ),
        "models": (["model", "replies"], [[name, number] for name, number in sorted(counts.models.items())]),
    }
