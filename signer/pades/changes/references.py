"""Who refers to whom: needed to say what an object is for, and what was missing when signed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from signer.pades.syntax import PdfFile, PdfObject, PdfSyntaxError, Reference, Stream
from signer.pades.syntax.cross_reference import Entry
from signer.pades.syntax.parser import SPACE

TRAILER: Final = -1
"""Stands for the trailer among those who refer to an object."""
_RAW_REFERENCE: Final = re.compile(rb"(\d{1,10})" + SPACE + rb"++\d{1,10}" + SPACE + rb"++R")


class ReferenceIndex:
    """All references of all revisions, read once.

    Args:
        file: the document. Objects that cannot be read count with whatever looks like a reference
            up to the next object: lenient readers may see it.
    """

    def __init__(self, file: PdfFile) -> None:
        self.referrers: dict[int, set[int]] = {}
        self._first_seen: dict[int, int] = {}
        self._offsets = sorted(
            entry.place
            for history in file.history().values()
            for _revision, entry in history
            if entry.kind == "offset"
        )
        for revision in file.revisions:
            named = [revision.trailer.get(key) for key in ("Root", "Info", "Encrypt")]
            self._add(TRAILER, revision.index, references_in(named))
        for number, history in file.history().items():
            self._read(file, number, history)

    def missing_before(self, number: int, revision: int) -> bool:
        """Whether an older revision referred to this object although it had none of that number."""
        return self._first_seen.get(number, revision) < revision

    def _read(self, file: PdfFile, number: int, history: list[tuple[int, Entry]]) -> None:
        last: Entry | None = None
        for revision, entry in history:
            if entry.kind == "free" or entry == last:
                continue
            last = entry
            try:
                value = file.get(number, revision)
                if isinstance(value, Stream) and value.dictionary.get("Type") == "XRef":
                    continue  # it is the trailer, which was read above
                references = list(references_in(value))
            except PdfSyntaxError:
                references = self._guessed(file.data, entry)
            self._add(number, revision, references)

    def _add(self, referrer: int, revision: int, references: Iterator[int] | list[int]) -> None:
        for number in references:
            self.referrers.setdefault(number, set()).add(referrer)
            seen = self._first_seen.get(number, revision)
            self._first_seen[number] = min(seen, revision)

    def _guessed(self, data: bytes, entry: Entry) -> list[int]:
        if entry.kind != "offset":
            return []
        following = bisect_right(self._offsets, entry.place)
        end = self._offsets[following] if following < len(self._offsets) else len(data)
        return [int(match[1]) for match in _RAW_REFERENCE.finditer(data, entry.place, end)]


def references_in(value: PdfObject) -> Iterator[int]:
    """Give the object numbers that a value refers to, at any depth within the value itself."""
    stack: list[PdfObject] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Reference):
            yield item.number
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, Stream):
            stack.append(item.dictionary)
