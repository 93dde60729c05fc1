"""Streaming authenticated encryption, in the published wire format of Tink's `AES256_GCM_HKDF_1MB`.

A stream is a header (its length, a salt, a nonce prefix) and segments of 1 MiB, each sealed by
AES-256-GCM under a key that HKDF-SHA256 derives from the document's key, the salt and the
associated data. A segment's nonce holds its index and whether it is the last, so that nothing can
be cut off, added, repeated or moved. Any segment can be read alone.
"""

from storage.envelope.cipher import (
    HEADER_SIZE,
    KEY_SIZE,
    SEGMENT_SIZE,
    commitment,
    plaintext_size,
    stored_size,
)
from storage.envelope.reader import EnvelopeReader, open_stream
from storage.envelope.writer import SealedStream, Sealer

__all__ = [
    "HEADER_SIZE",
    "KEY_SIZE",
    "SEGMENT_SIZE",
    "EnvelopeReader",
    "SealedStream",
    "Sealer",
    "commitment",
    "open_stream",
    "plaintext_size",
    "stored_size",
]
