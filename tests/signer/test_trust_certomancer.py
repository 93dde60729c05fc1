"""Gathering against a PKI that somebody else wrote and runs: Certomancer, over HTTP on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from signer.trust import Fetcher, MemoryCache, TrustStore, gather
from signer.trust.certificates import read_certificate
from signer.validation.facts import EmbeddedMaterial, GatheredTrust, RevocationFact
from tests.signer.certomancer_pki import BAD_RESPONDERS, RunningPki, running
from tests.signer.trust_pki import NOW


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPki]:
    with running(tmp_path_factory.mktemp("certomancer"), datetime.now(UTC)) as pki:
        yield pki


def gathered(pki: RunningPki, label: str) -> GatheredTrust:
    """What is gathered for one leaf, of which the document has nothing but the leaf itself."""
    trust = TrustStore.from_certificates([pki.der("root")])
    fetcher = Fetcher(allowed=[pki.authority], cache=MemoryCache())
    return gather([pki.der(label)], EmbeddedMaterial(), trust, datetime.now(UTC), fetcher)


def about(pki: RunningPki, label: str, found: GatheredTrust) -> list[RevocationFact]:
    digest = read_certificate(pki.der(label)).sha256
    return [fact for fact in found.revocations if fact.certificate == digest]


def assert_usable(fact: RevocationFact) -> None:
    assert fact.signature_intact is True
    assert fact.authorised
    assert fact.problems == ()


def test_the_missing_issuer_is_fetched_and_the_path_is_clean(pki: RunningPki) -> None:
    [path] = gathered(pki, "good").paths
    labels = ("good", "ca", "root")
    assert path.certificates == tuple(read_certificate(pki.der(name)).sha256 for name in labels)
    assert path.problems == ()


@pytest.mark.parametrize(
    ("label", "status", "reason"),
    [
        ("good", "GOOD", None),
        ("expired", "GOOD", None),
        ("revoked", "REVOKED", "keyCompromise"),
        ("held", "ON_HOLD", "certificateHold"),
    ],
)
def test_the_appointed_responder_is_believed(
    pki: RunningPki, label: str, status: str, reason: str | None
) -> None:
    [fact] = about(pki, label, gathered(pki, label))
    assert (fact.kind, fact.status.value, fact.reason) == ("OCSP", status, reason)
    assert fact.issuer == read_certificate(pki.der("ocsp")).sha256
    assert_usable(fact)


def test_the_list_is_fetched_where_no_responder_is_named(pki: RunningPki) -> None:
    found = gathered(pki, "crl-only")
    [fact] = about(pki, "crl-only", found)
    assert (fact.kind, fact.status.value) == ("CRL", "GOOD")
    assert_usable(fact)
    [of_authority] = about(pki, "ca", found)
    assert of_authority.issuer == read_certificate(pki.der("root")).sha256
    assert_usable(of_authority)


@pytest.mark.parametrize("who", BAD_RESPONDERS)
def test_who_may_not_answer_is_refused_and_the_list_decides(pki: RunningPki, who: str) -> None:
    answer, listed = about(pki, f"by-{who}", gathered(pki, f"by-{who}"))
    assert answer.signature_intact is True
    assert not answer.authorised
    assert answer.status.value == "UNKNOWN"
    assert answer.problems
    assert listed.kind == "CRL"
    assert_usable(listed)


def test_nothing_is_asked_offline(pki: RunningPki) -> None:
    trust = TrustStore.from_certificates([pki.der("root")])
    found = gather([pki.der("revoked")], EmbeddedMaterial(), trust, NOW, None)
    assert found.revocations == ()
    assert found.paths[0].anchor is None
