"""Room for those who only ask whether anybody is there.

Whatever hangs (the store, the database, the login provider, a thousand slow senders), hangs the
requests that need it. At most so many are let in at once that some threads stay free: the front
page, its style and `/health` then still answer, and whoever comes too many is told so at once.
"""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, abort, request
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SPARE_THREADS = 4  # for pages that need nothing but themselves, each a matter of milliseconds

_LIGHT_PAGES = frozenset({"/", "/accessibility"})
_LIGHT_FOLDERS = ("/static/", "/language/")
_TOO_MANY = "skrytka.too_many"


def limit_crowd(inner: "WSGIApplication", most: int) -> "WSGIApplication":
    """Mark requests beyond `most` at once, light ones aside; each keeps its place to its end."""
    places = threading.BoundedSemaphore(most)

    def outer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if _is_light(environ.get("PATH_INFO", "")):
            return inner(environ, start_response)
        if not places.acquire(blocking=False):
            environ[_TOO_MANY] = True
            return inner(environ, start_response)
        try:
            answer = inner(environ, start_response)
        except BaseException:
            places.release()
            raise
        return ClosingIterator(answer, places.release)

    return outer


def init_crowd(app: Flask) -> None:
    """Turn away the marked requests. To be called before anything that takes time."""

    @app.before_request
    def turn_away() -> None:
        if request.environ.get(_TOO_MANY):
            abort(503)


def _is_light(path: str) -> bool:
    return path in _LIGHT_PAGES or path.startswith(_LIGHT_FOLDERS)
