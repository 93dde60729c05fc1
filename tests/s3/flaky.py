"""A proxy that treats a seeded share of the requests as a bad network or a bad store would.

`drop_before`  closes without the store ever hearing
`drop_after`   the store did it, and nobody is told
`slow_down`    answers 503
`twice`        the store does it two times
`truncate`     the answer ends before the length it promised
`shorten`      the answer ends early and claims to be whole
`bitflip`      one bit of the answer is another
`stale`        gives what an earlier request was given
"""

from __future__ import annotations

import http.client
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

FAULTS = (
    "drop_before", "drop_after", "slow_down", "twice", "truncate", "shorten", "bitflip", "stale",
)  # fmt: skip
_OF_ANSWERS = ("truncate", "shorten", "bitflip", "stale")
_HOP_BY_HOP = ("connection", "transfer-encoding", "content-length", "keep-alive")
UPSTREAM_SECONDS = 30.0


class FlakyProxy(ThreadingHTTPServer):
    """Passes requests to `upstream` (`host:port`), spoiling `share` of them."""

    daemon_threads = True

    def __init__(
        self, upstream: str, *, seed: int, share: float, faults: tuple[str, ...] = FAULTS
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.share = share
        self.faults = faults
        self.random = random.Random(seed)  # noqa: S311 - repeatable faults, no secrets
        self.done: Counter[str] = Counter()
        self.earlier: list[bytes] = []

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @contextmanager
    def serving(self) -> Iterator[FlakyProxy]:
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up in the middle is what this proxy is for."""

    def choose(self) -> str | None:
        return self.random.choice(self.faults) if self.random.random() < self.share else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FlakyProxy
    methods: ClassVar = ("GET", "PUT", "POST", "HEAD", "DELETE")

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.choose()
        if fault in _OF_ANSWERS and self.command != "GET":
            fault = None
        self.server.done[fault or "clean"] += 1
        if fault == "drop_before":
            self.close_connection = True
        elif fault == "slow_down":
            self._answer(503, [("Content-Type", "application/xml")], _SLOW_DOWN)
        else:
            self._pass_on(body, fault)

    def _pass_on(self, body: bytes, fault: str | None) -> None:
        if fault == "twice":
            self._ask(body)
        status, headers, answer = self._ask(body)
        if fault == "drop_after":
            self.close_connection = True
        elif status in (200, 206) and self.command == "GET":
            self._spoil(status, headers, answer, fault)
        else:
            self._answer(status, headers, answer)

    def _spoil(
        self, status: int, headers: list[tuple[str, str]], answer: bytes, fault: str | None
    ) -> None:
        chance = self.server.random
        promised = len(answer)
        if fault in ("truncate", "shorten") and answer:
            answer = answer[: chance.randrange(len(answer))]
        elif fault == "bitflip" and answer:
            flipped = bytearray(answer)
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            answer = bytes(flipped)
        elif fault == "stale" and self.server.earlier:
            answer = chance.choice(self.server.earlier)
        else:
            self.server.earlier.append(answer)
        self._answer(status, headers, answer, promised if fault == "truncate" else len(answer))

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=UPSTREAM_SECONDS)
        try:
            upstream.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = upstream.getresponse()
            content = answer.read()
            length = answer.getheader("Content-Length")
            headers = [h for h in answer.getheaders() if h[0].lower() not in _HOP_BY_HOP]
            if self.command == "HEAD" and length:
                headers.append(("Content-Length", length))
            return answer.status, headers, content
        finally:
            upstream.close()

    def _answer(
        self,
        status: int,
        headers: list[tuple[str, str]],
        content: bytes,
        promised: int | None = None,
    ) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            promised = len(content) if promised is None else promised
            self.send_header("Content-Length", str(promised))
            self.close_connection = promised != len(content)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


_SLOW_DOWN = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>later</Message></Error>"

for _method in _Handler.methods:
    setattr(_Handler, f"do_{_method}", _Handler.handle_any)
