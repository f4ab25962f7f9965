"""``dvc.yaml`` against the code: dependencies, names, ignored outputs."""

import ast
import os
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from scmrepo.git import Git

from tests.conftest import REPOSITORY
from winnow.harness.code import units_among

STAGES = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
PARAMS = YAML(typ="safe").load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))


DISCOVERED = {
    REPOSITORY / "winnow/reading/registry.py": REPOSITORY / "winnow/sources",
    REPOSITORY / "winnow/facts/schema.py": REPOSITORY / "winnow/facts/subjects",
}
"""Files that import every module of a folder, whatever its name."""


def module_file(name: str) -> Path | None:
    """Return the file of a module of this project."""
    path = REPOSITORY / name.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def modules(file: Path) -> set[str]:
    """Return the names of the modules that a file imports, at its top or inside functions."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@cache
def imported(file: Path) -> set[Path]:
    """Return the project's files that a file imports, and those of the packages that they are in."""
    if file == REPOSITORY / "winnow/__init__.py":  # it imports the public face only when that is asked for
        return set()
    found = (module_file(name) for module in modules(file) for name in with_packages(module))
    return {path for path in found if path} | set(DISCOVERED[file].glob("*.py") if file in DISCOVERED else ())


def with_packages(module: str) -> list[str]:
    """Return a module and the packages that it is in: Python runs all of them. Nothing where it is no code of ours."""
    parts = module.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))] if parts[0] in ("stages", "winnow") else []


def needed(script: Path) -> set[Path]:
    """Return every file of the project that a script needs, itself included."""
    seen: set[Path] = set()
    todo = [script]
    while todo:
        file = todo.pop()
        if file not in seen:
            seen.add(file)
            todo += imported(file)
    return seen


def unit_of(file: Path) -> str | None:
    """Return the unit of ``data/code`` that a file belongs to alone; None for those that belong to all of a package."""
    package, *rest = file.relative_to(REPOSITORY).with_suffix("").parts
    if rest == ["__init__"]:
        return None
    return rest[0] if package == "winnow" else f"{package}/{rest[0]}"


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "code"])
def test_deps_list_the_code_that_a_stage_imports(stage: str) -> None:
    listed = units_among(STAGES[stage]["deps"])
    needs = {unit_of(file) for file in needed(REPOSITORY / "stages" / f"{stage}.py")} - {None}
    assert len(listed) == len(set(listed))
    assert set(listed) == needs, f"dvc.yaml: {stage} must list data/code/<unit> for what it imports"


def test_the_stage_code_reads_all_code() -> None:
    assert STAGES["code"]["deps"] == ["stages", "winnow"]
    assert next(iter(STAGES)) == "code"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_uses_pandas_imports_it_first(stage: str) -> None:
    """Else pyarrow, which a stage keeps from loading pandas, takes its objects for plain sequences."""
    script = REPOSITORY / "stages" / f"{stage}.py"
    if any("pandas" in modules(file) for file in needed(script)):
        assert "\nimport pandas" in script.read_text(encoding="utf-8"), (
            f"stages/{stage}.py must import pandas at its top"
        )


def names(outs: list[str | dict[str, Any]]) -> list[str]:
    """Return the paths of outputs, which may have options."""
    return [out if isinstance(out, str) else next(iter(out)) for out in outs]


def test_dvc_keeps_all_outputs_of_the_index_while_it_runs() -> None:
    entry = STAGES["index"]
    options = [options for kind in ("outs", "metrics", "plots") for one in entry[kind] for options in one.values()]
    assert len(options) == 4
    assert all(one["persist"] is True for one in options)


@pytest.mark.parametrize("stage", STAGES)
def test_one_word_names_script_params_data_and_metrics(stage: str) -> None:
    entry = STAGES[stage]
    assert entry["cmd"] == f"exec python3 -m stages.{stage}"
    assert stage in PARAMS or stage in ("code", "index")  # which have no settings of their own
    outs = [out for out in names(entry["outs"]) if out != f"data/receipts/{stage}.json"]
    assert len(outs) == len(entry["outs"]) - 1
    assert all(out == f"data/{stage}" or out.startswith((f"data/{stage}/", f"data/{stage}.")) for out in outs)
    metrics = [f"metrics/{stage}.json"] if stage != "code" else []
    assert [next(iter(one)) for one in entry.get("metrics", [])] == metrics
    assert all(next(iter(one)).startswith(f"metrics/plots/{stage}/") for one in entry.get("plots", []))


@pytest.mark.parametrize("stage", STAGES)
def test_git_keeps_metrics_and_plots_and_every_plot_names_its_chart(stage: str) -> None:
    entry = STAGES[stage]
    assert all(options["cache"] is False for one in entry.get("metrics", []) for options in one.values())
    for plot in entry.get("plots", []):
        ((path, options),) = plot.items()
        assert options["cache"] is False
        assert options["template"] == "bar_horizontal"
        header = (REPOSITORY / path).read_text(encoding="utf-8").splitlines()[0].split(",")
        assert {options["x"], options["y"]} <= set(header), path
        assert options["title"]


def test_git_ignores_what_stages_write_and_nothing_that_they_only_read() -> None:
    outs = {out for stage in STAGES.values() for out in names(stage["outs"])}
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
    assert STAGES[stage].get("params", []) == [*command.shared, *([stage] if stage in PARAMS else [])]


@pytest.mark.parametrize("stage", STAGES)
def test_every_params_group_is_tracked_and_commented(stage: str) -> None:
    tracked = STAGES[stage].get("params", [])
    assert (stage in PARAMS) == (stage in tracked)
    text = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    for setting in PARAMS.get(stage, {}):
        lines = text.split(f"\n{stage}:\n")[1].split("\n")
        line = next(line for line in lines if line.strip().startswith(f"{setting}:"))
        assert "#" in line or setting == "benchmarks", f"{stage}.{setting} has no comment"


def test_scripts_are_short_and_rooms_import_no_script() -> None:
    scripts = {REPOSITORY / "stages" / f"{stage}.py" for stage in STAGES}
    for script in scripts:
        assert len(script.read_text(encoding="utf-8").splitlines()) <= 100, script
    for file in (REPOSITORY / "winnow").rglob("*.py"):
        assert not imported(file) & scripts, file


@pytest.mark.parametrize("folder", ["data", "data/raw", "data/raw/mine", "data/ledger", "data/ledger/judge"])
def test_dvc_finds_what_is_added_below_data(folder: str) -> None:
    """DVC asks this of each folder, and passes over the ``.dvc`` files below one that is ignored: nothing is pushed."""
    assert not Git(str(REPOSITORY)).is_ignored(f"{REPOSITORY / folder}{os.sep}")


def test_params_yaml_stands_as_dvc_writes_it(tmp_path: Path) -> None:
    from dvc.utils.serialize import modify_yaml

    copy = tmp_path / "params.yaml"
    copy.write_bytes((REPOSITORY / "params.yaml").read_bytes())
    with modify_yaml(copy):  # as dvc exp run --set-param does: what is written otherwise would change beside it
        pass
    assert copy.read_text(encoding="utf-8") == (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
