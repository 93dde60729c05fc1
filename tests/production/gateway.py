"""The real S3 server, which can be killed, frozen and brought back."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from storage import S3Store
from tests.town import free_port

CEPH = Path(__file__).parents[1] / "s3" / "ceph.sh"
BUCKET = "skrytka"
START_SECONDS = 120


@dataclass(frozen=True)
class Gateway:
    """A RADOS Gateway, with its cluster in `folder`; it starts while others do their work."""

    folder: Path
    endpoint: str
    starting: Future[str]
    access_key: str = "skrytka-test"
    secret_key: str = "not-a-secret-only-for-tests"

    def wait_until_ready(self) -> None:
        """Wait until there is an empty bucket."""
        assert self.starting.result().split() == [self.endpoint, self.access_key, self.secret_key]
        self.store.prepare()

    @property
    def store(self) -> S3Store:
        """The bucket of the service, seen past the service."""
        return S3Store(self.endpoint, self.access_key, self.secret_key, BUCKET, secure=False)

    def kill(self) -> None:
        """Take the gateway away as a crash would; the cluster behind it stays."""
        process = psutil.Process(self._pid)
        process.kill()
        psutil.wait_procs([process], timeout=10)
        while psutil.pid_exists(process.pid):
            time.sleep(0.02)

    def bring_back(self) -> None:
        """Start the gateway again."""
        _ceph("gateway", self.folder)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the gateway take connections and say nothing."""
        os.kill(self._pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._pid, signal.SIGCONT)

    @property
    def _pid(self) -> int:
        return int((self.folder / "run" / "client.rgw.pid").read_text())


@contextmanager
def running(folder: Path) -> Iterator[Gateway]:
    """A gateway, beginning to start, until the block ends."""
    port = str(free_port())
    with ThreadPoolExecutor(1) as pool:
        try:
            starting = pool.submit(_ceph, "start", folder, port)
            yield Gateway(folder, f"127.0.0.1:{port}", starting)
            starting.result()
        finally:
            _ceph("drop", folder)


def _ceph(*arguments: str | Path) -> str:
    done = subprocess.run([CEPH, *arguments], capture_output=True, text=True, timeout=START_SECONDS)
    assert done.returncode == 0, f"ceph.sh {arguments}: {done.stderr}\n{_setup_log(arguments[1])}"
    return done.stdout


def _setup_log(folder: str | Path) -> str:
    log = Path(folder) / "log" / "setup.log"
    return log.read_text() if log.exists() else ""
