"""The migrations make exactly the tables that the code uses."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import exchange.services
from exchange import EXCHANGE_MIGRATIONS
from storage import STORAGE_MIGRATIONS, Base, Database, pending_migrations

assert exchange.services  # loads every table of the exchange into Base.metadata


def _tables_known(_object: Any, name: str | None, kind: str, reflected: bool, _to: Any) -> bool:
    return not (
        kind == "table" and reflected and str(name).startswith(("procrastinate_", "alembic_"))
    )


def test_tables_and_models_agree(database: Database) -> None:
    options = {"include_object": _tables_known, "compare_type": False}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_a_migrated_database_is_up_to_date(database: Database) -> None:
    assert pending_migrations(database, [STORAGE_MIGRATIONS, EXCHANGE_MIGRATIONS]) == []
