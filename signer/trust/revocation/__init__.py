"""Revocation: what CRLs and OCSP answers say, and whether they may say it. Never a verdict."""

from signer.trust.revocation.collect import Collected, Collector

__all__ = ["Collected", "Collector"]
