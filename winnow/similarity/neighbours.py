"""Neighbours of all rows: equal texts, prompts and replies as stars, near-duplicates as verified links and sketches."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.processes import map_buckets
from winnow.records.schema import NEIGHBOURS, SKETCHES
from winnow.similarity.claims import Claims, opposed
from winnow.similarity.forest import Links, groups, spanning_forest
from winnow.similarity.jaccard import distinct, similarities
from winnow.similarity.keys import LABEL, RowKeys, may_answer_alike
from winnow.similarity.mirrors import mirrored, stacked
from winnow.similarity.pairs import prompts_alike
from winnow.similarity.ranked import Semantic, best
from winnow.similarity.same import representatives, star
from winnow.similarity.semantic import semantic_links
from winnow.similarity.sketch import PARTS
from winnow.similarity.sketches import (
    PROMPTS,
    QUESTIONS,
    ROWS,
    SHORT,
    Bags,
    Task,
    bags_of,
    candidate_pairs,
    joined,
    sketch_bucket,
)
from winnow.similarity.verified import Sketched, verified
from winnow.storage.types import Bools, Floats, Ints

_LINKS = 8  # best links of a row that are kept beside the forest, so that n alike rows never cost n**2 lines

_ABOUT = 0.55  # Jaccard similarity of the distinct tokens of short prompts below which they are not compared
_BLOCK = 100_000  # pairs of short prompts whose tokens are compared at a time


class Found(NamedTuple):
    """Links between rows, sketches of those that several links may join, and counts for the metrics."""

    links: pa.Table
    sketches: pa.Table
    counts: dict[str, int]


def find_neighbours(tasks: list[Task], floor: float, semantic: Semantic | None = None) -> Found:
    """Return all neighbours among the rows of all buckets, sorted by row_id.

    ``exact`` links a row to the smallest row_id of its group, whose one representative that row then is among the
    other relations. ``prompt`` links rows with one prompt and different texts, ``response`` rows with one reply of
    substance to different prompts, both to the smallest row_id of their group. ``near`` links rows whose similarity
    (:func:`~winnow.similarity.pairs.alike`) is at least ``floor``: a maximum spanning forest, and the best links of
    each row. ``semantic`` has the links of :func:`semantic_links`. Rows of different kinds are never neighbours.

    ``near_prompt`` links rows with alike prompts (:func:`~winnow.similarity.pairs.prompts_alike`), one row for each
    prompt; ``mirror`` the two directions of a translation pair; ``contrary`` and ``concurring`` the rows of groups that
    contradict each other. Where traditional Chinese is folded, ``traditional`` links each row of it to itself.

    Sketches are those of all rows in groups of three or more that near links join, exact duplicates of these rows among
    them: with them any two can be compared.
    """
    hashed = list(map_buckets(sketch_bucket, tasks))
    sizes = [len(one.row_ids) for one in hashed]
    row_ids = pa.concat_arrays([one.row_ids for one in hashed])
    kinds = pc.dictionary_encode(pa.concat_arrays([one.kinds for one in hashed])).indices.to_numpy()
    keys = joined([one.keys for one in hashed])
    judged = Claims(*map(np.concatenate, zip(*(one.claims for one in hashed), strict=True)))
    mirrors = mirrored(stacked([one.mirrors for one in hashed]))
    traditional = np.flatnonzero(np.concatenate([one.traditional for one in hashed]))
    questions = bags_of([one.questions for one in hashed])
    del hashed  # as large as what was made of them
    links = equal_rows(row_ids, keys) | opposed(row_ids, judged)
    alive = np.ones(len(row_ids), bool)
    alive[links["exact"][:, 0]] = False
    candidates, asked = _candidates(tasks, row_ids, keys, kinds, alive, questions)
    del keys, questions
    whole = np.zeros(len(row_ids), bool)
    whole[candidates] = whole[joining(links["exact"], candidates)] = True
    rows = whole.copy()
    rows[asked] = True
    sketched = Sketched(tasks, sizes, np.flatnonzero(rows), whole[rows])
    near, similarity = verified(sketched, candidates, floor)
    counts = {"rows": len(row_ids), "candidates": len(candidates) + len(asked)}
    kept = _bounded(len(row_ids), near, similarity)
    near, similarity = near[kept], similarity[kept]
    counts["near_links"] = len(near)
    tables = [link_table(row_ids, relation, pairs, np.ones(len(pairs))) for relation, pairs in links.items()]
    tables.append(link_table(row_ids, "near", near[:, ::-1], similarity))
    prompts, value = best(*verified(sketched, asked, floor, prompts_alike), _LINKS)
    tables.append(link_table(row_ids, "near_prompt", prompts[:, ::-1], value))
    links["mirror"] = mirrors[:, ::-1]
    tables.append(link_table(row_ids, "mirror", links["mirror"], np.ones(len(mirrors))))
    if len(traditional):
        links["traditional"] = np.stack((traditional, traditional), axis=1)
        tables.append(link_table(row_ids, "traditional", links["traditional"], np.ones(len(traditional))))
    counts["near_prompts"] = len(prompts)
    counts |= {relation: len(pairs) for relation, pairs in links.items()}
    if semantic:
        alike, cosine = semantic_links(tasks, sizes, np.flatnonzero(alive), kinds, semantic)
        tables.append(link_table(row_ids, "semantic", alike[:, ::-1], cosine))
        counts["semantic"] = len(alike)
    order = [("row_id", "ascending"), ("relation", "ascending"), ("other_row_id", "ascending")]
    grouped = np.concatenate((near, joining(links["exact"], near)))
    sketches = sketch_table(row_ids, sketched, in_groups(len(row_ids), grouped, 3))
    return Found(pa.concat_tables(tables).sort_by(order), sketches, counts | {"sketches": len(sketches)})


def _candidates(
    tasks: list[Task], row_ids: pa.Array, keys: RowKeys, kinds: Ints, alive: Bools, questions: Bags
) -> tuple[Links, Links]:
    """Return the pairs of rows, and of rows with different prompts, that may be near."""
    scratch, buckets = tasks[0].scratch, len(tasks)

    def may(pairs: Ints) -> Bools:
        return may_answer_alike(keys, pairs)

    candidates, short = (candidate_pairs(scratch, n, buckets, np.flatnonzero(alive), kinds, may) for n in (ROWS, SHORT))
    # bands miss short rows: those that have the prompt or the reply in common are compared as well
    stars = [star(row_ids, keys.prompt, alive & keys.asks), star(row_ids, keys.reply, alive & (keys.tokens >= LABEL))]
    equal = np.sort(np.concatenate(stars), axis=1)
    found = np.concatenate((candidates, short, equal[may(equal)]))
    candidates = _distinct(found, len(row_ids))
    askers = np.flatnonzero(alive & keys.asks)
    askers = askers[representatives(row_ids.take(pa.array(askers)), keys.prompt[askers]) == np.arange(len(askers))]
    asked = [
        candidate_pairs(scratch, name, buckets, askers, np.zeros_like(kinds), None) for name in (PROMPTS, QUESTIONS)
    ]
    asked[1] = asked[1][_about_alike(questions, asked[1])]
    return candidates, _distinct(np.concatenate(asked), len(row_ids))


def _about_alike(questions: Bags, pairs: Links) -> Bools:
    """Tell which pairs of short prompts have about the same tokens: one band in common says little of few tokens."""
    starts = range(0, len(pairs), _BLOCK)
    values = [similarities(*questions, pairs[start : start + _BLOCK]) for start in starts]
    return np.concatenate([np.zeros(0), *values]) >= _ABOUT


def _distinct(pairs: Ints, count: int) -> Ints:
    """Return each of ``pairs`` of ``count`` rows once, sorted."""
    codes = distinct((pairs[:, 0] * count + pairs[:, 1]).view(np.uint64)).view(np.int64)
    return np.stack(np.divmod(codes, max(count, 1)), axis=1)


def _bounded(count: int, links: Links, similarity: Floats) -> Ints:
    """Return the positions of the links that are kept: a spanning forest, and the best few of each row."""
    few = best(links, similarity, _LINKS)[0]
    mask = np.isin(links[:, 0] * count + links[:, 1], few[:, 0] * count + few[:, 1])
    mask[spanning_forest(count, links, similarity)] = True
    return np.flatnonzero(mask)


def joining(links: Links, others: Links) -> Links:
    """Return those of ``links`` whose second row is in ``others``.

    >>> joining(np.array([[2, 0], [3, 1]]), np.array([[0, 5]])).tolist()
    [[2, 0]]
    """
    return links[np.isin(links[:, 1], others)]


def in_groups(count: int, links: Links, least: int) -> Ints:
    """Return the positions of the rows in connected groups of ``least`` or more rows, sorted.

    >>> in_groups(6, np.array([[0, 2], [2, 3], [4, 5]]), 3).tolist()
    [0, 2, 3]
    """
    member_of = groups(count, links)
    return np.flatnonzero(np.bincount(member_of, minlength=1)[member_of] >= least)


def sketch_table(row_ids: pa.Array, sketched: Sketched, rows: Ints) -> pa.Table:
    """Return the sketches of ``rows`` as rows of the :data:`SKETCHES` table, sorted by row_id."""
    ids = row_ids.take(pa.array(rows))
    tokens, bounds = sketched.of(rows)
    sizes = np.diff(bounds)
    each = bounds[:: len(PARTS)]
    columns = [
        ids,
        pa.FixedSizeListArray.from_arrays(pa.array(sizes, pa.int32()), len(PARTS)).cast(SKETCHES.field("sizes").type),
        pa.ListArray.from_arrays(pa.array(each, pa.int32()), pa.array(tokens)),
    ]
    return pa.table(columns, schema=SKETCHES).sort_by("row_id")


def equal_rows(row_ids: pa.Array, keys: RowKeys) -> dict[str, Links]:
    """Return the links (row, row with the smallest id) of each relation between rows with equal keys."""
    representative = representatives(row_ids, keys.exact)
    alive = representative == np.arange(len(row_ids))
    twins = np.flatnonzero(~alive)
    replies = star(row_ids, keys.reply, alive & keys.answers)
    elsewhere = (keys.prompt[replies[:, 0]] != keys.prompt[replies[:, 1]]).any(axis=1)
    return {
        "exact": np.stack([twins, representative[twins]], axis=1),
        "prompt": star(row_ids, keys.prompt, alive & keys.asks),
        "response": replies[elsewhere],
    }


def link_table(row_ids: pa.Array, relation: str, links: Links, similarity: Floats) -> pa.Table:
    """Return links between positions in ``row_ids`` as rows of the :data:`NEIGHBOURS` table."""
    row, other = (row_ids.take(pa.array(side)) for side in links.T)
    return pa.table([row, other, pa.repeat(relation, len(links)), pa.array(np.round(similarity, 6))], schema=NEIGHBOURS)
