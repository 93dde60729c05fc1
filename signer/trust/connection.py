"""One HTTP exchange over a socket that is open already, with one deadline over all of it.

`http.client` waits anew for every read, so a server that drips holds it for ever; here every read
and write is given only what is left of the deadline.
"""

import http.client
import io
import socket
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """An instant on the monotonic clock after which nothing more is waited for."""

    at: float
    clock: Callable[[], float]

    def left(self, at_most: float = float("inf")) -> float:
        """Give the seconds left, `at_most` so many. Raises `TimeoutError` when there are none."""
        seconds = min(self.at - self.clock(), at_most)
        if seconds <= 0:
            raise TimeoutError
        return seconds


class _DeadlineReader(io.RawIOBase):
    """The reading side of a socket; every single read waits no longer than the deadline allows."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # typeshed wants the private Buffer protocol here
        self._sock.settimeout(self._deadline.left())
        return self._sock.recv_into(buffer)


class _DeadlineSocket:
    """As much of a socket as `http.client` uses, with one deadline over all of it."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._sock, self._deadline))

    def close(self) -> None:
        """Do nothing: `http.client` lets go before the answer is read; the fetcher closes."""


class Connection(http.client.HTTPConnection):
    """An HTTP connection over a socket that is open already; it cannot open another."""

    def __init__(self, host: str, port: int, sock: socket.socket, deadline: Deadline) -> None:
        super().__init__(host, port)
        self.sock = _DeadlineSocket(sock, deadline)

    def connect(self) -> None:
        """Refuse: the one connection there is was made to a checked address."""
        raise http.client.CannotSendRequest
