"""A temporary file whose bytes on disk are unreadable without a key that never leaves this process's memory."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from storage.envelope import KEY_SIZE, EnvelopeReader, Sealer

MEMORY_LIMIT = (
    1024 * 1024
)  # bytes kept in memory before a file is begun; most letters never touch the disk
_SUFFIX = ".spool"
_PURPOSE = b"skrytka/1 spool"


class EncryptedSpool:
    """Write once in order, then read and seek.

    `size` and `sha256` (lowercase hex) are of what was written so far. Beyond `memory_limit` the bytes go to an
    unnamed, encrypted file in `folder`; the key is dropped with the object. Close it, or use it with `with`.
    """

    def __init__(self, folder: Path, *, memory_limit: int = MEMORY_LIMIT) -> None:
        self._folder = folder
        self._memory_limit = memory_limit
        self._memory: bytearray | None = bytearray()
        self._sealer: Sealer | None = None
        self._file: BinaryIO | None = None
        self._stored_size = 0
        self._digest = hashlib.sha256()
        self._reader: BinaryIO | None = None
        self._key = b""
        self.closed = False
        self.size = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of everything written, as lowercase hex."""
        return self._digest.hexdigest()

    @property
    def name(self) -> None:
        """A spool has no name in the file system."""
        return

    def write(self, data: bytes | bytearray | memoryview, /) -> int:
        """Adds `data` at the end. Raises `ValueError` after the first read or seek; `OSError` when the disk is full."""
        if self._reader is not None or self.closed:
            raise ValueError("A spool is written first and read afterwards.")
        self._digest.update(data)
        self.size += len(data)
        if self._memory is not None:
            self._memory += data
            if len(self._memory) <= self._memory_limit:
                return len(data)
            self._begin_file()
            data, self._memory = self._memory, None
        self._to_file(data)
        return len(data)

    def read(self, size: int = -1, /) -> bytes:
        """Gives up to `size` bytes from the position; all that is left for a negative `size`."""
        return self._readable().read(size)

    def readinto(self, buffer: bytearray | memoryview, /) -> int:
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

    def writable(self) -> bool:
        """True until the first read or seek."""
        return self._reader is None

    def seekable(self) -> bool:
        """Always true."""
        return True

    def flush(self) -> None:
        """Nothing to do: what is not read back from here is not meant to last."""

    def close(self) -> None:
        """Forgets the content and the key."""
        self.closed = True
        self._memory = None
        self._key = b""
        for file in (self._reader, self._file):
            if file is not None:
                file.close()

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

    def _begin_file(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{secrets.token_hex(8)}{_SUFFIX}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        path.unlink()  # the open handle is all that is left: a killed process leaves nothing behind
        self._file = cast(BinaryIO, os.fdopen(handle, "w+b", buffering=0))
        self._key = os.urandom(KEY_SIZE)
        self._sealer = Sealer(self._key, _PURPOSE)

    def _to_file(self, data: bytes | bytearray | memoryview) -> None:
        assert self._sealer is not None
        for sealed in self._sealer.update(data):
            self._append(sealed)

    def _append(self, sealed: bytes) -> None:
        assert self._file is not None
        rest = memoryview(sealed)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._stored_size += len(sealed)

    def _readable(self) -> BinaryIO:
        if self.closed:
            raise ValueError("The spool is closed.")
        if self._reader is None:
            self._reader = self._turn()
        return self._reader

    def _turn(self) -> BinaryIO:
        """Ends the writing and gives a reader from the beginning."""
        if self._memory is not None:
            return io.BytesIO(self._memory)
        assert self._sealer is not None
        assert self._file is not None
        self._append(self._sealer.finish())
        self._sealer = None
        reader = EnvelopeReader(self._file, self._stored_size, self._key, _PURPOSE)
        return cast(BinaryIO, io.BufferedReader(reader, buffer_size=64 * 1024))


def remove_leftovers(folder: Path) -> int:
    """Removes spool files that a process killed at the wrong instant left in `folder`; gives how many."""
    left = list(folder.glob(f"*{_SUFFIX}"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
