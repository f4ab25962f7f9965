"""Cleaning of whole rows: cases that anyone can extend (tests/cases/clean_rows.json), and what no rule may break."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.test_cleaning_rules import PIECES
from winnow.cleaning import citation
from winnow.cleaning.records import clean_records
from winnow.cleaning.rules import RULES
from winnow.records.schema import RECORDS

CASES = json.loads((Path(__file__).parent / "cases" / "clean_rows.json").read_text(encoding="utf-8"))
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def table(*rows: dict[str, Any]) -> pa.Table:
    """Return rows of the cases as records."""

    def turn(role: str, content: str) -> dict[str, str]:
        return {"role": role, "content": content}

    return pa.Table.from_pylist(
        [
            {
                **dict.fromkeys(("content_hash", "source", "license", "kind", "origin"), "x"),
                "row_id": f"x:{number}",
                "parents": [],
                "metadata": "{}",
                "prompt_turns": 1,
                "system": row.get("system"),
                "context": row.get("context"),
                "messages": [turn("user", row["prompt"]), turn("assistant", row["reply"])],
                "rejected": [{"messages": [turn("assistant", one)]} for one in row["rejected"]]
                if "rejected" in row
                else None,
            }
            for number, row in enumerate(rows)
        ],
        RECORDS,
    )


def texts(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a record says in the terms of the cases."""
    rejected = [one["messages"][0]["content"] for one in record["rejected"] or []]
    return {
        **{name: record[name] for name in ("system", "context")},
        "prompt": record["messages"][0]["content"],
        "reply": record["messages"][1]["content"],
        "rejected": rejected or None,
    }


def cleaned(**row: Any) -> dict[str, Any]:
    """Return what a row says after cleaning."""
    (record,) = clean_records(table({"prompt": "Go on.", **row}), RULES)[0].to_pylist()
    return texts(record)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['label']!a}")
def test_case(case: dict[str, Any]) -> None:
    """A row stays as it is, but for the fields that ``after`` names."""
    wanted = {name: case.get(name) for name in ("system", "context", "prompt", "reply", "rejected")}
    (record,) = clean_records(table(case), RULES)[0].to_pylist()
    assert texts(record) == wanted | case.get("after", {})


def test_cleaning_rows_twice_is_cleaning_them_once() -> None:
    once, _ = clean_records(table(*CASES), RULES)
    assert clean_records(once, RULES)[1].num_rows == 0


PIECED = st.lists(
    PIECES | st.sampled_from(["&lt;", "<br>", "[1]", " cite ", "spaces", "\x0crac{1}", "\u200d"]), max_size=9
)
TEXT = PIECED.map("".join)


@FEW
@given(prompt=TEXT, reply=TEXT, context=TEXT, rejected=st.lists(TEXT, max_size=2))
def test_any_row_is_clean_after_one_pass(prompt: str, reply: str, context: str, rejected: list[str]) -> None:
    row = {"prompt": prompt, "reply": reply, "context": context, **({"rejected": rejected} if rejected else {})}
    once, _ = clean_records(table(row), RULES)
    again, edits = clean_records(once, RULES)
    assert edits.to_pylist() == []
    assert again.equals(once)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXT, inside, max_size=3),
    max_leaves=4,
)


@FEW
@given(
    value=st.lists(st.dictionaries(TEXT, JSON, min_size=1, max_size=2), min_size=1, max_size=2)
    | st.dictionaries(TEXT, JSON),
    indent=st.sampled_from([None, 2]),
    ascii_only=st.booleans(),
    around=st.sampled_from([("", ""), ("<tool_call>\n", "\n</tool_call>"), ("Here  it is:\n", "\n<br>Done .")]),
)
def test_json_means_the_same(value: Any, indent: int | None, ascii_only: bool, around: tuple[str, str]) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    for field in ("reply", "prompt", "context"):
        after = cleaned(**({"reply": "Yes."} | {field: around[0] + text + around[1]}))[field]
        assert text in after


CELL = st.text(alphabet="ab [1]<br>&amp;.,  中文,", max_size=12).map(lambda cell: cell.replace("|", " "))


@FEW
@given(rows=st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=3), before=TEXT)
def test_a_table_keeps_its_rows_and_columns(rows: list[list[str]], before: str) -> None:
    lines = ["| a | b |", "|---|---|", *(f"| {one} | {two} |" for one, two in rows)]
    prose = re.sub(r"[`~$\\|{\[]", "", before)
    after = cleaned(reply=prose + "\n\n" + "\n".join(lines))["reply"]
    assert after.split("\n")[-len(lines) :] == lines


@FEW
@given(
    code=st.text(alphabet="ab =[]<>;,.\t \n1(){}\"'你好，&", max_size=40),
    before=TEXT,
    field=st.sampled_from(["reply", "prompt"]),
)
def test_code_keeps_its_bytes(code: str, before: str, field: str) -> None:
    fence = f"```\n{code}\n```"
    prose = re.sub(
        r"[`~$\\|{\[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\ufeff\ufffe\u200b-\u206f\ufe0f\U000e0000-\U000e01ff]", "", before
    )
    assert fence in cleaned(**({"reply": "Yes."} | {field: f"{prose}\n{fence}"}))[field]


@FEW
@given(replies=st.lists(PIECED.map(" The castle".join), min_size=2, max_size=3))
def test_a_citation_mark_goes_from_all_replies_or_from_none(replies: list[str]) -> None:
    row = {"prompt": "Tell me.", "reply": replies[0], "rejected": replies[1:]}
    (after,), edits = (one.to_pylist() for one in clean_records(table(row), RULES))
    if any(edit["rule"] == "citation" for edit in edits):
        said = texts(after)
        assert not any(citation.SIGN.search(reply) for reply in (said["reply"], *said["rejected"]))
