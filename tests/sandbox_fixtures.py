"""Fixtures for tests that need the outside world: a sandbox, and a sandbox that answers.

Registered for all tests as a pytest plugin. `sandbox` costs about a second once a session (small
keys); `sandbox_server` starts its process once a session, at a port the system picked.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from sandbox import Sandbox

REDIRECT_URI = "http://service.test/sign-in/done"
POST_LOGOUT_REDIRECT_URI = "http://service.test/"

_RSA_BITS = 2048
"""Three times quicker to make than what the demonstration uses, and as real."""
_START_SECONDS = 30


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox whose services answer at `base_url`."""

    sandbox: "Sandbox"
    base_url: str
    redirect_uri: str = REDIRECT_URI
    post_logout_redirect_uri: str = POST_LOGOUT_REDIRECT_URI


@pytest.fixture(scope="session")
def sandbox_socket() -> Iterator[socket.socket]:
    """A listening socket at a free port, held so that nobody else can take the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory, sandbox_socket: socket.socket) -> "Sandbox":
    """A sandbox in its folder; nothing answers until a test asks for `sandbox_server`."""
    from sandbox import Sandbox

    folder = tmp_path_factory.mktemp("sandbox") / "world"
    host, port = sandbox_socket.getsockname()
    base_url = f"http://{host}:{port}"
    return Sandbox.create_or_open(folder, base_url, lambda: datetime.now(UTC), rsa_bits=_RSA_BITS)


@pytest.fixture(scope="session")
def sandbox_server(
    sandbox: "Sandbox", sandbox_socket: socket.socket, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSandbox]:
    """The session's sandbox, answering."""
    host, port = sandbox_socket.getsockname()
    log = tmp_path_factory.mktemp("sandbox-log") / "server.log"
    # gunicorn forgets to close its copy of an inherited socket; all other warnings are errors
    command = [sys.executable, "-W", "error", "-W", "ignore:unclosed:ResourceWarning"]
    command += ["-m", "sandbox", str(sandbox.content.parent)]
    command += ["--host", host, "--port", str(port), "--fd", str(sandbox_socket.fileno())]
    command += ["--redirect-uri", REDIRECT_URI]
    command += ["--post-logout-redirect-uri", POST_LOGOUT_REDIRECT_URI]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, pass_fds=[sandbox_socket.fileno()], stdout=output, stderr=output
        )
    try:
        _wait_until_healthy(f"{sandbox.base_url}/health", process, log)
        yield RunningSandbox(sandbox, sandbox.base_url)
    finally:
        process.terminate()
        process.wait(timeout=_START_SECONDS)
    assert process.returncode == 0, log.read_text()
    assert log.read_text() == ""


def _wait_until_healthy(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(url, timeout=_START_SECONDS).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the sandbox did not start: {log.read_text()}")
