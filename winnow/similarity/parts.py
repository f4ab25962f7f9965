"""Parts of rows in normal form, as texts and as tokens: each is read once, and all keys and bands are made of it."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.similarity.jaccard import gathered
from winnow.storage.types import Ints
from winnow.text.codepoints import slices
from winnow.text.dress import undressed
from winnow.text.normal import normalised
from winnow.text.tokens import SLICE, Tokens, hashed_tokens, joined

COLUMNS = ["row_id", "kind", "system", "context", "messages", "rejected", "label", "tools"]
_NAMES = ("system", "history", "instruction", "context", "results", "reasoning", "reply", "rejected")
SYSTEM, HISTORY, INSTRUCTION, CONTEXT, RESULTS, REASONING, REPLY, REJECTED = range(len(_NAMES))


class Parts(NamedTuple):
    """Parts of the rows of a table, in the order of chat formats, in normal form and without dress.

    ``tokens`` has those of part ``p`` of row ``i`` as list ``8 i + p``. ``results`` are what tools said after the
    instruction, ``reasoning`` is that of all turns.
    """

    texts: tuple[pa.Array, ...]
    tokens: Tokens

    def whole(self) -> Tokens:
        """Return the tokens of all parts of each row."""
        return Tokens(self.tokens.hashes, self.tokens.bounds[:: len(_NAMES)])

    def of(self, part: int | Ints) -> Tokens:
        """Return the tokens of one part of each row; ``part`` may name another one for each."""
        rows = np.arange(len(self.texts[0])) * len(_NAMES) + part
        return Tokens(*gathered(self.tokens.hashes, self.tokens.bounds, rows))

    def text(self, *parts: int) -> pa.Array:
        """Return the texts of ``parts`` of each row as one; of all parts where none is named."""
        return spaced(*(self.texts[part] for part in parts or range(len(_NAMES))))

    def subjects(self) -> Tokens:
        """Return the tokens of what each prompt is about: its context, or its instruction where it has none.

        Rows of a task share its instruction; by that alone all of them would be candidates.
        """
        context = pc.not_equal(self.texts[CONTEXT], "").to_numpy(zero_copy_only=False)
        return self.of(np.where(context, CONTEXT, INSTRUCTION))


def plain(texts: pa.Array) -> pa.Array:
    """Return ``texts`` (no nulls) in normal form, without dress."""
    return normalised(undressed(texts))


def spaced(first: pa.Array, *others: pa.Array) -> pa.Array:
    """Join texts row by row with spaces, passing over what is empty.

    >>> spaced(pa.array(["a", ""]), pa.array(["", ""]), pa.array(["b", "c"])).to_pylist()
    ['a b', 'c']
    """
    out = first
    for texts in others:
        if pc.max(pc.binary_length(texts)).as_py():
            both = pc.and_(pc.not_equal(out, ""), pc.not_equal(texts, ""))
            out = pc.binary_join_element_wise(out, texts, pc.if_else(both, " ", ""))
    return out


def parts(table: pa.Table) -> Parts:
    """Return the parts of a table of records."""
    system, rejected = (views.column(table, "system").fill_null(""), views.rejected(table).fill_null(""))
    history, instruction, results, reply = views.spoken(table)
    columns = (system, history, instruction, views.context(table), results, views.thoughts(table), reply, rejected)
    places = np.arange(len(table) * len(columns)).reshape(len(columns), -1)
    # all parts at once: a pattern is compiled anew for each column
    flat = plain(pa.concat_arrays(columns).take(pa.array(places.T.ravel())))
    texts = tuple(flat.take(pa.array(np.arange(part, len(flat), len(columns)))) for part in range(len(columns)))
    return Parts(texts, joined([hashed_tokens(some) for _, some in slices(flat, SLICE)]))
