"""EN 319 102-1 5.2.7: are the signed data there and unchanged, and does the signature verify?"""

from __future__ import annotations

from signer.validation.decide.block import Block
from signer.validation.decide.verdict import Outcome
from signer.validation.facts import ReferenceFact, RefusalKind, SignatureFact
from signer.validation.indications import Indication, SubIndication

_HASH = (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)
_VALUE = (Indication.TOTAL_FAILED, SubIndication.SIG_CRYPTO_FAILURE)
_NO_DATA = (Indication.INDETERMINATE, SubIndication.SIGNED_DATA_NOT_FOUND)
_ALGORITHM = (Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE)
_DATA_TYPES = frozenset(
    {"REFERENCE", "OBJECT", "MANIFEST", "MESSAGE_DIGEST", "CONTENT_DIGEST", "COUNTER_SIGNATURE"}
)
"""References over what was to be signed; the others are over the signature's own parts."""


def verify_cryptography(signature: SignatureFact) -> Outcome:
    """Read the mathematics that observe has done, in the order of the clause."""
    block = Block("5.2.7")
    may_go_on = (
        _ask_algorithms(block, signature)
        and _ask_found(block, signature)
        and _ask_computed(block, signature)
        and _ask_digests(block, signature)
    )
    if may_go_on:
        block.ask(
            "signature_value_intact",
            met=signature.signature_value_intact is True,
            yes="The signature value verifies under the certificate's key.",
            no="The signature value does not verify under the certificate's key.",
            otherwise=_VALUE,
        )
    return block.outcome()


def _ask_algorithms(block: Block, signature: SignatureFact) -> bool:
    refused = [r.reason for r in signature.refusals if r.kind is RefusalKind.ALGORITHM]
    return block.ask(
        "known_algorithms",
        met=not refused,
        yes="The algorithms are among those that we compute.",
        no=" ".join(refused),
        otherwise=_ALGORITHM,
        cause="ALGORITHM_REFUSED",
    )


def _ask_found(block: Block, signature: SignatureFact) -> bool:
    core = [r for r in signature.references if r.type != "MANIFEST_ENTRY"]
    missing = [r for r in core if not r.found]
    names = ", ".join(f"“{reference.uri or ''}”" for reference in missing[:3])
    return block.ask(
        "signed_data_found",
        met=not missing,
        yes="All that was signed is there.",
        no=f"What the signature refers to is not there: {names}.",
        otherwise=_NO_DATA,
    ) and block.ask(
        "data_signed",
        met=any(reference.type in _DATA_TYPES for reference in core),
        yes="The signature is over data.",
        no="The signature is over nothing but its own properties.",
        otherwise=_NO_DATA,
    )


def _ask_computed(block: Block, signature: SignatureFact) -> bool:
    refused = [r for r in signature.refusals if r.kind is not RefusalKind.ALGORITHM]
    return block.ask(
        "digests_computed",
        met=not refused,
        yes="Every digest could be computed.",
        no=" ".join(f"{refusal.reason} (rule {refusal.rule})" for refusal in refused),
        otherwise=_NO_DATA,
        cause="COMPUTATION_REFUSED",
    )


def _ask_digests(block: Block, signature: SignatureFact) -> bool:
    changed = [reference for reference in signature.references if _is_changed(reference)]
    names = ", ".join(f"{one.type} “{one.uri or ''}”" for one in changed[:3])
    return block.ask(
        "digests_intact",
        met=not changed,
        yes="Nothing that was signed has changed.",
        no=f"Changed since it was signed: {names}.",
        otherwise=_HASH,
    )


def _is_changed(reference: ReferenceFact) -> bool:
    return reference.found and reference.intact is not True
