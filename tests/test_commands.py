"""``winnow add``, ``remove``, ``why``, ``funnel``: what they print, what they change, what they refuse."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import Clone
from tests.release.samples import released
from winnow.cli.main import COMMANDS, main
from winnow.gates.chain import GATES
from winnow.records.record import Message, Record
from winnow.records.schema import RELEASE
from winnow.storage.parquet import write_table

ROWS = [
    {"instruction": f"Say something about the number {n}.", "input": "", "output": f"The number {n} is fine."}
    for n in range(5)
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def rows_file(folder: Path, name: str = "rows.jsonl") -> Path:
    file = folder / name
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return file


def test_every_command_has_help_and_stands_in_the_readme_or_help() -> None:
    listed = CliRunner().invoke(main, ["--help"]).output
    for name in COMMANDS:
        assert name in listed
        shown = CliRunner().invoke(main, [name, "--help"])
        assert shown.exit_code == 0
        assert shown.output.count("\n") > 5


def test_add_sniffs_previews_copies_and_writes_the_entry(repository: Path) -> None:
    before = Path("params.yaml").read_text(encoding="utf-8")
    result = run("add", "numbers", str(rows_file(repository)), "--license", "MIT", "--origin", "model")
    assert result.exit_code == 0, result.output
    assert "Read as alpaca" in result.output
    assert "Say something about the number 0." in result.output
    assert Path("data/raw/numbers/rows.jsonl").read_bytes() == Path("rows.jsonl").read_bytes()
    after = Path("params.yaml").read_text(encoding="utf-8")
    entry = "  numbers:\n    adapter: alpaca\n    path: numbers\n    license: MIT\n    origin: model\n"
    assert entry in after
    assert after.replace(entry, "") == before  # comments, order and spacing of everything else are kept


def test_remove_undoes_add_to_the_byte(repository: Path) -> None:
    before = Path("params.yaml").read_bytes()
    for name in ("numbers", "a_first_one", "zz_last"):
        run("add", name, str(rows_file(repository)), "--license", "MIT")
    result = run("remove", "numbers", "zz_last", "a_first_one")
    assert result.exit_code == 0, result.output
    assert Path("params.yaml").read_bytes() == before
    assert list(Path("data/raw").iterdir()) == []


def test_removing_all_sources_leaves_a_file_to_which_one_can_be_added(repository: Path) -> None:
    run("remove", "--keep-files", "demo_alpaca", "demo_dolly", "demo_messages", "demo_oasst")
    assert "sources: {}" in Path("params.yaml").read_text(encoding="utf-8")
    assert run("add", "numbers", str(rows_file(repository)), "--license", "MIT").exit_code == 0
    assert "sources:\n  numbers:\n    adapter: alpaca\n" in Path("params.yaml").read_text(encoding="utf-8")


def test_remove_keeps_files_that_another_source_reads(repository: Path) -> None:
    run("add", "numbers", str(rows_file(repository)), "--license", "MIT")
    text = Path("params.yaml").read_text(encoding="utf-8")
    shared = "  again:\n    adapter: alpaca\n    path: numbers\n    license: MIT\n"
    Path("params.yaml").write_text(text.replace("sources:\n", f"sources:\n{shared}", 1), encoding="utf-8")
    result = run("remove", "numbers")
    assert "Kept data/raw/numbers" in result.output
    assert Path("data/raw/numbers/rows.jsonl").exists()


def test_a_dry_run_changes_nothing(repository: Path) -> None:
    before = Path("params.yaml").read_bytes()
    result = run("add", "numbers", str(rows_file(repository)), "--license", "MIT", "--dry-run")
    assert result.exit_code == 0
    assert Path("params.yaml").read_bytes() == before
    assert not Path("data/raw/numbers").exists()


def test_the_preview_says_what_will_be_quarantined(repository: Path) -> None:
    file = rows_file(repository)
    with file.open("a", encoding="utf-8") as out:
        out.write('{"instruction": "Count.", "output": {"n": 7}}\n')
    result = run("add", "numbers", str(file), "--license", "MIT", "--dry-run")
    assert "1 of the first 6 units will be quarantined:\n  1 wrong_type, first at rows.jsonl, line 6" in result.output


def test_add_stops_once_at_a_field_that_changes_training_and_prints_the_line_to_type(repository: Path) -> None:
    rows = [{"instruction": f"Name tree {n}.", "output": "Oak.", "label": n % 2 == 0, "topic": "t"} for n in range(4)]
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    refused = run("add", "trees", "rows.jsonl", "--license", "MIT")
    assert refused.exit_code == 1
    assert "'label' (true or false) is a label of the reply" in refused.output
    _, line = refused.output.strip().split(" To keep it as metadata: winnow ")
    added = run(*line.split())
    assert added.exit_code == 0, added.output
    assert (
        "kept as metadata, by the number of rows (4 were read):\n       4  label (its name is that of a label of"
        in added.output
    )
    assert "       4  topic\n" in added.output
    assert "    metadata:\n    - label\n" in Path("params.yaml").read_text(encoding="utf-8")


def test_a_release_is_added_only_under_a_licence_that_is_no_wider(repository: Path) -> None:
    record = Record([Message("user", "Hi", name="Ann"), Message("assistant", "Hello")], ("k",))
    write_table(Path("train.parquet"), released(record, license_="CC-BY-NC-4.0"), RELEASE)
    refused = run("add", "ours", "train.parquet", "--license", "MIT")
    assert "the row is under 'CC-BY-NC-4.0', and sources.ours.license is MIT" in refused.output
    added = run("add", "ours", "train.parquet", "--license", "by_row")
    assert added.exit_code == 0, added.output
    assert "Read as winnow" in added.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Bad Name", "rows.jsonl", "--license", "MIT"], "'Bad Name' cannot name a source"),
        (["demo_alpaca", "rows.jsonl", "--license", "MIT"], "there is a source demo_alpaca already"),
        (["x", "odd.jsonl", "--license", "MIT"], "no adapter knows this format (keys: a)"),
        (["x", "rows.jsonl", "--license", "MIT", "--adapter", "nope"], "sources.x.adapter is 'nope'; there are alpaca"),
        (["x", "rows.jsonl", "--license", "other"], "a license that is `other` needs a license_name"),
        (["x", "rows.jsonl", "--license", "MIT", "--origin", "cat"], "origin is 'cat'; it is one of human"),
        (["x", "rows.jsonl", "--license", "MIT", "--adapter", "messages"], "messages reads no record"),
        (["x", "link.jsonl", "--license", "MIT"], "is a link"),
        (["x", "empty.jsonl", "--license", "MIT"], "empty.jsonl is empty"),
        (["x", "page.html", "--license", "MIT"], "files of this kind cannot be read"),
        (["x", "rows.jsonl", "twin/rows.jsonl", "--license", "MIT"], "two of the files would be rows.jsonl"),
    ],
)
def test_add_refuses_in_one_sentence_and_changes_nothing(repository: Path, arguments: list[str], sentence: str) -> None:
    rows_file(repository)
    (repository / "twin").mkdir()
    rows_file(repository / "twin")
    Path("odd.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
    Path("empty.jsonl").write_text("", encoding="utf-8")
    Path("page.html").write_text("<html>", encoding="utf-8")
    Path("link.jsonl").symlink_to("rows.jsonl")
    before = Path("params.yaml").read_bytes()
    result = run("add", *arguments)
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert sentence in result.output
    assert Path("params.yaml").read_bytes() == before
    assert list(Path("data/raw").iterdir()) == []


def test_outside_of_a_repository_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("why", "a:1")
    assert result.exit_code == 1
    assert "This is no Winnow repository" in result.output


def test_why_tells_the_way_of_a_dropped_row(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder / "data")  # commands work from any folder of the repository
    result = run("why", "demo_messages:chat-034")
    assert result.exit_code == 0, result.output
    assert re.match(r"demo_messages:chat-034 is out: (exact|near)_duplicate at deduplicate", result.output)
    assert "data/raw/demo/messages/chat.jsonl.gz, line 34" in result.output
    assert re.search(r"deduplicate: drop, \w+, value [01.]+\d*, limit 0.75, by demo_alpaca:", result.output)


def test_why_shows_what_cleaning_changed_word_by_word(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    result = run("why", "demo_messages:chat-026")
    assert "don[-â€™-]{+’+}t" in result.output


def test_why_as_json_holds_everything(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    found = json.loads(run("why", "--json", "demo_messages:chat-045").output)
    assert found["outcome"]["status"] == "in"
    assert found["facts"]["language"] == "zh"
    assert set(found["decisions"]) == set(GATES)


def test_why_explains_each_fact_it_shows(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    shown = run("why", "--explain", "demo_messages:chat-045").output
    facts = shown.split("  facts\n")[1].split("\n  gates\n")[0]
    assert re.search(r"^    turns = 2\n      Messages of .+ Unit: messages\. Source: Winnow\.$", facts, re.MULTILINE)
    assert facts.count(" = ") == facts.count(" Source: ")
    found = json.loads(run("why", "--explain", "--json", "demo_messages:chat-045").output)
    assert set(found["meanings"]) == set(found["facts"])


def test_why_explains_a_column(repository: Path) -> None:
    assert run("why", "--explain", "mtld").output.startswith("mtld in data/annotate\n  Lexical diversity ")
    verdicts, decisions, checks = run("why", "--explain", "value").output.split("\nvalue in ")
    assert "data/novelty/checks" in checks
    assert "data/judge/facts" in verdicts
    assert "data/filter, data/deduplicate" in decisions
    unknown = run("why", "--explain", "mltd")
    assert unknown.exit_code == 1
    assert "no table has a column 'mltd'" in unknown.output


def test_why_of_a_quarantined_unit_shows_its_raw_text(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    from winnow.storage.buckets import read_all

    monkeypatch.chdir(built.folder)
    unit = read_all("data/normalize/left_out", 16).to_pylist()[0]
    result = run("why", unit["unit_id"])
    assert unit["reason"] in result.output
    assert f"{unit['file']}, line {unit['line']}" in result.output


@pytest.mark.parametrize(
    ("row_id", "sentence"),
    [("nobody:1", "there is no source 'nobody'"), ("demo_messages:chat-999", "no row demo_messages:chat-999")],
)
def test_why_of_an_unknown_row(built: Clone, monkeypatch: pytest.MonkeyPatch, row_id: str, sentence: str) -> None:
    monkeypatch.chdir(built.folder)
    result = run("why", row_id)
    assert result.exit_code == 1
    assert sentence in result.output


def test_the_funnel_adds_up(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    lines = run("funnel").output.splitlines()
    total = next(line for line in lines if line.startswith("all "))
    raw, used, skipped, quarantined, rows, inside, outside = (int(n.replace(",", "")) for n in total.split()[1:])
    assert raw == used + skipped + quarantined
    assert rows == inside + outside
    assert "data/report/index.html" in lines[-1]


def test_why_rule_shows_drops_and_near_misses(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    result = run("why", "--rule", "short_instruction", "--count", "2")
    assert result.exit_code == 0, result.output
    assert re.match(r"[1-9]\d* rows dropped for short_instruction; 2 of them, sampled:\n", result.output)
    out, close = result.output.split("nearly dropped; the 2 nearest:\n")
    values = [float(value) for value in re.findall(r"value ([\d.]+), limit 4", out)]
    assert len(values) == 2
    assert max(values) < 4
    assert all(float(value) >= 4 for value in re.findall(r"value ([\d.]+), limit 4", close))
    assert run("why", "--rule", "short_instruction", "--count", "2").output == result.output


def test_why_source_shows_its_drops_as_json(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    found = json.loads(run("why", "--source", "demo_dolly", "--json").output)
    assert found["dropped"] > 0
    assert {one["row_id"].split(":")[0] for one in found["samples"]} == {"demo_dolly"}


def test_why_text_finds_rows_in_any_case(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    assert "is out: short_response at filter" in run("why", "--text", "the way a WHALE breathes").output
    assert run("why", "--text", "no such words anywhere").output == "0 rows hold this text.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--rule", "no_such"], "no rule and no reason is called 'no_such'"),
        (["--source", "no_such"], "there is no source 'no_such'; params.yaml has demo_alpaca, "),
        ([], "give one of ROW_ID, --text, or --rule and --source"),
        (["a:1", "--text", "x"], "give one of ROW_ID, --text, or --rule and --source"),
    ],
)
def test_why_of_what_is_not_there(
    built: Clone, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(built.folder)
    result = run("why", *arguments)
    assert result.exit_code != 0
    assert sentence in result.output
    assert "Traceback" not in result.output
