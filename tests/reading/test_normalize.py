"""The stage ``normalize`` as its user meets it: raw files and params.yaml in, tables or one sentence out."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from stages.normalize import main
from winnow.records.identity import digest
from winnow.records.record import canonical_json
from winnow.storage.buckets import bucket_of, read_all

REPOSITORY = Path(__file__).resolve().parents[2]
BUCKETS = 4
OUT = Path("data/normalize")


class Project:
    """A folder with params.yaml, dvc.yaml and raw files, and the working directory of the test."""

    def __init__(self) -> None:
        shutil.copy(REPOSITORY / "dvc.yaml", "dvc.yaml")
        self.params: dict[str, Any] = {
            "buckets": BUCKETS,
            "sources": {},
            "normalize": {"max_file_bytes": 1 << 24, "max_unit_chars": 1 << 20},
        }

    def source(self, name: str, files: dict[str, list[Any] | str], adapter: str = "alpaca", **keys: Any) -> None:
        """Write the files of a source (rows as JSON Lines, or text as it is) and its entry."""
        folder = Path("data/raw") / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file, rows in files.items():
            text = rows if isinstance(rows, str) else "".join(json.dumps(row) + "\n" for row in rows)
            (folder / file).write_text(text, encoding="utf-8")
        entry = {"adapter": adapter, "path": name, "license": "CC0-1.0", **keys}
        self.params["sources"][name] = {key: value for key, value in entry.items() if value is not None}

    def run(self, *arguments: str) -> Result:
        """Write params.yaml and run the stage in this process."""
        with Path("params.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(self.params, file)
        return CliRunner().invoke(main, arguments)

    def read(self, table: str = "records") -> list[dict[str, Any]]:
        """Run the stage, which must end well, and return the rows of one of its tables."""
        result = self.run()
        assert (result.exit_code, result.output) == (0, "")
        return rows_of(table)


def rows_of(table: str) -> list[dict[str, Any]]:
    return read_all(OUT / table, BUCKETS).to_pylist()


def bytes_below(*folders: str) -> dict[str, bytes]:
    return {
        file.as_posix(): file.read_bytes() for folder in folders for file in Path(folder).rglob("*") if file.is_file()
    }


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WINNOW_WORKERS", "1")
    monkeypatch.setattr("winnow.harness.settings.die_with_parent", lambda: None)
    return Project()


def alpaca(number: int, **more: Any) -> dict[str, Any]:
    return {"instruction": f"Say {number}.", "input": "", "output": f"{number}", **more}


TREE = {
    "prompt": {
        "message_id": "r",
        "text": "Hi",
        "role": "prompter",
        "replies": [
            {"message_id": "a", "text": "Hello", "role": "assistant", "rank": 0},
            {"message_id": "b", "text": "Go", "role": "assistant", "rank": 1},
            {"message_id": "c", "text": "?", "role": "assistant", "deleted": True},
        ],
    }
}


def test_every_raw_unit_is_accounted_for(project):
    bad = ["[1]", '{"instruction": "x"}', '{"a": NaN}', "{oops}", ""]
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


def test_quarantine_keeps_file_line_reason_and_raw_text(project):
    raw = '{"instruction": "续写", "output": 7}'
    project.source("a", {"x.jsonl": f"{json.dumps(alpaca(1))}\n\n{raw}\n"})
    assert project.read("left_out") == [
        {
            "unit_id": f"a:!{digest(raw)}",
            "source": "a",
            "outcome": "quarantined",
            "reason": "wrong_type",
            "detail": "'output' is a number, not text",
            "file": "data/raw/a/x.jsonl",
            "line": 3,
            "raw": raw,
        }
    ]


def test_record_and_place_of_one_row(project):
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


def test_twins_are_numbered(project):
    project.source("a", {"x.jsonl": [alpaca(1), alpaca(2), alpaca(1)], "y.jsonl": [alpaca(1)]})
    ids = sorted(row["row_id"] for row in project.read())
    text_digest = digest(canonical_json(["Say 1.", "", "1", ""]))
    assert [one for one in ids if text_digest in one] == [f"a:{text_digest}{end}" for end in ("", "~2", "~3")]
    assert len({*ids}) == 4


def test_identical_quarantined_units_are_numbered(project):
    project.source("a", {"x.jsonl": [alpaca(1), {"output": "x"}, {"output": "x"}]})
    ids = sorted(row["unit_id"] for row in project.read("left_out"))
    assert ids == [f"a:!{digest(json.dumps({'output': 'x'}))}{end}" for end in ("", "~2")]


def test_repeated_own_id_with_other_text_gets_a_digest(project):
    project.source("a", {"x.jsonl": [alpaca(1, id=5), alpaca(2, id=5), alpaca(3, id="5~2"), alpaca(4, id=6)]})
    by_text = {row["messages"][0]["content"]: row["row_id"] for row in project.read()}
    ends = [digest(canonical_json([f"Say {n}.", "", f"{n}", ""]))[:12] for n in (1, 2)]
    assert by_text == {
        "Say 1.": f"a:5~{ends[0]}",
        "Say 2.": f"a:5~{ends[1]}",
        "Say 3.": "a:5%7E2",
        "Say 4.": "a:6",
    }


def test_every_row_stands_sorted_in_its_bucket(project):
    project.source("a", {"x.jsonl": [alpaca(n) for n in range(50)]})
    project.read()
    for bucket in range(BUCKETS):
        ids = [row["row_id"] for row in rows_of("records") if bucket_of(row["row_id"], BUCKETS) == bucket]
        assert ids == sorted(ids)
        assert ids


def test_order_of_rows_files_and_sources_changes_no_record(project):
    """Twins, twins with other metadata and repeated ids included: they are where order could leak in."""
    rows = [alpaca(n % 20, topic=n % 3) for n in range(60)] + [alpaca(n, id=n % 4) for n in range(10)]
    messages = [node | {"parent_id": "r"} for node in TREE["prompt"]["replies"]]
    messages += [{**TREE["prompt"], "replies": None}, {"message_id": "a", "text": "again", "role": "assistant"}]
    project.source("a", {"x.jsonl": rows})
    project.source("o", {"flat.jsonl": messages}, "oasst")
    project.read()
    before = bytes_below("data/normalize/records")
    assert len(before) == BUCKETS

    lots = random.Random(7)
    for _ in range(3):
        lots.shuffle(rows)
        lots.shuffle(messages)
        cut = lots.randrange(1, 69)
        project.params["sources"] = {}
        project.source("o", {"flat.jsonl": messages}, "oasst")
        project.source("a", {"z.jsonl": rows[:cut], "b.json": json.dumps(rows[cut:], indent=2)})
        project.read()
        assert bytes_below("data/normalize/records") == before


@pytest.mark.parametrize("workers", ["1", "2"])
def test_worker_count_changes_no_byte(project, workers):
    project.source("a", {f"{n}.jsonl": [alpaca(n + k) for k in range(9)] + [{}] for n in range(4)})
    project.source("o", {"trees.jsonl": [TREE]}, "oasst")
    project.read()
    before = bytes_below("data/normalize", "metrics")
    shutil.rmtree(OUT)
    environment = {**os.environ, "WINNOW_WORKERS": workers, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": workers}
    subprocess.run([sys.executable, "-m", "stages.normalize"], env=environment, check=True, timeout=60)
    assert bytes_below("data/normalize", "metrics") == before


def rows_to_cut() -> dict[str, list[Any] | str]:
    """Files that small blocks cut in many places, with what is bad in them."""
    rows = [alpaca(n % 70, topic=n % 3, id=n if n % 5 else None) for n in range(120)]
    lines = [json.dumps(row) for row in rows]
    lines[30], lines[60], lines[61] = "{oops}", '{"instruction": NaN}', ""
    return {"x.jsonl": "\n".join(lines), "y.json": json.dumps(rows, indent=2), "z.json": json.dumps([*rows, "a", {}])}


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("size", [300, 2_000])
def test_reading_files_in_blocks_changes_no_byte(project, monkeypatch, workers, size):
    project.source("a", rows_to_cut())
    project.source("o", {"trees.jsonl": [TREE] * 9}, "oasst")
    project.read()
    before = bytes_below("data/normalize", "metrics")
    monkeypatch.setattr("winnow.reading.blocks._BLOCK", size)
    monkeypatch.setenv("WINNOW_WORKERS", workers)
    project.read()
    assert bytes_below("data/normalize", "metrics") == before


@pytest.mark.parametrize("kind", ["elements alike inside", "comma missing", "element that is never closed", "bad byte"])
def test_trouble_in_a_block_is_told_as_of_the_whole_file(project, monkeypatch, kind):
    rows = [alpaca(n, history=[]) for n in range(60)]
    data = json.dumps(rows)
    match kind:
        case "elements alike inside":
            data = json.dumps([{**row, "instruction": "Say.", "more": [alpaca(1), alpaca(2)] * 3} for row in rows])
        case "comma missing":
            data = data.replace('}, {"instruction": "Say 30."', '} {"instruction": "Say 30."')
        case "element that is never closed":
            data = data.replace('"Say 30."', '"Say 30.')
        case "bad byte":
            data = data.replace("Say 30.", "Say \udcff.")
    project.source("a", {"x.json": "[]"})
    Path("data/raw/a/x.json").write_bytes(data.encode("utf-8", "surrogateescape"))

    def told() -> tuple[int, str, dict[str, bytes]]:
        result = project.run()
        return result.exit_code, result.output, bytes_below("data/normalize", "metrics")

    expected = told()
    monkeypatch.setattr("winnow.reading.blocks._BLOCK", 200)
    assert told() == expected


def test_one_more_row_changes_one_bucket_of_records(project):
    rows = [alpaca(n) for n in range(100)]
    project.source("a", {"x.jsonl": rows})
    project.read()
    before = bytes_below("data/normalize/records")
    project.source("a", {"x.jsonl": [alpaca(1_000), *rows]})
    project.read()
    after = bytes_below("data/normalize/records")
    assert before.keys() == after.keys()
    assert sum(before[part] != after[part] for part in before) == 1


def test_name_of_a_file_changes_no_record(project):
    project.source("a", {"x.jsonl": [alpaca(1), alpaca(1), {}]})
    project.read()
    before = bytes_below("data/normalize/records")
    Path("data/raw/a/x.jsonl").rename("data/raw/a/other.jsonl")
    project.read()
    assert bytes_below("data/normalize/records") == before
    assert {row["file"] for table in ("places", "left_out") for row in rows_of(table)} == {"data/raw/a/other.jsonl"}


def test_new_column_of_the_source_changes_no_id(project):
    project.source("a", {"x.jsonl": [alpaca(1)]})
    (before,) = project.read()
    project.source("a", {"x.jsonl": [alpaca(1, score=0.5)]})
    (after,) = project.read()
    assert (after["row_id"], after["content_hash"]) == (before["row_id"], before["content_hash"])
    assert after["metadata"] == '{"score":0.5}'


def test_licence_and_notes_beside_the_data_are_not_read(project):
    project.source("a", {"x.jsonl": [alpaca(1)], "LICENSE": "free", "README.md": "notes", ".hidden.json": "x"})
    assert len(project.read()) == 1


# What stops the stage: one sentence, nothing published


def break_(project: Project, what: str) -> None:
    """Break the project in one way."""
    entry = project.params["sources"]["a"]
    match what:
        case "unknown setting":
            project.params["normalize"]["max_rows"] = 5
        case "unknown adapter":
            entry["adapter"] = "parquet"
        case "unknown key":
            entry["licence"] = "MIT"
        case "no license":
            del entry["license"]
        case "other license without a name":
            entry["license"] = "other"
        case "unknown origin":
            entry["origin"] = "alien"
        case "encoding is a number":
            entry["encoding"] = 1252
        case "unknown encoding":
            entry["encoding"] = "klingon"
        case "path outside":
            entry["path"] = "../../etc"
        case "absolute path":
            entry["path"] = "/etc"
        case "no folder":
            entry["path"] = "gone"
        case "empty folder":
            Path("data/raw/empty").mkdir()
            entry["path"] = "empty"
        case "other kind of file":
            Path("data/raw/a/x.html").write_text("a,b")
        case "entry is no map":
            project.params["sources"]["a"] = "alpaca"
        case "bad name":
            project.params["sources"]["A b"] = entry
        case "name is a number":
            project.params["sources"][5] = entry
        case "no sources":
            project.params["sources"] = {}
        case "cut file":
            Path("data/raw/a/y.json").write_text('[{"instruction": "x"')
        case "empty file":
            Path("data/raw/a/y.json").write_text("")


SENTENCES = {
    "unknown setting": "params.yaml: normalize.max_rows is no setting of this stage; it knows max_file_bytes, "
    "max_unit_chars.",
    "unknown adapter": "params.yaml: sources.a.adapter is 'parquet'; there are alpaca, dolly, ",
    "unknown key": "params.yaml: sources.a.licence is no key of a source, nor an option of adapter alpaca.",
    "no license": "params.yaml: sources.a.license is missing; every source says its adapter, path and license.",
    "other license without a name": "params.yaml: sources.a: a license that is `other` needs a license_name.",
    "unknown origin": "params.yaml: sources.a.origin is 'alien'; it is one of human, model, augmented, generated.",
    "encoding is a number": "params.yaml: sources.a.encoding is 1252; it is the name of an encoding",
    "unknown encoding": "data/raw/a/x.jsonl: there is no encoding called 'klingon'",
    "path outside": "params.yaml: sources.a.path is '../../etc'; it must stay below data/raw.",
    "absolute path": "params.yaml: sources.a.path is '/etc'; it must stay below data/raw.",
    "no folder": "params.yaml: sources.a.path names data/raw/gone, which does not exist;",
    "empty folder": "data/raw/empty holds no data file (JSON, JSON Lines, CSV, TSV, Parquet, Arrow); check",
    "other kind of file": "data/raw/a/x.html: files of this kind cannot be read",
    "entry is no map": "params.yaml: sources.a must be a map with adapter, path and license.",
    "bad name": "params.yaml: sources.A b: a source's name is made of lower-case letters, digits, - and _.",
    "name is a number": "params.yaml: sources.5: a source's name is made of lower-case letters, digits, - and _.",
    "no sources": "params.yaml names no sources; add one with `winnow add NAME PATH --license SPDX`.",
    "cut file": "data/raw/a/y.json, line 1: ",
    "empty file": "data/raw/a/y.json is empty; remove it from the source or fetch it again.",
}


@pytest.mark.parametrize(("what", "sentence"), SENTENCES.items(), ids=SENTENCES)
def test_mistake_is_one_sentence_and_leaves_the_last_output(project, what, sentence):
    project.source("a", {"x.jsonl": [alpaca(1), {}]})
    project.read()
    before = bytes_below("data/normalize", "data/receipts", "metrics")
    break_(project, what)
    result = project.run()
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {sentence}")
    assert result.stderr.count("\n") == 1
    assert bytes_below("data/normalize", "data/receipts", "metrics") == before
    assert bytes_below("data/.tmp") == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("buckets: [1\nsources: {}\n", "params.yaml, line 2: "),
        ("buckets: 1\nbuckets: 2\n", "params.yaml, line 2: "),
        ("buckets: 1\n\tx: 2\n", "params.yaml, line 2: "),
        ("just text\n", "params.yaml holds no settings: it must be a map of groups."),
    ],
    ids=["open bracket", "repeated key", "tab", "no map"],
)
def test_bad_yaml_is_one_sentence(project, text, sentence):
    Path("params.yaml").write_text(text)
    result = CliRunner().invoke(main, [])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {sentence}")
    assert result.stderr.count("\n") == 1


def test_adapter_that_loses_a_unit_publishes_nothing(project, monkeypatch):
    """The conservation law is checked, not trusted."""
    from winnow.reading import collect
    from winnow.sources import alpaca as module

    def lossy(units, options):
        next(units)
        yield from module.ADAPTER.read(units, options)

    adapter = type(module.ADAPTER)(summary="", read=lossy, sniff=module.ADAPTER.sniff)
    monkeypatch.setattr(collect, "adapter", lambda name, source: adapter)
    project.source("a", {"x.jsonl": [alpaca(1), alpaca(2)]})
    result = project.run()
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: source a: 2 raw units were read and 1 accounted for;")
    assert not OUT.exists()
