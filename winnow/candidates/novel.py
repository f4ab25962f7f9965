"""Novelty as a fact of pairs: a candidate and another row, or a benchmark item, whose instructions are alike."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

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
    lines: list[tuple[str, str, str, float]] = []
    for kind, ids, families, tokens in _others(records, benchmarks, buckets):
        for some in pairs_from(own, tokens, floor):
            for a, b, similarity in zip(some.a.tolist(), some.b.tolist(), some.similarity.tolist(), strict=True):
                one, other = mine[a], ids[b]
                if kind == ITEM or (other != one.row_id and one.family not in (families[b], other)):
                    lines.append((one.row_id, kind, other, round(similarity, DIGITS)))
    return pa.table(
        [pa.array([line[n] for line in sorted(lines)], field.type) for n, field in enumerate(NOVEL)], schema=NOVEL
    )


def _others(
    records: Path, benchmarks: Mapping[str, Sequence[tuple[str, str]]], buckets: int
) -> Iterator[tuple[str, list[str], list[str | None], Tokens]]:
    """Yield all clean rows and all benchmark items: their ids, families and the tokens of their instructions."""
    ids: list[str] = []
    families: list[str | None] = []
    tokens: list[Tokens] = []
    for bucket in range(buckets):
        for table in each_batch(records, bucket, ["row_id", "group", "messages"]):
            ids += table["row_id"].to_pylist()
            families += pc.coalesce(table["group"], table["row_id"]).to_pylist()
            tokens.append(hashed_tokens(normalised(views.instruction(table))))
    yield ROW, ids, families, joined(tokens)
    items = [(f"{name}:{item}", text) for name, some in sorted(benchmarks.items()) for item, text in some]
    if items:
        texts = hashed_tokens(normalised(pa.array([text for _, text in items], pa.string())))
        yield ITEM, [name for name, _ in items], [None] * len(items), texts
