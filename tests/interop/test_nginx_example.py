"""The example nginx configuration, run by a real nginx in front of a service that looks on."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer

import pytest

from exchange.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "deploy" / "nginx" / "skrytka.conf"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
MEBIBYTE = 1024 * 1024

pytestmark = pytest.mark.skipif(
    not (Path(NGINX).exists() and shutil.which("openssl")), reason="nginx is not installed"
)


@dataclass
class Proxy:
    """nginx with the example configuration, before a service that notes what reaches it."""

    port: int
    folder: Path
    trusted: ssl.SSLContext
    bodies: list[bytes] = field(default_factory=list)
    first_byte_arrived: threading.Event = field(default_factory=threading.Event)

    def connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return self.trusted.wrap_socket(plain, server_hostname="skrytka.example.pl")


def receive(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200)

        def do_POST(self) -> None:
            body = self.rfile.read(1)
            proxy.first_byte_arrived.set()
            body += self.rfile.read(int(self.headers["Content-Length"]) - 1)
            proxy.bodies.append(body)
            self.answer(200)

        def answer(self, status: int) -> None:
            told = f"{self.headers['Host']} {self.headers['X-Forwarded-For']}".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
            pass

    return Service


def self_signed(folder: Path) -> None:
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-keyout privkey.pem -out fullchain.pem -subj /CN=skrytka.example.pl "
        "-addext subjectAltName=DNS:skrytka.example.pl"
    )
    subprocess.run(command.split(), cwd=folder, capture_output=True, check=True)


def configuration(folder: Path, port: int) -> Path:
    site = EXAMPLE.read_text()
    site = re.sub(r" *listen \[::\].*\n", "", site)
    site = site.replace("listen 443", f"listen 127.0.0.1:{port}")
    site = site.replace("listen 80;", f"listen unix:{folder}/port80;")
    site = site.replace("/run/skrytka/web.sock", f"{folder}/web.sock")
    site = site.replace("/etc/ssl/skrytka", str(folder)).replace("/var/log/nginx", str(folder))
    places = "".join(
        f"{place}_temp_path {folder}/{place};\n"
        for place in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    frame = folder / "nginx.conf"
    account = "user root;" if os.geteuid() == 0 else ""
    main = f"daemon off; {account} pid {folder}/pid; error_log {folder}/error.log warn;"
    frame.write_text(f"{main}\nevents {{}}\nhttp {{\n{places}{site}}}\n")
    return frame


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    self_signed(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    trusted = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
    running = Proxy(port, tmp_path, trusted)
    frame = configuration(tmp_path, port)
    with ThreadingUnixStreamServer(str(tmp_path / "web.sock"), receive(running)) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        process = subprocess.Popen([NGINX, "-p", str(tmp_path), "-c", str(frame)])
        try:
            _wait_for(port, process)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=20)
            service.shutdown()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx did not start")


def request_head(method: str, target: str, length: int = 0) -> bytes:
    return (
        f"{method} {target} HTTP/1.1\r\nHost: skrytka.example.pl\r\nConnection: close\r\n"
        f"X-Forwarded-For: 1.2.3.4\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def answer_of(connection: ssl.SSLSocket) -> bytes:
    received = b""
    while block := connection.recv(65536):
        received += block
    return received


def in_files(folder: Path, text: bytes) -> list[str]:
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_socket() and text in path.read_bytes()
    ]


def test_an_upload_reaches_the_service_while_it_is_still_coming_and_touches_no_disk(
    proxy: Proxy,
) -> None:
    canary = b"text of a letter nobody else may read "
    half = canary * (2 * MEBIBYTE // len(canary))
    with proxy.connect() as connection:
        connection.sendall(request_head("POST", "/drafts", 2 * len(half)) + half)
        assert proxy.first_byte_arrived.wait(20), "the proxy waits for the whole upload"
        assert in_files(proxy.folder, canary) == []
        connection.sendall(half)
        assert answer_of(connection).startswith(b"HTTP/1.1 200")
    assert proxy.bodies == [half * 2]


def test_the_service_learns_the_host_and_nothing_that_a_visitor_claims(proxy: Proxy) -> None:
    with proxy.connect() as connection:
        connection.sendall(request_head("GET", "/"))
        assert answer_of(connection).endswith(b"\r\n\r\nskrytka.example.pl None")


def test_the_log_keeps_neither_login_codes_nor_addresses(proxy: Proxy) -> None:
    with proxy.connect() as connection:
        connection.sendall(request_head("GET", "/sign-in/done?code=stolen&state=x"))
        answer_of(connection)
    log = proxy.folder / "skrytka.log"
    deadline = time.monotonic() + 5
    while "/sign-in/done" not in (text := log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert '"GET /sign-in/done" 200' in text
    assert "stolen" not in text
    assert "127.0.0.1" not in text


def test_the_proxy_lets_through_what_the_service_would_still_explain(proxy: Proxy) -> None:
    limit = Settings.model_fields["upload_limit_mib"].default
    for mebibytes, expected in ((limit + 1, False), (2 * limit, True)):
        with proxy.connect() as connection:
            connection.sendall(request_head("POST", "/drafts", mebibytes * MEBIBYTE))
            connection.settimeout(1)
            try:
                refused = connection.recv(65536).startswith(b"HTTP/1.1 413")
            except TimeoutError:
                refused = False  # it waits for the body
        assert refused is expected
