"""``dvc.yaml`` against the code: dependencies, names, ignored outputs."""

import ast
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY

STAGES = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
PARAMS = YAML(typ="safe").load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))
ENTRANCES = {REPOSITORY / package / "__init__.py" for package in ("stages", "winnow")}


DISCOVERED = {
    REPOSITORY / "winnow/reading/registry.py": REPOSITORY / "winnow/sources",
    REPOSITORY / "winnow/facts/schema.py": REPOSITORY / "winnow/facts/subjects",
}
"""Files that import every module of a folder, whatever its name."""


def module_file(name: str) -> Path | None:
    """Return the file of a module of this project."""
    path = REPOSITORY / name.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def imported(file: Path) -> set[Path]:
    """Return the project's files that a file imports, at its top or inside functions."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    named = {found for name in names if name.startswith(("stages", "winnow")) and (found := module_file(name))}
    return named | set(DISCOVERED[file].glob("*.py") if file in DISCOVERED else ())


def needed(script: Path) -> set[Path]:
    """Return every file of the project that a script needs, itself included."""
    seen: set[Path] = set()
    todo = [script]
    while todo:
        file = todo.pop()
        if file not in seen:
            seen.add(file)
            todo += imported(file)
    return seen - ENTRANCES


@pytest.mark.parametrize("stage", STAGES)
def test_deps_list_the_code_that_a_stage_imports(stage: str) -> None:
    deps = [REPOSITORY / dep for dep in STAGES[stage]["deps"] if dep.startswith(("stages/", "winnow/"))]
    needs = needed(REPOSITORY / "stages" / f"{stage}.py")
    missing = {file for file in needs if not any(file == dep or dep in file.parents for dep in deps)}
    assert not missing, f"dvc.yaml: {stage} needs {sorted(missing)}"
    useless = [dep for dep in deps if not any(file == dep or dep in file.parents for file in needs)]
    assert not useless, f"dvc.yaml: {stage} does not import {useless}"


@pytest.mark.parametrize("stage", STAGES)
def test_one_word_names_script_params_data_and_metrics(stage: str) -> None:
    entry = STAGES[stage]
    assert entry["cmd"] == f"exec python3 -m stages.{stage}"
    assert stage in PARAMS or stage == "index"  # the index has no knob of its own
    outs = entry["outs"]
    assert outs[-1] == f"data/receipts/{stage}.json"
    assert all(out == f"data/{stage}" or out.startswith((f"data/{stage}/", f"data/{stage}.")) for out in outs[:-1])
    assert list(entry["metrics"][0]) == [f"metrics/{stage}.json"]


def test_git_ignores_what_stages_write_and_nothing_that_they_only_read() -> None:
    outs = {out for stage in STAGES.values() for out in stage["outs"]}
    deps = {dep for stage in STAGES.values() for dep in stage["deps"]}
    read = sorted(dep for dep in deps if not any(dep == out or dep.startswith(f"{out}/") for out in outs))
    asked = [f"{path}/x" for path in [*sorted(outs), *read]]  # so that a folder that is not there counts as one
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *asked], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [f"{out}/x" for out in sorted(outs)]


@pytest.mark.parametrize("stage", STAGES)
def test_dvc_tracks_the_settings_that_a_stage_reads(stage: str) -> None:
    command = import_module(f"stages.{stage}").main
    assert STAGES[stage]["params"] == [*command.shared, *([stage] if stage in PARAMS else [])]


@pytest.mark.parametrize("stage", STAGES)
def test_every_params_group_is_tracked_and_commented(stage: str) -> None:
    tracked = STAGES[stage]["params"]
    assert (stage in PARAMS) == (stage in tracked)
    text = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    for knob in PARAMS.get(stage, {}):
        line = next(line for line in text.split(f"\n{stage}:\n")[1].split("\n") if line.strip().startswith(f"{knob}:"))
        assert "#" in line or knob == "benchmarks", f"{stage}.{knob} has no comment"


def test_scripts_are_short_and_rooms_import_no_script() -> None:
    scripts = {REPOSITORY / "stages" / f"{stage}.py" for stage in STAGES}
    for script in scripts:
        assert len(script.read_text(encoding="utf-8").splitlines()) <= 100, script
    for file in (REPOSITORY / "winnow").rglob("*.py"):
        assert not imported(file) & scripts, file
