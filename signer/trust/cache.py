"""Where fetched evidence is kept until it is stale.

`Cache` is the whole contract: the application hands in one that lives in its database; alone, the
signer keeps a bounded one in memory. Only the caller knows when a thing goes stale (a CRL says so
in `nextUpdate`), so expiry comes with the value.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Protocol

# Room for a few national CRLs (≤ 20 MB each) and thousands of OCSP responses.
MEMORY_CACHE_BYTES = 64 * 1024 * 1024


class Cache(Protocol):
    """Keeps bytes under a key until an instant. Losing an entry early is always allowed."""

    def get(self, key: str) -> bytes | None:
        """Give the bytes kept under `key`, or None where there are none or they have expired."""

    def put(self, key: str, value: bytes, *, expires: datetime) -> None:
        """Keep `value` under `key` until `expires` (aware)."""


def utc_now() -> datetime:
    """Give the present instant, in UTC."""
    return datetime.now(UTC)


class MemoryCache:
    """A `Cache` in memory, bounded in bytes; what was used longest ago leaves first."""

    def __init__(
        self, *, max_bytes: int = MEMORY_CACHE_BYTES, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._entries: OrderedDict[str, tuple[datetime, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        """Give the bytes kept under `key`, or None where there are none or they have expired."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry[0] <= self._clock():
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def put(self, key: str, value: bytes, *, expires: datetime) -> None:
        """Keep `value` until `expires`; what is stale already or too large is not kept."""
        with self._lock:
            self._drop(key)
            if expires <= self._clock() or len(value) > self._max_bytes:
                return
            self._entries[key] = (expires, value)
            self._bytes += len(value)
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= len(entry[1])
