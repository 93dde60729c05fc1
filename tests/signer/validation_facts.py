"""Facts made by hand, sound in every respect: a test replaces only what it is about."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from signer.validation.decide import DocumentVerdict, decide
from signer.validation.facts import (
    AnchorFact,
    CertificateFact,
    CertificateReferenceFact,
    DocumentFact,
    DocumentFacts,
    DocumentKind,
    EmbeddedCertificate,
    KeyFact,
    PathFact,
    ReferenceFact,
    RevocationFact,
    RevocationStatus,
    ScopeFact,
    SignatureAlgorithmFact,
    SignatureFact,
)
from signer.validation.policy import Policy
from tests.signer.trust_pki import NOW

DAY = dt.timedelta(days=1)
RSA_SHA256 = SignatureAlgorithmFact("RSA", "SHA256", "rsa-sha256")
STRONG_KEY = KeyFact("RSA", 3072, exponent=65537)


def certificate(sha256: str, **changes: Any) -> CertificateFact:
    """A person's certificate by default."""
    fact = CertificateFact(
        sha256=sha256,
        der=sha256.encode(),
        subject=f"CN={sha256}",
        issuer="CN=issuer",
        serial="01",
        not_before=NOW - 100 * DAY,
        not_after=NOW + 100 * DAY,
        key=STRONG_KEY,
        signature_algorithm=RSA_SHA256,
        key_usage=("digitalSignature", "nonRepudiation"),
        subject_attributes=(
            ("2.5.4.42", "Jan"),
            ("2.5.4.4", "Kowalski"),
            ("2.5.4.5", "PNOPL-85010112345"),
        ),
    )
    return replace(fact, **changes)


def revocation(about: str, **changes: Any) -> RevocationFact:
    """An OCSP answer that the certificate is good."""
    fact = RevocationFact(
        kind="OCSP",
        sha256=f"ocsp-{about}",
        certificate=about,
        status=RevocationStatus.GOOD,
        this_update=NOW - DAY,
        next_update=NOW + DAY,
        produced_at=NOW - DAY,
        issuer="ca",
        signature_intact=True,
        authorised=True,
        origin="fetched",
    )
    return replace(fact, **changes)


def signature(**changes: Any) -> SignatureFact:
    """An intact XAdES-B signature over the whole document."""
    fact = SignatureFact(
        id="S",
        format="XAdES",
        level="XAdES-BASELINE-B",
        baseline="B",
        packaging="enveloped",
        references=(
            ReferenceFact("REFERENCE", "", found=True, intact=True, digest_algorithm="SHA256"),
        ),
        signature_value_intact=True,
        signature_algorithm=RSA_SHA256,
        signing_certificate="leaf",
        signing_certificate_reference=CertificateReferenceFact(True, True, True),
        claimed_signing_time=NOW - DAY,
        certificates=(EmbeddedCertificate("leaf", "KEY_INFO"),),
        scope=(ScopeFact("document", full=True),),
    )
    return replace(fact, **changes)


def facts(**changes: Any) -> DocumentFacts:
    """A document with one sound signature, on a path leaf – ca – root."""
    fact = DocumentFacts(
        document=DocumentFact("letter.xml", DocumentKind.XML, "00", 1000, signed_shape=True),
        signatures=(signature(),),
        certificates=(certificate("leaf"), certificate("ca"), certificate("root")),
        paths=(PathFact(("leaf", "ca", "root"), "root", (True, True)),),
        revocations=(revocation("leaf"), revocation("ca")),
        anchors=(AnchorFact("root", "plain"),),
        offline=False,
    )
    return replace(fact, **changes)


def decided(
    document: DocumentFacts, *, policy: str = "default", at: dt.datetime = NOW
) -> DocumentVerdict:
    """The verdict under a built-in policy."""
    return decide(document, Policy.named(policy), at)
