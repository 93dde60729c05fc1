"""Migrations: the tables are the models, starts take turns, a killed one goes on."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from storage import STORAGE_MIGRATIONS, Base, Database, DatabaseError, migrate, pending_migrations
from storage.documents import DocumentRow, OrphanRow
from storage.ledger.records import LedgerHead, LedgerPending, LedgerRecord

OURS = {"document", "orphaned_object", "ledger_record", "ledger_pending", "ledger_head"}
ANOTHER_ROOM = '''
"""A room that builds on storage."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{revision}", {down}
branch_labels, depends_on = {labels}, {depends}
def upgrade():
    op.create_table("{revision}_table", sa.Column("id", sa.Integer, primary_key=True))
    {more}
'''


@pytest.fixture
def empty(postgres_server: str) -> Iterator[Database]:
    """A database with nothing in it."""
    name = f"empty_{uuid4().hex}"
    server = urlsplit(postgres_server)
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        database = Database(server._replace(path=f"/{name}").geturl())
        yield database
        database.close()
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Two revisions of another room."""
    first = ANOTHER_ROOM.format(
        revision="other_0001", down=None, labels=("other",), depends="'storage_0001'", more=""
    )
    second = ANOTHER_ROOM.format(
        revision="other_0002", down="'other_0001'", labels=None, depends=None, more=""
    )
    (tmp_path / "other_0001.py").write_text(first)
    (tmp_path / "other_0002.py").write_text(second)
    return tmp_path


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_the_migrated_tables_are_the_models(empty: Database) -> None:
    assert migrate(empty, [STORAGE_MIGRATIONS]) == ["storage_0001"]
    models = (DocumentRow, OrphanRow, LedgerRecord, LedgerPending, LedgerHead)
    assert {model.__tablename__ for model in models} == OURS
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: kind != "table" or name in OURS,
                "include_object": lambda _o, name, kind, *_: kind != "table" or name in OURS,
                "compare_type": True,
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_start_has_nothing_to_do(empty: Database) -> None:
    assert pending_migrations(empty, [STORAGE_MIGRATIONS]) == ["storage_0001"]
    migrate(empty, [STORAGE_MIGRATIONS])
    assert pending_migrations(empty, [STORAGE_MIGRATIONS]) == []
    assert migrate(empty, [STORAGE_MIGRATIONS]) == []


def test_another_room_builds_on_ours(empty: Database, room: Path) -> None:
    assert migrate(empty, [STORAGE_MIGRATIONS, room]) == [
        "storage_0001",
        "other_0001",
        "other_0002",
    ]
    assert tables(empty) >= OURS | {"other_0001_table", "other_0002_table"}
    assert pending_migrations(empty, [STORAGE_MIGRATIONS, room]) == []
    assert migrate(empty, [STORAGE_MIGRATIONS, room]) == []


def test_several_starts_at_once_take_turns(empty: Database, room: Path) -> None:
    applied: list[list[str]] = []
    url = empty.engine.url.render_as_string(hide_password=False)

    def start() -> None:
        database = Database(url)
        applied.append(migrate(database, [STORAGE_MIGRATIONS, room]))
        database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied, key=len) == [[], [], [], ["storage_0001", "other_0001", "other_0002"]]


def test_a_failing_revision_undoes_itself_and_keeps_those_before(
    empty: Database, room: Path
) -> None:
    broken = (room / "other_0002.py").read_text() + "    raise RuntimeError('broken')\n"
    (room / "other_0002.py").write_text(broken)
    with pytest.raises(RuntimeError, match="broken"):
        migrate(empty, [STORAGE_MIGRATIONS, room])
    assert "other_0001_table" in tables(empty)
    assert "other_0002_table" not in tables(empty)
    (room / "other_0002.py").write_text(broken.replace("    raise RuntimeError('broken')\n", ""))
    assert migrate(empty, [STORAGE_MIGRATIONS, room]) == ["other_0002"]


@pytest.mark.parametrize("killed_at", [1, 2, 3])
def test_a_killed_migration_goes_on_where_it_stopped(
    empty: Database, room: Path, killed_at: int
) -> None:
    script = f"""
import pathlib
from storage import *
migrate(Database({empty.engine.url.render_as_string(hide_password=False)!r}),
        [STORAGE_MIGRATIONS, pathlib.Path({str(room)!r})])
"""
    killed = subprocess.run(
        [sys.executable, "-c", script], env={"FAILPOINT": f"migrate_step:{killed_at}"}, check=False
    )
    assert killed.returncode == -9
    migrate(empty, [STORAGE_MIGRATIONS, room])
    assert tables(empty) >= OURS | {"other_0001_table", "other_0002_table"}


def test_a_database_of_a_newer_program_is_refused(empty: Database) -> None:
    migrate(empty, [STORAGE_MIGRATIONS])
    with empty.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'storage_9999'"))
    for use in (migrate, pending_migrations):
        with pytest.raises(DatabaseError, match="Run the newer version"):
            use(empty, [STORAGE_MIGRATIONS])
