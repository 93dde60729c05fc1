"""Cross-reference sections (ISO 32000-1 7.5.4, 7.5.5, 7.5.8): where each object stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from signer.documents.limits import PDF_MAX_OBJECTS
from signer.pades.syntax.filters import Decoder
from signer.pades.syntax.objects import PdfDictionary, PdfObject, PdfSyntaxError, Stream
from signer.pades.syntax.parser import SPACE, Parser, parse_indirect, skip_space
from signer.validation.facts import ProblemCode


class Entry(NamedTuple):
    """What a section says of one object number."""

    kind: Literal["free", "offset", "compressed"]
    place: int
    """Byte offset, or the number of the object stream that holds it."""
    detail: int
    """Generation number, or the index within the object stream."""


@dataclass(frozen=True, slots=True)
class Section:
    """One cross-reference section with its trailer."""

    offset: int
    end: int
    """The byte after the trailer dictionary or the cross-reference stream."""
    entries: dict[int, Entry]
    trailer: PdfDictionary
    own_objects: tuple[tuple[int, int], ...]
    """Byte ranges of cross-reference streams: bytes of the file that the section explains."""


_TABLE: Final = re.compile(SPACE + rb"*+xref(?=[\0\t\n\f\r %])")
_SUBSECTION: Final = re.compile(
    SPACE + rb"*+(\d{1,10})[\0\t\f ]++(\d{1,10})" + SPACE + rb"++(?=\d|t)"
)
_ROW: Final = re.compile(rb"(\d{10}) (\d{5}) ([nf])[\r\n ]{1,2}")
_TRAILER: Final = re.compile(SPACE + rb"*+trailer")
_FIRST_FREE_GENERATION: Final = 65_535


def read_section(data: bytes, offset: int, decoder: Decoder) -> Section:
    """Read the cross-reference section at ``offset``, table or stream, with its hybrid part.

    Raises:
        PdfSyntaxError: there is none, or it is damaged or ambiguous.
    """
    if not 0 < offset < len(data):
        raise PdfSyntaxError(f"The cross-reference should be at byte {offset}: outside the file.")
    table = _TABLE.match(data, offset)
    if table is None:
        return _read_stream(data, offset, decoder)
    entries, position = _read_rows(data, table.end())
    trailer = _TRAILER.match(data, position)
    if trailer is None:
        raise PdfSyntaxError(f"The cross-reference table at byte {offset} has no trailer.")
    parser = Parser(data, trailer.end())
    section = Section(offset, 0, entries, parser.dictionary(), ())
    return _with_hybrid(data, section, parser.position, decoder)


def _read_rows(data: bytes, position: int) -> tuple[dict[int, Entry], int]:
    entries: dict[int, Entry] = {}
    while (head := _SUBSECTION.match(data, position)) is not None:
        first, count = int(head[1]), int(head[2])
        position = head.end()
        for index in range(count):
            row = _ROW.match(data, position)
            if row is None:
                raise PdfSyntaxError(f"A cross-reference row is damaged at byte {position}.")
            position = row.end()
            if index == 0 and first == 1 and _is_first_free(row):
                first = 0  # a known writer's mistake that every reader undoes
            _add(entries, first + index, _row_entry(row))
    return entries, position


def _is_first_free(row: re.Match[bytes]) -> bool:
    return row[3] == b"f" and int(row[2]) == _FIRST_FREE_GENERATION and int(row[1]) == 0


def _row_entry(row: re.Match[bytes]) -> Entry:
    place, generation = int(row[1]), int(row[2])
    if row[3] == b"n" and place:
        return Entry("offset", place, generation)
    return Entry("free", 0, generation)


def _add(entries: dict[int, Entry], number: int, entry: Entry) -> None:
    if number in entries and entries[number] != entry:
        raise PdfSyntaxError(
            f"One cross-reference section places object {number} twice.", ProblemCode.AMBIGUOUS
        )
    if len(entries) >= PDF_MAX_OBJECTS:
        raise PdfSyntaxError("The file has too many objects to be read.", ProblemCode.LIMIT)
    entries[number] = entry


def _with_hybrid(data: bytes, section: Section, end: int, decoder: Decoder) -> Section:
    """Add what the table hides for newer readers (7.5.8.4)."""
    offset = section.trailer.get("XRefStm")
    if offset is None:
        return Section(section.offset, end, section.entries, section.trailer, ())
    if not isinstance(offset, int):
        raise PdfSyntaxError("The trailer's /XRefStm is no position.")
    hidden = _read_stream(data, offset, decoder)
    entries = dict(section.entries)
    for number, entry in hidden.entries.items():
        shown = entries.get(number)
        if shown is not None and shown.kind != "free" and shown != entry:
            raise PdfSyntaxError(
                f"Old and new readers find object {number} in two places.", ProblemCode.AMBIGUOUS
            )
        entries[number] = entry
    return Section(section.offset, end, entries, section.trailer, hidden.own_objects)


def _read_stream(data: bytes, offset: int, decoder: Decoder) -> Section:
    if not 0 < offset < len(data):
        raise PdfSyntaxError(f"The cross-reference should be at byte {offset}: outside the file.")
    found = parse_indirect(data, offset, lambda _reference: None)
    stream = found.value
    if not isinstance(stream, Stream) or stream.dictionary.get("Type") != "XRef":
        raise PdfSyntaxError(f"There is no cross-reference at byte {offset}.")
    table = decoder.decode(stream.dictionary, data[stream.start : stream.end])
    entries = _stream_entries(stream.dictionary, table)
    start = skip_space(data, offset)
    return Section(offset, found.end, entries, stream.dictionary, ((start, found.end),))


def _stream_entries(dictionary: PdfDictionary, table: bytes) -> dict[int, Entry]:
    widths = _integers(dictionary.get("W"), 3)
    size = dictionary.get("Size")
    if not isinstance(size, int):
        raise PdfSyntaxError("A cross-reference stream has no /Size.")
    index = _integers(dictionary.get("Index", [0, size]), None)
    if max(widths) > 8 or sum(widths) == 0 or len(index) % 2:
        raise PdfSyntaxError("A cross-reference stream has rows of an impossible width.")
    entries: dict[int, Entry] = {}
    position = 0
    for first, count in zip(index[::2], index[1::2], strict=True):
        if position + count * sum(widths) > len(table):
            raise PdfSyntaxError("A cross-reference stream is shorter than it says.")
        for number in range(first, first + count):
            entry = _stream_entry(table, position, widths)
            position += sum(widths)
            if entry is not None:
                _add(entries, number, entry)
    return entries


def _stream_entry(table: bytes, position: int, widths: list[int]) -> Entry | None:
    fields = []
    for width in widths:
        fields.append(int.from_bytes(table[position : position + width], "big"))
        position += width
    kind = fields[0] if widths[0] else 1
    if kind == 0:
        return Entry("free", 0, fields[2])
    if kind == 1:
        return Entry("offset", fields[1], fields[2])
    if kind == 2:
        return Entry("compressed", fields[1], fields[2])
    return None  # unknown kinds are references to null (7.5.8.3)


def _integers(value: PdfObject, length: int | None) -> list[int]:
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise PdfSyntaxError("A cross-reference stream is incomplete.")
    numbers = [item for item in value if isinstance(item, int) and item >= 0]
    if len(numbers) != len(value):
        raise PdfSyntaxError("A cross-reference stream has a number that is none.")
    return numbers
