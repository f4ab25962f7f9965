"""Downloads from a real server with scripted faults: what is kept, what is asked again, what is refused."""

import hashlib
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fetching.client import get, ranges
from tests.fetching.server import BODY, HALF, SHA, Fault, Server, chunked, half, network, says, stall, whole
from winnow.fetching.download import CAP, download
from winnow.fetching.partial import Partial
from winnow.harness.errors import UserError

OTHER = b'{"instruction": "Another file.", "input": "", "output": "Yes."}\n' * 30_000


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
