"""Any text is inert where it is shown, comes back exactly where a program reads it, and is plain where it can be."""

import csv
import io
import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.hostile import ANY, PAYLOADS, live, still
from winnow.harness.display import block, code, guarded, inline, json_text, link, unguarded, visible
from winnow.harness.metrics import plot_csv, plot_lines


@given(ANY)
def test_every_text_is_one_still_line(text: str) -> None:
    assert still(visible(text))
    assert "\n" not in visible(text)


def test_text_that_hides_nothing_is_shown_as_it_is() -> None:
    for text in ("Köpf et al. 2023", "你好，世界", "👍🏽 ☀️", "naïve (v1.0): a_b", "a b"):
        assert visible(text) == text


@given(ANY)
def test_no_text_is_live_in_markdown(text: str) -> None:
    page = f"- {inline(text)}: {link(text)}\n\n| {inline(text)} | {code(text)} | x |\n|---|---|---|\n"
    page += f"| {link(text)} | {inline(text)} | {code(text)} |\n\n{block([text, text])}\n\nend\n"
    assert live(page, allowed=text if re.fullmatch("https?://[a-z.]+(?:/x)?", text) else "-") == []
    assert still(page)
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    assert [token.type for token in tokens].count("td_open") == 3
    assert tokens[-2].content == "end"


def test_plain_words_stay_plain_in_markdown() -> None:
    for text in ("CC-BY-NC-4.0", "near_duplicate", "Databricks, Inc. 2023; passages (CC BY-SA 3.0)", "Köpf et al."):
        assert inline(text) == text


@given(st.lists(ANY, min_size=1, max_size=4))
def test_no_cell_is_a_formula_and_every_cell_comes_back(texts: list[str]) -> None:
    assert [unguarded(guarded(text)) for text in texts] == texts
    assert not [cell for cell in map(guarded, texts) if cell[:1] in tuple("=+-@\t\r\n＝＋－＠")]


def test_plots_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = [[payload, -1.5, n] for n, payload in enumerate(PAYLOADS)]
    text = plot_csv(["source", "value", "rows"], rows)
    file = tmp_path / "plot.csv"
    file.write_text(text, encoding="utf-8", newline="")
    assert [line["source"] for line in plot_lines(file)] == list(PAYLOADS)
    cells = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [cell[1:] for cell in cells] == [["-1.5", str(n)] for n in range(len(PAYLOADS))]
    assert not [cell for cell, *_ in cells if cell[:1] in tuple("=+-@\t\r\n")]


@given(st.dictionaries(ANY, ANY))
def test_json_is_exact_and_still(value: dict[str, str]) -> None:
    text = json_text(value)
    assert json.loads(text) == value
    assert still(text)
