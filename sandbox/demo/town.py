"""The demo as a whole: its processes, their order, and what is said to the person."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.demo.environment import base_url, hand_out, make_keys, service_environment
from sandbox.demo.folders import DATA_VARIABLE, Folders, find_folders, keep_alone, tidy
from sandbox.demo.parts import Part
from sandbox.demo.ports import (
    PORT_VARIABLE,
    answers,
    take_free_port,
    take_port,
    wanted_port,
)
from sandbox.demo.supervisor import StopAsked, Supervisor
from sandbox.people import CertificateState, Person
from sandbox.world import Sandbox
from storage import EmbeddedPostgres

SANDBOX_PORTS = 100  # how many ports after the pages' are tried for the sandbox
WEB_PATIENCE = 25.0  # seconds; gunicorn gives requests 20
WORKER_PATIENCE = 30.0  # seconds for the job at hand
POSTGRES_PATIENCE = 60.0  # seconds for the last checkpoint

Say = Callable[[str], None]


class Town:
    """The demo on its folders and ports; `run` keeps it alive until somebody stops it."""

    def __init__(self, environment: Mapping[str, str], home: Path, say: Say) -> None:
        self.folders = find_folders(environment, home)
        self._lock = keep_alone(self.folders)
        tidy(self.folders)
        self._say = say
        self.port = wanted_port(environment.get(PORT_VARIABLE))
        self._pages = take_port(
            self.port, f"Set another: {PORT_VARIABLE}={self.port + 1} skrytka demo"
        )
        self._postgres = EmbeddedPostgres(self.folders.cluster)

    def run(self) -> None:
        """Start everything, say where it is, keep it running; stop it all when asked."""
        supervisor = Supervisor(self._say)
        try:
            make_keys(self.folders)
            self._postgres.prepare()
            sandbox, answering = self._open_sandbox()
            hand_out(self.folders, sandbox)
            settings = self._settings(sandbox)
            supervisor.start(self._database())
            supervisor.until_ready()
            supervisor.start(self._outside(answering), self._web(settings), self._worker(settings))
            supervisor.until_ready()
            self._say(welcome(self.port, self.folders, sandbox))
            supervisor.watch()
        except StopAsked:
            self._say("Stopping …")
        finally:
            supervisor.stop()

    def _open_sandbox(self) -> tuple[Sandbox, socket.socket]:
        """Open the sandbox with the socket on which it will answer; its port never changes."""
        folder = self.folders.sandbox
        if known := Sandbox.remembered_base_url(folder):
            port = urlsplit(known).port or 0
            answering = take_port(
                port, "The demo's certificates name this port: stop that program, or begin anew "
                f"with another data folder ({DATA_VARIABLE}).",
            )  # fmt: skip
        else:
            answering = take_free_port(self.port + 1, self.port + SANDBOX_PORTS)
            port = answering.getsockname()[1]
        return Sandbox.create_or_open(folder, base_url(port), lambda: datetime.now(UTC)), answering

    def _settings(self, sandbox: Sandbox) -> dict[str, str]:
        return {
            **service_environment(self.folders, sandbox, self._postgres.url, self.port),
            "SKRYTKA_LISTEN": f"fd://{self._pages.fileno()}",
            "SKRYTKA_WEB_PROCESSES": "1",  # the demo has few visitors and shall start fast
            "TMPDIR": str(self.folders.temporary),
        }

    def _database(self) -> Part:
        account = self._postgres.user
        popen = {} if account is None else {
            "user": account[0], "group": account[1], "extra_groups": [],
        }  # fmt: skip
        return Part(
            "The database",
            self._restarted_database(),
            self.folders.log("postgresql"),
            is_ready=self._postgres.is_ready,
            popen={"cwd": "/", **popen},
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: clients are sent away
            orphan_signal=signal.SIGINT,
            patience=POSTGRES_PATIENCE,
        )

    def _restarted_database(self) -> Callable[[], list[str]]:
        def command() -> list[str]:
            self._postgres.prepare()
            return self._postgres.command()

        return command

    def _outside(self, answering: socket.socket) -> Part:
        port, pages = answering.getsockname()[1], base_url(self.port)
        command = [
            sys.executable, "-m", "sandbox", str(self.folders.sandbox),
            "--port", str(port), "--fd", str(answering.fileno()),
            "--redirect-uri", f"{pages}/sign-in/done", "--post-logout-redirect-uri", f"{pages}/",
        ]  # fmt: skip
        return Part(
            "The sandbox",
            lambda: command,
            self.folders.log("sandbox"),
            is_ready=lambda: answers(port, "/health"),
            environment={"TMPDIR": str(self.folders.temporary)},
            popen={"pass_fds": [answering.fileno()]},
        )

    def _web(self, settings: Mapping[str, str]) -> Part:
        return self._command(
            "web",
            "The web server",
            settings,
            is_ready=lambda: answers(self.port, "/"),
            popen={"pass_fds": [self._pages.fileno()]},
            patience=WEB_PATIENCE,
        )

    def _worker(self, settings: Mapping[str, str]) -> Part:
        """The job worker, which first brings the database up to date.

        The web server loads meanwhile: it looks at the database at the first request only, and
        nobody knows its address before both are ready.
        """
        return self._command(
            "worker",
            "The job worker",
            settings,
            is_ready=self.folders.prepared.exists,
            patience=WORKER_PATIENCE,
        )

    def _command(self, name: str, title: str, settings: Mapping[str, str], **more: Any) -> Part:
        """A hidden command of `skrytka demo`, run in a process of its own."""
        skrytka = Path(sys.executable).with_name("skrytka")
        return Part(
            title,
            lambda: [sys.executable, str(skrytka), "demo", name],
            self.folders.log(name),
            environment=settings,
            **more,
        )


def forget_database_variables() -> None:
    """Keep PGHOST and its like from leading the demo to another database."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def welcome(port: int, folders: Folders, sandbox: Sandbox) -> str:
    """Say where the demo is, whom to log in as and where things lie."""
    people = "\n".join(
        f"    {person.name:20} {_what(person, sandbox)}" for person in sandbox.people()
    )
    elsewhere = "" if folders.cluster.parent == folders.data else f"    {folders.cluster.parent}\n"
    return (
        f"\nSkrytka demo: everybody in it is invented, nothing in it has legal effect.\n\n"
        f"    {base_url(port)}/\n\n"
        f"Log in as (no password):\n{people}\n\n"
        f"Data, with logs in logs/:\n    {folders.data}\n{elsewhere}"
        f"Keys:\n    {folders.keys}\n\n"
        f"Ctrl-C stops it; the data stay.\n"
    )


def _what(person: Person, sandbox: Sandbox) -> str:
    names = {office.short_id: office.name for office in sandbox.offices()}
    office = f"{', '.join(person.roles)} · {names[person.office]}" if person.office else "citizen"
    if person.certificate_state is CertificateState.VALID:
        return office
    return f"{office}, certificate {person.certificate_state}"
