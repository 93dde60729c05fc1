"""The database: transactions, connections shared with libraries, words when it is away."""

from __future__ import annotations

import contextlib
import os
from urllib.parse import urlsplit

import procrastinate
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage import Database, DatabaseError, DatabaseUnavailable, psycopg_connection
from storage.database.database import driver_url


class _UndoneError(Exception):
    """What makes a transaction fail in these tests."""


@pytest.fixture
def notes(database: Database) -> Database:
    with database.transaction() as session:
        session.execute(text("CREATE TABLE note (words text PRIMARY KEY)"))
    return database


def words(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(text("SELECT words FROM note ORDER BY words")))


def write(database: Database, *all_words: str) -> None:
    with database.transaction() as session:
        for each in all_words:
            session.execute(text("INSERT INTO note VALUES (:words)"), {"words": each})


def test_a_transaction_is_kept_whole_or_not_at_all(notes: Database) -> None:
    write(notes, "a", "b")
    with pytest.raises(IntegrityError):
        write(notes, "c", "b")
    assert words(notes) == ["a", "b"]


def test_a_library_on_the_psycopg_connection_shares_the_transaction(notes: Database) -> None:
    with contextlib.suppress(_UndoneError), notes.transaction() as session:
        psycopg_connection(session).execute("INSERT INTO note VALUES ('undone')")
        raise _UndoneError
    with notes.transaction() as session:
        psycopg_connection(session).execute("INSERT INTO note VALUES ('kept')")
    assert words(notes) == ["kept"]


def test_a_job_is_deferred_in_the_transaction_of_its_fact(
    notes: Database, postgres_url: str
) -> None:
    connector = procrastinate.SyncPsycopgConnector(conninfo=postgres_url)
    jobs = procrastinate.App(connector=connector)

    @jobs.task(name="note.written")
    def written(words: str) -> None: ...

    with jobs.open():
        if not jobs.check_connection():  # another room's migrations may bring the tables
            jobs.schema_manager.apply_schema()
        for fails in (True, False):
            with contextlib.suppress(_UndoneError), notes.transaction() as session:
                session.execute(text("INSERT INTO note VALUES ('a fact')"))
                written.configure(connection=psycopg_connection(session)).defer(words="a fact")
                if fails:
                    raise _UndoneError
        with notes.transaction() as session:
            count = session.scalar(text("SELECT count(*) FROM procrastinate_jobs"))
    assert (count, words(notes)) == (1, ["a fact"])


def test_every_connection_insists_on_what_we_rely_on(database: Database) -> None:
    with database.transaction() as session:
        shown = {
            name: session.scalar(text(f"SHOW {name}"))
            for name in ("timezone", "synchronous_commit", "lock_timeout")
        }
    assert shown == {"timezone": "UTC", "synchronous_commit": "on", "lock_timeout": "15s"}


def test_a_cut_connection_costs_no_failed_transaction(notes: Database) -> None:
    write(notes, "before")
    with notes.transaction() as session:
        others = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        notes_pids = session.execute(others).all()
    write(notes, "after")
    assert words(notes) == ["after", "before"], notes_pids


@pytest.mark.parametrize(
    "url", ["postgresql://u@/d?host=/run", "postgres://u@h/d", "postgresql+psycopg2://u@h/d"]
)
def test_every_way_to_write_a_postgresql_url_is_understood(url: str) -> None:
    assert driver_url(url).drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite:///x.db", "mysql://u@h/d"])
def test_another_database_is_refused_in_words(url: str) -> None:
    with pytest.raises(DatabaseError, match="DATABASE_URL"):
        Database(url)


def test_an_unreachable_database_is_said_without_its_password() -> None:
    database = Database("postgresql://user:hunter2@127.0.0.1:1/db")
    with pytest.raises(DatabaseUnavailable, match=r"DATABASE_URL: .* does not answer") as caught:
        database.ping()
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(DatabaseUnavailable), database.transaction() as session:
        session.execute(text("SELECT 1"))


def test_a_server_that_will_not_let_us_in_is_not_one_that_is_away(postgres_url: str) -> None:
    database = Database(urlsplit(postgres_url)._replace(path="/no-such-database").geturl())
    with pytest.raises(DatabaseError, match=r"does not let us in.*no-such-database") as caught:
        database.ping()
    assert not isinstance(caught.value, DatabaseUnavailable)


def test_a_forked_process_gets_connections_of_its_own(database: Database) -> None:
    mine = backend(database)
    child = os.fork()
    if child == 0:
        os._exit(0 if backend(database) != mine else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert backend(database) == mine


def backend(database: Database) -> object:
    """Give which of the server's processes answers."""
    with database.transaction() as session:
        return session.scalar(text("SELECT pg_backend_pid()"))


def test_a_connection_cut_in_the_middle_is_unavailable_not_a_bug(notes: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        _lose_connection(notes)
    assert words(notes) == []


def _lose_connection(notes: Database) -> None:
    with notes.transaction() as session:
        mine = {"pid": session.scalar(text("SELECT pg_backend_pid()"))}
        with notes.transaction() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), mine)
        session.execute(text("INSERT INTO note VALUES ('lost')"))
