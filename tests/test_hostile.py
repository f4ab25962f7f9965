"""Text of other people in what commands print and write: nothing in it is live."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from tests.hostile import PAYLOADS, hostile, live, still
from tests.made import write_version
from winnow.cli.main import main
from winnow.harness.display import visible
from winnow.harness.errors import UserError
from winnow.harness.metrics import plot_csv
from winnow.integrity import verify
from winnow.integrity.finding import Finding
from winnow.lineage import row, samples
from winnow.lineage.samples import Sample
from winnow.release.card import card
from winnow.versions import difference
from winnow.versions.changelog import first_section, section
from winnow.versions.compare import CHANGES


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.output


@pytest.fixture
def version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write_version(tmp_path))
    return tmp_path


@pytest.mark.parametrize("payload", PAYLOADS)
def test_why_shows_any_text_in_still_lines(payload: str, version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {row_id: printed("why", row_id) for row_id in ("made:1", "made:3", "made:!0")}
    lineage = row.lineage
    monkeypatch.setattr(row, "lineage", lambda version, row_id: hostile(lineage(version, row_id), payload))
    for row_id, before in plain.items():
        shown = printed("why", row_id)
        assert still(shown)
        assert shown.count("\n") == before.count("\n")
        assert still(printed("why", row_id, "--json"))
    sample = Sample(**hostile(dict.fromkeys(Sample.__dataclass_fields__, "x") | {"value": None}, payload))
    monkeypatch.setattr(samples, "check_names", lambda *_: None)
    monkeypatch.setattr(samples, "dropped", lambda *_: (1, [sample]))
    monkeypatch.setattr(samples, "nearly", lambda *_: [sample])
    shown = printed("why", "--rule", "x" + payload)
    assert still(shown)
    assert shown.count("\n") == 8


def summary_of(payload: str) -> dict[str, Any]:
    example = {"row_id": "s:1", "text": "text", "reason": "r", "stage": "filter", "value": 1.0, "other_row_id": "s:2"}
    edited = {"row_id": "s:1", "fields": {"messages[0].content": [("-", payload), ("+", payload)]}}
    examples = {change: [hostile(example, payload)] for change in CHANGES} | {"edited": [edited]}
    groups = ("source", "language", "task", "reason")
    return {
        "a": f"main{payload}",
        "b": payload,
        "counts": {"added": 1},
        "by": {group: {"added": {payload: 1, "": 2}} for group in groups},
        "replaced": [[payload, f"s:{payload}"]],
        "examples": examples,
    }


@pytest.mark.parametrize("payload", PAYLOADS)
def test_diff_and_the_changelog_show_any_text(payload: str, version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compared(*_: Any) -> difference.Difference:
        return difference.Difference(summary_of(payload), None)  # type: ignore[arg-type]  # its rows are not shown

    monkeypatch.setattr(difference, "difference", compared)
    monkeypatch.setattr("winnow.versions.outputs.outputs", lambda rev: rev)
    shown = printed("diff", "a", "b")
    assert still(shown)
    assert still(printed("diff", "a", "b", "--json"))
    page = printed("diff", "a", "b", "--md")
    for text in (page, section(summary_of(payload), "data@v1.0")):
        assert still(text)
        assert live(text) == []
    assert MarkdownIt().parse(page)[0].tag == "h3"


class Index:
    """A version whose index names one source."""

    def __init__(self, source: str) -> None:
        self._source = source

    def table(self, *_: Any) -> pa.Table:
        return pa.table({"source": [self._source], "status": ["in"], "split": ["train"]})


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_card_and_the_first_changelog_hold_nothing_live(payload: str) -> None:
    index = pa.table({
        "source": [payload, payload],
        "license": ["other", "MIT"],
        "status": ["in", "out"],
        "stage": [None, "filter"],
        "reason": [None, payload],
    })  # fmt: skip
    entry = dict.fromkeys(("license", "license_name", "attribution", "origin", "homepage"), payload)
    if payload.startswith("http"):
        entry["homepage"] = "https://good.test"
    written = {("parquet", split): 1 for split in ("train", "validation", "test")}
    text = card(f"set {payload}", index, {"en": 1}, {payload: entry}, written, {payload: 3})
    assert still(text)
    _, header, body = text.split("---\n", 2)
    assert header.count("\n") == card("set", index, {"en": 1}, {}, written).split("---\n")[1].count("\n")
    assert live(body) == []
    body = body.partition("## Sources")[2]
    assert live(first_section(Index(payload))) == []  # type: ignore[arg-type]  # it reads one table
    tables = [token.type for token in MarkdownIt("commonmark").enable("table").parse(body)]
    assert tables.count("table_open") == 3
    assert "html_block" not in tables


@pytest.mark.parametrize("payload", PAYLOADS)
def test_funnel_verify_and_errors_show_any_text(payload: str, version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plots = version / "metrics/plots/normalize/units.csv"
    plots.parent.mkdir(parents=True)
    plots.write_text(plot_csv(["source", "outcome", "reason", "units"], [[f"{payload}", "used", "", 1]]), "utf-8")
    shown = printed("funnel")
    assert still(shown)
    assert shown.count("\n") == 12
    assert visible(payload).strip() in shown
    finding = Finding(f"outputs{payload}", f"{payload} is torn", f"rm {payload}")
    monkeypatch.setattr(verify, "verify", lambda **_: [finding])
    shown = printed("verify")
    assert still(shown)
    assert shown.count("\n") == 2

    def fail(*_: Any) -> None:
        raise UserError(f"there is no row {payload}")

    monkeypatch.setattr(row, "lineage", fail)
    shown = printed("why", "s:1")
    assert still(shown)
    assert shown.count("\n") == 1


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_preview_of_a_new_source_shows_any_text(payload: str, repository: Path, tmp_path: Path) -> None:
    name = re.sub(r"[/\x00]", "", payload)[:60]
    file = tmp_path / f"rows{name}.jsonl"
    good = {"instruction": f"Say {payload}", "input": payload, "output": f"It is {payload}", "seed": payload}
    bad = {"instruction": 7, "output": payload, payload: payload}
    lines = [json.dumps(one) for one in (good, good, bad)]
    file.write_text("\n".join([*lines, f'{{"instruction": "{payload}"}}', "{}"]) + "\n", encoding="utf-8")
    shown = printed("add", "mine", str(file), "--license", "MIT", "--adapter", "alpaca", "--dry-run")
    assert "record 1" in shown
    assert still(shown)
