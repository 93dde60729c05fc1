"""Bytes that arrive: an upload's spool, a document of the vault, a buffer in memory."""

from typing import Protocol


class Seekable(Protocol):
    """A binary file that can be read again from its beginning."""

    def read(self, size: int = -1, /) -> bytes:
        """Give up to `size` bytes, all that is left when negative; nothing at the end."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a position; gives it."""
