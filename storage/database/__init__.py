"""One engine everywhere: PostgreSQL, by `DATABASE_URL` or started inside the data folder."""

from storage.database.base import Base
from storage.database.database import Database, psycopg_connection
from storage.database.embedded import EmbeddedPostgres
from storage.database.migrations import STORAGE_MIGRATIONS, migrate, pending_migrations

__all__ = [
    "STORAGE_MIGRATIONS",
    "Base",
    "Database",
    "EmbeddedPostgres",
    "migrate",
    "pending_migrations",
    "psycopg_connection",
]
