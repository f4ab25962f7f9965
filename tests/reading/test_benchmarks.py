"""Benchmark files to (item, text) pairs: whole, or one sentence that says what is wrong where."""

from pathlib import Path
from typing import Any

import pytest

from winnow.harness.errors import UserError
from winnow.reading.benchmarks import read_benchmarks


def read(tmp_path: Path, name: str, data: str, **entry: Any) -> list[tuple[str, str]]:
    path = tmp_path / name
    path.write_text(data, encoding="utf-8", newline="")
    return read_benchmarks({"b": {"path": str(path), "text": "q", **entry}}, tmp_path)["b"]


@pytest.mark.parametrize(
    ("name", "data", "entry", "expected"),
    [
        ("x.jsonl", '{"q":"a","id":7}\n{"q":"b"}\n', {}, [("7", "a"), ("2", "b")]),
        ("x.json", '[{"q":"a","task_id":"T/1"}]', {"id": "task_id"}, [("T/1", "a")]),
        ("x.json", '{"examples": [{"q":"a"},\n{"q":"b"}]}', {"items": "examples"}, [("1", "a"), ("2", "b")]),
        (
            "x.json",
            '[{"q":"a","c":"x"},{"q":["b","d"],"c":null}]',
            {"text": ["c", "q"]},
            [("1", "x\na"), ("2", "b\nd")],
        ),
        ("x.csv", 'id,q\r\n3,"one\ntwo, ""three"""\r\n', {}, [("3", 'one\ntwo, "three"')]),
        ("x.csv", "\ufeffq,a\none\u2028two\x0bthree,1\n", {}, [("1", "one\u2028two\x0bthree")]),
        ("x.csv", f"q\n{'x' * 200_000}\n", {}, [("1", "x" * 200_000)]),
    ],
    ids=["jsonl", "own id", "items", "joined fields", "quoted csv", "odd separators in csv", "long csv field"],
)
def test_items(tmp_path: Path, name: str, data: str, entry: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert read(tmp_path, name, data, **entry) == expected


@pytest.mark.parametrize(
    ("name", "data", "entry", "sentence"),
    [
        ("x.csv", "q,a\none,1\ntwo\n", {}, r"x\.csv, line 3: the row has more or fewer fields than the header"),
        ("x.csv", "q,a\none,1,2\n", {}, r"x\.csv, line 2: the row has more or fewer fields than the header"),
        ("x.csv", 'q,a\n"one"x,2\n', {}, r"x\.csv, line 2: this is no CSV"),
        ("x.csv", 'q\n"open\n', {}, r"x\.csv, line \d: this is no CSV"),
        (
            "x.csv",
            "a\n1\n",
            {},
            r"x\.csv, item 1: there is no field 'q'; check params.yaml: overlaps.benchmarks.b.text",
        ),
        ("x.csv", "q\n", {}, r"x\.csv holds no items"),
        ("x.json", '[{"q":"a"},{"q":[NaN]}]', {}, r"x\.json, line 1: .* a benchmark must be whole, fix the file"),
        ("x.json", '{"d":{"q":"a"}}', {"items": "d"}, r"x\.json, line 1: 'd' holds no list of objects"),
        ("x.json", '{"d":["a"]}', {"items": "d"}, r"x\.json, line 1: 'd' holds no list of objects"),
        ("x.json", '{"d":[]}', {"items": "e"}, r"x\.json holds no items"),
        ("x.json", '[{"q":"a"}]', {"items": ["d"]}, r"overlaps\.benchmarks\.b\.items must be the key"),
        ("x.json", '[{"q":"a"}]', {"url": "x"}, r"overlaps\.benchmarks\.b\.url is no key of a benchmark"),
        ("x.json", '[{"q":"a"}]', {"path": "/etc/hosts"}, r"benchmarks\.b\.path is '/etc/hosts'; it must stay below /"),
        ("x.json", '[{"q":"a"}]', {"text": ""}, r"overlaps\.benchmarks\.b must say path and text"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    tmp_path: Path, name: str, data: str, entry: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        read(tmp_path, name, data, **entry)
