"""The index: every row accounted for, or no release."""

from pathlib import Path

import pyarrow as pa
import pytest

from winnow.gates.chain import GATES
from winnow.gates.decisions import Drop, decide
from winnow.gates.splitting import with_splits
from winnow.harness.errors import UserError
from winnow.records.schema import DECISIONS, INDEX, LEFT_OUT, MIXES, SCORES, SPLITS
from winnow.release.index import Census, index_buckets, read_index, survivors
from winnow.storage.buckets import part
from winnow.storage.parquet import TableWriter, write_table

PATH = Path("data/index.parquet")
IDS = ["s:1", "s:2", "s:3", "s:4"]
FIELDS = ("row_id", "source", "license", "content_hash")


def write(name: str, table: pa.Table, schema: pa.Schema) -> None:
    write_table(part(Path("data") / name, 0), table, schema)


def gate(name: str, ids: list[str], drops: dict[int, Drop]) -> None:
    table, schema = decide(pa.array(ids, pa.string()), drops), DECISIONS
    if name == "score":
        table, schema = table.append_column("score", pa.nulls(len(ids), pa.float64())), SCORES
    if name == "split":
        table, schema = with_splits(table, ["train", "test", *["train"] * len(ids)][: len(ids)]), SPLITS
    if name == "mix":
        table, schema = table.append_column("repeats", pa.array([2] * len(ids), pa.int32())), MIXES
    write(name, table, schema)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bucket: four rows, one dropped by filter, one unit left out."""
    monkeypatch.chdir(tmp_path)
    rows = {"row_id": IDS, "source": ["s"] * 4, "license": ["MIT"] * 4, "content_hash": list("abcd")}
    write("clean/records", pa.table(rows), pa.schema([(name, pa.string()) for name in FIELDS]))
    unit = {name: pa.array([None], LEFT_OUT.field(name).type) for name in LEFT_OUT.names}
    unit |= {"unit_id": pa.array(["s:!f00"]), "source": pa.array(["s"]), "reason": pa.array(["no_json"])}
    write("normalize/left_out", pa.table(unit), LEFT_OUT)
    gate("filter", IDS, {1: Drop("short_response", 1, 2)})
    for name in GATES[1:]:
        gate(name, [IDS[0], IDS[2], IDS[3]], {})


def index() -> pa.Table:
    decisions = {name: Path("data") / name for name in GATES}
    return pa.concat_tables(index_buckets(1, Path("data/clean/records"), Path("data/normalize/left_out"), decisions))


@pytest.mark.usefixtures("data")
def test_every_row_and_unit_is_there() -> None:
    assert [tuple(row.values())[4:] for row in index().to_pylist()] == [
        ("in", None, None, "train", 2),
        ("out", "filter", "short_response", None, 0),
        ("in", None, None, "test", 2),
        ("in", None, None, "train", 2),
        ("out", "normalize", "no_json", None, 0),
    ]


@pytest.mark.usefixtures("data")
def test_the_gate_that_dropped_a_row_is_named() -> None:
    gate("mix", [IDS[0], IDS[2], IDS[3]], {0: Drop("over_cap"), 2: Drop("over_cap")})
    found = index().to_pylist()
    assert [(row["stage"], row["split"], row["repeats"]) for row in found[:4:3]] == [("mix", None, 0), ("mix", None, 0)]
    census = Census()
    census.add(index())
    assert census.metrics()["out_at"] == {"filter": 1, "mix": 2, "normalize": 1}
    assert census.metrics()["rows"] == {"in": 1, "out": 4}


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize(
    "ids",
    [
        [IDS[0], IDS[3]],  # a row is lost
        [IDS[0], IDS[2], IDS[3], "s:9"],  # a row from nowhere
        [IDS[0], IDS[2], IDS[2], IDS[3]],  # a row twice
        IDS[:1] * 4,
        [],
    ],
)
def test_decisions_must_be_on_exactly_the_rows_that_were_alive(name: str, ids: list[str]) -> None:
    gate(name, ids, {})
    with pytest.raises(UserError, match=rf"data/{name}/part-000\.parquet does not decide on exactly the rows"):
        index()


@pytest.mark.usefixtures("data")
def test_a_dropped_row_must_not_come_back() -> None:
    gate("split", IDS, {})
    with pytest.raises(UserError, match="data/split"):
        index()


@pytest.mark.usefixtures("data")
def test_a_row_without_a_licence_stops_the_release() -> None:
    rows = {"row_id": IDS, "source": ["s"] * 4, "license": ["MIT", "MIT", None, "MIT"], "content_hash": list("abcd")}
    write("clean/records", pa.table(rows), pa.schema([(name, pa.string()) for name in FIELDS]))
    with pytest.raises(UserError, match="row s:3 has no licence"):
        index()


@pytest.mark.usefixtures("data")
def test_an_empty_release_is_an_error_that_says_why() -> None:
    gate("filter", IDS, dict.fromkeys(range(4), Drop("short_response", 1, 2)))
    for name in GATES[1:]:
        gate(name, [], {})
    census = Census()
    census.add(index())
    with pytest.raises(UserError, match=r"would be empty: all 5 rows are out \(filter short_response 4"):
        census.check()


@pytest.mark.usefixtures("data")
def test_a_damaged_index_is_a_sentence() -> None:
    with TableWriter(PATH, INDEX, one_group=True) as writer:
        writer.write(index())
        writer.write(index()[:0])
    assert read_index(PATH).equals(index())
    assert read_index(PATH, 0, ["row_id"])["row_id"].to_pylist() == [*IDS, "s:!f00"]
    assert len(read_index(PATH, 1)) == 0
    PATH.write_bytes(PATH.read_bytes()[:-40])
    with pytest.raises(UserError, match=r"index\.parquet is damaged"):
        read_index(PATH, 0)
    PATH.unlink()
    with pytest.raises(UserError, match=r"index\.parquet is missing"):
        read_index(PATH)


@pytest.mark.usefixtures("data")
def test_a_duplicate_whose_survivor_left_later_is_counted() -> None:
    gate("deduplicate", [IDS[0], IDS[2], IDS[3]], {1: Drop("near_duplicate", 0.9, 0.75, IDS[3])})
    after = GATES[GATES.index("deduplicate") + 1 :]
    split = after.index("split")
    for number, name in enumerate(after):
        rows = [IDS[0], IDS[3]] if number <= split else [IDS[0]]
        gate(name, rows, {1: Drop("near_train")} if number == split else {})
    found = survivors(Path("data/deduplicate"), 1)
    assert found == {IDS[3]: 1}
    census = Census(survivors=found)
    census.add(index())
    assert census.metrics()["survivor_left"] == 1
