"""The only door to documents.

Every byte that goes in is encrypted, read back and digested; every byte that comes out was verified
before the first one leaves.
"""

from __future__ import annotations

import hmac
import io
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.documents import (
    BATCH,
    DocumentRow,
    OrphanRow,
    StoredDocument,
    documents_after,
    row_of,
    stored_from,
    unknown_keys,
)
from storage.envelope import KEY_SIZE, EnvelopeReader, SealedStream, commitment, open_stream
from storage.envelope.digest import ParallelDigest
from storage.envelope.source import Readable
from storage.errors import (
    DocumentDamaged,
    DocumentTooLarge,
    EnvelopeError,
    NotReadBack,
    ObjectMissing,
    SealBroken,
)
from storage.failpoints import failpoint
from storage.keys import MasterKeys, sealed_version
from storage.objects.store import ObjectStore, StoredObject, new_key

FIRST_GENERATION = 1
# A document up to this size is verified into memory and served from there: one pass over the store
# instead of two. Most letters are smaller.
IN_MEMORY_SIZE = 4 * 1024 * 1024
READ_BUFFER = 64 * 1024  # for callers that read line by line or in small pieces


def _now() -> datetime:
    return datetime.now(UTC)


class Vault:
    """Documents in an object store, each under a key of its own that `master_keys` wrap."""

    def __init__(
        self,
        objects: ObjectStore,
        master_keys: MasterKeys,
        *,
        clock: Callable[[], datetime] = _now,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._objects = objects
        self._master_keys = master_keys
        self._clock = clock
        self._random = random

    def ping(self) -> None:
        """Reaches the object store once; raises `StoreError` when it cannot be used."""
        self._objects.ping()

    def put(self, source: Readable, *, document_id: UUID) -> StoredDocument:
        """Stores what `source` gives, in constant memory, and reads it back before it returns.

        The document exists for others once `record` of the result is committed; until then, or if
        never, its object is an orphan that nobody can read: the key exists in the result alone.
        Raises `StoreError`, or `NotReadBack` when the store did not keep what it was given.
        """
        key = self._random(KEY_SIZE)
        object_key = new_key()
        identity = _identity(document_id, FIRST_GENERATION, object_key)
        sealing = SealedStream(_Watched(source), key, identity, random=self._random)
        with closing(sealing) as stream:
            self._objects.put(object_key, stream)
        wrapped = self._master_keys.wrap(key, identity)
        stored = StoredDocument(
            document_id=document_id,
            generation=FIRST_GENERATION,
            object_key=object_key,
            wrapped_key=wrapped,
            key_version=sealed_version(wrapped),
            commitment=commitment(key),
            size=stream.size,
            sha256=stream.sha256,
            stored_size=stream.stored_size,
            stored_sha256=stream.stored_sha256,
            stored_at=self._clock(),
        )
        self._read_back(stored)
        failpoint("after_put_before_db")
        return stored

    def record(self, session: Session, stored: StoredDocument) -> None:
        """Inserts the document's row inside the caller's transaction.

        A second row for one document is SQLAlchemy's `IntegrityError`.
        """
        session.add(row_of(stored))
        session.flush()

    def find(self, session: Session, document_id: UUID) -> StoredDocument | None:
        """Gives the recorded document, or None."""
        row = session.get(DocumentRow, document_id)
        return None if row is None else stored_from(row)

    def documents(self, session: Session, *, after: UUID | None = None) -> list[StoredDocument]:
        """Gives the next recorded documents by id, a page at a time; an empty page is the end."""
        return documents_after(session, after)

    def open(self, stored: StoredDocument) -> BinaryIO:
        """Gives the document as a seekable binary file, once all of it is verified.

        The caller closes it. Holds at most `IN_MEMORY_SIZE` bytes; what is read again later is
        authenticated again. Raises `DocumentDamaged`, `UnknownKeyVersion` or `StoreError`, and then
        has given nothing out.
        """
        if stored.size <= IN_MEMORY_SIZE:
            return io.BytesIO(b"".join(self._verified(stored)))
        self.verify(stored)
        sealed = self._objects.open(stored.object_key)
        reader = EnvelopeReader(sealed, stored.stored_size, self._key(stored), _identity_of(stored))
        return cast(BinaryIO, io.BufferedReader(reader, READ_BUFFER))

    def read(self, stored: StoredDocument, *, limit: int) -> bytes:
        """Gives the whole verified document.

        Raises `DocumentTooLarge` beyond `limit` bytes, else as `open`.
        """
        if stored.size > limit:
            raise DocumentTooLarge(
                f"The document has {stored.size} bytes; at most {limit} are read here."
            )
        return b"".join(self._verified(stored))

    def verify(self, stored: StoredDocument) -> None:
        """Reads and decrypts all of the document and compares it with its row; raises as `open`."""
        for _ in self._verified(stored):
            pass

    def quarantine_orphans(self, session: Session, *, older_than: datetime) -> int:
        """Marks objects that no document points to, written before `older_than`; gives how many.

        Nothing is moved or deleted. `older_than` leaves time for puts whose commit is still to
        come.
        """
        old = (found for found in self._objects.list() if found.modified_at < older_than)
        return sum(self._quarantine(session, batch) for batch in _batches(old))

    def _quarantine(self, session: Session, batch: tuple[StoredObject, ...]) -> int:
        unknown = unknown_keys(session, (found.key for found in batch))
        rows = [
            {
                "object_key": found.key,
                "stored_size": found.size,
                "modified_at": found.modified_at,
                "quarantined_at": self._clock(),
            }
            for found in batch
            if found.key in unknown
        ]
        if rows:
            session.execute(insert(OrphanRow).values(rows).on_conflict_do_nothing())
        return len(rows)

    def _read_back(self, stored: StoredDocument) -> None:
        try:
            self.verify(stored)
        except DocumentDamaged as error:
            raise NotReadBack(
                f"The store did not keep the document as written ({error.detail}). Nothing was "
                "accepted; send it again, and check the store."
            ) from error

    def _verified(self, stored: StoredDocument) -> Iterator[bytes]:
        """Gives the document piece by piece; it is sound only once the iteration has ended."""
        key = self._key(stored)
        digest = ParallelDigest()
        with closing(digest), _as_damage(stored), self._object(stored) as sealed:
            for piece in open_stream(sealed, key, _identity_of(stored)):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != stored.sha256:
            raise _damage(stored, "digest", "its digest is not the recorded one")

    @contextmanager
    def _object(self, stored: StoredDocument) -> Iterator[BinaryIO]:
        with self._objects.open(stored.object_key) as sealed:
            length = sealed.seek(0, io.SEEK_END)
            sealed.seek(0)
            if length != stored.stored_size:
                raise _damage(
                    stored, "size", f"its object has {length} bytes, not {stored.stored_size}"
                )
            yield sealed

    def _key(self, stored: StoredDocument) -> bytes:
        """Unwraps the document's key and holds it against the commitment."""
        try:
            key = self._master_keys.unwrap(stored.wrapped_key, _identity_of(stored))
        except SealBroken as error:
            raise _damage(stored, "key", "its wrapped key is another's or was changed") from error
        if not hmac.compare_digest(commitment(key), stored.commitment):
            raise _damage(stored, "commitment", "its key is not the one it was sealed under")
        return key


def _batches(found: Iterator[StoredObject]) -> Iterator[tuple[StoredObject, ...]]:
    while batch := tuple(islice(found, BATCH)):
        yield batch


class _Watched:
    """Passes a source through; the place of the failpoint in the middle of a put."""

    def __init__(self, source: Readable) -> None:
        self._source = source

    def read(self, size: int, /) -> bytes:
        piece = self._source.read(size)
        failpoint("mid_put")
        return piece


@contextmanager
def _as_damage(stored: StoredDocument) -> Iterator[None]:
    """Turns what is wrong with the object into damage; an unreachable store stays what it is."""
    try:
        yield
    except EnvelopeError as error:
        raise _damage(stored, error.fault, str(error)) from error
    except ObjectMissing as error:
        raise _damage(stored, "missing", "its object is not in the store") from error


def _damage(stored: StoredDocument, fault: str, detail: str) -> DocumentDamaged:
    return DocumentDamaged(stored.document_id, fault, detail)


def _identity_of(stored: StoredDocument) -> bytes:
    return _identity(stored.document_id, stored.generation, stored.object_key)


def _identity(document_id: UUID, generation: int, object_key: str) -> bytes:
    """What a document and its key are bound to; fixed lengths, so that no two read the same."""
    place = struct.pack(">16sQ", document_id.bytes, generation) + object_key.encode()
    return b"skrytka/1 document" + place
