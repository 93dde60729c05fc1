"""Puts facts and verdict together into the report."""

from __future__ import annotations

from signer.validation.decide.document import changes_after
from signer.validation.decide.verdict import DocumentVerdict, SignatureVerdict
from signer.validation.facts import CertificateFact, DocumentFacts, SignatureFact
from signer.validation.report.model import (
    CertificateReferenceReport,
    CertificateReport,
    Conclusion,
    CoverageReport,
    DocumentReport,
    Person,
    ReferenceReport,
    Report,
    SignatureReport,
    SignerReport,
    TimestampReport,
)


def make_report(facts: DocumentFacts, verdict: DocumentVerdict) -> Report:
    """Give the report on a document from what was found and what was decided."""
    document = facts.document
    conclusion = Conclusion(
        indication=verdict.indication,
        sub_indication=verdict.sub_indication,
        reason="",
        advice="",
        cause=verdict.cause,
    )
    return Report(
        document=DocumentReport(document.name, document.kind, document.sha256, document.size),
        conclusion=conclusion.in_language("en"),
        signatures=tuple(
            _signature(facts, fact, decided)
            for fact, decided in zip(facts.signatures, verdict.signatures, strict=True)
        ),
    )


def _signature(
    facts: DocumentFacts, fact: SignatureFact, verdict: SignatureVerdict
) -> SignatureReport:
    reference = fact.signing_certificate_reference
    return SignatureReport(
        id=fact.id,
        format=fact.format,
        level=fact.level,
        baseline=fact.baseline,
        packaging=fact.packaging,
        indication=verdict.indication,
        sub_indication=verdict.sub_indication,
        intact=fact.intact,
        references=tuple(
            ReferenceReport(one.type, one.uri, one.found, one.intact) for one in fact.references
        ),
        certificates=_certificates(facts, fact),
        signer=_signer(facts.certificate(fact.signing_certificate)),
        signing_certificate_reference=CertificateReferenceReport(
            reference.present, reference.unique, reference.matches
        ),
        signing_time=fact.claimed_signing_time,
        best_signature_time=verdict.best_signature_time,
        qualification=verdict.qualification,
        kind=verdict.kind,
        person=_person(verdict),
        covers=tuple(
            CoverageReport(scope.name, "full" if scope.full else "partial") for scope in fact.scope
        ),
        changed_after=changes_after(fact),
        timestamps=tuple(TimestampReport(one.type, one.time, None) for one in fact.timestamps),
        counter_signature_of=fact.counter_signature_of,
        checks=verdict.checks,
        cause=verdict.cause,
    )


def _certificates(facts: DocumentFacts, fact: SignatureFact) -> tuple[CertificateReport, ...]:
    """List the embedded certificates, the signer's first."""
    ordered = sorted(fact.certificates, key=lambda one: one.sha256 != fact.signing_certificate)
    found = ((one, facts.certificate(one.sha256)) for one in ordered)
    return tuple(
        CertificateReport(one.sha256, known.der.hex(), known.subject, one.origin)
        for one, known in found
        if known is not None
    )


def _signer(certificate: CertificateFact | None) -> SignerReport | None:
    if certificate is None:
        return None
    return SignerReport(
        certificate.subject, certificate.issuer, certificate.serial, certificate.sha256
    )


def _person(verdict: SignatureVerdict) -> Person | None:
    person = verdict.person
    return None if person is None else Person(person.given_name, person.family_name, person.pesel)
