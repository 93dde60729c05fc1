"""The two loopback ports of the demo, taken once and handed to the processes that answer there.

A port is bound by the supervisor and inherited: while a web server is started again, people's
requests wait instead of failing, and no other program can slip onto the port.
"""

import errno
import http.client
import socket
import time
from typing import Any

import psutil

from sandbox.errors import SandboxError

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8080
PORT_VARIABLE = "SKRYTKA_PORT"
HIGHEST_PORT = 65535
WAITING_CONNECTIONS = 256
ANSWER_SECONDS = 2.0
LEFTOVER_SECONDS = 3.0  # gunicorn's children notice within a second that their master is gone
RETRY_SECONDS = 0.1


def wanted_port(text: str | None) -> int:
    """Give the port that SKRYTKA_PORT names, or the default one."""
    if not text:
        return DEFAULT_PORT
    if not text.isdigit() or not 0 < int(text) <= HIGHEST_PORT:
        raise SandboxError(f"{PORT_VARIABLE} is {text!r}; it must be a number, such as 8081.")
    return int(text)


def take_port(port: int, advice: str, *, patience: float = LEFTOVER_SECONDS) -> socket.socket:
    """Take a loopback port; raises `SandboxError`, with who holds it and `advice`, if taken.

    For `patience` seconds it is tried again: processes of a killed demo may still be ending.
    """
    deadline = time.monotonic() + patience
    while True:
        listening = socket.socket()
        # A port whose connections of a moment ago still linger is free.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((LOOPBACK, port))
            listening.listen(WAITING_CONNECTIONS)
        except OSError as error:
            listening.close()
            if error.errno == errno.EACCES:
                raise SandboxError(f"This user may not take port {port}. {advice}") from error
            if time.monotonic() > deadline:
                raise SandboxError(f"Port {port} is taken by {_holder(port)}. {advice}") from error
            time.sleep(RETRY_SECONDS)
        else:
            return listening


def take_free_port(first: int, last: int) -> socket.socket:
    """Take the first free loopback port from `first` to `last`."""
    for port in range(first, last):
        try:
            return take_port(port, "", patience=0)
        except SandboxError:
            continue
    return take_port(last, "Stop one of the programs that hold the ports before it.")


def answers(port: int, path: str) -> bool:
    """Whether GET of a path on a loopback port is answered, and not by an error."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < http.HTTPStatus.BAD_REQUEST
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _holder(port: int) -> str:
    try:
        for pid in (c.pid for c in psutil.net_connections("tcp") if _listens_on(c, port)):
            if pid:
                return f"process {pid} ({psutil.Process(pid).name()})"
    except psutil.Error:  # macOS tells this to root only
        pass
    return "another program"


def _listens_on(connection: Any, port: int) -> bool:
    return bool(connection.status == psutil.CONN_LISTEN and connection.laddr.port == port)
