"""The engine, its sessions and transactions."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import sqlalchemy
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from storage.errors import DatabaseError, DatabaseUnavailable

POOL_SIZE = 5  # connections kept open by one process; a request or job holds one at a time
POOL_OVERFLOW = 10  # more in a burst; PostgreSQL's default of 100 then serves six processes
POOL_WAIT_SECONDS = 10  # a request that cannot get a connection by then is better refused
CONNECT_SECONDS = 5
KEEPALIVE_SECONDS = 5  # between two questions to a silent server's machine
LOCK_WAIT_MS = 15_000  # a lock waited for longer than this is a fault, not a queue
SILENCE_MS = 30_000  # a server that vanished without a word (power, cable) is given up after this
IDLE_IN_TRANSACTION_MS = 300_000  # a forgotten transaction must not hold the ledger's head for ever

# What every connection insists on, whatever the server's own defaults are.
SESSION_SETTINGS = {
    "timezone": "UTC",
    "synchronous_commit": "on",
    "lock_timeout": str(LOCK_WAIT_MS),
    "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS),
}


class Database:
    """One PostgreSQL database: `url` is `postgresql://…` as in `DATABASE_URL`.

    Connects at first use; a forked process gets connections of its own.
    """

    def __init__(self, url: str, *, pool_size: int = POOL_SIZE) -> None:
        self.engine = _engine(url, pool_size)
        _forget_connections_after_fork(self.engine)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Gives a session whose work is committed at the end of the block, or undone if the block
        raises.

        Raises `DatabaseUnavailable` when the server went away or could not do the work now.
        """
        try:
            with self._sessions.begin() as session:
                yield session
        except _UNAVAILABLE as error:
            raise DatabaseUnavailable("The database does not answer; try again later.") from error

    def ping(self) -> None:
        """Reaches the server once.

        Raises `DatabaseUnavailable` in words when nobody answers, `DatabaseError` when the server
        does and will not let us in.
        """
        try:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        except _UNAVAILABLE as error:
            said = " ".join(str(getattr(error, "orig", error)).split())
            raise self._unreachable(said) from error

    def _unreachable(self, said: str) -> DatabaseError:
        address = self.engine.url.set(drivername="postgresql")
        where = f"DATABASE_URL: the database {address.render_as_string()}"
        if _answers(address):
            return DatabaseError(f"{where} does not let us in: {said}. Check user and password.")
        return DatabaseUnavailable(
            f"{where} does not answer: {said}. Check the address and that PostgreSQL is running."
        )

    @property
    def conninfo(self) -> str:
        """The address for libraries that connect through libpq by themselves: keep it secret."""
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.conninfo.make_conninfo(url, **_connecting())

    def close(self) -> None:
        """Closes every pooled connection."""
        self.engine.dispose()


def psycopg_connection(session: Session) -> psycopg.Connection[Any]:
    """Gives the psycopg connection inside `session`'s transaction.

    For libraries that write by themselves and must commit or vanish with the session
    (procrastinate's `defer`). The caller neither commits nor closes it. What the session holds
    unflushed is flushed first, so that both see the same.
    """
    session.flush()
    driver = session.connection().connection.driver_connection
    return cast("psycopg.Connection[Any]", driver)


def driver_url(url: str) -> sqlalchemy.URL:
    """Gives `url` with the driver we use named.

    Raises `DatabaseError` for another engine than PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise DatabaseError("DATABASE_URL is not a database address (postgresql://…).") from error
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseError(
            f"DATABASE_URL names {parsed.get_backend_name()}; only PostgreSQL is supported "
            "(postgresql://…)."
        )
    return parsed.set(drivername="postgresql+psycopg")


# Lost connections, refused ones, a pool that waited in vain, locks and disks: all may be over soon.
_UNAVAILABLE = (sqlalchemy.exc.OperationalError, sqlalchemy.exc.TimeoutError)


def _answers(address: sqlalchemy.URL) -> bool:
    """Whether a server is there and takes connections, if only not ours.

    Asked of libpq, as the server's words for it are in the server's language.
    """
    url = address.render_as_string(hide_password=False)
    asked = psycopg.conninfo.make_conninfo(url, connect_timeout=CONNECT_SECONDS)
    return psycopg.pq.PGconn.ping(asked.encode()) == psycopg.pq.Ping.OK


def _forget_connections_after_fork(engine: Engine) -> None:
    """Two processes on one connection would read each other's answers."""
    kept = weakref.ref(engine)

    def forget() -> None:
        if (engine := kept()) is not None:
            engine.dispose(close=False)

    os.register_at_fork(after_in_child=forget)


def _engine(url: str, pool_size: int) -> Engine:
    return sqlalchemy.create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,  # a restarted PostgreSQL costs one retry, not one failed request
        connect_args=_connecting(),
    )


def _connecting() -> dict[str, Any]:
    """How libpq shall connect: with our settings, and with limits to its patience."""
    return {
        "options": " ".join(f"-c {name}={value}" for name, value in SESSION_SETTINGS.items()),
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": SILENCE_MS,
        "keepalives_idle": SILENCE_MS // 1000,
        "keepalives_interval": KEEPALIVE_SECONDS,
    }
