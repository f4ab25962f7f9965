"""The rules of ``filter``: each a named test on facts, with the value it measured and the limit it held.

Seed rules of the first version; lengths are in Latin characters, a CJK character counts several (see annotate).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stages.gates.decisions import Drop, decide

COLUMNS = [
    "row_id",
    "kind",
    "instruction_chars",
    "response_chars",
    "prompt_length",
    "response_length",
    "total_length",
    "calls_tool",
    "margin",
]
Facts = dict[str, npt.NDArray[Any]]
Settings = dict[str, Any]


class Rule(NamedTuple):
    """A rule: ``hits(facts, limit)`` marks the rows that break it; ``value`` names the fact it measures."""

    reason: str
    limit: Callable[[Settings], float]
    value: str
    hits: Callable[[Facts, float], npt.NDArray[np.bool_]]
    may_keep: bool = False


RULES: tuple[Rule, ...] = (
    Rule("empty_instruction", lambda s: 1, "prompt_length", lambda f, limit: f["prompt_length"] < limit),
    Rule(
        "empty_response",
        lambda s: 1,
        "response_length",
        lambda f, limit: (f["response_length"] < limit) & ~f["calls_tool"],
    ),
    Rule(
        "short_instruction",
        lambda s: s["min_instruction_length"],
        "prompt_length",
        lambda f, limit: f["prompt_length"] < limit,
    ),
    Rule(
        "short_response",
        lambda s: s["min_response_length"],
        "response_length",
        lambda f, limit: (f["response_length"] < limit) & ~f["calls_tool"],
    ),
    Rule(
        "long_response",
        lambda s: s["max_response_length"],
        "response_length",
        lambda f, limit: f["response_length"] > limit,
        may_keep=True,
    ),
    Rule(
        "long_conversation",
        lambda s: s["max_total_length"],
        "total_length",
        lambda f, limit: f["total_length"] > limit,
        may_keep=True,
    ),
    Rule(
        "preference_tie",
        lambda s: 0,
        "margin",
        lambda f, limit: (f["kind"] == "preference") & (f["margin"] == limit),
    ),
)


def judge(facts: pa.Table, settings: Settings) -> pa.Table:
    """Return the decisions on a table of facts: the first rule that a row breaks gives its reason.

    ``detail`` names the other rules it breaks. With ``over_long: keep`` a row that is only too long is kept, and the
    note says so.
    """
    columns = {name: facts[name].to_numpy(zero_copy_only=False) for name in COLUMNS[1:]}
    broken: dict[int, list[tuple[Rule, float]]] = {}
    for rule in RULES:
        limit = float(rule.limit(settings))
        for position in np.flatnonzero(rule.hits(columns, limit)).tolist():
            broken.setdefault(position, []).append((rule, limit))
    drops: dict[int, Drop] = {}
    notes: dict[int, Drop] = {}
    for position, rules in broken.items():
        fatal = [one for one in rules if not (one[0].may_keep and settings["over_long"] == "keep")]
        rule, limit = (fatal or rules)[0]
        others = ", ".join(other.reason for other, _ in rules if other is not rule) or None
        drop = Drop(rule.reason, float(columns[rule.value][position]), limit, None, others)
        (drops if fatal else notes)[position] = drop
    return decide(facts["row_id"].combine_chunks(), drops, notes)
