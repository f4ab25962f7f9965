"""Which rows a page shows: drawn by hash, so that every run draws the same, and spread over the sources."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest
from typing import Any, TypeVar

Item = TypeVar("Item")


def lot(key: str) -> int:
    """Return the number that ``key`` draws: a hash, so it depends on nothing but the key.

    >>> lot("alpaca:1") == lot("alpaca:1"), lot("alpaca:1") == lot("alpaca:2")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8, person=b"report").digest(), "big")


def lowest(items: Iterable[tuple[Any, ...]], count: int) -> list[tuple[Any, ...]]:
    """Return the ``count`` lowest items, sorted."""
    return nsmallest(count, items)


def spread(by_source: Mapping[str, Sequence[Item]], count: int) -> list[Item]:
    """Return up to ``count`` items, taken in turn from each source, in the order of the names.

    >>> spread({"b": [1, 2, 3], "a": [7]}, 3)
    [7, 1, 2]
    """
    queues = [list(items) for _, items in sorted(by_source.items())]
    chosen: list[Item] = []
    while len(chosen) < count and any(queues):
        chosen += [queue.pop(0) for queue in queues if queue]
    return chosen[:count]
