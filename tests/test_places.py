"""Where a data repository may stand: in a folder of a larger Git repository, and in the copy of an experiment."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import BIN, Clone

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")


@pytest.mark.pipeline
def test_a_data_repository_inside_a_larger_one(built: Clone, tmp_path: Path) -> None:
    inner = Clone(tmp_path / "outer" / "sets" / "ours")
    shutil.copytree(built.folder, inner.folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    outer = inner.folder.parents[1]
    (outer / "README").write_text("The larger one.\n", encoding="utf-8")
    inner.run("git", "init", "-q", "-b", "main", str(outer))
    inner.run("git", "config", "user.name", "Test")
    inner.run("git", "config", "user.email", "test@example.org")
    inner.run("git", "-C", str(outer), "add", "-A")
    inner.run("git", "commit", "-qm", "one")
    assert "up to date" in inner.run("dvc", "status").stdout
    assert inner.run(*WINNOW, "verify").returncode == 0
    inner.params("  long_response: 20000", "  long_response: 180")
    inner.stages(
        "filter", "deduplicate", "decontaminate", "judge", "score", "novelty", "accept", "split", "mix", "index"
    )
    found = json.loads(inner.run(*WINNOW, "diff", "--json").stdout)
    assert found["counts"]["removed"] > 0
    assert found["by"]["reason"]["removed"].keys() == {"long_response"}
    assert inner.run(*WINNOW, "diff", "HEAD", "HEAD", "--json").stdout


@pytest.mark.slow
def test_an_experiment_in_a_temporary_copy_needs_no_activated_environment(clone: Clone) -> None:
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "built", "--allow-empty")
    path = ":".join(("/usr/local/bin", "/usr/bin", "/bin"))
    done = clone.run(
        str(BIN / "dvc"), "exp", "run", "--temp", "-S", "filter.long_response=180", "index", PATH=path, VIRTUAL_ENV=""
    )
    assert "Ran experiment" in done.stdout
    named = clone.run("git", "for-each-ref", "--format=%(refname)", "refs/exps/").stdout.split()
    (name,) = (one for one in named if not one.startswith("refs/exps/exec"))
    then = json.loads(clone.run("git", "show", f"{name}:metrics/filter.json").stdout)
    now = json.loads((clone.folder / "metrics/filter.json").read_text(encoding="utf-8"))
    assert then["dropped"]["long_response"] > now["dropped"].get("long_response", 0)
    assert "180" not in (clone.folder / "params.yaml").read_text(encoding="utf-8").split("long_response:")[1][:8]
