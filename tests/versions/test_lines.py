"""Two versions on disk: their difference is that of the whole tables, however these are cut."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.harness.errors import UserError
from winnow.records import schema
from winnow.storage.buckets import bucket_of, part
from winnow.storage.parquet import TableWriter, write_table
from winnow.versions.difference import difference
from winnow.versions.outputs import Outputs

FACTS = pa.schema([(name, pa.string()) for name in ("row_id", "language", "task", "prompt_key")])
Rows = dict[str, dict[str, Any]]


class Folder(Outputs):
    """A version whose tables lie in a folder."""

    def __init__(self, folder: Path, buckets: int) -> None:
        super().__init__(folder.name, folder)
        self.buckets = buckets

    def file(self, path: str) -> Path:
        return self.root / path

    def tracked(self, path: str) -> Path:
        return self.root / path

    def has(self, path: str) -> bool:
        return True


def written(folder: Path, rows: Rows, buckets: int, facts: pa.Schema = FACTS) -> Folder:
    """Write index, clean records, facts and the decisions of filter as the pipeline does."""
    with TableWriter(folder / "data/index.parquet", schema.INDEX, one_group=True) as index:
        for bucket in range(buckets):
            mine = {row_id: row for row_id, row in sorted(rows.items()) if bucket_of(row_id, buckets) == bucket}
            lines = [{"row_id": i, "source": "s", "reason": "short", "stage": "filter"} | r for i, r in mine.items()]
            unit = {"row_id": f"s:!{bucket}", "source": "s", "status": "out", "stage": "normalize", "reason": "no"}
            index.write(pa.Table.from_pylist([*lines, unit], schema.INDEX))
            turns = {i: [{"role": "user", "content": f"{i} {row['content_hash']}"}] for i, row in mine.items()}
            records = [{"row_id": i, "messages": turns[i]} for i in mine]
            write_table(
                part(folder / "data/clean/records", bucket),
                pa.Table.from_pylist(records, schema.RECORDS),
                schema.RECORDS,
            )
            known = [
                {"row_id": i, "language": "en", "task": i[-1], "prompt_key": r["content_hash"]} for i, r in mine.items()
            ]
            write_table(part(folder / "data/annotate", bucket), pa.Table.from_pylist(known, facts), facts)
            dropped = [{"row_id": i, "verdict": "drop", "reason": "short", "value": 1.0} for i in mine]
            decisions = pa.Table.from_pylist(dropped, schema.DECISIONS)
            write_table(part(folder / "data/filter", bucket), decisions, schema.DECISIONS)
    return Folder(folder, buckets)


ROW = st.fixed_dictionaries(
    {
        "content_hash": st.sampled_from("xyz"),
        "status": st.sampled_from(["in", "out"]),
        "split": st.sampled_from(["train", "test"]),
        "repeats": st.integers(1, 2),
    }
)
VERSION = st.dictionaries(st.sampled_from([f"s:{n}" for n in range(12)]), ROW)


@settings(max_examples=40)
@given(VERSION, VERSION)
def test_how_tables_are_cut_changes_no_difference(tmp_path_factory: pytest.TempPathFactory, a: Rows, b: Rows) -> None:
    folder = tmp_path_factory.mktemp("versions")
    found = []
    for number, cuts in enumerate([(1, 1), (3, 3), (2, 3)]):
        one, two = (
            written(folder / f"{number}{name}", rows, cut) for name, rows, cut in zip("ab", (a, b), cuts, strict=True)
        )
        # which of several equal prompts replaced which follows the order of the tables
        found.append({**difference(one, two, 20).summary, "a": "a", "b": "b", "replaced": 0})
    assert found[0] == found[1] == found[2]


def row(content_hash: str, status: str = "in") -> dict[str, Any]:
    return {"content_hash": content_hash, "status": status, "split": "train", "repeats": 1}


def test_facts_and_text_are_those_of_the_changed_rows(tmp_path: Path) -> None:
    rows = {f"s:{n:03d}": row("x") for n in range(400)}
    a = written(tmp_path / "a", rows, 4)
    b = written(tmp_path / "b", {**rows, "s:007": row("y"), "s:208": row("x", "out"), "s:new": row("z")}, 4)
    found = difference(a, b, 5).summary
    assert {name: n for name, n in found["counts"].items() if n} == {
        "added": 1, "removed": 1, "edited": 1, "unchanged": 398,
    }  # fmt: skip
    assert found["by"]["task"] == {"added": {"w": 1}, "removed": {"8": 1}, "edited": {"7": 1}}
    assert found["examples"]["added"] == [{"row_id": "s:new", "text": "s:new z"}]
    assert found["examples"]["removed"] == [
        {"row_id": "s:208", "text": "s:208 x", "stage": "filter", "reason": "short", "value": 1.0}
    ]
    assert found["examples"]["edited"] == [
        {"row_id": "s:007", "fields": {"messages[0].content": [("=", "s:007 "), ("-", "x"), ("+", "y")]}}
    ]


def test_a_version_made_before_a_fact_was_has_none(tmp_path: Path) -> None:
    a = written(tmp_path / "a", {"s:1": row("x")}, 2)
    b = written(tmp_path / "b", {"s:2": row("x")}, 2, facts=pa.schema([FACTS.field("row_id"), FACTS.field("task")]))
    found = difference(a, b, 1).summary
    assert found["by"]["task"] == {"added": {"2": 1}, "gone": {"1": 1}}
    assert found["by"]["language"] == {"added": {"": 1}, "gone": {"en": 1}}
    assert found["replaced"] == []


@pytest.mark.parametrize("folder", ["data/annotate", "data/clean/records"])
def test_tables_of_two_versions_are_not_mixed(tmp_path: Path, folder: str) -> None:
    a, b = written(tmp_path / "a", {}, 1), written(tmp_path / "b", {"s:1": row("x")}, 1)
    for other in ({"s:2": row("x")}, {}):
        written(tmp_path / "other", other, 1)
        part(b.file(folder), 0).write_bytes(part(tmp_path / "other" / folder, 0).read_bytes())
        with pytest.raises(UserError, match=f"index.parquet and {folder} are not of one version"):
            difference(a, b, 1)
