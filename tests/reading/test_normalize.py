"""The stage ``normalize`` as its user meets it: raw files and params.yaml in, tables or one sentence out."""

import json
from collections import Counter
from pathlib import Path

from tests.reading.project import BUCKETS, TREE, Project, alpaca, rows_of
from winnow.records.identity import digest
from winnow.records.record import canonical_json
from winnow.storage.buckets import bucket_of


def test_every_raw_unit_is_accounted_for(project: Project) -> None:
    bad = ["[1]", '{"instruction": "x"}', '{"a": [NaN]}', "{oops}", ""]
    lines = "".join(json.dumps(alpaca(n)) + "\n" for n in range(30)) + "\n".join(bad)
    project.source("a", {"one.jsonl": lines, "two.jsonl": [alpaca(99)]})
    project.source("o", {"trees.jsonl": [TREE]}, "oasst")
    rows, left = project.read(), rows_of("left_out")

    counts = json.loads(Path("metrics/normalize.json").read_text())
    assert counts == {
        "sources": 2,
        "files": 3,
        "raw_units": 39,
        "used": 34,
        "skipped": 1,
        "quarantined": 4,
        "rows": 33,
        "rows_turns_cut": 0,
        "rows_turns_merged": 0,
        "rows_turns_template": 0,
    }
    assert counts["raw_units"] == counts["used"] + counts["skipped"] + counts["quarantined"]
    assert len(rows) == counts["rows"]
    assert Counter((one["source"], one["outcome"], one["reason"]) for one in left) == {
        ("a", "quarantined", "not_an_object"): 1,
        ("a", "quarantined", "missing_field"): 1,
        ("a", "quarantined", "non_finite_number"): 1,
        ("a", "quarantined", "invalid_json"): 1,
        ("o", "skipped", "deleted"): 1,
    }
    assert Path("metrics/plots/normalize/units.csv").read_text().splitlines() == [
        "source,outcome,reason,units",
        "a,used,,31",
        "a,quarantined,invalid_json,1",
        "a,quarantined,missing_field,1",
        "a,quarantined,non_finite_number,1",
        "a,quarantined,not_an_object,1",
        "o,used,,3",
        "o,skipped,deleted,1",
    ]


def test_quarantine_keeps_file_line_reason_and_raw_text(project: Project) -> None:
    raw = '{"instruction": "续写", "output": true}'
    project.source("a", {"x.jsonl": f"{json.dumps(alpaca(1))}\n\n{raw}\n"})
    assert project.read("left_out") == [
        {
            "unit_id": f"a:!{digest(raw)}",
            "source": "a",
            "outcome": "quarantined",
            "reason": "wrong_type",
            "detail": "'output' is true or false, not text",
            "file": "data/raw/a/x.jsonl",
            "line": 3,
            "raw": raw,
        }
    ]


def test_record_and_place_of_one_row(project: Project) -> None:
    row = alpaca(1, id="q/1", topic="counting")
    project.source("a", {"x.json": f"[\n{json.dumps(row)}\n]"}, origin="model", license="MIT")
    (record,) = project.read()
    assert {name: record[name] for name in ("row_id", "source", "license", "kind", "origin", "prompt_turns")} == {
        "row_id": "a:q/1",
        "source": "a",
        "license": "MIT",
        "kind": "sft",
        "origin": "model",
        "prompt_turns": 1,
    }
    assert [(turn["role"], turn["content"]) for turn in record["messages"]] == [("user", "Say 1."), ("assistant", "1")]
    assert json.loads(record["metadata"]) == {"topic": "counting"}
    assert rows_of("places") == [{"row_id": "a:q/1", "source": "a", "file": "data/raw/a/x.json", "line": 2}]


def test_twins_are_numbered(project: Project) -> None:
    project.source("a", {"x.jsonl": [alpaca(1), alpaca(2), alpaca(1)], "y.jsonl": [alpaca(1)]})
    ids = sorted(row["row_id"] for row in project.read())
    text_digest = digest(canonical_json(["Say 1.", "", "1", ""]))
    assert [one for one in ids if text_digest in one] == [f"a:{text_digest}{end}" for end in ("", "~2", "~3")]
    assert len({*ids}) == 4


def test_identical_quarantined_units_are_numbered(project: Project) -> None:
    project.source("a", {"x.jsonl": [alpaca(1), {"output": "x"}, {"output": "x"}]})
    ids = sorted(row["unit_id"] for row in project.read("left_out"))
    assert ids == [f"a:!{digest(json.dumps({'output': 'x'}))}{end}" for end in ("", "~2")]


def test_repeated_own_id_with_other_text_gets_a_digest(project: Project) -> None:
    project.source("a", {"x.jsonl": [alpaca(1, id=5), alpaca(2, id=5), alpaca(3, id="5~2"), alpaca(4, id=6)]})
    by_text = {row["messages"][0]["content"]: row["row_id"] for row in project.read()}
    ends = [digest(canonical_json([f"Say {n}.", "", f"{n}", ""]))[:12] for n in (1, 2)]
    assert by_text == {
        "Say 1.": f"a:5~{ends[0]}",
        "Say 2.": f"a:5~{ends[1]}",
        "Say 3.": "a:5%7E2",
        "Say 4.": "a:6",
    }


def test_every_row_stands_sorted_in_its_bucket(project: Project) -> None:
    project.source("a", {"x.jsonl": [alpaca(n) for n in range(50)]})
    project.read()
    for bucket in range(BUCKETS):
        ids = [row["row_id"] for row in rows_of("records") if bucket_of(row["row_id"], BUCKETS) == bucket]
        assert ids == sorted(ids)
        assert ids


def test_licence_and_notes_beside_the_data_are_not_read(project: Project) -> None:
    project.source("a", {"x.jsonl": [alpaca(1)], "LICENSE": "free", "README.md": "notes", ".hidden.json": "x"})
    assert len(project.read()) == 1


def test_rows_whose_turns_were_changed_are_counted(project: Project) -> None:
    asked, replied = {"from": "human", "value": "Name a tree."}, {"from": "gpt", "value": "An oak."}
    units = [[asked, replied, asked], [asked, asked, replied], [asked, replied]]
    lines = [json.dumps({"conversations": turns}) for turns in units]
    project.source("c", {"x.jsonl": "\n".join(lines) + "\n"}, adapter="sharegpt")
    text = "### Human: Name a tree.### Assistant: An oak."
    project.source("t", {"x.jsonl": json.dumps({"text": text}) + "\n"}, adapter="transcript")
    project.read("records")
    counts = json.loads(Path("metrics/normalize.json").read_text())
    names = ("rows", "rows_turns_cut", "rows_turns_merged", "rows_turns_template")
    assert [counts[name] for name in names] == [4, 1, 1, 1]
