"""Bytes kept safe: database, encrypted objects, keys, audit ledger.

Knows no signatures and no letters.
"""

from storage.database import (
    STORAGE_MIGRATIONS,
    Base,
    Database,
    EmbeddedPostgres,
    migrate,
    pending_migrations,
    psycopg_connection,
)
from storage.documents import StoredDocument
from storage.errors import (
    DatabaseError,
    DatabaseUnavailable,
    DocumentDamaged,
    DocumentTooLarge,
    EmbeddedPostgresError,
    KeyFileError,
    MasterKeyError,
    NotReadBack,
    ObjectExists,
    ObjectMissing,
    SealBroken,
    StorageError,
    StoreError,
    StoreRefused,
    StoreUnavailable,
    UnknownKeyVersion,
    VaultError,
)
from storage.failpoints import failpoint
from storage.keys import ColumnCipher, MasterKeys
from storage.ledger import JSON, Anchor, Ledger, LedgerCheck
from storage.objects import FolderStore, ObjectStore, S3Store, StoredObject
from storage.spool import EncryptedSpool, remove_leftovers
from storage.vault import Vault

__all__ = [
    "JSON",
    "STORAGE_MIGRATIONS",
    "Anchor",
    "Base",
    "ColumnCipher",
    "Database",
    "DatabaseError",
    "DatabaseUnavailable",
    "DocumentDamaged",
    "DocumentTooLarge",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "EncryptedSpool",
    "FolderStore",
    "KeyFileError",
    "Ledger",
    "LedgerCheck",
    "MasterKeyError",
    "MasterKeys",
    "NotReadBack",
    "ObjectExists",
    "ObjectMissing",
    "ObjectStore",
    "S3Store",
    "SealBroken",
    "StorageError",
    "StoreError",
    "StoreRefused",
    "StoreUnavailable",
    "StoredDocument",
    "StoredObject",
    "UnknownKeyVersion",
    "Vault",
    "VaultError",
    "failpoint",
    "migrate",
    "pending_migrations",
    "psycopg_connection",
    "remove_leftovers",
]
