"""What streams are read from."""

from __future__ import annotations

from typing import Protocol


class Readable(Protocol):
    """Anything with `read(n)`."""

    def read(self, size: int, /) -> bytes:
        """Gives at most `size` bytes; none at the end."""
        ...


def read_exactly(source: Readable, size: int) -> bytes:
    """Reads `size` bytes, less only at the end, whatever portions the source gives."""
    first = source.read(size)
    if len(first) == size or not first:
        return first
    pieces = [first]
    missing = size - len(first)
    while missing and (piece := source.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
