"""Rows that say the opposite of each other: a reply labelled good and bad, a pair of replies preferred both ways."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.similarity.forest import Links
from winnow.similarity.keys import Keys, digests, prompt
from winnow.similarity.same import star
from winnow.storage.types import Ints
from winnow.text.normal import normalised


class Claims(NamedTuple):
    """A key of what each row judges, shape (rows, 2), and its side: 0 or 1, -1 for rows that judge nothing."""

    keys: Keys
    side: Ints


def claims(table: pa.Table) -> Claims:
    """Return the claims of a table of records."""
    keys, side = np.zeros((len(table), 2), np.uint64), np.full(len(table), -1)
    kind = table["kind"].combine_chunks()
    judged = np.flatnonzero(pc.is_in(kind, pa.array(["feedback", "preference"])).to_numpy(zero_copy_only=False))
    if len(judged) == 0:
        return Claims(keys, side)
    some, at = table.take(pa.array(judged)), pa.array(judged)
    pair = pc.equal(some["kind"].combine_chunks(), "preference")
    reply, worse = (_plain(texts) for texts in (views.response(some), views.rejected(some).fill_null("")))
    first = pc.less(reply, worse)
    label = some["label"].combine_chunks().fill_null(False)
    low, high = pc.if_else(first, reply, worse), pc.if_else(first, worse, reply)
    keys[judged] = digests(kind.take(at), normalised(prompt(some)), low, high)
    side[judged] = pc.if_else(pair, first, label).cast(pa.int64()).to_numpy(zero_copy_only=False)
    nothing = pc.or_(pc.equal(reply, worse), pc.and_(pair, pc.equal(worse, "")))
    side[judged[nothing.to_numpy(zero_copy_only=False)]] = -1
    return Claims(keys, side)


def _plain(texts: pa.Array) -> pa.Array:
    return pc.utf8_rtrim(normalised(texts), characters=" .。!！")


def opposed(row_ids: pa.Array, found: Claims) -> dict[str, Links]:
    """Return links of all rows of each group that holds both sides to its row with the smallest id.

    ``contrary`` are links between the two sides, ``concurring`` those on one side.
    """
    links = star(row_ids, found.keys, found.side >= 0)
    against = found.side[links[:, 0]] != found.side[links[:, 1]]
    disputed = np.isin(links[:, 1], links[against, 1])
    return {"contrary": links[against], "concurring": links[disputed & ~against]}
