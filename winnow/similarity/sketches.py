"""First pass over all rows: exact keys, and candidates for near-duplicates by MinHash bands.

Memory stays flat: band keys go to scratch files, one per band and bucket, and one band of all rows (8 bytes a row) is
in memory at a time.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.similarity.keys import COLUMNS, RowKeys, row_keys
from winnow.similarity.minhash import BANDS, band_keys, candidates, signatures
from winnow.storage.buckets import each_batch
from winnow.storage.types import Ints
from winnow.text.codepoints import slices
from winnow.text.normal import normalised
from winnow.text.tokens import SLICE, hashed_tokens, mix, ngrams

SHINGLE = 3  # tokens; the same edit then costs the same similarity in Chinese and in English


@dataclass(frozen=True)
class Task:
    """One bucket of clean records and the scratch folder of both passes; see :func:`row_keys` for ``reply_tokens``."""

    bucket: int
    records: Path
    scratch: Path
    reply_tokens: int = 20


class Sketch(NamedTuple):
    """The rows of one bucket: ids, what must be equal for two of them to be compared, exact keys."""

    row_ids: pa.Array
    kinds: pa.Array
    keys: RowKeys


def sketch_bucket(task: Task) -> Sketch:
    """Write the band keys of one bucket; return ids, kinds and exact keys of its rows."""
    bands, row_ids, kinds, keys = [np.zeros((0, BANDS), np.uint64)], [], [], []
    for table in each_batch(task.records, task.bucket, COLUMNS):
        texts = normalised(views.compared(table))
        row_ids.append(table["row_id"].combine_chunks())
        kinds.append(comparable(table))
        keys.append(row_keys(table, texts, kinds[-1], task.reply_tokens))
        for _, some in slices(texts, SLICE):
            bands.append(band_keys(signatures(ngrams(hashed_tokens(some), SHINGLE))))
    for band, column in enumerate(np.concatenate(bands).T):
        # not tofile(), which says nothing where the disk is full
        _band(task.scratch, band, task.bucket).write_bytes(column.tobytes())
    return Sketch(pa.concat_arrays(row_ids), pa.concat_arrays(kinds), joined(keys))


def joined(parts: list[RowKeys]) -> RowKeys:
    """Return the keys of tables laid end to end."""
    return RowKeys(*map(np.concatenate, zip(*parts, strict=True)))


def comparable(table: pa.Table) -> pa.Array:
    """Return what must be equal for two rows to be compared: their kind, and the label of feedback rows."""
    labels = pc.cast(table["label"].combine_chunks(), pa.string()).fill_null("")
    return pc.binary_join_element_wise(table["kind"].combine_chunks(), labels, " ")


def _band(scratch: Path, band: int, bucket: int) -> Path:
    return scratch / f"band-{band:02d}-{bucket:03d}"


def candidate_pairs(scratch: Path, buckets: int, rows: Ints, kinds: Ints) -> Ints:
    """Return distinct pairs of ``rows`` (sorted positions) of one kind that share a band, shape (pairs, 2), sorted."""
    count = int(rows[-1]) + 1 if len(rows) else 1
    candidate_codes = np.zeros(0, np.int64)
    for band in range(BANDS):
        keys = np.concatenate([np.fromfile(_band(scratch, band, bucket), np.uint64) for bucket in range(buckets)])
        # kinds apart: else a large group could pair a row only with rows of another kind
        pairs = rows[candidates(mix(keys[rows] + kinds[rows].astype(np.uint64)))]
        pairs = pairs[kinds[pairs[:, 0]] == kinds[pairs[:, 1]]]
        candidate_codes = np.union1d(candidate_codes, pairs[:, 0] * count + pairs[:, 1])
    return np.stack(np.divmod(candidate_codes, count), axis=1)
