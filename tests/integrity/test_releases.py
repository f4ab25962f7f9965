"""The data of tagged releases: what is missing in DVC's cache is a note, what is damaged a fault, with the way back."""

import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import Clone
from winnow.harness.cache import cached
from winnow.integrity.releases import releases

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")


def stored(content: bytes, folder: bool = False) -> str:
    """Put an object into DVC's cache, as DVC lays it out, and return its hash."""
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest() + ".dir" * folder
    cached(md5).parent.mkdir(parents=True, exist_ok=True)
    cached(md5).write_bytes(content)
    return md5


def locked(outs: dict[str, Any]) -> None:
    """Write a ``dvc.lock`` of these outputs, a text or a folder of texts each, and put them into the cache."""
    lines = []
    for path, content in outs.items():
        if isinstance(content, str):
            lines.append({"path": path, "md5": stored(content.encode()), "size": len(content.encode())})
        else:
            files = [{"md5": stored(text.encode()), "relpath": name} for name, text in sorted(content.items())]
            size = sum(len(text.encode()) for text in content.values())
            listing = stored(json.dumps(files).encode(), folder=True)
            lines.append({"path": path, "md5": listing, "size": size, "nfiles": len(files)})
    with Path("dvc.lock").open("w", encoding="utf-8") as file:
        YAML().dump({"schema": "2.0", "stages": {"export": {"cmd": "x", "outs": lines}}}, file)


def git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], check=True)


EXPORT = {"README.md": "card", "parquet/train.parquet": "rows of one"}
OUTS = {"data/export": EXPORT, "data/index.parquet": "index one", "data/filter": {"part-000.parquet": "one"}}


@pytest.fixture
def tagged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository with the releases one and two, a tag without words and one of no version, at a third version."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WINNOW_WORKERS", "1")
    git("init", "-q")
    git("commit", "-qm", "empty", "--allow-empty")
    git("tag", "-a", "start", "-m", "no version of the data")
    for name in ("one", "two", "mine", "three"):
        locked({**OUTS, "data/index.parquet": f"index {name}"})
        Path("metrics.json").write_text(name, encoding="utf-8")
        git("add", "dvc.lock", "metrics.json")
        git("commit", "-qm", name)
        git(*({"mine": ["tag", "mine"], "three": ["status", "-s"]}.get(name) or ["tag", "-a", f"d@{name}", "-m", name]))


def found(**options: Any) -> list[str]:
    return [one.line() for one in releases(**options)]


def object_of(text: str) -> Path:
    return cached(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def test_whole_releases_are_nothing_to_speak_of(tagged: None) -> None:
    assert found() == found(deep=True, everything=True) == []


def test_what_is_missing_is_a_note_for_each_tag(tagged: None) -> None:
    object_of("index one").unlink()
    object_of("index mine").unlink()
    object_of("one").unlink()
    again = (
        "run `git checkout d@one && dvc repro && git checkout - && dvc checkout`, for there is no remote to fetch from"
    )
    assert found() == [f"note: releases: 1 of 3 files of d@one are not in DVC's cache; {again}"]
    assert [line[:52] for line in found(everything=True)] == [
        "note: releases: 2 of 4 files of d@one are not in DVC",
        "note: releases: 1 of 4 files of d@two are not in DVC",
    ]
    Path(".dvc/config").write_text("[core]\n    remote = store\n", encoding="utf-8")
    assert found()[0].endswith("; run `dvc fetch --all-tags data/export data/index.parquet`")
    for file in Path(".dvc/cache").rglob("*.dir"):
        file.unlink()
    assert "note: releases: the data of d@one is not in DVC's cache" in found()[0]


def test_a_cut_object_is_a_fault_by_its_size(tagged: None) -> None:
    file = object_of("rows of one")
    file.write_text("rows", encoding="utf-8")
    (line,) = found()
    assert line.startswith(
        "releases: the cached copy of data/export/parquet/train.parquet of d@one and of 1 more tags is damaged; "
        f"run `mkdir -p data/.damaged && mv -n {file} data/.damaged`, then `git checkout d@one && dvc repro"
    )
    assert [one.line() for one in releases({file.parent.name + file.name})] == []


def test_an_object_with_other_bytes_is_a_fault_when_bytes_are_read(tagged: None) -> None:
    object_of("index two").write_text("index TWO", encoding="utf-8")
    object_of("one").write_text("One", encoding="utf-8")
    assert found() == []
    assert [re.findall("copy of (.*) is damaged", line) for line in found(deep=True)] == [
        ["data/index.parquet of d@two"]
    ]
    assert len(found(deep=True, everything=True)) == 2


def test_a_damaged_listing_is_a_fault(tagged: None) -> None:
    for file in Path(".dvc/cache").rglob("*.dir"):
        file.write_bytes(file.read_bytes()[:-9])
    assert [re.findall("copy of (.*) is damaged", line) for line in found()] == [
        ["data/export of d@one and of 1 more tags"]
    ]


def test_a_tag_whose_lock_file_is_torn_is_a_note(tagged: None) -> None:
    Path("dvc.lock").write_text("schema: '2.0'\nstages:\n  x:\n    outs: [", encoding="utf-8")
    git("commit", "-qam", "torn")
    git("tag", "-a", "d@torn", "-m", "torn")
    assert [line[:60] for line in found()] == ["note: releases: the dvc.lock of d@torn cannot be read; a new"]


@pytest.mark.pipeline
def test_verify_tells_of_releases_and_its_command_brings_them_back(
    committed: Clone, tmp_path: Path, findings: Callable[[], list[str]], spoilt: Path
) -> None:
    clone = Clone(spoilt)
    clone.run("git", "tag", "-a", "dataset@v1.0.0", "-m", "first")
    clone.run("dvc", "remote", "add", "--quiet", "--local", "--default", "store", str(tmp_path / "store"))
    clone.run("dvc", "push", "--quiet", "data/export", "data/index.parquet")
    kept = {file: file.read_bytes() for file in Path(".dvc/cache/files/md5").rglob("*") if file.is_file()}
    for file in kept:
        file.unlink()
    (line,) = findings()
    assert line.startswith("note: releases: the data of dataset@v1.0.0 is not in DVC's cache; run `dvc fetch")
    fetch = re.findall("`(.*)`", line)[0]
    clone.run("bash", "-c", fetch)
    assert findings() == []
    back = [file for file in kept if file.exists()]
    assert back
    assert all(file.read_bytes() == kept[file] for file in back)
