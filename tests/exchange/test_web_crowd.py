"""However many wait for something that hangs, the front page and /health answer."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask

from exchange.services import Services
from exchange.web import create_app
from tests.exchange.web_browser import Browser, web_settings

MOST = 2
PATIENCE = 10.0


class Hanging:
    """A page that waits until it is let go."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.go_on = threading.Event()

    def page(self) -> str:
        self.inside.release()
        assert self.go_on.wait(PATIENCE)
        return "done"


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    page = Hanging()
    yield page
    page.go_on.set()


@pytest.fixture
def app(tmp_path: Path, hanging: Hanging) -> Flask:
    identity = SimpleNamespace(actor=lambda _token: None)
    parts: Any = SimpleNamespace(
        database=SimpleNamespace(ping=lambda: None), vault=SimpleNamespace(ping=lambda: None)
    )
    services = cast(Services, SimpleNamespace(identity=identity, parts=parts))
    app = create_app(services, web_settings(tmp_path, most_at_once=MOST))
    app.add_url_rule("/hanging", "public.hanging", hanging.page)

    def fail() -> str:
        raise RuntimeError

    app.add_url_rule("/failing", "public.failing", fail)
    return app


@pytest.fixture
def filled(app: Flask, hanging: Hanging) -> Iterator[Callable[[], list[int]]]:
    """As many hang as may; gives what lets them go and tells how they ended."""
    with ThreadPoolExecutor(MOST) as pool:
        waiting = [pool.submit(Browser(app).get, "/hanging") for _ in range(MOST)]
        for _ in range(MOST):
            assert hanging.inside.acquire(timeout=PATIENCE)

        def let_go() -> list[int]:
            hanging.go_on.set()
            return [each.result().status_code for each in waiting]

        yield let_go
        let_go()


@pytest.mark.parametrize("path", ["/", "/accessibility", "/static/skrytka.css", "/health"])
@pytest.mark.usefixtures("filled")
def test_light_pages_answer_while_everything_else_hangs(app: Flask, path: str) -> None:
    assert Browser(app).get(path).status_code == 200


@pytest.mark.usefixtures("filled")
def test_whoever_comes_too_many_is_told_at_once(app: Flask) -> None:
    answer = Browser(app).get("/hanging")
    assert answer.status_code == 503
    assert "Zbyt wiele osób" in answer.text
    assert answer.headers["Retry-After"]


def test_places_are_free_again_when_requests_end(
    app: Flask, filled: Callable[[], list[int]]
) -> None:
    assert filled() == [200] * MOST
    for _ in range(3 * MOST):
        assert Browser(app).get("/hanging").status_code == 200


def test_a_request_that_failed_keeps_no_place(app: Flask, hanging: Hanging) -> None:
    hanging.go_on.set()
    for _ in range(3 * MOST):
        assert Browser(app).get("/failing").status_code == 500
    assert Browser(app).get("/hanging").status_code == 200


def test_a_download_keeps_its_place_until_it_was_sent(app: Flask, hanging: Hanging) -> None:
    hanging.go_on.set()
    app.add_url_rule("/endless", "public.endless", lambda: (b"x" for _ in range(3)))
    downloads = [
        app.test_client().get("/endless", base_url="http://service.test", buffered=False)
        for _ in range(MOST)
    ]
    assert Browser(app).get("/hanging").status_code == 503
    for download in downloads:
        download.close()
    assert Browser(app).get("/hanging").status_code == 200
