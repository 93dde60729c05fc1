"""PDF signatures (EN 319 142-1): create one, observe those in a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.pades.observe import observe

if TYPE_CHECKING:
    from signer.pades.create import create

__all__ = ["create", "observe"]


def __getattr__(name: str) -> object:
    """Load ``create``, and pyHanko with it, when it is first asked for (PEP 562)."""
    if name != "create":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from signer.pades.create import create

    globals()["create"] = create
    return create
