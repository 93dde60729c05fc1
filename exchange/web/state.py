"""What every page reaches for: the services, the settings, the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, request

from exchange.services import Services
from exchange.web.settings import WebSettings
from exchange.web.uploads import ArrivingRequest

EXTENSION = "skrytka"


@dataclass(frozen=True)
class WebState:
    """The parts that `create_app` was given."""

    services: Services
    settings: WebSettings
    clock: Callable[[], datetime]


def web_state() -> WebState:
    """Give the parts of the application that answers the current request."""
    return cast(WebState, current_app.extensions[EXTENSION])


def services() -> Services:
    """Give the services of the exchange."""
    return web_state().services


def received_at() -> datetime:
    """Give the instant at which the current request had arrived whole (aware)."""
    return cast(ArrivingRequest, request).received_at
