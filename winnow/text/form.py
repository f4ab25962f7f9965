"""Keys of texts in normal form: case, width, signs, dress and courtesy make no difference, the tokens do."""

from hashlib import blake2b

import numpy as np
import pyarrow as pa

from winnow.storage.types import Ints
from winnow.text.codepoints import slices
from winnow.text.dress import request_alone, undressed
from winnow.text.normal import folded
from winnow.text.tokens import SLICE, Tokens, hashed_tokens, joined


def tokens_of(texts: pa.Array) -> Tokens:
    """Return the mixed tokens of ``texts`` (no nulls) in normal form."""
    column = folded(texts)  # white space makes no difference to tokens
    return joined([hashed_tokens(some) for _, some in slices(column, SLICE)])


def form_keys(texts: pa.Array) -> pa.Array:
    """Return a 128-bit digest (hex) of the tokens of each request; of the text itself where it has none.

    >>> a, b, c = form_keys(pa.array(["Name a **fruit**.", "Please name a fruit", "🙂"])).to_pylist()
    >>> a == b, a == c
    (True, False)
    """
    plain = request_alone(undressed(texts))
    hashes, bounds = tokens_of(plain)
    data, edges = hashes.astype("<u8").tobytes(), (bounds * 8).tolist()
    bare = dict.fromkeys(np.flatnonzero(np.diff(bounds) == 0).tolist())
    keys = [
        blake2b(plain[n].as_py().encode() if n in bare else data[edges[n] : edges[n + 1]], digest_size=16).hexdigest()
        for n in range(len(texts))
    ]
    return pa.array(keys, pa.string())


def longest_paragraphs(texts: pa.Array) -> tuple[pa.Array, Ints]:
    """Return the paragraph of each text (between blank lines) that has most tokens, and their number.

    >>> longest_paragraphs(pa.array(["one two\\n\\nthree", ""]))[0].to_pylist()
    ['one two', '']
    """
    import pyarrow.compute as pc

    lists = pc.split_pattern_regex(texts, r"\n[ \t\r]*\n\s*")
    flat, owner = pc.list_flatten(lists), pc.list_parent_indices(lists).to_numpy()
    counts = np.diff(tokens_of(flat).bounds)
    order = np.lexsort((-np.arange(len(counts)), counts, owner))
    last = order[np.append(np.flatnonzero(np.diff(owner[order])), len(order) - 1)] if len(order) else order
    return flat.take(pa.array(last)), counts[last]
