"""The decision, clause by clause: each fault of the facts leads to its own sub-indication."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from signer.validation.decide import CheckStatus, SignerKind
from signer.validation.facts import (
    AnchorFact,
    CertificateReferenceFact,
    DocumentFacts,
    KeyFact,
    PathFact,
    PathProblem,
    PdfFact,
    PdfModification,
    Problem,
    ProblemCode,
    ReferenceFact,
    Refusal,
    RefusalKind,
    RevocationStatus,
    ScopeFact,
    SignatureAlgorithmFact,
)
from tests.signer.trust_pki import NOW
from tests.signer.validation_facts import (
    DAY,
    certificate,
    decided,
    facts,
    revocation,
    signature,
)


def of_signature(**changes: object) -> DocumentFacts:
    return facts(signatures=(signature(**changes),))


def with_leaf(**changes: object) -> DocumentFacts:
    others = (certificate("ca"), certificate("root"))
    return facts(certificates=(certificate("leaf", **changes), *others))


def with_evidence(**changes: object) -> DocumentFacts:
    return facts(revocations=(revocation("leaf", **changes), revocation("ca")))


def reference(kind: str = "REFERENCE", **changes: object) -> ReferenceFact:
    sound = ReferenceFact(kind, "#x", found=True, intact=True, digest_algorithm="SHA256")
    return replace(sound, **changes)  # type: ignore[arg-type]  # fields of one call only


def problem(code: ProblemCode) -> tuple[Problem, ...]:
    return (Problem(code, "What is wrong."),)


def refusal(kind: RefusalKind) -> tuple[Refusal, ...]:
    return (Refusal(kind, "RULE", "Why."),)


def test_sound_facts_pass() -> None:
    verdict = decided(facts())
    assert (verdict.indication, verdict.sub_indication) == ("TOTAL_PASSED", None)
    assert all(check.status is CheckStatus.OK for check in verdict.signatures[0].checks)


FAULTS: dict[str, tuple[DocumentFacts, str, str | None, str]] = {
    "structure": (
        of_signature(problems=problem(ProblemCode.STRUCTURE)),
        "TOTAL_FAILED",
        "FORMAT_FAILURE",
        "STRUCTURE",
    ),
    "ambiguous": (
        of_signature(problems=problem(ProblemCode.AMBIGUOUS)),
        "TOTAL_FAILED",
        "FORMAT_FAILURE",
        "AMBIGUOUS",
    ),
    "no certificate": (
        of_signature(signing_certificate=None),
        "INDETERMINATE",
        "NO_SIGNING_CERTIFICATE_FOUND",
        "NO_SIGNING_CERTIFICATE_FOUND",
    ),
    "unreadable certificate": (
        with_leaf(key=None),
        "INDETERMINATE",
        "NO_SIGNING_CERTIFICATE_FOUND",
        "NO_SIGNING_CERTIFICATE_FOUND",
    ),
    "another certificate pinned": (
        of_signature(signing_certificate_reference=CertificateReferenceFact(True, True, False)),
        "INDETERMINATE",
        "NO_SIGNING_CERTIFICATE_FOUND",
        "CERTIFICATE_REFERENCE_MISMATCH",
    ),
    "none pinned": (
        of_signature(signing_certificate_reference=CertificateReferenceFact(False, False, None)),
        "INDETERMINATE",
        "SIG_CONSTRAINTS_FAILURE",
        "CERTIFICATE_REFERENCE_MISSING",
    ),
    "changed data": (
        of_signature(references=(reference(intact=False),)),
        "TOTAL_FAILED",
        "HASH_FAILURE",
        "HASH_FAILURE",
    ),
    "changed manifest entry": (
        of_signature(references=(reference(), reference("MANIFEST_ENTRY", intact=False))),
        "TOTAL_FAILED",
        "HASH_FAILURE",
        "HASH_FAILURE",
    ),
    "missing data": (
        of_signature(references=(reference(found=False, intact=False),)),
        "INDETERMINATE",
        "SIGNED_DATA_NOT_FOUND",
        "SIGNED_DATA_NOT_FOUND",
    ),
    "no data": (
        of_signature(references=(reference("SIGNED_PROPERTIES"),)),
        "INDETERMINATE",
        "SIGNED_DATA_NOT_FOUND",
        "SIGNED_DATA_NOT_FOUND",
    ),
    "refused transform": (
        of_signature(references=(reference(intact=None),), refusals=refusal(RefusalKind.TRANSFORM)),
        "INDETERMINATE",
        "SIGNED_DATA_NOT_FOUND",
        "COMPUTATION_REFUSED",
    ),
    "refused algorithm": (
        of_signature(signature_value_intact=None, refusals=refusal(RefusalKind.ALGORITHM)),
        "INDETERMINATE",
        "CRYPTO_CONSTRAINTS_FAILURE",
        "ALGORITHM_REFUSED",
    ),
    "broken value": (
        of_signature(signature_value_intact=False),
        "TOTAL_FAILED",
        "SIG_CRYPTO_FAILURE",
        "SIG_CRYPTO_FAILURE",
    ),
    "no chain": (
        facts(paths=(PathFact(("leaf", "ca"), None, (True,)),)),
        "INDETERMINATE",
        "NO_CERTIFICATE_CHAIN_FOUND",
        "NO_CERTIFICATE_CHAIN_FOUND",
    ),
    "another's chain": (
        facts(paths=(PathFact(("other", "root"), "root", (True,)),)),
        "INDETERMINATE",
        "NO_CERTIFICATE_CHAIN_FOUND",
        "NO_CERTIFICATE_CHAIN_FOUND",
    ),
    "broken rule of the path": (
        facts(
            paths=(
                PathFact(
                    ("leaf", "ca", "root"),
                    "root",
                    (True, True),
                    (PathProblem("ca", "CA_FALSE", "Not an authority."),),
                ),
            )
        ),
        "INDETERMINATE",
        "CHAIN_CONSTRAINTS_FAILURE",
        "CHAIN_CONSTRAINTS_FAILURE",
    ),
    "key usage": (
        with_leaf(key_usage=("keyEncipherment",)),
        "INDETERMINATE",
        "CHAIN_CONSTRAINTS_FAILURE",
        "KEY_USAGE",
    ),
    "expired": (
        with_leaf(not_after=NOW - DAY),
        "INDETERMINATE",
        "OUT_OF_BOUNDS_NO_POE",
        "OUT_OF_BOUNDS_NO_POE",
    ),
    "not yet valid": (
        with_leaf(not_before=NOW + DAY),
        "INDETERMINATE",
        "OUT_OF_BOUNDS_NO_POE",
        "NOT_YET_VALID_NO_POE",
    ),
    "expired but known good": (
        replace(
            with_leaf(not_after=NOW - 2 * DAY),
            revocations=(revocation("leaf", archive_cutoff=NOW - 50 * DAY), revocation("ca")),
        ),
        "INDETERMINATE",
        "OUT_OF_BOUNDS_NOT_REVOKED",
        "OUT_OF_BOUNDS_NOT_REVOKED",
    ),
    "expired authority": (
        facts(
            certificates=(
                certificate("leaf"),
                certificate("ca", not_after=NOW - DAY),
                certificate("root"),
            )
        ),
        "INDETERMINATE",
        "OUT_OF_BOUNDS_NO_POE",
        "CA_OUT_OF_BOUNDS",
    ),
    "nothing known": (
        facts(revocations=(revocation("ca"),)),
        "INDETERMINATE",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        "REVOCATION_UNKNOWN",
    ),
    "nothing known, offline": (
        facts(revocations=(), offline=True),
        "INDETERMINATE",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        "REVOCATION_UNKNOWN_OFFLINE",
    ),
    "nothing known of the authority": (
        facts(revocations=(revocation("leaf"),)),
        "INDETERMINATE",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        "REVOCATION_UNKNOWN",
    ),
    "forged answer": (
        with_evidence(signature_intact=False),
        "INDETERMINATE",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        "REVOCATION_UNKNOWN",
    ),
    "unauthorised answer": (
        with_evidence(authorised=False),
        "INDETERMINATE",
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        "REVOCATION_UNKNOWN",
    ),
    "revoked": (
        with_evidence(status=RevocationStatus.REVOKED, revocation_time=NOW - DAY),
        "INDETERMINATE",
        "REVOKED_NO_POE",
        "REVOKED_NO_POE",
    ),
    "revoked and expired": (
        replace(
            with_leaf(not_after=NOW - DAY),
            revocations=(
                revocation("leaf", status=RevocationStatus.REVOKED, revocation_time=NOW - DAY),
                revocation("ca"),
            ),
        ),
        "INDETERMINATE",
        "REVOKED_NO_POE",
        "REVOKED_NO_POE",
    ),
    "authority revoked": (
        facts(
            revocations=(
                revocation("leaf"),
                revocation("ca", status=RevocationStatus.REVOKED, revocation_time=NOW - DAY),
            )
        ),
        "INDETERMINATE",
        "REVOKED_CA_NO_POE",
        "REVOKED_CA_NO_POE",
    ),
    "on hold": (
        with_evidence(status=RevocationStatus.ON_HOLD),
        "INDETERMINATE",
        "TRY_LATER",
        "CERTIFICATE_ON_HOLD",
    ),
    "stale": (
        with_evidence(this_update=NOW - 9 * DAY, next_update=NOW - 2 * DAY),
        "INDETERMINATE",
        "TRY_LATER",
        "TRY_LATER",
    ),
    "stale without a next update": (
        with_evidence(this_update=NOW - 9 * DAY, next_update=None),
        "INDETERMINATE",
        "TRY_LATER",
        "TRY_LATER",
    ),
    "weak certificate": (
        with_leaf(signature_algorithm=SignatureAlgorithmFact("RSA", "SHA1", "rsa-sha1")),
        "INDETERMINATE",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    ),
    "weak key": (
        with_leaf(key=KeyFact("RSA", 1024)),
        "INDETERMINATE",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    ),
    "weak digest of the data": (
        of_signature(references=(reference(digest_algorithm="SHA1"),)),
        "INDETERMINATE",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    ),
    "no signing time": (
        of_signature(claimed_signing_time=None),
        "INDETERMINATE",
        "SIG_CONSTRAINTS_FAILURE",
        "SIGNING_TIME_MISSING",
    ),
    "properties not signed": (
        of_signature(problems=problem(ProblemCode.PROPERTIES_NOT_SIGNED)),
        "INDETERMINATE",
        "SIG_CONSTRAINTS_FAILURE",
        "PROPERTIES_NOT_SIGNED",
    ),
    "part only": (
        of_signature(scope=(ScopeFact("x", full=False),)),
        "INDETERMINATE",
        "SIG_CONSTRAINTS_FAILURE",
        "PARTIAL_COVERAGE",
    ),
    "no scope": (
        of_signature(scope=()),
        "INDETERMINATE",
        "SIG_CONSTRAINTS_FAILURE",
        "PARTIAL_COVERAGE",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_own_verdict(fault: str) -> None:
    document, indication, sub_indication, cause = FAULTS[fault]
    verdict = decided(document)
    found = (verdict.indication, verdict.sub_indication, verdict.cause)
    assert found == (indication, sub_indication, cause)


def test_failed_mathematics_outrank_whatever_the_certificate_is_worth() -> None:
    document = facts(
        signatures=(signature(signature_value_intact=False),), paths=(), revocations=()
    )
    assert decided(document).sub_indication == "SIG_CRYPTO_FAILURE"


def test_the_certificate_outranks_the_attributes() -> None:
    document = replace(of_signature(claimed_signing_time=None), paths=())
    assert decided(document).sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_trusted_certificate_of_a_person_ends_its_own_path() -> None:
    path = PathFact(("leaf",), "leaf", ())
    document = facts(paths=(path,), revocations=(), anchors=(AnchorFact("leaf", "plain"),))
    assert decided(document).indication == "TOTAL_PASSED"


def test_of_several_paths_one_that_holds_is_enough() -> None:
    broken = PathFact(("leaf", "old"), "old", (True,), (PathProblem("old", "POLICY", "No."),))
    document = facts()
    assert decided(replace(document, paths=(broken, *document.paths))).indication == "TOTAL_PASSED"


def test_the_newest_statement_counts_and_of_two_the_worse() -> None:
    old = revocation("leaf", status=RevocationStatus.REVOKED, this_update=NOW - 5 * DAY)
    same = revocation("leaf", status=RevocationStatus.REVOKED)
    ca = revocation("ca")
    renewed = facts(revocations=(revocation("leaf"), old, ca))
    contradicted = facts(revocations=(revocation("leaf"), same, ca))
    assert decided(renewed).indication == "TOTAL_PASSED"
    assert decided(contradicted).sub_indication == "REVOKED_NO_POE"


def test_a_certificate_revoked_after_the_instant_of_judging_was_still_good() -> None:
    later = with_evidence(status=RevocationStatus.REVOKED, revocation_time=NOW + DAY)
    assert decided(later).indication == "TOTAL_PASSED"


@pytest.mark.parametrize(
    ("algorithm", "size", "ends"),
    [("RSA", 2048, dt.datetime(2029, 1, 1, tzinfo=dt.UTC)), ("RSA", 3072, None)],
)
def test_a_key_convinces_until_its_date(
    algorithm: str, size: int, ends: dt.datetime | None
) -> None:
    at = dt.datetime(2029, 1, 1, tzinfo=dt.UTC)
    leaf = certificate("leaf", key=KeyFact(algorithm, size), not_after=at + DAY)
    document = facts(
        certificates=(leaf,),
        paths=(PathFact(("leaf",), "leaf", ()),),
        revocations=(),
    )
    assert decided(document, at=at - dt.timedelta(seconds=1)).indication == "TOTAL_PASSED"
    after = decided(document, at=at)
    assert after.sub_indication == ("CRYPTO_CONSTRAINTS_FAILURE_NO_POE" if ends else None)


def test_a_document_without_a_trace_of_a_signature_has_none() -> None:
    document = facts(signatures=())
    unsigned = replace(document, document=replace(document.document, signed_shape=False))
    assert decided(unsigned).indication == "NO_SIGNATURE"
    stripped = decided(document)
    assert (stripped.indication, stripped.cause) == ("TOTAL_FAILED", "SIGNATURE_STRIPPED")


@pytest.mark.parametrize(
    ("code", "indication"),
    [
        (ProblemCode.UNREADABLE, "TOTAL_FAILED"),
        (ProblemCode.LIMIT, "TOTAL_FAILED"),
        (ProblemCode.AMBIGUOUS, "TOTAL_FAILED"),
        (ProblemCode.UNSUPPORTED, "INDETERMINATE"),
    ],
)
def test_a_fault_of_the_document_spoils_every_signature_in_it(
    code: ProblemCode, indication: str
) -> None:
    document = facts()
    spoiled = replace(document, document=replace(document.document, problems=problem(code)))
    verdict = decided(spoiled)
    assert verdict.indication == indication
    assert verdict.signatures[0].indication == indication


def test_of_several_faults_one_that_fails_outranks_one_that_cannot_be_judged() -> None:
    document = facts()
    faults = problem(ProblemCode.UNSUPPORTED) + problem(ProblemCode.SIGNATURE_STRIPPED)
    spoiled = replace(document, document=replace(document.document, problems=faults))
    assert decided(spoiled).cause == "SIGNATURE_STRIPPED"


def test_an_answer_signed_by_a_revoked_responder_counts_for_nothing() -> None:
    delegated = revocation("leaf", issuer="responder")
    revoked = revocation("responder", status=RevocationStatus.REVOKED, issuer="ca")
    document = facts(revocations=(delegated, revocation("ca"), revoked))
    assert decided(document).cause == "REVOCATION_UNKNOWN"
    good = revocation("responder", issuer="ca")
    trusted = facts(revocations=(delegated, revocation("ca"), good))
    assert decided(trusted).indication == "TOTAL_PASSED"


def test_counter_signatures_do_not_decide_over_the_document() -> None:
    counter = signature(id="C", counter_signature_of="S", signature_value_intact=False)
    verdict = decided(facts(signatures=(signature(), counter)))
    assert verdict.indication == "TOTAL_PASSED"
    assert verdict.signatures[1].indication == "TOTAL_FAILED"


def pdf(*modifications: PdfModification, whole: bool) -> PdfFact:
    return PdfFact(
        ("f",), "ETSI.CAdES.detached", "Adobe.PPKLite", (0, 1, 2, 3), True, whole, modifications
    )


def test_a_pdf_changed_after_signing_does_not_pass() -> None:
    change = PdfModification("FORM_FILLING", "Field “amount” was filled in.", harmless=False)
    document = of_signature(pdf=pdf(change, whole=False), scope=(ScopeFact("PDF", full=False),))
    verdict = decided(document)
    assert (verdict.indication, verdict.cause) == ("INDETERMINATE", "CHANGED_AFTER_SIGNING")
    assert verdict.signatures[0].indication == "TOTAL_PASSED"


def test_evidence_added_to_a_pdf_does_not_spoil_it() -> None:
    change = PdfModification("DSS", "Certificates were added.", harmless=True)
    document = of_signature(pdf=pdf(change, whole=False), scope=(ScopeFact("PDF", full=False),))
    assert decided(document).indication == "TOTAL_PASSED"


@pytest.mark.parametrize(
    ("anchor", "attributes", "kind"),
    [
        ("plain", (("2.5.4.42", "Jan"), ("2.5.4.4", "Kowalski")), SignerKind.ADVANCED),
        ("plain", (("2.5.4.97", "VATPL-1234567890"),), SignerKind.SEAL),
        ("personal", (("2.5.4.42", "Jan"),), SignerKind.PERSONAL),
        ("qualified", (("2.5.4.42", "Jan"),), SignerKind.QUALIFIED),
    ],
)
def test_the_kind_of_signature_follows_anchor_and_subject(
    anchor: str, attributes: tuple[tuple[str, str], ...], kind: SignerKind
) -> None:
    document = replace(
        with_leaf(subject_attributes=attributes), anchors=(AnchorFact("root", anchor),)
    )
    assert decided(document).signatures[0].kind is kind


def test_without_an_anchor_the_kind_is_unknown() -> None:
    assert decided(facts(paths=())).signatures[0].kind is SignerKind.UNKNOWN


@pytest.mark.parametrize(
    ("serial", "pesel"),
    [
        ("PNOPL-85010112345", "85010112345"),
        ("PESEL: 85010112345", "85010112345"),
        ("PNOPL-850101123456", None),
        ("PNODE-85010112345", None),
        ("PNOPL-８５０１０１１２３４５", None),
        ("TINPL-1234567890", None),
    ],
)
def test_the_pesel_is_read_from_the_certificate_s_serial_number(
    serial: str, pesel: str | None
) -> None:
    document = with_leaf(subject_attributes=(("2.5.4.42", "Jan"), ("2.5.4.5", serial)))
    person = decided(document).signatures[0].person
    assert person is not None
    assert person.pesel == pesel


def test_strict_and_comparing_policies_differ_where_they_say() -> None:
    warned = facts(
        signatures=(
            signature(signing_certificate_reference=CertificateReferenceFact(True, False, True)),
        )
    )
    assert decided(warned).indication == "TOTAL_PASSED"
    assert decided(warned, policy="strict-qes").sub_indication == "SIG_CONSTRAINTS_FAILURE"
    stale = with_evidence(this_update=NOW - 9 * DAY, next_update=NOW - 2 * DAY)
    assert decided(stale, policy="dss-defaults").indication == "TOTAL_PASSED"
