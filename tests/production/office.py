"""One installation of the service, made and run with the commands that the documents name."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]
SKRYTKA = Path(sys.executable).with_name("skrytka")
PATIENCE = 60.0  # seconds: on a loaded machine everything takes its time
STOPS_WITHIN = 10.0  # seconds: what is promised for SIGTERM


class Running:
    """One of the service's processes; all it says is in `log`."""

    def __init__(self, command: str, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._asked_at = 0.0
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                [SKRYTKA, command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait until `ready`; fail when the process ends or takes too long."""
        deadline = time.monotonic() + PATIENCE
        while not ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def ask_to_stop(self) -> None:
        """Ask it to end as systemd does."""
        self._asked_at = time.monotonic()
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> tuple[int, float]:
        """Wait for the end; gives its exit status and the seconds since it was asked."""
        status = self.process.wait(PATIENCE)
        return status, time.monotonic() - self._asked_at

    def kill(self) -> None:
        """End it and its children, whatever they do."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass
class Installation:
    """Folders, settings and processes of one service."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def etc(self) -> Path:
        """What /etc/skrytka is in the documents."""
        return self.folder / "etc"

    @property
    def socket(self) -> Path:
        """Where the pages listen."""
        return self.folder / "web.sock"

    @property
    def spool(self) -> Path:
        """Where uploads wait."""
        return self.folder / "spool"

    def secret(self, name: str, content: bytes) -> Path:
        """Write a file that only the service may read."""
        path = self.etc / name
        path.touch(mode=0o600)
        path.write_bytes(content)
        return path

    def run(
        self, *command: str, prefix: Sequence[str] = (), **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a `skrytka` command with the settings, changed; `prefix` runs it in its way."""
        return subprocess.run(
            [*prefix, str(SKRYTKA), *command],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env={**_plain_environment(), **self.environment, **changes},
        )

    def as_documented(self, words: str, **values: str) -> str:
        """Run a command that README.md names, `values` in place of its words; gives its output."""
        readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
        assert f"`{words}`" in readme, f"README.md does not say {words}"
        for placeholder, value in values.items():
            words = words.replace(placeholder.replace("_", "-"), shlex.quote(value))
        done = self.run(*shlex.split(words)[1:])
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make_secrets_as_documented(self) -> None:
        """Run the commands of deploy/README.md that make the service's own secrets."""
        guide = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
        [block] = [block for block in blocks if "create-keys" in block]
        script = (
            block.replace("runuser -u skrytka -- ", "")
            .replace("/opt/skrytka/.venv/bin/skrytka", str(SKRYTKA))
            .replace("/etc/skrytka", str(self.etc))
        )
        subprocess.run(["sh", "-euc", script], check=True, capture_output=True, timeout=PATIENCE)

    def start(self) -> tuple[Running, Running]:
        """Start `serve` and `worker` and wait until both work."""
        environment = {**_plain_environment(), **self.environment}
        serve, worker = (
            Running(command, environment, self.folder / f"{command}.log")
            for command in ("serve", "worker")
        )
        serve.wait_until(self.answers)
        worker.wait_until(lambda: "Starting worker" in _last_start(worker.log))
        return serve, worker

    def answers(self) -> bool:
        """Whether the pages' socket takes requests."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def logs(self) -> str:
        """Everything that the processes said."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


def example_settings() -> dict[str, str]:
    """Give the variables of deploy/skrytka.env, those commented out too."""
    text = (ROOT / "deploy" / "skrytka.env").read_text(encoding="utf-8")
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", text, re.MULTILINE))


def health(base_url: str, ca: Path) -> tuple[int, str]:
    """Ask after the service as a load balancer does."""
    answer = requests.get(f"{base_url}/health", verify=str(ca), timeout=PATIENCE)
    return answer.status_code, answer.text.strip()


def within(seconds: float, happens: Callable[[], object]) -> None:
    """Wait until something happens; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def _plain_environment() -> dict[str, str]:
    ours = ("SKRYTKA_", "DATABASE_URL", "PG", "FAILPOINT")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _last_start(log: Path) -> str:
    """What a process said since the last one that used this log ended."""
    return log.read_text().rpartition("Stopped worker")[2]
