"""``winnow release``: what it checks, what it writes, and that a failure leaves nothing behind."""

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Clone
from winnow.versions.changelog import extended
from winnow.versions.numbers import number

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")
EVERYTHING = ("git", "for-each-ref", "--format=%(objectname) %(refname)")


@pytest.fixture(scope="module")
def committed(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with its built version committed. Tests copy it."""
    clone = built.copy(tmp_path_factory.mktemp("release") / "clone")
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "built", "--allow-empty")
    return clone


def released(clone: Clone, *arguments: str) -> str:
    return clone.run(*WINNOW, "release", *arguments).stdout


def refused(clone: Clone, *arguments: str) -> str:
    """Return the sentence with which a release is refused; nothing may have changed."""
    before = clone.run(*EVERYTHING).stdout, clone.run("git", "status", "--porcelain").stdout
    done = clone.run(*WINNOW, "release", *arguments, check=False)
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert (clone.run(*EVERYTHING).stdout, clone.run("git", "status", "--porcelain").stdout) == before
    return done.stderr


def test_a_release_is_tagged_and_can_be_taken_by_others(committed: Clone, tmp_path: Path) -> None:
    clone = committed.copy(tmp_path / "clone")
    head = clone.run("git", "rev-parse", "HEAD").stdout
    assert "could be released" in released(clone, "v1.0", "--dry-run")
    assert clone.run("git", "rev-parse", "HEAD").stdout == head
    said = released(clone, "v1.0", "-m", "The first one.")
    assert "dvc push\n  git push --follow-tags\n" in said
    assert clone.run("git", "cat-file", "-t", "dataset@v1.0.0").stdout == "tag\n"
    assert clone.run("git", "status", "--porcelain").stdout == ""
    changelog = (clone.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## v1\.0\.0 \(\d{4}-\d\d-\d\d\)\n\nThe first one\.\n\nFirst release: \d+ rows", changelog, re.M)

    clone.run("dvc", "remote", "add", "--quiet", "--local", "--default", "store", str(tmp_path / "store"))
    clone.run("dvc", "push", "--quiet")
    taken = str(tmp_path / "taken")
    clone.run("dvc", "artifacts", "get", str(clone.folder), "dataset", "--rev", "v1.0.0", "-o", taken)
    for file in ("README.md", "messages/train.jsonl"):
        assert (Path(taken) / file).read_bytes() == (clone.folder / "data" / "export" / file).read_bytes()

    assert "released already" in refused(clone, "v1.0.0")
    assert "not newer than dataset@v1.0.0" in refused(clone, "v0.9")
    released(clone, "v1.0.1")
    changelog = (clone.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", changelog, re.MULTILINE) == ["v1.0.1", "v1.0.0"]
    assert re.findall(r"^\| \d+ \| (.*) \|", changelog, re.MULTILINE) == ["unchanged"]


def test_what_is_in_the_way_is_one_sentence_and_changes_nothing(committed: Clone, tmp_path: Path) -> None:
    clone = committed.copy(tmp_path / "clone")
    assert "no version number" in refused(clone, "one")
    note = clone.folder / "note.txt"
    note.write_text("not committed\n", encoding="utf-8")
    assert "not clean (note.txt)" in refused(clone, "v1.0")
    note.unlink()
    clone.run("git", "checkout", "-q", "--detach")
    assert "no branch" in refused(clone, "v1.0")
    clone.run("git", "checkout", "-q", "main")

    card = clone.folder / "data" / "export" / "README.md"
    card.chmod(0o644)
    card.write_text(card.read_text(encoding="utf-8") + "A claim.\n", encoding="utf-8")
    assert "data/export/README.md" in refused(clone, "v1.0")
    clone.run("dvc", "checkout", "--quiet", "--force")

    digest = hashlib.md5(card.read_bytes(), usedforsecurity=False).hexdigest()
    cached = clone.folder / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]
    cached.rename(tmp_path / "kept")  # what is not in the cache could not be pushed
    assert "not up to date: export" in refused(clone, "v1.0")
    (tmp_path / "kept").rename(cached)

    clone.params("  long_response: 20000", "  long_response: 180")
    clone.run("git", "commit", "-qam", "without dvc repro")
    assert "not up to date" in refused(clone, "v1.0")


@pytest.mark.parametrize("hook", ["commit-msg", "reference-transaction"])
def test_a_failure_on_the_way_leaves_no_half_release(committed: Clone, tmp_path: Path, hook: str) -> None:
    clone = committed.copy(tmp_path / "clone")
    script = clone.folder / ".git" / "hooks" / hook
    script.parent.mkdir(exist_ok=True)
    refuse = "exit 1" if hook == "commit-msg" else 'if grep -q refs/tags/; then echo "no tags" >&2; exit 1; fi'
    script.write_text(f"#!/bin/sh\n{refuse}\n", encoding="utf-8")
    script.chmod(0o755)
    assert "failed" in refused(clone, "v1.0")
    assert not (clone.folder / "CHANGELOG.md").exists()


def test_numbers_are_semantic_versions() -> None:
    assert [str(number(one)) for one in ("v1.2", "1.2", "v0.10.3")] == ["v1.2.0", "v1.2.0", "v0.10.3"]
    assert number("v1.10") > number("v1.9.9")


NUMBERS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)).map("v{0[0]}.{0[1]}.0".format), unique=True)


@given(NUMBERS, st.sampled_from(["", "# Changelog\n", "# Our changes\n\nWords of ours.\n\n## v9.9.9\n\nolder\n"]))
def test_a_changelog_keeps_every_section_once_and_newest_first(numbers: list[str], text: str) -> None:
    older = re.findall(r"^## (\S+)", text, re.MULTILINE)
    for one in numbers:
        text = extended(text, one, "2023-03-13", f"### Rows\n\n{one}")
        assert extended(text, one, "2023-03-13", f"### Rows\n\n{one}") == text
    assert re.findall(r"^## (\S+)", text, re.MULTILINE) == [*reversed(numbers), *older]
    assert all(text.count(f"\n{one}\n") == 1 for one in numbers)
    assert text == "" or text.startswith("# ")
    assert "older" not in text or text.rstrip().endswith("older")
