"""From a verdict to what people and programs read."""

from signer.validation.report.build import make_report
from signer.validation.report.model import (
    CertificateReport,
    Conclusion,
    CoverageReport,
    Person,
    ReferenceReport,
    Report,
    SignatureReport,
    SignerReport,
    TimestampReport,
)

__all__ = [
    "CertificateReport",
    "Conclusion",
    "CoverageReport",
    "Person",
    "ReferenceReport",
    "Report",
    "SignatureReport",
    "SignerReport",
    "TimestampReport",
    "make_report",
]
