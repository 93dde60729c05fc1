"""What a load balancer learns, and that it always learns it in time."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from exchange.services import Services
from exchange.web import create_app, health
from storage import DatabaseUnavailable, StoreRefused
from tests.exchange.web_browser import Browser, web_settings

Build = Callable[..., Browser]
SHORT = 0.2  # seconds that stand for PATIENCE here


def fine() -> None:
    return None


def failing() -> None:
    raise StoreRefused("the bucket at 10.0.0.7 refuses us")


@pytest.fixture
def hung() -> Iterator[Callable[[], None]]:
    """What does not return before the test ends."""
    end = threading.Event()
    yield lambda: cast(None, end.wait(60))
    end.set()


@pytest.fixture
def prober(tmp_path: Path) -> Build:
    """Gives whoever asks a service with these parts, and asks by the machine's address."""

    def build(*, database: Callable[[], None] = fine, store: Callable[[], None] = fine) -> Browser:
        parts: Any = SimpleNamespace(
            database=SimpleNamespace(ping=database), vault=SimpleNamespace(ping=store)
        )
        services = cast(Services, SimpleNamespace(parts=parts))
        return Browser(create_app(services, web_settings(tmp_path)), "http://10.1.2.3:8000")

    return build


def test_all_is_well(prober: Build) -> None:
    answer = prober().get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_failing_part_is_named_and_nothing_else_is_said(prober: Build) -> None:
    answer = prober(store=failing).get("/health")
    assert (answer.status_code, answer.text) == (503, "failing: object store\n")


def test_all_failing_parts_are_named(prober: Build) -> None:
    def away() -> None:
        raise DatabaseUnavailable("10.0.0.8 does not answer")

    assert prober(database=away, store=failing).get("/health").text == (
        "failing: database, object store\n"
    )


def test_a_part_that_hangs_fails_in_time_and_is_asked_once(
    prober: Build, hung: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", SHORT)
    asked = []

    def hang() -> None:
        asked.append(1)
        hung()

    service = prober(store=hang)
    began = time.monotonic()
    for _ in range(3):
        assert service.get("/health").text == "failing: object store\n"
    assert time.monotonic() - began < 20 * SHORT
    assert len(asked) == 1


def test_asking_in_a_loop_costs_nothing(prober: Build) -> None:
    asked = []
    service = prober(database=lambda: asked.append(1))
    for _ in range(20):
        assert service.get("/health").status_code == 200
    assert len(asked) <= 3


def test_a_part_that_is_well_again_is_seen(prober: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FRESH", 0.0)
    answers = iter([failing, fine])
    service = prober(store=lambda: next(answers)())
    assert service.get("/health").status_code == 503
    assert service.get("/health").status_code == 200


def test_nobody_learns_more_by_asking_another_way(prober: Build) -> None:
    service = prober(store=failing)
    head = service.client.head("/health")
    assert (head.status_code, head.data) == (503, b"")
    assert service.get("/health/").status_code == 400  # a page, and so under our own name only
