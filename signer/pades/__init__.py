"""PDF signatures (EN 319 142-1): create one, observe those in a document."""

from signer.pades.observe import observe

__all__ = ["observe"]
