"""Workflows and hooks: their form, what they may do, and their shell steps, run here."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import BIN, REPOSITORY

FILES = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
WORKFLOWS = {file.stem: YAML(typ="safe").load(file.read_text(encoding="utf-8")) for file in FILES}
JOBS = [(name, job) for name, workflow in WORKFLOWS.items() for job in workflow["jobs"]]
STEPS = [(name, job, number) for name, job in JOBS for number in range(len(WORKFLOWS[name]["jobs"][job]["steps"]))]
SCRIPTS = sorted(file for file in (REPOSITORY / ".ci").iterdir())


def step(workflow: str, job: str, name: str) -> dict[str, Any]:
    return next(one for one in WORKFLOWS[workflow]["jobs"][job]["steps"] if one.get("name") == name)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_starts_with_no_more_rights_than_reading(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] in ({}, {"contents": "read"})
    assert "pull_request_target" not in workflow["on"]  # it would run a fork's code with this repository's rights


def test_only_the_step_that_writes_the_keys_of_the_storage_sees_a_secret() -> None:
    texts = [file.read_text(encoding="utf-8") for file in FILES]
    assert sum(text.count("secrets.") for text in texts) == 1
    keys = step("data", "check", "keys of the storage")
    assert keys["env"] == {"DVC_CONFIG_LOCAL": "${{ secrets.DVC_CONFIG_LOCAL }}"}


@pytest.mark.parametrize("keys", ["", "['remote \"store\"']\n    password = p$x`y\n"])
def test_the_keys_are_written_where_dvc_reads_them(tmp_path: Path, keys: str) -> None:
    (tmp_path / ".dvc").mkdir()
    bash(step("data", "check", "keys of the storage")["run"], tmp_path, DVC_CONFIG_LOCAL=keys)
    file = tmp_path / ".dvc" / "config.local"
    assert (file.read_text(encoding="utf-8") if file.exists() else "") == (keys and f"{keys}\n")
    assert not keys or file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("rebuild", "foreign", "arguments"),
    [("true", "false", "--rebuild"), ("false", "true", "--without-keys"), ("", "", "")],
)
def test_the_data_is_checked_by_the_script(tmp_path: Path, rebuild: str, foreign: str, arguments: str) -> None:
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "data").write_text('#!/bin/sh\necho "$@" > asked\n', encoding="utf-8")
    (tmp_path / ".ci" / "data").chmod(0o755)
    bash(step("data", "check", "check")["run"], tmp_path, REBUILD=rebuild, FOREIGN=foreign)
    assert (tmp_path / "asked").read_text(encoding="utf-8") == f"{arguments}\n"


def test_a_commit_of_data_alone_runs_the_checks_of_data_and_none_of_code() -> None:
    events = WORKFLOWS["winnow"]["on"]
    ignored = events["push"]["paths-ignore"]
    assert ignored == events["pull_request"]["paths-ignore"]
    assert set(ignored) == {".dvc/**", "CHANGELOG.md", "data/**", "dvc.lock", "metrics/**", "params.yaml"}
    on = WORKFLOWS["data"]["on"]
    assert on == {
        "push": {"branches": ["main"], "tags": ["dataset@*"]},
        "pull_request": None,
        "workflow_dispatch": None,
    }


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_is_bounded_and_only_one_that_runs_no_code_of_a_pull_request_may_write(name: str, job: str) -> None:
    found = WORKFLOWS[name]["jobs"][job]
    assert set(found) <= {"runs-on", "timeout-minutes", "permissions", "outputs", "steps", "strategy", "needs", "if"}
    assert found["runs-on"] == "ubuntu-latest"
    assert found["timeout-minutes"] <= (360 if name == "data" else 60)  # a dataset may be large
    assert found.get("needs", job) in WORKFLOWS[name]["jobs"]
    if "write" in found.get("permissions", {}).values():
        assert not any("uses" in one for one in found["steps"])
        assert "head.repo.full_name == github.repository" in found["if"]


@pytest.mark.parametrize(("name", "job", "number"), STEPS)
def test_a_step_is_a_pinned_action_or_a_script_that_bash_can_read(name: str, job: str, number: int) -> None:
    one = WORKFLOWS[name]["jobs"][job]["steps"][number]
    assert ("uses" in one) != ("run" in one)
    if "uses" in one:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", one["uses"])
        if "checkout" in one["uses"]:
            assert one["with"]["persist-credentials"] is False
        return
    assert "${{" not in one["run"], "what is pasted into a script can be a script: give it as a variable"
    subprocess.run(["bash", "-n"], input=one["run"], text=True, check=True)
    for target in re.findall(r"^make ([\w-]+)", one["run"], re.MULTILINE):
        assert re.search(rf"^{target}:", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for script in re.findall(r"^(\.ci/[\w-]+)", one["run"], re.MULTILINE):
        assert os.access(REPOSITORY / script, os.X_OK)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_can_be_run_and_read(script: Path) -> None:
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


def bash(script: str, folder: Path, **variables: str) -> None:
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],  # as GitHub does for `shell: bash`
        cwd=folder,
        env={"PATH": f"{folder}:{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_comment_goes_to_the_summary_and_to_the_next_job(tmp_path: Path) -> None:
    body = "### Rows\n\n`body<<EOF` 中文\n\n"
    (tmp_path / "comment.md").write_text(body, encoding="utf-8")
    (tmp_path / "output").touch()
    script = step("data", "check", "show")["run"]
    files = {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary"}
    bash(script, tmp_path, **files)
    assert (tmp_path / "summary").read_text(encoding="utf-8") == body
    lines = (tmp_path / "output").read_text(encoding="utf-8").splitlines()
    name, end = lines[0].split("<<")
    assert name in WORKFLOWS["data"]["jobs"]["check"]["outputs"]
    assert len(end) == 32
    assert "\n".join(lines[1 : lines.index(end)]).strip() == body.strip()
    assert lines[-1] == end

    (tmp_path / "comment.md").unlink()  # `compare` failed before it wrote one
    bash(script, tmp_path, **files)


GH = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> calls
case "$*" in *--paginate*) cat found ;; *) cp comment.md sent ;; esac
"""


@pytest.mark.parametrize("earlier", [False, True])
def test_there_is_one_comment_and_it_is_kept_up_to_date(tmp_path: Path, earlier: bool) -> None:
    fake = tmp_path / "gh"
    fake.write_text(GH, encoding="utf-8")
    fake.chmod(0o755)
    (tmp_path / "found").write_text("11\n17\n" if earlier else "", encoding="utf-8")
    nasty = 'a `$(touch owned)` "quoted" $HOME\n中文'
    variables = {"BODY": nasty, "PULL_REQUEST": "5", "GITHUB_REPOSITORY": "o/r", "GH_TOKEN": "x"}
    bash(step("data", "comment", "comment")["run"], tmp_path, **variables)
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert len(calls) == 2
    assert "repos/o/r/issues/5/comments" in calls[0]
    wanted = "PATCH repos/o/r/issues/comments/17" if earlier else "POST repos/o/r/issues/5/comments"
    assert wanted in calls[1]
    sent = (tmp_path / "sent").read_text(encoding="utf-8")
    mark, _, rest = sent.partition("\n")
    assert rest == nasty + "\n"
    assert f'startswith("{mark}")' in calls[0]  # so that the next run finds this one
    assert not (tmp_path / "owned").exists()


def hooks() -> dict[str, dict[str, Any]]:
    config = YAML(typ="safe").load((REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [one["repo"] for one in config["repos"]] == ["local"]  # offline
    return {hook["id"]: hook for hook in config["repos"][0]["hooks"]}


def test_hooks_find_conflict_marks_where_git_puts_them() -> None:
    hook = hooks()["conflict-marks"]
    conflict = "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> theirs\n"
    assert len(re.findall(hook["entry"], conflict, re.MULTILINE)) == 3
    files = ("dvc.lock", "params.yaml", "metrics/filter.json", "data/patches/demo/0a.json")
    assert all(re.search(hook["files"], file) for file in files)
    for file in (REPOSITORY / name for name in ("dvc.lock", "params.yaml", "dvc.yaml")):
        assert not re.search(hook["entry"], file.read_text(encoding="utf-8"), re.MULTILINE)


def run_hook(name: str, folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    script = folder / hooks()[name]["entry"]
    return subprocess.run([script, *files], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".ci").symlink_to(REPOSITORY / ".ci")
    return tmp_path


def test_large_files_are_refused(folder: Path) -> None:
    (folder / "small.txt").write_bytes(b"x" * 1000)
    (folder / "large one.bin").write_bytes(b"x" * 5_000_001)
    assert run_hook("large-files", folder, "small.txt").returncode == 0
    done = run_hook("large-files", folder, "small.txt", "large one.bin")
    assert done.returncode == 1
    assert "dvc add 'large one.bin'" in done.stdout


def test_a_lock_file_must_be_readable_and_complete(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(BIN.parent)
    (tmp_path / ".ci").mkdir()
    script = tmp_path / ".ci" / "check-lock"
    script.write_bytes((REPOSITORY / ".ci" / "check-lock").read_bytes())
    script.chmod(0o755)
    (tmp_path / "dvc.yaml").write_text(json.dumps({"stages": {"clean": {}, "filter": {}}}), encoding="utf-8")
    for lock, sentence in (
        ({"stages": {"filter": {}, "clean": {}}}, ""),
        ({"stages": {"clean": {}}}, "filter; run dvc repro"),
        ("<<<<<<< HEAD\nstages: {}\n=======\n", "solve its conflict"),
        ("", "solve its conflict"),
    ):
        (tmp_path / "dvc.lock").write_text(lock if isinstance(lock, str) else json.dumps(lock), encoding="utf-8")
        done = run_hook("dvc-lock", tmp_path)
        assert done.returncode == (1 if sentence else 0)
        assert sentence in done.stderr
