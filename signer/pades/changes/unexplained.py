"""Bytes after the first revision that belong to no object and no cross-reference.

A reader that rebuilds a damaged cross-reference by searching for objects would find what stands
there; so after a signature every byte must be explained (incremental saving attack).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final, NamedTuple

from signer.pades.syntax import PdfFile, PdfSyntaxError

_FILLING: Final = re.compile(
    rb"(?:[\0\t\n\f\r ]|%(?![^\r\n]*obj)[^\r\n]*|startxref[\0\t\n\f\r ]+\d+)*+"
)
"""White space, comments, and the pointer that closes each revision."""


class _Piece(NamedTuple):
    """A part of the file that an object or a cross-reference explains."""

    start: int
    end: int
    revision: int
    """The revision that placed it there."""
    fault: str


def unexplained_bytes(file: PdfFile) -> list[tuple[int, str]]:
    """Name the bytes after the first revision that no object of their own revision explains.

    Returns:
        (revision, sentence) for each gap, overlap, object that cannot be read exactly, and object
        that stands behind the end of the revision that knows it. The revision is the one in whose
        bytes the fault lies; one more than the last for what follows the last end of file.
    """
    ends = [revision.end for revision in file.revisions]
    found: list[tuple[int, str]] = []
    position = ends[0]
    for piece in _pieces(file):
        home = bisect_right(ends, piece.start)
        if piece.fault:
            found.append((home, piece.fault))
        if home != piece.revision:
            found.append(
                (home, f"An object was supplied at byte {piece.start} after its revision.")
            )
        if piece.start < position:
            found.append((home, f"Two objects share the bytes at {piece.start}."))
        found += _gap(file.data, position, piece.start, ends)
        position = max(position, piece.end)
    return found + _gap(file.data, position, len(file.data), ends)


def _gap(data: bytes, start: int, end: int, ends: list[int]) -> list[tuple[int, str]]:
    """Name what stands between two pieces, unless it is nothing that anybody reads."""
    filling = _FILLING.match(data, start, end)
    first = filling.end() if filling else start
    if first >= end:
        return []
    return [(bisect_right(ends, first), f"{end - first} bytes at {first} belong to no object.")]


def _pieces(file: PdfFile) -> list[_Piece]:
    """Give all that revisions placed after the end of the first one, in the order of the file."""
    first_end = file.revisions[0].end
    pieces: dict[int, _Piece] = {}
    for number, history in file.history().items():
        for revision, entry in history:
            if entry.kind == "offset" and entry.place >= first_end:
                pieces.setdefault(entry.place, _object_piece(file, entry.place, number, revision))
    for later in file.revisions[1:]:
        for section in later.sections:
            ranges = section.own_objects
            if not ranges or ranges[0][0] != section.offset:
                ranges = ((section.offset, section.end), *ranges)
            for start, end in ranges:
                pieces[start] = _Piece(start, end, later.index, "")
    return sorted(piece for piece in pieces.values() if piece.start >= first_end)


def _object_piece(file: PdfFile, offset: int, number: int, revision: int) -> _Piece:
    try:
        found = file.object_at(offset, number, revision)
    except PdfSyntaxError as error:
        return _Piece(offset, offset, revision, str(error))
    fault = "" if found.exact else f"Object {number} does not end as it says."
    return _Piece(offset, found.end, revision, fault)
