"""Layouts that people publish (tests/cases/layouts.json): each is recognised as one adapter, and read as turns."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.strategies import CASES
from winnow.adding.columns import proposed
from winnow.adding.recognise import surest
from winnow.harness.errors import UserError
from winnow.reading.adapter import Row
from winnow.reading.registry import adapters, sniff
from winnow.reading.units import Unit
from winnow.records.record import Record

LAYOUTS: list[dict[str, Any]] = json.loads((CASES / "layouts.json").read_text(encoding="utf-8"))
each = pytest.mark.parametrize("case", [pytest.param(case, id=case["label"]) for case in LAYOUTS])


def recognised(folder: Path, *units: Any) -> tuple[str, dict[str, str]]:
    """Return what ``winnow add`` makes of a file of these units."""
    path = folder / "x.jsonl"
    path.write_text("".join(f"{json.dumps(unit, ensure_ascii=False)}\n" for unit in units), encoding="utf-8")
    return surest([(path, Path(path.name))], "utf-8", name="mine", license_="MIT")


def record_of(case: dict[str, Any]) -> Record:
    """Return the record of a layout's unit, read with the adapter and options that it names."""
    adapter = adapters()[case["adapter"]]
    unit = Unit("x.jsonl", 1, json.dumps(case["unit"]), case["unit"])
    (outcome,) = adapter.read(adapter.expand(unit), {**adapter.options, **case.get("options", {})})
    assert isinstance(outcome, Row), outcome
    return outcome.record


@each
def test_layout_is_recognised_as_one_adapter(tmp_path: Path, case: dict[str, Any]) -> None:
    assert recognised(tmp_path, case["unit"], case["unit"]) == (case["adapter"], case.get("options", {}))
    guesses = sniff([case["unit"]])
    assert guesses == ([(1.0, case["adapter"])] if case["adapter"] != "table" else [])


@each
def test_layout_is_read(case: dict[str, Any]) -> None:
    record = record_of(case)
    assert [[turn.role, turn.content] for turn in record.messages] == case["turns"]
    assert record.system == case.get("system")
    assert record.messages[-1].reasoning == case.get("reasoning")
    assert [worse.messages[-1].content for worse in record.rejected or []] == case.get("rejected", [])


@pytest.mark.parametrize(
    "unit",
    [
        {"question": "Which of these is a tree?", "A": "An oak.", "B": "A pen.", "answer": "A"},
        {
            "question": "Name a tree.",
            "answer": "An oak, and many others.",
            "solution": "An oak, because it has a trunk.",
        },
        {"Title": "Name a tree that grows here.", "Body": "An oak, and many others.", "Stars": 5},
    ],
)
def test_columns_that_leave_it_open_are_asked_for_with_a_line_to_type(tmp_path: Path, unit: dict[str, Any]) -> None:
    assert proposed([unit]) is None
    names = list(unit)
    asked, replied = names[0], "answer" if "answer" in unit else names[1]
    with pytest.raises(UserError) as error:
        recognised(tmp_path, unit)
    line = f"winnow add mine {tmp_path / 'x.jsonl'} --license MIT --adapter table"
    assert f"{line} --option instruction={asked} --option response={replied}" in str(error.value)


def test_a_label_of_a_reply_is_no_reply(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="name the adapter, which is one of") as error:
        recognised(tmp_path, {"prompt": "Name a tree that grows here.", "kind": "plants"})
    assert "--option" not in str(error.value)


def test_a_pair_is_asked_for_with_both_replies_and_replies_of_unknown_worth_with_none(tmp_path: Path) -> None:
    prompt, better, worse = "Name a tree that grows here.", "An oak, and many others.", "A bush that grows here."
    with pytest.raises(UserError, match="--option instruction=input --option chosen=chosen --option rejected=rejected"):
        recognised(tmp_path, {"input": prompt, "chosen": better, "rejected": worse})
    with pytest.raises(UserError, match="name the adapter") as error:
        recognised(tmp_path, {"prompt": prompt, "response_0": worse, "response_1": better, "better_response_id": 1})
    assert "--option" not in str(error.value)


@pytest.mark.parametrize(
    ("head", "row", "adapter"),
    [
        ("prompt,completion,label", "Name a tree.,An oak.,True", "kto"),
        ("inputs,targets", "Name a tree.,An oak.", "table"),
        ("question,answer,category", "Name a tree that grows here.,An oak.,plants", "table"),
        ("Can a tree swim?,no", "Does ice float?,yes", ""),
        ("Can a tree swim?,no,Trees float.", "Does ice float?,yes,Ice is light.", "flan"),
    ],
)
def test_the_names_of_columns_are_no_row(tmp_path: Path, head: str, row: str, adapter: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{head}\n{row}\n{row} \n", encoding="utf-8")
    if not adapter:
        with pytest.raises(UserError, match="no adapter knows this format"):
            surest([(path, Path(path.name))], "utf-8")
    else:
        assert surest([(path, Path(path.name))], "utf-8")[0] == adapter
