"""What a download refuses: answers that are not the file, redirects, plain http, certificates, limits."""

from pathlib import Path

import pytest

from tests.fetching.client import get
from tests.fetching.server import BODY, SHA, Fault, Server, chunked, network, says
from winnow.fetching.connect import Network
from winnow.fetching.download import CAP, download
from winnow.fetching.partial import Partial
from winnow.harness.errors import UserError


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
def test_redirects_are_checked_by_the_same_rules(server: Server, part: Partial, place: str, sentence: str) -> None:
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
