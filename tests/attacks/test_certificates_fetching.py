"""A certificate may name any address; the fetcher must not become the attacker's hand (SSRF).

Loopback servers stand for the internal services that must never be called: each test counts the
requests that reach them.
"""

import socket
import time

import pytest

from signer.errors import SourceError
from signer.trust import Fetcher, Purpose, TrustStore, gather
from signer.trust.outside import MAX_FETCHES
from signer.validation.facts import EmbeddedMaterial
from tests.signer.loopback import Server, answer, routes, serving
from tests.signer.trust_pki import NOW, issue, root

SECONDS = 0.5  # as a total limit, so that slow servers do not make slow tests


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "0.0.0.0",  # noqa: S104  # a target to refuse, not to bind
        "0",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "127.0.0.1.",
    ],
)
def test_loopback_is_not_reached_in_any_spelling(host: str) -> None:
    with serving(answer(b"secret")) as server:
        for port in (f":{server.port}", ""):
            with pytest.raises(SourceError):
                Fetcher().get(f"http://{host}{port}/", Purpose.CRL)
        assert server.requests == []


def test_the_allow_list_opens_one_address_and_not_its_synonyms() -> None:
    with serving(answer(b"body")) as server:
        fetcher = Fetcher(allowed=[server.authority])
        assert fetcher.get(server.url(), Purpose.CRL) == b"body"
        for other in (f"localhost:{server.port}", f"127.1:{server.port}", "127.0.0.1:80"):
            with pytest.raises(SourceError):
                fetcher.get(f"http://{other}/", Purpose.CRL)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "fd00::1"]
)
def test_a_public_name_that_resolves_into_a_private_network_is_refused(address: str) -> None:
    connected: list[str] = []

    def connector(target: str, _port: int, _seconds: float) -> socket.socket:
        connected.append(target)
        raise ConnectionRefusedError

    for answers in ([address], ["93.184.216.34", address]):
        fetcher = Fetcher(resolver=lambda _h, _p, found=answers: found, connector=connector)  # type: ignore[misc]  # a default argument binds the loop's value
        with pytest.raises(SourceError, match="private network"):
            fetcher.get("http://crl.test/", Purpose.CRL)
    assert connected == []


def test_a_name_that_changes_its_address_after_the_check_gains_nothing() -> None:
    """DNS rebinding: the first answer is public, every later one is loopback."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    connected: list[str] = []

    def connector(target: str, _port: int, _seconds: float) -> socket.socket:
        connected.append(target)
        raise ConnectionRefusedError

    fetcher = Fetcher(resolver=lambda _h, _p: next(answers), connector=connector)
    with pytest.raises(SourceError):
        fetcher.get("http://rebind.test/", Purpose.CRL)
    assert connected == ["93.184.216.34"]
    with pytest.raises(SourceError, match="private network"):
        fetcher.get("http://rebind.test/", Purpose.CRL)
    assert connected == ["93.184.216.34"]


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "//127.1:{port}/", "http://[::1]/"],
)
def test_a_redirect_to_loopback_is_checked_like_the_first_address(location: str) -> None:
    with serving(answer(b"secret")) as inner:
        header = f"Location: {location.format(port=inner.port)}"
        with serving(answer(b"", status="302 Found", headers=(header,))) as outer:
            with pytest.raises(SourceError):
                Fetcher(allowed=[outer.authority]).get(outer.url(), Purpose.CRL)
            assert len(outer.requests) == 1
        assert inner.requests == []


@pytest.mark.parametrize("location", ["file:///etc/hostname", "ldap://127.0.0.1/", "gopher://x/"])
def test_a_redirect_to_another_scheme_is_refused(location: str) -> None:
    header = f"Location: {location}"
    with (
        serving(answer(b"", status="302 Found", headers=(header,))) as server,
        pytest.raises(SourceError, match="Only http and https"),
    ):
        Fetcher(allowed=[server.authority]).get(server.url(), Purpose.CRL)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/hostname",
        "ldap://127.0.0.1/cn=ca?certificateRevocationList",
        "ldaps://ldap.test/",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "ftp://ftp.test/ca.crl",
        "data:,x",
        "jar:http://x!/y",
        "//127.0.0.1/",
        "/etc/hostname",
        "",
        "http://",
        "http:///path",
        "http://user@crl.test/",
        "http://ok@127.0.0.1/",
        "http://user:password@crl.test/",
        "http://crl.test:99999/",
        "http://crl.test:port/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://crl.test/a b",
        "http://crl.test/a\r\nX-Injected: 1",
        "http://crl.test/a\nb",
        "http://crl.test/\x00",
        "http://żółw.test/",
        "http://crl.test/ż",
        "http://crl.test/" + "a" * 3000,
    ],
)
def test_nothing_but_a_plain_web_address_is_resolved(url: str) -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        raise AssertionError("resolved")

    with pytest.raises(SourceError):
        Fetcher(resolver=resolver).get(url, Purpose.CRL)


@pytest.mark.parametrize("port", [22, 25, 53, 5432, 6379, 8080])
def test_ports_of_other_services_are_refused(port: int) -> None:
    fetcher = Fetcher(resolver=lambda _h, _p: ["93.184.216.34"])
    with pytest.raises(SourceError, match=f"port {port}"):
        fetcher.get(f"http://crl.test:{port}/", Purpose.CRL)


def test_messages_show_addresses_without_their_control_characters() -> None:
    with pytest.raises(SourceError) as caught:
        Fetcher().get("http://x/\x1b[31m\r\n" + "a" * 500, Purpose.CRL)
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


# --- servers that never end -----------------------------------------------------------------


def ending(server: Server, purpose: Purpose = Purpose.OCSP) -> float:
    """How long the fetcher takes to give up on this server."""
    started = time.monotonic()
    with pytest.raises(SourceError):
        Fetcher(allowed=[server.authority], total_seconds=SECONDS).get(server.url(), purpose)
    return time.monotonic() - started


def test_a_head_that_drips_is_given_up() -> None:
    def drip(connection: socket.socket, _request: bytes) -> None:
        for _ in range(100):
            connection.sendall(b"H")
            time.sleep(0.05)

    with serving(drip) as server:
        assert ending(server) < 2 * SECONDS


def test_headers_that_never_end_are_given_up() -> None:
    def headers(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")

    with serving(headers) as server:
        assert ending(server) < 2 * SECONDS


def test_a_body_that_drips_is_given_up() -> None:
    def drip(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)

    with serving(drip) as server:
        assert ending(server) < 2 * SECONDS


def test_silence_is_given_up() -> None:
    with serving(lambda _connection, _request: time.sleep(1.5)) as server:
        assert ending(server) < 2 * SECONDS


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_a_body_that_never_ends_is_cut_at_the_limit(head: bytes) -> None:
    sent = 0

    def endless(connection: socket.socket, _request: bytes) -> None:
        nonlocal sent
        connection.sendall(head)
        while True:
            sent += connection.send(b"x" * 65536)

    with serving(endless) as server, pytest.raises(SourceError, match="larger than 64 KB"):
        Fetcher(allowed=[server.authority]).get(server.url(), Purpose.OCSP)
    assert sent < 32 * 1024 * 1024


def test_chunks_that_never_end_are_cut_at_the_limit() -> None:
    def endless(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    with serving(endless) as server, pytest.raises(SourceError, match="larger than 64 KB"):
        Fetcher(allowed=[server.authority]).get(server.url(), Purpose.OCSP)


def test_a_compressed_bomb_is_refused_undecompressed() -> None:
    import gzip

    bomb = gzip.compress(bytes(8 * 1024 * 1024))
    with (
        serving(answer(bomb, headers=("Content-Encoding: gzip",))) as server,
        pytest.raises(SourceError, match="compressed"),
    ):
        Fetcher(allowed=[server.authority]).get(server.url(), Purpose.OCSP)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\x00\x01\x02",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[::1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X" * 70000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_what_is_no_proper_answer_is_a_failure_and_not_a_crash(reply: bytes) -> None:
    with (
        serving(lambda connection, _request: connection.sendall(reply)) as server,
        pytest.raises(SourceError),
    ):
        Fetcher(allowed=[server.authority]).get(server.url(), Purpose.OCSP)


def test_a_resolver_that_hangs_is_given_up() -> None:
    def hanging(_host: str, _port: int) -> list[str]:
        time.sleep(3)
        return []

    started = time.monotonic()
    with pytest.raises(SourceError, match="too slow"):
        Fetcher(resolver=hanging, total_seconds=SECONDS).get("http://slow.test/", Purpose.CRL)
    assert time.monotonic() - started < 2 * SECONDS


@pytest.mark.parametrize(
    "name", ["a" * 64 + ".test", "a..test", "-.test", ".test", "nowhere.invalid"]
)
def test_names_that_cannot_be_resolved_are_a_failure(name: str) -> None:
    for scheme in ("http", "https"):
        with pytest.raises(SourceError):
            Fetcher(total_seconds=SECONDS).get(f"{scheme}://{name}/", Purpose.CRL)


# --- documents that make the server call ----------------------------------------------------


def test_a_document_of_strangers_makes_no_revocation_call() -> None:
    """Only paths to an anchor are asked about: an unknown issuer's OCSP server sees nothing."""
    with serving(answer(b"")) as server:
        stranger = root("Stranger")
        leaf = issue("Leaf", stranger, ocsp_url=server.url("/ocsp"), crl_url=server.url("/crl"))
        material = EmbeddedMaterial(certificates=(stranger.der,))
        fetcher = Fetcher(allowed=[server.authority])
        gather([leaf.der], material, TrustStore.from_certificates([root("Ours").der]), NOW, fetcher)
        assert server.requests == []


def test_an_endless_chain_of_issuers_is_not_climbed() -> None:
    """AIA chain: each fetched issuer names the next one."""
    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        above = root("CA 40")
        for number in range(39, -1, -1):
            bodies[f"/{number + 1}"] = above.der
            address = server.url(f"/{number + 1}")
            above = issue(f"CA {number}", above, ca=True, issuer_url=address)
        fetcher = Fetcher(allowed=[server.authority])
        gathered = gather([above.der], EmbeddedMaterial(), TrustStore(), NOW, fetcher)
        assert gathered.paths[0].anchor is None
        assert len(server.requests) <= 8


def test_one_document_makes_a_bounded_number_of_calls() -> None:
    with serving(answer(b"no certificate")) as server:
        strangers = [
            issue(f"Leaf {number}", root(f"Root {number}"), issuer_url=server.url(f"/{number}"))
            for number in range(MAX_FETCHES + 10)
        ]
        fetcher = Fetcher(allowed=[server.authority])
        gather([leaf.der for leaf in strangers], EmbeddedMaterial(), TrustStore(), NOW, fetcher)
        assert len(server.requests) == MAX_FETCHES
