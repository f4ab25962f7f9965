"""``winnow add --url | --preset``: what it prints, writes and refuses."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.fetching.command import OTHER, known, nowhere, run, source
from tests.fetching.server import BODY, SHA, Server, half
from winnow.cli.main import main
from winnow.fetching.presets import presets
from winnow.reading.entries import entries


def test_add_url_recognises_the_format_and_pins(secure: Server, repository: Path) -> None:
    result = run(
        secure,
        "add",
        "mine",
        "--url",
        secure.url(),
        "--license",
        "MIT",
        "--homepage",
        "https://a.org",
        "--origin",
        "model",
    )
    assert result.exit_code == 0, result.output
    assert "Read as alpaca" in result.output
    assert "Say 0." in result.output
    assert source() == {
        "adapter": "alpaca",
        "path": "mine",
        "license": "MIT",
        "url": secure.url(),
        "homepage": "https://a.org",
        "origin": "model",
        "sha256": SHA,
    }
    assert Path("data/raw/mine/rows.jsonl").read_bytes() == BODY


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mine", "--license", "MIT"], "give one of these"),
        (["mine", "rows.jsonl", "--url", "https://a.org/b.json", "--license", "MIT"], "give one of these"),
        (["mine", "--url", "https://a.org/b.json"], "say under which licence"),
        (["mine", "--url", "https://github.com/a/b", "--license", "MIT"], "the page that a source comes from is"),
        (["mine", "--url", "ftp://a.org/b.json", "--license", "MIT"], "starts neither with https"),
        (["mine", "--url", "https://a.org/b.json", "--license", "MIT", "--no-fetch"], "name it with --adapter"),
        (["mine", "--url", "https://a.org/b.json", "--license", "MIT", "--dry-run"], "--dry-run reads files"),
        (["mine", "rows.jsonl", "--license", "MIT", "--no-fetch"], "--no-fetch goes with"),
        (["--preset", "alpaca", "--license", "MIT"], "a preset names licence"),
        (["--preset", "nobody"], "there is no preset nobody; there are alpaca, "),
        (["Bad", "--preset", "alpaca"], "'Bad' cannot name a source"),
        (["mine", "--url", "http://files.test/b.json", "--license", "MIT"], "is plain http"),
        (["mine", "--url", "https://10.1.2.3/b.json", "--license", "MIT"], "10.1.2.3 is no address of the public"),
    ],
)
def test_add_refuses_in_one_sentence(secure: Server, repository: Path, arguments: list[str], sentence: str) -> None:
    Path("rows.jsonl").write_bytes(OTHER)
    before = Path("params.yaml").read_bytes()
    result = run(secure, "add", *arguments)
    assert result.exit_code == 1
    assert sentence in result.output
    assert result.output.count("\n") == 1
    assert Path("params.yaml").read_bytes() == before
    assert list(Path("data/raw").iterdir()) == []
    assert secure.requests == []


def test_a_download_of_no_known_format_leaves_nothing(secure: Server, repository: Path) -> None:
    before = Path("params.yaml").read_bytes()
    secure.body = b'{"a": 1}\n'
    result = run(secure, "add", "mine", "--url", secure.url(), "--license", "MIT")
    assert "no adapter knows this format" in result.output
    assert Path("params.yaml").read_bytes() == before
    assert list(Path("data/raw").iterdir()) == []


def test_a_preset_is_written_fetched_and_shown(
    secure: Server, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(secure, monkeypatch)
    result = run(secure, "add", "--preset", "known", "mine")
    assert result.exit_code == 0, result.output
    assert "(as pinned)" in result.output
    assert "Read as alpaca" in result.output
    assert source()["attribution"] == "Them, 2023"
    assert source()["path"] == "mine"


def test_a_preset_without_fetching_and_its_name_by_default(
    secure: Server, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(secure, monkeypatch)
    result = run(secure, "add", "--preset", "known", "--no-fetch")
    assert result.output == "Added source known to params.yaml. Next: winnow fetch known\n"
    assert source("known")["sha256"] == SHA
    assert secure.requests == []


def test_a_preset_that_breaks_off_goes_on_with_fetch(
    secure: Server, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(secure, monkeypatch)
    secure.script = [half]
    result = run(secure, "add", "--preset", "known", tries=1)
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "its entry is in params.yaml: go on with winnow fetch known." in result.output
    assert run(secure, "fetch").exit_code == 0
    assert secure.requests[1][1]["range"].startswith("bytes=")


def test_files_put_there_by_hand_need_no_network(
    secure: Server, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(secure, monkeypatch)
    Path("data/raw/known").mkdir()
    Path("data/raw/known/rows.jsonl").write_bytes(BODY)
    result = run(secure, "add", "--preset", "known", resolve=nowhere)
    assert result.exit_code == 0, result.output
    assert "there already" in result.output


def test_the_command_itself_reaches_no_private_address(
    secure: Server, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WINNOW_ALLOW", "NO_PROXY", "no_proxy", "WINNOW_TEST", "PYTEST_CURRENT_TEST"):
        monkeypatch.setenv(name, "*")
    url = secure.url(host="localhost")
    result = CliRunner().invoke(main, ["add", "mine", "--url", url, "--license", "MIT"])
    assert result.exit_code == 1
    assert "no address of the public internet" in result.output
    assert secure.requests == []


def test_every_preset_is_a_whole_entry_and_is_listed() -> None:
    listed = CliRunner().invoke(main, ["add", "--presets"]).output
    checked = entries({name: preset.entry(name) for name, preset in presets().items()})
    for entry in checked:
        assert f"{entry.name} " in listed
        assert entry.remotes
        assert all(remote.url.startswith("https://") for remote in entry.remotes)
        settings = presets()[entry.name].settings
        assert settings["homepage"].startswith("https://")
        assert settings["attribution"]
    assert {"alpaca", "dolly", "oasst1", "hh_rlhf", "webgpt"} <= {entry.name for entry in checked}
