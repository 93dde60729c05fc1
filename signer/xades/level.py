"""The level that a signature's structure amounts to, by DSS's names.

EN 319 132-1 6.3 (baseline) and EN 319 132-2 (extended): only what is present counts here, not
whether it is valid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from signer.xades import names
from signer.xades.algorithms import CANONICALIZATIONS
from signer.xades.properties import Qualifying
from signer.xades.structure import SignatureParts, leaf_text

NOT_ETSI = "XML-NOT-ETSI"
_MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;.*)?", re.ASCII)
_BASELINE = "XAdES-BASELINE-"


@dataclass(frozen=True, slots=True)
class Level:
    """A level by DSS's name, and the baseline letter where it is one."""

    name: str
    baseline: str | None = None


def level_of(
    parts: SignatureParts,
    qualifying: Qualifying,
    *,
    properties_signed: bool,
    signer_in_key_info: bool,
) -> Level:
    """Name the level.

    Args:
        parts: the signature as written.
        qualifying: its properties.
        properties_signed: the signed properties are under the signature.
        signer_in_key_info: KeyInfo holds the signing certificate.
    """
    if qualifying.signed is None or not properties_signed or not _is_bes(parts, qualifying):
        return Level(NOT_ETSI)
    if signer_in_key_info and _is_baseline(parts, qualifying):
        letter = _baseline_letter(qualifying)
        if letter is not None:
            return Level(_BASELINE + letter, letter)
    return Level("XAdES-" + _extended(qualifying))


def _is_bes(parts: SignatureParts, qualifying: Qualifying) -> bool:
    """EN 319 132-2 4.2: the certificate is pinned; every format is sound and names something."""
    pinned = bool(qualifying.all("SigningCertificate", "SigningCertificateV2"))
    described = (names.REFERENCE, names.OBJECT)
    identifiers = {f"#{node.get('Id')}" for node in parts.element.iter(*described)}
    return pinned and all(
        form.get("ObjectReference") in identifiers
        and _MIME_TYPE.fullmatch(_mime_type(form) or "a/b")
        for form in qualifying.all("DataObjectFormat")
    )


def _is_baseline(parts: SignatureParts, qualifying: Qualifying) -> bool:
    return (
        len(qualifying.all("SigningTime")) == 1
        and len(qualifying.all("SigningCertificate", "SigningCertificateV2")) == 1
        and parts.canonicalization_method in CANONICALIZATIONS
        and all(_mime_type(form) for form in qualifying.all("DataObjectFormat"))
    )


def _mime_type(form: etree._Element) -> str | None:
    found = form.find("{*}MimeType")
    return None if found is None else leaf_text(found)


def _baseline_letter(qualifying: Qualifying) -> str | None:
    """Give B, T, LT or LTA; None where attributes stand that no baseline level allows."""
    if qualifying.all("CompleteCertificateRefs", "CompleteRevocationRefs", *_X_TIMESTAMPS):
        return None
    timestamps = qualifying.all("SignatureTimeStamp")
    if any(len(one.findall("{*}EncapsulatedTimeStamp")) != 1 for one in timestamps):
        return None
    if not timestamps:
        return "B"
    if not _has_revocation_values(qualifying):
        return "T"
    return "LTA" if qualifying.all("ArchiveTimeStamp") else "LT"


def _has_revocation_values(qualifying: Qualifying) -> bool:
    holders = qualifying.all("RevocationValues", "TimeStampValidationData")
    encapsulated = ("{*}EncapsulatedCRLValue", "{*}EncapsulatedOCSPValue")
    return any(next(holder.iter(*encapsulated), None) is not None for holder in holders)


_X_TIMESTAMPS = (
    "SigAndRefsTimeStamp",
    "SigAndRefsTimeStampV2",
    "RefsOnlyTimeStamp",
    "RefsOnlyTimeStampV2",
)


def _extended(qualifying: Qualifying) -> str:
    """Give the highest extended form: A, XL, X, C, LT, T, EPES or BES."""
    certificates = qualifying.all("CertificateValues", "TimeStampValidationData")
    values = bool(certificates) and _has_revocation_values(qualifying)
    refs = qualifying.all("CompleteCertificateRefs", "CompleteCertificateRefsV2")
    x_level = bool(qualifying.all(*_X_TIMESTAMPS))
    timestamped = bool(qualifying.all("SignatureTimeStamp"))
    steps = (
        ("A", values and bool(qualifying.all("ArchiveTimeStamp"))),
        ("XL", values and x_level),
        ("X", x_level),
        ("C", bool(refs)),
        ("LT", values and timestamped),
        ("T", timestamped),
        ("EPES", bool(qualifying.all("SignaturePolicyIdentifier"))),
    )
    return next((name for name, reached in steps if reached), "BES")
