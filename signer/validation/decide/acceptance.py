"""EN 319 102-1 5.2.8: are the signature's attributes and algorithms acceptable?"""

from __future__ import annotations

from datetime import datetime

from signer.validation.decide.algorithms import weakness_of_digest, weakness_of_signature
from signer.validation.decide.block import Block
from signer.validation.decide.persons import is_trusted_profile_seal
from signer.validation.decide.verdict import Outcome
from signer.validation.facts import DocumentFacts, ProblemCode, SignatureFact
from signer.validation.indications import Indication, SubIndication
from signer.validation.policy import Policy

_CONSTRAINTS = (Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE)
_ALGORITHM = (Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
_PLAIN_FORMATS = frozenset({"XMLDSig", "PKCS7"})


def accept_signature(
    signature: SignatureFact, facts: DocumentFacts, policy: Policy, at: datetime
) -> Outcome:
    """Check the signed attributes, then the algorithms."""
    block = Block("5.2.8")
    _ask_properties(block, signature)
    _ask_certificate_reference(block, signature, policy)
    block.ask(
        "signing_time",
        met=signature.claimed_signing_time is not None,
        yes="The signer states a signing time.",
        no="The signature states no signing time.",
        otherwise=_CONSTRAINTS,
        level=policy.level("signing_time"),
        cause="SIGNING_TIME_MISSING",
    )
    _ask_trusted_profile(block, signature, facts, policy)
    _ask_algorithms(block, signature, facts, policy, at)
    return block.outcome()


def _ask_properties(block: Block, signature: SignatureFact) -> None:
    codes = {problem.code for problem in signature.problems}
    block.ask(
        "signed_properties",
        met=ProblemCode.PROPERTIES_NOT_SIGNED not in codes,
        yes="The signature covers its own properties.",
        no="The signature carries properties that it does not cover; they were not read.",
        otherwise=_CONSTRAINTS,
        cause="PROPERTIES_NOT_SIGNED",
    )


def _ask_certificate_reference(block: Block, signature: SignatureFact, policy: Policy) -> None:
    reference = signature.signing_certificate_reference
    plain = "_plain" if signature.format in _PLAIN_FORMATS else ""
    block.ask(
        "signing_certificate_reference_present",
        met=reference.present,
        yes="The signing certificate is pinned by a signed attribute.",
        no="No signed attribute pins the signing certificate.",
        otherwise=_CONSTRAINTS,
        level=policy.level(f"signing_certificate_reference_present{plain}"),
        cause="CERTIFICATE_REFERENCE_MISSING",
    )
    if reference.present:
        block.ask(
            "signing_certificate_reference_unique",
            met=reference.unique,
            yes="One certificate alone is pinned.",
            no="More than one certificate is pinned.",
            otherwise=_CONSTRAINTS,
            level=policy.level("signing_certificate_reference_unique"),
        )


def _ask_trusted_profile(
    block: Block, signature: SignatureFact, facts: DocumentFacts, policy: Policy
) -> None:
    if not signature.signed_properties.person_claims:
        return
    certificate = facts.certificate(signature.signing_certificate)
    block.ask(
        "trusted_profile_seal",
        met=certificate is not None and is_trusted_profile_seal(certificate, policy),
        yes="The person's data are sealed by the minister (Trusted Profile).",
        no="It claims to be a Trusted Profile signature but is not sealed by the minister.",
        otherwise=_CONSTRAINTS,
        level=policy.level("trusted_profile_seal"),
        cause="TRUSTED_PROFILE_NOT_SEALED",
    )


def _ask_algorithms(
    block: Block, signature: SignatureFact, facts: DocumentFacts, policy: Policy, at: datetime
) -> None:
    certificate = facts.certificate(signature.signing_certificate)
    key = None if certificate is None else certificate.key
    weaknesses = [weakness_of_signature(signature.signature_algorithm, key, policy, at)]
    weaknesses += [
        weakness_of_digest(digest, policy, at)
        for digest in dict.fromkeys(r.digest_algorithm for r in signature.references)
        if digest is not None
    ]
    found = dict.fromkeys(weakness for weakness in weaknesses if weakness)
    block.ask(
        "signature_algorithms",
        met=not found,
        yes="The signature is made with convincing algorithms.",
        no=" ".join(found),
        otherwise=_ALGORITHM,
        level=policy.level("signature_algorithms"),
    )
