"""Seals a stream in one pass and constant memory, pushed (`Sealer`) or pulled (`SealedStream`)."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from typing import Any

from storage.envelope.cipher import (
    CAPACITY,
    FIRST_CAPACITY,
    HEADER_SIZE,
    SEGMENT_SIZE,
    TAG_SIZE,
    Buffer,
    SegmentCipher,
    new_header,
)
from storage.envelope.digest import ParallelDigest
from storage.envelope.source import Readable, read_exactly


class Sealer:
    """Takes plaintext in pieces of any size; gives the sealed stream in pieces."""

    def __init__(
        self, key: bytes, associated_data: bytes, *, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._header = new_header(random)
        self._cipher = SegmentCipher(key, associated_data, self._header)
        self._waiting = bytearray()
        self._index = 0

    def update(self, plaintext: Buffer) -> Iterator[bytes | bytearray]:
        """Gives the segments that are certainly not the last; consume it before the next call."""
        self._waiting += plaintext
        while len(self._waiting) > self._capacity:
            size = self._capacity
            with memoryview(self._waiting) as waiting, waiting[:size] as segment:
                sealed = self._seal(segment, last=False)
            del self._waiting[:size]
            yield sealed

    def finish(self) -> bytes | bytearray:
        """Gives the last segment. The sealer takes nothing more."""
        return self._seal(self._waiting, last=True)

    @property
    def _capacity(self) -> int:
        return CAPACITY if self._index else FIRST_CAPACITY

    def _seal(self, plaintext: Buffer, *, last: bool) -> bytes | bytearray:
        sealed = self._cipher.seal(self._index, plaintext, last=last)
        self._index += 1
        return sealed if self._index > 1 else self._header + sealed


class SealedStream(io.RawIOBase):
    """The sealed stream of `source` as a raw binary file, made and measured while it is read.

    At the end: `size` and `sha256` of the plaintext, `stored_size` and `stored_sha256` of the
    sealed stream. Read it into a buffer of `SEGMENT_SIZE` and nothing is copied. Close it.
    """

    def __init__(
        self,
        source: Readable,
        key: bytes,
        associated_data: bytes,
        *,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        super().__init__()
        self._source = source
        self._header = new_header(random)
        self._cipher = SegmentCipher(key, associated_data, self._header)
        self._index = 0
        self._held: bytes | None = (
            None  # the next segment's plaintext, until it is known to be last
        )
        self._finished = False
        self._rest = memoryview(b"")
        self._spare = bytearray()
        self._plain = ParallelDigest()
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

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Puts the next bytes of the sealed stream into `buffer`; gives how many, 0 at the end."""
        with memoryview(buffer) as room:
            if self._rest:
                return self._serve(room)
            if self._finished:
                return 0
            if len(room) >= SEGMENT_SIZE:
                return self._seal_next(room)
            self._spare = self._spare or bytearray(SEGMENT_SIZE)
            sealed = self._seal_next(memoryview(self._spare))
            self._rest = memoryview(self._spare)[:sealed]
            return self._serve(room)

    def close(self) -> None:
        """Lets the hashing thread go; the source stays open."""
        self._plain.close()
        super().close()

    def _serve(self, room: memoryview) -> int:
        piece = self._rest[: len(room)]
        room[: len(piece)] = piece
        self._rest = self._rest[len(piece) :]
        return len(piece)

    def _seal_next(self, room: memoryview) -> int:
        """Seals one segment (the first one behind its header) into `room`; gives its length."""
        plaintext = self._take(FIRST_CAPACITY) if self._held is None else self._held
        capacity = CAPACITY if self._index else FIRST_CAPACITY
        self._held = self._take(CAPACITY) if len(plaintext) == capacity else b""
        self._finished = not self._held
        begin = 0 if self._index else HEADER_SIZE
        end = begin + len(plaintext) + TAG_SIZE
        room[:begin] = self._header[:begin]
        self._cipher.seal_into(self._index, plaintext, room[begin:end], last=self._finished)
        self._stored.update(room[:end])
        self._index += 1
        self.stored_size += end
        return end

    def _take(self, size: int) -> bytes:
        plaintext = read_exactly(self._source, size)
        self._plain.update(plaintext)
        self.size += len(plaintext)
        return plaintext
