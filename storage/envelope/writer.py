"""Seals a stream in one pass and constant memory, pushed (`Sealer`) or pulled (`SealedStream`)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from typing import Protocol

from storage.envelope.cipher import CAPACITY, FIRST_CAPACITY, SegmentCipher, new_header


class Readable(Protocol):
    """Anything with `read(n)`."""

    def read(self, size: int, /) -> bytes:
        """Gives at most `size` bytes; none at the end."""
        ...


class Sealer:
    """Takes plaintext in pieces of any size; gives the sealed stream in pieces."""

    def __init__(
        self, key: bytes, associated_data: bytes, *, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._header = new_header(random)
        self._cipher = SegmentCipher(key, associated_data, self._header)
        self._waiting = bytearray()
        self._index = 0

    def update(self, plaintext: bytes | memoryview) -> Iterator[bytes]:
        """Gives the segments that are certainly not the last; consume it before the next call."""
        self._waiting += plaintext
        while len(self._waiting) > self._capacity:
            size = self._capacity
            with memoryview(self._waiting) as waiting:
                sealed = self._seal(waiting[:size], last=False)
            del self._waiting[:size]
            yield sealed

    def finish(self) -> bytes:
        """Gives the last segment. The sealer takes nothing more."""
        return self._seal(self._waiting, last=True)

    @property
    def _capacity(self) -> int:
        return CAPACITY if self._index else FIRST_CAPACITY

    def _seal(self, plaintext: bytearray | memoryview, *, last: bool) -> bytes:
        sealed = self._cipher.seal(self._index, plaintext, last=last)
        if self._index == 0:
            sealed = self._header + sealed
        self._index += 1
        return sealed


class SealedStream:
    """Reads plaintext from `source` and gives the sealed stream by `read(n)`, measuring both on the way.

    After the end: `size` and `sha256` of the plaintext, `stored_size` and `stored_sha256` of the sealed stream.
    """

    def __init__(
        self,
        source: Readable,
        key: bytes,
        associated_data: bytes,
        *,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._source = source
        self._sealer = Sealer(key, associated_data, random=random)
        self._pieces = self._seal_all()
        self._rest = memoryview(b"")
        self._plain = hashlib.sha256()
        self._stored = hashlib.sha256()
        self.size = 0
        self.stored_size = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of the plaintext so far, as lowercase hex."""
        return self._plain.hexdigest()

    @property
    def stored_sha256(self) -> str:
        """SHA-256 of the sealed stream so far, as lowercase hex."""
        return self._stored.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """Gives `size` bytes of the sealed stream, less only at its end; all that is left for a negative `size`."""
        taken: list[bytes | memoryview] = []
        missing = size if size >= 0 else float("inf")
        while missing > 0 and self._refill():
            piece = self._rest if len(self._rest) <= missing else self._rest[: int(missing)]
            self._rest = self._rest[len(piece) :]
            missing -= len(piece)
            taken.append(piece)
        return b"".join(taken)

    def _refill(self) -> bool:
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        return bool(self._rest)

    def _seal_all(self) -> Iterator[bytes]:
        while plaintext := self._source.read(CAPACITY):
            self.size += len(plaintext)
            self._plain.update(plaintext)
            for sealed in self._sealer.update(plaintext):
                yield self._measured(sealed)
        yield self._measured(self._sealer.finish())

    def _measured(self, sealed: bytes) -> bytes:
        self.stored_size += len(sealed)
        self._stored.update(sealed)
        return sealed
