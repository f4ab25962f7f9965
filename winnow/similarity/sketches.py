"""First pass over all rows: exact keys, and candidates for near-duplicates by MinHash bands.

Memory stays flat: band keys go to scratch files, one per band and bucket, and one band of all rows (8 bytes a row) is
in memory at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.similarity.claims import Claims, claims
from winnow.similarity.jaccard import distinct
from winnow.similarity.keys import COLUMNS, RowKeys, column, comparable, row_keys
from winnow.similarity.minhash import BANDS, band_keys, candidates, signatures
from winnow.similarity.mirrors import Segments, segments, stacked
from winnow.similarity.pairs import SHINGLE
from winnow.similarity.sketch import without_stock
from winnow.storage.buckets import each_batch
from winnow.storage.types import U64, Bools, Ints
from winnow.text.codepoints import slices
from winnow.text.dress import undressed
from winnow.text.normal import normalised
from winnow.text.tokens import SLICE, hashed_tokens, mix, ngrams

ROWS, PROMPTS = "band", "prompt"
"""What is hashed: whole rows, and what prompts are about."""


@dataclass(frozen=True)
class Task:
    """One bucket of clean records and the scratch folder of both passes.

    See :func:`row_keys` for ``reply_tokens``; ``stock`` are system prompts that count as none.
    """

    bucket: int
    records: Path
    scratch: Path
    reply_tokens: int = 20
    stock: tuple[str, ...] = ()


class Sketch(NamedTuple):
    """The rows of one bucket: ids, what must be equal for two to be compared, exact keys, translations, claims."""

    row_ids: pa.Array
    kinds: pa.Array
    keys: RowKeys
    mirrors: Segments
    claims: Claims


def sketch_bucket(task: Task) -> Sketch:
    """Write the band keys of one bucket; return ids, kinds and exact keys of its rows."""
    bands, asked = [np.zeros((0, BANDS), np.uint64)], [np.zeros((0, BANDS), np.uint64)]
    row_ids, kinds, keys, mirrors, judged = [], [], [], [], []
    for table in each_batch(task.records, task.bucket, COLUMNS):
        table = table.set_column(
            table.schema.get_field_index("system"), "system", without_stock(column(table, "system"), task.stock)
        )
        texts = normalised(undressed(views.compared(table)))
        row_ids.append(table["row_id"].combine_chunks())
        kinds.append(comparable(table))
        keys.append(row_keys(table, texts, kinds[-1], task.reply_tokens))
        mirrors.append(segments(table, keys[-1]))
        judged.append(claims(table))
        bands += _bands(texts)
        asked += _bands(normalised(undressed(_subject(table))))
    for name, parts in ((ROWS, bands), (PROMPTS, asked)):
        for band, values in enumerate(np.concatenate(parts).T):
            # not tofile(), which says nothing where the disk is full
            _band(task.scratch, name, band, task.bucket).write_bytes(values.tobytes())
    return Sketch(
        pa.concat_arrays(row_ids),
        pa.concat_arrays(kinds),
        joined(keys),
        stacked(mirrors),
        Claims(*map(np.concatenate, zip(*judged, strict=True))),
    )


def _bands(texts: pa.Array) -> list[U64]:
    return [band_keys(signatures(ngrams(hashed_tokens(some), SHINGLE))) for _, some in slices(texts, SLICE)]


def _subject(table: pa.Table) -> pa.Array:
    """Return what a prompt is about: its context, or its instruction where it has none.

    Rows of a task share its instruction; by that alone all of them would be candidates.
    """
    context = views.context(table)
    return pc.if_else(pc.equal(context, ""), views.instruction(table).fill_null(""), context)


def joined(parts: list[RowKeys]) -> RowKeys:
    """Return the keys of tables laid end to end."""
    return RowKeys(*map(np.concatenate, zip(*parts, strict=True)))


def _band(scratch: Path, name: str, band: int, bucket: int) -> Path:
    return scratch / f"{name}-{band:02d}-{bucket:03d}"


def candidate_pairs(
    scratch: Path, name: str, buckets: int, rows: Ints, kinds: Ints, may: Callable[[Ints], Bools] | None
) -> Ints:
    """Return distinct pairs of ``rows`` (sorted positions) of one kind that share a band, shape (pairs, 2), sorted.

    ``name`` says what was hashed, :data:`ROWS` or :data:`PROMPTS`. Pairs for which ``may`` is False are left out at
    once: a task of Natural Instructions has a thousand rows that share a long instruction, and a million pairs of them.
    """
    count = int(rows[-1]) + 1 if len(rows) else 1
    found = np.zeros(0, np.uint64)
    for band in range(BANDS):
        keys = np.concatenate([np.fromfile(_band(scratch, name, band, bucket), np.uint64) for bucket in range(buckets)])
        # kinds apart: else a large group could pair a row only with rows of another kind
        pairs = rows[candidates(mix(keys[rows] + kinds[rows].astype(np.uint64)))]
        pairs = pairs[kinds[pairs[:, 0]] == kinds[pairs[:, 1]]]
        pairs = pairs[may(pairs)] if may else pairs
        codes = (pairs[:, 0] * count + pairs[:, 1]).view(np.uint64)
        found = distinct(np.concatenate((found, codes)))
    return np.stack(np.divmod(found.view(np.int64), count), axis=1)
