"""Opens a sealed stream: whole and in order (`open_stream`), or anywhere (`EnvelopeReader`)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from storage.envelope.cipher import (
    CAPACITY,
    FIRST_CAPACITY,
    HEADER_SIZE,
    SEGMENT_SIZE,
    SegmentCipher,
    plaintext_size,
)
from storage.envelope.source import Readable, read_exactly
from storage.errors import EnvelopeError


def open_stream(source: Readable, key: bytes, associated_data: bytes) -> Iterator[bytes]:
    """Gives the plaintext of a sealed stream segment by segment, each verified before it is given.

    The end is only certain when the iteration ends without `EnvelopeError`: who must not act on a
    part, waits.
    """
    header = read_exactly(source, HEADER_SIZE)
    cipher = SegmentCipher(key, associated_data, header)
    index = 0
    sealed = read_exactly(source, SEGMENT_SIZE - HEADER_SIZE)
    if not sealed:
        raise EnvelopeError("no_segments", "The stream is a header without segments.")
    while sealed:
        following = read_exactly(source, SEGMENT_SIZE)
        yield cipher.open(index, sealed, last=not following)
        sealed = following
        index += 1


class EnvelopeReader(io.RawIOBase):
    """A seekable plaintext view of a sealed stream in a seekable `source` of `stored_size` bytes.

    Holds one open segment (1 MiB). Every segment is verified when it is opened; closing it closes
    `source`.
    """

    def __init__(
        self, source: BinaryIO, stored_size: int, key: bytes, associated_data: bytes
    ) -> None:
        super().__init__()
        self._source = source
        self._stored_size = stored_size
        self.size = plaintext_size(stored_size)
        source.seek(0)
        self._cipher = SegmentCipher(key, associated_data, read_exactly(source, HEADER_SIZE))
        self._last = (stored_size - 1) // SEGMENT_SIZE
        self._position = 0
        self._index = -1
        self._plaintext = b""
        if self.size == 0:
            self._open(0)  # an empty document has a seal, too, and no read would come to it

    def readable(self) -> bool:
        """Always true."""
        return True

    def seekable(self) -> bool:
        """Always true."""
        return True

    def tell(self) -> int:
        """Gives the position in the plaintext."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Moves in the plaintext; beyond the end, reads give nothing."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("A position before the beginning of the document.")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Fills `buffer` from the segment at the position; gives how many bytes it put there."""
        if self._position >= self.size:
            return 0
        index, offset = locate(self._position)
        if index != self._index:
            self._plaintext, self._index = self._open(index), index
        piece = memoryview(self._plaintext)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        """Forgets what was opened and closes the source."""
        if not self.closed:
            self._plaintext = b""
            self._source.close()
        super().close()

    def _open(self, index: int) -> bytes:
        begin = index * SEGMENT_SIZE if index else HEADER_SIZE
        end = min((index + 1) * SEGMENT_SIZE, self._stored_size)
        self._source.seek(begin)
        sealed = read_exactly(self._source, end - begin)
        if len(sealed) < end - begin:
            raise EnvelopeError(
                "cut_off", f"The stored bytes end inside segment {index}.", segment=index
            )
        return self._cipher.open(index, sealed, last=index == self._last)


def locate(position: int) -> tuple[int, int]:
    """Gives the segment that holds the plaintext's byte at `position`, and its place there."""
    if position < FIRST_CAPACITY:
        return 0, position
    index, offset = divmod(position - FIRST_CAPACITY, CAPACITY)
    return index + 1, offset
