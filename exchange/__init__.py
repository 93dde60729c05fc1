"""Letters between people and institutions: who, what, when delivered, with which proof.

The front door. Imports are lazy, so that a command which needs one name does not load the rest.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exchange.parts import Parts as Parts
    from exchange.running.worker import run_worker as run_worker
    from exchange.services import Services as Services
    from exchange.services import build_services as build_services

EXCHANGE_MIGRATIONS = Path(__file__).parent / "migrations"

_HOMES = {
    "Parts": "exchange.parts",
    "Services": "exchange.services",
    "build_services": "exchange.services",
    "run_worker": "exchange.running.worker",
}

__all__ = ["EXCHANGE_MIGRATIONS", "Parts", "Services", "build_services", "run_worker"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(_HOMES[name]), name)
