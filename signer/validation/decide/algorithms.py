"""Cryptographic constraints (EN 319 102-1 5.2.8.4, TS 119 312): do the algorithms convince?"""

from __future__ import annotations

from datetime import datetime

from signer.validation.facts import KeyFact, SignatureAlgorithmFact
from signer.validation.policy import Policy


def weakness_of_signature(
    algorithm: SignatureAlgorithmFact | None, key: KeyFact | None, policy: Policy, at: datetime
) -> str | None:
    """Say in one sentence why a signature's algorithms do not convince; None: they do."""
    if algorithm is None or key is None:
        return "Its algorithm or key is not known."
    digest = algorithm.digest
    weak_digest = None if digest is None else weakness_of_digest(digest, policy, at)
    return weak_digest or _weakness_of_key(algorithm.encryption, key, policy, at)


def weakness_of_digest(digest: str | None, policy: Policy, at: datetime) -> str | None:
    """Say why a digest algorithm does not convince; None: it does."""
    if digest is None or digest not in policy.digests:
        return f"The digest algorithm {digest or 'used'} is not accepted."
    return _after(f"The digest algorithm {digest}", policy.digests[digest], at)


def _weakness_of_key(encryption: str, key: KeyFact, policy: Policy, at: datetime) -> str | None:
    reached = [(s, end) for s, end in policy.keys.get(encryption, ()) if (key.size or 0) >= s]
    if not reached:
        return f"{encryption} with a key of {key.size or 'unknown'} bits is not accepted."
    return _after(f"{encryption} with a key of {key.size} bits", reached[-1][1], at)


def _after(what: str, end: datetime | None, at: datetime) -> str | None:
    if end is None or at < end:
        return None
    return f"{what} has not been convincing since {end:%Y-%m-%d}."
