"""What CRLs and OCSP answers say of a certificate, and when they are refused as evidence."""

import hashlib
from collections.abc import Callable, Sequence

import pytest
from asn1crypto import core, parser
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer.trust import TrustStore, gather
from signer.trust.certificates import read_certificate
from signer.trust.revocation.crl import MAX_CRL_BYTES, read_crl
from signer.trust.revocation.ocsp_response import MAX_OCSP_BYTES, read_ocsp
from signer.validation.facts import EmbeddedMaterial, RevocationFact, RevocationStatus
from tests.signer.trust_pki import (
    DAY,
    NOW,
    OCSP_SIGNING,
    YEAR,
    Entity,
    crl,
    crl_in_two_algorithms,
    der,
    issue,
    key,
    name,
    ocsp_answers,
    ocsp_edited,
    ocsp_response,
    root,
    scope,
    with_extension,
)

GOOD, REVOKED = RevocationStatus.GOOD, RevocationStatus.REVOKED
UNKNOWN, ON_HOLD = RevocationStatus.UNKNOWN, RevocationStatus.ON_HOLD


@pytest.fixture(scope="module")
def authority() -> Entity:
    return root("Authority")


@pytest.fixture(scope="module")
def leaf(authority: Entity) -> Entity:
    return issue("Leaf", authority, serial=0x1234, crl_url="http://crl.test/ca.crl")


@pytest.fixture(scope="module")
def responder(authority: Entity) -> Entity:
    return issue("Responder", authority, eku=[OCSP_SIGNING], extra=[(x509.OCSPNoCheck(), False)])


def facts(
    leaf: Entity,
    authority: Entity,
    *,
    crls: Sequence[bytes] = (),
    ocsps: Sequence[bytes] = (),
    pool: Sequence[Entity] = (),
    anchors: Sequence[Entity] = (),
) -> list[RevocationFact]:
    """The revocation facts gathered offline from embedded evidence."""
    material = EmbeddedMaterial(tuple(entity.der for entity in pool), tuple(crls), tuple(ocsps))
    trust = TrustStore.from_certificates(entity.der for entity in anchors or [authority])
    return list(gather([leaf.der], material, trust, NOW, None).revocations)


def usable(fact: RevocationFact) -> bool:
    return fact.signature_intact is True and fact.authorised and not fact.problems


def assert_refused(fact: RevocationFact, reason: str) -> None:
    assert fact.status is UNKNOWN
    assert not usable(fact)
    assert any(reason in problem for problem in fact.problems), fact.problems


def sha256(entity: Entity) -> str:
    return read_certificate(entity.der).sha256


# --- CRL ------------------------------------------------------------------------------------


def test_a_crl_that_does_not_list_the_certificate_says_good(
    leaf: Entity, authority: Entity
) -> None:
    [fact] = facts(leaf, authority, crls=[crl(authority, {99: None})])
    assert (fact.kind, fact.status, fact.origin) == ("CRL", GOOD, "embedded")
    assert (fact.certificate, fact.issuer) == (sha256(leaf), sha256(authority))
    assert (fact.this_update, fact.next_update) == (NOW - DAY, NOW + DAY)
    assert fact.signature_algorithm is not None
    assert fact.signature_algorithm.digest == "SHA256"
    assert usable(fact)


def test_a_revoked_certificate_has_its_time_reason_and_invalidity_date(
    leaf: Entity, authority: Entity
) -> None:
    invalid_since = (x509.InvalidityDate((NOW - 5 * DAY).replace(tzinfo=None)), False)
    listed = {0x1234: x509.ReasonFlags.key_compromise}
    [fact] = facts(leaf, authority, crls=[crl(authority, listed, entry_extra=[invalid_since])])
    assert (fact.status, fact.reason) == (REVOKED, "keyCompromise")
    assert (fact.revocation_time, fact.invalidity_date) == (NOW - 2 * DAY, NOW - 5 * DAY)
    assert usable(fact)


def test_a_revocation_without_a_reason_is_a_revocation(leaf: Entity, authority: Entity) -> None:
    [fact] = facts(leaf, authority, crls=[crl(authority, {0x1234: None})])
    assert (fact.status, fact.reason) == (REVOKED, None)


def test_a_certificate_on_hold_is_neither_good_nor_revoked(leaf: Entity, authority: Entity) -> None:
    listed = {0x1234: x509.ReasonFlags.certificate_hold}
    [fact] = facts(leaf, authority, crls=[crl(authority, listed)])
    assert (fact.status, fact.reason) == (ON_HOLD, "certificateHold")


def test_a_stale_crl_keeps_its_times_for_the_decision(leaf: Entity, authority: Entity) -> None:
    stale = crl(authority, this_update=NOW - 3 * DAY, next_update=NOW - 2 * DAY)
    [fact] = facts(leaf, authority, crls=[stale])
    assert (fact.status, fact.next_update) == (GOOD, NOW - 2 * DAY)


def test_a_crl_of_the_right_name_and_the_wrong_key_is_refused(
    leaf: Entity, authority: Entity
) -> None:
    forged = crl(authority, signed_with=key("forger"))
    [fact] = facts(leaf, authority, crls=[forged])
    assert (fact.issuer, fact.signature_intact, fact.authorised) == (None, False, False)
    assert_refused(fact, "No key of the certificate's issuer")


def test_a_crl_of_another_authority_says_nothing(leaf: Entity, authority: Entity) -> None:
    assert facts(leaf, authority, crls=[crl(root("Another"), {0x1234: None})]) == []


def test_a_crl_signed_by_a_key_the_issuer_certified_under_its_own_name_is_accepted(
    leaf: Entity, authority: Entity
) -> None:
    crl_key = key("CRL key")
    signer = issue("Authority", authority, own_key=crl_key, usages=("crl_sign",), ca=False)
    listed = crl(authority, {0x1234: None}, signed_with=crl_key)
    [fact] = facts(leaf, authority, crls=[listed], pool=[signer])
    assert (fact.status, fact.issuer) == (REVOKED, sha256(signer))
    assert usable(fact)


def test_a_crl_signer_of_the_right_name_that_nobody_appointed_is_refused(
    leaf: Entity, authority: Entity
) -> None:
    pretender = root("Authority", own_key=key("pretender"))
    listed = crl(authority, signed_with=pretender.key)
    [fact] = facts(leaf, authority, crls=[listed], pool=[pretender])
    assert_refused(fact, "not shown to be the issuer")


def test_a_crl_signed_by_a_key_not_meant_for_it_is_refused() -> None:
    authority = root("Authority", usages=("key_cert_sign",))
    leaf = issue("Leaf", authority)
    [fact] = facts(leaf, authority, crls=[crl(authority)])
    assert_refused(fact, "not meant to sign CRLs")


@pytest.mark.parametrize(
    ("extension", "reason"),
    [
        ((x509.DeltaCRLIndicator(1), True), "delta"),
        (scope(indirect_crl=True), "indirect"),
        (scope(only_contains_ca_certs=True), "CA certificates only"),
        (scope(only_contains_attribute_certs=True), "attribute"),
        (scope(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])), "some reasons"),
        (
            scope(full_name=[x509.UniformResourceIdentifier("http://crl.test/other.crl")]),
            "another distribution point",
        ),
        (
            scope(relative_name=x509.RelativeDistinguishedName(list(name("CRL1")))),
            "another distribution point",
        ),
        (with_extension("1.2.3.4", b"\x05\x00", critical=True), "not known here"),
    ],
    ids=["delta", "indirect", "CAs", "attributes", "reasons", "point", "relative", "unknown"],
)
def test_a_crl_that_covers_only_a_part_is_refused_and_never_read_as_good(
    leaf: Entity, authority: Entity, extension: tuple[x509.ExtensionType, bool], reason: str
) -> None:
    [fact] = facts(leaf, authority, crls=[crl(authority, extra=[extension])])
    assert fact.signature_intact is True
    assert_refused(fact, reason)


@pytest.mark.parametrize(
    "extension",
    [
        scope(only_contains_user_certs=True),
        scope(full_name=[x509.UniformResourceIdentifier("http://crl.test/ca.crl")]),
    ],
)
def test_a_crl_whose_part_covers_the_certificate_is_accepted(
    leaf: Entity, authority: Entity, extension: tuple[x509.ExtensionType, bool]
) -> None:
    [fact] = facts(leaf, authority, crls=[crl(authority, extra=[extension])])
    assert fact.status is GOOD
    assert usable(fact)


def test_a_crl_for_users_does_not_cover_an_authority() -> None:
    top = root("Top")
    middle = issue("Middle", top, ca=True)
    for_users = crl(top, extra=[scope(only_contains_user_certs=True)])
    [fact] = facts(issue("Leaf", middle), top, crls=[for_users], pool=[middle])
    assert_refused(fact, "no CA certificates")


def test_an_entry_with_an_unknown_critical_extension_is_refused(
    leaf: Entity, authority: Entity
) -> None:
    unknown = with_extension("1.2.3.4", b"\x05\x00", critical=True)
    listed = crl(authority, {0x1234: None}, entry_extra=[unknown])
    [fact] = facts(leaf, authority, crls=[listed])
    assert_refused(fact, "entry has a critical extension")


def test_a_crl_that_names_two_signature_algorithms_is_none(authority: Entity) -> None:
    assert read_crl(crl_in_two_algorithms(authority)) is None


def test_when_expired_certificates_stay_listed_is_read(leaf: Entity, authority: Entity) -> None:
    since = with_extension("2.5.29.60", b"\x18\x0f20200101000000Z")
    [fact] = facts(leaf, authority, crls=[crl(authority, extra=[since])])
    assert fact.expired_certs_on_crl is not None
    assert fact.expired_certs_on_crl.year == 2020


def test_every_certificate_of_the_path_but_the_anchor_is_asked_about() -> None:
    top = root("Top")
    middle = issue("Middle", top, ca=True)
    leaf = issue("Leaf", middle)
    found = facts(leaf, top, crls=[crl(top), crl(middle)], pool=[middle, top])
    assert [fact.certificate for fact in found] == [sha256(leaf), sha256(middle)]


@pytest.mark.parametrize(
    "content", [b"", b"junk", b"\x30\x03\x02\x01\x01", b"\x30" * (MAX_CRL_BYTES + 1)]
)
def test_what_is_no_crl_or_too_large_is_none(content: bytes) -> None:
    assert read_crl(content) is None


# --- OCSP -----------------------------------------------------------------------------------


def test_an_answer_signed_by_the_issuer_is_accepted(leaf: Entity, authority: Entity) -> None:
    [fact] = facts(leaf, authority, ocsps=[ocsp_response(leaf, authority)])
    assert (fact.kind, fact.status, fact.issuer) == ("OCSP", GOOD, sha256(authority))
    assert (fact.this_update, fact.next_update) == (NOW - DAY, NOW + DAY)
    assert fact.produced_at is not None
    assert usable(fact)


@pytest.mark.parametrize("by_name", [True, False])
def test_an_answer_of_an_appointed_responder_is_accepted(
    leaf: Entity, authority: Entity, responder: Entity, by_name: bool
) -> None:
    answer = ocsp_response(leaf, authority, responder=responder, by_name=by_name)
    [fact] = facts(leaf, authority, ocsps=[answer])
    assert (fact.status, fact.issuer) == (GOOD, sha256(responder))
    assert usable(fact)


def test_the_responder_becomes_a_certificate_fact(
    leaf: Entity, authority: Entity, responder: Entity
) -> None:
    answer = ocsp_response(leaf, authority, responder=responder)
    trust = TrustStore.from_certificates([authority.der])
    gathered = gather([leaf.der], EmbeddedMaterial(ocsps=(answer,)), trust, NOW, None)
    assert "CN=Responder" in [fact.subject for fact in gathered.certificates]


def test_revocation_by_ocsp_has_its_time_and_reason(leaf: Entity, authority: Entity) -> None:
    answer = ocsp_response(
        leaf,
        authority,
        status=ocsp.OCSPCertStatus.REVOKED,
        reason=x509.ReasonFlags.ca_compromise,
    )
    [fact] = facts(leaf, authority, ocsps=[answer])
    assert (fact.status, fact.reason) == (REVOKED, "cACompromise")
    assert fact.revocation_time == NOW - 2 * DAY


def test_hold_and_unknown_are_told_apart(leaf: Entity, authority: Entity) -> None:
    hold = ocsp_response(
        leaf,
        authority,
        status=ocsp.OCSPCertStatus.REVOKED,
        reason=x509.ReasonFlags.certificate_hold,
    )
    unknown = ocsp_response(leaf, authority, status=ocsp.OCSPCertStatus.UNKNOWN)
    statuses = [fact.status for fact in facts(leaf, authority, ocsps=[hold, unknown])]
    assert statuses == [ON_HOLD, UNKNOWN]


def test_the_bare_basic_response_of_cms_is_read_too(leaf: Entity, authority: Entity) -> None:
    whole = asn1_ocsp.OCSPResponse.load(ocsp_response(leaf, authority))
    basic = whole["response_bytes"]["response"].parsed.dump()
    [fact] = facts(leaf, authority, ocsps=[basic])
    assert usable(fact)


def test_an_answer_about_another_certificate_says_nothing(leaf: Entity, authority: Entity) -> None:
    other = issue("Other", authority)
    assert facts(leaf, authority, ocsps=[ocsp_response(other, authority)]) == []


def test_the_same_serial_of_another_issuer_says_nothing(leaf: Entity, authority: Entity) -> None:
    elsewhere = root("Elsewhere")
    namesake = issue("Leaf", elsewhere, serial=0x1234)
    assert facts(leaf, authority, ocsps=[ocsp_response(namesake, elsewhere)]) == []


def test_the_same_issuer_name_with_another_key_says_nothing(
    leaf: Entity, authority: Entity
) -> None:
    pretender = root("Authority", own_key=key("pretender"))
    namesake = issue("Leaf", pretender, serial=0x1234)
    assert facts(leaf, authority, ocsps=[ocsp_response(namesake, pretender)]) == []


def test_the_same_issuer_key_under_another_name_says_nothing(
    leaf: Entity, authority: Entity
) -> None:
    renamed = root("Renamed", own_key=authority.key)
    namesake = issue("Leaf", renamed, serial=0x1234)
    assert facts(leaf, authority, ocsps=[ocsp_response(namesake, renamed)]) == []


def test_two_different_answers_for_one_certificate_are_refused(
    leaf: Entity, authority: Entity
) -> None:
    good = ocsp_response(leaf, authority)
    revoked = ocsp_response(leaf, authority, status=ocsp.OCSPCertStatus.REVOKED)
    both = ocsp_edited(good, authority, lambda answers: [*answers, *ocsp_answers(revoked)])
    [fact] = facts(leaf, authority, ocsps=[both])
    assert fact.signature_intact is True
    assert_refused(fact, "two different answers")


def with_single_extension(oid: str, value: bytes) -> Callable[[list[bytes]], list[bytes]]:
    """An edit for `ocsp_edited`: this extension in the (only) answer."""
    extension = der(0x30, core.ObjectIdentifier(oid).dump() + der(0x04, value))

    def edit(answers: list[bytes]) -> list[bytes]:
        contents = parser.parse(answers[0])[4]
        return [der(0x30, contents + der(0xA1, der(0x30, extension)))]

    return edit


@pytest.mark.parametrize("right", [True, False])
def test_the_hash_of_the_certificate_in_an_answer_must_be_its_own(
    leaf: Entity, authority: Entity, right: bool
) -> None:
    digest = hashlib.sha256(leaf.der if right else b"another certificate").digest()
    sha256_identifier = bytes.fromhex("300d06096086480165030402010500")
    stated = der(0x30, sha256_identifier + der(0x04, digest))
    answer = ocsp_edited(
        ocsp_response(leaf, authority), authority, with_single_extension("1.3.36.8.3.13", stated)
    )
    [fact] = facts(leaf, authority, ocsps=[answer])
    assert fact.certificate_hash_matches is right
    if right:
        assert usable(fact)
    else:
        assert_refused(fact, "another certificate")


def test_the_archive_cutoff_is_read(leaf: Entity, authority: Entity) -> None:
    cutoff = with_single_extension("1.3.6.1.5.5.7.48.1.6", der(0x18, b"20200101000000Z"))
    [fact] = facts(
        leaf, authority, ocsps=[ocsp_edited(ocsp_response(leaf, authority), authority, cutoff)]
    )
    assert fact.archive_cutoff is not None
    assert fact.archive_cutoff.year == 2020


def bad_responder(fault: str, authority: Entity) -> Entity:
    """A responder certificate that must not be believed, by its fault."""
    elsewhere = root("Elsewhere")
    match fault:
        case "unrelated":
            return root("Stranger")
        case "without the purpose":
            return issue("Responder", authority)
        case "any purpose is not enough":
            return issue("Responder", authority, eku=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
        case "of another authority":
            return issue("Responder", elsewhere, eku=[OCSP_SIGNING])
        case "expired":
            return issue(
                "Responder",
                authority,
                eku=[OCSP_SIGNING],
                not_before=NOW - 3 * YEAR,
                not_after=NOW - 2 * YEAR,
            )
        case "forged":
            return issue("Responder", authority, eku=[OCSP_SIGNING], signed_with=key("forger"))
        case "key not for signing":
            return issue("Responder", authority, eku=[OCSP_SIGNING], usages=("key_agreement",))
        case "unknown critical extension":
            unknown = with_extension("1.2.3.4", b"\x05\x00", critical=True)
            return issue("Responder", authority, eku=[OCSP_SIGNING], extra=[unknown])
    raise AssertionError(fault)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("unrelated", "not appointed"),
        ("without the purpose", "not meant for signing OCSP"),
        ("any purpose is not enough", "not meant for signing OCSP"),
        ("of another authority", "not appointed"),
        ("expired", "not valid when"),
        ("forged", "not appointed"),
        ("key not for signing", "not meant for signing"),
        ("unknown critical extension", "cannot be relied on"),
    ],
)
def test_an_answer_of_a_responder_that_may_not_speak_is_refused(
    leaf: Entity, authority: Entity, fault: str, reason: str
) -> None:
    answer = ocsp_response(leaf, authority, responder=bad_responder(fault, authority))
    [fact] = facts(leaf, authority, ocsps=[answer])
    assert fact.signature_intact is True
    assert not fact.authorised
    assert_refused(fact, reason)


def test_another_end_entity_of_the_same_authority_is_no_responder(
    leaf: Entity, authority: Entity
) -> None:
    person = issue("Another person", authority)
    [fact] = facts(leaf, authority, ocsps=[ocsp_response(leaf, authority, responder=person)])
    assert_refused(fact, "not meant for signing OCSP")


def test_a_responder_that_only_bears_the_issuers_name_is_refused(
    leaf: Entity, authority: Entity
) -> None:
    pretender = root("Authority", own_key=key("pretender"))
    [fact] = facts(leaf, authority, ocsps=[ocsp_response(leaf, authority, responder=pretender)])
    assert fact.signature_intact is True
    assert_refused(fact, "not appointed")


def test_an_answer_whose_signature_does_not_verify_is_refused(
    leaf: Entity, authority: Entity
) -> None:
    whole = asn1_ocsp.OCSPResponse.load(ocsp_response(leaf, authority))
    signature = whole["response_bytes"]["response"].parsed["signature"].native
    broken = whole.dump().replace(signature[-8:], bytes(8))
    [fact] = facts(leaf, authority, ocsps=[broken])
    assert fact.signature_intact is False
    assert_refused(fact, "does not verify")


def test_an_answer_without_its_signers_certificate_is_refused(
    leaf: Entity, authority: Entity, responder: Entity
) -> None:
    answer = ocsp_response(leaf, authority, responder=responder, embed=[])
    [fact] = facts(leaf, authority, ocsps=[answer])
    assert (fact.issuer, fact.signature_intact) == (None, None)
    assert_refused(fact, "not at hand")


def test_a_responder_found_elsewhere_in_the_document_serves_as_well(
    leaf: Entity, authority: Entity, responder: Entity
) -> None:
    answer = ocsp_response(leaf, authority, responder=responder, embed=[])
    [fact] = facts(leaf, authority, ocsps=[answer], pool=[responder])
    assert usable(fact)


def test_a_critical_extension_not_known_refuses_the_answer(leaf: Entity, authority: Entity) -> None:
    unknown = with_extension("1.2.3.4", b"\x05\x00", critical=True)
    [fact] = facts(leaf, authority, ocsps=[ocsp_response(leaf, authority, extra=[unknown])])
    assert_refused(fact, "not known here")


def test_a_changed_byte_is_found(leaf: Entity, authority: Entity) -> None:
    revoked = ocsp_response(leaf, authority, status=ocsp.OCSPCertStatus.REVOKED)
    changed = revoked.replace(b"20261121", b"20261122")
    assert changed != revoked
    [fact] = facts(leaf, authority, ocsps=[changed])
    assert_refused(fact, "does not verify")


def test_a_delegated_responder_is_itself_asked_about_unless_it_need_not_be(
    leaf: Entity, authority: Entity, responder: Entity
) -> None:
    checked = issue("Checked responder", authority, eku=[OCSP_SIGNING])
    for signer, expected in ((responder, [leaf]), (checked, [leaf, checked])):
        answer = ocsp_response(leaf, authority, responder=signer)
        found = facts(leaf, authority, ocsps=[answer], crls=[crl(authority)])
        asked = {fact.certificate for fact in found}
        assert asked == {sha256(entity) for entity in expected}


def test_a_refusal_to_answer_is_no_evidence() -> None:
    builder = ocsp.OCSPResponseBuilder
    refusal = builder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    assert read_ocsp(refusal.public_bytes(Encoding.DER)) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"\x30\x03\x0a\x01\x00", b"\x30\x00", b"\x30" * (MAX_OCSP_BYTES + 1)],
)
def test_what_is_no_answer_or_too_large_is_none(content: bytes) -> None:
    assert read_ocsp(content) is None


def test_the_same_evidence_given_twice_is_one_fact(leaf: Entity, authority: Entity) -> None:
    answer = ocsp_response(leaf, authority)
    assert len(facts(leaf, authority, ocsps=[answer, answer])) == 1
