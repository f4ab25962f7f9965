"""The demo sources: every planted defect is dealt with, every clean row comes through untouched.

``cases/demo_truth.json`` lists what was planted: file, ordinal of the raw unit, class, and the stage that deals with
it.
"""

import json
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from tests.conftest import REPOSITORY, Clone
from tests.demo import settings
from winnow.gates.chain import GATES
from winnow.reading.jsonfiles import read_units
from winnow.reading.window import Caps
from winnow.storage.buckets import read_all

TRUTH = json.loads((REPOSITORY / "tests" / "cases" / "demo_truth.json").read_text(encoding="utf-8"))
DEMO = Path("data/raw/demo")
NORMALIZE = {
    "wrong_type": "wrong_type",
    "missing_field": "missing_field",
    "invalid_json": "invalid_json",
    "duplicate_key": "duplicate_key",
    "nan_value": "non_finite_number",
    "lone_surrogate": "lone_surrogate",
    "nul_char": "nul_character",
    "unknown_role": "unknown_role",
    "image_part": "not_text",
    "oasst_deleted": "deleted",
    "oasst_review_failed": "review_rejected",
    "oasst_no_reply": "no_reply",
}
FILTER = {
    "empty_response": "empty_response",
    "empty_instruction": "empty_instruction",
    "short_instruction": "short_instruction",
    "short_response": "short_response",
    "over_long_response": "long_response",
    "refusal": "refusal",
    "echo": "echo",
    "truncated": "truncated",
    "wrong_language": "wrong_language",
    "link_only_input": "needs_link needs_attachment",
    "missing_input": "missing_input",
}
RULES = {
    "mojibake": {"mojibake"},
    "control_chars": {"control"},
    "zero_width": {"invisible"},
    "bom_inside": {"control", "invisible"},
    "bidi_control": {"control", "invisible"},
    "unicode_tags": {"invisible"},
    "whitespace": {"whitespace"},
    "html_remnants": {"html"},
    "placeholder_input": {"placeholder"},
    "runon": {"runon"},
    "citation_marks": {"citation"},
    "ascii_punctuation": {"punctuation"},
    "doubled_stop": {"punctuation"},
    "space_before_punct": {"punctuation"},
}


@pytest.fixture(scope="module")
def world(built: Clone) -> "World":
    """Everything the pipeline wrote about the demo sources."""
    return World(built.folder)


class World:
    """The tables of the built clone, by row id and by place."""

    def __init__(self, folder: Path) -> None:
        def rows(table: str) -> list[dict[str, Any]]:
            return read_all(folder / "data" / table, 16).to_pylist()

        self.folder = folder
        self.at: dict[tuple[str, int], list[str]] = defaultdict(list)
        for place in rows("normalize/places"):
            self.at[place["file"], place["line"]].append(place["row_id"])
        self.left = {(unit["file"], unit["line"]): unit for unit in rows("normalize/left_out")}
        self.left_rows = rows("normalize/left_out")
        self.raw = {row["row_id"]: row for row in rows("normalize/records")}
        self.clean = {row["row_id"]: row for row in rows("clean/records")}
        self.edits: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for edit in rows("clean/edits"):
            self.edits[edit["row_id"]].append(edit)
        self.flags = {row["row_id"]: row["flags"] for row in rows("annotate")}
        self.drops: dict[str, dict[str, Any]] = {}
        for gate in GATES:
            table = read_all(folder / "data" / gate, 16)
            for row in table.filter(pc.equal(table["verdict"], "drop")).to_pylist():
                self.drops[row["row_id"]] = {**row, "stage": gate}

    @cache  # noqa: B019 - one world per module
    def lines(self, file: str) -> list[int]:
        """Return the line of each raw unit of a demo file."""
        return [unit.line for unit in read_units(self.folder / DEMO / file, "utf-8", Caps(1 << 30, 1 << 24))]

    def place(self, file: str, unit: int) -> tuple[str, int]:
        return (DEMO / file).as_posix(), self.lines(file)[unit - 1]

    def row_id(self, planted: dict[str, Any], prefix: str = "") -> str:
        """Return the row of a planted entry (of its other unit with ``prefix``)."""
        if "message_id" in planted:
            return next(i for i, r in self.raw.items() if any(planted["message_id"] == m for m in message_ids(r)))
        return self.at[self.place(planted[f"{prefix}file"], planted[f"{prefix}unit"])][0]


def message_ids(record: dict[str, Any]) -> list[str]:
    return [m.get("message_id") for m in json.loads(record["metadata"]).get("messages", [])]


def planted(stage: str) -> list[Any]:
    entries = [entry for entry in TRUTH["planted"] if entry["stage"] == stage]
    return [
        pytest.param(e, id=f"{e['file']}-{e.get('unit', e.get('message_id', '')[:8])}-{e['class']}") for e in entries
    ]


def test_every_raw_unit_is_accounted_for(world: World) -> None:
    units = Counter({file: counts["units"] for file, counts in TRUTH["counts"].items()})
    metrics = json.loads((world.folder / "metrics" / "normalize.json").read_text(encoding="utf-8"))
    assert metrics["raw_units"] == units.total()
    assert metrics["raw_units"] == metrics["used"] + metrics["skipped"] + metrics["quarantined"]


@pytest.mark.parametrize("entry", planted("normalize"))
def test_what_cannot_be_read_is_left_out_with_its_place_and_reason(world: World, entry: dict[str, Any]) -> None:
    if entry["class"] == "missing_optional_field":
        assert world.row_id(entry) in world.clean
        return
    if entry["class"] == "ends_with_user":
        row = world.clean[world.row_id(entry)]
        assert row["messages"][-1]["role"] == "assistant"
        assert [turn["role"] for turn in json.loads(row["metadata"])["turns_cut"]] == ["user"]
        return
    reason = NORMALIZE[entry["class"]]
    if "message_id" in entry:
        named = f'"message_id":"{entry["message_id"]}"'
        unit = next(unit for unit in world.left_rows if named in unit["raw"])
    else:
        unit = world.left[world.place(entry["file"], entry["unit"])]
        assert world.at[world.place(entry["file"], entry["unit"])] == []
    assert unit["reason"] == reason
    assert unit["raw"]


def text_of(record: dict[str, Any], field: str) -> str:
    """Return the text that a native field became."""
    if field.startswith("messages["):
        return record["messages"][int(field[9 : field.index("]")])]["content"]
    if field in ("input", "context"):
        return record["context"] or ""
    return record["messages"][{"instruction": 0}.get(field, -1)]["content"]


def texts(record: dict[str, Any]) -> list[str]:
    """Return the content of every turn of a row, rejected replies included."""
    worse = [turn for candidate in record["rejected"] or [] for turn in candidate["messages"]]
    return [turn["content"] for turn in [*record["messages"], *worse]]


@pytest.mark.parametrize("entry", planted("clean"))
def test_what_can_be_fixed_is_fixed_by_the_right_rule(world: World, entry: dict[str, Any]) -> None:
    row_id = world.row_id(entry)
    assert RULES[entry["class"]] & {edit["rule"] for edit in world.edits[row_id]}
    if "after" in entry and "unit" in entry:
        assert text_of(world.clean[row_id], entry["field"]) == entry["after"]
    elif "after" in entry:
        assert entry["after"] in texts(world.clean[row_id])


@pytest.mark.parametrize("entry", planted("filter"))
def test_rows_that_break_a_rule_are_dropped_by_it(world: World, entry: dict[str, Any]) -> None:
    drop = world.drops[world.row_id(entry)]
    assert drop["stage"] == "filter"
    assert drop["reason"] in FILTER[entry["class"]].split()


@pytest.mark.parametrize("entry", planted("annotate"))
def test_rows_with_a_flag_that_drops_nothing_carry_it(world: World, entry: dict[str, Any]) -> None:
    row_id = world.row_id(entry)
    assert entry["class"] in world.flags[row_id]
    assert world.drops.get(row_id, {}).get("stage") != "filter"


@pytest.mark.parametrize("entry", planted("deduplicate"))
def test_one_of_two_duplicates_stays(world: World, entry: dict[str, Any]) -> None:
    both = [world.row_id(entry), world.row_id(entry, "other_")]
    if both[0] == both[1]:  # twins of one file share a place only by number
        both = [both[0], f"{both[0]}~2"]
    dropped = [row_id for row_id in both if row_id in world.drops]
    if entry["class"] == "same_prompt_different_reply":
        assert dropped == []
        return
    assert dropped, "both were kept"
    for row_id in dropped:
        drop = world.drops[row_id]
        assert drop["stage"] == "deduplicate"
        assert drop["reason"] in ("exact_duplicate", "near_duplicate")
        assert drop["other_row_id"] not in world.drops
        assert drop["value"] >= drop["limit"]


@pytest.mark.parametrize("entry", planted("decontaminate"))
def test_benchmark_items_are_dropped_by_name(world: World, entry: dict[str, Any]) -> None:
    drop = world.drops[world.row_id(entry)]
    assert drop["reason"] == "benchmark_overlap"
    assert drop["other_row_id"] == f"demo:{entry['benchmark_id']}"


def test_clean_rows_come_through_byte_for_byte(world: World) -> None:
    checked = 0
    for part in TRUTH["clean"]:
        for unit in part.get("units", []):
            for row_id in world.at[world.place(part["file"], unit)]:
                assert world.edits[row_id] == [], row_id
                assert world.clean[row_id] == world.raw[row_id]
                assert row_id not in world.drops
                checked += 1
    assert checked > 180


def test_counter_cases_are_not_touched(world: World) -> None:
    for entry in TRUTH["counter_cases"]:
        if entry["class"] != "unranked_siblings":  # they are left out, untouched
            assert world.edits[world.row_id(entry)] == [], entry


def test_the_entries_of_the_demo_stand_in_the_settings() -> None:
    assert settings() == (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
