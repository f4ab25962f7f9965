"""What a download may connect to: addresses, URLs, file names."""

import ipaddress
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fetching.server import Server, network
from winnow.fetching.addresses import is_public
from winnow.fetching.connect import Network, Unreachable, answer
from winnow.fetching.pace import Limits, Pace
from winnow.harness.errors import UserError
from winnow.reading.remote import places, remotes, shown, url_problem

INSIDE = (
    "0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 192.0.0.8 192.0.2.1 192.88.99.1 "
    "192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 "
    "::ffff:192.168.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1 "
    "2002:7f00:1::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1"
)


@pytest.mark.parametrize("address", INSIDE.split())
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "185.199.108.133", "2a04:4e42::133", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_ipv4_in_ipv6_is_judged_as_ipv4(address: ipaddress.IPv4Address) -> None:
    assert is_public(f"::ffff:{address}") == is_public(f"64:ff9b::{address}") == is_public(str(address))


@given(st.ip_addresses())
def test_nothing_private_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    bad = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
    mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
    assert not (is_public(str(address)) and not mapped and (bad or address.is_private))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
def test_the_default_network_refuses_this_machine_under_every_name(server: Server, host: str) -> None:
    with (
        pytest.raises(UserError, match="no address of the public internet"),
        answer(server.url(host=host), {}, Network(), True, Pace(Limits())),
    ):
        pass
    assert server.requests == []


def test_one_address_inside_among_public_ones_is_enough_to_refuse(server: Server) -> None:
    def both(host: str, port: int, **options: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("8.8.8.8", "127.0.0.1")]

    with (
        pytest.raises(UserError, match=r"leads to 127\.0\.0\.1"),
        answer(server.url(), {}, Network(resolve=both), True, Pace(Limits())),
    ):
        pass


def test_a_name_is_looked_up_once_and_that_very_address_is_connected_to(server: Server) -> None:
    looked_up = []

    def rebinding(host: str, port: int, **options: object) -> list[object]:
        looked_up.append(host)  # the second answer would be another address
        address = "127.0.0.1" if len(looked_up) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with answer(server.url(), {}, network(resolve=rebinding), True, Pace(Limits())) as response:
        assert response.status == 200
    assert looked_up == ["files.test"]


def test_the_environment_opens_no_door(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, server.url("/", host="127.0.0.1"))

    def nowhere(host: str, port: int, **options: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with (
        pytest.raises(Unreachable),
        answer("http://example.org/rows.json", {}, Network(resolve=nowhere), True, Pace(Limits())),
    ):
        pass
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/rows.json",
        "//example.org/rows.json",
        "rows.json",
        "https://me@example.org/rows.json",
        "https://me:secret@example.org/rows.json",
        "https://example.org\\@evil.org/rows.json",
        "https://exa mple.org/rows.json",
        "https://example.org/rows\n.json",
        "https:///rows.json",
        "https://example.org:99999/rows.json",
        "https://[fe80::1%25eth0]/rows.json",
        "https://[::1/rows.json",
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    assert url_problem(url)
    with pytest.raises(UserError) as error:
        remotes("x", {"path": "x", "url": url})
    assert "secret" not in str(error.value)


@given(st.text())
def test_what_is_shown_of_an_url_is_one_line_without_a_password(text: str) -> None:
    printed = shown(f"https://me:hidden{text.replace('/', '')}@example.org/{text}")
    assert printed.isprintable()
    assert "hidden" not in printed.partition("example.org")[0]


def test_files_are_named_by_the_ends_of_their_urls() -> None:
    assert places(["https://a.org/x/rows.jsonl?download=true"], "mine") == [Path("mine/rows.jsonl")]
    assert places(["https://a.org/%E4%BB%A3%E7%A0%81.json", "https://a.org/b.json"], "zh")[0] == Path("zh/代码.json")
    assert places(["https://a.org/a/T.json", "https://b.org/b/t.json"], "x") == [Path("x/a/T.json"), Path("x/b/t.json")]
    assert places(["https://a.org/get?id=1"], "mine/rows.json.gz") == [Path("mine/rows.json.gz")]


@pytest.mark.parametrize(
    "urls",
    [
        ["https://github.com/somebody/something"],
        ["https://a.org/"],
        ["https://a.org/page.html"],
        ["https://a.org/..%2F..%2Fparams.json"],
        ["https://a.org/.json"],
        ["https://a.org/a%00.json"],
        ["https://a.org/a.json", "https://a.org/a.json"],
        ["https://a.org/a.json", "https://b.org/a.json"],
        ["https://a.org/../x/a.json", "https://a.org/y/%2e%2e/a.json"],
    ],
)
def test_urls_that_name_no_file(urls: list[str]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        places(urls, "mine")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4), st.sampled_from([".json", "/a.jsonl", "%2f..%2Fx.csv"]))
def test_no_url_leads_out_of_its_folder(parts: list[str], end: str) -> None:
    try:
        files = places(["https://a.org/" + "/".join(parts) + end, "https://a.org/b.json"], "mine")
    except ValueError:
        return
    for place in files:
        assert (Path("/data/raw") / place).resolve().is_relative_to("/data/raw/mine")


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"sha256": "a" * 64}, "has no url beside it"),
        ({"url": []}, "must be an URL or a list"),
        ({"url": {"a": 1}}, "must be an URL or a list"),
        ({"url": "https://a.org/a.json", "sha256": "A" * 64}, "is no SHA-256"),
        ({"url": "https://a.org/a.json", "sha256": 7}, "is no SHA-256"),
        ({"url": ["https://a.org/a.json", "https://a.org/b.json"], "sha256": ["a" * 64]}, "1 digest"),
    ],
)
def test_entries_that_cannot_be_meant(entry: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        remotes("x", {"path": "x", **entry})
