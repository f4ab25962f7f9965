"""What ``accept`` decides about rows that models wrote: limits on their facts, novelty in one order, the target."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from winnow.gates.decisions import Drop
from winnow.gates.written import RULES, Rule

BENCHMARK = "item"


NOT_NOVEL, BEYOND = "not_novel", "beyond_target"


def broken(checks: Iterable[Mapping[str, Any]], limits: Mapping[str, float | bool]) -> dict[str, Drop]:
    """Return by row id the first rule that each row breaks, in the order of :data:`RULES`.

    ``limits`` has a number for each rule, 0 for off, or true for any value above 0.
    """
    by_row: dict[str, dict[str, Mapping[str, Any]]] = {}
    for one in checks:
        by_row.setdefault(one["row_id"], {})[one["check"]] = one
    drops = {}
    for row_id, found in by_row.items():
        hits = [(rule, found[rule.name]) for rule in RULES if rule.name in found and _breaks(rule, found, limits)]
        if hits:
            rule, one = hits[0]
            others = [other.name for other, _ in hits[1:]]
            words = [one["detail"]] if one["detail"] else []
            detail = "; ".join([*words, *([f"also {', '.join(others)}"] if others else [])]) or None
            limit = limits[rule.name]
            drops[row_id] = Drop(rule.name, one["value"], 1.0 if limit is True else float(limit), None, detail)
    return drops


def _breaks(rule: Rule, found: Mapping[str, Mapping[str, Any]], limits: Mapping[str, float | bool]) -> bool:
    limit, value = limits[rule.name], found[rule.name]["value"]
    if not limit:
        return False
    if limit is True:
        return bool(value > 0)
    return bool(value > limit if rule.above else value >= limit)


def not_novel(
    order: Sequence[str], pairs: pa.Table, stays: frozenset[str] | set[str], out: Iterable[str], limit: float
) -> dict[str, Drop]:
    """Return drops of the candidates that are ``limit`` or more like a row that stays, taken greedily in ``order``.

    ``stays`` are the rows that entered and are no candidates; of two candidates the first of the order stays. Items of
    benchmarks always count. ``out`` are candidates that another rule drops: they block nobody.
    """
    near: dict[str, list[tuple[float, str, str]]] = {}
    for one in pairs.to_pylist():
        if one["similarity"] >= limit:
            near.setdefault(one["row_id"], []).append((-one["similarity"], one["kind"], one["other_row_id"]))
    drops: dict[str, Drop] = {}
    kept, gone = set(stays), set(out)
    for row_id in order:
        if row_id in gone:
            continue
        for similarity, kind, other in sorted(near.get(row_id, ())):
            if kind == BENCHMARK or other in kept:
                drops[row_id] = Drop(NOT_NOVEL, -similarity, limit, other)
                break
        else:
            kept.add(row_id)
    return drops


def beyond(order: Sequence[tuple[str, str]], targets: Mapping[str, int], out: Iterable[str]) -> dict[str, Drop]:
    """Return drops of the candidates beyond the target of their plan; ``order`` has (plan, row id) as they count.

    >>> beyond([("p", "p:1"), ("p", "p:2"), ("q", "q:1")], {"p": 1}, [])
    {'p:2': Drop(reason='beyond_target', value=2.0, limit=1.0, other=None, detail=None)}
    """
    counts: dict[str, int] = {}
    drops, gone = {}, set(out)
    for plan, row_id in order:
        if row_id in gone:
            continue
        counts[plan] = counts.get(plan, 0) + 1
        target = targets.get(plan)
        if target is not None and counts[plan] > target:
            drops[row_id] = Drop(BEYOND, float(counts[plan]), float(target))
    return drops


def accepted(
    candidates: pa.Table,
    checks: pa.Table,
    pairs: pa.Table,
    alive: Iterable[pa.Array],
    limits: Mapping[str, float | bool],
    novelty: float,
    targets: Mapping[str, int],
) -> dict[str, Drop]:
    """Return the drops among the candidates that are alive: by rules, then for want of novelty, then by the target."""
    lines = sorted(candidates.to_pylist(), key=lambda one: (one["plan"], one["round"], one["row_id"]))
    wanted = {one["row_id"] for one in lines}
    others = set(pairs["other_row_id"].to_pylist())
    entered = {row_id for ids in alive for row_id in ids.to_pylist() if row_id in wanted or row_id in others}
    order = [(one["plan"], one["row_id"]) for one in lines if one["row_id"] in entered]
    drops = {row_id: drop for row_id, drop in broken(checks.to_pylist(), limits).items() if row_id in entered}
    if novelty:
        drops |= not_novel([row_id for _, row_id in order], pairs, entered - wanted, drops, novelty)
    return drops | beyond(order, targets, drops)
