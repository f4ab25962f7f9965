"""Spanning forests and groups, checked against brute force."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.similarity.forest import groups, spanning_forest
from winnow.storage.types import Floats, Ints

Graph = tuple[int, Ints, Floats]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw a number of nodes, links between them and their weights."""
    count = draw(st.integers(2, 12))
    node = st.integers(0, count - 1)
    links = draw(st.lists(st.tuples(node, node).filter(lambda link: link[0] < link[1]), unique=True, max_size=30))
    weights = draw(st.lists(st.sampled_from([0.7, 0.75, 0.8, 0.9, 1.0]), min_size=len(links), max_size=len(links)))
    return count, np.array(links, np.int64).reshape(-1, 2), np.array(weights, float)


def parts(count: int, links: list[list[int]]) -> set[frozenset[int]]:
    groups_of_nodes = [{n} for n in range(count)]
    for a, b in links:
        left, right = (next(part for part in groups_of_nodes if n in part) for n in (a, b))
        if left is not right:
            left |= right
            groups_of_nodes.remove(right)
    return set(map(frozenset, groups_of_nodes))


@settings(max_examples=300, deadline=None)
@given(graph=graphs())
def test_the_forest_gives_the_same_groups_at_every_limit(graph: Graph) -> None:
    count, links, weights = graph
    kept = spanning_forest(count, links, weights)
    assert len(kept) == count - len(parts(count, links.tolist()))  # no cycles
    assert (np.diff(weights[kept]) <= 0).all()
    for limit in (0.7, 0.75, 0.8, 0.9, 1.0, 1.1):
        whole = links[weights >= limit].tolist()
        assert parts(count, links[kept][weights[kept] >= limit].tolist()) == parts(count, whole)


@settings(max_examples=200, deadline=None)
@given(graph=graphs(), seed=st.integers(0, 99))
def test_the_forest_does_not_depend_on_the_order_of_links(graph: Graph, seed: int) -> None:
    count, links, weights = graph
    order = np.random.default_rng(seed).permutation(len(links))
    shuffled = links[order][spanning_forest(count, links[order], weights[order])]
    assert shuffled.tolist() == links[spanning_forest(count, links, weights)].tolist()


@settings(max_examples=200, deadline=None)
@given(graph=graphs())
def test_groups(graph: Graph) -> None:
    count, links, _ = graph
    member_of = groups(count, links).tolist()
    by_group = {frozenset(n for n in range(count) if member_of[n] == group) for group in set(member_of)}
    assert by_group == parts(count, links.tolist())
