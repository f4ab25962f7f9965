"""Levels of colour for counts: the more rows, the stronger the colour."""

LEVELS = 6
"""The strongest level; 0 is the level of no rows."""


def logarithmic(count: int, most: int) -> int:
    """Return the level of a count on a logarithmic scale up to ``most``: for counts of different magnitudes.

    >>> [logarithmic(count, 1000) for count in (0, 1, 3, 10, 31, 100, 1000)]
    [0, 1, 1, 3, 3, 5, 6]
    """
    if count <= 0:
        return 0
    step = max(most, 2) ** (1 / LEVELS)
    level = 1
    while level < LEVELS and count >= step**level * (1 - 1e-9):
        level += 1
    return level


def linear(count: int, most: int) -> int:
    """Return the level of a count in proportion to ``most``: for the shape of a distribution.

    >>> [linear(count, 60) for count in (0, 1, 10, 30, 60)]
    [0, 1, 2, 4, 6]
    """
    return min(LEVELS, 1 + LEVELS * count // most) if count else 0
