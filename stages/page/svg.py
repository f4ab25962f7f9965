"""Small drawings as inline SVG: bars and histograms that stretch with the page and need no script.

Widths are percentages, so a drawing fits a phone and a desk alike while its text keeps its size. Colours come from
the classes of the style sheet. Every text is escaped by :class:`markupsafe.Markup`.
"""

from collections.abc import Sequence

from markupsafe import Markup

_BAR = Markup('<rect class="{}" x="{}%" width="{}%" height="100%"/>')
_COLUMN = Markup('<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"><title>{}</title></rect>')


def percent(part: float, whole: float) -> float:
    """Return ``part`` of ``whole`` in percent, rounded for a drawing; 0 of nothing.

    >>> percent(1, 3), percent(1, 0)
    (33.33, 0.0)
    """
    return round(100 * part / whole, 2) if whole else 0.0


def bar(parts: Sequence[tuple[str, float]], whole: float, label: str = "") -> Markup:
    """Return one bar of coloured parts, (class, amount), on a scale that ends at ``whole``.

    Without a label the bar is hidden from screen readers: the numbers stand beside it.

    >>> print(bar([("in", 3), ("out", 1)], 4))
    <svg class="bar" aria-hidden="true"><rect class="in" x="0%" width="75.0%" height="100%"/><rect class="out" \
x="75.0%" width="25.0%" height="100%"/></svg>
    """
    drawn, start = Markup(""), 0.0
    for name, amount in parts:
        if amount > 0:
            drawn += _BAR.format(name, percent(start, whole) if start else 0, percent(amount, whole))
        start += amount
    if not label:
        return Markup('<svg class="bar" aria-hidden="true">{}</svg>').format(drawn)
    return Markup('<svg class="bar" role="img" aria-label="{}">{}</svg>').format(label, drawn)


def histogram(
    title: str,
    layers: Sequence[tuple[str, Sequence[int]]],
    names: Sequence[str],
    ticks: Sequence[tuple[float, str]],
    marks: Sequence[tuple[float, str]] = (),
    height: int = 200,
) -> Markup:
    """Return a stacked histogram: ``layers`` are (class, count per bin) from the bottom up, ``names`` name the bins.

    ``ticks`` and ``marks`` stand at a place from 0 to 1 on the axis; a mark is a dashed line, such as a limit.
    """
    bins = len(names)
    top = max((sum(counts[n] for _, counts in layers) for n in range(bins)), default=0)
    plot = height - 40  # 18 above for marks, 22 below for the axis
    drawn = Markup("")
    for n in range(bins):
        base = float(height - 22)
        for name, counts in layers:
            if counts[n]:
                size = max(round(plot * counts[n] / top, 2), 0.75)
                base -= size
                drawn += _COLUMN.format(
                    name,
                    percent(n + 0.06, bins),
                    round(base, 2),
                    percent(0.88, bins),
                    size,
                    f"{names[n]}: {counts[n]:,} {name}",
                )
    drawn += Markup('<line class="axis" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(height - 22)
    for place, text in ticks:
        drawn += Markup('<text class="tick" x="{}%" y="{}">{}</text>').format(percent(place, 1), height - 6, text)
    for place, text in marks:
        anchor = "end" if place > 0.6 else "start"
        drawn += Markup(
            '<line class="mark" x1="{0}%" x2="{0}%" y1="4" y2="{1}"/>'
            '<text class="note {2}" x="{0}%" dx="{3}" y="13">{4}</text>'
        ).format(percent(place, 1), height - 22, anchor, -5 if anchor == "end" else 5, text)
    return Markup('<svg class="histogram" role="img" aria-label="{}" width="100%" height="{}">{}</svg>').format(
        title, height, drawn
    )
