"""First pass over all rows: exact keys, and candidates for near-duplicates by MinHash bands.

Memory stays flat: band keys go to scratch files, one per band and bucket, and one band of all rows (8 bytes a row) is
in memory at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.similarity.claims import Claims, claims
from winnow.similarity.folding import folded
from winnow.similarity.jaccard import distinct, unique_per_row
from winnow.similarity.keys import RowKeys, column, comparable, row_keys
from winnow.similarity.minhash import BANDS, band_keys, candidates, signatures
from winnow.similarity.mirrors import Segments, segments, stacked
from winnow.similarity.pairs import SHINGLE
from winnow.similarity.parts import COLUMNS, CONTEXT, INSTRUCTION, REASONING, REPLY, RESULTS, Parts, parts, spaced
from winnow.similarity.sketch import without_stock
from winnow.storage.buckets import each_batch
from winnow.storage.types import U32, U64, Bools, Ints
from winnow.text.dress import answer_alone, request_alone
from winnow.text.tokens import Tokens, hashed_tokens, mix, ngrams

ROWS, PROMPTS, SHORT, QUESTIONS = "band", "prompt", "short", "question"
"""What is hashed: whole rows, what prompts are about, and the short ones of both, of which bands miss more."""
_QUESTION = 40  # tokens below which prompts are compared token by token; see winnow.similarity.pairs
_SHORT = 300  # characters of a short row


@dataclass(frozen=True)
class Task:
    """One bucket of clean records and the scratch folder of both passes.

    See :func:`row_keys` for ``reply_tokens``; ``stock`` are system prompts that count as none; with ``fold``
    traditional Chinese counts as simplified.
    """

    bucket: int
    records: Path
    scratch: Path
    reply_tokens: int = 20
    stock: tuple[str, ...] = ()
    fold: bool = False


class Bags(NamedTuple):
    """Lists of distinct tokens (32 bits of their hashes), sorted and laid end to end."""

    values: U32
    bounds: Ints


class Sketch(NamedTuple):
    """The rows of one bucket: ids, what must be equal for two to be compared, exact keys, translations, claims.

    ``traditional`` marks rows that were folded; ``questions`` are the tokens of short prompts.
    """

    row_ids: pa.Array
    kinds: pa.Array
    keys: RowKeys
    mirrors: Segments
    claims: Claims
    traditional: Bools
    questions: Bags


def sketch_bucket(task: Task) -> Sketch:
    """Write the band keys of one bucket; return ids, kinds and exact keys of its rows."""
    bands, asked = [np.zeros((0, BANDS), np.uint64)], [np.zeros((0, BANDS), np.uint64)]
    short, questions = [np.zeros((0, 2), np.uint64)], [np.zeros((0, BANDS), np.uint64)]
    row_ids, kinds, keys, mirrors, judged, traditional = [], [], [], [], [], [np.zeros(0, bool)]
    bags = []
    for table in each_batch(task.records, task.bucket, COLUMNS):
        if task.fold:
            table, marks = folded(table)
            traditional.append(marks)
        table = table.set_column(
            table.schema.get_field_index("system"), "system", without_stock(column(table, "system"), task.stock)
        )
        read = parts(table)
        row_ids.append(table["row_id"].combine_chunks())
        kinds.append(comparable(table))
        keys.append(row_keys(table, read, kinds[-1], task.reply_tokens))
        mirrors.append(segments(table, keys[-1]))
        judged.append(claims(table))
        bands.append(band_keys(signatures(*ngrams(read.whole(), SHINGLE))))
        short.append(_halves(read))
        subjects = read.subjects()
        asked.append(band_keys(signatures(*ngrams(subjects, SHINGLE))))
        bags.append(_questions(subjects))
        questions.append(_bands_of_tokens(bags[-1]))
    for name, each in ((ROWS, bands), (PROMPTS, asked), (SHORT, short), (QUESTIONS, questions)):
        for band, values in enumerate(np.concatenate(each).T):
            # not tofile(), which says nothing where the disk is full
            _band(task.scratch, name, band, task.bucket).write_bytes(values.tobytes())
    return Sketch(
        pa.concat_arrays(row_ids),
        pa.concat_arrays(kinds),
        joined(keys),
        stacked(mirrors),
        Claims(*map(np.concatenate, zip(*judged, strict=True))),
        np.concatenate(traditional),
        bags_of(bags),
    )


def _questions(subjects: Tokens) -> Bags:
    """Return the distinct tokens of prompts that are about few tokens, nothing of longer ones."""
    few = np.where(np.diff(subjects.bounds) < _QUESTION, np.diff(subjects.bounds), 0)
    ends = np.concatenate(([0], np.cumsum(few)))
    at = np.arange(ends[-1]) + np.repeat(subjects.bounds[:-1] - ends[:-1], few)
    return Bags(*unique_per_row(subjects.hashes[at], ends))


def bags_of(parts: Sequence[Bags]) -> Bags:
    """Return the lists of tables laid end to end."""
    sizes = [np.zeros(1, np.int64), *(np.diff(part.bounds) for part in parts)]
    values = [np.zeros(0, np.uint32), *(part.values for part in parts)]
    return Bags(np.concatenate(values), np.cumsum(np.concatenate(sizes)))


def _bands_of_tokens(questions: Bags) -> U64:
    """Return band keys of the single tokens of short prompts; 0 for longer ones and those without a token."""
    keys = band_keys(signatures(*questions))
    keys[np.diff(questions.bounds) == 0] = 0
    return keys


def _halves(read: Parts) -> U64:
    """Return two keys of each short row, of every other token of what is asked and answered; 0 for longer rows.

    Bands of 3-token shingles miss a short row with one word changed. Of these keys one stays as it was.
    """
    texts = read.text()
    out = np.zeros((len(texts), 2), np.uint64)
    few = np.flatnonzero(pc.less(pc.utf8_length(texts), _SHORT).to_numpy(zero_copy_only=False))
    if len(few):
        prompt, reply = read.text(INSTRUCTION, CONTEXT, RESULTS), read.text(REASONING, REPLY)
        prompt, reply = prompt.take(pa.array(few)), reply.take(pa.array(few))
        hashes, bounds = hashed_tokens(spaced(request_alone(prompt), answer_alone(reply)))
        place = np.arange(len(hashes)) - np.repeat(bounds[:-1], np.diff(bounds))
        terms = mix(hashes + place.astype(np.uint64))
        for half in range(2):
            sums = np.cumsum(np.where(place % 2 == half, terms, np.uint64(0)), dtype=np.uint64)
            sums = np.concatenate((np.zeros(1, np.uint64), sums))
            out[few, half] = mix(sums[bounds[1:]] - sums[bounds[:-1]] + np.uint64(half + 1))
    return out


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
    A key of 0 pairs nothing.
    """
    count = int(rows[-1]) + 1 if len(rows) else 1
    found = np.zeros(0, np.uint64)
    for band in range(2 if name == SHORT else BANDS):
        keys = np.concatenate([np.fromfile(_band(scratch, name, band, bucket), np.uint64) for bucket in range(buckets)])
        # kinds apart: else a large group could pair a row only with rows of another kind
        some = rows[keys[rows] != 0]
        pairs = some[candidates(mix(keys[some] + kinds[some].astype(np.uint64)))]
        pairs = pairs[kinds[pairs[:, 0]] == kinds[pairs[:, 1]]]
        pairs = pairs[may(pairs)] if may else pairs
        codes = (pairs[:, 0] * count + pairs[:, 1]).view(np.uint64)
        found = distinct(np.concatenate((found, codes)))
    return np.stack(np.divmod(found.view(np.int64), count), axis=1)
