"""From bytes to objects (ISO 32000-1 7.2, 7.3): one regular expression a token, no repair."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from signer.documents.limits import PDF_MAX_NESTING
from signer.pades.syntax.objects import (
    IndirectObject,
    Name,
    PdfDictionary,
    PdfObject,
    PdfSyntaxError,
    Reference,
    Stream,
)
from signer.validation.facts import ProblemCode

SPACE: Final = rb"(?:[\0\t\n\f\r ]|%[^\r\n]*+)"
"""White space and comments (7.2.2, 7.2.3)."""
_REGULAR: Final = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
_TOKEN: Final = re.compile(
    SPACE
    + rb"*+(?:"
    + rb"/("
    + _REGULAR
    + rb"*+)"
    + rb"|((\d{1,10})"
    + SPACE
    + rb"++(\d{1,10})"
    + SPACE
    + rb"++R(?!"
    + _REGULAR
    + rb"))"
    + rb"|([+-]?(?:\d++\.?\d*+|\.\d++)(?!"
    + _REGULAR
    + rb"))"
    + rb"|(<<)|(>>)|(\[)|(\])|(\()"
    + rb"|<([0-9A-Fa-f\0\t\n\f\r ]*+)>"
    + rb"|("
    + _REGULAR
    + rb"++))"
)
_NAME, _REFERENCE, _NUMBER = 1, 2, 5
_DICTIONARY, _DICTIONARY_END, _ARRAY, _ARRAY_END, _STRING, _HEX, _KEYWORD = 6, 7, 8, 9, 10, 11, 12
_KEYWORDS: Final = {b"true": True, b"false": False, b"null": None}

_SPACES: Final = re.compile(SPACE + rb"*+")
_OBJECT: Final = re.compile(
    SPACE + rb"*+(\d{1,10})" + SPACE + rb"++(\d{1,10})" + SPACE + rb"++obj(?!" + _REGULAR + rb")"
)
_STREAM: Final = re.compile(SPACE + rb"*+stream(?:\r\n|\n|\r)")
_STREAM_END: Final = re.compile(rb"[\0\t\n\f\r ]*+endstream" + SPACE + rb"++endobj")
_OBJECT_END: Final = re.compile(SPACE + rb"*+endobj")
_STRING_PART: Final = re.compile(rb"[^()\\\r]*+")
_ESCAPES: Final = {0x6E: b"\n", 0x72: b"\r", 0x74: b"\t", 0x62: b"\b", 0x66: b"\f"}
_NAME_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")

LengthOf = Callable[[Reference], int | None]
"""Gives the value of an indirect ``/Length``, or None where there is none."""
Spans = dict[str, tuple[int, int]]
"""Where each value of a dictionary stands: first byte, byte after the last."""


class Parser:
    """Reads objects one after the other from a position on."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position

    def value(self, depth: int = 0) -> PdfObject:
        """Read one object. Raises PdfSyntaxError where there is none."""
        match = _TOKEN.match(self.data, self.position)
        if match is None:
            raise PdfSyntaxError(f"No PDF object can be read at byte {self.position}.")
        self.position = match.end()
        return self._from_token(match, depth)

    def dictionary(self, depth: int = 0, spans: Spans | None = None) -> PdfDictionary:
        """Read a dictionary and, on request, note where its values stand."""
        match = _TOKEN.match(self.data, self.position)
        if match is None or match.lastindex != _DICTIONARY:
            raise PdfSyntaxError(f"A dictionary is missing at byte {self.position}.")
        self.position = match.end()
        return self._dictionary(depth, spans)

    def _from_token(self, match: re.Match[bytes], depth: int) -> PdfObject:
        kind = match.lastindex
        if kind == _NAME:
            return _name(match[_NAME])
        if kind == _REFERENCE:
            return Reference(int(match[3]), int(match[4]))
        if kind == _NUMBER:
            return _number(match[_NUMBER])
        if kind == _HEX:
            return _hex_string(match[_HEX])
        if kind == _STRING:
            return self._string()
        return self._composite(match, depth)

    def _composite(self, match: re.Match[bytes], depth: int) -> PdfObject:
        if depth > PDF_MAX_NESTING:
            raise PdfSyntaxError(
                f"Objects are nested deeper than {PDF_MAX_NESTING} levels.", ProblemCode.LIMIT
            )
        if match.lastindex == _DICTIONARY:
            return self._dictionary(depth)
        if match.lastindex == _ARRAY:
            return self._array(depth)
        word = match[match.lastindex or 0]
        if word in _KEYWORDS:
            return _KEYWORDS[word]
        raise PdfSyntaxError(f"Unexpected “{_shown(word)}” at byte {match.end() - len(word)}.")

    def _array(self, depth: int) -> list[PdfObject]:
        items: list[PdfObject] = []
        while True:
            match = _TOKEN.match(self.data, self.position)
            if match is None:
                raise PdfSyntaxError(f"An array does not end near byte {self.position}.")
            self.position = match.end()
            if match.lastindex == _ARRAY_END:
                return items
            items.append(self._from_token(match, depth + 1))

    def _dictionary(self, depth: int, spans: Spans | None = None) -> PdfDictionary:
        entries: PdfDictionary = {}
        while True:
            match = _TOKEN.match(self.data, self.position)
            if match is None:
                raise PdfSyntaxError(f"A dictionary does not end near byte {self.position}.")
            self.position = match.end()
            if match.lastindex == _DICTIONARY_END:
                return entries
            if match.lastindex != _NAME:
                raise PdfSyntaxError(f"A dictionary key is missing before byte {match.end()}.")
            self._entry(entries, _name(match[_NAME]), depth, spans)

    def _entry(self, entries: PdfDictionary, key: str, depth: int, spans: Spans | None) -> None:
        start = skip_space(self.data, self.position)
        value = self.value(depth + 1)
        if key in entries and entries[key] != value:
            raise PdfSyntaxError(
                f"A dictionary near byte {start} has two different /{key} entries.",
                ProblemCode.AMBIGUOUS,
            )
        entries[key] = value
        if spans is not None:
            spans[key] = (start, self.position)

    def _string(self) -> bytes:
        """Read a literal string (7.3.4.2) whose opening parenthesis was consumed."""
        data, parts, open_parentheses = self.data, [], 1
        while True:
            match = _STRING_PART.match(data, self.position)
            assert match is not None  # noqa: S101 - the pattern matches the empty string
            parts.append(match[0])
            at = match.end()
            if at >= len(data):
                raise PdfSyntaxError(f"A string does not end near byte {self.position}.")
            self.position = at + 1
            byte = data[at]
            if byte == 0x5C:
                parts.append(self._escape())
                continue
            if byte == 0x0D:
                self.position += data[at + 1 : at + 2] == b"\n"
                parts.append(b"\n")
                continue
            open_parentheses += 1 if byte == 0x28 else -1
            if not open_parentheses:
                return b"".join(parts)
            parts.append(data[at : at + 1])

    def _escape(self) -> bytes:
        byte = self.data[self.position : self.position + 1]
        self.position += 1
        if byte in b"01234567" and byte:
            digits = re.compile(rb"[0-7]{1,3}").match(self.data, self.position - 1)
            assert digits is not None  # noqa: S101 - the byte before is such a digit
            self.position = digits.end()
            return bytes((int(digits[0], 8) & 0xFF,))
        if byte == b"\r":
            self.position += self.data[self.position : self.position + 1] == b"\n"
            return b""
        if byte == b"\n":
            return b""
        return _ESCAPES.get(byte[0], byte) if byte else b""


def skip_space(data: bytes, position: int) -> int:
    """Give the first position from here on that is neither white space nor comment."""
    match = _SPACES.match(data, position)
    return match.end() if match else position


def parse_indirect(data: bytes, position: int, length_of: LengthOf) -> IndirectObject:
    """Read the indirect object that starts at ``position`` (7.3.10).

    Args:
        data: the whole file.
        position: where the cross-reference says that it starts.
        length_of: resolves an indirect stream length.

    Raises:
        PdfSyntaxError: no object starts there, or it cannot be read.
    """
    header = _OBJECT.match(data, position)
    if header is None:
        raise PdfSyntaxError(f"No object starts at byte {position} as the file says.")
    parser = Parser(data, header.end())
    value = parser.value()
    end, exact = parser.position, True
    stream = _STREAM.match(data, end) if isinstance(value, dict) else None
    if stream is not None and isinstance(value, dict):
        value, end, exact = _stream(data, value, stream.end(), length_of)
    else:
        closing = _OBJECT_END.match(data, end)
        end, exact = (closing.end(), True) if closing else (end, False)
    return IndirectObject(int(header[1]), int(header[2]), value, position, end, exact)


def dictionary_spans(data: bytes, position: int) -> Spans:
    """Give where the values of the dictionary stand that is the object at ``position``."""
    header = _OBJECT.match(data, position)
    if header is None:
        raise PdfSyntaxError(f"No object starts at byte {position} as the file says.")
    spans: Spans = {}
    Parser(data, header.end()).dictionary(spans=spans)
    return spans


def _stream(
    data: bytes, dictionary: PdfDictionary, start: int, length_of: LengthOf
) -> tuple[Stream, int, bool]:
    length = dictionary.get("Length")
    if isinstance(length, Reference):
        length = length_of(length)
    if isinstance(length, int) and 0 <= length <= len(data) - start:
        closing = _STREAM_END.match(data, start + length)
        if closing is not None:
            return Stream(dictionary, start, start + length), closing.end(), True
    return _stream_without_length(data, dictionary, start)


def _stream_without_length(
    data: bytes, dictionary: PdfDictionary, start: int
) -> tuple[Stream, int, bool]:
    """Take what lenient readers take when ``/Length`` is wrong: up to the next ``endstream``."""
    at = data.find(b"endstream", start)
    if at < 0:
        raise PdfSyntaxError(f"The stream at byte {start} does not end.")
    closing = _OBJECT_END.match(data, at + len(b"endstream"))
    return Stream(dictionary, start, at), closing.end() if closing else at + 9, False


def _name(raw: bytes) -> Name:
    if b"#" in raw:
        raw = _NAME_ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), raw)
    return Name(raw.decode("latin-1"))


def _number(raw: bytes) -> int | float:
    try:
        return float(raw) if b"." in raw else int(raw)
    except ValueError as error:  # Python refuses to read thousands of digits
        raise PdfSyntaxError(f"A number of {len(raw)} digits.", ProblemCode.LIMIT) from error


def _hex_string(raw: bytes) -> bytes:
    digits = raw.translate(None, b"\0\t\n\f\r ")
    return bytes.fromhex((digits + b"0" if len(digits) % 2 else digits).decode())


def _shown(word: bytes) -> str:
    return word[:20].decode("latin-1").encode("ascii", "replace").decode()
