"""Blocks of a file: however it is cut, its units are those of the whole file, or a block says that it cannot tell."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reading.documents import BROKEN, LAYOUTS, document, outcome
from tests.reading.files import CAPS, good, packed
from tests.strategies import JSON, TEXT
from winnow.harness.errors import UserError
from winnow.reading import blocks, jsonarray
from winnow.reading.blocks import cut
from winnow.reading.jsonfiles import ListUnit, read_units
from winnow.reading.registry import adapters
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import WHOLE, Caps

KEYED = st.builds(lambda first, more: {"key": first, **more}, JSON, st.dictionaries(TEXT, JSON, max_size=2))
NESTED = st.builds(lambda inner: {"key": [{"key": 1}, {"key": inner}]}, JSON)


def in_blocks(
    path: Path, size: int, caps: Caps = CAPS, list_unit: ListUnit = None
) -> tuple[int, list[Unit | BadUnit] | None]:
    """Return the number of blocks of ``size`` bytes or more, and the units of all, None where a block cannot tell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_BLOCK", size)
        parts = cut(path, "utf-8", caps, list_unit)
    try:
        return len(parts), list(chain(*(read_units(path, "utf-8", caps, list_unit, block) for block in parts)))
    except UserError:
        return len(parts), None


@settings(deadline=None, max_examples=400)
@given(
    rows=st.lists(KEYED | NESTED | BROKEN, min_size=1, max_size=8),
    layout=st.sampled_from(LAYOUTS),
    size=st.integers(1, 120),
    mark=st.sampled_from(["", "\ufeff", "\n "]),
    end=st.sampled_from(["", "\n", ",", "]", "{", '[{"key":1}]']),
    cut_at=st.none() | st.integers(1, 300),
)
@example(rows=[{"key": n} for n in range(9)], layout="compact", size=20, mark="", end="", cut_at=None)
@example(rows=[{"key": [{"key": 1}, {"key": 2}]}] * 4, layout="compact", size=9, mark="", end="", cut_at=None)
def test_blocks_tell_what_the_whole_file_tells(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[Any],
    layout: str,
    size: int,
    mark: str,
    end: str,
    cut_at: int | None,
) -> None:
    path = tmp_path_factory.mktemp("blocks") / "x.json"
    path.write_bytes((mark + document(rows, layout) + end).encode()[:cut_at])
    _, units = in_blocks(path, size)
    if units is not None:
        assert units == outcome(path)


@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(KEYED, min_size=1, max_size=6), cap=st.integers(5, 90), layout=st.sampled_from(["jsonl", "compact"])
)
def test_large_units_are_the_same_in_blocks(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], cap: int, layout: str
) -> None:
    path = tmp_path_factory.mktemp("large") / "x.json"
    path.write_bytes(document(rows, layout).encode())
    caps = CAPS._replace(unit_chars=cap)
    _, units = in_blocks(path, 10, caps)
    if units is not None:
        assert units == outcome(path, caps)


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(KEYED | BROKEN, min_size=1, max_size=6), layout=st.sampled_from(LAYOUTS), chunk=st.integers(1, 64))
def test_quick_way_through_an_array_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], layout: str, chunk: int
) -> None:
    path = tmp_path_factory.mktemp("quick") / "x.json"
    path.write_bytes(document(rows, layout).encode())
    expected = outcome(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonarray, "_plain_elements", lambda window, caps: iter(()))
        assert outcome(path, chunk=chunk) == expected


@pytest.mark.parametrize("layout", LAYOUTS)
def test_good_and_bad_rows_are_read_in_many_blocks(tmp_path: Path, layout: str) -> None:
    rows: list[Any] = [{"key": n, "b": '}, {"key": ' * (n % 3)} for n in range(200)]
    rows[50] = '{"key": [NaN]}' if layout == "pretty" else '{"key": 1, "key": 2}'
    path = tmp_path / "x.json"
    path.write_text(document(rows, layout))
    count, units = in_blocks(path, 500)
    assert count > 5
    assert units is not None
    assert len(units) == 200
    assert units == outcome(path)


def test_lines_that_are_lists_are_cut_at_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("".join(f'[{{"key": {n}}}, {{"key": 0}}]\n' for n in range(100)))
    count, units = in_blocks(path, 300, list_unit=lambda value: True)
    assert count > 5
    assert units is not None
    assert [(unit.line, unit.value[0]["key"]) for unit in good(units)] == [(n + 1, n) for n in range(100)]


def test_array_inside_that_looks_like_the_outer_one_is_no_trap(tmp_path: Path) -> None:
    """The key that elements start with stands inside too: a wrong guess is an error, not read."""
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"key": [{"key": n} for n in range(20)]} for _ in range(9)]))
    count, units = in_blocks(path, 50)
    assert count > 5
    assert units is None


@pytest.mark.parametrize(
    ("name", "data", "encoding"),
    [
        ("x.json", '{\n "a": 1\n}', "utf-8"),
        ("x.json", "[1, 2, 3, 4]", "utf-8"),
        ("x.json", "no JSON at all", "utf-8"),
        ("x.csv", "a,b\n1,2\n3,4\n", "utf-8"),
        ("x.jsonl", '{"a":1}\n{"a":2}\n', "gb18030"),
    ],
    ids=["one object", "no objects", "no JSON", "a table", "another encoding"],
)
def test_what_cannot_be_cut_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: str, encoding: str
) -> None:
    monkeypatch.setattr(blocks, "_BLOCK", 4)
    path = tmp_path / name
    path.write_text(data)
    assert cut(path, encoding, CAPS) == [WHOLE]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_compressed_file_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.setattr(blocks, "_BLOCK", 4)
    path = tmp_path / "x.jsonl"  # whatever its name says
    path.write_bytes(packed(b'{"a":1}\n{"a":2}\n', suffix))
    assert cut(path, "utf-8", CAPS) == [WHOLE]


def test_file_over_the_cap_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_BLOCK", 4)
    path = tmp_path / "x.jsonl"
    path.write_text('{"a":1}\n' * 10)
    assert cut(path, "utf-8", CAPS._replace(file_bytes=50)) == [WHOLE]


def test_formats_whose_rows_span_units_are_never_cut() -> None:
    assert adapters()["alpaca"].in_parts
    assert not adapters()["oasst"].in_parts
