"""Arrow columns of text as NumPy arrays of what was matched, counted or measured in each; no nulls."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.types import Bools, Ints


def of_rows(texts: pa.Array, rows: Ints) -> pa.Array:
    """Return the values of ``rows`` (ascending), without a copy where that is all of them."""
    return texts if len(rows) == len(texts) else texts.take(pa.array(rows))


def matches(texts: pa.Array, pattern: str) -> Bools:
    """Return a mask of the texts in which the RE2 ``pattern`` matches."""
    return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False, writable=True)


def counts(texts: pa.Array, pattern: str) -> Ints:
    """Return how often the RE2 ``pattern`` matches in each text."""
    return pc.count_substring_regex(texts, pattern).to_numpy(zero_copy_only=False).astype(np.int64)


def byte_lengths(texts: pa.Array) -> Ints:
    """Return the length of each text in bytes of UTF-8."""
    return pc.binary_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)


def not_ascii(texts: pa.Array) -> Ints:
    """Return the positions of the texts that hold anything but ASCII, the only ones that can hold Chinese."""
    return np.flatnonzero(~pc.string_is_ascii(texts).to_numpy(zero_copy_only=False))
