"""SHA-256 beside other work."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor


class ParallelDigest:
    """SHA-256 in a thread of its own: hashing costs six times the encryption, so both cores share
    it.

    The first piece is hashed in place: a document of one piece never starts the thread.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._begun = False
        self._pool: ThreadPoolExecutor | None = None
        self._running: Future[None] | None = None

    def update(self, data: bytes) -> None:
        """Adds `data`, which must not change any more."""
        if not self._begun:
            self._digest.update(data)
            self._begun = True
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="digest")
        self._join()
        self._running = self._pool.submit(self._digest.update, data)

    def hexdigest(self) -> str:
        """Gives the digest of all that was added, as lowercase hex."""
        self._join()
        return self._digest.hexdigest()

    def close(self) -> None:
        """Ends the thread; `hexdigest` still answers."""
        self._join()
        if self._pool is not None:
            self._pool.shutdown()

    def _join(self) -> None:
        if self._running is not None:
            self._running.result()
            self._running = None
