"""The certificate extensions by which a qualified certificate says what it is, as DER.

ETSI EN 319 412-5 (QCStatements) and EN 319 411-2 (policies). The values are what Polish
qualified certificates of natural and legal persons carry; here they are imitations, and the
sandbox's own policy beside them says so.
"""

from enum import StrEnum

from asn1crypto import core
from cryptography import x509

from signer.sandbox_marker import SANDBOX_POLICY_OID

QC_STATEMENTS_EXTENSION = "1.3.6.1.5.5.7.1.3"
CERTIFICATE_POLICIES_EXTENSION = "2.5.29.32"

_QC_COMPLIANCE = "0.4.0.1862.1.1"
_QC_SSCD = "0.4.0.1862.1.4"
_QC_PDS = "0.4.0.1862.1.5"
_QC_TYPE = "0.4.0.1862.1.6"

SANDBOX_NOTICE = "Skrytka Sandbox: demonstration only, no legal effect / tylko do pokazu"
"""Shown by certificate viewers; RFC 5280 allows 200 characters."""


class Purpose(StrEnum):
    """What a certificate is for; the value is the QcType identifier of EN 319 412-5 4.2.3."""

    SIGNATURE = "0.4.0.1862.1.6.1"
    SEAL = "0.4.0.1862.1.6.2"


QUALIFIED_POLICY = {
    Purpose.SIGNATURE: "0.4.0.194112.1.2",
    Purpose.SEAL: "0.4.0.194112.1.3",
}
"""QCP-n-qscd and QCP-l-qscd, EN 319 411-2 5.3."""


def qc_statements(purpose: Purpose, disclosure_url: str) -> bytes:
    """Give the QCStatements extension value: compliance, QSCD, purpose, disclosure statement."""
    disclosure = _sequence(
        _sequence(core.IA5String(disclosure_url), core.PrintableString("en")),
    )
    statements = _sequence(
        _sequence(core.ObjectIdentifier(_QC_COMPLIANCE)),
        _sequence(core.ObjectIdentifier(_QC_SSCD)),
        _sequence(core.ObjectIdentifier(_QC_PDS), disclosure),
        _sequence(core.ObjectIdentifier(_QC_TYPE), _sequence(core.ObjectIdentifier(purpose.value))),
    )
    return bytes(statements.dump())


def certificate_policies(*policies: str) -> bytes:
    """Give the certificatePolicies value: the sandbox's marker with its notice, then `policies`."""
    marker = x509.PolicyInformation(
        x509.ObjectIdentifier(SANDBOX_POLICY_OID), [x509.UserNotice(None, SANDBOX_NOTICE)]
    )
    others = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in policies]
    return x509.CertificatePolicies([marker, *others]).public_bytes()


def _sequence(*items: core.Asn1Value) -> core.SequenceOf:
    return core.SequenceOf(list(items), spec=core.Any)
