"""``winnow fetch`` and ``winnow add --url | --preset``: what they print, write and refuse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from tests.fetching.command import OTHER, insert, nowhere, run, source
from tests.fetching.server import BODY, SHA, Server, says
from winnow.cli.fetch import fetch_files
from winnow.cli.main import main
from winnow.fetching.source import Fetched
from winnow.harness.errors import UserError
from winnow.reading.entries import entries
from winnow.reading.remote import Remote


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


def test_remove_undoes_a_download_to_the_byte(secure: Server, repository: Path) -> None:
    before = Path("params.yaml").read_bytes()
    run(secure, "add", "zz", "--url", secure.url(), "--license", "MIT")
    assert run(secure, "remove", "zz").exit_code == 0
    assert Path("params.yaml").read_bytes() == before
    assert list(Path("data/raw").iterdir()) == []
    assert [path for path in Path("data/.tmp/fetch").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("arguments", [["add", "--preset", "alpaca"], ["fetch", "alpaca"]])
def test_without_a_network_one_sentence_and_status_1(secure: Server, repository: Path, arguments: list[str]) -> None:
    if arguments[0] == "fetch":
        run(secure, "add", "--preset", "alpaca", "--no-fetch")
    result = run(secure, *arguments, resolve=nowhere)
    assert result.exit_code == 1
    assert result.output.startswith("Error: raw.githubusercontent.com cannot be reached (Temporary failure")
    assert result.output.count("\n") == 1


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


def test_twenty_thousand_files_write_their_pins_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[list[str | None]] = []
    files = tuple(Remote(f"https://a.org/{n}.json", Path(f"many/{n}.json"), None) for n in range(20_000))

    def fetch(remote: Remote, *_: Any, pin: Callable[[str], None], **__: Any) -> Fetched:
        if remote.place.stem == "19999":
            raise UserError("the line dropped")
        pin(remote.place.stem)
        return Fetched(remote.place, remote.place.stem, 1, downloaded=True, pinned=True)

    monkeypatch.setattr("winnow.fetching.source.fetch", fetch)
    monkeypatch.setattr("winnow.adding.params.pin_source", lambda _, digests: written.append(digests.copy()))
    with click.Context(main), pytest.raises(UserError):
        fetch_files("many", files, None)
    assert len(written) < 40
    assert [digests.count(None) for digests in written[:3]] == [19_999, 19_998, 19_996]
    assert written[-1] == [*map(str, range(19_999)), None]  # also after a failure
