"""Numbers as people read them."""

import math
import re
from collections.abc import Mapping


def number(value: float | None) -> str:
    """Return a number with its thousands apart and at most three decimals.

    >>> number(12345), number(0.877358), number(18.0), number(None)
    ('12,345', '0.877', '18', '–')
    """
    if value is None:
        return "–"
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def share(part: float, whole: float) -> str:
    """Return a share in percent that never rounds something to nothing or to all.

    >>> share(1, 3), share(1, 10**6), share(999_999, 10**6), share(0, 5), share(1, 0)
    ('33.3%', '<0.1%', '>99.9%', '0%', '–')
    """
    if not whole:
        return "–"
    if part in (0, whole):
        return "100%" if part else "0%"
    percent = 100 * part / whole
    return "<0.1%" if percent < 0.1 else ">99.9%" if percent > 99.9 else f"{percent:.1f}%"


def rate(part: float, whole: float) -> str:
    """Return a share that may be small: below 1 % with two significant digits, else like :func:`share`.

    >>> rate(18, 87063), rate(1, 10**7), rate(2, 3), rate(0, 5), rate(1, 0)
    ('0.021%', '0.00001%', '66.7%', '0%', '–')
    """
    percent = 100 * part / whole if whole else 0.0
    if not 0 < percent < 1:
        return share(part, whole)
    digits = 1 - math.floor(math.log10(percent))
    return f"{percent:.{digits}f}".rstrip("0") + "%"


def change(before: float, after: float) -> str:
    """Return the change of one share to another in percentage points.

    >>> change(0.25, 0.3), change(0.3, 0.25), change(0.3, 0.30001)
    ('+5.0', '−5.0', '0')
    """
    points = round(100 * (after - before), 1)
    return "0" if not points else f"{'+' if points > 0 else '−'}{abs(points):.1f}"


def tokens(count: float) -> str:
    """Return a large count in words.

    >>> tokens(8688036), tokens(31234), tokens(512)
    ('8.7 M', '31 k', '512')
    """
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return str(round(count))


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the counts that are not 0, the largest first, equal ones by name.

    >>> ranked({"b": 1, "a": 1, "c": 2, "d": 0})
    [('c', 2), ('a', 1), ('b', 1)]
    """
    return sorted(((name, count) for name, count in counts.items() if count), key=lambda item: (-item[1], item[0]))


def slug(text: str) -> str:
    """Return ``text`` as the name of an anchor.

    >>> slug('filter--short_response "<b>')
    'filter-short-response-b'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
