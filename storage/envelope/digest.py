"""SHA-256 beside other work."""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

DEPTH = 4  # pieces that may wait for the thread: it need not keep step on a busy machine


class ParallelDigest:
    """SHA-256 in a thread of its own: hashing costs six times the encryption, so both cores share.

    The first piece is hashed in place: a document of one piece never starts the thread.
    """

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._begun = False
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: deque[Future[None]] = deque()

    def update(self, data: bytes) -> None:
        """Adds `data`, which must not change any more."""
        if not self._begun:
            self._digest.update(data)
            self._begun = True
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="digest")
        if len(self._waiting) == DEPTH:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._digest.update, data))

    def hexdigest(self) -> str:
        """Gives the digest of all that was added, as lowercase hex."""
        while self._waiting:
            self._waiting.popleft().result()
        return self._digest.hexdigest()

    def close(self) -> None:
        """Ends the thread when it has done its work; `hexdigest` still answers."""
        if self._pool is not None:
            self._pool.shutdown()
