"""Mistakes that stop the stage ``normalize``: one sentence, and nothing published."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from stages.normalize import main
from tests.reading.project import OUT, Project, alpaca, bytes_below
from winnow.reading.adapter import LeftOut, Options, Row
from winnow.reading.units import Unit


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
    "empty folder": "data/raw/empty holds no data file (JSON, JSON Lines, CSV, TSV, Parquet, Arrow, sheets); check",
    "other kind of file": "data/raw/a/x.html: files of this kind cannot be read",
    "entry is no map": "params.yaml: sources.a must be a map with adapter, path and license.",
    "bad name": "params.yaml: sources.A b: a source's name is made of lower-case letters, digits, - and _.",
    "name is a number": "params.yaml: sources.5: a source's name is made of lower-case letters, digits, - and _.",
    "no sources": "params.yaml names no sources; add one with `winnow add NAME PATH --license SPDX`.",
    "cut file": "data/raw/a/y.json, line 1: ",
    "empty file": "data/raw/a/y.json is empty; remove it from the source or fetch it again.",
}


@pytest.mark.parametrize(("what", "sentence"), SENTENCES.items(), ids=SENTENCES)
def test_mistake_is_one_sentence_and_leaves_the_last_output(project: Project, what: str, sentence: str) -> None:
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
def test_bad_yaml_is_one_sentence(project: Project, text: str, sentence: str) -> None:
    Path("params.yaml").write_text(text)
    result = CliRunner().invoke(main, [])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {sentence}")
    assert result.stderr.count("\n") == 1


def test_adapter_that_loses_a_unit_publishes_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The conservation law is checked, not trusted."""
    from winnow.reading import collect
    from winnow.sources import alpaca as module

    def lossy(units: Iterable[Unit], options: Options) -> Iterator[Row | LeftOut]:
        yield from module.ADAPTER.read(islice(units, 1, None), options)

    adapter = replace(module.ADAPTER, read=lossy)
    monkeypatch.setattr(collect, "adapter", lambda name, source: adapter)
    project.source("a", {"x.jsonl": [alpaca(1), alpaca(2)]})
    result = project.run()
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: source a: 2 raw units were read and 1 accounted for;")
    assert not OUT.exists()
