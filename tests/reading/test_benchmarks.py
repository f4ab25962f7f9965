"""Test sets to items: whole, or one sentence that says what is wrong where; every preset by every layout."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.real import DATA
from winnow.harness.errors import UserError
from winnow.reading.benchmarks import BenchmarkItem, presets, read_benchmarks


def read(tmp_path: Path, name: str, data: str, **entry: Any) -> list[BenchmarkItem]:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data, encoding="utf-8", newline="")
    return read_benchmarks({"b": {"path": str(path), "text": "q", **entry}}, tmp_path)["b"].items


def item(name: str, question: str, *options: str, answers: tuple[str, ...] = ()) -> BenchmarkItem:
    return BenchmarkItem(name, question, list(options), list(answers), [])


@pytest.mark.parametrize(
    ("name", "data", "entry", "expected"),
    [
        ("x.jsonl", '{"q":"a","id":7}\n{"q":"b"}\n', {}, [item("7", "a"), item("2", "b")]),
        ("x.json", '[{"q":"a","task_id":"T/1"}]', {"id": "task_id"}, [item("T/1", "a")]),
        ("x.json", '{"examples": [{"q":"a"},\n{"q":"b"}]}', {"items": "examples"}, [item("1", "a"), item("2", "b")]),
        (
            "x.json",
            '[{"q":"a","c":"x"},{"q":["b","d"],"c":null}]',
            {"text": ["c", "q"]},
            [item("1", "x", "a"), item("2", "b", "d")],
        ),
        ("x.csv", 'id,q\r\n3,"one\ntwo, ""three"""\r\n', {}, [item("3", 'one\ntwo, "three"')]),
        ("x.csv", "\ufeffq,a\none\u2028two\x0bthree,1\n", {}, [item("1", "one\u2028two\x0bthree")]),
        ("x.csv", f"q\n{'x' * 200_000}\n", {}, [item("1", "x" * 200_000)]),
        ("x.csv", "who,me,you\n", {"columns": ["q", "A", "B"], "options": ["A", "B"]}, [item("1", "who", "me", "you")]),
        ("x.csv", "q,A\nwho,me\n", {"columns": ["q", "A"]}, [item("1", "who")]),
        ("x.json", '[{"q":"a?\\nA. b\\nB. c","answer":"B"}]', {}, [item("1", "a?", "b", "c", answers=("c",))]),
        (
            "x.json",
            '[{"q":"a?","o":["b","c"],"answer":0}]',
            {"options": "o"},
            [item("1", "a?", "b", "c", answers=("b",))],
        ),
        ("x.json", '[{"q":"a?","answer":0}]', {}, [item("1", "a?", answers=("0",))]),
        ("x.json", '[{"t":[{"q":"a"},{"q":"b"}]}]', {"text": "t[].q"}, [item("1", "a", "b")]),
    ],
    ids=[
        "jsonl",
        "own id",
        "items",
        "several fields",
        "quoted csv",
        "odd separators in csv",
        "long csv field",
        "csv without a header",
        "csv with the header that its columns name",
        "options in the text",
        "answer by number",
        "a number as answer",
        "a path",
    ],
)
def test_items(tmp_path: Path, name: str, data: str, entry: dict[str, Any], expected: list[BenchmarkItem]) -> None:
    assert read(tmp_path, name, data, **entry) == expected


def test_a_folder_is_one_test_set(tmp_path: Path) -> None:
    for name, text in (("a/anatomy.csv", "q\none\n"), ("b.jsonl", '{"q":"two"}\n'), ("notes.txt", "x")):
        read(tmp_path / "set", name, text) if name != "notes.txt" else (tmp_path / "set" / name).write_text(text)
    found = read_benchmarks({"b": {"path": str(tmp_path / "set"), "text": "q"}}, tmp_path)["b"].items
    assert found == [item("a/anatomy:1", "one"), item("b:1", "two")]


def _row(layout: dict[str, Any]) -> dict[str, Any]:
    """Return an item with every field that a layout names."""
    made: dict[str, Any] = {}
    for key in ("text", "options", "answer", "solutions"):
        for path in [layout[key]] if isinstance(layout.get(key), str) else layout.get(key, []):
            head, _, rest = path.partition(".")
            value = f"{key} {path}"
            made[head.removesuffix("[]")] = (
                {rest: [value]} if rest and "[]" not in head else [{rest: value}] if rest else value
            )
    return made


@pytest.mark.parametrize(
    ("name", "layout"),
    [(name, layout) for name, about in presets().items() for layout in about["layouts"]],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_layout_of_every_preset(tmp_path: Path, name: str, layout: dict[str, Any]) -> None:
    assert presets()[name]["license"]
    row = _row(layout)
    path = tmp_path / "x.json"
    path.write_text(json.dumps({layout["items"]: [row]} if "items" in layout else [row]), encoding="utf-8")
    read = read_benchmarks({name: {"path": str(path)}}, tmp_path)[name]
    assert read.title == presets()[name]["title"]
    assert read.items[0].question.startswith("text ")
    assert bool(read.items[0].options) == ("options" in layout)
    assert bool(read.items[0].solutions) == ("solutions" in layout)


@pytest.mark.parametrize(
    ("name", "path", "count", "options"),
    [
        ("bbh", "bbh", 500, 500),
        ("ceval", "ceval_val", 1346, 1346),
        ("gsm8k", "gsm8k/test.jsonl", 1319, 0),
        ("humaneval", "humaneval/HumanEval.jsonl.gz", 164, 0),
        ("ifeval", "ifeval/input_data.jsonl", 541, 1),
        ("mmlu", "mmlu_val", 1531, 1531),
        ("mt_bench", "mt_bench/question.jsonl", 80, 80),
        ("truthfulqa", "truthfulqa/TruthfulQA.csv", 817, 0),
    ],
)
@pytest.mark.skipif(not (DATA / "benchmarks").is_dir(), reason=f"real data is not there: {DATA} (WINNOW_REAL_DATA)")
def test_presets_read_the_real_files(name: str, path: str, count: int, options: int) -> None:
    folder = DATA / "benchmarks"
    items = read_benchmarks({name: {"path": str(folder / path)}}, folder)[name].items
    assert (len(items), sum(bool(one.options) for one in items)) == (count, options)
    assert len({one.name for one in items}) == count
    assert all(one.question for one in items)


@pytest.mark.parametrize(
    ("name", "data", "entry", "sentence"),
    [
        (
            "x.csv",
            "q,a\none,1\ntwo\n",
            {},
            r"x\.csv, line 3: 1 cells where the table has 2 columns; a test set must be whole",
        ),
        ("x.csv", "q,a\none,1,2\n", {}, r"x\.csv, line 2: 3 cells where the table has 2 columns"),
        ("x.csv", 'q,a\n"one"x,2\n', {}, r"x\.csv, line 2: text stands behind the quote that closes a cell"),
        ("x.csv", 'q\n"open\n', {}, r"x\.csv, line 2: a quoted cell is opened and not closed"),
        (
            "x.csv",
            "a\n1\n",
            {},
            r"x\.csv, item 1: there is no field 'q'; check params.yaml: overlaps.benchmarks.b.text",
        ),
        ("x.csv", "q\n", {}, r"x\.csv holds no items"),
        ("x.json", '[{"q":"a"},{"q":[NaN]}]', {}, r"x\.json, line 1: .* a test set must be whole, fix the file"),
        ("x.json", '{"d":{"q":"a"}}', {"items": "d"}, r"x\.json, line 1: 'd' holds no list of objects"),
        ("x.json", '{"d":["a"]}', {"items": "d"}, r"x\.json, line 1: 'd' holds no list of objects"),
        ("x.json", '{"d":[]}', {"items": "e"}, r"x\.json holds no items"),
        ("x.json", '[{"q":"a"}]', {"items": ["d"]}, r"overlaps\.benchmarks\.b\.items must be the key"),
        ("x.json", '[{"q":"a"}]', {"url": "x"}, r"overlaps\.benchmarks\.b\.url is no key of a test set"),
        ("x.json", '[{"q":"a"}]', {"path": "/etc/hosts"}, r"benchmarks\.b\.path is '/etc/hosts'; it must stay below /"),
        (
            "x.json",
            '[{"q":"a"}]',
            {"options": "o"},
            r"item 1: there is no field 'o'; check .*overlaps\.benchmarks\.b\.options",
        ),
        ("x.json", '[{"q":"a"}]', {"preset": "mmmlu"}, r"benchmarks\.b\.preset is 'mmmlu'; there are alpaca_eval, "),
        (
            "x.json",
            '[{"q":"a"}]',
            {"preset": "gsm8k", "text": ""},
            r"no items with the fields of its preset \(question\)",
        ),
        ("x.json", '[{"q":"a"}]', {"text": ""}, r"overlaps\.benchmarks\.b must say path and text"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    tmp_path: Path, name: str, data: str, entry: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        read(tmp_path, name, data, **entry)
