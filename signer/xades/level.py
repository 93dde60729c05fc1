"""The level that a signature's structure amounts to, by DSS's names.

EN 319 132-1 6.3 (baseline) and EN 319 132-2 (extended): only what is present counts here, not
whether it is valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from signer.xades import names
from signer.xades.algorithms import CANONICALIZATIONS
from signer.xades.properties import Qualifying
from signer.xades.structure import ReferenceParts, SignatureParts, leaf_text

NOT_ETSI = "XML-NOT-ETSI"
_BASELINE = "XAdES-BASELINE-"


@dataclass(frozen=True, slots=True)
class Level:
    """A level by DSS's name, and the baseline letter where it is one."""

    name: str
    baseline: str | None = None


def level_of(
    parts: SignatureParts,
    qualifying: Qualifying,
    data_references: Sequence[ReferenceParts],
    *,
    properties_signed: bool,
    counter_signature: bool,
) -> Level:
    """Name the level. ``data_references``: those over data, not over the signature's own parts."""
    if qualifying.signed is None or not properties_signed or not _is_bes(parts, qualifying):
        return Level(NOT_ETSI)
    if _is_baseline(parts, qualifying, data_references, counter_signature=counter_signature):
        letter = _baseline_letter(qualifying)
        if letter is not None:
            return Level(_BASELINE + letter, letter)
    return Level("XAdES-" + _extended(qualifying))


def _is_bes(parts: SignatureParts, qualifying: Qualifying) -> bool:
    """EN 319 132-2 4.2: the certificate is pinned, and every format names its reference."""
    pinned = bool(qualifying.all("SigningCertificate", "SigningCertificateV2"))
    identifiers = {f"#{reference.id}" for reference in parts.references if reference.id}
    formats = qualifying.all("DataObjectFormat")
    return pinned and all(form.get("ObjectReference") in identifiers for form in formats)


def _is_baseline(
    parts: SignatureParts,
    qualifying: Qualifying,
    data_references: Sequence[ReferenceParts],
    *,
    counter_signature: bool,
) -> bool:
    key_info = parts.key_info
    return (
        len(qualifying.all("SigningTime")) == 1
        and len(qualifying.all("SigningCertificate", "SigningCertificateV2")) == 1
        and parts.canonicalization_method in CANONICALIZATIONS
        and key_info is not None
        and key_info.find(f"{names.X509_DATA}/{names.X509_CERTIFICATE}") is not None
        and (counter_signature or _formats_cover(qualifying, data_references))
    )


def _formats_cover(qualifying: Qualifying, references: Sequence[ReferenceParts]) -> bool:
    described = {
        form.get("ObjectReference", "")
        for form in qualifying.all("DataObjectFormat")
        for mime in form.iterchildren("{*}MimeType")
        if (leaf_text(mime) or "").strip()
    }
    return all(reference.id and f"#{reference.id}" in described for reference in references)


def _baseline_letter(qualifying: Qualifying) -> str | None:
    """Give B, T, LT or LTA; None where attributes stand that no baseline level allows."""
    if qualifying.all("CompleteCertificateRefs", "CompleteRevocationRefs", *_X_TIMESTAMPS):
        return None
    if not qualifying.all("SignatureTimeStamp"):
        return "B"
    if not qualifying.all("CertificateValues", "RevocationValues", "TimeStampValidationData"):
        return "T"
    return "LTA" if qualifying.all("ArchiveTimeStamp") else "LT"


_X_TIMESTAMPS = (
    "SigAndRefsTimeStamp",
    "SigAndRefsTimeStampV2",
    "RefsOnlyTimeStamp",
    "RefsOnlyTimeStampV2",
)


def _extended(qualifying: Qualifying) -> str:
    """Give the highest extended form: A, XL, X, C, LT, T, EPES or BES."""
    values = qualifying.all("CertificateValues", "RevocationValues")
    refs = qualifying.all("CompleteCertificateRefs", "CompleteCertificateRefsV2")
    x_level = bool(qualifying.all(*_X_TIMESTAMPS))
    timestamped = bool(qualifying.all("SignatureTimeStamp"))
    steps = (
        ("A", bool(values) and bool(qualifying.all("ArchiveTimeStamp"))),
        ("XL", bool(values) and x_level),
        ("X", x_level),
        ("C", bool(refs)),
        ("LT", bool(values) and timestamped),
        ("T", timestamped),
        ("EPES", bool(qualifying.all("SignaturePolicyIdentifier"))),
    )
    return next((name for name, reached in steps if reached), "BES")
