"""What a revision names as its outputs is what its ``dvc.lock`` says, however that is written."""

import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY
from winnow.harness.cache import cache_folder
from winnow.versions.outputs import Revision, Workspace

TRICKY = """schema: '2.0'
stages:
  deps:
    cmd: "exec\\
      \\ outs:"
    deps:
    - path: 'data/outs:'
      md5: '00'

    params:
      params.yaml:
        deps:
        - outs:
          - path: data/no
        text: |
          a

          outs:
    outs:
    - path: data/deps
      md5: '11'
  params: {cmd: x, deps: [{path: data/y, md5: '22'}], outs: [{path: data/cmd, md5: '33'}]}
  without:
    cmd: x
    deps:
    - path: data/last
      md5: '44'
"""


@pytest.mark.parametrize("text", [(REPOSITORY / "dvc.lock").read_text(encoding="utf-8"), TRICKY])
def test_outputs_are_those_of_the_whole_lock_file(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dvc.lock").write_text(text, encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "dvc.lock"], ["commit", "-qm", "one"]):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], check=True)
    stages = YAML(typ="safe").load(text)["stages"].values()
    outs = [out for stage in stages for out in stage.get("outs", [])]
    assert Revision("HEAD").outputs == {out["path"]: out for out in outs}
    assert len(outs) > 1


def test_the_cache_is_where_the_nearest_of_the_four_settings_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_SYSTEM_CONFIG_DIR", str(tmp_path / "machine"))
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "user"))
    Path(".dvc").mkdir()
    assert cache_folder() == Path(".dvc/cache/files/md5")
    for folder, told, found in (
        ("machine", "/mnt/machine", Path("/mnt/machine")),
        ("user", "shared", tmp_path / "user" / "shared"),  # beside the file that says so
        (".dvc", "../store", Path(".dvc/../store")),
    ):
        Path(folder).mkdir(exist_ok=True)
        Path(folder, "config").write_text(f"[cache]\n    dir = {told}\n")
        assert cache_folder() == found / "files" / "md5"


def test_a_file_of_git_is_read_as_the_revision_has_it(tmp_path: Path) -> None:
    patch = tmp_path / "data" / "patches" / "s" / "one.json"
    patch.parent.mkdir(parents=True)
    patch.write_text("then", encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], cwd=tmp_path, check=True
        )
    patch.write_text("now", encoding="utf-8")
    then, now = Revision("HEAD", tmp_path), Workspace(tmp_path)
    texts = [(one.tracked("data/patches") / "s" / "one.json").read_text(encoding="utf-8") for one in (then, now)]
    assert texts == ["then", "now"]
    assert not then.tracked("data/rubrics").exists()
