"""The ``/ByteRange`` of a signature against the raw file (ISO 32000-2 12.8.1, EN 319 142-1 6.2)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from signer.documents.limits import PDF_MAX_CONTENTS_BYTES
from signer.pades.syntax import PdfDictionary
from signer.pades.syntax.parser import Spans

_HEXADECIMAL: Final = re.compile(rb"<(?:[0-9A-Fa-f]{2})*+>")
"""Nothing between the digits: nobody signed what stands there."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """What a signature says that it covers, and every way in which that is not true."""

    numbers: tuple[int, ...]
    """As written; empty where it is no array of whole numbers."""
    faults: tuple[str, ...]
    """Sentences; empty: everything but the hexadecimal string of ``/Contents`` is covered."""

    @property
    def end(self) -> int:
        """The byte after the last one covered; only of a range that can be computed."""
        return self.numbers[2] + self.numbers[3]


def read_byte_range(dictionary: PdfDictionary, spans: Spans, data: bytes) -> ByteRange:
    """Read and judge the byte range of a signature dictionary.

    Args:
        dictionary: the signature dictionary.
        spans: where its values stand in the file.
        data: the whole file.
    """
    written = dictionary.get("ByteRange")
    if not isinstance(written, list):
        return ByteRange((), ("The signature does not say which bytes it covers (/ByteRange).",))
    numbers = tuple(item for item in written if type(item) is int)
    if len(numbers) != len(written):
        return ByteRange((), ("The signature's /ByteRange holds something other than numbers.",))
    return ByteRange(numbers, _faults(numbers, spans.get("Contents"), data))


def _faults(
    numbers: tuple[int, ...], contents: tuple[int, int] | None, data: bytes
) -> tuple[str, ...]:
    if not is_computable(numbers, data):
        return ("The signature's /ByteRange is not two ranges inside the file.",)
    start, first, second, _length = numbers
    faults = []
    if start != 0:
        faults.append(f"The signature does not cover the first {start} bytes of the file.")
    if second < first:
        faults.append("The two ranges that the signature covers overlap.")
    if contents is None or not _HEXADECIMAL.fullmatch(data, *contents):
        faults.append("The signature's /Contents is no plain hexadecimal string.")
    elif (first, second) != contents:
        faults.append("The signature leaves out more, or something else, than its own /Contents.")
    elif contents[1] - contents[0] > 2 * PDF_MAX_CONTENTS_BYTES:
        faults.append("The signature's /Contents is larger than is read.")
    return tuple(faults)


def is_computable(numbers: tuple[int, ...], data: bytes) -> bool:
    """Whether a digest can be computed: two ranges, none negative, both inside the file."""
    if len(numbers) != 4 or min(numbers) < 0:
        return False
    return numbers[0] + numbers[1] <= len(data) and numbers[2] + numbers[3] <= len(data)


def covered_bytes(numbers: tuple[int, ...], data: bytes) -> bytes:
    """Give the bytes under the signature in one piece."""
    return b"".join(_parts(numbers, data))


def covered_digest(numbers: tuple[int, ...], data: bytes, hashlib_name: str) -> bytes:
    """Give the digest over the bytes under the signature."""
    digest = hashlib.new(hashlib_name, usedforsecurity=False)
    for part in _parts(numbers, data):
        digest.update(part)
    return digest.digest()


def _parts(numbers: tuple[int, ...], data: bytes) -> tuple[memoryview, memoryview]:
    view = memoryview(data)
    first, length, second, rest = numbers
    return view[first : first + length], view[second : second + rest]
