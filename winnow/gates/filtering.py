"""What ``filter`` decides: the facts of each row checked against the rules of :mod:`winnow.gates.rules`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import Drop, decide, drops_among
from winnow.gates.limits import limits
from winnow.gates.rules import FLAGS, RULES, Breaks, Rule
from winnow.harness.errors import UserError

Facts = dict[str, npt.NDArray[Any]]
Settings = dict[str, Any]

COLUMNS = sorted(
    {"row_id", "source", "kind", "language", "flags"}
    | {rule.fact for rule in RULES if rule.breaks is not Breaks.FLAG}
    | {name for rule in RULES for name in (rule.only, rule.unless) if name}
)
"""The facts that the rules look at."""


def columns(facts: pa.Table) -> Facts:
    """Return the facts of :data:`COLUMNS` as arrays, each flag as a mask under its name."""
    arrays = {name: facts[name].to_numpy() for name in COLUMNS if name != "flags"}
    flags = facts["flags"].combine_chunks()
    names, rows = pc.list_flatten(flags), pc.list_parent_indices(flags).to_numpy()
    for name in sorted(FLAGS):
        mask = np.zeros(len(facts), bool)
        mask[rows[pc.equal(names, name).to_numpy(zero_copy_only=False)]] = True
        arrays[name] = mask
    return arrays


def broken(rule: Rule, facts: Facts, setting: Any) -> npt.NDArray[np.bool_]:
    """Return a mask of the rows that break ``rule``."""
    if rule.breaks is Breaks.FLAG:
        hits = facts[rule.fact] & bool(setting)
    else:
        value, limit = facts[rule.fact], limit_of(rule, facts, setting)
        with np.errstate(invalid="ignore"):  # a fact that a row does not have breaks no rule
            hits = {Breaks.BELOW: np.less, Breaks.ABOVE: np.greater, Breaks.EQUAL: np.equal}[rule.breaks](value, limit)
    return hits & concerned(rule, facts)


def concerned(rule: Rule, facts: Facts) -> npt.NDArray[np.bool_]:
    """Return a mask of the rows that ``rule`` looks at."""
    mask = np.ones(len(facts["row_id"]), bool)
    if rule.only:
        mask &= facts[rule.only]
    if rule.unless:
        mask &= ~facts[rule.unless]
    if rule.kind:
        mask &= facts["kind"] == rule.kind
    return mask


def limit_of(rule: Rule, facts: Facts, setting: Any) -> npt.NDArray[np.float64]:
    """Return the limit that ``rule`` holds each row to, NaN where it is off."""
    if rule.fixed is not None:
        setting = rule.fixed if setting else False
    return limits(setting, facts["language"])


_FEW = 3  # rows rated the wrong way round up to which a source may simply be small


class Margins:
    """Counts of preference rows with a margin, and of those below zero, by source."""

    def __init__(self) -> None:
        self._rated: Counter[str] = Counter()
        self._below: Counter[str] = Counter()

    def add(self, facts: pa.Table) -> None:
        """Count the rows of a table with the columns ``source``, ``kind`` and ``margin``."""
        pairs = facts.filter(pc.and_(pc.equal(facts["kind"], "preference"), pc.is_valid(facts["margin"])))
        self._rated.update(pairs["source"].to_pylist())
        self._below.update(pairs.filter(pc.less(pairs["margin"], 0))["source"].to_pylist())

    def check(self, lower_is_better: Sequence[str]) -> None:
        """Raise :class:`UserError` for a source that rates more than half of its chosen replies below the rejected."""
        for source, below in sorted(self._below.items()):
            rated = self._rated[source]
            if source not in lower_is_better and below >= _FEW and 2 * below > rated:
                raise UserError(
                    f"source {source}: {below:,} of {rated:,} rated preference rows score the rejected reply above the "
                    f"chosen one. Is a lower score better there? Then set filter.lower_is_better: [{source}] in "
                    "params.yaml; to keep these rows all the same, set filter.preference_inverted: false."
                )


def oriented_margins(facts: pa.Table, lower_is_better: Sequence[str]) -> pa.Table:
    """Return facts with the margins of sources where a lower score is better turned round."""
    if not lower_is_better:
        return facts
    turned = pc.is_in(facts["source"], value_set=pa.array(list(lower_is_better), pa.string()))
    margin = pc.if_else(turned, pc.negate(facts["margin"]), facts["margin"])
    return facts.set_column(facts.schema.get_field_index("margin"), "margin", margin)


def decide_by_rules(
    table: pa.Table, settings: Settings, by_hand: Mapping[str, Drop] = MappingProxyType({})
) -> pa.Table:
    """Return the decisions on a table of facts: the first rule that a row breaks gives its reason.

    ``detail`` names the other rules it breaks. A row that breaks only rules of ``settings["note_only"]`` is kept, and
    its decision says what it broke. ``by_hand`` are the drops that people decided, by row id; they go before every
    rule.
    """
    facts = columns(table)
    notes_only = frozenset(settings["note_only"])
    hits: dict[int, list[Rule]] = {}
    for rule in RULES:
        for position in np.flatnonzero(broken(rule, facts, settings[rule.name])).tolist():
            hits.setdefault(position, []).append(rule)
    limit = {rule.name: limit_of(rule, facts, settings[rule.name]) for rule in RULES if rule.breaks is not Breaks.FLAG}
    drops: dict[int, Drop] = {}
    notes: dict[int, Drop] = {}
    for position, rules in hits.items():
        fatal = [rule for rule in rules if rule.name not in notes_only]
        first = (fatal or rules)[0]
        others = ", ".join(rule.name for rule in rules if rule is not first) or None
        measured = first.name in limit
        (drops if fatal else notes)[position] = Drop(
            first.name,
            float(facts[first.fact][position]) if measured else None,
            float(limit[first.name][position]) if measured else None,
            detail=others,
        )
    row_ids = table["row_id"].combine_chunks()
    return decide(row_ids, {**drops, **drops_among(row_ids, by_hand)}, notes)
