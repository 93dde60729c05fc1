"""EN 319 102-1 5.2.5: is a statement about a certificate recent enough?"""

from __future__ import annotations

from datetime import datetime, timedelta

from signer.validation.facts import RevocationFact, RevocationStatus
from signer.validation.policy import Policy


def is_fresh(revocation: RevocationFact, policy: Policy, at: datetime) -> bool:
    """Say whether a CRL or OCSP answer still speaks for this instant.

    Until its next update; without one, for as long as the policy lets it.
    """
    if revocation.next_update is not None:
        return at <= revocation.next_update
    issued = revocation.this_update or revocation.produced_at
    age = timedelta(hours=policy.revocation_max_age_hours)
    return issued is not None and at <= issued + age


def is_evidence(revocation: RevocationFact) -> bool:
    """Say whether an answer may be believed: signed, by one who may, about this certificate."""
    return (
        not revocation.problems
        and revocation.signature_intact is True
        and revocation.authorised
        and revocation.certificate_hash_matches is not False
        and revocation.status is not RevocationStatus.UNKNOWN
    )


def latest(revocations: list[RevocationFact]) -> RevocationFact | None:
    """Give the most recent answer; of two of one age, the worse."""
    if not revocations:
        return None
    return max(revocations, key=lambda one: (_issued(one), one.status is not RevocationStatus.GOOD))


def _issued(revocation: RevocationFact) -> float:
    moment = revocation.this_update or revocation.produced_at
    return moment.timestamp() if moment else 0.0
