"""How long to wait for a store that says nothing.

A store that refuses or fails says so at once. One that hangs costs every caller its whole timeout,
and soon all threads of the service wait for it. So whoever was met with silence does not ask twice,
and for a while nobody else asks either: they fail at once, but for one who finds out whether the
store is back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import urllib3
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError
from urllib3.exceptions import TimeoutError as SilenceError


class Patience:
    """What the threads of one process know together about a store's silence.

    After silence one caller every `pause` seconds may ask; an answer ends it for all.
    """

    def __init__(self, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._ask_again_at: float | None = None

    def may_ask(self) -> bool:
        """Whether to ask the store now; a yes after silence keeps others back for a pause."""
        with self._lock:
            if self._ask_again_at is None:
                return True
            if self._clock() < self._ask_again_at:
                return False
            self._ask_again_at = self._clock() + self._pause
            return True

    def heard(self) -> None:
        """The store said something."""
        with self._lock:
            self._ask_again_at = None

    def silent(self) -> None:
        """The store said nothing for as long as one waits."""
        with self._lock:
            self._ask_again_at = self._clock() + self._pause


class RetryUnlessSilent(urllib3.Retry):
    """Asks again after refused and broken connections and after 5xx, never after silence."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: urllib3.BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Counts an attempt; raises `error` itself when no other shall follow."""
        if error is not None and is_silence(error):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)


def is_silence(error: Exception) -> bool:
    """Whether urllib3 failed because nothing came (or nothing was taken) for too long."""
    if isinstance(error, MaxRetryError):
        return error.reason is not None and is_silence(error.reason)
    if isinstance(error, ProtocolError):  # while sending, the socket's own error stands in it
        return any(isinstance(part, TimeoutError) for part in error.args)
    # urllib3 counts a refused connection among the timeouts; to be refused is an answer.
    return isinstance(error, SilenceError) and not isinstance(error, NewConnectionError)
