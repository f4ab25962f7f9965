"""JSON files to units: what is read, what is quarantined with which reason and line, and what stops the run."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from tests.reading.documents import BAD
from tests.reading.files import bad, outline, read
from winnow.harness.errors import UserError
from winnow.reading.jsonfiles import read_units
from winnow.reading.jsonvalue import MAX_DEPTH
from winnow.reading.window import Caps


@pytest.mark.parametrize(("raw", "reason"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("layout", ["array", "jsonl"])
def test_bad_unit_leaves_its_neighbours_alone(tmp_path: Path, raw: str, reason: str, layout: str) -> None:
    good = '{"a": "before"}', '{"a": "after"}'
    data = f"[{good[0]},\n{raw},\n{good[1]}]" if layout == "array" else f"{good[0]}\n{raw}\n{good[1]}\n"
    units = read(tmp_path / f"x.{layout}", data)
    assert outline(units) == [(1, {"a": "before"}), (2, reason), (3, {"a": "after"})]
    assert units[1].raw == raw


def test_value_just_deep_enough_is_kept(tmp_path: Path) -> None:
    raw = '{"a": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}"
    assert outline(read(tmp_path / "x.json", f"[{raw}]")) == [(1, json.loads(raw))]


def test_raw_newline_in_an_element_and_the_lines_after_it(tmp_path: Path) -> None:
    units = read(tmp_path / "x.json", '[{"a":1},\n{"a":"x\ny"},\n\n{"a":3}]')
    assert outline(units) == [(1, {"a": 1}), (2, "invalid_json"), (5, {"a": 3})]
    assert bad(units[1]).detail == "Invalid control character at at character 8 of the row"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('[{"a":1},,\n{"a":2}]', [(1, {"a": 1}), (1, "stray_comma"), (2, {"a": 2})]),
        ('[\n,{"a":2}]', [(2, "stray_comma"), (2, {"a": 2})]),
        ('[{"a":1},\n{"a":2},\n]\n', [(1, {"a": 1}), (2, {"a": 2}), (2, "trailing_comma")]),
        ('[{"a":1}\n{"a":2}]', [(1, {"a": 1}), (2, "missing_comma"), (2, {"a": 2})]),
        ('[{"a":1}]\n\n];\n', [(1, {"a": 1}), (3, "text_after_array")]),
    ],
    ids=["stray comma", "leading comma", "trailing comma", "missing comma", "text after the array"],
)
def test_punctuation_of_an_array(tmp_path: Path, data: str, expected: list[tuple[int, object]]) -> None:
    if "];" in data:
        data = data.replace("];", "-- end")
    assert outline(read(tmp_path / "x.json", data)) == expected


@pytest.mark.parametrize("rest", ['[{"a":2}]', '{"a":2}', ',{"a":2}]', "x" * 2_000])
def test_rows_after_the_array_are_never_lost_in_silence(tmp_path: Path, rest: str) -> None:
    with pytest.raises(UserError, match=r"x\.json, line 2: the file goes on after the \] that closes its array"):
        read(tmp_path / "x.json", '[{"a":1}]\n' + rest)


@pytest.mark.parametrize(
    "data",
    ['[{"a":1},\n{"a":"x},\n{"a":"y"},\n{"a":"z"}]', '[{"a":1},\n{"a":1,\n{"a":2},\n{"a":3}]', '[{"a":1},\n[}}, {}]'],
    ids=["missing quote", "missing brace", "wrong brackets"],
)
def test_array_whose_rest_cannot_be_told_apart_is_an_error(tmp_path: Path, data: str) -> None:
    with pytest.raises(UserError, match=r"x\.json, line 2: .* the rows cannot be told apart"):
        read(tmp_path / "x.json", data)


@pytest.mark.parametrize("layout", ["array", "jsonl"])
def test_too_large_unit_is_passed_over_in_little_memory(tmp_path: Path, layout: str) -> None:
    huge = '{"a": "' + "x" * 20_000_000 + '"}'
    data = f'[{{"a":1}},\n{huge},\n{{"a":3}}]' if layout == "array" else f'{{"a":1}}\n{huge}\n{{"a":3}}\n'
    path = tmp_path / "x.json"
    path.write_text(data)
    del data
    tracemalloc.start()
    units = list(read_units(path, "utf-8", Caps(1 << 30, 1_000_000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outline(units) == [(1, {"a": 1}), (2, "too_large"), (3, {"a": 3})]
    assert units[1].raw == huge[:1_000]
    assert peak < 16_000_000


def test_cap_counts_the_characters_of_one_unit(tmp_path: Path) -> None:
    caps = Caps(1 << 20, 20)
    rows = '{"a": "0123456789"}', '{"a": "0123456789abc"}'
    for data in (f"[{rows[0]}, {rows[1]}]", "\n".join(rows)):
        assert [reason for _, reason in outline(read(tmp_path / "x.json", data, caps=caps))] == [
            {"a": "0123456789"},
            "too_large",
        ]


def test_one_printed_object_over_the_cap_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"line 1: the object that starts here is longer than normalize\.max_unit_chars"
    ):
        read(tmp_path / "x.json", '{\n"a": "' + "x" * 100 + '"\n}', caps=Caps(1 << 20, 50))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", r"x\.json is empty; remove it"),
        (b" \n\n", r"x\.json is empty; remove it"),
        (b"\xef\xbb\xbf", r"x\.json is empty; remove it"),
        (gzip.compress(b"", mtime=0), r"x\.json is empty; remove it"),
        (b"[ ]\n", r"x\.json holds an empty array"),
        (
            b"\n<!DOCTYPE html>\n<p>404",
            r"x\.json, line 2: this is no JSON: it starts with '<!DOCTYPE html>\\n<p>4' and",
        ),
        (b"version https://git-lfs.github.com/spec/v1\n", r"line 1: this is no JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", r"x\.json, line 1: byte 0 is not utf-8"),
        (bytes(100), r"x\.json, line 1: this is no JSON"),
        (b"{oops}\n{oops}\n", r"x\.json, line 1: not one line is JSON"),
        (b'{\n "a": 1\n "b": 2\n}\n', r"x\.json, line 3: this is no JSON"),
        (b'\n\n{\n "a": 1\n "b": 2\n}\n', r"x\.json, line 5: this is no JSON"),
        (b'{\n "a": 1\n}\noops\n', r"x\.json, line 4: the file goes on after its object"),
    ],
)
def test_file_that_is_no_data_is_one_error(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        read(tmp_path / "x.json", data)
    assert "\n" not in str(caught.value)


def test_printed_object_is_one_unit(tmp_path: Path) -> None:
    assert outline(read(tmp_path / "x.json", '\n{\n  "a": {\n    "b": 1\n  }\n}\n')) == [(2, {"a": {"b": 1}})]


def test_damaged_first_line_is_quarantined_like_any_other(tmp_path: Path) -> None:
    assert outline(read(tmp_path / "x.jsonl", '{"a": "x\n{"a":2}\n')) == [(1, "invalid_json"), (2, {"a": 2})]


def test_line_separators_inside_texts_are_no_line_ends(tmp_path: Path) -> None:
    row = {"a": "x\u2028y\u2029z\x85\x0b\x0c\x1c"}
    data = json.dumps(row, ensure_ascii=False).replace("\\u000b", "\x0b") + '\n{"a":2}\n'
    data = data.replace("\x0b", "\\u000b")
    assert outline(read(tmp_path / "x.jsonl", data)) == [(1, row), (2, {"a": 2})]


def test_two_values_on_a_line_are_one_bad_unit(tmp_path: Path) -> None:
    units = read(tmp_path / "x.jsonl", '{"a":1}{"a":2}\n{"a":3}\n')
    assert outline(units) == [(1, "invalid_json"), (2, {"a": 3})]
    assert bad(units[0]).detail == "more text after the value at character 8"
