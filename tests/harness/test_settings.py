"""Settings: params.yaml to Click options; what is wrong with it is said in a sentence."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from winnow.harness.options import LIST, MAP
from winnow.harness.run import Run
from winnow.harness.settings import stage

PARAMS = """
buckets: 4
seed: 1
sift:
  limit: 0.25
  rows: 3
  names: [a]
  caps: {a: 1}
  mode: drop
  strict: true
"""
DVC = "stages: {sift: {outs: [data/sift.txt, data/receipts/sift.json]}}"


@stage("sift", shared=("buckets",))
@click.option("--limit", type=click.FloatRange(0, 1), required=True, help="A share.")
@click.option("--rows", type=click.IntRange(1), required=True)
@click.option("--names", type=LIST, required=True)
@click.option("--caps", type=MAP, required=True)
@click.option("--mode", type=click.Choice(["drop", "keep"]), required=True)
@click.option("--strict/--lax", required=True)
def sift(run: Run, buckets: int, **settings: Any) -> None:
    """Sift."""
    if "edit" in settings["names"]:
        text = Path("params.yaml").read_text(encoding="utf-8")
        Path("params.yaml").write_text(text.replace(*settings["names"][1:]), encoding="utf-8")
    run.folder("data/sift.txt").write_text(json.dumps({"buckets": buckets, **settings}), encoding="utf-8")


def sifted() -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(Path("data/sift.txt").read_text(encoding="utf-8"))
    return settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("winnow.harness.settings.die_with_parent", lambda: None)
    Path("params.yaml").write_text(PARAMS, encoding="utf-8")
    Path("dvc.yaml").write_text(DVC, encoding="utf-8")


def refused(*arguments: str) -> str:
    """Run the stage, which must fail without a traceback, and return its last line."""
    result = CliRunner().invoke(sift, list(arguments))
    assert result.exit_code in (1, 2), result
    assert isinstance(result.exception, SystemExit)
    assert not Path("data/sift.txt").exists()
    error = result.stderr.split("Error: ", 1)[1].strip()
    assert "\n" not in error
    return error


def test_the_file_gives_the_defaults_and_the_command_line_goes_first() -> None:
    assert CliRunner().invoke(sift, []).exit_code == 0
    expected = {
        "buckets": 4,
        "limit": 0.25,
        "rows": 3,
        "names": ["a"],
        "caps": {"a": 1},
        "mode": "drop",
        "strict": True,
    }
    assert sifted() == expected
    result = CliRunner().invoke(sift, ["--rows", "9", "--names", '["b"]', "--lax"])
    assert result.exit_code == 0
    expected |= {"rows": 9, "names": ["b"], "strict": False}
    assert sifted() == expected


def test_help_shows_the_defaults_of_the_file() -> None:
    text = " ".join(CliRunner().invoke(sift, ["--help"]).output.split())
    assert "A share. [default: 0.25;" in text
    assert "Files that every table is cut into. [default: 4;" in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rows: 3", "row: 3", "sift.row is no setting of this stage"),
        ("rows: 3", "rows: 3\n  1: x\n  z: y", "sift.1 is no setting"),
        ("rows: 3", "buckets: 3", "sift.buckets is no setting"),
        ("rows: 3", "rows: many", "'--rows'"),
        ("rows: 3", "rows: 2.5", "rows is 2.5; it must be a whole number"),
        ("rows: 3", "rows: true", "rows is True; it must be a whole number"),
        ("rows: 3", "rows: .inf", "rows is inf; it must be a whole number"),
        ("rows: 3", "rows: 0", "'--rows'"),
        ("limit: 0.25", "limit: 1.5", "'--limit'"),
        ("limit: 0.25", "limit: null", "limit has no value"),
        ("  limit: 0.25\n", "", "'--limit'"),
        ("buckets: 4\n", "", "'--buckets'"),
        ("buckets: 4", "buckets: 4.5", "buckets is 4.5; it must be a whole number"),
        ("names: [a]", "names: a", "'--names'"),
        ("caps: {a: 1}", "caps: [a]", "'--caps'"),
        ("mode: drop", "mode: dorp", "'--mode'"),
        ("strict: true", "strict: perhaps", "'--strict'"),
        ("rows: 3", "rows: [3", "params.yaml, line"),
        ("rows: 3", "rows: 3\n  rows: 4", "duplicate key"),
        ("rows: 3", "rows: \x01", "params.yaml is no YAML"),
        (PARAMS, "", "holds no settings"),
        (PARAMS, "- a\n- b\n", "holds no settings"),
        (PARAMS, "buckets: 4\nsift: 3", "sift must be a map of settings, not 3"),
    ],
)
def test_a_wrong_file_is_one_sentence(old: str, new: str, message: str) -> None:
    assert old in PARAMS
    Path("params.yaml").write_text(PARAMS.replace(old, new), encoding="utf-8")
    assert message in refused()


def test_a_file_in_another_encoding() -> None:
    Path("params.yaml").write_bytes(PARAMS.encode() + b"# \xff\n")
    assert "params.yaml is no YAML in UTF-8" in refused()


def test_no_file() -> None:
    Path("params.yaml").unlink()
    assert "There is no params.yaml here" in refused()


def test_whole_numbers_may_be_written_with_an_exponent() -> None:
    Path("params.yaml").write_text(PARAMS.replace("rows: 3", "rows: 3e0"), encoding="utf-8")
    assert CliRunner().invoke(sift, []).exit_code == 0


def test_an_empty_list_or_map_may_be_left_out() -> None:
    Path("params.yaml").write_text(PARAMS.replace("[a]", "").replace("{a: 1}", "~"), encoding="utf-8")
    assert CliRunner().invoke(sift, []).exit_code == 0
    assert (sifted()["names"], sifted()["caps"]) == ([], {})


def test_settings_that_change_during_the_run_publish_nothing() -> None:
    """DVC would record the new settings with the old result as up to date."""
    assert "changed the settings of stage sift" in refused("--names", '["edit", "rows: 3", "rows: 4"]')


def test_settings_of_other_stages_may_change_during_the_run() -> None:
    result = CliRunner().invoke(sift, ["--names", '["edit", "seed: 1", "seed: 2"]'])
    assert result.exit_code == 0


@stage("settle", shared=("buckets", "sift.limit", "sift"))
@click.option("--deep/--shallow", required=True)
def settle(run: Run, buckets: int, sift_limit: float, sift: dict[str, Any], deep: bool) -> None:
    """Settle."""
    run.folder("data/settle.txt").write_text(json.dumps([buckets, sift_limit, sift["mode"], deep]), encoding="utf-8")


@pytest.fixture
def settling() -> None:
    Path("params.yaml").write_text(f"{PARAMS}settle: {{deep: true}}\n", encoding="utf-8")
    Path("dvc.yaml").write_text("stages: {settle: {outs: [data/settle.txt, data/receipts/settle.json]}}")


@pytest.mark.usefixtures("settling")
def test_settings_of_other_stages_are_handed_in_and_kept_in_the_receipt() -> None:
    assert CliRunner().invoke(settle, []).exit_code == 0
    assert json.loads(Path("data/settle.txt").read_text(encoding="utf-8")) == [4, 0.25, "drop", True]
    receipt = json.loads(Path("data/receipts/settle.json").read_text(encoding="utf-8"))
    assert receipt["settings"]["sift.limit"] == 0.25
    assert "--sift" not in CliRunner().invoke(settle, ["--help"]).output  # its own stage has that knob


@pytest.mark.usefixtures("settling")
def test_a_setting_of_another_stage_that_is_missing_is_named() -> None:
    Path("params.yaml").write_text("buckets: 4\nsift: {rows: 3}\nsettle: {deep: true}\n", encoding="utf-8")
    assert "params.yaml: sift.limit is missing" in CliRunner().invoke(settle, []).stderr
