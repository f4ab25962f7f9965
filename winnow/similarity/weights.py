"""What a run of n tokens of an item weighs: less the more items hold it, and a document no more than what is asked.

Two rows may ask unlike things of one document; so the document of an item never carries the decision alone.
"""

import re

import numpy as np
import pyarrow as pa

from winnow.storage.types import Floats, Ints
from winnow.text.scripts import folded_tokens
from winnow.text.tokens import Tokens

_DOCUMENT = 50  # tokens of a paragraph from which it is a document, as for splits
_BLANK = re.compile(r"\n[ \t\r]*\n\s*")


def rarity(runs: Tokens, holders: Ints) -> Floats:
    """Return one over the number of different items that hold each run.

    ``holders`` is the item of each part; equal items have one number, and parts with -1 do not count.
    """
    holder = np.repeat(holders, np.diff(runs.bounds))
    keys, key = np.unique(runs.hashes, return_inverse=True)
    size = int(holders.max(initial=0)) + 1
    pairs = np.unique((key * size + holder)[holder >= 0])
    held = np.bincount(pairs // size, minlength=len(keys))
    return np.asarray(1 / np.maximum(held, 1)[key], np.float64)


def documents(parts: Ints, texts: list[str]) -> tuple[Ints, Ints, Ints]:
    """Return the ``parts`` whose text has other paragraphs beside one of 50 tokens or more, and where that stands.

    >>> [one.tolist() for one in documents(np.array([4, 5]), ["Sum it up.\\n\\n" + "so " * 50, "so " * 50])]
    [[4], [3], [53]]
    """
    split = [
        (part, paragraph) for part, text in zip(parts.tolist(), texts, strict=True) for paragraph in _BLANK.split(text)
    ]
    owner = np.array([part for part, _ in split], np.int64)
    sizes = np.diff(folded_tokens(pa.array([paragraph for _, paragraph in split], pa.string())).bounds)
    ends = np.cumsum(sizes)
    order = np.lexsort((-sizes, owner))  # of each part the longest paragraph first
    longest = order[np.concatenate(([True], owner[order][1:] != owner[order][:-1]))] if len(order) else order
    before = np.searchsorted(owner, owner[longest])
    whole = np.bincount(owner, sizes, int(owner.max(initial=0)) + 1)[owner[longest]]
    kept = (sizes[longest] >= _DOCUMENT) & (whole > sizes[longest])
    start = (ends - sizes)[longest] - (ends - sizes)[before]
    return owner[longest][kept], start[kept], (start + sizes[longest])[kept]


def documents_apart(weights: Floats, runs: Tokens, parts: Ints, starts: Ints, ends: Ints, n: int) -> Floats:
    """Return the weights with those of the runs inside a document scaled down to the weight of all others."""
    weights = weights.copy()
    for part, start, end in zip(parts.tolist(), starts.tolist(), ends.tolist(), strict=True):
        first, last = runs.bounds[part], runs.bounds[part + 1]
        inside = slice(first + start, min(first + end - n + 1, last))
        own = float(weights[inside].sum())
        rest = float(weights[first:last].sum()) - own
        weights[inside] *= min(1.0, rest / own) if own else 1.0
    return weights
