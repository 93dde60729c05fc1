"""Everything storage can refuse or fail with, as one tree.

StorageError
├── DatabaseError ................ the database cannot be started, reached or migrated
│   ├── DatabaseUnavailable ...... it does not answer now: the same work may be done later
│   └── EmbeddedPostgresError .... the server inside the data folder
├── StoreError ................... an object store did not do what it was asked
│   ├── ObjectMissing ............ no object under this key
│   ├── ObjectExists ............. a key is written once; this one was taken
│   ├── StoreRefused ............. wrong credentials, bucket or rights: retrying does not help
│   └── StoreUnavailable ......... network, timeout, full disk: the same request may work later
├── MasterKeyError ............... the key file or what it wrapped
│   ├── KeyFileError ............. missing, damaged, readable by others
│   ├── UnknownKeyVersion ........ sealed under a master key this file does not hold
│   └── SealBroken ............... wrapped for something else, or changed
├── EnvelopeError ................ an encrypted stream is not what was written (`.fault` says how)
└── VaultError
    ├── DocumentDamaged .......... stored bytes and their row disagree (`.fault` says how)
    ├── DocumentTooLarge ......... larger than the caller allowed
    └── NotReadBack .............. what was written could not be read back whole
"""

from __future__ import annotations

from uuid import UUID


class StorageError(Exception):
    """Anything storage refuses or fails with."""


class DatabaseError(StorageError):
    """The database cannot be started, reached or migrated."""


class DatabaseUnavailable(DatabaseError):
    """PostgreSQL could not answer (away, restarting, out of room): the same may work later."""


class EmbeddedPostgresError(DatabaseError):
    """The PostgreSQL server inside the data folder cannot be prepared or started."""


class StoreError(StorageError):
    """An object store did not do what it was asked."""


class ObjectMissing(StoreError):
    """No object is stored under this key."""


class ObjectExists(StoreError):
    """A key is written once, and this one was taken."""


class StoreRefused(StoreError):
    """The store refuses us (credentials, bucket, rights): retrying does not help."""


class StoreUnavailable(StoreError):
    """The store could not answer (network, timeout, full disk): the same request may work later."""


class MasterKeyError(StorageError):
    """The master keys or what they sealed."""


class KeyFileError(MasterKeyError):
    """The key file is missing, damaged, or readable by others."""


class UnknownKeyVersion(MasterKeyError):
    """Sealed under a master key version that the key file does not hold."""


class SealBroken(MasterKeyError):
    """A sealed value was changed, or belongs to another row, document or master key."""


class EnvelopeError(StorageError):
    """An encrypted stream is not the one that was written.

    `fault` is one of: `no_header`, `short_header`, `unsupported_header`, `no_segments`,
    `short_segment`, `bad_tag`, `cut_off`, `trailing_data`, `misplaced_segment`, `too_long`.
    `segment` is the index of the first bad one.
    """

    def __init__(self, fault: str, message: str, *, segment: int | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.segment = segment


class VaultError(StorageError):
    """A document cannot be put into or taken out of the vault."""


class DocumentDamaged(VaultError):
    """The stored bytes of a document and its row disagree; nothing of it was given out.

    `fault` is an `EnvelopeError.fault`, or `missing`, `size`, `stored_digest`, `digest`, `key`,
    `commitment`.
    """

    def __init__(self, document_id: UUID, fault: str, detail: str) -> None:
        super().__init__(
            f"Document {document_id} is damaged in the store ({detail}). "
            "Nothing of it was given out; restore its object from a backup."
        )
        self.document_id = document_id
        self.fault = fault
        self.detail = detail

    def __reduce__(self) -> tuple[type[DocumentDamaged], tuple[UUID, str, str]]:
        """Crosses process borders whole (a worker raises it, the service reports it)."""
        return (DocumentDamaged, (self.document_id, self.fault, self.detail))


class DocumentTooLarge(VaultError):
    """The document is larger than the caller allowed."""


class NotReadBack(VaultError):
    """What was written could not be read back whole: the store lost or changed it at once."""
