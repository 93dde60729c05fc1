"""The document security store: validation data of all signatures (EN 319 142-1 5.4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from signer.pades.syntax import PdfDictionary, PdfFile, PdfObject, PdfSyntaxError, Reference, Stream
from signer.pades.syntax.cross_reference import Entry
from signer.validation.facts import EmbeddedMaterial

_MAX_ITEMS: Final = 1_000
"""Certificates, OCSP answers or revocation lists taken from one document."""
_MAX_VISITS: Final = 20_000
"""Entries looked at over all revisions, of which most repeat the same streams."""
_KEYS: Final = (("Certs", "Cert"), ("CRLs", "CRL"), ("OCSPs", "OCSP"))
"""Names for the whole document and for one signature, in the order of EmbeddedMaterial."""


def read_security_store(file: PdfFile) -> EmbeddedMaterial:
    """Give the certificates and revocation data of the security stores of all revisions.

    Newest first: some programs replace the store instead of extending it, and what an older time
    stamp protected counts as well. What cannot be read is left out: it proves nothing.
    """
    reader = _StoreReader(file)
    for revision in reversed(file.revisions):
        reader.read(revision.index)
    return EmbeddedMaterial(*(tuple(items) for items in reader.found))


def has_security_store(file: PdfFile, revision: int) -> bool:
    """Whether a revision has a security store at all."""
    return bool(file.dictionary(file.catalog(revision).get("DSS"), revision))


class _StoreReader:
    """Collects the streams of security stores, each once, up to a number of visits."""

    def __init__(self, file: PdfFile) -> None:
        self.file = file
        self.found: tuple[dict[bytes, None], ...] = ({}, {}, {})
        """Certificates, CRLs, OCSP answers: dictionaries keep the order and drop repetitions."""
        self._visits = 0
        self._seen: set[Entry | None] = set()

    def read(self, revision: int) -> None:
        """Add what the store of one revision holds."""
        try:
            store = self.file.dictionary(self.file.catalog(revision).get("DSS"), revision)
            for found, (key, key_by_signature) in zip(self.found, _KEYS, strict=True):
                for value in self._lists(store, revision, key, key_by_signature):
                    self._add(value, revision, found)
        except PdfSyntaxError:
            return

    def _lists(
        self, store: PdfDictionary, revision: int, key: str, key_by_signature: str
    ) -> Iterator[PdfObject]:
        """Give the lists under a key: for the document, and per signature (VRI)."""
        yield store.get(key)
        for value in self.file.dictionary(store.get("VRI"), revision).values():
            yield self.file.dictionary(value, revision).get(key_by_signature)

    def _add(self, value: PdfObject, revision: int, found: dict[bytes, None]) -> None:
        for item in self.file.array(value, revision):
            self._visits += 1
            if self._visits > _MAX_VISITS:
                return
            der = self._decoded(item, revision)
            if der and len(found) < _MAX_ITEMS:
                found[der] = None

    def _decoded(self, item: PdfObject, revision: int) -> bytes:
        if not isinstance(item, Reference):
            return b""
        place = self.file.entry(item.number, revision)
        if place in self._seen:
            return b""
        self._seen.add(place)
        try:
            stream = self.file.resolve(item, revision)
            return self.file.decode(stream) if isinstance(stream, Stream) else b""
        except PdfSyntaxError:
            return b""
