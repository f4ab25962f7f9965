"""The chunks in which a file arrives change nothing about its units."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reading.documents import BROKEN, DAMAGED, LAYOUTS, document, outcome
from tests.reading.files import good, packed
from tests.strategies import JSON, OBJECTS
from winnow.reading.window import Caps


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
def test_chunk_size_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], layout: str, chunk: int, suffix: str, cut: int | None
) -> None:
    path = tmp_path_factory.mktemp("chunks") / f"x.json{suffix}"
    path.write_bytes(packed(document(rows, layout).encode()[:cut], suffix))
    assert outcome(path, chunk=chunk) == outcome(path)


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(OBJECTS, min_size=1, max_size=5), layout=st.sampled_from(LAYOUTS), chunk=st.integers(1, 64))
def test_good_rows_come_back_with_their_lines(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], layout: str, chunk: int
) -> None:
    path = tmp_path_factory.mktemp("lines") / "x.json"
    data = document(rows, layout)
    path.write_bytes(data.encode())
    units = good(outcome(path, chunk=chunk))
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
def test_chunk_size_changes_nothing_about_large_units(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], layout: str, cap: int
) -> None:
    path = tmp_path_factory.mktemp("caps") / "x.json"
    path.write_bytes(document(rows, layout).encode())
    caps = Caps(1 << 26, cap)
    assert outcome(path, caps, chunk=1) == outcome(path, caps, chunk=9) == outcome(path, caps)


@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(OBJECTS | BROKEN | st.lists(OBJECTS, max_size=2), min_size=1, max_size=4),
    layout=st.sampled_from(LAYOUTS),
    chunk=st.integers(1, 64),
)
def test_arrays_are_read_as_ever_unless_one_is_a_unit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], layout: str, chunk: int
) -> None:
    """Whatever says that an array is no unit changes nothing; where the first is one, each line is a unit."""
    path = tmp_path_factory.mktemp("lists") / "x.json"
    path.write_bytes(document(rows, layout).encode())
    assert outcome(path, list_unit=lambda value: False, chunk=chunk) == outcome(path)
    if isinstance(rows[0], list) and layout == "jsonl" and not any(isinstance(row, str) for row in rows):
        units = good(outcome(path, list_unit=lambda value: True))
        assert [(unit.line, unit.value) for unit in units] == list(enumerate(rows, 1))


@settings(deadline=None, max_examples=200)
@given(
    data=JSON.map(lambda value: json.dumps(value).encode()),
    at=st.integers(0, 200),
    byte=st.binary(max_size=3),
)
def test_any_bytes_give_units_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int, byte: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "x.json"
    path.write_bytes(data[:at] + byte + data[at + 1 :])
    result = outcome(path)
    assert result
    assert isinstance(result, list) or "x.json" in result
