"""EN 319 102-1 5.2.6: is the signing certificate valid at this instant, up to an anchor?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from signer.validation.decide.algorithms import weakness_of_signature
from signer.validation.decide.block import Block
from signer.validation.decide.revocation_freshness import is_evidence, is_fresh, latest
from signer.validation.decide.verdict import Outcome
from signer.validation.facts import (
    CertificateFact,
    DocumentFacts,
    PathFact,
    RevocationFact,
    RevocationStatus,
    SignatureFact,
)
from signer.validation.indications import Indication, SubIndication
from signer.validation.policy import Policy

_INDETERMINATE = Indication.INDETERMINATE
_NO_CHAIN = (_INDETERMINATE, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
_OUT_OF_BOUNDS = (_INDETERMINATE, SubIndication.OUT_OF_BOUNDS_NO_POE)
_NOT_REVOKED = (_INDETERMINATE, SubIndication.OUT_OF_BOUNDS_NOT_REVOKED)
_GENERAL = (_INDETERMINATE, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE)
_CONSTRAINTS = (_INDETERMINATE, SubIndication.CHAIN_CONSTRAINTS_FAILURE)
_TRY_LATER = (_INDETERMINATE, SubIndication.TRY_LATER)
_ALGORITHM = (_INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)


def validate_certificate(
    signature: SignatureFact, facts: DocumentFacts, policy: Policy, at: datetime
) -> Outcome:
    """Select among the candidate paths: the first that holds, else the first that was found."""
    block = Block("5.2.6")
    paths = [p for p in facts.paths if p.certificates[:1] == (signature.signing_certificate,)]
    anchored = [path for path in paths if path.anchor is not None]
    if not block.ask(
        "certificate_chain",
        met=bool(anchored),
        yes="The signing certificate leads to a trusted certificate.",
        no="The signing certificate does not lead to any trusted certificate.",
        otherwise=_NO_CHAIN,
    ):
        return block.outcome()
    outcomes = [_path(path, facts, policy, at) for path in anchored]
    block.add(next((outcome for outcome in outcomes if outcome.passed), outcomes[0]))
    return block.outcome()


def _path(path: PathFact, facts: DocumentFacts, policy: Policy, at: datetime) -> Outcome:
    """Judge one path. Its anchor is trusted as it stands; an anchored leaf needs no more."""
    block = Block("5.2.6")
    certificates = [facts.certificate(sha256) for sha256 in path.certificates[:-1]]
    for place, certificate in enumerate(certificates):
        if certificate is None:
            continue
        evidence = _evidence(certificate, facts)
        period = partial(_ask_period, block, certificate, evidence, at, leaf=place == 0)
        known = partial(_ask_known, block, certificate, evidence, policy, offline=facts.offline)
        held = (
            _ask_revoked(block, certificate, evidence, at, leaf=place == 0)
            and all(ask() for ask in _in_order(period, known, policy))
            and _ask_fresh(block, certificate, evidence, policy, at)
            and _ask_algorithm(block, certificate, policy, at)
        )
        if not held:
            return block.outcome()
    _ask_rules(block, path)
    if certificates and certificates[0] is not None:
        _ask_key_usage(block, certificates[0], policy)
    return block.outcome()


def _in_order(
    period: Callable[[], bool], known: Callable[[], bool], policy: Policy
) -> tuple[Callable[[], bool], ...]:
    """Give the two questions that the clause leaves in no order, as the policy has them."""
    return (known, period) if policy.revocation_before_period else (period, known)


def _evidence(certificate: CertificateFact, facts: DocumentFacts) -> RevocationFact | None:
    about = [one for one in facts.revocations if one.certificate == certificate.sha256]
    return latest([one for one in about if is_evidence(one) and not _signer_revoked(one, facts)])


def _signer_revoked(answer: RevocationFact, facts: DocumentFacts) -> bool:
    """Say whether who signed an answer is known to be revoked: then it counts for nothing."""
    about = [one for one in facts.revocations if one.certificate == answer.issuer]
    newest = latest([one for one in about if is_evidence(one) and one.issuer != answer.issuer])
    return newest is not None and newest.status is not RevocationStatus.GOOD


def _ask_revoked(
    block: Block,
    certificate: CertificateFact,
    evidence: RevocationFact | None,
    at: datetime,
    *,
    leaf: bool,
) -> bool:
    if evidence is None:
        return True
    revoked = evidence.status is RevocationStatus.REVOKED and (
        evidence.revocation_time is None or evidence.revocation_time <= at
    )
    when = (
        f" since {evidence.revocation_time:%Y-%m-%d %H:%M} UTC" if evidence.revocation_time else ""
    )
    sub = SubIndication.REVOKED_NO_POE if leaf else SubIndication.REVOKED_CA_NO_POE
    return block.ask(
        "not_revoked",
        met=not revoked,
        yes=f"The certificate of “{certificate.subject}” is not revoked.",
        no=f"The certificate of “{certificate.subject}” is revoked{when}.",
        otherwise=(_INDETERMINATE, sub),
    ) and block.ask(
        "not_on_hold",
        met=evidence.status is not RevocationStatus.ON_HOLD,
        yes=f"The certificate of “{certificate.subject}” is not suspended.",
        no=f"The certificate of “{certificate.subject}” is suspended for now.",
        otherwise=_TRY_LATER,
        cause="CERTIFICATE_ON_HOLD",
    )


def _ask_period(
    block: Block,
    certificate: CertificateFact,
    evidence: RevocationFact | None,
    at: datetime,
    *,
    leaf: bool,
) -> bool:
    start, end = certificate.not_before, certificate.not_after
    within = start is not None and end is not None and start <= at <= end
    early = start is not None and at < start
    known_good = leaf and not early and _speaks_after(evidence, end)
    return block.ask(
        "validity_period",
        met=within,
        yes=f"The certificate of “{certificate.subject}” is within its period of validity.",
        no=f"The certificate of “{certificate.subject}” is outside its period of validity "
        f"({start:%Y-%m-%d} – {end:%Y-%m-%d})."
        if start and end
        else "The certificate has no readable period of validity.",
        otherwise=_NOT_REVOKED if known_good else _OUT_OF_BOUNDS,
        cause="NOT_YET_VALID_NO_POE" if early else None if leaf else "CA_OUT_OF_BOUNDS",
    )


def _speaks_after(evidence: RevocationFact | None, end: datetime | None) -> bool:
    """Say whether an answer given after a certificate's end still speaks of that certificate.

    Most issuers drop expired certificates from their lists; those that keep them say so.
    """
    if evidence is None or end is None or evidence.this_update is None:
        return False
    kept_since = evidence.archive_cutoff or evidence.expired_certs_on_crl
    return evidence.this_update >= end and kept_since is not None and kept_since <= end


def _ask_known(
    block: Block,
    certificate: CertificateFact,
    evidence: RevocationFact | None,
    policy: Policy,
    *,
    offline: bool,
) -> bool:
    return block.ask(
        "revocation_data",
        met=evidence is not None,
        yes="There is a trustworthy statement whether the certificate is revoked.",
        no=f"Whether the certificate of “{certificate.subject}” is revoked could not be learned"
        + (": no network was used." if offline else "."),
        otherwise=_GENERAL,
        level=policy.level("revocation_data"),
        cause="REVOCATION_UNKNOWN_OFFLINE" if offline else "REVOCATION_UNKNOWN",
    )


def _ask_fresh(
    block: Block,
    certificate: CertificateFact,
    evidence: RevocationFact | None,
    policy: Policy,
    at: datetime,
) -> bool:
    if evidence is None:
        return True
    return block.ask(
        "revocation_freshness",
        met=is_fresh(evidence, policy, at),
        yes="The statement about revocation is recent enough.",
        no=f"The statement about the certificate of “{certificate.subject}” is out of date.",
        otherwise=_TRY_LATER,
        level=policy.level("revocation_freshness"),
    )


def _ask_algorithm(
    block: Block, certificate: CertificateFact, policy: Policy, at: datetime
) -> bool:
    weakness = weakness_of_signature(certificate.signature_algorithm, certificate.key, policy, at)
    return block.ask(
        "certificate_algorithms",
        met=weakness is None,
        yes=f"The certificate of “{certificate.subject}” is made with convincing algorithms.",
        no=f"The certificate of “{certificate.subject}”: {weakness}",
        otherwise=_ALGORITHM,
        level=policy.level("certificate_algorithms"),
    )


def _ask_rules(block: Block, path: PathFact) -> bool:
    problems: Sequence[str] = [problem.message for problem in path.problems]
    return block.ask(
        "path_rules",
        met=not problems,
        yes="The path keeps the rules of RFC 5280.",
        no=" ".join(problems),
        otherwise=_CONSTRAINTS,
    )


def _ask_key_usage(block: Block, certificate: CertificateFact, policy: Policy) -> bool:
    usage = certificate.key_usage
    wanted = policy.key_usage_any_of
    stated = ", ".join(usage or ()) or "none"
    return block.ask(
        "key_usage",
        met=usage is not None and any(name in usage for name in wanted),
        yes="The certificate is meant for signing.",
        no=f"The certificate is not meant for signing (key usage: {stated}).",
        otherwise=_CONSTRAINTS,
        level=policy.level("key_usage"),
        cause="KEY_USAGE",
    )
