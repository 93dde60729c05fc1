"""One WSGI application for the whole sandbox, and the process that serves it on loopback."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from sandbox.login import LoginSettings, create_login
from sandbox.pki.profiles import ARCHITECTURE
from sandbox.pki.services import AuthorityServices
from sandbox.world import Clock, Sandbox

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_THREADS = 4
"""One process, because login codes live in its memory; a few threads, because clients keep
connections open."""

_GRACE_SECONDS = 3


def create_app(
    sandbox: Sandbox,
    *,
    redirect_uris: Sequence[str] = (),
    post_logout_redirect_uris: Sequence[str] = (),
    clock: Clock | None = None,
) -> "WSGIApplication":
    """Give the application that answers at ``sandbox.base_url``.

    `redirect_uris` and `post_logout_redirect_uris` are where the login may send browsers back,
    compared letter by letter. `clock` gives aware times, the system's when None.
    """
    clock = clock or _system_clock
    authority = AuthorityServices(sandbox.content, clock)
    settings = LoginSettings(tuple(redirect_uris), tuple(post_logout_redirect_uris))
    login = create_login(sandbox, settings, clock)
    prefix = f"/{ARCHITECTURE}/"

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        room = authority if environ.get("PATH_INFO", "").startswith(prefix) else login
        return room(environ, start_response)

    return application


def serve(
    folder: Path,
    host: str,
    port: int,
    *,
    redirect_uris: Sequence[str] = (),
    post_logout_redirect_uris: Sequence[str] = (),
    listening_descriptor: int | None = None,
) -> None:
    """Serve the sandbox in `folder` until SIGTERM or SIGINT; makes it first if there is none.

    `listening_descriptor` is an already listening socket for that address, inherited from the
    parent process (nobody else can then take the port in between).

    Raises `SandboxError` when the sandbox was made for another address.
    """
    sandbox = Sandbox.create_or_open(folder, f"http://{host}:{port}", _system_clock)

    def load() -> "WSGIApplication":
        return create_app(
            sandbox,
            redirect_uris=redirect_uris,
            post_logout_redirect_uris=post_logout_redirect_uris,
        )

    bind = f"{host}:{port}" if listening_descriptor is None else f"fd://{listening_descriptor}"
    _Server(load, bind).run()


class _Server(BaseApplication):
    def __init__(self, load: "Callable[[], WSGIApplication]", bind: str) -> None:
        self._load, self._bind = load, bind
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": _THREADS,
            "graceful_timeout": _GRACE_SECONDS,
            "control_socket_disable": True,
            "proc_name": "skrytka-sandbox",
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._load()


def _system_clock() -> datetime:
    return datetime.now(UTC)
