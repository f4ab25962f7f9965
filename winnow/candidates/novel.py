"""Novelty as a fact of pairs: a candidate and another row, or a benchmark item, whose instructions are alike."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.candidates.facts import NOVELTY, Written
from winnow.records import views
from winnow.records.schema import NOVEL
from winnow.similarity.rouge import pairs_from
from winnow.storage.buckets import each_batch
from winnow.text.normal import normalised
from winnow.text.tokens import Tokens, hashed_tokens, joined

DIGITS = 6
ROW, ITEM = "row", "item"


def alike(
    rows: Sequence[Written],
    records: Path,
    benchmarks: Mapping[str, Sequence[tuple[str, str]]],
    buckets: int,
    floor: float,
) -> pa.Table:
    """Return the pairs (:data:`NOVEL`) of a candidate whose recipe asks for novelty and any other row or item.

    Rows of the candidate's own family are left out: a rewrite is like the row that it was made from, and ``no_op``
    measures that. Of two candidates there are both pairs.
    """
    mine = [one for one in rows if NOVELTY in one.recipe.checks]
    if not mine:
        return NOVEL.empty_table()
    own = hashed_tokens(normalised(pa.array([one.instruction for one in mine], pa.string())))
    own_ids = pa.array([one.row_id for one in mine], pa.string())
    own_families = pa.array([one.family for one in mine], pa.string())
    tables = []
    for others in _others(records, benchmarks, buckets):
        for some in pairs_from(own, others.tokens, floor):
            ids, family = own_ids.take(pa.array(some.a)), own_families.take(pa.array(some.a))
            other, its = others.ids.take(pa.array(some.b)), others.families.take(pa.array(some.b))
            table = pa.table(
                [ids, pa.repeat(others.kind, len(ids)), other, pa.array(np.round(some.similarity, DIGITS))],
                schema=NOVEL,
            )
            same = pc.or_(pc.equal(ids, other), pc.or_(pc.equal(family, its), pc.equal(family, other)))
            tables.append(table if others.kind == ITEM else table.filter(pc.invert(same)))
    found = pa.concat_tables(tables)
    return found.sort_by([(name, "ascending") for name in ("row_id", "kind", "other_row_id", "similarity")])


class _Others(NamedTuple):
    """Texts that candidates are compared with: what they are, their ids and families, the tokens of each."""

    kind: str
    ids: pa.Array
    families: pa.Array
    tokens: Tokens


def _others(records: Path, benchmarks: Mapping[str, Sequence[tuple[str, str]]], buckets: int) -> Iterator[_Others]:
    """Yield all clean rows, and all benchmark items where there are any."""
    ids: list[pa.ChunkedArray] = []
    families: list[pa.ChunkedArray] = []
    tokens: list[Tokens] = []
    for bucket in range(buckets):
        for table in each_batch(records, bucket, ["row_id", "group", "messages"]):
            ids.append(table["row_id"])
            families.append(pc.coalesce(table["group"], table["row_id"]))
            tokens.append(hashed_tokens(normalised(views.instruction(table))))
    yield _Others(ROW, _whole(ids), _whole(families), joined(tokens))
    items = [(f"{name}:{item}", text) for name, some in sorted(benchmarks.items()) for item, text in some]
    if items:
        names = pa.array([name for name, _ in items], pa.string())
        yield _Others(ITEM, names, names, hashed_tokens(normalised(pa.array([text for _, text in items], pa.string()))))


def _whole(columns: Sequence[pa.ChunkedArray]) -> pa.Array:
    return pa.chunked_array([chunk for one in columns for chunk in one.chunks], pa.string()).combine_chunks()
