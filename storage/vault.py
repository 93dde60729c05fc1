"""The only door to documents: every byte in is encrypted, read back and digested; every byte out is verified first."""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database.base import Base
from storage.envelope import (
    KEY_SIZE,
    EnvelopeReader,
    SealedStream,
    commitment,
    open_stream,
)
from storage.envelope.writer import Readable
from storage.errors import (
    DocumentDamaged,
    DocumentTooLarge,
    EnvelopeError,
    MasterKeyError,
    NotReadBack,
    ObjectMissing,
    UnknownKeyVersion,
)
from storage.failpoints import failpoint
from storage.keys import MasterKeys, sealed_version
from storage.objects.store import ObjectStore, new_key

FIRST_GENERATION = 1
# A document up to this size is verified into memory and served from there: one pass over the store instead of two.
IN_MEMORY_SIZE = 4 * 1024 * 1024


@dataclass(frozen=True)
class StoredDocument:
    """What must be known to get a document back; `sha256` and `size` are of the plaintext, `stored_…` of the object."""

    document_id: UUID
    generation: int
    object_key: str
    wrapped_key: bytes = field(repr=False)
    key_version: int
    commitment: bytes = field(repr=False)
    size: int
    sha256: str
    stored_size: int
    stored_sha256: str
    stored_at: datetime


class DocumentRow(Base):
    """The table `document`: one `StoredDocument` a row."""

    __tablename__ = "document"

    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    generation: Mapped[int]
    object_key: Mapped[str] = mapped_column(unique=True)
    wrapped_key: Mapped[bytes]
    key_version: Mapped[int]
    commitment: Mapped[bytes]
    size: Mapped[int]
    sha256: Mapped[str]
    stored_size: Mapped[int]
    stored_sha256: Mapped[str]
    stored_at: Mapped[datetime]


class OrphanRow(Base):
    """The table `orphaned_object`: objects that no document points to, set aside for a person to decide about."""

    __tablename__ = "orphaned_object"

    object_key: Mapped[str] = mapped_column(primary_key=True)
    stored_size: Mapped[int]
    modified_at: Mapped[datetime]
    quarantined_at: Mapped[datetime]


_FIELDS = tuple(StoredDocument.__dataclass_fields__)


def _now() -> datetime:
    return datetime.now(UTC)


class Vault:
    """Documents in an object store, each under a data key of its own that `master_keys` wraps."""

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

    def put(self, source: Readable, *, document_id: UUID) -> StoredDocument:
        """Stores what `source` gives, in constant memory, and reads it back before it returns.

        The document exists for others once `record` of the result is committed; until then (or if never) its object
        is an unreadable orphan. Raises `StoreError`, or `NotReadBack` when the store did not keep what it was given.
        """
        key = self._random(KEY_SIZE)
        object_key = new_key()
        identity = _identity(document_id, FIRST_GENERATION, object_key)
        stream = SealedStream(_Watched(source), key, identity, random=self._random)
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
        try:
            self.verify(stored)
        except DocumentDamaged as error:
            raise NotReadBack(
                f"The store did not keep the document as written ({error.detail})."
            ) from error
        failpoint("after_put_before_db")
        return stored

    def record(self, session: Session, stored: StoredDocument) -> None:
        """Inserts the document's row inside the caller's transaction; a second row for one id is an integrity error."""
        session.add(DocumentRow(**{name: getattr(stored, name) for name in _FIELDS}))
        session.flush()

    def find(self, session: Session, document_id: UUID) -> StoredDocument | None:
        """Gives the recorded document, or None."""
        row = session.get(DocumentRow, document_id)
        return None if row is None else _stored(row)

    def open(self, stored: StoredDocument) -> BinaryIO:
        """Gives the document as a seekable binary file, after all of it was verified; the caller closes it.

        Holds at most `IN_MEMORY_SIZE` bytes. What is read later is authenticated again as it is read. Raises
        `DocumentDamaged`, `UnknownKeyVersion` or `StoreError`, and then has given nothing out.
        """
        if stored.size <= IN_MEMORY_SIZE:
            return io.BytesIO(b"".join(self._verified(stored)))
        self.verify(stored)
        reader = EnvelopeReader(
            self._objects.open(stored.object_key),
            stored.stored_size,
            self._key(stored),
            _identity_of(stored),
        )
        return cast(BinaryIO, io.BufferedReader(reader, buffer_size=64 * 1024))

    def read(self, stored: StoredDocument, *, limit: int) -> bytes:
        """Gives the whole verified document. Raises `DocumentTooLarge` beyond `limit` bytes, else as `open`."""
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
        """Marks objects that no document points to and that were written before `older_than`; gives how many are new.

        Nothing is deleted or moved. `older_than` must leave time for a put whose transaction is still to come.
        """
        known = set(session.scalars(select(DocumentRow.object_key)))
        marked = set(session.scalars(select(OrphanRow.object_key)))
        orphans = [
            {
                "object_key": found.key,
                "stored_size": found.size,
                "modified_at": found.modified_at,
                "quarantined_at": self._clock(),
            }
            for found in self._objects.list()
            if found.key not in known and found.key not in marked and found.modified_at < older_than
        ]
        if orphans:
            session.execute(insert(OrphanRow).values(orphans).on_conflict_do_nothing())
        return len(orphans)

    def documents(self, session: Session) -> Iterator[StoredDocument]:
        """Gives every recorded document, streaming."""
        rows = session.scalars(
            select(DocumentRow).order_by(DocumentRow.document_id).execution_options(yield_per=500)
        )
        for row in rows:
            yield _stored(row)

    def _verified(self, stored: StoredDocument) -> Iterator[bytes]:
        """Gives the plaintext piece by piece; only the end of the iteration says that it is all right."""
        key = self._key(stored)
        plain = hashlib.sha256()
        with _as_damage(stored), self._object(stored) as source:
            for piece in open_stream(source, key, _identity_of(stored)):
                plain.update(piece)
                yield piece
        if plain.hexdigest() != stored.sha256:
            raise DocumentDamaged(
                stored.document_id, "digest", "its digest differs from the recorded one"
            )

    @contextmanager
    def _object(self, stored: StoredDocument) -> Iterator[BinaryIO]:
        with self._objects.open(stored.object_key) as source:
            length = source.seek(0, io.SEEK_END)
            source.seek(0)
            if length != stored.stored_size:
                raise DocumentDamaged(
                    stored.document_id,
                    "size",
                    f"its object has {length} bytes instead of {stored.stored_size}",
                )
            yield source

    def _key(self, stored: StoredDocument) -> bytes:
        """Unwraps the data key and holds it against the commitment."""
        try:
            key = self._master_keys.unwrap(stored.wrapped_key, _identity_of(stored))
        except UnknownKeyVersion:
            raise
        except MasterKeyError as error:
            raise DocumentDamaged(
                stored.document_id, "key", "its wrapped key belongs to something else"
            ) from error
        if not hmac.compare_digest(commitment(key), stored.commitment):
            raise DocumentDamaged(
                stored.document_id, "commitment", "its key is not the one it was written under"
            )
        return key


class _Watched:
    """Passes a source through; a place for the failpoint in the middle of a put."""

    def __init__(self, source: Readable) -> None:
        self._source = source

    def read(self, size: int, /) -> bytes:
        piece = self._source.read(size)
        failpoint("mid_put")
        return piece


@contextmanager
def _as_damage(stored: StoredDocument) -> Iterator[None]:
    """Turns what is wrong with the object into the document's damage; an unreachable store stays what it is."""
    try:
        yield
    except EnvelopeError as error:
        raise DocumentDamaged(stored.document_id, error.fault, str(error)) from error
    except ObjectMissing as error:
        raise DocumentDamaged(
            stored.document_id, "missing", "its object is not in the store"
        ) from error


def _identity_of(stored: StoredDocument) -> bytes:
    return _identity(stored.document_id, stored.generation, stored.object_key)


def _identity(document_id: UUID, generation: int, object_key: str) -> bytes:
    """What data and key of a document are bound to: fixed-length fields, so that no two identities read the same."""
    return (
        b"skrytka/1 document"
        + document_id.bytes
        + struct.pack(">Q", generation)
        + object_key.encode()
    )


def _stored(row: DocumentRow) -> StoredDocument:
    return StoredDocument(**{name: getattr(row, name) for name in _FIELDS})
