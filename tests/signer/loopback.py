"""Small HTTP servers on loopback that behave well or badly, one connection at a time."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Handler = Callable[[socket.socket, bytes], None]


@dataclass
class Server:
    """A running server: its port, and the request heads that reached it."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.authority}{path}"


@contextmanager
def serving(handler: Handler) -> Iterator[Server]:
    """Serve each connection with `handler(connection, request)` until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener.getsockname()[1])
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    request = _request(connection)
                    server.requests.append(request)
                    handler(connection, request)
                except OSError:
                    continue  # the client hung up, which is what many tests want

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _request(connection: socket.socket) -> bytes:
    """Read the request's head, and its body where one is announced."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = connection.recv(65536)
        if not block:
            return data
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(body: bytes, *, status: str = "200 OK", headers: tuple[str, ...] = ()) -> Handler:
    """A handler that gives this answer."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]

    def handle(connection: socket.socket, _request: bytes) -> None:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)

    return handle


def routes(bodies: dict[str, bytes]) -> Handler:
    """A handler that gives the body of the requested path, or 404."""

    def handle(connection: socket.socket, request: bytes) -> None:
        path = request.split(b" ")[1].decode()
        body = bodies.get(path)
        respond = answer(b"", status="404 Not Found") if body is None else answer(body)
        respond(connection, request)

    return handle
