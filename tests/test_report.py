"""The report: nothing in the data can act on the page, and the same data gives the same page."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.report.payloads import payload
from tests.report.release import SECRET, TAGS, build
from winnow.report.format.characters import plain
from winnow.report.words import explained

PLOTS = ("flags", "languages", "lengths", "reasons", "sources", "values")

ALLOWED: dict[str, set[str]] = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "http-equiv", "content", "name"}, "title": set(),
    "style": set(), "body": set(), "div": {"class", "id", "tabindex", "role", "aria-label"}, "nav": {"aria-label"},
    "main": {"id"}, "a": {"href", "class"}, "section": {"id"}, "p": {"class", "lang", "dir"}, "ul": set(),
    "ol": {"class"}, "li": set(), "h1": set(), "h2": set(), "h3": set(), "h4": set(), "h5": set(),
    "small": {"class"}, "em": set(), "br": set(), "code": set(), "span": {"class", "lang", "dir", "title"},
    "del": {"class"}, "ins": set(), "footer": set(), "table": {"class"}, "caption": set(), "thead": set(),
    "tbody": set(), "tfoot": set(), "tr": {"class"}, "th": {"scope", "class", "colspan"}, "td": {"class"},
    "dl": {"class"}, "dt": set(), "dd": {"class", "lang", "dir"}, "details": {"class", "id"}, "summary": set(),
    "article": {"class"}, "header": set(), "svg": {"class", "role", "aria-label", "aria-hidden", "width", "height"},
    "rect": {"class", "x", "y", "width", "height"}, "line": {"class", "x1", "x2", "y1", "y2"},
    "text": {"class", "x", "y", "dx"},
}  # fmt: skip


class Page(HTMLParser):
    """Elements, attributes and text as a browser's parser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def run(root: Path, *arguments: str, seed: int = 0, workers: int = 1) -> bytes:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": str(seed),
                   "WINNOW_WORKERS": str(workers)}  # fmt: skip
    command = [sys.executable, "-W", "error", "-m", "stages.report", *arguments]
    subprocess.run(command, cwd=root, env=environment, check=True)
    return (root / "data/report/index.html").read_bytes()


def lines_of(root: Path, plot: str) -> list[dict[str, str]]:
    text = (root / f"metrics/plots/report/{plot}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def plots(root: Path) -> dict[str, bytes]:
    return {name: (root / f"metrics/plots/report/{name}.csv").read_bytes() for name in PLOTS}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    build(root)
    return root


@pytest.fixture(scope="module")
def page(hostile: Path) -> str:
    return run(hostile, "--examples", "100").decode()


def test_hostile_rows_put_no_element_or_attribute_on_the_page(page: str) -> None:
    for tag, attributes in Page(page).elements:
        assert tag in ALLOWED or (tag == "title" and not attributes), tag
        assert attributes.keys() <= ALLOWED[tag], (tag, attributes)
        for name, value in attributes.items():
            if name == "href":
                assert re.fullmatch(r"#[a-z0-9-]+", value or "")
            if name in ("id", "class", "lang"):
                assert re.fullmatch(r"[a-zA-Z0-9 -]+", value or "")
    assert Page(page).comments == []


def test_a_thousand_payloads_are_shown_as_text(page: str) -> None:
    text = "".join(Page(page).text)
    shown = {n for n in range(1, 1300) if plain(payload(n)) in text}
    assert len(shown) >= 1000, len(shown)


def test_nothing_is_loaded_and_the_policy_allows_only_the_one_style(page: str) -> None:
    elements = Page(page).elements
    assert not {"script", "img", "link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in elements}
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(styles) == 1
    assert "url(" not in styles[0]
    assert "@import" not in styles[0]
    policies = [a["content"] for tag, a in elements if a.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert page.index("Content-Security-Policy") < page.index("<title>")  # before anything that comes from data


def test_chinese_stands_as_itself_and_is_named_as_chinese(page: str) -> None:
    assert "&#" not in page.replace("&#34;", "").replace("&#39;", "")
    assert "点我" in page
    languages = Counter(a["lang"] for tag, a in Page(page).elements if a.get("lang"))
    assert languages.keys() == {"en", "zh"}
    assert languages["zh"] > 100


def test_headings_tables_and_links_lead_somewhere(page: str) -> None:
    elements = Page(page).elements
    ids = Counter(a["id"] or "" for _, a in elements if "id" in a)
    assert set(ids.values()) == {1}
    assert {(a["href"] or "")[1:] for _, a in elements if "href" in a} <= ids.keys()
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert all(a.get("scope") in ("col", "row", "rowgroup") for tag, a in elements if tag == "th")


def test_a_row_that_was_taken_down_is_counted_and_never_shown(hostile: Path, page: str) -> None:
    assert SECRET not in page
    assert "src:4<" not in page  # its id
    assert [line["rows"] for line in lines_of(hostile, "reasons") if line["reason"] == "takedown"] == ["1"]


def test_a_rule_shows_rows_that_it_dropped_nearly_dropped_and_passed(page: str) -> None:
    rule = page.split('id="filter-short-response"')[1].split("</details>", maxsplit=1)[0]
    titles = re.findall(r"<h5>(.*?)</h5>", rule)
    assert titles == ["Dropped", "Released, but near the limit", "Released, passed clearly"]
    limits = {text for text in Page(rule).text if text.startswith("answer length")}
    assert all(re.fullmatch(r"answer length \d+ · limit 90( · also .*)?", text, re.DOTALL) for text in limits), limits
    lowest = min(float(text.split()[2]) for text in limits if float(text.split()[2]) >= 90)
    assert lowest == 390  # the first ten rows from the end are released, and this one is nearest to the limit


def test_a_score_shows_rows_below_the_minimum_and_released_rows_near_it(page: str) -> None:
    reason = page.split('id="score-low-score"')[1].split("</details>", maxsplit=1)[0]
    assert re.findall(r"<h5>(.*?)</h5>", reason) == ["Dropped", "Released, but near the limit"]
    scores = [text for text in Page(reason).text if text.startswith("score ")]
    assert set(scores[:72]) == {"score 0.3 · limit 0.5 · also low_response_accuracy"}
    assert [float(text.split()[1]) for text in scores[72:]] == [(90 + n) / 100 for n in range(10)]  # the ten rows


def test_flags_carry_their_meaning_as_a_title(page: str) -> None:
    sources = Page(page.split('id="sources"')[1].split("</section>", maxsplit=1)[0])
    titles = {attributes["title"] for _, attributes in sources.elements if "title" in attributes}
    assert titles == {explained("refusal"), explained("refusal_weak")}


def test_counts_agree_between_page_metrics_and_plots(hostile: Path, page: str) -> None:
    rows = {name: lines_of(hostile, name) for name in PLOTS}
    for fact in ("language", *TAGS, "kind"):
        lines = [line for line in rows["values"] if line["fact"] == fact]
        assert sum(int(line["rows"]) for line in lines) == 400
        assert sum(int(line["released"]) for line in lines) == 10
    assert sum(int(line["rows"]) for line in rows["reasons"]) == 390
    assert sum(int(line["rows"]) for line in rows["sources"]) == 400
    for field in ("instruction", "response", "conversation"):
        counts = Counter({line["status"]: 0 for line in rows["lengths"]})
        for line in rows["lengths"]:
            counts[line["status"]] += int(line["rows"]) if line["field"] == field else 0
        assert counts == {"in": 10, "mix": 30, "out": 360}
    metrics = json.loads((hostile / "metrics/report.json").read_text(encoding="utf-8"))
    assert metrics["remarks"] == page.split("Worth a look")[1].split("</ul>", maxsplit=1)[0].count("<li>")


def test_same_data_same_bytes_for_any_hash_seed_and_worker_count(hostile: Path) -> None:
    first, numbers = run(hostile, seed=1, workers=1), plots(hostile)
    assert run(hostile, seed=2, workers=2) == first
    assert plots(hostile) == numbers


def test_a_page_without_tags_and_ratings_has_no_part_on_them(tmp_path: Path) -> None:
    build(tmp_path, rows=60, without=(*TAGS, "rating"))
    page = run(tmp_path).decode()
    assert ">Language</" in page
    assert ">Task</" not in page
    assert "mean rating" not in page


def test_no_examples_and_an_otherwise_empty_history_make_a_page(hostile: Path, tmp_path: Path) -> None:
    assert b"winnow why" in run(hostile, "--examples", "0")
    build(tmp_path, rows=0)
    assert b"No row repeats another." in run(tmp_path)
