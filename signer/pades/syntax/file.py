"""A PDF file as its revisions (ISO 32000-1 7.5.6): each object as it was at any of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from signer.documents.limits import PDF_MAX_OBJECTS, PDF_MAX_REVISIONS
from signer.pades.syntax.cross_reference import Entry, Section, read_section
from signer.pades.syntax.filters import Decoder
from signer.pades.syntax.objects import (
    IndirectObject,
    PdfDictionary,
    PdfObject,
    PdfSyntaxError,
    Reference,
    Stream,
)
from signer.pades.syntax.parser import SPACE, Parser, parse_indirect
from signer.validation.facts import ProblemCode

_LAST_POINTER: Final = re.compile(rb"startxref" + SPACE + rb"++(\d{1,12})")
_REVISION_END: Final = re.compile(
    SPACE + rb"*+startxref" + SPACE + rb"++(\d{1,12})[\0\t\n\f\r ]++%%EOF"
)
_EMPTY: Final[PdfDictionary] = {}
_CHAIN_LIMIT: Final = 16
"""References to references that are followed; real files have none."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of the file: everything up to one ``%%EOF``."""

    index: int
    """0 is the oldest."""
    sections: tuple[Section, ...]
    """Newest first; two in a linearised file."""
    end: int
    """The byte after ``%%EOF``."""
    regular: bool
    """``startxref`` and ``%%EOF`` follow the last section and point back at the first."""

    @property
    def trailer(self) -> PdfDictionary:
        """The trailer dictionary of this revision's newest section."""
        return self.sections[0].trailer

    def entries(self) -> dict[int, Entry]:
        """Give the object places that this revision states itself."""
        merged: dict[int, Entry] = {}
        for section in reversed(self.sections):
            merged.update(section.entries)
        return merged


class PdfFile:
    """Lazy access to the objects of a PDF file at each of its revisions.

    Args:
        data: the whole file; its raw gate (:func:`signer.documents.pdf_problems`) comes before.

    Raises:
        PdfSyntaxError: the chain of cross-references cannot be read.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._decoder = Decoder()
        self.revisions = self._read_revisions()
        self._history = self._read_history()
        self._parsed: dict[int, IndirectObject] = {}
        self._containers: dict[int, list[tuple[int, int]]] = {}
        self._contained: dict[int, bytes] = {}
        self._resolving: set[int] = set()

    @property
    def last(self) -> int:
        """The index of the newest revision."""
        return len(self.revisions) - 1

    # --- revisions --------------------------------------------------------------------------

    def _read_revisions(self) -> tuple[Revision, ...]:
        groups: list[list[Section]] = []
        linearised = False
        for section in self._chain():
            if groups and section.offset > groups[-1][-1].offset:
                if linearised or len(groups[-1]) > 1:
                    raise PdfSyntaxError(
                        "The cross-references lead back and forth.", ProblemCode.AMBIGUOUS
                    )
                linearised = True
                groups[-1].append(section)
            else:
                groups.append([section])
        groups.reverse()
        if linearised and len(groups[0]) == 1:
            raise PdfSyntaxError("The cross-references lead forward.", ProblemCode.AMBIGUOUS)
        return tuple(self._revision(index, group) for index, group in enumerate(groups))

    def _chain(self) -> Iterator[Section]:
        """Follow ``/Prev`` from the last section to the first one written."""
        at = self.data.rfind(b"startxref")
        pointer = _LAST_POINTER.match(self.data, at) if at >= 0 else None
        if pointer is None:
            raise PdfSyntaxError("The file does not say where its cross-reference is (startxref).")
        offset: PdfObject = int(pointer[1])
        seen: set[int] = set()
        entries = 0
        while offset is not None:
            if not isinstance(offset, int):
                raise PdfSyntaxError("A trailer's /Prev is no position.")
            if offset in seen:
                raise PdfSyntaxError("The cross-references lead in a circle.")
            seen.add(offset)
            section = read_section(self.data, offset, self._decoder)
            entries += len(section.entries)
            if len(seen) > PDF_MAX_REVISIONS + 1 or entries > PDF_MAX_OBJECTS:
                raise PdfSyntaxError(
                    "The file has too many revisions or objects.", ProblemCode.LIMIT
                )
            yield section
            offset = section.trailer.get("Prev")

    def _revision(self, index: int, group: list[Section]) -> Revision:
        last = max(group, key=lambda section: section.offset)
        closing = _REVISION_END.match(self.data, last.end)
        if closing is not None:
            regular = int(closing[1]) == group[0].offset
            return Revision(index, tuple(group), closing.end(), regular)
        end = self.data.find(b"%%EOF", last.end)
        return Revision(index, tuple(group), end + 5 if end >= 0 else len(self.data), False)

    def revision_ending_at(self, position: int) -> Revision | None:
        """Give the revision whose end is here, white space after its ``%%EOF`` included."""
        for revision in reversed(self.revisions):
            if revision.end <= position:
                rest = self.data[revision.end : position]
                return revision if not rest.strip(b"\0\t\n\f\r ") else None
        return None

    # --- objects ----------------------------------------------------------------------------

    def _read_history(self) -> dict[int, list[tuple[int, Entry]]]:
        history: dict[int, list[tuple[int, Entry]]] = {}
        for revision in self.revisions:
            for number, entry in revision.entries().items():
                history.setdefault(number, []).append((revision.index, entry))
        return history

    def history(self) -> dict[int, list[tuple[int, Entry]]]:
        """Give, per object number, the revisions that place it and where; oldest first."""
        return self._history

    def entry(self, number: int, revision: int) -> Entry | None:
        """Give where an object stands at a revision; None where it is not in use."""
        places = self._history.get(number)
        if not places:
            return None
        at = bisect_right(places, revision, key=lambda place: place[0]) - 1
        if at < 0 or places[at][1].kind == "free":
            return None
        return places[at][1]

    def get(self, number: int, revision: int) -> PdfObject:
        """Give an object's value at a revision; None (null) where it is not in use.

        Raises:
            PdfSyntaxError: it does not stand where the file says, or cannot be read.
        """
        entry = self.entry(number, revision)
        if entry is None:
            return None
        if entry.kind == "offset":
            return self.object_at(entry.place, number, revision).value
        return self._contained_value(entry, number, revision)

    def object_at(self, offset: int, number: int, revision: int) -> IndirectObject:
        """Give object ``number`` that should start at ``offset``."""
        found = self._parsed.get(offset)
        if found is None:
            found = parse_indirect(self.data, offset, lambda ref: self._length(ref, revision))
            self._parsed[offset] = found
        if found.number != number:
            raise PdfSyntaxError(
                f"At byte {offset} stands object {found.number} instead of {number}."
            )
        return found

    def _length(self, reference: Reference, revision: int) -> int | None:
        if reference.number in self._resolving:
            return None
        self._resolving.add(reference.number)
        try:
            value = self.get(reference.number, revision)
        finally:
            self._resolving.discard(reference.number)
        return value if isinstance(value, int) else None

    def _contained_value(self, entry: Entry, number: int, revision: int) -> PdfObject:
        container = self.entry(entry.place, revision)
        if container is None or container.kind != "offset":
            raise PdfSyntaxError(f"Object {number} should be in {entry.place}, which holds none.")
        places = self._container(container.place, entry.place, revision)
        if not 0 <= entry.detail < len(places) or places[entry.detail][0] != number:
            raise PdfSyntaxError(f"Object {number} is not where the file says in {entry.place}.")
        value = Parser(self._contained[container.place], places[entry.detail][1]).value()
        if isinstance(value, Reference) and value.number == number:
            raise PdfSyntaxError(f"Object {number} refers to itself.")
        return value

    def _container(self, offset: int, number: int, revision: int) -> list[tuple[int, int]]:
        """Give (object number, position) for what an object stream holds (7.5.7)."""
        if offset in self._containers:
            return self._containers[offset]
        stream = self.object_at(offset, number, revision).value
        if not isinstance(stream, Stream) or stream.dictionary.get("Type") != "ObjStm":
            raise PdfSyntaxError(
                f"Object {number} should hold other objects but is no object stream."
            )
        decoded = self.decode(stream)
        places = _container_places(stream.dictionary, decoded)
        self._containers[offset], self._contained[offset] = places, decoded
        return places

    def resolve(self, value: PdfObject, revision: int) -> PdfObject:
        """Follow a reference to what it names at a revision; other values stay as they are."""
        for _step in range(_CHAIN_LIMIT):
            if not isinstance(value, Reference):
                return value
            value = self.get(value.number, revision)
        raise PdfSyntaxError("References lead to references without end.")

    def dictionary(self, value: PdfObject, revision: int) -> PdfDictionary:
        """Resolve to a dictionary; an empty one where it is something else."""
        value = self.resolve(value, revision)
        return value if isinstance(value, dict) else _EMPTY

    def array(self, value: PdfObject, revision: int) -> list[PdfObject]:
        """Resolve to an array; an empty one where it is something else."""
        value = self.resolve(value, revision)
        return value if isinstance(value, list) else []

    def catalog(self, revision: int) -> PdfDictionary:
        """Give the document catalog of a revision; raises PdfSyntaxError where it has none."""
        catalog = self.dictionary(self.revisions[revision].trailer.get("Root"), revision)
        if not catalog:
            raise PdfSyntaxError("The file has no document catalog (/Root).")
        return catalog

    def decode(self, stream: Stream) -> bytes:
        """Give a stream's decoded bytes, within the document's budget."""
        return self._decoder.decode(stream.dictionary, self.data[stream.start : stream.end])

    @property
    def encrypted(self) -> bool:
        """Whether any revision says that the file is encrypted."""
        return any("Encrypt" in revision.trailer for revision in self.revisions)


def _container_places(dictionary: PdfDictionary, decoded: bytes) -> list[tuple[int, int]]:
    count, first = dictionary.get("N"), dictionary.get("First")
    if not (isinstance(count, int) and isinstance(first, int) and 0 <= first <= len(decoded)):
        raise PdfSyntaxError("An object stream does not say what it holds.")
    numbers = decoded[:first].split()
    if len(numbers) < 2 * count or not all(number.isdigit() for number in numbers[: 2 * count]):
        raise PdfSyntaxError("An object stream holds less than it says.")
    pairs = [int(number) for number in numbers[: 2 * count]]
    return [(pairs[i], first + pairs[i + 1]) for i in range(0, 2 * count, 2)]
