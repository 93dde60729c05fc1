"""The web server: gunicorn, set up for this service and started from Python."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from exchange.processes import die_with_parent
from exchange.settings import Settings
from exchange.web.crowd import SPARE_THREADS
from exchange.web.health import PATH as HEALTH_PATH

GRACE_SECONDS = 20  # a request that is being served when the server stops may take this long
SILENCE_SECONDS = 60  # a process whose main loop is silent for this long is replaced
REQUESTS_PER_PROCESS = 20_000  # a fresh process now and then bounds leaks in libraries
KEEP_ALIVE_SECONDS = 2  # a page and its parts come over one connection; stopping waits as long

Application = Callable[..., Any]  # WSGI (PEP 3333)


class RequestLog(Logger):
    """gunicorn's log, through ours: one entry a request, without address, query or user agent."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers and levels as `configure_log` made them."""
        self.cfg = cfg
        self._access_log_enabled = True
        self.error_log.propagate = True
        self._requests = structlog.get_logger("exchange.web.requests")

    def access(self, resp: Any, req: Any, environ: Any, request_time: timedelta) -> None:  # noqa: ARG002 - gunicorn's signature
        """Log one answered request, but for every "are you well?" that was answered with yes."""
        if environ["PATH_INFO"] == HEALTH_PATH and str(resp.status).startswith("200"):
            return
        self._requests.info(
            "request",
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            status=int(str(resp.status).split(maxsplit=1)[0]),
            milliseconds=round(request_time / timedelta(milliseconds=1), 1),
        )


class Server(BaseApplication):
    """gunicorn around an application that each process makes for itself after the fork."""

    def __init__(self, make_application: Callable[[], Application], settings: Settings) -> None:
        self._make_application = make_application
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to run."""
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        """Make the application; called in every new process."""
        return self._make_application()

    def _options(self) -> dict[str, object]:
        settings = self._settings
        return {
            "bind": [settings.listen],
            "worker_class": "gthread",
            "workers": settings.web_processes,
            "threads": settings.web_threads + SPARE_THREADS,
            "graceful_timeout": GRACE_SECONDS,
            "timeout": SILENCE_SECONDS,
            "keepalive": KEEP_ALIVE_SECONDS,
            "max_requests": REQUESTS_PER_PROCESS,
            "max_requests_jitter": REQUESTS_PER_PROCESS // 10,
            "logger_class": RequestLog,
            "proc_name": "skrytka web",
            # No proxy's word is needed: scheme and host come from the settings.
            "forwarded_allow_ips": "",
            "control_socket_disable": True,
            "post_fork": _end_with_master,
        }


def _end_with_master(_: object, worker: Any) -> None:
    die_with_parent(worker.ppid)


def serve(make_application: Callable[[], Application], settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; what is being answered then is finished first."""
    os.environ.pop("GUNICORN_CMD_ARGS", None)  # settings come from one place
    Server(make_application, settings).run()
