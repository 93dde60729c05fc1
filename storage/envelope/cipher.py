"""The format itself: header, derived key, nonces, and the arithmetic of sizes.

Source: Tink, "AES-GCM-HKDF Streaming AEAD" (wire format), with the parameters of the
AES256_GCM_HKDF_1MB template.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import EnvelopeError

Buffer: TypeAlias = bytes | bytearray | memoryview

KEY_SIZE = 32
SALT_SIZE = KEY_SIZE  # the format: as long as the derived key
PREFIX_SIZE = 7
HEADER_SIZE = 1 + SALT_SIZE + PREFIX_SIZE
TAG_SIZE = 16
SEGMENT_SIZE = 1024 * 1024  # ciphertext, tag included; the first segment gives up HEADER_SIZE of it
CAPACITY = SEGMENT_SIZE - TAG_SIZE  # plaintext in every segment but the first
FIRST_CAPACITY = CAPACITY - HEADER_SIZE
SEGMENTS_LIMIT = 2**32  # the index has four bytes; 4 PiB

_COMMITMENT_PURPOSE = b"skrytka/1 commitment to a document key"


def commitment(key: bytes) -> bytes:
    """Gives 32 bytes that fix `key`, to be kept beside the stream.

    GCM alone lets somebody who chose two keys make one ciphertext that opens under both; this value
    rules that out.
    """
    return _hkdf(key, salt=None, info=_COMMITMENT_PURPOSE)


class SegmentCipher:
    """Seals and opens single segments of one stream."""

    def __init__(self, key: bytes, associated_data: bytes, header: bytes) -> None:
        salt, self._prefix = _parse_header(header)
        self._gcm = AESGCM(_hkdf(key, salt=salt, info=associated_data))

    def seal_into(
        self, index: int, plaintext: Buffer, room: bytearray | memoryview, *, last: bool
    ) -> None:
        """Puts segment `index` into `room`, which is `TAG_SIZE` longer than `plaintext`.

        Raises `EnvelopeError("too_long")` beyond the format's limit.
        """
        if index >= SEGMENTS_LIMIT:
            raise EnvelopeError(
                "too_long", "The document is longer than the format allows (4 PiB).", segment=index
            )
        self._gcm.encrypt_into(self._nonce(index, last), plaintext, None, room)

    def seal(self, index: int, plaintext: Buffer, *, last: bool) -> bytearray:
        """Gives segment `index`; raises as `seal_into`."""
        sealed = bytearray(len(plaintext) + TAG_SIZE)
        self.seal_into(index, plaintext, sealed, last=last)
        return sealed

    def open(self, index: int, sealed: bytes, *, last: bool) -> bytes:
        """Gives the plaintext of segment `index`.

        Raises `EnvelopeError` that says what is wrong with it.
        """
        if len(sealed) < TAG_SIZE:
            raise EnvelopeError(
                "short_segment", f"Segment {index} is shorter than its seal.", segment=index
            )
        try:
            return self._gcm.decrypt(self._nonce(index, last), sealed, None)
        except InvalidTag:
            raise self._diagnose(index, sealed, last) from None

    def _nonce(self, index: int, last: bool) -> bytes:
        return self._prefix + struct.pack(">IB", index, last)

    def _fits(self, index: int, sealed: bytes, last: bool) -> bool:
        try:
            self._gcm.decrypt(self._nonce(index, last), sealed, None)
        except InvalidTag:
            return False
        return True

    def _diagnose(self, index: int, sealed: bytes, last: bool) -> EnvelopeError:
        """Says what happened to a segment that does not open in its place: nothing of it is given
        out.
        """
        if self._fits(index, sealed, not last):
            if last:
                return EnvelopeError(
                    "cut_off", f"The stream was cut off after segment {index}.", segment=index
                )
            return EnvelopeError(
                "trailing_data", f"Data follow the last segment ({index}).", segment=index
            )
        for other in range(max(0, index - _SEARCHED), index + _SEARCHED):
            if other != index and (
                self._fits(other, sealed, False) or self._fits(other, sealed, True)
            ):
                return EnvelopeError(
                    "misplaced_segment",
                    f"Segment {other} stands where {index} belongs.",
                    segment=index,
                )
        return EnvelopeError(
            "bad_tag", f"Segment {index} was changed, or the key is another's.", segment=index
        )


_SEARCHED = 8  # neighbours looked at to tell a moved segment from a changed one


def stored_size(size: int) -> int:
    """Gives the length of the sealed stream for `size` bytes of plaintext."""
    if size <= FIRST_CAPACITY:
        return HEADER_SIZE + size + TAG_SIZE
    following = -(-(size - FIRST_CAPACITY) // CAPACITY)
    return HEADER_SIZE + size + TAG_SIZE * (1 + following)


def plaintext_size(stored: int) -> int:
    """Gives the length of the plaintext in a sealed stream of `stored` bytes.

    Raises `EnvelopeError` for a length that no stream can have.
    """
    if stored < HEADER_SIZE:
        fault = "short_header" if stored else "no_header"
        raise EnvelopeError(fault, f"The stream has {stored} bytes, less than a header.")
    if stored == HEADER_SIZE:
        raise EnvelopeError("no_segments", "The stream is a header without segments.")
    segments, rest = divmod(stored, SEGMENT_SIZE)
    if rest and rest < TAG_SIZE + (HEADER_SIZE if segments == 0 else 1):
        raise EnvelopeError(
            "short_segment", f"Segment {segments} is shorter than its seal.", segment=segments
        )
    return stored - HEADER_SIZE - TAG_SIZE * (segments + (rest > 0))


def _parse_header(header: bytes) -> tuple[bytes, bytes]:
    if not header:
        raise EnvelopeError("no_header", "The stream is empty.")
    if header[0] != HEADER_SIZE:
        raise EnvelopeError(
            "unsupported_header", f"The stream has an unknown kind of header ({header[0]})."
        )
    if len(header) < HEADER_SIZE:
        raise EnvelopeError("short_header", "The stream ends inside its header.")
    return header[1 : 1 + SALT_SIZE], header[1 + SALT_SIZE : HEADER_SIZE]


def new_header(random: Callable[[int], bytes]) -> bytes:
    """Gives a fresh header from `random(n) -> n bytes`."""
    return bytes([HEADER_SIZE]) + random(SALT_SIZE) + random(PREFIX_SIZE)


def _hkdf(key: bytes, *, salt: bytes | None, info: bytes) -> bytes:
    if len(key) != KEY_SIZE:
        raise ValueError(f"A document key has {KEY_SIZE} bytes.")
    return HKDF(hashes.SHA256(), KEY_SIZE, salt, info).derive(key)
