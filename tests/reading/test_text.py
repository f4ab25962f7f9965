"""Bytes to text: compression, encodings, files that are cut or damaged, limits."""

import json
import random
from pathlib import Path

import pytest
import zstandard

from tests.reading.files import CAPS, outline, packed, read
from winnow.harness.errors import UserError
from winnow.reading import text
from winnow.reading.jsonfiles import read_units
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
def test_same_units_whatever_the_wrapping(
    tmp_path: Path, name: str, data: bytes, expected: list[tuple[int, object]], suffix: str, change: str
) -> None:
    match change:
        case "bom":
            data = b"\xef\xbb\xbf" + data
        case "crlf":
            data = data.replace(b"\n", b"\r\n")
        case "no final newline":
            data = data.rstrip(b"\n")
        case "blank lines":
            data += b"\n \n\r\n"
    assert outline(read(tmp_path / (name + suffix), packed(data, suffix))) == expected


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_members_one_after_another_are_one_file(tmp_path: Path, suffix: str) -> None:
    data = packed(LINES[:40], suffix) + packed(LINES[40:], suffix)
    assert outline(read(tmp_path / f"x.jsonl{suffix}", data)) == READ_LINES


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("kept", [0.999, 0.7, 0.3])
def test_cut_compressed_file_is_one_error(tmp_path: Path, suffix: str, kept: float) -> None:
    numbers = random.Random(1)
    rows = "".join(json.dumps({"a": numbers.random()}) + "\n" for _ in range(60_000)).encode()
    data = packed(rows, suffix)
    with pytest.raises(UserError, match=rf"x\.jsonl\{suffix} is cut off: .* after [0-9,]+ bytes of text"):
        read(tmp_path / f"x.jsonl{suffix}", data[: int(len(data) * kept)])


def test_zst_cut_where_its_text_ends_with_a_line_is_an_error(tmp_path: Path) -> None:
    packer = zstandard.ZstdCompressor().compressobj()
    data = packer.compress(LINES) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    with pytest.raises(UserError, match="is cut off"):
        read(tmp_path / "x.jsonl.zst", data)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_damaged_compressed_file_is_one_error(tmp_path: Path, suffix: str) -> None:
    data = bytearray(packed(b"".join(b'{"a":"%d"}\n' % n for n in range(5_000)), suffix))
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    with pytest.raises(UserError, match=rf"x\.jsonl\{suffix}"):
        read(tmp_path / f"x.jsonl{suffix}", bytes(data))


def test_plain_text_with_a_compressed_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"x\.json\.gz is no gz file whatever its name says"):
        read(tmp_path / "x.json.gz", ARRAY)


@pytest.mark.parametrize("cut", range(8, len(LINES) - 1))
def test_cut_lines_never_pass_for_whole(tmp_path: Path, cut: int) -> None:
    """Cut anywhere but between two rows, the file is refused at the line of the cut."""
    data = LINES[:cut]
    whole = [len(LINES.split(b"\n", n)[-1]) for n in range(1, 4)]
    if len(LINES) - cut in {*whole, *(rest + 1 for rest in whole)}:
        assert outline(read(tmp_path / "x.jsonl", data)) == READ_LINES[: data.rstrip(b"\n").count(b"\n") + 1]
    else:
        with pytest.raises(UserError, match=rf"x\.jsonl, line {data.count(bytes([10])) + 1}: "):
            read(tmp_path / "x.jsonl", data)


@pytest.mark.parametrize("cut", range(1, len(ARRAY) - 1))
def test_cut_array_never_passes_for_whole(tmp_path: Path, cut: int) -> None:
    with pytest.raises(UserError, match=r"x\.json, line [0-9]+: "):
        read(tmp_path / "x.json", ARRAY[:cut])


def test_cut_array_between_rows_says_where(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"x\.json, line 3: the JSON array is never closed; the file is cut off\."):
        read(tmp_path / "x.json", '[{"a":1},\n{"a":2}\n')


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "gb18030", "latin-1"])
def test_declared_encoding_is_read_exactly(tmp_path: Path, encoding: str) -> None:
    text_ = "crème brûlée" if encoding == "latin-1" else "上海 crème 𠀀"
    data = json.dumps([{"a": text_}], ensure_ascii=False).encode(encoding)
    assert outline(read(tmp_path / "x.json", data, encoding)) == [(1, {"a": text_})]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "gb18030", "UTF8", "utf_8"])
def test_byte_order_mark_is_dropped_in_any_declared_encoding(tmp_path: Path, encoding: str) -> None:
    assert outline(read(tmp_path / "x.jsonl", '\ufeff{"a":"上"}\n'.encode(encoding), encoding)) == [(1, {"a": "上"})]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ('{"a":1}\n{"a":"crème"}\n'.encode("latin-1"), r"line 2: byte 16 is not utf-8; cp1252 reads it"),
        (
            '{"a":1}\n{"a":"你好"}\n'.encode("gb18030"),
            r"line 2: byte 14 is not utf-8; gb18030 reads it .*--encoding gb",
        ),
        ('{"a":1}\n'.encode("utf-16"), r"x\.jsonl is utf-16, not UTF-8; say `encoding: utf-16`"),
        ('{"a":1}\n'.encode("utf-32"), r"x\.jsonl is utf-32, not UTF-8; say `encoding: utf-32`"),
        ('{"a":1}\n'.encode("utf-16-le"), r"x\.jsonl is utf-16-le, not UTF-8; say `encoding: utf-16-le`"),
        (b'{"a":1}\n{"a":"\xe4\xbd', r"line 2: byte 14 is not utf-8"),
    ],
    ids=["latin-1", "gb18030", "utf-16", "utf-32", "utf-16 without mark", "cut character"],
)
def test_undeclared_encoding_is_refused(tmp_path: Path, data: bytes, place: str) -> None:
    with pytest.raises(UserError, match=place):
        read(tmp_path / "x.jsonl", data)


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_line_of_a_bad_byte_counts_lines_not_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """上 holds the byte 0A in UTF-16; a chunk's start and a byte order mark count too."""
    monkeypatch.setattr(text, "_CHUNK", chunk)
    data = '[{"a":"上上上"},\n'.encode("utf-16") + b"\x00\xdc\x00\xdc"
    with pytest.raises(UserError, match=rf"line 2: byte {len(data) - 4} is not utf-16"):
        read(tmp_path / "x.json", data, "utf-16")


def test_declared_utf_16_without_a_mark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"x\.json is not utf-16 \(.*BOM.*\); name its encoding"):
        read(tmp_path / "x.json", ARRAY.decode().encode("utf-16-le"), "utf-16")


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "undefined", "utf-8\0"])
def test_what_is_no_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(UserError, match="there is no encoding called"):
        read(tmp_path / "x.json", ARRAY, encoding)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_bomb_is_stopped_at_the_cap(tmp_path: Path, suffix: str) -> None:
    member = packed(b" " * 50_000_000, suffix)
    with pytest.raises(UserError, match=r"expands to more than 60,000,000 bytes; .*normalize\.max_file_bytes"):
        read(tmp_path / f"x.json{suffix}", member * 2, caps=Caps(60_000_000, 1 << 20))


def test_missing_file_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        list(read_units(tmp_path / "gone.json", "utf-8", CAPS))
