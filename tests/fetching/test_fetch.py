"""Downloaded files on disk: full disks, files that are there already, digests pinned, moves into place."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from tests.fetching.client import get, ranges
from tests.fetching.server import BODY, HALF, SHA, Server, network
from winnow.fetching import partial as partial_module
from winnow.fetching.download import CAP
from winnow.fetching.partial import Partial
from winnow.fetching.source import Fetched, fetch
from winnow.harness.errors import UserError
from winnow.reading.remote import Remote


def full_disk(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the disk be full when ``after`` bytes are written."""
    plain = Partial.write

    def write(self: Partial, file: Any, data: bytes) -> None:
        with partial_module._sentences(self.path):
            if self.size + len(data) > after:
                file.write(data[: max(0, after - self.size)])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        plain(self, file, data)

    monkeypatch.setattr(Partial, "write", write)


def test_a_full_disk_is_one_sentence_and_the_next_run_goes_on(
    server: Server, part: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        full_disk(patch, HALF)
        with pytest.raises(UserError, match="The disk is full; what came so far stays in"):
            get(server, part)
    assert part.size == HALF
    assert get(server, part) == SHA
    assert ranges(server)[-1] == f"bytes={HALF}-"


def test_a_file_that_the_disk_has_no_room_for_is_not_begun(server: Server, part: Partial) -> None:
    server.script = [lambda handler: handler.send(200, b"", length=1 << 60, ETag='"one"')]
    with pytest.raises(UserError, match=r"The disk has .* bytes left"):
        get(server, part, cap=1 << 61)
    assert not part.path.exists()


def test_two_at_once_do_not_mix_their_bytes(part: Partial) -> None:
    with part.alone(), pytest.raises(UserError, match="another winnow fetches"), Partial(part.path).alone():
        pass


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("data/raw")


def had(server: Server, raw: Path, sha256: str | None = SHA, **more: Any) -> Fetched:
    """Fetch the file of the server below ``raw``."""
    remote = Remote(server.url(), Path("mine/rows.jsonl"), sha256)
    return fetch(remote, raw, cap=CAP, network=network(server.certificate), progress=lambda done, total: None, **more)


def test_a_file_that_is_there_and_right_is_left_alone(server: Server, inside: Path) -> None:
    assert had(server, inside).downloaded
    before = (inside / "mine/rows.jsonl").stat()
    again = had(server, inside)
    assert not again.downloaded
    assert len(server.requests) == 1
    assert (inside / "mine/rows.jsonl").stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in (inside / "mine").iterdir()] == ["rows.jsonl"]


@pytest.mark.parametrize("sha256", [SHA, None], ids=["pinned", "not pinned"])
def test_other_bytes_stay_without_replace(secure: Server, inside: Path, sha256: str | None) -> None:
    file = inside / "mine/rows.jsonl"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"fixed by hand")
    with pytest.raises(UserError, match=rf"{file} has sha256 [0-9a-f]{{64}}, but .*{SHA}.*was left as it is"):
        had(secure, inside, sha256)
    assert file.read_bytes() == b"fixed by hand"
    assert had(secure, inside, sha256, replace=True).downloaded
    assert file.read_bytes() == BODY


def test_a_digest_is_pinned_before_the_file_is_in_place(secure: Server, inside: Path) -> None:
    file = inside / "mine/rows.jsonl"

    def pin(digest: str) -> None:
        assert digest == SHA
        assert not file.exists()

    assert had(secure, inside, None, pin=pin).pinned
    assert file.read_bytes() == BODY


def test_data_raw_on_another_disk(server: Server, inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = os.replace

    def replace(old: Path, new: Path) -> None:
        if Path(old).parent != Path(new).parent:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        plain(old, new)

    monkeypatch.setattr(os, "replace", replace)
    assert had(server, inside).downloaded
    assert [path.name for path in (inside / "mine").iterdir()] == ["rows.jsonl"]
