"""A temporary file, unreadable on disk: its key never leaves this process's memory."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from storage.envelope import KEY_SIZE, EnvelopeReader, Sealer
from storage.envelope.cipher import Buffer

MEMORY_LIMIT = 1024 * 1024  # bytes kept in memory before a file is begun: most letters
READ_BUFFER = 64 * 1024  # for readers of small pieces
_SUFFIX = ".spool"
_PURPOSE = b"skrytka/1 spool"


class EncryptedSpool:
    """Written once in order, then read and sought like a file.

    `size` (bytes) and `sha256` (lowercase hex) are of what was written so far. Beyond
    `memory_limit` bytes it goes to an unnamed encrypted file in `folder`; the key is gone with the
    object. Close it, or use it with `with`.
    """

    def __init__(self, folder: Path, *, memory_limit: int = MEMORY_LIMIT) -> None:
        self._folder = folder
        self._memory_limit = memory_limit
        self._memory = bytearray()
        self._file: _SealedFile | None = None
        self._reader: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self.closed = False
        self.size = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of everything written, as lowercase hex."""
        return self._digest.hexdigest()

    def write(self, data: Buffer, /) -> int:
        """Adds `data` at the end; gives its length.

        Raises `ValueError` after the first read or seek, `OSError` when the disk is full.
        """
        if not self.writable():
            raise ValueError("A spool is written first and read afterwards.")
        self._digest.update(data)
        self.size += len(data)
        if self._file is not None:
            self._file.write(data)
            return len(data)
        self._memory += data
        if len(self._memory) > self._memory_limit:
            self._file = _SealedFile(self._folder)
            self._file.write(self._memory)
            self._memory = bytearray()
        return len(data)

    def read(self, size: int = -1, /) -> bytes:
        """Gives up to `size` bytes from the position; all that is left for a negative `size`."""
        return self._readable().read(size)

    def readinto(self, buffer: Any, /) -> int:
        """Fills `buffer` from the position; gives how many bytes it put there."""
        return cast(io.BufferedReader, self._readable()).readinto(buffer)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Moves the position; ends the writing."""
        return self._readable().seek(offset, whence)

    def tell(self) -> int:
        """Gives the position: while writing, the end."""
        return self._reader.tell() if self._reader else self.size

    def readable(self) -> bool:
        """Always true."""
        return True

    def seekable(self) -> bool:
        """Always true."""
        return True

    def writable(self) -> bool:
        """True until the first read or seek."""
        return self._reader is None and not self.closed

    def flush(self) -> None:
        """Does nothing: a spool is not meant to last."""

    def close(self) -> None:
        """Forgets content and key."""
        self.closed = True
        self._memory = bytearray()
        for part in (self._reader, self._file):
            if part is not None:
                part.close()

    def __enter__(self) -> Self:
        """Gives itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes itself."""
        self.close()

    def _readable(self) -> BinaryIO:
        """Ends the writing; gives the reader, at first at the beginning."""
        if self.closed:
            raise ValueError("The spool is closed.")
        if self._reader is None:
            self._reader = self._file.turn() if self._file else io.BytesIO(self._memory)
        return self._reader


class _SealedFile:
    """The encrypted file behind a spool: unlinked at once, so a killed process leaves nothing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{secrets.token_hex(8)}{_SUFFIX}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        path.unlink()
        self._file = cast(BinaryIO, os.fdopen(handle, "w+b", buffering=0))
        self._key = os.urandom(KEY_SIZE)
        self._sealer = Sealer(self._key, _PURPOSE)
        self._stored_size = 0

    def write(self, data: Buffer) -> None:
        for sealed in self._sealer.update(data):
            self._append(sealed)

    def turn(self) -> BinaryIO:
        """Seals the end; gives a reader over the whole."""
        self._append(self._sealer.finish())
        reader = EnvelopeReader(self._file, self._stored_size, self._key, _PURPOSE)
        return cast(BinaryIO, io.BufferedReader(reader, READ_BUFFER))

    def close(self) -> None:
        self._key = b""
        self._file.close()

    def _append(self, sealed: Buffer) -> None:
        rest = memoryview(sealed)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._stored_size += len(sealed)


def remove_leftovers(folder: Path) -> int:
    """Removes spool files whose process was killed just before unlinking them; gives how many.

    Call it at start, before spools are made in `folder`.
    """
    left = list(folder.glob(f"*{_SUFFIX}"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
