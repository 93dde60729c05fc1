"""XAdES properties that say what they should not (catalogue XAD); made by a holder of a key."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pytest

from signer import Report
from signer.xades.algorithms import digest
from tests.signer import xml_signatures as xml
from tests.signer.trust_pki import NOW, Entity, issue, name
from tests.signer.xml_signatures import Reference, qualifying, signature

WHOLE = Reference("", xml.FROM_WITHIN)


def made(**options: object) -> Report:
    """The verdict on a document signed with these options of `signature`."""
    inner = signature(WHOLE, **options)  # type: ignore[arg-type]  # options of one call only
    return xml.judged(xml.sealed(f"<doc><amount>100</amount>{inner}</doc>"))


def outcome(report: Report) -> tuple[str, str | None]:
    return report.conclusion.indication, report.conclusion.sub_indication


def test_an_honest_advanced_signature_passes() -> None:
    assert outcome(made()) == ("TOTAL_PASSED", None)


def test_properties_without_a_reference_make_no_advanced_signature() -> None:
    report = made(properties_reference=Reference("none"))
    assert outcome(report) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")
    assert report.signatures[0].signing_time is None
    assert not report.signatures[0].signing_certificate_reference.present


def test_a_time_in_unsigned_properties_is_never_reported() -> None:
    inner = signature(WHOLE, properties_reference=Reference("none"))
    data = xml.sealed(f"<doc>{inner}</doc>").replace(b"2026-11-23T11", b"2001-01-01T11")
    assert xml.judged(data).signatures[0].signing_time is None


def test_a_changed_signing_time_is_found() -> None:
    data = xml.enveloped().replace(b"2026-11-23T11", b"2026-11-22T11")
    assert outcome(xml.judged(data)) == ("TOTAL_FAILED", "HASH_FAILURE")


@pytest.mark.parametrize("first", [True, False])
def test_a_second_set_of_properties_is_ambiguous(first: bool) -> None:
    other = qualifying("S", time="2001-01-01T00:00:00Z").replace("S-properties", "other")
    both = other + qualifying("S") if first else qualifying("S") + other
    inner = signature(WHOLE, properties=both)
    split = inner.replace(
        "</xades:QualifyingProperties><", "</xades:QualifyingProperties></ds:Object><ds:Object><", 1
    )
    for document in (inner, split):
        report = xml.judged(xml.sealed(f"<doc>{document}</doc>"))
        assert outcome(report) == ("TOTAL_FAILED", "FORMAT_FAILURE")


@pytest.mark.parametrize("target", ["#other", "S", "#s"])
def test_properties_must_name_their_own_signature(target: str) -> None:
    report = made(properties=qualifying("S", target=target))
    assert outcome(report) == ("TOTAL_FAILED", "FORMAT_FAILURE")


def test_properties_that_name_no_signature_are_refused() -> None:
    report = made(properties=qualifying("S").replace(' Target="#S"', ""))
    assert outcome(report) == ("TOTAL_FAILED", "FORMAT_FAILURE")


def test_a_signature_that_pins_no_certificate_is_not_accepted() -> None:
    report = made(properties=qualifying("S", signing_certificate=" "))
    assert outcome(report) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")


def test_a_signature_that_pins_another_certificate_is_not_accepted() -> None:
    report = made(properties=qualifying("S", signing_certificate=xml.pin(xml.stranger().der)))
    assert outcome(report) == ("INDETERMINATE", "NO_SIGNING_CERTIFICATE_FOUND")
    assert report.signatures[0].signing_certificate_reference.matches is False


def test_the_same_key_under_another_name_is_another_certificate() -> None:
    twin = issue(name("Somebody Else"), own_key=xml.holder().key)
    report = made(
        properties=qualifying("S", signing_certificate=xml.pin(twin.der)),
        certificates=[xml.holder().der],
    )
    assert outcome(report) == ("INDETERMINATE", "NO_SIGNING_CERTIFICATE_FOUND")


def test_the_pinned_certificate_is_the_signer_wherever_it_stands() -> None:
    twin = issue(name("Somebody Else"), own_key=xml.holder().key)
    report = made(certificates=[twin.der, xml.holder().der])
    assert outcome(report) == ("TOTAL_PASSED", None)
    signer = report.signatures[0].signer
    assert signer is not None
    assert signer.sha256 == digest("SHA256", xml.holder().der).hex()


def test_a_wrong_issuer_and_serial_is_a_hint_that_is_warned_of() -> None:
    hint = (
        f'<xades:IssuerSerial><ds:X509IssuerName xmlns:ds="{xml.DS}">CN=Nobody</ds:X509IssuerName>'
        f'<ds:X509SerialNumber xmlns:ds="{xml.DS}">1</ds:X509SerialNumber></xades:IssuerSerial>'
    )
    pinned = xml.pin(xml.holder().der).replace("</xades:Cert>", hint + "</xades:Cert>")
    report = made(properties=qualifying("S", signing_certificate=pinned))
    assert outcome(report) == ("TOTAL_PASSED", None)
    checks = {check.name: check.status for check in report.signatures[0].checks}
    assert checks["signing_certificate_issuer_serial"] == "warning"


def test_two_pinned_certificates_are_warned_of() -> None:
    pinned = xml.pin(xml.stranger().der, xml.holder().der)
    report = made(properties=qualifying("S", signing_certificate=pinned))
    assert outcome(report) == ("TOTAL_PASSED", None)
    assert not report.signatures[0].signing_certificate_reference.unique


@pytest.mark.parametrize(
    "certificates",
    [
        pytest.param(lambda: [xml.stranger().der], id="another's"),
        pytest.param(list, id="none"),
        pytest.param(lambda: [b"\x30\x03\x02\x01\x01"], id="broken DER"),
    ],
)
def test_without_the_signer_s_certificate_nobody_signed(certificates: object) -> None:
    report = made(certificates=certificates())  # type: ignore[operator]  # a factory, see above
    assert report.conclusion.indication != "TOTAL_PASSED"


def test_two_hundred_certificates_are_not_all_read() -> None:
    crowd = [xml.holder().der, *(b"\x30\x02\x05\x00" + bytes([n]) for n in range(200))]
    report = made(certificates=crowd)
    assert len(report.signatures[0].certificates) <= 32
    assert outcome(report) == ("TOTAL_PASSED", None)


TIMES = {
    "tomorrow": ("2026-11-24T12:00:00Z", dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)),
    "in another zone": ("2026-11-23T12:00:00+01:00", dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC)),
    "without a zone": ("2026-11-23T11:00:00", dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC)),
    "with a fraction": (
        "2026-11-23T11:00:00.1234567Z",
        dt.datetime(2026, 11, 23, 11, 0, 0, 123456, dt.UTC),
    ),
    "year 0001 east": ("0001-01-01T00:00:00+14:00", None),
    "year 9999 west": ("9999-12-31T23:59:59-14:00", None),
    "before Christ": ("-0001-01-01T00:00:00Z", None),
    "a leap second": ("2026-06-30T23:59:60Z", None),
    "24 o'clock": ("2026-11-23T24:00:00Z", None),
    "other digits": ("２０２６-11-23T11:00:00Z", None),
    "empty": ("", None),
}


@pytest.mark.parametrize("row", TIMES)
def test_a_signing_time_is_reported_as_claimed_or_not_at_all(row: str) -> None:
    written, expected = TIMES[row]
    report = made(properties=qualifying("S", time=written))
    assert report.signatures[0].signing_time == expected
    assert report.signatures[0].best_signature_time == NOW
    assert report.conclusion.indication == ("TOTAL_PASSED" if expected else "INDETERMINATE")


def test_a_comment_inside_the_signing_time_makes_it_unreadable() -> None:
    report = made(properties=qualifying("S", time="2026-11-23<!---->T11:00:00Z"))
    assert report.signatures[0].signing_time is None


TRUSTED_PROFILE_ROLE = (
    "<xades:SignerRoleV2><xades:ClaimedRoles><xades:ClaimedRole>"
    '<pz:EPSignature xmlns:pz="http://crd.gov.pl/xml/schematy/podpis_zaufany/"><pz:NaturalPerson>'
    "<pz:CurrentFamilyName>Nowak</pz:CurrentFamilyName><pz:FirstName>Anna</pz:FirstName>"
    "<pz:PersonalIdentifier>90010112345</pz:PersonalIdentifier></pz:NaturalPerson></pz:EPSignature>"
    "</xades:ClaimedRole></xades:ClaimedRoles></xades:SignerRoleV2>"
)
OLD_TRUSTED_PROFILE_ROLE = (
    "<xades:SignerRole><xades:ClaimedRoles><xades:ClaimedRole>"
    '<ppZP:PodpisZP xmlns:ppZP="http://crd.gov.pl/xml/schematy/ppzp/" '
    'xmlns:os="http://crd.gov.pl/xml/schematy/osoba/2009/03/06/"><ppZP:DaneZP>'
    '<ppZP:DaneZPOsobyFizycznej><os:Nazwisko rodzajCzlonu="pierwszy">Nowak</os:Nazwisko>'
    '<os:Nazwisko rodzajCzlonu="drugi">Zając</os:Nazwisko><os:Imie>Anna</os:Imie>'
    "<os:PESEL>90010112345</os:PESEL></ppZP:DaneZPOsobyFizycznej></ppZP:DaneZP></ppZP:PodpisZP>"
    "</xades:ClaimedRole></xades:ClaimedRoles></xades:SignerRole>"
)


@cache
def minister_seal() -> Entity:
    """A seal with the minister's subject, on the holder's key."""
    subject = name(
        "Minister do spraw informatyzacji - pieczęć podpisu zaufanego",
        O="Ministerstwo Cyfryzacji",
        ORG_ID="VATPL-5252955037",
    )
    return issue(subject, own_key=xml.holder().key, serial=1)


@pytest.mark.parametrize("role", [TRUSTED_PROFILE_ROLE, OLD_TRUSTED_PROFILE_ROLE])
def test_a_trusted_profile_role_under_any_other_certificate_is_a_forgery(role: str) -> None:
    report = made(properties=qualifying("S", more=role))
    assert outcome(report) == ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")
    assert report.conclusion.cause == "TRUSTED_PROFILE_NOT_SEALED"
    person = report.signatures[0].person
    assert person is not None
    assert person.pesel == "85010112345"


@pytest.mark.parametrize(
    ("role", "family_name"),
    [(TRUSTED_PROFILE_ROLE, "Nowak"), (OLD_TRUSTED_PROFILE_ROLE, "Nowak-Zając")],
)
def test_under_the_minister_s_seal_the_role_names_the_person(role: str, family_name: str) -> None:
    seal = minister_seal()
    inner = signature(
        WHOLE,
        properties=qualifying("S", more=role, signing_certificate=xml.pin(seal.der)),
        certificates=[seal.der],
    )
    data = xml.sealed(f"<doc>{inner}</doc>")
    trusted = xml.judged_by(data, seal)
    person = trusted.signatures[0].person
    assert outcome(trusted) == ("TOTAL_PASSED", None)
    assert trusted.signatures[0].kind == "trusted_profile"
    assert person is not None
    assert (person.given_name, person.family_name, person.pesel) == (
        "Anna",
        family_name,
        "90010112345",
    )
    untrusted = xml.judged(data)
    assert untrusted.signatures[0].person is None
    assert untrusted.signatures[0].kind == "unknown"


def test_a_comment_inside_the_sealed_pesel_makes_it_unreadable() -> None:
    role = TRUSTED_PROFILE_ROLE.replace("90010112345", "90010112345<!---->678")
    inner = signature(
        WHOLE,
        properties=qualifying("S", more=role, signing_certificate=xml.pin(minister_seal().der)),
        certificates=[minister_seal().der],
    )
    report = xml.judged_by(xml.sealed(f"<doc>{inner}</doc>"), minister_seal())
    person = report.signatures[0].person
    assert person is not None
    assert person.pesel is None


@pytest.mark.parametrize(
    "namespace", ["http://uri.etsi.org/01903/v1.1.1#", "http://uri.etsi.org/01903/v1.2.2#"]
)
def test_older_vocabularies_are_read(namespace: str) -> None:
    report = made(properties=qualifying("S", namespace=namespace))
    assert report.signatures[0].signing_time is not None
    assert report.signatures[0].format == "XAdES"


def test_an_unknown_vocabulary_is_no_advanced_signature_and_no_crash() -> None:
    report = made(properties=qualifying("S", namespace="http://uri.etsi.org/01903/v9.9.9#"))
    assert report.signatures[0].format == "XMLDSig"
    assert report.conclusion.indication != "TOTAL_PASSED"


@pytest.mark.parametrize("order", [("good", "bad"), ("bad", "good")])
def test_the_document_is_as_good_as_its_worst_signature(order: tuple[str, str]) -> None:
    data = "<doc><amount>100</amount>"
    for identifier in order:
        inner = signature(Reference("", xml.ALL_SIGNATURES_OUT), identifier=identifier)
        data += (
            inner
            if identifier == "good"
            else inner.replace("<ds:DigestValue></", "<ds:DigestValue>AAAA</", 1)
        )
    report = xml.judged(xml.sealed(data + "</doc>"))
    verdicts = {one.id: one.indication for one in report.signatures}
    assert verdicts == {"good": "TOTAL_PASSED", "bad": "TOTAL_FAILED"}
    assert report.conclusion.indication == "TOTAL_FAILED"


def test_a_file_beside_the_signature_is_found_by_its_name_or_by_being_alone() -> None:
    reference = Reference("my%20file.txt", "", digest=xml.b64(digest("SHA256", b"content")))
    data = xml.sealed(signature(reference))
    for files in ({"my file.txt": b"content"}, {"renamed.txt": b"content"}):
        report = xml.judged(data, detached=files)
        assert outcome(report) == ("TOTAL_PASSED", None)
        assert [cover.extent for cover in report.signatures[0].covers] == ["full"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "SIGNED_DATA_NOT_FOUND"),
        ({"a.txt": b"A\n", "b.txt": b"B"}, "HASH_FAILURE"),
        ({"a.txt": b"B", "b.txt": b"A"}, "HASH_FAILURE"),
        ({"a.txt": b"A"}, "SIGNED_DATA_NOT_FOUND"),
        ({"c.txt": b"A", "d.txt": b"B"}, "SIGNED_DATA_NOT_FOUND"),
    ],
    ids=["missing", "a trailing newline", "swapped", "one of two", "renamed, ambiguous"],
)
def test_files_beside_the_signature_must_be_those_that_were_signed(
    files: dict[str, bytes], expected: str
) -> None:
    references = [
        Reference(f"{letter}.txt", "", digest=xml.b64(digest("SHA256", letter.upper().encode())))
        for letter in "ab"
    ]
    data = xml.sealed(signature(*references))
    good = {"a.txt": b"A", "b.txt": b"B"}
    assert outcome(xml.judged(data, detached=good)) == ("TOTAL_PASSED", None)
    assert xml.judged(data, detached=files).conclusion.sub_indication == expected
