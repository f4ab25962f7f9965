"""The adapter ``webgpt`` beyond its table of cases."""

import copy
import json
from pathlib import Path

import pyarrow as pa
import pytest

from tests.native import NATIVE
from tests.sources.real import file_of, read
from tests.sources.test_mutations import normalized
from winnow.adding.recognise import surest
from winnow.harness.errors import UserError
from winnow.reading.registry import adapters
from winnow.reading.tally import Tally


def test_both_layouts_are_known_by_sight() -> None:
    half = {"question": {}, "answer": "a", "score": 0}
    assert [adapters()["webgpt"].sniff([pair]) for pair in ([half, half], [half], [half, "a"])] == [1.0, 0.0, 0.0]


ONE_OBJECT, PAIR = NATIVE["webgpt"]


def read_file(path: Path, text: str) -> tuple[Tally, pa.Table, pa.Table]:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return normalized("webgpt", path)


def test_the_original_file_has_a_pair_on_each_line(tmp_path: Path) -> None:
    other = copy.deepcopy(PAIR)
    other[0]["answer"] = "又一个"
    tally, records, left_out = read_file(tmp_path / "x.jsonl", f"{json.dumps(PAIR)}\n[1, 2]\n\n{json.dumps(other)}\n")
    assert (tally.units, tally.used, tally.quarantined) == (3, 2, {"wrong_type": 1})
    assert {row["messages"][1]["content"] for row in records.to_pylist()} == {"A fan [1].", "又一个"}
    (bad,) = left_out.to_pylist()
    assert (bad["line"], bad["raw"], bad["detail"]) == (2, "[1, 2]", "a comparison is a pair of objects")


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_one_pair_alone_is_one_comparison(tmp_path: Path, end: str) -> None:
    tally, records, _ = read_file(tmp_path / "x.jsonl", f"\ufeff\n{json.dumps(PAIR)}{end}")
    assert (tally.units, tally.used, len(records)) == (1, 1, 1)


def test_both_layouts_give_the_same_record(tmp_path: Path) -> None:
    joined = {"question": PAIR[0]["question"]}
    joined |= {f"{key}_{n}": one[key] for n, one in enumerate(PAIR) for key in one if key != "question"}
    tables = []
    for n, text in enumerate([json.dumps(PAIR), json.dumps(joined), json.dumps([joined], indent=1)]):
        tables.append(read_file(tmp_path / str(n) / "x.json", text)[1])
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_an_array_of_comparisons_is_no_comparison(tmp_path: Path) -> None:
    tally, _, _ = read_file(tmp_path / "x.json", json.dumps([ONE_OBJECT, {**ONE_OBJECT, "answer_0": "b"}]))
    assert (tally.units, tally.used) == (2, 2)


def test_other_adapters_still_refuse_a_second_array(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f"{json.dumps(PAIR)}\n" * 2, encoding="utf-8")
    with pytest.raises(UserError, match=r"x\.jsonl, line 2: the file goes on after the \] that closes its array"):
        normalized("dolly", path)


def test_the_original_file_is_known_by_sight(tmp_path: Path) -> None:
    path = tmp_path / "comparisons.jsonl"
    path.write_text(f"{json.dumps(PAIR)}\n" * 3, encoding="utf-8")
    assert surest([(path, Path(path.name))], "utf-8", 50) == ("webgpt", {})
    plain = tmp_path / "x.json"
    plain.write_text('[{"a": 1}]\n[{"a": 2}]\n', encoding="utf-8")
    with pytest.raises(UserError, match="the file goes on after"):
        surest([(plain, Path(plain.name))], "utf-8", 50)


def test_real_excerpt_has_no_scores() -> None:
    """No file of real rows could be had; the transcribed one lacks scores and must not be given any."""
    tally, _, left = read("webgpt", file_of("webgpt/first-row.partial.json"))
    assert tally == {"units": 1, "missing_field": 1}
    assert left[0].detail == "there is no 'score_0'"
