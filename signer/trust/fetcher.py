"""The one door through which everything from outside comes.

Why `http.client` and not urllib3 or requests: this client must do less than they do. It connects to
an address that was checked a moment before, reads one answer under one deadline, and never follows,
decompresses, retries, pools, authenticates or reads proxies from the environment. Each of those
would have to be switched off again in a larger library.

The plan of one fetch:
  1. read the URL strictly;
  2. resolve the name once;
  3. check every address, connect to one of those checked;
  4. send one request, read the answer under the deadline and the size limit of its purpose;
  5. a redirect starts again at 1, three times at most.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from urllib.parse import urljoin

from signer.errors import SourceError
from signer.trust.addresses import DEFAULT_PORTS, Target, is_public, parse_target
from signer.trust.cache import Cache, utc_now
from signer.trust.connection import Connection, Deadline

CONNECT_SECONDS = 5.0  # a host that does not answer at once is down, and a person is waiting
TOTAL_SECONDS = 15.0  # resolving, redirects and the whole body together: a slow drip ends here
MAX_REDIRECTS = 3  # http → https → the file's new place, and one to spare
_READ_BLOCK = 64 * 1024

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECTS_KEEPING_METHOD = frozenset({307, 308})  # RFC 9110 15.4: a POST stays a POST


class Purpose(Enum):
    """What is fetched, and with it how large the answer may be and what is asked for.

    Limits in bytes: the largest national CRLs are a few MB; OCSP responses, issuer certificates and
    time-stamp tokens a few KB; the largest trusted list is about 7 MB.
    """

    CRL = ("CRL", 20 * 1024 * 1024, None)
    OCSP = ("OCSP response", 64 * 1024, "application/ocsp-request")
    ISSUER = ("issuer certificate", 64 * 1024, None)
    TIMESTAMP = ("time-stamp token", 64 * 1024, "application/timestamp-query")
    TRUSTED_LIST = ("trusted list", 20 * 1024 * 1024, None)

    def __init__(self, title: str, max_bytes: int, request_type: str | None) -> None:
        self.title = title
        self.max_bytes = max_bytes
        self.request_type = request_type


Resolver = Callable[[str, int], Sequence[str]]
Connector = Callable[[str, int, float], socket.socket]


def system_resolver(host: str, port: int) -> list[str]:
    """Give the IP addresses of `host` as the system resolves it, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def system_connector(address: str, port: int, seconds: float) -> socket.socket:
    """Open a TCP connection to an IP address."""
    return socket.create_connection((address, port), timeout=seconds)


class Fetcher:
    """Fetches from public http(s) addresses under limits of size, time and redirects.

    `allowed` are `host:port` texts that may also be reached though they are not public or not on a
    web port (the sandbox; an office's own responder). They are compared with the URL as written.
    `cache` is where those who fetch keep what they have checked; the fetcher does not use it.
    Safe to share between threads; keeps no state between fetches.
    """

    def __init__(
        self,
        *,
        allowed: Iterable[str] = (),
        cache: Cache | None = None,
        total_seconds: float = TOTAL_SECONDS,
        resolver: Resolver = system_resolver,
        connector: Connector = system_connector,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.cache = cache
        self.clock = clock
        self.now = now
        self._allowed = frozenset(entry.lower() for entry in allowed)
        self._total_seconds = total_seconds
        self._resolver = resolver
        self._connector = connector

    def get(self, url: str, purpose: Purpose, *, seconds: float = TOTAL_SECONDS) -> bytes:
        """Fetch `url` within `seconds` and give the body.

        Raises `SourceError` saying what went wrong and where.
        """
        return self._fetch(url, purpose, None, seconds)

    def post(
        self, url: str, body: bytes, purpose: Purpose, *, seconds: float = TOTAL_SECONDS
    ) -> bytes:
        """Send `body` to `url`, give the answer's body within `seconds`. Raises `SourceError`."""
        return self._fetch(url, purpose, body, seconds)

    def _fetch(self, url: str, purpose: Purpose, body: bytes | None, seconds: float) -> bytes:
        deadline = Deadline(self.clock() + min(seconds, self._total_seconds), self.clock)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                target = parse_target(url)
                answer = self._exchange(target, purpose, body, deadline)
                if isinstance(answer, bytes):
                    return answer
                url = _joined(url, answer.location)
        except TimeoutError as error:
            raise _failure(url, purpose, "the server was too slow") from error
        except http.client.HTTPException as error:
            raise _failure(url, purpose, "the answer is not proper HTTP") from error
        except ssl.SSLError as error:
            raise _failure(url, purpose, "no secure connection could be made") from error
        except OSError as error:
            raise _failure(url, purpose, "the server could not be reached") from error
        except SourceError as error:
            raise _failure(url, purpose, str(error)) from error
        raise _failure(url, purpose, f"it was redirected more than {MAX_REDIRECTS} times")

    def _exchange(
        self, target: Target, purpose: Purpose, body: bytes | None, deadline: Deadline
    ) -> "bytes | _Redirect":
        method = "GET" if body is None else "POST"
        with closing(self._open(target, deadline)) as sock:
            connection = Connection(target.host, target.port, sock, deadline)
            connection.request(method, target.path, body, _headers(target, purpose, body))
            with connection.getresponse() as response:
                redirect = _redirect(response, method_matters=body is not None)
                return redirect or _read_body(response, purpose.max_bytes)

    def _open(self, target: Target, deadline: Deadline) -> socket.socket:
        address = self._checked_address(target, deadline)
        raw = self._connector(address, target.port, deadline.left(CONNECT_SECONDS))
        if target.scheme == "http":
            return raw
        try:
            raw.settimeout(deadline.left(CONNECT_SECONDS))
            return ssl.create_default_context().wrap_socket(raw, server_hostname=target.host)
        except OSError:
            raw.close()
            raise
        except ValueError as error:  # a host that TLS cannot name
            raw.close()
            raise SourceError("the host name is not a proper one") from error

    def _checked_address(self, target: Target, deadline: Deadline) -> str:
        """Resolve once and give the address to connect to; every answer must be allowed."""
        addresses = _within(
            deadline.left(CONNECT_SECONDS), lambda: self._resolver(target.host, target.port)
        )
        if not addresses:
            raise SourceError("the name has no address")
        if target.authority in self._allowed:
            return addresses[0]
        if target.port not in DEFAULT_PORTS.values():
            raise SourceError(f"port {target.port} is not a web port and not on the allow-list")
        if not all(is_public(address) for address in addresses):
            raise SourceError("it points into a private network")
        return addresses[0]


@dataclass(frozen=True)
class _Redirect:
    location: str


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise SourceError("it redirects to an address that cannot be read") from error


def _headers(target: Target, purpose: Purpose, body: bytes | None) -> dict[str, str]:
    headers = {
        "Host": target.host_header,
        "User-Agent": "Skrytka",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if body is not None and purpose.request_type is not None:
        headers["Content-Type"] = purpose.request_type
    return headers


def _redirect(response: http.client.HTTPResponse, *, method_matters: bool) -> _Redirect | None:
    if response.status not in _REDIRECTS:
        return None
    location = response.getheader("Location")
    if not location:
        raise SourceError("it redirects to nowhere")
    if method_matters and response.status not in _REDIRECTS_KEEPING_METHOD:
        raise SourceError("it redirects a question to a page")
    return _Redirect(location)


def _read_body(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    if response.status != http.client.OK:
        raise SourceError(f"the server answered {response.status}")
    if response.getheader("Content-Encoding", "identity").strip().lower() != "identity":
        raise SourceError("the answer is compressed, which was not asked for")
    received = bytearray()
    while block := response.read(min(_READ_BLOCK, max_bytes + 1 - len(received))):
        received += block
        if len(received) > max_bytes:
            raise SourceError(f"the answer is larger than {max_bytes // 1024} KB")
    if response.length:
        raise SourceError("the answer broke off")
    return bytes(received)


def _failure(url: str, purpose: Purpose, why: str) -> SourceError:
    return SourceError(f"The {purpose.title} could not be fetched from {_shown(url)}: {why}.")


def _shown(url: str) -> str:
    """Give the URL as it may stand in a message: printable, and short."""
    plain = "".join(char if " " < char < "\x7f" else "?" for char in url)
    return plain if len(plain) <= 200 else plain[:199] + "…"


def _within(seconds: float, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Resolve in a thread of its own, since the system's resolver knows no time limit.

    A resolver that hangs keeps its (daemon) thread until the system gives up; it holds no lock.
    """
    answer: list[Sequence[str] | OSError | UnicodeError] = []

    def run() -> None:
        try:
            answer.append(ask())
        except (OSError, UnicodeError) as error:  # UnicodeError: a label IDNA refuses
            answer.append(error)

    thread = threading.Thread(target=run, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if not answer:
        raise TimeoutError
    outcome = answer[0]
    if isinstance(outcome, OSError | UnicodeError):
        raise SourceError("the name could not be resolved") from outcome
    return outcome
