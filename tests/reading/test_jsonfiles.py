"""JSON files to units: what is read, what is quarantined with which reason and line, and what stops the run."""

import gzip
import json
import random
import tracemalloc

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reading.files import CAPS, packed, read, told
from tests.strategies import JSON, OBJECTS
from winnow.harness.errors import UserError
from winnow.reading import text
from winnow.reading.jsonfiles import read_units
from winnow.reading.jsonvalue import MAX_DEPTH
from winnow.reading.window import Caps

ROWS = [{"a": 1, "b": "你好"}, {"a": 2, "b": "é\n"}, {"a": 3}]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
ARRAY = json.dumps(ROWS, ensure_ascii=False, indent=1).encode()
READ_LINES = [(1, ROWS[0]), (2, ROWS[1]), (3, ROWS[2])]
READ_ARRAY = [(2, ROWS[0]), (6, ROWS[1]), (10, ROWS[2])]


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [("x.jsonl", LINES, READ_LINES), ("x.json", ARRAY, READ_ARRAY)],
    ids=["jsonl", "array"],
)
@pytest.mark.parametrize("change", ["plain", "bom", "crlf", "no final newline", "blank lines"])
def test_same_units_whatever_the_wrapping(tmp_path, name, data, expected, suffix, change):
    match change:
        case "bom":
            data = b"\xef\xbb\xbf" + data
        case "crlf":
            data = data.replace(b"\n", b"\r\n")
        case "no final newline":
            data = data.rstrip(b"\n")
        case "blank lines":
            data += b"\n \n\r\n"
    assert told(read(tmp_path / (name + suffix), packed(data, suffix))) == expected


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_members_one_after_another_are_one_file(tmp_path, suffix):
    data = packed(LINES[:40], suffix) + packed(LINES[40:], suffix)
    assert told(read(tmp_path / f"x.jsonl{suffix}", data)) == READ_LINES


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("kept", [0.999, 0.7, 0.3])
def test_cut_compressed_file_is_one_error(tmp_path, suffix, kept):
    numbers = random.Random(1)
    rows = "".join(json.dumps({"a": numbers.random()}) + "\n" for _ in range(60_000)).encode()
    data = packed(rows, suffix)
    with pytest.raises(UserError, match=rf"x\.jsonl\{suffix} is cut off: .* after [0-9,]+ bytes of text"):
        read(tmp_path / f"x.jsonl{suffix}", data[: int(len(data) * kept)])


def test_zst_cut_where_its_text_ends_with_a_line_is_an_error(tmp_path):
    packer = zstandard.ZstdCompressor().compressobj()
    data = packer.compress(LINES) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    with pytest.raises(UserError, match="is cut off"):
        read(tmp_path / "x.jsonl.zst", data)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_damaged_compressed_file_is_one_error(tmp_path, suffix):
    data = bytearray(packed(b"".join(b'{"a":"%d"}\n' % n for n in range(5_000)), suffix))
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    with pytest.raises(UserError, match=rf"x\.jsonl\{suffix}"):
        read(tmp_path / f"x.jsonl{suffix}", bytes(data))


def test_plain_text_with_a_compressed_name_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"x\.json\.gz is no gz file whatever its name says"):
        read(tmp_path / "x.json.gz", ARRAY)


@pytest.mark.parametrize("cut", range(8, len(LINES) - 1))
def test_cut_lines_never_pass_for_whole(tmp_path, cut):
    """Cut anywhere but between two rows, the file is refused at the line of the cut."""
    data = LINES[:cut]
    whole = [len(LINES.split(b"\n", n)[-1]) for n in range(1, 4)]
    if len(LINES) - cut in {*whole, *(rest + 1 for rest in whole)}:
        assert told(read(tmp_path / "x.jsonl", data)) == READ_LINES[: data.rstrip(b"\n").count(b"\n") + 1]
    else:
        with pytest.raises(UserError, match=rf"x\.jsonl, line {data.count(bytes([10])) + 1}: "):
            read(tmp_path / "x.jsonl", data)


@pytest.mark.parametrize("cut", range(1, len(ARRAY) - 1))
def test_cut_array_never_passes_for_whole(tmp_path, cut):
    with pytest.raises(UserError, match=r"x\.json, line [0-9]+: "):
        read(tmp_path / "x.json", ARRAY[:cut])


def test_cut_array_between_rows_says_where(tmp_path):
    with pytest.raises(UserError, match=r"x\.json, line 3: the JSON array is never closed; the file is cut off\."):
        read(tmp_path / "x.json", '[{"a":1},\n{"a":2}\n')


# Encodings


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "gb18030", "latin-1"])
def test_declared_encoding_is_read_exactly(tmp_path, encoding):
    text_ = "crème brûlée" if encoding == "latin-1" else "上海 crème 𠀀"
    data = json.dumps([{"a": text_}], ensure_ascii=False).encode(encoding)
    assert told(read(tmp_path / "x.json", data, encoding)) == [(1, {"a": text_})]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "gb18030", "UTF8", "utf_8"])
def test_byte_order_mark_is_dropped_in_any_declared_encoding(tmp_path, encoding):
    assert told(read(tmp_path / "x.jsonl", '\ufeff{"a":"上"}\n'.encode(encoding), encoding)) == [(1, {"a": "上"})]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ('{"a":1}\n{"a":"crème"}\n'.encode("latin-1"), r"line 2: byte 16 is not utf-8"),
        ('{"a":1}\n{"a":"你好"}\n'.encode("gb18030"), r"line 2: byte 14 is not utf-8"),
        ('{"a":1}\n'.encode("utf-16"), r"x\.jsonl is utf-16, not UTF-8; say `encoding: utf-16`"),
        ('{"a":1}\n'.encode("utf-32"), r"x\.jsonl is utf-32, not UTF-8; say `encoding: utf-32`"),
        ('{"a":1}\n'.encode("utf-16-le"), r"x\.jsonl, line [12]: "),
        (b'{"a":1}\n{"a":"\xe4\xbd', r"line 2: byte 14 is not utf-8"),
    ],
    ids=["latin-1", "gb18030", "utf-16", "utf-32", "utf-16 without mark", "cut character"],
)
def test_undeclared_encoding_is_refused(tmp_path, data, place):
    with pytest.raises(UserError, match=place):
        read(tmp_path / "x.jsonl", data)


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_line_of_a_bad_byte_counts_lines_not_bytes(tmp_path, monkeypatch, chunk):
    """上 holds the byte 0A in UTF-16; a chunk's start and a byte order mark count too."""
    monkeypatch.setattr(text, "_CHUNK", chunk)
    data = '[{"a":"上上上"},\n'.encode("utf-16") + b"\x00\xdc\x00\xdc"
    with pytest.raises(UserError, match=rf"line 2: byte {len(data) - 4} is not utf-16"):
        read(tmp_path / "x.json", data, "utf-16")


def test_declared_utf_16_without_a_mark_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"x\.json is not utf-16 \(.*BOM.*\); name its encoding"):
        read(tmp_path / "x.json", ARRAY.decode().encode("utf-16-le"), "utf-16")


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "undefined", "utf-8\0"])
def test_what_is_no_encoding_is_refused(tmp_path, encoding):
    with pytest.raises(UserError, match="there is no encoding called"):
        read(tmp_path / "x.json", ARRAY, encoding)


# Bad units, their reason and line; their neighbours are kept

DEEP = "[" * 100_000 + "]" * 100_000
BAD = {
    "nul": ('{"a": "x\\u0000"}', "nul_character"),
    "lone surrogate": ('{"a": "\\ud83d"}', "lone_surrogate"),
    "lone surrogate in a key": ('{"\\udc00": 1}', "lone_surrogate"),
    "NaN": ('{"a": NaN}', "non_finite_number"),
    "Infinity": ('{"a": [-Infinity]}', "non_finite_number"),
    "overflow": ('{"a": 1e999}', "non_finite_number"),
    "duplicate key": ('{"a": 1, "a": 2}', "duplicate_key"),
    "duplicate key inside": ('{"a": {"b": 1, "b": 1}}', "duplicate_key"),
    "too deep for the reader": ('{"a": ' + DEEP + "}", "too_deep"),
    "too deep": ('{"a": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}", "too_deep"),
    "huge number": ('{"a": ' + "9" * 5_000 + "}", "number_too_long"),
    "bad escape": ('{"a": "\\x41"}', "invalid_json"),
    "tab in a string": ('{"a": "\t"}', "invalid_json"),
    "brackets in a damaged string": ('{"a": "}, {]\\x", "b": "}"}', "invalid_json"),
    "single quotes": ("{'a': 1}", "invalid_json"),
    "comma before }": ('{"a": 1,}', "invalid_json"),
    "number": ("17", "not_an_object"),
    "fraction": ("-1.5e+3", "not_an_object"),
    "text": ('"x"', "not_an_object"),
    "null": ("null", "not_an_object"),
    "list": ("[1, 2]", "not_an_object"),
    "bare NaN": ("NaN", "non_finite_number"),
    "a word": ("oops", "invalid_json"),
    "damaged text": ('"\\x, {"', "invalid_json"),
}


@pytest.mark.parametrize(("raw", "reason"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("layout", ["array", "jsonl"])
def test_bad_unit_leaves_its_neighbours_alone(tmp_path, raw, reason, layout):
    good = '{"a": "before"}', '{"a": "after"}'
    data = f"[{good[0]},\n{raw},\n{good[1]}]" if layout == "array" else f"{good[0]}\n{raw}\n{good[1]}\n"
    units = read(tmp_path / f"x.{layout}", data)
    assert told(units) == [(1, {"a": "before"}), (2, reason), (3, {"a": "after"})]
    assert units[1].raw == raw


def test_value_just_deep_enough_is_kept(tmp_path):
    raw = '{"a": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}"
    assert told(read(tmp_path / "x.json", f"[{raw}]")) == [(1, json.loads(raw))]


def test_raw_newline_in_an_element_and_the_lines_after_it(tmp_path):
    units = read(tmp_path / "x.json", '[{"a":1},\n{"a":"x\ny"},\n\n{"a":3}]')
    assert told(units) == [(1, {"a": 1}), (2, "invalid_json"), (5, {"a": 3})]
    assert units[1].detail == "Invalid control character at at character 8 of the row"


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
def test_punctuation_of_an_array(tmp_path, data, expected):
    if "];" in data:
        data = data.replace("];", "-- end")
    assert told(read(tmp_path / "x.json", data)) == expected


@pytest.mark.parametrize("rest", ['[{"a":2}]', '{"a":2}', ',{"a":2}]', "x" * 2_000])
def test_rows_after_the_array_are_never_lost_in_silence(tmp_path, rest):
    with pytest.raises(UserError, match=r"x\.json, line 2: the file goes on after the \] that closes its array"):
        read(tmp_path / "x.json", '[{"a":1}]\n' + rest)


@pytest.mark.parametrize(
    "data",
    ['[{"a":1},\n{"a":"x},\n{"a":"y"},\n{"a":"z"}]', '[{"a":1},\n{"a":1,\n{"a":2},\n{"a":3}]', '[{"a":1},\n[}}, {}]'],
    ids=["missing quote", "missing brace", "wrong brackets"],
)
def test_array_whose_rest_cannot_be_told_apart_is_an_error(tmp_path, data):
    with pytest.raises(UserError, match=r"x\.json, line 2: .* rows of the array cannot be told apart"):
        read(tmp_path / "x.json", data)


# Too large


@pytest.mark.parametrize("layout", ["array", "jsonl"])
def test_too_large_unit_is_passed_over_in_little_memory(tmp_path, layout):
    huge = '{"a": "' + "x" * 20_000_000 + '"}'
    data = f'[{{"a":1}},\n{huge},\n{{"a":3}}]' if layout == "array" else f'{{"a":1}}\n{huge}\n{{"a":3}}\n'
    path = tmp_path / "x.json"
    path.write_text(data)
    del data
    tracemalloc.start()
    units = list(read_units(path, "utf-8", Caps(1 << 30, 1_000_000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told(units) == [(1, {"a": 1}), (2, "too_large"), (3, {"a": 3})]
    assert units[1].raw == huge[:1_000]
    assert peak < 16_000_000


def test_cap_counts_the_characters_of_one_unit(tmp_path):
    caps = Caps(1 << 20, 20)
    rows = '{"a": "0123456789"}', '{"a": "0123456789abc"}'
    for data in (f"[{rows[0]}, {rows[1]}]", "\n".join(rows)):
        assert [reason for _, reason in told(read(tmp_path / "x.json", data, caps=caps))] == [
            {"a": "0123456789"},
            "too_large",
        ]


def test_one_printed_object_over_the_cap_is_an_error(tmp_path):
    with pytest.raises(
        UserError, match=r"line 1: the object that starts here is longer than normalize\.max_unit_chars"
    ):
        read(tmp_path / "x.json", '{\n"a": "' + "x" * 100 + '"\n}', caps=Caps(1 << 20, 50))


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_bomb_is_stopped_at_the_cap(tmp_path, suffix):
    member = packed(b" " * 50_000_000, suffix)
    with pytest.raises(UserError, match=r"expands to more than 60,000,000 bytes; .*normalize\.max_file_bytes"):
        read(tmp_path / f"x.json{suffix}", member * 2, caps=Caps(60_000_000, 1 << 20))


# Files that are no data


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", r"x\.json is empty; remove it"),
        (b" \n\n", r"x\.json is empty; remove it"),
        (b"\xef\xbb\xbf", r"x\.json is empty; remove it"),
        (gzip.compress(b""), r"x\.json is empty; remove it"),
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
        (b'{\n "a": 1\n}\n{\n "a": 2\n}\n', r"x\.json, line 4: the file goes on after its object"),
    ],
)
def test_file_that_is_no_data_is_one_error(tmp_path, data, sentence):
    with pytest.raises(UserError, match=sentence) as caught:
        read(tmp_path / "x.json", data)
    assert "\n" not in str(caught.value)


def test_missing_file_is_one_error(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        list(read_units(tmp_path / "gone.json", "utf-8", CAPS))


# Layouts


def test_printed_object_is_one_unit(tmp_path):
    assert told(read(tmp_path / "x.json", '\n{\n  "a": {\n    "b": 1\n  }\n}\n')) == [(2, {"a": {"b": 1}})]


def test_damaged_first_line_is_quarantined_like_any_other(tmp_path):
    assert told(read(tmp_path / "x.jsonl", '{"a": "x\n{"a":2}\n')) == [(1, "invalid_json"), (2, {"a": 2})]


def test_line_separators_inside_texts_are_no_line_ends(tmp_path):
    row = {"a": "x\u2028y\u2029z\x85\x0b\x0c\x1c"}
    data = json.dumps(row, ensure_ascii=False).replace("\\u000b", "\x0b") + '\n{"a":2}\n'
    data = data.replace("\x0b", "\\u000b")
    assert told(read(tmp_path / "x.jsonl", data)) == [(1, row), (2, {"a": 2})]


def test_two_values_on_a_line_are_one_bad_unit(tmp_path):
    units = read(tmp_path / "x.jsonl", '{"a":1}{"a":2}\n{"a":3}\n')
    assert told(units) == [(1, "invalid_json"), (2, {"a": 3})]
    assert units[0].detail == "more text after the value at character 8"


# Chunks: how the file arrives must never matter

DAMAGED = st.sampled_from([raw for raw, _ in BAD.values() if len(raw) < 300])
BROKEN = DAMAGED | st.sampled_from(["9" * 4_400 + ".5", '{"a":1} {"b":2}', '{"a":1}, ', '{"a":1}]', '{"a":"x}'])
LAYOUTS = ["jsonl", "compact", "pretty", "crlf"]


def document(rows, layout):
    """Return text that holds ``rows`` (values, or JSON text that may be broken)."""
    indent = 1 if layout == "pretty" else None
    texts = [
        row if isinstance(row, str) else json.dumps(row, ensure_ascii=len(row) % 2 == 0, indent=indent) for row in rows
    ]
    if layout == "jsonl":
        return "\n".join(texts) + "\n"
    if layout == "crlf":
        return "[\r\n" + ",\r\n".join(texts) + "\r\n]\r\n"
    return "[" + ",\n ".join(texts) + "]"


def outcome(path, caps, list_unit=None):
    try:
        return list(read_units(path, "utf-8", caps, list_unit))
    except UserError as error:
        return str(error)


@settings(deadline=None, max_examples=200)
@given(
    rows=st.lists(OBJECTS | BROKEN, min_size=1, max_size=5),
    layout=st.sampled_from(LAYOUTS),
    chunk=st.integers(1, 64),
    suffix=st.sampled_from(["", ".gz", ".zst"]),
    cut=st.none() | st.integers(1, 400),
)
@example(rows=["-1.5e+3", {}], layout="compact", chunk=1, suffix="", cut=None)
@example(rows=["9" * 4_400 + ".5", {}], layout="compact", chunk=64, suffix="", cut=None)
@example(rows=['{"a": \\x, "b": "foo } , bar"}', {}], layout="pretty", chunk=5, suffix="", cut=None)
def test_chunk_size_changes_nothing(tmp_path_factory, rows, layout, chunk, suffix, cut):
    path = tmp_path_factory.mktemp("chunks") / f"x.json{suffix}"
    path.write_bytes(packed(document(rows, layout).encode()[:cut], suffix))
    expected = outcome(path, CAPS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_CHUNK", chunk)
        assert outcome(path, CAPS) == expected


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(OBJECTS, min_size=1, max_size=5), layout=st.sampled_from(LAYOUTS), chunk=st.integers(1, 64))
def test_good_rows_come_back_with_their_lines(tmp_path_factory, rows, layout, chunk):
    path = tmp_path_factory.mktemp("lines") / "x.json"
    data = document(rows, layout)
    path.write_bytes(data.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_CHUNK", chunk)
        units = outcome(path, CAPS)
    assert [unit.value for unit in units] == rows
    lines = data.split("\n")
    start = 1
    for unit in units:
        assert unit.raw.split("\n")[0].rstrip("\r") in lines[unit.line - 1]
        assert unit.line >= start
        start = unit.line + unit.raw.count("\n")


@settings(deadline=None, max_examples=200)
@given(
    rows=st.lists(OBJECTS | DAMAGED, min_size=1, max_size=5),
    layout=st.sampled_from(["jsonl", "compact"]),
    cap=st.integers(5, 90),
)
def test_chunk_size_changes_nothing_about_large_units(tmp_path_factory, rows, layout, cap):
    path = tmp_path_factory.mktemp("caps") / "x.json"
    path.write_bytes(document(rows, layout).encode())
    caps = Caps(1 << 26, cap)
    expected = outcome(path, caps)
    for chunk in (1, 9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(text, "_CHUNK", chunk)
            assert outcome(path, caps) == expected


@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(OBJECTS | BROKEN | st.lists(OBJECTS, max_size=2), min_size=1, max_size=4),
    layout=st.sampled_from(LAYOUTS),
    chunk=st.integers(1, 64),
)
def test_arrays_are_read_as_ever_unless_one_is_a_unit(tmp_path_factory, rows, layout, chunk):
    """Whatever says that an array is no unit changes nothing; where the first is one, each line is a unit."""
    path = tmp_path_factory.mktemp("lists") / "x.json"
    path.write_bytes(document(rows, layout).encode())
    expected = outcome(path, CAPS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_CHUNK", chunk)
        assert outcome(path, CAPS, lambda value: False) == expected
    if isinstance(rows[0], list) and layout == "jsonl" and not any(isinstance(row, str) for row in rows):
        units = outcome(path, CAPS, lambda value: True)
        assert [(unit.line, unit.value) for unit in units] == list(enumerate(rows, 1))


@settings(deadline=None, max_examples=200)
@given(
    data=JSON.map(lambda value: json.dumps(value).encode()),
    at=st.integers(0, 200),
    byte=st.binary(max_size=3),
)
def test_any_bytes_give_units_or_one_sentence(tmp_path_factory, data, at, byte):
    path = tmp_path_factory.mktemp("bytes") / "x.json"
    path.write_bytes(data[:at] + byte + data[at + 1 :])
    found = outcome(path, CAPS)
    assert found
    assert isinstance(found, list) or "x.json" in found
