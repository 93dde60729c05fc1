"""A real `skrytka demo` for tests: started, killed in every way, started again."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

START_PATIENCE = 90.0  # seconds: the first start makes a database and an authority
STOP_PATIENCE = 60.0
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
SKRYTKA = Path(sys.executable).with_name("skrytka")


class TownError(Exception):
    """The demo did not do what it was told."""


class Town:
    """One demo on its own folders and port; everything it says is in `said`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PG")},
            "SKRYTKA_DATA": str(folder / "data"),
            "SKRYTKA_KEYS": str(folder / "keys"),
            "SKRYTKA_PORT": str(port),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.seconds_to_start = 0.0

    @property
    def said(self) -> str:
        """Everything that the demo printed since its last start."""
        return self._console.read_text(errors="replace")

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def _console(self) -> Path:
        return self.folder / "console"

    def start(self, *, failpoint: str | None = None) -> None:
        """Start the demo and wait until it says its address; `failpoint` arms one in it."""
        began = time.monotonic()
        armed = {"FAILPOINT": failpoint} if failpoint else {}
        with self._console.open("wb") as console:
            self.process = subprocess.Popen(
                [sys.executable, str(SKRYTKA), "demo"],
                stdout=console,
                stderr=subprocess.STDOUT,
                env={**self.environment, **armed},
                start_new_session=True,
            )
        while not ADDRESS.search(self.said):
            if self.process.poll() is not None or time.monotonic() - began > START_PATIENCE:
                raise TownError(f"The demo did not start:\n{self.said}")
            time.sleep(0.02)
        self.seconds_to_start = time.monotonic() - began

    def stop(self, asked: signal.Signals = signal.SIGINT) -> float:
        """Stop the demo as Ctrl-C does; gives the seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(asked)
        self.process.wait(STOP_PATIENCE)
        return time.monotonic() - began

    def processes(self) -> list[psutil.Process]:
        """Give the supervisor and everything that descends from it, PostgreSQL included."""
        assert self.process is not None
        try:
            supervisor = psutil.Process(self.process.pid)
            return [supervisor, *supervisor.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def named(self, text: str) -> list[psutil.Process]:
        """Give the demo's processes whose command line holds `text`."""
        return [each for each in self.processes() if text in " ".join(command_line(each))]

    def kill_everything(self) -> None:
        """Kill every process of the demo at once, as a power cut would."""
        doomed = self.processes()
        for each in doomed:
            kill(each)
        assert self.process is not None
        self.process.wait()
        psutil.wait_procs(doomed, timeout=STOP_PATIENCE)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run another `skrytka` command with the demo's settings."""
        return subprocess.run(
            [sys.executable, str(SKRYTKA), *arguments],
            capture_output=True,
            text=True,
            env={**self.environment, **self.settings()},
        )

    def settings(self) -> dict[str, str]:
        """Give the settings that `skrytka demo settings` prints."""
        done = subprocess.run(
            [sys.executable, str(SKRYTKA), "demo", "settings"],
            capture_output=True,
            text=True,
            env=self.environment,
            check=True,
        )
        pairs = (line.removeprefix("export ").partition("=") for line in done.stdout.splitlines())
        return {name: value.strip("'") for name, _, value in pairs}


def command_line(process: psutil.Process) -> list[str]:
    """Give a process's arguments, none when it is gone."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def kill(process: psutil.Process) -> None:
    """Kill a process that may be gone already."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


@contextmanager
def town_folder() -> Iterator[Path]:
    """Give a new folder in which root's PostgreSQL can live too; it is removed at the end."""
    home = Path("/var/lib") if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="skrytka-town-", dir=home) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def free_port() -> int:
    """Give a port that nothing listens on, outside those that outgoing connections get."""
    for port in random.sample(range(20000, 32000, 10), 200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise TownError("No free port was found.")
