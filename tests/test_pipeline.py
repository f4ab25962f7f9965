"""The promises of ``dvc repro``, end to end on the demo sources."""

import gzip
import hashlib
import json
import random
from pathlib import Path
from typing import Any

from tests import test_dvc_yaml
from tests.conftest import Clone

STAGES = list(test_dvc_yaml.STAGES)
TEXT_AND_FACTS = {"normalize", "clean", "annotate", "neighbours", "overlaps"}

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")


def digest(folder: Path) -> str:
    """Return one digest of all files below a folder."""
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            total.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def test_a_second_repro_runs_no_stage(clone: Clone) -> None:
    again = clone.run("dvc", "repro")
    assert clone.ran(again) == []
    assert "Data and pipelines are up to date" in again.stdout


def test_a_filter_limit_runs_only_gates_and_shows_in_the_metrics(clone: Clone) -> None:
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "built", "--allow-empty")
    clone.params("short_instruction: 4 ", "short_instruction: 45 ")
    ran = clone.ran(clone.run("dvc", "repro"))
    assert ran[0] == "filter"
    assert TEXT_AND_FACTS.isdisjoint(ran)
    diff = json.loads(clone.run("dvc", "metrics", "diff", "HEAD", "--json").stdout)
    moved = diff["metrics/filter.json"]["dropped.short_instruction"]
    assert moved["diff"] > 0
    assert len(clone.run("dvc", "metrics", "diff", "HEAD").stdout.splitlines()) < 60
    plots = clone.run("dvc", "plots", "diff", "HEAD", "--json").stdout
    assert "dropped by filter" in plots
    assert "metrics/plots/filter/dropped.csv" in plots


def test_a_comment_ends_at_code_and_a_change_of_code_reaches_the_stages_that_use_it(clone: Clone) -> None:
    for name in ("winnow/harness/run.py", "winnow/report/words.py", "stages/filter.py"):
        file = clone.folder / name
        file.write_text(file.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    assert clone.ran(clone.run("dvc", "repro")) == ["code"]
    words = clone.folder / "winnow/report/words.py"
    words.write_text(words.read_text(encoding="utf-8") + "MORE = 1\n", encoding="utf-8")
    before = digest(clone.folder / "data" / "report")
    refused = clone.run("dvc", "repro", "--force", "--downstream", "report", check=False)  # which does not run `code`
    assert refused.returncode != 0
    assert "winnow/report/words.py is not the code that data/code/report lists" in refused.stderr
    assert clone.ran(clone.run("dvc", "repro")) == ["code", "report"]
    assert digest(clone.folder / "data" / "report") == before


def test_data_and_code_come_from_a_remote_and_no_stage_runs(clone: Clone, tmp_path: Path) -> None:
    remote = ("dvc", "remote", "add", "--quiet", "--local", "--default", "store", str(tmp_path / "store"))
    clone.run(*remote)
    clone.run("dvc", "push", "--quiet")
    clone.run("git", "commit", "-qam", "built", "--allow-empty")
    other = Clone(tmp_path / "other")
    clone.run("git", "clone", "-q", ".", str(other.folder))
    other.run(*remote)
    other.run("dvc", "pull", "--quiet")
    assert other.ran(other.run("dvc", "repro")) == []


def test_repro_works_in_an_environment_that_is_not_activated(clone: Clone) -> None:
    clone.params("short_instruction: 4 ", "short_instruction: 11 ")
    done = clone.run(".venv/bin/dvc", "repro", PATH="/usr/bin:/bin")
    assert "filter" in clone.ran(done)


def test_without_packages_one_sentence_says_what_to_do(clone: Clone) -> None:
    (clone.folder / ".venv").unlink()
    done = clone.run("/usr/bin/env", "python3", "-S", "-m", "stages.filter", check=False, PATH="/usr/bin:/bin")
    assert done.returncode != 0
    assert (
        done.stderr == "Error: Winnow's packages are not installed here; run `make setup`, then .venv/bin/dvc repro.\n"
    )


def shuffle_raw_rows(raw: Path) -> None:
    """Put the rows of every demo file into another order; those with broken rows in them keep theirs."""
    draw = random.Random(7)
    english = raw / "alpaca" / "en.json"
    rows = json.loads(english.read_text(encoding="utf-8"))
    draw.shuffle(rows)
    english.write_text(json.dumps(rows), encoding="utf-8")
    chat = raw / "messages" / "chat.jsonl.gz"
    for file in (raw / "dolly" / "dolly.jsonl", raw / "oasst" / "trees.jsonl", chat):
        packed = file.suffix == ".gz"
        data = gzip.decompress(file.read_bytes()) if packed else file.read_bytes()
        lines = data.rstrip(b"\n").split(b"\n")
        draw.shuffle(lines)
        data = b"\n".join(lines) + b"\n"
        file.write_bytes(gzip.compress(data) if packed else data)
    english.rename(english.with_name("renamed.json"))


def test_the_release_is_the_same_bytes(built: Clone, clone: Clone) -> None:
    """Under other workers, seed, time zone and locale, and from shuffled rows; ``make permutations`` tries 32 ways."""
    environment: dict[str, Any] = {
        "WINNOW_WORKERS": "4",
        "PYTHONHASHSEED": "2",
        "TZ": "America/Los_Angeles",
        "LC_ALL": "C",
    }
    shuffle_raw_rows(clone.folder / "data" / "raw" / "demo")
    clone.stages(*STAGES[:-1], **environment)
    assert digest(clone.folder / "data" / "export") == digest(built.folder / "data" / "export")
    assert digest(clone.folder / "data" / "normalize" / "records") == digest(
        built.folder / "data" / "normalize" / "records"
    )
    assert digest(clone.folder / "metrics") == digest(built.folder / "metrics")


def fails_with(clone: Clone, sentence: str) -> None:
    """A ``dvc repro`` must fail with ``sentence``, no traceback, and the release of before."""
    before = digest(clone.folder / "data" / "export")
    done = clone.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert digest(clone.folder / "data" / "export") == before


def test_an_empty_release_is_an_error_and_the_last_one_stays(clone: Clone, built: Clone) -> None:
    clone.params("short_instruction: 4 ", "short_instruction: 99999 ")
    fails_with(clone, "The release would be empty: all 328 rows are out (filter short_instruction 2")
    kept = ["data/index.parquet", "metrics/index.json", "metrics/plots/index/funnel.csv"]
    assert [(clone.folder / one).read_bytes() for one in kept] == [(built.folder / one).read_bytes() for one in kept]
    note = "data/index.parquet is of an earlier run than data/accept/part-000.parquet: it shows the last release"
    for command in ("funnel", "diff"):
        done, before = clone.run(*WINNOW, command), built.run(*WINNOW, command)
        assert done.stderr == f"note: {note}; dvc repro says why there is no newer one.\n"
        assert (done.stdout, before.stderr) == (before.stdout, "")
    assert "filter: drop, short_instruction" in clone.run(*WINNOW, "why", "demo_messages:chat-001").stdout
    verified = clone.run(*WINNOW, "verify", check=False).stdout
    assert (
        f"index: {note}; run dvc repro\nstatus: not up to date: export, index, report; run dvc repro\n2 findi"
        in verified
    )
    failed = clone.run("dvc", "repro", check=False)
    assert "The release would be empty" in failed.stderr
    assert clone.ran(failed) == ["index"]
    clone.params("short_instruction: 99999 ", "short_instruction: 4 ")
    clone.run("dvc", "repro")
    assert clone.run(*WINNOW, "funnel").stderr == ""
    assert digest(clone.folder / "data" / "export") == digest(built.folder / "data" / "export")


def test_a_truncated_file_is_an_error_that_names_it(clone: Clone) -> None:
    chat = clone.folder / "data" / "raw" / "demo" / "messages" / "chat.jsonl.gz"
    chat.write_bytes(chat.read_bytes()[:-200])
    fails_with(clone, "data/raw/demo/messages/chat.jsonl.gz is cut off")


def test_a_file_in_an_undeclared_encoding_is_an_error_that_names_the_line(clone: Clone) -> None:
    file = clone.folder / "data" / "raw" / "demo" / "dolly" / "dolly.jsonl"
    lines = file.read_text(encoding="utf-8").split("\n")
    lines[9] = lines[9].replace("e", "\u00e9", 1)
    file.write_bytes("\n".join(lines).encode("utf-8").replace("\u00e9".encode(), b"\xe9"))
    fails_with(clone, "data/raw/demo/dolly/dolly.jsonl, line 10: byte")


def test_an_unknown_knob_is_an_error(clone: Clone) -> None:
    clone.params("  note_only: []", "  note_onli: []")
    fails_with(clone, "params.yaml: filter.note_onli is no setting of this stage")


def test_an_input_that_changes_during_a_stage_is_an_error(clone: Clone) -> None:
    (clone.folder / "slow.py").write_text(
        "import pathlib, runpy, winnow.gates.filtering as f\n"
        "decide = f.decide_by_rules\n"
        "def edited(*a):\n"
        "    part = pathlib.Path('data/annotate/part-003.parquet')\n"
        "    data = part.read_bytes()\n"
        "    part.unlink()\n"
        "    part.write_bytes(data)\n"
        "    return decide(*a)\n"
        "f.decide_by_rules = edited\n"
        "runpy.run_module('stages.filter', run_name='__main__')\n"
    )
    before = digest(clone.folder / "data" / "filter")
    done = clone.run("python3", "slow.py", check=False)
    assert done.returncode == 1
    assert "data/annotate/part-003.parquet changed while stage filter was running" in done.stderr
    assert digest(clone.folder / "data" / "filter") == before
