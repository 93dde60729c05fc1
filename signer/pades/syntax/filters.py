"""Decoding of the streams that carry structure (ISO 32000-1 7.4), within a budget of bytes."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable
from typing import Final

from signer.documents.limits import (
    PDF_MAX_DECODED_BYTES,
    PDF_MAX_FILTERS,
    PDF_MAX_STREAM_BYTES,
)
from signer.pades.syntax.objects import Name, PdfDictionary, PdfObject, PdfSyntaxError
from signer.validation.facts import ProblemCode


class Decoder:
    """Decodes the streams of one document and stops when together they grow too large."""

    def __init__(self) -> None:
        self._budget = PDF_MAX_DECODED_BYTES

    def decode(self, dictionary: PdfDictionary, raw: bytes) -> bytes:
        """Give the decoded bytes of a stream.

        Raises:
            PdfSyntaxError: damaged, of an unexpected filter, or larger than the limits.
        """
        names, parameters = _filters(dictionary)
        for name, parameter in zip(names, parameters, strict=True):
            raw = self._apply(name, parameter, raw)
        self._budget -= len(raw)
        if self._budget < 0:
            raise PdfSyntaxError("The file unpacks to more than is read.", ProblemCode.LIMIT)
        return raw

    def _apply(self, name: str, parameter: PdfDictionary, raw: bytes) -> bytes:
        decode = _DECODERS.get(name)
        if decode is None:
            raise PdfSyntaxError(
                f"The file's structure is packed with {name[:30]}, which is not read.",
                ProblemCode.UNSUPPORTED,
            )
        decoded = decode(raw, min(PDF_MAX_STREAM_BYTES, self._budget))
        predictor = parameter.get("Predictor", 1)
        return decoded if predictor == 1 else _undo_predictor(decoded, parameter)


def _filters(dictionary: PdfDictionary) -> tuple[list[str], list[PdfDictionary]]:
    names = _as_list(dictionary.get("Filter"))
    parameters = _as_list(dictionary.get("DecodeParms"))
    if len(names) > PDF_MAX_FILTERS:
        raise PdfSyntaxError(f"A stream has {len(names)} filters.", ProblemCode.LIMIT)
    if not all(isinstance(name, Name) for name in names):
        raise PdfSyntaxError("A stream names its filter wrongly.")
    padded = parameters + [None] * (len(names) - len(parameters))
    return [str(name) for name in names], [
        item if isinstance(item, dict) else {} for item in padded[: len(names)]
    ]


def _as_list(value: PdfObject) -> list[PdfObject]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _flate(raw: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        decoded = inflater.decompress(raw, limit + 1)
    except zlib.error as error:
        raise PdfSyntaxError("A packed part of the file is damaged.") from error
    if len(decoded) > limit:
        raise PdfSyntaxError("A packed part of the file is too large.", ProblemCode.LIMIT)
    return decoded


def _ascii_hex(raw: bytes, _limit: int) -> bytes:
    digits = raw.split(b">", 1)[0].translate(None, b"\0\t\n\f\r ")
    try:
        return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except binascii.Error as error:
        raise PdfSyntaxError("A hexadecimal part of the file is damaged.") from error


def _ascii_85(raw: bytes, _limit: int) -> bytes:
    try:
        return base64.a85decode(raw.split(b"~>", 1)[0], ignorechars=b"\0\t\n\f\r ")
    except ValueError as error:
        raise PdfSyntaxError("A base-85 part of the file is damaged.") from error


_DECODERS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "FlateDecode": _flate,
    "ASCIIHexDecode": _ascii_hex,
    "ASCII85Decode": _ascii_85,
}


def _undo_predictor(data: bytes, parameter: PdfDictionary) -> bytes:
    """Undo the PNG predictors (7.4.4.4) of one-byte samples, as structural streams have them."""
    columns = parameter.get("Columns", 1)
    plain = parameter.get("Colors", 1) == 1 and parameter.get("BitsPerComponent", 8) == 8
    predictor = parameter["Predictor"]
    if not (plain and isinstance(columns, int) and isinstance(predictor, int) and predictor >= 10):
        raise PdfSyntaxError("A packed table uses a prediction that is not read.")
    if not 0 < columns <= len(data):
        raise PdfSyntaxError("A packed table has rows of an impossible width.")
    rows, previous = [], bytes(columns)
    for start in range(0, len(data) - columns, columns + 1):
        row = data[start + 1 : start + 1 + columns]
        previous = _row(data[start], row, previous)
        rows.append(previous)
    return b"".join(rows)


def _row(kind: int, row: bytes, above: bytes) -> bytes:
    if kind == 0:
        return row
    if kind == 2:
        return bytes((byte + up) & 0xFF for byte, up in zip(row, above, strict=True))
    out = bytearray(len(row))
    left = corner = 0
    for index, byte in enumerate(row):
        up = above[index]
        left = out[index] = (byte + _predicted(kind, left, up, corner)) & 0xFF
        corner = up
    return bytes(out)


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda candidate: abs(guess - candidate))
    raise PdfSyntaxError("A packed table has a row of an unknown kind.")
