"""Exact duplicates as groups, near-duplicates as a forest of verified links.

Two passes keep memory flat: the first writes each bucket's shingles and band keys to scratch files, the second reads
band after band (8 bytes a row) for candidates and the shingles of candidate rows alone.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.records import views
from stages.records.schema import NEIGHBOURS
from stages.similarity.forest import spanning_forest
from stages.similarity.jaccard import U32, gathered, similarities, unique_per_row
from stages.similarity.minhash import BANDS, band_keys, candidates, signatures
from stages.storage.buckets import read_bucket
from stages.text.codepoints import slices
from stages.text.normal import normalised, text_keys
from stages.text.tokens import SLICE, hashed_tokens, mix, ngrams

SHINGLE = 3  # tokens; the same edit then costs the same similarity in Chinese and in English
_PAIRS = 5_000  # candidate pairs that are verified at a time
COLUMNS = ["row_id", "kind", "system", "context", "messages"]


@dataclass(frozen=True)
class Task:
    """One bucket of clean records and the scratch folder of both passes."""

    bucket: int
    records: Path
    scratch: Path


def sketch_bucket(task: Task) -> tuple[pa.Array, pa.Array, pa.Array]:
    """First pass: write band keys and distinct shingles of one bucket; return row ids, kinds and exact keys."""
    table = read_bucket(task.records, task.bucket, COLUMNS)
    kinds = table["kind"].combine_chunks()
    texts = normalised(views.conversation(table))
    keys = [np.zeros((0, BANDS), np.uint64)]
    for part, column in (("whole", texts), ("said", normalised(views.said(table)))):
        sizes = [np.zeros(0, np.int64)]
        with (task.scratch / f"{part}-{task.bucket:03d}").open("wb") as file:
            for _, some in slices(column, SLICE):
                shingles = ngrams(hashed_tokens(some), SHINGLE)
                if part == "whole":
                    keys.append(band_keys(signatures(shingles)))
                values, bounds = unique_per_row(*shingles)
                file.write(values.tobytes())
                sizes.append(np.diff(bounds))
        np.concatenate(sizes).tofile(task.scratch / f"{part}-sizes-{task.bucket:03d}")
    # one file a band, so that the second pass can hold one band of all rows at a time
    for band, column in enumerate(np.concatenate(keys).T):
        column.tofile(task.scratch / f"band-{band:02d}-{task.bucket:03d}")
    return table["row_id"].combine_chunks(), kinds, text_keys(texts, kinds.to_pylist())


class _Shingles:
    """The distinct shingles of one part of all rows, read from scratch files as they are asked for."""

    def __init__(self, scratch: Path, part: str, buckets: int) -> None:
        sizes = [np.fromfile(scratch / f"{part}-sizes-{bucket:03d}", np.int64) for bucket in range(buckets)]
        self._first_row = np.concatenate(([0], np.cumsum([len(size) for size in sizes])))
        self._bounds = [np.concatenate(([0], np.cumsum(size))) for size in sizes]
        self._files = [scratch / f"{part}-{bucket:03d}" for bucket in range(buckets)]

    def of(self, rows: npt.NDArray[np.int64]) -> tuple[U32, npt.NDArray[np.int64]]:
        """Return the shingles of ``rows`` (sorted, distinct) end to end, with bounds."""
        values, lengths = [np.zeros(0, np.uint32)], [np.zeros(0, np.int64)]
        owner = np.searchsorted(self._first_row, rows, "right") - 1
        for bucket in np.unique(owner):
            bounds = self._bounds[bucket]
            if bounds[-1] == 0:  # an empty file cannot be mapped
                lengths.append(np.zeros(int((owner == bucket).sum()), np.int64))
                continue
            local = rows[owner == bucket] - self._first_row[bucket]
            found, ends = gathered(np.memmap(self._files[bucket], np.uint32, "r"), bounds, local)
            values.append(found)
            lengths.append(np.diff(ends))
        return np.concatenate(values), np.concatenate(([0], np.cumsum(np.concatenate(lengths))))


def _candidate_pairs(
    scratch: Path, buckets: int, alive: npt.NDArray[np.int64], kinds: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return distinct candidate pairs of rows of one kind, over all bands; ``alive`` are the rows compared."""
    count = int(alive[-1]) + 1 if len(alive) else 1
    found = np.zeros(0, np.int64)
    for band in range(BANDS):
        parts = [np.fromfile(scratch / f"band-{band:02d}-{bucket:03d}", np.uint64) for bucket in range(buckets)]
        # kinds apart: a large group must not pair rows with its first of another kind alone
        keys = mix(np.concatenate(parts)[alive] + kinds[alive].astype(np.uint64))
        pairs = alive[candidates(keys)]
        pairs = pairs[kinds[pairs[:, 0]] == kinds[pairs[:, 1]]]
        found = np.union1d(found, pairs[:, 0] * count + pairs[:, 1])
    return np.stack([found // count, found % count], axis=1)


def _representatives(row_ids: pa.Array, keys: pa.Array) -> npt.NDArray[np.int64]:
    """Return for each row the position of the row with the smallest id among those with the same key."""
    order = pc.sort_indices(pa.table({"key": keys, "row_id": row_ids}), [("key", "ascending"), ("row_id", "ascending")])
    order = order.to_numpy()
    sorted_keys = keys.take(pa.array(order))
    starts = np.ones(len(keys), bool)
    if len(keys) > 1:
        starts[1:] = pc.not_equal(sorted_keys[1:], sorted_keys[:-1]).to_numpy(zero_copy_only=False)
    first = order[np.maximum.accumulate(np.where(starts, np.arange(len(keys)), 0))]
    out = np.empty(len(keys), np.int64)
    out[order] = first
    return out


def find_neighbours(
    sketches: list[tuple[pa.Array, pa.Array, pa.Array]], scratch: Path, floor: float
) -> tuple[pa.Table, dict[str, int]]:
    """Second pass: return all neighbours sorted by row_id (unsliced), and counts for the metrics.

    ``exact`` links a row to the smallest row_id of its group; ``near`` links the representatives of two groups whose
    similarity is at least ``floor``, as a maximum spanning forest. The similarity is the true Jaccard similarity of
    the whole rows or of their turns alone, whichever is smaller: two questions about one long context are alike as a
    whole and not as questions.
    """
    row_ids = pa.concat_arrays([ids for ids, _, _ in sketches])
    kinds = pc.dictionary_encode(pa.concat_arrays([kind for _, kind, _ in sketches])).indices.to_numpy()
    keys = pa.concat_arrays([key for _, _, key in sketches])
    representative = _representatives(row_ids, keys)
    alive = np.flatnonzero(representative == np.arange(len(row_ids)))
    pairs = _candidate_pairs(scratch, len(sketches), alive, kinds)
    whole, said = (_Shingles(scratch, part, len(sketches)) for part in ("whole", "said"))
    links, values = [np.zeros((0, 2), np.int64)], [np.zeros(0)]
    for start in range(0, len(pairs), _PAIRS):
        some = pairs[start : start + _PAIRS]
        rows, local = np.unique(some, return_inverse=True)
        both = local.reshape(some.shape)
        similarity = np.minimum(similarities(*whole.of(rows), both), similarities(*said.of(rows), both))
        kept = similarity >= floor
        links.append(some[kept])
        values.append(similarity[kept])
    near, similarity = np.concatenate(links), np.concatenate(values)
    forest = spanning_forest(len(row_ids), near, similarity)
    near, similarity = near[forest], similarity[forest]
    exact = np.flatnonzero(representative != np.arange(len(row_ids)))
    table = pa.table(
        {
            "row_id": pa.concat_arrays([row_ids.take(pa.array(exact)), row_ids.take(pa.array(near[:, 1]))]),
            "other_row_id": pa.concat_arrays(
                [row_ids.take(pa.array(representative[exact])), row_ids.take(pa.array(near[:, 0]))]
            ),
            "relation": pa.array(["exact"] * len(exact) + ["near"] * len(near), pa.string()),
            "similarity": pa.array(np.concatenate([np.ones(len(exact)), np.round(similarity, 6)])),
        },
        schema=NEIGHBOURS,
    )
    counts = {"rows": len(row_ids), "exact": len(exact), "candidates": len(pairs), "near_links": len(near)}
    order = [("row_id", "ascending"), ("relation", "ascending"), ("other_row_id", "ascending")]
    return table.sort_by(order), counts
