"""A PostgreSQL server over TCP that asks for a password: Debian's where there is one, else ours."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from storage.database.account import Account, binaries_for, may_enter, own, service_account

ROLE = "skrytka"
PASSWORD = "only-for-tests"
START_SECONDS = 30.0


class PasswordPostgres:
    """A server in `folder`, which can go away and come back with what it had."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._account = service_account()
        if self._account is not None:
            may_enter(self._account, folder.parent)
        own(self._account, folder)
        self._programs = _programs(self._account, folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._create()

    def url(self, database: str = "postgres", password: str = PASSWORD) -> str:
        """The address of a database in it."""
        return f"postgresql://{ROLE}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and wait until it lets somebody in."""
        options = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "",
            "fsync": "off", "log_statement": "none",
        }  # fmt: skip
        flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
        with (self.folder.with_name("postgres.log")).open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.folder / "data", *flags],
                stdout=log,
                stderr=log,
                cwd="/",
                **self._as_account(),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, "PostgreSQL ended"
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        """Cut every connection and end."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_SECONDS)
            self._process = None

    def create_database(self, name: str) -> None:
        """Make an empty database."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')

    def _create(self) -> None:
        password = self.folder / "password"
        password.write_text(f"{PASSWORD}\n")
        if self._account is not None:
            os.chown(password, self._account.uid, self._account.gid)
        subprocess.run(
            [
                self._programs / "initdb", "-D", self.folder / "data", "-U", ROLE,
                "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C",
                "--no-sync",
            ],
            check=True, capture_output=True, cwd="/", **self._as_account(),
        )  # fmt: skip

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _as_account(self) -> dict[str, Any]:
        return self._account.popen() if self._account else {}


def _programs(account: Account | None, folder: Path) -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else binaries_for(account, beside=folder)
