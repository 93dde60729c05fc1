"""What the structure of a PDF signature amounts to, in DSS's names (EN 319 142-1 6, 319 142-2 5).

Structure only: nothing here is trusted or judged. ``LT`` asks for revocation data to every
certificate that needs some; a certificate that the caller trusts, a self-signed one and an OCSP
responder marked "no check" need none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from signer.cms import Signer
from signer.cms import object_identifiers as oid

_CADES: Final = "ETSI.CAdES.detached"
_PKCS7: Final = ("adbe.pkcs7.detached", "adbe.pkcs7.sha1")


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """What decides about the level of one signature."""

    sub_filter: str | None
    signer: Signer
    has_certificates: bool
    has_time: bool
    """``/M`` is there."""
    has_reason: bool
    signature_timestamps: int
    document_timestamps: int
    """Those that cover the signature."""
    has_security_store: bool
    revocation_complete: bool
    """Revocation data for every certificate that needs some."""
    store_is_stamped: bool
    """A document time stamp covers the security store."""


@dataclass(frozen=True, slots=True)
class Level:
    """The format, DSS's name of the level, and the baseline letter where it is one."""

    format: str
    name: str
    baseline: str | None


def level_of(facts: LevelFacts) -> Level:
    """Name the level of a signature."""
    if facts.sub_filter == _CADES:
        return _pades(facts)
    if facts.sub_filter in _PKCS7 and _is_pkcs7(facts):
        letter = _letter(facts)
        return Level("PKCS7", f"PKCS7-{letter}", None)
    return Level("PKCS7", "PDF-NOT-ETSI", None)


def _is_pkcs7(facts: LevelFacts) -> bool:
    if facts.sub_filter == "adbe.pkcs7.sha1":
        return True
    return oid.MESSAGE_DIGEST in facts.signer.signed_attributes


def _pades(facts: LevelFacts) -> Level:
    if _is_baseline(facts):
        letter = _letter(facts)
        return Level("PAdES", f"PAdES-BASELINE-{letter}", letter)
    if not _names_certificate(facts.signer):
        return Level("PAdES", "PDF-NOT-ETSI", None)
    if facts.has_security_store and facts.document_timestamps:
        return Level("PAdES", "PAdES-LTV", None)
    if oid.SIGNATURE_POLICY in facts.signer.signed_attributes and not facts.has_reason:
        return Level("PAdES", "PAdES-EPES", None)
    return Level("PAdES", "PAdES-BES", None)


def _is_baseline(facts: LevelFacts) -> bool:
    """Whether the requirements of B-B are met (EN 319 142-1 6.3 table 1)."""
    attributes = facts.signer.signed_attributes
    return (
        facts.has_certificates
        and facts.has_time
        and oid.SIGNING_TIME not in attributes
        and facts.signer.single(oid.CONTENT_TYPE) is not None
        and facts.signer.single(oid.MESSAGE_DIGEST) is not None
        and _names_certificate(facts.signer)
    )


def _names_certificate(signer: Signer) -> bool:
    names = (oid.SIGNING_CERTIFICATE, oid.SIGNING_CERTIFICATE_V2)
    return sum(name in signer.signed_attributes for name in names) == 1


def _letter(facts: LevelFacts) -> str:
    if not facts.signature_timestamps and not facts.document_timestamps:
        return "B"
    if not (facts.has_security_store and facts.revocation_complete):
        return "T"
    return "LTA" if facts.store_is_stamped else "LT"
