"""Who signed, and as what: from the certificate, or from what the minister sealed."""

from __future__ import annotations

import re

from signer.validation.decide.verdict import SignerKind
from signer.validation.facts import CertificateFact, DocumentFacts, PersonClaim, SignatureFact
from signer.validation.policy import Policy

_COMMON_NAME = "2.5.4.3"
_SURNAME = "2.5.4.4"
_SERIAL_NUMBER = "2.5.4.5"
_GIVEN_NAME = "2.5.4.42"
_ORGANIZATION_IDENTIFIER = "2.5.4.97"

_PESEL = re.compile(r"(?:PNOPL|PESEL)\D*(\d{11})(?!\d)", re.ASCII)
"""In a subject's serialNumber (ETSI EN 319 412-1 5.1.3 and older Polish certificates)."""

CERTIFICATE_SOURCE = "certificate"


def person_of(
    signature: SignatureFact, facts: DocumentFacts, policy: Policy, *, anchored: bool
) -> PersonClaim | None:
    """Give the person who signed; None where no natural person is named by whom we believe.

    What a role or a reason claims counts only under the Trusted Profile's seal, on a path that
    leads to an anchor.
    """
    certificate = facts.certificate(signature.signing_certificate)
    if certificate is None:
        return None
    if is_trusted_profile_seal(certificate, policy):
        claims = signature.signed_properties.person_claims
        return claims[0] if anchored and len(claims) == 1 else None
    given = _first(certificate, _GIVEN_NAME)
    family = _first(certificate, _SURNAME)
    match = _PESEL.search(_first(certificate, _SERIAL_NUMBER) or "")
    if given is None and family is None and match is None:
        return None
    return PersonClaim(CERTIFICATE_SOURCE, given, family, match[1] if match else None)


def kind_of(
    signature: SignatureFact, facts: DocumentFacts, policy: Policy, *, anchored: bool
) -> SignerKind:
    """Say what kind of signature it is; unknown where its certificate leads to no anchor."""
    certificate = facts.certificate(signature.signing_certificate)
    if certificate is None or not anchored:
        return SignerKind.UNKNOWN
    if is_trusted_profile_seal(certificate, policy):
        return SignerKind.TRUSTED_PROFILE
    kinds = {
        anchor.kind for anchor in facts.anchors if _ends_its_path(anchor.sha256, certificate, facts)
    }
    if kinds & {"personal", "qualified"}:
        return SignerKind.PERSONAL if "personal" in kinds else SignerKind.QUALIFIED
    is_organization = _first(certificate, _ORGANIZATION_IDENTIFIER) is not None
    is_person = _first(certificate, _GIVEN_NAME) or _first(certificate, _SURNAME)
    return SignerKind.SEAL if is_organization and not is_person else SignerKind.ADVANCED


def is_trusted_profile_seal(certificate: CertificateFact, policy: Policy) -> bool:
    """Say whether this certificate's subject is that of the minister's seal."""
    seal = policy.trusted_profile
    identifiers = _all(certificate, _ORGANIZATION_IDENTIFIER)
    return any(identifier in seal.organization_identifiers for identifier in identifiers) and any(
        seal.common_name_contains in name for name in _all(certificate, _COMMON_NAME)
    )


def _ends_its_path(anchor: str, certificate: CertificateFact, facts: DocumentFacts) -> bool:
    return any(
        path.anchor == anchor and path.certificates[0] == certificate.sha256 for path in facts.paths
    )


def _all(certificate: CertificateFact, oid: str) -> list[str]:
    return [value for name, value in certificate.subject_attributes if name == oid]


def _first(certificate: CertificateFact, oid: str) -> str | None:
    return next(iter(_all(certificate, oid)), None)
