"""The guarded fetcher: what it fetches, and what it never does. Opens sockets on loopback only."""

import contextlib
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signer.errors import SourceError
from signer.trust import Fetcher, Purpose
from signer.trust.addresses import is_public, parse_target
from tests.signer.loopback import Server, answer, serving
from tests.signer.trust_pki import issue


def fetcher_for(*servers: Server, **options: Any) -> Fetcher:
    return Fetcher(allowed=[server.authority for server in servers], **options)


def test_an_allowed_address_is_fetched() -> None:
    with serving(answer(b"body")) as server:
        assert fetcher_for(server).get(server.url("/a?b=c"), Purpose.CRL) == b"body"
    [request] = server.requests
    assert request.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert f"Host: {server.authority}\r\n".encode() in request
    assert b"Accept-Encoding: identity\r\n" in request


def test_a_question_is_posted_with_its_type() -> None:
    with serving(answer(b"answer")) as server:
        got = fetcher_for(server).post(server.url(), b"question", Purpose.OCSP)
    assert got == b"answer"
    assert server.requests[0].startswith(b"POST / ")
    assert b"Content-Type: application/ocsp-request\r\n" in server.requests[0]
    assert server.requests[0].endswith(b"question")


def test_chunked_answers_are_read() -> None:
    def chunked(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    with serving(chunked) as server:
        assert fetcher_for(server).get(server.url(), Purpose.CRL) == b"abcde"


def test_an_answer_that_ends_with_the_connection_is_read() -> None:
    def unframed(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nwhole")

    with serving(unframed) as server:
        assert fetcher_for(server).get(server.url(), Purpose.CRL) == b"whole"


def test_redirects_are_followed_to_allowed_addresses() -> None:
    with serving(answer(b"body")) as there:
        location = f"Location: {there.url('/x')}"
        with serving(answer(b"", status="302 Found", headers=(location,))) as here:
            assert fetcher_for(here, there).get(here.url(), Purpose.CRL) == b"body"


def test_a_fourth_redirect_is_refused() -> None:
    with serving(answer(b"", status="301 Moved", headers=("Location: /again",))) as server:
        with pytest.raises(SourceError, match="redirected more than 3 times"):
            fetcher_for(server).get(server.url(), Purpose.CRL)
        assert len(server.requests) == 4


def test_a_question_is_not_turned_into_a_page_view_by_a_redirect() -> None:
    with (
        serving(answer(b"", status="302 Found", headers=("Location: /page",))) as server,
        pytest.raises(SourceError, match="redirects a question"),
    ):
        fetcher_for(server).post(server.url(), b"question", Purpose.OCSP)


@pytest.mark.parametrize("status", ["404 Not Found", "500 Error", "206 Partial", "204 No Content"])
def test_any_status_but_200_is_a_failure_that_names_the_address(status: str) -> None:
    with serving(answer(b"x", status=status)) as server, pytest.raises(SourceError) as caught:
        fetcher_for(server).get(server.url("/crl"), Purpose.CRL)
    assert server.url("/crl") in str(caught.value)
    assert status.split()[0] in str(caught.value)


def test_a_body_that_breaks_off_is_a_failure() -> None:
    def broken(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with serving(broken) as server, pytest.raises(SourceError):
        fetcher_for(server).get(server.url(), Purpose.CRL)


def test_nobody_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SourceError, match="could not be reached"):
        Fetcher(allowed=[f"127.0.0.1:{port}"]).get(f"http://127.0.0.1:{port}/", Purpose.CRL)


def test_proxies_from_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(answer(b"direct")) as server:
        assert fetcher_for(server).get(server.url(), Purpose.CRL) == b"direct"


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    asked: list[str] = []
    connected: list[tuple[str, int]] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"]

    def connector(address: str, port: int, _seconds: float) -> socket.socket:
        connected.append((address, port))
        raise ConnectionRefusedError

    with pytest.raises(SourceError, match="could not be reached"):
        Fetcher(resolver=resolver, connector=connector).get("http://crl.test/x", Purpose.CRL)
    assert asked == ["crl.test"]
    assert connected == [("93.184.216.34", 80)]


def test_a_server_over_tls_must_show_a_trusted_certificate_of_its_name(tmp_path: Path) -> None:
    alternative = (x509.SubjectAlternativeName([x509.DNSName("other.test")]), False)
    entity = issue("other.test", extra=[alternative])
    private = entity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "server.pem").write_bytes(entity.certificate.public_bytes(Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    seen: list[bytes] = []

    def accept(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            seen.append(context.wrap_socket(connection, server_side=True).recv(1))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener,), daemon=True)
        thread.start()
        fetcher = Fetcher(
            resolver=lambda _host, _port: ["93.184.216.34"],
            connector=lambda _address, _port, seconds: socket.create_connection(
                listener.getsockname(), timeout=seconds
            ),
        )
        with pytest.raises(SourceError, match="no secure connection"):
            fetcher.get("https://crl.test/", Purpose.CRL)
        thread.join(5)
    assert seen == []


# --- addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104  # an address to refuse, not to bind
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:7f00:1::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "100::1",
        "not an address",
        "",
    ],
)
def test_all_other_addresses_are_not(address: str) -> None:
    assert not is_public(address)


def test_urls_are_taken_apart() -> None:
    target = parse_target("HTTPS://Example.PL:8443/a/b?c=d#fragment")
    assert (target.scheme, target.host, target.port) == ("https", "example.pl", 8443)
    assert target.path == "/a/b?c=d"
    assert target.host_header == "example.pl:8443"
    assert parse_target("http://example.pl").path == "/"
    assert parse_target("http://example.pl").host_header == "example.pl"
    assert parse_target("http://[2606:2800::1]/").host_header == "[2606:2800::1]"


def test_time_limits_hold_for_the_sum_of_all_steps() -> None:
    def slow(connection: socket.socket, _request: bytes) -> None:
        time.sleep(0.15)
        connection.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /on\r\n\r\n")

    with serving(slow) as server:
        started = time.monotonic()
        with pytest.raises(SourceError, match="too slow"):
            fetcher_for(server, total_seconds=0.4).get(server.url(), Purpose.CRL)
        assert time.monotonic() - started < 1.0
