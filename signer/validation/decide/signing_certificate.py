"""EN 319 102-1 5.2.3: which certificate signed, and does the signed attribute pin it?"""

from __future__ import annotations

from signer.validation.decide.block import Block
from signer.validation.decide.verdict import Outcome
from signer.validation.facts import DocumentFacts, SignatureFact
from signer.validation.indications import Indication, SubIndication
from signer.validation.policy import Policy

_NOT_FOUND = (Indication.INDETERMINATE, SubIndication.NO_SIGNING_CERTIFICATE_FOUND)


def identify_signing_certificate(
    signature: SignatureFact, facts: DocumentFacts, policy: Policy
) -> Outcome:
    """Ask for a readable signing certificate that the signed attribute names, if there is one."""
    block = Block("5.2.3")
    certificate = facts.certificate(signature.signing_certificate)
    readable = certificate is not None and certificate.key is not None
    reference = signature.signing_certificate_reference
    if not block.ask(
        "signing_certificate_found",
        met=readable,
        yes="The signing certificate is known.",
        no="The document does not carry the certificate that signed it, or it is unreadable.",
        otherwise=_NOT_FOUND,
    ):
        return block.outcome()
    if reference.present:
        block.ask(
            "signing_certificate_reference_matches",
            met=reference.matches is True,
            yes="The signed certificate digest is that of the signing certificate.",
            no="The signed certificate digest is that of another certificate.",
            otherwise=_NOT_FOUND,
            level=policy.level("signing_certificate_reference_matches"),
            cause="CERTIFICATE_REFERENCE_MISMATCH",
        )
        block.ask(
            "signing_certificate_issuer_serial",
            met=reference.issuer_serial_matches is not False,
            yes="Issuer and serial number do not contradict the signing certificate.",
            no="The signed issuer and serial number are those of another certificate.",
            otherwise=_NOT_FOUND,
            level=policy.level("signing_certificate_issuer_serial"),
            cause="CERTIFICATE_REFERENCE_MISMATCH",
        )
    return block.outcome()
