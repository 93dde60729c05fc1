"""`GET /health`: is the service fit to work? For load balancers and monitoring.

Answered before anything else looks at the request, so under any host name: who checks a machine
asks by its address. It says which part fails and nothing more; the log says why.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/health"
PATIENCE = 3.0  # seconds: a part that needs longer to say that it is there does not serve people
FRESH = 1.0  # seconds for which an answer is given again, so that asking in a loop costs nothing

log = logging.getLogger(__name__)


class Part:
    """One part of the service, looked at in a thread of its own: if it hangs, no asker does.

    `ask` returns when the part is well and raises when it is not.
    """

    def __init__(self, name: str, ask: Callable[[], None]) -> None:
        self._name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._looked_at = 0.0
        self._look: Future[None] | None = None

    def is_well(self) -> bool:
        """Tell whether the part is well; takes `PATIENCE` at most."""
        try:
            self._newest_look().result(PATIENCE)
        except Exception:  # noqa: BLE001 - whatever is raised, the part is not well
            return False
        return True

    def _newest_look(self) -> "Future[None]":
        with self._lock:
            now = time.monotonic()
            if self._look is None or (self._look.done() and now - self._looked_at > FRESH):
                self._looked_at = now
                self._look = Future()
                threading.Thread(target=self._run, args=(self._look,), daemon=True).start()
            return self._look

    def _run(self, look: "Future[None]") -> None:
        try:
            self._ask()
        except Exception as error:  # noqa: BLE001 - told to who asked
            log.warning("the %s fails: %s", self._name, error)
            look.set_exception(error)
        else:
            look.set_result(None)


def answer_health(
    inner: "WSGIApplication", parts: Mapping[str, Callable[[], None]]
) -> "WSGIApplication":
    """Answer `PATH` in place of `inner`, by what the functions of `parts` say of each part."""
    looked_at = {name: Part(name, ask) for name, ask in parts.items()}

    def outer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return inner(environ, start_response)
        failing = [name for name, part in looked_at.items() if not part.is_well()]
        body = f"failing: {', '.join(failing)}\n".encode() if failing else b"ok\n"
        start_response(
            "503 Service Unavailable" if failing else "200 OK",
            [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    return outer
