"""Bars, histograms, bins, visible symbols and the colours of the style."""

import re
from importlib.resources import files
from itertools import pairwise

import pytest
from markupsafe import Markup

from winnow.report.format.characters import cut, plain, visible
from winnow.report.format.levels import LEVELS
from winnow.report.format.svg import bar, histogram, pair
from winnow.report.sections.lengths import marks
from winnow.report.survey.bins import EDGES, position


def rects(drawn: str) -> list[dict[str, str]]:
    return [dict(re.findall(r'(\w+)="([^"]*)"', rect)) for rect in re.findall(r"<rect ([^>]*)/?>", drawn)]


def test_a_bar_is_cut_by_its_parts() -> None:
    drawn = bar([("in", 1), ("out", 0), ("unit", 1)], 4)
    assert isinstance(drawn, Markup)
    assert [(one["x"], one["width"]) for one in rects(drawn)] == [("0.0%", "25.0%"), ("25.0%", "25.0%")]
    assert not rects(bar([("in", 0)], 0))
    assert [one["width"] for one in rects(pair(0.1, 0.2, 0.4))] == ["25.0%", "50.0%"]


def test_a_histogram_stacks_its_layers_to_the_top_and_escapes_names() -> None:
    layers = [("in", "<in>", [3, 0]), ("out", "left", [1, 2])]
    drawn = histogram("<t>", layers, ["<0>", "1"], [(0.5, "<5>")], [(0.9, "<m>")], 140)
    assert [float(box["height"]) for box in rects(drawn)] == [75.0, 25.0, 50.0]
    assert [float(box["y"]) for box in rects(drawn)] == [43.0, 18.0, 68.0]
    assert set(re.findall(r"<(\w+)", drawn)) == {"svg", "rect", "title", "line", "text"}
    assert "&lt;0&gt;: 3 &lt;in&gt;" in drawn
    assert "note end" in drawn
    assert not rects(histogram("none", [("in", "in", [])], [], []))


def test_marks_of_one_histogram_stand_on_lines_of_their_own() -> None:
    limits = {"short_response": {"zh": 8, "default": 20}, "long_response": 20_000, "short_instruction": 10}
    drawn = histogram("t", [("in", "in", [1])], ["0"], [], marks("response", limits))
    assert len(set(re.findall(r'y="(\d+)">at ', drawn))) == 3


def test_positions_grow_with_the_length() -> None:
    places = [position(length) for length in (0, 0.5, 1, 1.2, 7, 10, 19, 20, 99_999, 100_000, 10**9)]
    assert places == sorted(places)
    assert all(0 <= place < 1 for place in places)
    assert [position(edge) * len(EDGES) for edge in EDGES] == pytest.approx(range(len(EDGES)))


def test_symbols_show_hidden_characters_and_replace_those_that_act() -> None:
    assert visible("a\U000e0041\u3000\n") == "a⟨tag A⟩□↵\n"
    assert plain("\u202eabc\x1b[0m\ttab\n") == "⟨U+202E⟩abc⟨U+001B⟩[0m\ttab\n"
    assert plain("👩‍🚀 می\u200cخواهم é 中文") == "👩‍🚀 می\u200cخواهم é 中文"
    assert cut("👩‍🚀👩‍🚀", 4) == "👩‍🚀…"


def colours() -> list[dict[str, str]]:
    """Return the variables of the light, the dark and the print style; the last two change some of the first."""
    style = files("winnow.report").joinpath("style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    themes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", block)) for block in blocks]
    return [{**themes[0], **theme} for theme in themes]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * char for char in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", range(3), ids=["light", "dark", "print"])
def test_text_stands_out_from_its_ground_in_every_theme(theme: int) -> None:
    palette = colours()[theme]
    grounds = [(ink, ground) for ink in ("ink", "soft", "note", "link", "in") for ground in ("ground", "sheet")]
    levels = [("level-deep" if n > 4 else "level-ink", f"level-{n}") for n in range(1, LEVELS + 1)]
    for ink, ground in [*grounds, ("soft", "wash"), ("del-ink", "del"), ("ins-ink", "ins"), *levels]:
        darker, lighter = sorted((luminance(palette[ink]), luminance(palette[ground])))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize("theme", range(3), ids=["light", "dark", "print"])
def test_levels_of_colour_differ_from_the_ground_more_and_more(theme: int) -> None:
    palette = colours()[theme]
    ground = luminance(palette["ground"])
    distances = [abs(luminance(palette[f"level-{n}"]) - ground) for n in range(1, LEVELS + 1)]
    assert all(later > earlier for earlier, later in pairwise(distances))
