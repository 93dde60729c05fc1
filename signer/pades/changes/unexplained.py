"""Bytes after the first revision that belong to no object and no cross-reference.

A reader that rebuilds a damaged cross-reference by searching for objects would find what stands
there; so after a signature every byte must be explained (incremental saving attack).
"""

from __future__ import annotations

import re
from typing import Final

from signer.pades.syntax import PdfFile, PdfSyntaxError

_FILLING: Final = re.compile(
    rb"(?:[\0\t\n\f\r ]|%(?![^\r\n]*obj)[^\r\n]*|startxref[\0\t\n\f\r ]+\d+)*+"
)
"""White space, comments, and the pointer that closes each revision."""


def unexplained_bytes(file: PdfFile) -> list[tuple[int, str]]:
    """Name the bytes of later revisions that no object explains.

    Returns:
        (revision, sentence) for each gap, overlap or object that cannot be read exactly.
    """
    found: list[tuple[int, str]] = []
    position = file.revisions[0].end
    for start, end, revision, fault in _pieces(file):
        if fault:
            found.append((revision, fault))
        if start < position:
            found.append((revision, f"Two objects share the bytes at {start}."))
        elif not _FILLING.fullmatch(file.data, position, start):
            found.append((revision, f"{start - position} bytes at {position} belong to no object."))
        position = max(position, end)
    if not _FILLING.fullmatch(file.data, position, len(file.data)):
        found.append(
            (file.last, f"{len(file.data) - position} bytes at {position} belong to no object.")
        )
    return found


def _pieces(file: PdfFile) -> list[tuple[int, int, int, str]]:
    """Give (start, end, revision, fault) of all that later revisions placed, in file order."""
    pieces: dict[int, tuple[int, int, int, str]] = {}
    for number, history in file.history().items():
        for revision, entry in history:
            if revision > 0 and entry.kind == "offset":
                pieces.setdefault(entry.place, _object_piece(file, entry.place, number, revision))
    for later in file.revisions[1:]:
        for section in later.sections:
            ranges = section.own_objects
            if not ranges or ranges[0][0] != section.offset:
                ranges = ((section.offset, section.end), *ranges)
            for start, end in ranges:
                pieces[start] = (start, end, later.index, "")
    first_end = file.revisions[0].end
    return sorted(piece for piece in pieces.values() if piece[0] >= first_end)


def _object_piece(
    file: PdfFile, offset: int, number: int, revision: int
) -> tuple[int, int, int, str]:
    try:
        found = file.object_at(offset, number, revision)
    except PdfSyntaxError as error:
        return (offset, offset, revision, str(error))
    fault = "" if found.exact else f"Object {number} does not end as it says."
    return (offset, found.end, revision, fault)
