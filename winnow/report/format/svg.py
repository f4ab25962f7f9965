"""Small drawings as inline SVG: bars and histograms that stretch with the page and need no script.

Widths are percentages, so a drawing fits a phone and a desk alike while its text keeps its size. Colours come from
the classes of the style sheet. Every text is escaped by :class:`markupsafe.Markup`.
"""

from collections.abc import Sequence

from markupsafe import Markup

_BAR = Markup('<rect class="{}" x="{}%" width="{}%" height="100%"/>')
_HALF = Markup('<rect class="{}" x="0%" y="{}%" width="{}%" height="45%"/>')
_MARK = Markup(
    '<line class="mark" x1="{0}%" x2="{0}%" y1="4" y2="{1}"/>'
    '<text class="note {2}" x="{0}%" dx="{3}" y="{4}">{5}</text>'
)
_AXIS = 22  # pixels below the axis, for its numbers
_LINE, _LINES = 13, 4  # pixels of a line of text above the columns, and most such lines
_COLUMN = Markup('<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"><title>{}</title></rect>')


def percent(part: float, whole: float) -> float:
    """Return ``part`` of ``whole`` in percent, rounded for a drawing; 0 of nothing.

    >>> percent(1, 3), percent(1, 0)
    (33.33, 0.0)
    """
    return round(100 * part / whole, 2) if whole else 0.0


def bar(parts: Sequence[tuple[str, float]], whole: float) -> Markup:
    """Return one bar of coloured parts, (class, amount), on a scale that ends at ``whole``.

    The bar is hidden from screen readers: the numbers stand beside it.

    >>> print(bar([("in", 3), ("out", 1)], 4))
    <svg class="bar" aria-hidden="true"><rect class="in" x="0.0%" width="75.0%" height="100%"/><rect class="out" \
x="75.0%" width="25.0%" height="100%"/></svg>
    """
    drawn, start = Markup(""), 0.0
    for name, amount in parts:
        if amount > 0:
            drawn += _BAR.format(name, percent(start, whole), percent(amount, whole))
        start += amount
    return Markup('<svg class="bar" aria-hidden="true">{}</svg>').format(drawn)


def pair(before: float, after: float, whole: float) -> Markup:
    """Return two bars, one above the other, on a scale that ends at ``whole``; the numbers stand beside them.

    >>> print(pair(0.25, 0.5, 0.5))
    <svg class="pair" aria-hidden="true"><rect class="unit" x="0%" y="0%" width="50.0%" height="45%"/><rect class="in" \
x="0%" y="55%" width="100.0%" height="45%"/></svg>
    """
    drawn = Markup("")
    for name, top, amount in (("unit", 0, before), ("in", 55, after)):
        drawn += _HALF.format(name, top, percent(amount, whole))
    return Markup('<svg class="pair" aria-hidden="true">{}</svg>').format(drawn)


def histogram(
    title: str,
    layers: Sequence[tuple[str, str, Sequence[int]]],
    names: Sequence[str],
    ticks: Sequence[tuple[float, str]],
    marks: Sequence[tuple[float, str]] = (),
    height: int = 200,
) -> Markup:
    """Return a stacked histogram: ``layers`` are (class, label, count per bin) from the bottom up; ``names`` of bins.

    ``ticks`` and ``marks`` stand at a place from 0 to 1 on the axis; a mark is a dashed line, such as a limit.
    """
    axis, room = height - _AXIS, _LINE * max(1, min(len(marks), _LINES)) + 5
    drawn = _columns(layers, names, axis, axis - room)
    drawn += Markup('<line class="axis" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(axis)
    for place, text in ticks:
        drawn += Markup('<text class="tick" x="{}%" y="{}">{}</text>').format(percent(place, 1), height - 6, text)
    for n, (place, text) in enumerate(marks):
        anchor = "end" if place > 0.6 else "start"
        drawn += _MARK.format(
            percent(place, 1), axis, anchor, -5 if anchor == "end" else 5, _LINE * (n % _LINES + 1), text
        )
    return Markup('<svg class="histogram" role="img" aria-label="{}" width="100%" height="{}">{}</svg>').format(
        title, height, drawn
    )


def _columns(layers: Sequence[tuple[str, str, Sequence[int]]], names: Sequence[str], axis: int, most: int) -> Markup:
    """Return the columns: they stand on ``axis``, and the highest is ``most`` pixels high."""
    bins = len(names)
    top = max((sum(counts[n] for _, _, counts in layers) for n in range(bins)), default=0)
    drawn = Markup("")
    for n in range(bins):
        base = float(axis)
        for name, label, counts in layers:
            if counts[n]:
                size = max(round(most * counts[n] / top, 2), 0.75)
                base -= size
                place, title = percent(n + 0.06, bins), f"{names[n]}: {counts[n]:,} {label}"
                drawn += _COLUMN.format(name, place, round(base, 2), percent(0.88, bins), size, title)
    return drawn
