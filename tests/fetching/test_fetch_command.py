"""``winnow fetch`` and ``winnow add --url | --preset``: what they print, write and refuse."""

import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY
from tests.fetching.server import BODY, SHA, Server, half, network, says
from winnow.cli.main import main
from winnow.fetching import presets as preset_module
from winnow.fetching.presets import Preset, presets
from winnow.harness.errors import UserError
from winnow.reading.entries import entries

OTHER = b'{"instruction": "Say more.", "input": "", "output": "More."}\n' * 9


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with this repository's params.yaml and dvc.yaml, as the working directory."""
    for name in ("params.yaml", "dvc.yaml"):
        (tmp_path / name).write_text((REPOSITORY / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(server: Server, *arguments: str, **changes: Any) -> Result:
    return CliRunner().invoke(main, list(arguments), obj=network(server.certificate, **changes))


def source(name: str = "mine") -> dict[str, Any]:
    return YAML(typ="safe").load(Path("params.yaml").read_text(encoding="utf-8"))["sources"][name]


def insert(entry: str) -> None:
    """Write an entry by hand, as the last source."""
    text = Path("params.yaml").read_text(encoding="utf-8")
    assert text.count("\n\nnormalize:") == 1
    Path("params.yaml").write_text(text.replace("\n\nnormalize:", f"\n{entry}\n\nnormalize:"), encoding="utf-8")


def nowhere(host: str, port: int, **options: Any) -> list[Any]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def test_the_first_fetch_pins_and_keeps_every_other_byte(secure: Server, repository: Path) -> None:
    insert(f"  mine:  # ours\n    adapter: alpaca\n    path: mine\n    license: MIT\n    url: {secure.url()}  # theirs")
    before = Path("params.yaml").read_text(encoding="utf-8")
    result = run(secure, "fetch")
    assert result.exit_code == 0, result.output
    assert result.output == (
        f"data/raw/mine/rows.jsonl: fetched, {len(BODY):,} bytes, sha256 {SHA} (pinned at first use)\n"
    )
    after = Path("params.yaml").read_text(encoding="utf-8")
    assert after.replace(f"    sha256: {SHA}\n", "") == before
    assert source()["sha256"] == SHA
    again = run(secure, "fetch", "mine")
    assert "there already" in again.output
    assert len(secure.requests) == 1


def test_a_later_fetch_of_other_bytes_names_both_digests(secure: Server, repository: Path) -> None:
    run(secure, "add", "mine", "--url", secure.url(), "--license", "MIT")
    Path("data/raw/mine/rows.jsonl").unlink()
    secure.body = OTHER
    result = run(secure, "fetch", "mine")
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert SHA in result.output
    assert result.output.count("sha256 ") == 1
    assert "what it must be; nothing was changed" in result.output
    assert source()["sha256"] == SHA


def test_several_files_are_pinned_one_by_one(secure: Server, repository: Path) -> None:
    urls = [secure.url("/x/rows.jsonl"), secure.url("/y/rows.jsonl")]
    insert(f"  mine:\n    adapter: alpaca\n    path: mine\n    license: MIT\n    url: [{', '.join(urls)}]")
    secure.script = [says(200, BODY, ETag='"one"'), says(404)]
    broken = run(secure, "fetch")
    assert broken.exit_code == 1
    assert source()["sha256"] == [SHA, "unknown"]
    assert run(secure, "fetch").exit_code == 0
    assert source()["sha256"] == [SHA, SHA]
    assert [path for path, _ in secure.requests] == ["/x/rows.jsonl", "/y/rows.jsonl", "/y/rows.jsonl"]
    assert len(entries({"mine": source()})[0].files(Path("data/raw"))) == 2


def test_a_stage_says_what_to_run_for_files_that_are_not_there(secure: Server, repository: Path) -> None:
    run(secure, "add", "mine", "--url", secure.url(), "--license", "MIT", "--adapter", "alpaca", "--no-fetch")
    with pytest.raises(UserError, match=r"^data/raw/mine/rows\.jsonl is not there yet; run winnow fetch mine\.$"):
        entries({"mine": source()})[0].files(Path("data/raw"))
    assert secure.requests == []


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


def test_remove_undoes_a_download_to_the_byte(secure: Server, repository: Path) -> None:
    before = Path("params.yaml").read_bytes()
    run(secure, "add", "zz", "--url", secure.url(), "--license", "MIT")
    assert run(secure, "remove", "zz").exit_code == 0
    assert Path("params.yaml").read_bytes() == before
    assert list(Path("data/raw").iterdir()) == []
    assert [path for path in Path("data/.tmp/fetch").rglob("*") if path.is_file()] == []


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


def known(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be one preset, whose file the server has."""
    settings = {"adapter": "alpaca", "license": "MIT", "url": server.url(), "sha256": SHA, "attribution": "Them, 2023"}
    monkeypatch.setattr(preset_module, "presets", lambda: {"known": Preset("known", "a set", "1 MB", settings)})


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


@pytest.mark.parametrize("arguments", [["add", "--preset", "alpaca"], ["fetch", "alpaca"]])
def test_without_a_network_one_sentence_and_status_1(secure: Server, repository: Path, arguments: list[str]) -> None:
    if arguments[0] == "fetch":
        run(secure, "add", "--preset", "alpaca", "--no-fetch")
    result = run(secure, *arguments, resolve=nowhere)
    assert result.exit_code == 1
    assert result.output.startswith("Error: raw.githubusercontent.com cannot be reached (Temporary failure")
    assert result.output.count("\n") == 1


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


@pytest.mark.parametrize("way", ["option", "entry"])
def test_the_limit_of_a_file(secure: Server, repository: Path, way: str) -> None:
    limit = "\n    max_bytes: 1000" if way == "entry" else ""
    insert(f"  mine:\n    adapter: alpaca\n    path: mine\n    license: MIT\n    url: {secure.url()}{limit}")
    result = run(secure, "fetch", *(["--max-bytes", "1000"] if way == "option" else []))
    assert result.exit_code == 1
    assert "the limit is 1,000" in result.output
    assert "sha256" not in source()


def test_fetch_of_sources_that_cannot_be_fetched(secure: Server, repository: Path) -> None:
    assert "no source nobody" in run(secure, "fetch", "nobody").output
    assert "has no url in params.yaml" in run(secure, "fetch", "demo_alpaca").output
    assert run(secure, "fetch").output == "No source in params.yaml has a url; there is nothing to fetch.\n"


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
