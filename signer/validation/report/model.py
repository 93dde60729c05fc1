"""The report: a frozen tree whose JSON is the product's contract.

Python sees everything; :meth:`Report.to_dict` masks personal identifiers unless told otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from signer.validation.decide.verdict import Check
from signer.validation.report.masking import masked_pesel, without_pesel
from signer.validation.report.wording import advice, reason
from signer.validation.serialise import to_json

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """Which document it is about."""

    name: str
    kind: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict on the whole document, with one sentence why and one what to do."""

    indication: str
    sub_indication: str | None
    reason: str
    advice: str
    cause: str
    """The name of the wording; not part of the JSON contract's fixed words."""

    def in_language(self, language: str) -> Conclusion:
        """Give the same conclusion worded in ``pl`` or ``en``."""
        return replace(
            self,
            reason=reason(self.cause, self.sub_indication, language),
            advice=advice(self.cause, self.sub_indication, language),
        )


@dataclass(frozen=True, slots=True)
class ReferenceReport:
    """One digest over something signed."""

    type: str
    uri: str | None
    found: bool
    intact: bool | None


@dataclass(frozen=True, slots=True)
class CertificateReport:
    """One certificate found in the document."""

    sha256: str
    der: str
    subject: str
    origin: str


@dataclass(frozen=True, slots=True)
class SignerReport:
    """The signing certificate in short."""

    subject: str
    issuer: str
    serial: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CertificateReferenceReport:
    """The signed attribute that pins the signing certificate."""

    present: bool
    unique: bool
    matches: bool | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed. Unmasked here, for comparing with the person who is logged in."""

    given_name: str | None
    family_name: str | None
    pesel: str | None


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """A part of the document that is under the signature."""

    name: str
    extent: str
    """``full`` or ``partial``."""


@dataclass(frozen=True, slots=True)
class TimestampReport:
    """One time stamp."""

    type: str
    time: datetime | None
    indication: str | None


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """What one signature is worth."""

    id: str
    format: str
    level: str
    baseline: str | None
    packaging: str | None
    indication: str
    sub_indication: str | None
    intact: bool | None
    references: tuple[ReferenceReport, ...]
    certificates: tuple[CertificateReport, ...]
    signer: SignerReport | None
    signing_certificate_reference: CertificateReferenceReport
    signing_time: datetime | None
    best_signature_time: datetime | None
    qualification: str
    kind: str
    person: Person | None
    covers: tuple[CoverageReport, ...]
    changed_after: tuple[str, ...]
    timestamps: tuple[TimestampReport, ...]
    counter_signature_of: str | None
    checks: tuple[Check, ...]
    cause: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the signatures of one document are worth."""

    document: DocumentReport
    conclusion: Conclusion
    signatures: tuple[SignatureReport, ...]

    def to_dict(self, *, show_personal: bool = False, language: str = "en") -> Json:
        """Give the JSON contract as plain values.

        Args:
            show_personal: leave personal identifiers (PESEL) readable.
            language: of reason and advice, ``en`` or ``pl``.
        """
        worded = self.conclusion.in_language(language)
        result: Json = {
            "document": to_json(self.document),
            "conclusion": {
                "indication": worded.indication,
                "sub_indication": worded.sub_indication,
                "reason": worded.reason,
                "advice": worded.advice,
            },
            "signatures": [_signature(signature) for signature in self.signatures],
        }
        return result if show_personal else _masked(result)

    def text(self, language: str = "en", *, show_personal: bool = False) -> str:
        """Give the report in plain words, ``pl`` or ``en``."""
        # Imported here: the text is one reader of the model among several.
        from signer.validation.report.text import as_text

        return as_text(self, language, show_personal=show_personal)


def _signature(signature: SignatureReport) -> Json:
    values: Json = to_json(signature)
    del values["cause"]
    return values


def _masked(value: Any, key: str = "") -> Any:
    """Mask personal identifiers in every text but the certificates' own octets."""
    if isinstance(value, dict):
        return {name: _masked(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, key) for inner in value]
    if not isinstance(value, str) or key == "der":
        return value
    return masked_pesel(value) if key == "pesel" else without_pesel(value)
