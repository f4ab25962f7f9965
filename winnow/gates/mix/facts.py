"""The thin columns that a mix looks at: groups as codes, numbers to rank by, one seeded draw per row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import rows_of
from winnow.harness.errors import UserError
from winnow.records.draw import draw
from winnow.storage.buckets import each_batch, read_bucket

LENGTH_BAND = "length_band"
"""A derived column: the band of ``est_tokens``, the estimated tokens of the whole row."""

LENGTH_EDGES = (32, 128, 512, 2048, 8192)
"""First token count of each band but the lowest: powers of four, up to the context that most trainers pack."""

LENGTH_BANDS = ("0-31", "32-127", "128-511", "512-2047", "2048-8191", "8192+")

SCORE = "score"
"""What the gate ``score`` gave a row; beside the facts, rows can be ranked by it."""

NONE = "(none)"
"""How a missing value is called."""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """One column as groups: the value of row ``n`` is ``names[codes[n]]``; names are in order, and all occur."""

    names: tuple[str, ...]
    codes: Ints

    def sizes(self, among: Bools) -> Ints:
        """Return the rows of each name that are ``among`` the rows (a mask)."""
        return np.bincount(self.codes[among], minlength=len(self.names))


def needed(groups: Sequence[str]) -> list[str]:
    """Return the columns of facts that ``groups`` are made from.

    >>> needed(["language", "length_band"])
    ['est_tokens', 'language']
    """
    return sorted({"est_tokens" if name == LENGTH_BAND else name for name in groups})


def encoded(table: pa.Table, groups: Sequence[str], numbers: Sequence[str]) -> pa.Table:
    """Return ``row_id``, the ``groups`` as dictionaries and the ``numbers`` of one bucket of facts.

    >>> encoded(pa.table({"row_id": ["a:1"], "est_tokens": [130]}), ["length_band"], [])["length_band"].to_pylist()
    ['128-511']
    """
    columns = {"row_id": table["row_id"]}
    for name in groups:
        if name == LENGTH_BAND:
            tokens = table["est_tokens"].fill_null(0).to_numpy()
            codes = np.searchsorted(LENGTH_EDGES, tokens, side="right").astype(np.int32)
            columns[name] = pa.chunked_array([pa.DictionaryArray.from_arrays(codes, list(LENGTH_BANDS))])
        else:
            columns[name] = pc.dictionary_encode(table[name].cast(pa.string()).fill_null(NONE))
    for name in numbers:  # under a name of its own: a column may be grouped by and ranked by at once
        columns[f"{name} as number"] = table[name].cast(pa.float64())
    return pa.table(columns)


def schema_of(annotate: Path | str) -> pa.Schema:
    """Return the columns that facts have, read from the facts themselves: what annotate adds can be mixed by."""
    return next(each_batch(annotate, 0)).schema


def train_facts(
    entered: Iterable[pa.Array],
    split: Path,
    annotate: Path,
    scores: Path,
    groups: Sequence[str],
    numbers: Sequence[str],
) -> pa.Table:
    """Return the :func:`encoded` facts of the train rows among those that ``entered``, bucket by bucket.

    ``scores`` are read where ``numbers`` name :data:`SCORE`; raises :class:`UserError` when no row has one.
    """
    tables = []
    names = ["row_id", *sorted({*needed(groups), *numbers} - {SCORE})]
    for bucket, row_ids in enumerate(entered):
        splits = rows_of(row_ids, read_bucket(split, bucket, ["row_id", "split"]))
        train = row_ids.filter(pc.equal(splits["split"], "train").combine_chunks())
        facts = rows_of(train, read_bucket(annotate, bucket, names))
        if SCORE in numbers:
            scored = rows_of(train, read_bucket(scores, bucket, ["row_id", SCORE]))
            facts = facts.append_column(SCORE, scored[SCORE])
        tables.append(encoded(facts, groups, numbers))
    rows = pa.concat_tables(tables)
    if SCORE in numbers and len(rows) and rows[f"{SCORE} as number"].null_count == len(rows):
        raise UserError("params.yaml: mix.pick_by names score, and no train row has one; see score.parts.")
    return rows


def column(table: pa.Table, name: str) -> Column:
    """Return the groups of an encoded column; names are sorted (bands by length), so no order of rows shows.

    >>> column(encoded(pa.table({"row_id": ["a:1", "a:2"], "task": ["qa", "code"]}), ["task"], []), "task")
    Column(names=('code', 'qa'), codes=array([1, 0]))
    """
    encoded = table[name].unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # no row at all
        encoded = pa.array([], pa.dictionary(pa.int32(), pa.string()))
    values = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    used = np.flatnonzero(np.bincount(codes, minlength=len(values))).tolist()
    used.sort(key=lambda n: LENGTH_BANDS.index(values[n]) if name == LENGTH_BAND else values[n])
    place = np.zeros(len(values), np.int64)
    place[used] = np.arange(len(used))
    return Column(tuple(values[n] for n in used), place[codes])


def order(table: pa.Table, seed: int, pick: Sequence[tuple[str, bool]]) -> Ints:
    """Return the positions of the rows, best first: by the columns of ``pick``, then by a seeded draw, then by id.

    ``pick`` holds (column, higher is better); a missing number comes last.

    >>> facts = encoded(pa.table({"row_id": ["a:1", "a:2", "a:3"], "turns": [2, None, 4]}), [], ["turns"])
    >>> order(facts, 0, [("turns", True)]).tolist()
    [2, 0, 1]
    """
    drawn = draw(seed, table["row_id"], "mix")
    keys: list[npt.NDArray[np.generic]] = [drawn]
    if len(np.unique(drawn)) < len(drawn):  # two ids with one hash: their order must not come from the files
        ids = pc.sort_indices(table["row_id"]).to_numpy()
        keys.insert(0, np.argsort(ids))
    for name, higher in reversed(pick):
        numbers = table[f"{name} as number"].to_numpy().astype(np.float64)
        keys.append(np.nan_to_num(-numbers if higher else numbers, nan=np.inf, posinf=np.inf, neginf=-np.inf))
    return np.lexsort(keys)


def places(codes: Ints, best_first: Ints) -> Ints:
    """Return the place of each row within its group, 1 for the best; 0 for rows that ``best_first`` leaves out.

    >>> places(np.array([0, 1, 0, 0]), np.array([2, 1, 0])).tolist()
    [2, 1, 1, 0]
    """
    grouped = best_first[np.argsort(codes[best_first], kind="stable")]
    sizes = np.bincount(codes[grouped])
    starts = np.cumsum(sizes) - sizes
    place = np.zeros(len(codes), np.int64)
    place[grouped] = np.arange(1, len(grouped) + 1) - starts[codes[grouped]]
    return place
