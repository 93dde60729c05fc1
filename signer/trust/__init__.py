"""Whom we believe: anchors, paths, revocation, and the one guarded way to the outside."""

from signer.trust.anchors import AnchorKind, TrustStore
from signer.trust.cache import Cache, MemoryCache
from signer.trust.certificates import certificate_fact
from signer.trust.fetcher import Fetcher, Purpose
from signer.trust.gather import gather

__all__ = [
    "AnchorKind",
    "Cache",
    "Fetcher",
    "MemoryCache",
    "Purpose",
    "TrustStore",
    "certificate_fact",
    "gather",
]
