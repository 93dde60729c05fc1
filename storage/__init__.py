"""Bytes kept safe: database, encrypted objects, keys, audit ledger.

Knows no signatures and no letters. Names load when they are first used: who only starts the
database does not pay for the S3 client.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from storage.database.base import Base
    from storage.database.database import Database, psycopg_connection
    from storage.database.embedded import EmbeddedPostgres
    from storage.database.migrations import STORAGE_MIGRATIONS, migrate, pending_migrations
    from storage.documents import StoredDocument
    from storage.keys import ColumnCipher, MasterKeys
    from storage.ledger import JSON, Anchor, Ledger, LedgerCheck
    from storage.objects.folder import FolderStore
    from storage.objects.s3 import S3Store
    from storage.objects.store import ObjectStore, StoredObject
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

_HOMES = {
    "Anchor": "storage.ledger",
    "Base": "storage.database.base",
    "ColumnCipher": "storage.keys",
    "Database": "storage.database.database",
    "EmbeddedPostgres": "storage.database.embedded",
    "EncryptedSpool": "storage.spool",
    "FolderStore": "storage.objects.folder",
    "JSON": "storage.ledger",
    "Ledger": "storage.ledger",
    "LedgerCheck": "storage.ledger",
    "MasterKeys": "storage.keys",
    "ObjectStore": "storage.objects.store",
    "S3Store": "storage.objects.s3",
    "STORAGE_MIGRATIONS": "storage.database.migrations",
    "StoredDocument": "storage.documents",
    "StoredObject": "storage.objects.store",
    "Vault": "storage.vault",
    "migrate": "storage.database.migrations",
    "pending_migrations": "storage.database.migrations",
    "psycopg_connection": "storage.database.database",
    "remove_leftovers": "storage.spool",
}


def __getattr__(name: str) -> object:
    """Loads a name of the front door when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
