"""The passes of ``deduplicate``: one relation after the other, each among the rows that the passes before it kept."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import DUPLICATES
from winnow.gates.contradicting import RELATIONS, contradictions
from winnow.gates.decisions import Drop, check_limit
from winnow.gates.duplicates import (
    Compare,
    Mask,
    Ranks,
    anchors,
    duplicates,
    equals,
    links_between,
    rows_linked,
)
from winnow.gates.preferred import numbers, oriented
from winnow.harness.errors import UserError

SCOPES = ("row", "prompt", "response")
REJECTED, CHOSEN = "rejected", "chosen"


class Rated(NamedTuple):
    """What ``pairs`` needs of each row: its value (NaN: none), the same so that higher is better, may it be paired."""

    value: npt.NDArray[np.float64]
    better: npt.NDArray[np.float64]
    pairable: Mask


def passes(near: float, semantic: float, scope: Sequence[str], same_prompt: str) -> list[tuple[str, float]]:
    """Return (relation, limit) of the passes in their order; ``prompt`` is last, so that what it chooses stays.

    A limit of 0 for ``semantic`` leaves that pass out.

    >>> passes(0.8, 0.0, ["row"], "keep_best")
    [('near', 0.8), ('prompt', 1.0)]
    """
    order = [("near", near)] if "row" in scope else []
    order += [("semantic", semantic)] if semantic else []
    order += [("response", 1.0)] if "response" in scope else []
    return order + ([("prompt", 1.0)] if "prompt" in scope or same_prompt != "keep_all" else [])


class Floors(NamedTuple):
    """From which similarity ``neighbours`` kept links, and by which vectors it found semantic ones (``off``: none)."""

    near: float
    semantic: float
    vectors: str | bool


def check_settings(
    scope: Sequence[str], near: float, semantic: float, same_prompt: str, prefer: Sequence[str], floors: Floors
) -> None:
    """Raise :class:`UserError` for settings that contradict each other or the facts that were kept."""
    if unknown := [one for one in scope if one not in SCOPES]:
        raise UserError(f"params.yaml: deduplicate.scope names {unknown[0]!r}; it may hold {', '.join(SCOPES)}.")
    if same_prompt == "pairs" and not prefer:
        raise UserError(
            "params.yaml: deduplicate.same_prompt is pairs, and deduplicate.prefer names no fact that tells the "
            "better reply; write, for example, prefer: [response_length]."
        )
    check_limit("deduplicate.near_similarity", near, "neighbours.floor", floors.near)
    if semantic:
        if floors.vectors in ("off", False):
            raise UserError(
                f"params.yaml: deduplicate.semantic_similarity is {semantic:g}, and neighbours.semantic is off; "
                "set that to tfidf or embed, or this to off."
            )
        check_limit("deduplicate.semantic_similarity", semantic, "neighbours.semantic_floor", floors.semantic)


def linked_by(neighbours: pa.Table, order: Sequence[tuple[str, float]]) -> pa.Array:
    """Return the ids of all rows with a link that a pass or the search for contradictions uses, sorted."""
    return rows_linked(neighbours, [*((relation, 1.0) for relation in ("exact", *RELATIONS)), *order])


def among(row_ids: pa.Array, alive: Iterable[pa.Array]) -> Mask:
    """Tell which of ``row_ids`` are in one of the columns of ids ``alive``."""
    mask = np.zeros(len(row_ids), bool)
    for ids in alive:
        mask |= pc.is_in(row_ids, value_set=ids).to_numpy(zero_copy_only=False)
    return mask


def rated_by(facts: dict[str, pa.Array], entry: str) -> Rated:
    """Return what :func:`pairs` needs, from facts of the rows and the first entry of ``prefer``.

    One question with one reply is paired: of longer conversations the prompt holds the user's turns alone, and what
    was answered in between may differ. Preference rows have their rejected replies already.
    """
    single = pc.and_(pc.equal(facts["kind"], "sft"), pc.equal(facts["turns"], 2)).fill_null(False)
    return Rated(numbers(facts[entry.removeprefix("-")]), oriented(facts, entry), single.to_numpy(zero_copy_only=False))


def deduplicate(
    row_ids: pa.Array,
    neighbours: pa.Table,
    rank: Ranks,
    alive: Mask,
    order: Sequence[tuple[str, float]],
    rated: Rated | None = None,
    compare: Compare | None = None,
    kinds: pa.Array | None = None,
) -> tuple[dict[str, Drop], dict[str, Drop]]:
    """Return the drops by row id, and notes on rows that are kept: the chosen ones of preference pairs.

    Rows that contradict each other leave first, where ``kinds`` has the kind of each row.

    Each pass sees the rows that the passes before it kept, and ``other`` of a drop is a row that all of them kept.
    ``compare`` gives the similarity of near rows that no link joins. With ``rated`` the last pass makes pairs, see
    :func:`pairs`.
    """
    alive = alive.copy()
    opposed = contradictions(row_ids, neighbours, kinds.to_pylist(), alive) if kinds is not None else {}
    alive[list(opposed)] = False
    drops: dict[int, Drop] = {}
    notes: dict[int, Drop] = {}
    twins = anchors(len(row_ids), links_between(row_ids, neighbours, "exact"))
    for relation, limit in order:
        links = links_between(row_ids, neighbours, relation, limit)
        if relation in ("near", "semantic"):
            verify = compare if relation == "near" else None
            new = duplicates(row_ids, twins, links, rank, alive, limit, relation, verify)
        else:
            groups = anchors(len(row_ids), links)[twins]
            if relation == "prompt" and rated is not None:
                new, notes = pairs(row_ids, groups, twins, rank, alive, rated)
            else:
                new = _repeats(row_ids, groups, twins, rank, alive, relation, limit)
        drops |= new
        alive[list(new)] = False
    return _by_id(row_ids, opposed) | _settled(_by_id(row_ids, drops)), _by_id(row_ids, notes)


def _repeats(
    row_ids: pa.Array, groups: Ranks, twins: Ranks, rank: Ranks, alive: Mask, relation: str, limit: float
) -> dict[int, Drop]:
    """Return the drops by position of rows that are equal in one relation; exact duplicates keep that reason."""
    return {
        row: Drop(
            DUPLICATES["exact"] if twins[row] == twins[stays] else DUPLICATES[relation],
            1.0,
            limit,
            row_ids[stays].as_py(),
        )
        for row, stays in equals(groups, rank, alive).items()
    }


def pairs(
    row_ids: pa.Array, groups: Ranks, twins: Ranks, rank: Ranks, alive: Mask, rated: Rated
) -> tuple[dict[int, Drop], dict[int, Drop]]:
    """Return drops and notes by position that make a preference row of each group of one prompt and several replies.

    The row of the lowest rank is chosen, and stays. Every row of its group with a worse value and another text leaves
    as a rejected reply: reason ``same_prompt``, ``other`` the chosen row, ``value`` its own, ``limit`` the chosen
    row's, ``detail`` "rejected". The chosen row has a note: reason ``preferred``, ``other`` the best rejected row,
    ``limit`` that row's value, ``detail`` "chosen". Rows of equal value or without one stay as they are: nothing
    says which is better. So the preference row of a chosen row has as ``rejected`` the last turns of all rows whose
    decision names it, highest ``value`` first (lowest first where lower is better), then by row_id.
    """
    members = np.flatnonzero(alive & rated.pairable & ~np.isnan(rated.better))
    group = groups[members]
    order = np.lexsort((rank[members], group))
    members, group = members[order], group[order]
    chosen = members[np.searchsorted(group, group)]
    worse = (rated.better[members] < rated.better[chosen]) & (twins[members] != twins[chosen])
    drops: dict[int, Drop] = {}
    notes: dict[int, Drop] = {}
    for row, best in zip(members[worse].tolist(), chosen[worse].tolist(), strict=True):
        own, limit = float(rated.value[row]), float(rated.value[best])
        drops[row] = Drop("same_prompt", own, limit, row_ids[best].as_py(), REJECTED)
        notes.setdefault(best, Drop("preferred", limit, own, row_ids[row].as_py(), CHOSEN))
    return drops, notes


def _by_id(row_ids: pa.Array, drops: dict[int, Drop]) -> dict[str, Drop]:
    ids = row_ids.take(pa.array(list(drops), pa.int64())).to_pylist()
    return dict(zip(ids, drops.values(), strict=True))


def _settled(drops: dict[str, Drop]) -> dict[str, Drop]:
    """Return ``drops`` so that each names a row that stays: a later pass may have dropped a survivor of an earlier.

    ``detail`` then names that row, which the value was measured to.
    """
    out = {}
    for row_id, drop in drops.items():
        stays = drop.other
        while stays in drops:
            stays = drops[stays].other
        if stays != drop.other:
            drop = Drop(drop.reason, drop.value, drop.limit, stays, drop.detail or f"through {drop.other}")
        out[row_id] = drop
    return out
