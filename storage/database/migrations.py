"""Brings a database to the newest schema: Alembic, one branch of revisions a room, all in one
`migrate` call.

A room keeps its revisions in a folder of its own (`exchange/migrations`), names its first one as a
branch (`branch_labels = ("exchange",)`, `down_revision = None`) and lets it wait for what it builds
on (`depends_on = "storage_0001"`). No `env.py` and no ini file: `app.py` hands the folders in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationInfo, RevisionStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from storage.database.base import Base
from storage.database.database import Database
from storage.errors import DatabaseError
from storage.failpoints import failpoint

STORAGE_MIGRATIONS = Path(__file__).parent.parent / "migrations"

# Two processes that start at once take turns; any fixed number that nothing else in the database
# locks will do.
_LOCK = 0x736B_7279_746B_6101


def migrate(database: Database, version_locations: Sequence[Path]) -> list[str]:
    """Upgrades `database` to the newest revision of every branch in `version_locations`.

    Each revision is one transaction, so a migration that was killed goes on where it stopped. Gives
    the identifiers of the revisions applied, in order; empty when there was nothing to do. Raises
    `DatabaseError` when the database was made by a newer version of the program.
    """
    scripts = _scripts(version_locations)
    with _alone(database) as connection:
        return _upgrade(connection, scripts)


def pending_migrations(database: Database, version_locations: Sequence[Path]) -> list[str]:
    """Gives the revisions that `migrate` would apply; empty when the schema is up to date.

    Raises `DatabaseError` when the database was made by a newer version of the program.
    """
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    steps = _missing(_scripts(version_locations), present)
    return [step.revision.revision for step in steps]


def _scripts(version_locations: Sequence[Path]) -> ScriptDirectory:
    return ScriptDirectory(STORAGE_MIGRATIONS, version_locations=list(version_locations))


def _missing(scripts: ScriptDirectory, present: Any) -> list[RevisionStep]:
    """Gives the steps from the `present` heads to the newest ones.

    Asked of Alembic, not compared by name: a revision that another room's depends on is no head of
    its own in the database.
    """
    try:
        return list(scripts._upgrade_revs("heads", present))
    except CommandError as error:
        raise DatabaseError(
            f"The database was made by another version of this program ({error}). Run the newer "
            "version."
        ) from error


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A connection that holds the migration lock, which goes with it, also after a crash."""
    with database.engine.connect() as connection:
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.invalidate()  # closes it for good: the lock and the setting go with it


def _upgrade(connection: Connection, scripts: ScriptDirectory) -> list[str]:
    applied: list[str] = []

    def steps(current: Any, _context: MigrationContext) -> list[RevisionStep]:
        return _missing(scripts, current)

    def note(*, step: MigrationInfo, **_: object) -> None:
        applied.append(str(step.up_revision_id))
        failpoint("migrate_step")

    context = MigrationContext.configure(
        connection,
        opts={
            "fn": steps,
            "target_metadata": Base.metadata,
            "transaction_per_migration": True,
            "on_version_apply": [note],
        },
    )
    with Operations.context(context):
        context.run_migrations()
    return applied
