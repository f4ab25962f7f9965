"""Downloads from a real server with scripted faults: what is kept, what is asked again, what is refused."""

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fetching.server import BODY, HALF, SHA, Fault, Server, chunked, half, network, says, stall, whole
from winnow.fetching import partial as partial_module
from winnow.fetching.connect import Dropped, Network
from winnow.fetching.download import CAP, download
from winnow.fetching.partial import Partial
from winnow.fetching.source import fetch
from winnow.harness.errors import UserError
from winnow.reading.remote import Remote

OTHER = b'{"instruction": "Another file.", "input": "", "output": "Yes."}\n' * 30_000


@pytest.fixture
def part(tmp_path: Path) -> Partial:
    return Partial(tmp_path / "rows.jsonl.part")


def get(server: Server, part: Partial, sha256: str | None = SHA, cap: int = CAP, **changes: Any) -> str:
    return download(server.url(), part, sha256, cap, network(server.certificate, **changes), lambda done, total: None)


def ranges(server: Server) -> list[str | None]:
    """Return the Range of each request, None where the whole was asked for."""
    return [headers.get("range") for _, headers in server.requests]


def test_a_whole_file_comes_with_progress(server: Server, part: Partial) -> None:
    seen: list[tuple[int, int | None]] = []
    digest = download(server.url(), part, SHA, CAP, network(), lambda done, total: seen.append((done, total)))
    assert digest == SHA
    assert part.path.read_bytes() == BODY
    assert seen[0] == (0, len(BODY))
    assert seen[-1] == (len(BODY), len(BODY))
    assert seen == sorted(seen)


@pytest.mark.parametrize("fault", [half, stall], ids=["dropped", "stalled"])
def test_a_broken_line_goes_on_where_it_stopped(server: Server, part: Partial, fault: Fault) -> None:
    server.script = [fault]
    assert get(server, part) == SHA
    assert ranges(server) == [None, f"bytes={HALF}-"]
    assert server.requests[1][1]["if-range"] == '"one"'


def test_a_later_run_goes_on_too(server: Server, part: Partial) -> None:
    server.script = [half]
    with pytest.raises(UserError, match=f"given up after 1 tries .* {HALF:,} bytes are kept"):
        get(server, part, tries=1)
    assert get(server, Partial(part.path)) == SHA
    assert ranges(server) == [None, f"bytes={HALF}-"]


def test_a_server_that_ignores_ranges_sends_all_again(server: Server, part: Partial) -> None:
    server.script = [half, whole]
    assert get(server, part) == SHA
    assert part.path.read_bytes() == BODY


def test_a_file_that_changed_in_between_comes_whole_and_anew(secure: Server, part: Partial) -> None:
    def change(handler: Any) -> None:
        half(handler)
        secure.body, secure.etag = OTHER, '"two"'

    secure.script = [change]
    get(secure, part, sha256=None)
    assert part.path.read_bytes() == OTHER


def test_a_range_of_a_changed_file_is_never_joined_to_the_old_half(secure: Server, part: Partial) -> None:
    def wrong(handler: Any) -> None:  # a server that heeds Range and not If-Range
        rest = f"bytes {HALF}-{len(BODY) - 1}/{len(BODY)}"
        handler.send(206, BODY[::-1][HALF:], ETag='"two"', Content_Range=rest)

    secure.script = [half, wrong]
    assert get(secure, part, sha256=None) == SHA
    assert part.path.read_bytes() == BODY


def test_a_line_that_breaks_often_is_no_reason_to_give_up_while_much_comes(server: Server, part: Partial) -> None:
    def some(handler: Any) -> None:
        start = int(handler.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
        piece, all_ = server.body[start : start + (3 << 19)], len(server.body)
        about = {"Content_Range": f"bytes {start}-{all_ - 1}/{all_}"} if start else {}
        handler.send(206 if start else 200, piece, length=all_ - start, ETag='"one"', **about)

    server.body = BODY * 5
    server.script = [some] * 4
    digest = hashlib.sha256(server.body).hexdigest()
    assert get(server, part, sha256=digest, tries=2) == digest
    assert len(server.requests) == 5


def test_two_halves_that_do_not_fit_are_fetched_anew(server: Server, part: Partial) -> None:
    def disguised(handler: Any) -> None:  # same ETag, same length, other bytes
        body = BODY[::-1]
        rest = f"bytes {HALF}-{len(body) - 1}/{len(body)}"
        handler.send(206, body[HALF:], ETag='"one"', Content_Range=rest)

    server.script = [half, disguised]
    assert get(server, part) == SHA
    assert ranges(server) == [None, f"bytes={HALF}-", None]


def test_without_validator_and_digest_half_a_file_is_thrown_away(secure: Server, part: Partial) -> None:
    secure.etag = ""
    secure.script = [half]
    assert get(secure, part, sha256=None) == SHA
    assert ranges(secure) == [None, None]


def test_416_for_a_whole_partial_file_ends_it(secure: Server, part: Partial) -> None:
    secure.script = [half]
    with pytest.raises(UserError):
        get(secure, part, tries=1)
    part.path.write_bytes(BODY)  # all of it came, and the run was killed before it looked
    assert get(secure, part, sha256=None) == SHA
    assert ranges(secure)[1:] == [f"bytes={len(BODY)}-"]


def test_416_for_a_partial_file_of_another_length_begins_anew(secure: Server, part: Partial) -> None:
    part.start(secure.url(), '"one"', None)
    part.path.write_bytes(BODY + b"more")
    assert get(secure, part, sha256=None) == SHA
    assert ranges(secure) == [f"bytes={len(BODY) + 4}-", None]


def test_a_whole_partial_file_of_a_known_digest_needs_no_connection(server: Server, part: Partial) -> None:
    part.start(server.url(), None, len(BODY))
    part.path.write_bytes(BODY)
    assert get(server, part) == SHA
    assert server.requests == []


def test_half_of_another_url_is_not_gone_on_with(server: Server, part: Partial) -> None:
    part.start(server.url("/elsewhere.jsonl"), '"one"', len(BODY))
    part.path.write_bytes(b"x" * HALF)
    assert get(server, part) == SHA
    assert ranges(server) == [None]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["half", "stall", "whole", "chunked", "cut", "500", "429", "416"]), max_size=5))
def test_whatever_a_server_does_only_the_right_bytes_come_of_it(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    faults: dict[str, Fault] = {
        "half": half,
        "stall": stall,
        "whole": whole,
        "chunked": chunked,
        "cut": lambda handler: chunked(handler, cut=True),
        "500": says(500),
        "429": says(429, Retry_After="7"),
        "416": says(416, Content_Range="bytes */3"),
    }
    server = Server()
    server.script = [faults[name] for name in names]
    part = Partial(tmp_path_factory.mktemp("any") / "rows.jsonl.part")
    odd = "416" in names  # what no good server says to one who asks for the whole
    try:
        with pytest.raises(UserError, match=r"416|changes from one answer") if odd else nullcontext():
            assert get(server, part, tries=9, stall_s=0.05) == SHA
            assert part.path.read_bytes() == BODY
            if odd:
                raise UserError("416 met no partial file")
    finally:
        server.stop()


def test_errors_of_the_server_are_tried_again_with_growing_pauses(server: Server, part: Partial) -> None:
    pauses: list[float] = []
    server.script = [says(500), says(502), says(503, Retry_After="20"), says(429, Retry_After="900")]
    assert get(server, part, pause=pauses.append) == SHA
    assert pauses == [1.0, 2.0, 20.0, 60.0]


def test_tries_are_bounded(server: Server, part: Partial) -> None:
    server.script = [says(503)] * 20
    with pytest.raises(UserError, match=r"given up after 5 tries \(the server answers 503"):
        get(server, part)
    assert len(server.requests) == 5


def test_a_length_that_is_never_kept_is_given_up(secure: Server, part: Partial) -> None:
    secure.script = [lambda handler: handler.send(200, b"{}\n", length=900)] * 5
    secure.etag = ""
    with pytest.raises(UserError, match="3 of 900 bytes came"):
        get(secure, part, sha256=None)


def test_chunks_without_the_last_one_are_a_cut_body(secure: Server, part: Partial) -> None:
    secure.script = [lambda handler: chunked(handler, cut=True)] * 2 + [chunked]
    assert get(secure, part, sha256=None) == SHA
    assert len(secure.requests) >= 2


def test_a_body_of_unknown_length_is_taken_only_for_a_known_digest(secure: Server, part: Partial) -> None:
    secure.script = [lambda handler: handler.send(200, BODY, Content_Length="")] * 2
    with pytest.raises(UserError, match="does not say how long"):
        get(secure, part, sha256=None)
    assert get(secure, part) == SHA


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (says(200, b"<html>Log in</html>", Content_Type="text/html; charset=utf-8"), r"a web page \(text/html\)"),
        (says(200, b"\n<!DOCTYPE html><p>", Content_Type="application/json"), "a web page"),
        (says(200, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "Git LFS pointer"),
        (says(200, b"x", Content_Encoding="br"), "sends it as br"),
        (says(404), r"404 Not Found \(no such file\)"),
        (says(403), "403 Forbidden"),
        (says(401), "it wants a login"),
        (says(302), "redirects to nowhere"),
        (says(200, BODY[::-1]), f"sha256 .*, but {SHA} is what it must be"),
    ],
)
def test_what_is_not_the_file_is_one_sentence_and_leaves_nothing(
    server: Server, part: Partial, fault: Fault, sentence: str
) -> None:
    server.script = [fault]
    with pytest.raises(UserError, match=sentence) as error:
        get(server, part)
    assert "\n" not in str(error.value)
    assert len(server.requests) == 1
    assert not part.path.exists()


def test_a_file_over_the_limit_is_not_begun(server: Server, part: Partial) -> None:
    with pytest.raises(UserError, match=f"{len(BODY):,} bytes or more and the limit is 1,000"):
        get(server, part, cap=1000)
    assert not part.path.exists()


def test_a_file_of_unknown_length_stops_at_the_limit(server: Server, part: Partial) -> None:
    server.script = [chunked]
    with pytest.raises(UserError, match="the limit is 200,000"):
        get(server, part, cap=200_000)
    assert not part.path.exists()


def test_redirects_are_followed_five_times(server: Server, part: Partial) -> None:
    server.script = [says(code, Location=f"/hop{code}") for code in (301, 302, 303, 307, 308)]
    assert get(server, part) == SHA
    assert [path for path, _ in server.requests][-1] == "/hop308"
    server.script = [says(302, Location="/again")] * 6
    part.discard()
    with pytest.raises(UserError, match="more than 5 redirects"):
        get(server, part)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("file:///etc/passwd", "starts neither with https"),
        ("ftp://files.test/rows.jsonl", "starts neither with https"),
        ("http://10.0.0.1/rows.jsonl", r"10\.0\.0\.1 is no address of the public internet"),
        ("http://169.254.169.254/latest/meta-data", "is no address of the public internet"),
        ("http://[::ffff:192.168.0.1]/rows.jsonl", "is no address of the public internet"),
        ("http://me:secret@files.test/rows.jsonl", "carries a user name or a password"),
    ],
)
def test_redirects_are_held_to_the_same_rules(server: Server, part: Partial, place: str, sentence: str) -> None:
    server.script = [says(302, Location=place)]
    with pytest.raises(UserError, match=sentence) as error:
        get(server, part)
    assert "secret" not in str(error.value)
    assert len(server.requests) == 1


def test_https_never_leads_to_http(server: Server, secure: Server, trusted: Path, part: Partial) -> None:
    secure.script = [says(302, Location=server.url())]
    with pytest.raises(UserError, match="plain http: what comes from there"):
        download(secure.url(), part, SHA, CAP, network(trusted), lambda done, total: None)
    assert server.requests == []


def test_http_may_lead_to_https(server: Server, secure: Server, trusted: Path, part: Partial) -> None:
    server.script = [says(302, Location=secure.url(host="other.test"))]
    assert download(server.url(), part, SHA, CAP, network(trusted), lambda done, total: None) == SHA


def test_plain_http_needs_a_digest(server: Server, part: Partial) -> None:
    with pytest.raises(UserError, match="plain http, which is used only for a file whose sha256 is known"):
        download(server.url(), part, None, CAP, Network(), lambda done, total: None)
    assert server.requests == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Server, part: Partial) -> None:
    with pytest.raises(UserError, match="a certificate that is not trusted"):
        download(secure.url(), part, SHA, CAP, network(), lambda done, total: None)
    assert secure.requests == []


def test_without_a_network_one_sentence_says_so_at_once(part: Partial) -> None:
    def pause(seconds: float) -> None:
        raise AssertionError("nobody should wait")

    where = "https://no-such-host.invalid/rows.jsonl"
    with pytest.raises(UserError, match=r"no-such-host\.invalid cannot be reached \(.*\): fetching needs a network"):
        download(where, part, None, CAP, Network(pause=pause), lambda done, total: None)


def full_disk(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the disk be full when ``after`` bytes are written."""
    plain: Callable[..., Any] = Partial.write

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


def test_a_dropped_line_says_why() -> None:
    assert Dropped("later", 3.0).wait == 3.0


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("data/raw")


def had(server: Server, raw: Path, sha256: str | None = SHA, **more: Any) -> Any:
    remote = Remote(server.url(), Path("mine/rows.jsonl"), sha256)
    return fetch(remote, raw, cap=CAP, network=network(), progress=lambda done, total: None, **more)


def test_a_file_that_is_there_and_right_is_left_alone(server: Server, inside: Path) -> None:
    assert had(server, inside).downloaded
    before = (inside / "mine/rows.jsonl").stat()
    again = had(server, inside)
    assert not again.downloaded
    assert len(server.requests) == 1
    assert (inside / "mine/rows.jsonl").stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in (inside / "mine").iterdir()] == ["rows.jsonl"]


@pytest.mark.parametrize("sha256", [SHA, None], ids=["pinned", "not pinned"])
def test_other_bytes_stay_without_replace(secure: Server, trusted: Path, inside: Path, sha256: Any) -> None:
    file = inside / "mine/rows.jsonl"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"fixed by hand")
    remote = Remote(secure.url(), Path("mine/rows.jsonl"), sha256)

    def again(**more: Any) -> Any:
        return fetch(remote, inside, cap=CAP, network=network(trusted), progress=lambda done, total: None, **more)

    with pytest.raises(UserError, match=rf"{file} has sha256 [0-9a-f]{{64}}, but .*{SHA}.*was left as it is"):
        again()
    assert file.read_bytes() == b"fixed by hand"
    assert again(replace=True).downloaded
    assert file.read_bytes() == BODY


def test_a_digest_is_pinned_before_the_file_is_in_place(secure: Server, trusted: Path, inside: Path) -> None:
    file = inside / "mine/rows.jsonl"

    def pin(digest: str) -> None:
        assert digest == SHA
        assert not file.exists()

    remote = Remote(secure.url(), Path("mine/rows.jsonl"), None)
    fetched = fetch(remote, inside, cap=CAP, network=network(trusted), progress=lambda done, total: None, pin=pin)
    assert fetched.pinned
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
