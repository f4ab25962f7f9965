"""Settings of the mix: what is refused and how it is said; the stage on files, whatever the buckets."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from stages.mix import main
from tests.conftest import REPOSITORY
from tests.gates.mixes import OFF, SCHEMA, plan, rows
from winnow.gates.decisions import alive, decide
from winnow.gates.mix.facts import train_facts
from winnow.gates.mix.mixing import REASONS, mix
from winnow.harness.errors import UserError
from winnow.records.schema import SPLITS
from winnow.storage.buckets import read_all
from winnow.storage.tables import write_bucketed


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"shares": {"topic": {"a": 1}}}, "names 'topic'.* there are calls_tool, est_tokens, language, length_band"),
        ({"shares": {"flags": {"a": 1}}}, "names 'flags'"),
        ({"shares": {"language x topic": {"zh x a": 1}}}, "names 'topic'"),
        ({"shares": {"language": {"zh": 0.7, "en": 0.5}}}, "adds up to 1.2"),
        ({"shares": {"language": {"zh": -0.1}}}, "mix.shares.language.zh is -0.1"),
        ({"shares": {"language": {"zh": True}}}, "is True; it must be a share"),
        ({"shares": {"language": {"zh": "half"}}}, "is 'half'"),
        ({"shares": {"language": 0.4}}, "must map values"),
        ({"shares": {"language": {}}}, "must map values"),
        ({"shares": {"language x language": {"zh x zh": 1}}}, "different columns"),
        ({"shares": {"language x task": {"zh": 1}}}, "one value for each column"),
        ({"shares": {"length_band": {"0-100": 1}}}, "the bands are 0-31, 32-127"),
        ({"max_rows": {"a": 1.5}}, "mix.max_rows.a is 1.5; it must be a whole number"),
        ({"max_rows": {"a": True}}, "mix.max_rows.a is True"),
        ({"max_rows_per": {"topic": 5}}, "mix.max_rows_per.topic names 'topic'"),
        ({"max_rows_per": {"task": -1}}, "mix.max_rows_per.task is -1"),
        ({"max_rows_per": {"task": {"qa": "x"}}}, "mix.max_rows_per.task.qa is 'x'"),
        ({"temperature": 2.0, "temperature_over": "topic"}, "mix.temperature_over names 'topic'"),
        ({"temperature": 2.0, "shares": {"source": {"a": 1}}}, "both decide the shares of source"),
        ({"size_limit": 5, "shares": {"source x task": {"a x qa": 1}}}, "both decide the shares of source"),
        ({"pick": "quality"}, "mix.pick_by is empty"),
        ({"pick": "quality", "pick_by": ["-language"]}, "names '-language'; rows can be ranked by calls_tool"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        plan(**settings)


def test_thirds_are_a_whole_and_maps_have_no_order() -> None:
    (share,) = plan(shares={"task": {"b": 0.333, "a": 0.333, "c": 0.333}}).shares
    assert share.others == 0
    assert sum(share.targets.values()) == pytest.approx(1)
    caps = {"task": 3, "language": 2}
    assert plan(max_rows_per=caps) == plan(max_rows_per=dict(reversed(caps.items())))


FACTS = rows((30, {"language": "en"}), (12, {"language": "zh", "source": "b", "task": "code"}), (3, {"language": "fr"}))
FACTS.sort(key=lambda row: row["row_id"])


def files(folder: Path, buckets: int) -> None:
    """Write facts and splits: of each ten rows one is in validation and one did not come so far."""
    facts = pa.Table.from_pylist(FACTS, SCHEMA)
    splits = ["validation" if n % 10 == 3 else "train" for n in range(len(facts))]
    table = decide(facts["row_id"].combine_chunks(), {}).append_column("split", pa.array(splits))
    alive = pa.array([n % 10 != 7 for n in range(len(facts))])
    write_bucketed(folder / "data/annotate", facts, buckets)
    write_bucketed(folder / "data/split", table.filter(alive).cast(SPLITS), buckets)


def test_buckets_change_nothing(tmp_path: Path) -> None:
    wanted = plan(shares={"language": {"zh": 0.4, "en": 0.6}}, max_rows_per={"task": 20})
    outcomes = []
    for buckets in (1, 2, 7):
        folder = tmp_path / str(buckets)
        files(folder, buckets)
        split, annotate = folder / "data/split", folder / "data/annotate"
        facts = train_facts(alive(split, buckets), split, annotate, folder / "none", wanted.groups, [])
        found = mix(facts, wanted, 1)
        rows_of = zip(found.repeats.tolist(), found.reason.tolist(), found.place.tolist(), strict=True)
        outcomes.append(dict(zip(facts["row_id"].to_pylist(), rows_of, strict=True)))
    assert len(outcomes[0]) == 36
    assert sum(times for times, _, _ in outcomes[0].values()) == 22
    assert outcomes[0] == outcomes[1] == outcomes[2]


Stage = Callable[..., Result]
"""Runs the stage with arguments and settings."""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Run the stage on a small split with the settings given; return the result of the command."""
    files(tmp_path, 2)
    for package in ("stages", "winnow"):
        (tmp_path / package).symlink_to(REPOSITORY / package)
    (tmp_path / "dvc.yaml").write_text((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: Any) -> Result:
        group = {**OFF, "total": None, **settings}
        Path("params.yaml").write_text(json.dumps({"buckets": 2, "seed": 1, "mix": group}), encoding="utf-8")
        return CliRunner().invoke(main, list(arguments))

    return run


def test_the_stage_writes_decisions_metrics_targets_and_coverage(stage: Stage) -> None:
    result = stage(shares={"language": {"zh": 0.5, "en": 0.2, "fr": 0.3}}, total=20)
    assert result.exit_code == 0, result.output
    table = read_all("data/mix", 2)
    assert sorted(set(table["reason"].to_pylist()) - {None}) == ["over_share", "over_total"]
    assert set(REASONS) >= set(table["reason"].to_pylist())
    found = json.loads(Path("metrics/mix.json").read_text(encoding="utf-8"))
    assert found["rows_in"] == len(table) == 41
    assert found["rows_in"] == found["rows_out"] + sum(found["dropped"].values())
    assert (found["drawn"], found["targets_missed"]) == (15, 2)
    lines = Path("metrics/plots/mix/targets.csv").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("language,fr,0.3,") and ",no," in line for line in lines)
    assert Path("metrics/plots/mix/coverage.csv").read_text(encoding="utf-8").startswith("task,rows,draws\ncode,")


def test_null_is_no_limit_and_rows_are_whole_numbers(stage: Stage) -> None:
    assert stage().exit_code == 0
    assert set(read_all("data/mix", 2)["verdict"].to_pylist()) == {"keep"}
    assert stage("--total", "5").exit_code == 0
    assert json.loads(Path("metrics/mix.json").read_text(encoding="utf-8"))["drawn"] == 5
    for total in (0, -3, 2.5, True, "many"):
        result = stage(total=total)
        assert result.exit_code != 0
        assert "null is no limit" in result.output


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"shares": {"language": {"zw": 0.5}}}, "mix.shares.language names 'zw', and no row has that language; there"),
        ({"shares": {"language x task": {"zh x cod": 0.5}}}, "names 'cod', and no row has that task; perhaps code is"),
        ({"max_rows": {"c": 5}}, "mix.max_rows names 'c', and no row has that source; there are a, b"),
        ({"max_rows_per": {"task": {"poem": 5}}}, "mix.max_rows_per.task names 'poem'"),
    ],
)
def test_a_value_that_no_row_has_is_refused(stage: Stage, settings: dict[str, Any], words: str) -> None:
    result = stage(**settings)
    assert result.exit_code != 0
    assert words in str(result.exception) + result.output


def test_a_mix_says_on_the_terminal_what_shrinks_train(stage: Stage) -> None:
    assert "mix:" not in stage().output
    said = stage(shares={"language": {"fr": 0.5}}).output
    assert "mix: train shrinks from 36 rows to 4 draws, since language=fr is to be 0.5 of them and has 2 rows" in said
    assert "mix.total asks for" in stage(total=50).output
    assert (
        "language=fr is 0.144 of the draws, not 0.3: it has 2 rows"
        in stage(shares={"language": {"fr": 0.3}}, total=17).output
    )
