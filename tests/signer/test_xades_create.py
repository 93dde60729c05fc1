"""XAdES-B-B as we make it: the document's bytes stay, earlier signatures stay valid."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12PrivateKeyTypes,
    serialize_key_and_certificates,
)
from cryptography.x509 import CertificateBuilder, random_serial_number
from lxml import etree

from signer import InputError, Pkcs12Credential, TrustStore, sign, validate
from signer.xades import names
from tests.signer import xml_signatures as xml
from tests.signer.trust_pki import DAY, NOW, name, usage

KEYS: dict[str, PKCS12PrivateKeyTypes] = {
    "RSA-2048": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "P-521": ec.generate_private_key(ec.SECP521R1()),
    "brainpool": ec.generate_private_key(ec.BrainpoolP256R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def credential_of(key: PKCS12PrivateKeyTypes) -> Pkcs12Credential:
    """A self-signed credential with this key."""
    subject = name("Zażółć, gęślą", O='Urząd "Miasta"')
    certificate = (
        CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(usage("digital_signature"), critical=True)
        .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    )
    data = serialize_key_and_certificates(b"x", key, certificate, None, NoEncryption())
    return Pkcs12Credential.from_bytes(data, None)


def signed(data: bytes, credential: Pkcs12Credential | None = None, **options: Any) -> bytes:
    return sign(data, credential or xml.credential(), format="xades", now=NOW, **options)


@pytest.mark.parametrize("kind", KEYS)
def test_every_kind_of_key_makes_a_baseline_b_signature_that_passes(kind: str) -> None:
    credential = credential_of(KEYS[kind])
    data = signed(b"<doc>100</doc>", credential)
    trust = TrustStore.from_certificates([credential.certificate])
    report = validate(data, trust=trust, at=NOW)
    first = report.signatures[0]
    assert report.conclusion.indication == "TOTAL_PASSED"
    assert (first.level, first.baseline, first.packaging) == ("XAdES-BASELINE-B", "B", "enveloped")
    assert first.signing_certificate_reference.matches is True
    assert first.signing_time == NOW


DOCUMENTS = {
    "plain": b"<doc>100</doc>",
    "declaration and blanks": b'<?xml version="1.0" encoding="UTF-8"?>\n<doc >\n 1\n</doc >\n\n',
    "byte order mark": b"\xef\xbb\xbf<doc>100</doc>",
    "default namespace": b'<doc xmlns="urn:x" a="1"><b/></doc>',
    "our prefixes mean something else": (
        b'<ds:doc xmlns:ds="urn:x" xmlns:xades="urn:y"><xades:b ds:c="1"/></ds:doc>'
    ),
    "xmldsig under another prefix": (
        b'<doc xmlns:dsig="http://www.w3.org/2000/09/xmldsig#"><dsig:Object/></doc>'
    ),
    "xmldsig as the default": b'<Object xmlns="http://www.w3.org/2000/09/xmldsig#">1</Object>',
    "inherited attributes": b'<doc xml:lang="pl" xml:space="preserve"> 1 </doc>',
    "comments and instructions": b"<?a b?><!--c--><doc><!--d-->1<?e f?></doc><!--g--><?h </doc>?>",
    "CDATA": b"<doc><![CDATA[</doc><x>]]></doc>",
    "character references": b"<doc a='&#10;&#13;&#9;\"'>&#13;&lt;&amp;</doc>",
    "carriage returns": b"<doc>\r\n1\r\n</doc>",
    "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><doc>zażółć</doc>'.encode("utf-16"),
    "an empty root": b"<doc/>",
    "an empty root with attributes": b'<doc a="/>" />\n',
}


@pytest.mark.parametrize("row", DOCUMENTS)
def test_any_document_can_be_signed_twice(row: str) -> None:
    once = signed(DOCUMENTS[row])
    twice = signed(once)
    report = xml.judged(twice)
    assert [one.indication for one in report.signatures] == ["TOTAL_PASSED", "TOTAL_PASSED"]
    assert report.conclusion.indication == "TOTAL_PASSED"


@pytest.mark.parametrize(
    "row", ["plain", "declaration and blanks", "byte order mark", "CDATA", "carriage returns"]
)
def test_the_bytes_of_the_document_stay_as_they_are(row: str) -> None:
    data = DOCUMENTS[row]
    result = signed(data)
    start = result.index(b"<ds:Signature")
    end = result.rindex(b"</ds:Signature>") + len(b"</ds:Signature>")
    assert result[:start] + result[end:] == data


def test_a_second_signature_leaves_every_byte_of_the_first() -> None:
    once = signed(b"<doc>100</doc>")
    twice = signed(once)
    first = once[once.index(b"<ds:Signature") : once.rindex(b"</doc>")]
    assert first in twice


def test_a_changed_character_breaks_every_signature() -> None:
    data = signed(signed(b"<doc>100</doc>")).replace(b">100<", b">101<")
    report = xml.judged(data)
    assert {one.sub_indication for one in report.signatures} == {"HASH_FAILURE"}


@pytest.mark.parametrize("build", [xml.enveloped, xml.enveloped_whole])
def test_a_signature_that_would_break_an_earlier_one_is_not_added(build: object) -> None:
    earlier = build()  # type: ignore[operator]  # a builder of documents
    with pytest.raises(InputError, match="would break"):
        signed(earlier)


def test_a_document_that_is_a_signature_is_not_signed_from_within() -> None:
    with pytest.raises(InputError, match="root is a signature"):
        signed(xml.enveloping())


def test_claimed_roles_stand_under_the_signature() -> None:
    role = '<r:role xmlns:r="urn:r">wójt</r:role>'
    data = signed(b"<doc/>", claimed_roles=[role])
    assert xml.judged(data).conclusion.indication == "TOTAL_PASSED"
    changed = data.replace("wójt".encode(), b"starosta")
    assert xml.judged(changed).conclusion.sub_indication == "HASH_FAILURE"


def test_the_signing_time_is_written_in_utc() -> None:
    warsaw = dt.timezone(dt.timedelta(hours=1))
    data = sign(b"<doc/>", xml.credential(), format="xades", now=NOW.astimezone(warsaw))
    assert b"<xades:SigningTime>2026-11-23T12:00:00Z</xades:SigningTime>" in data


def test_a_signature_looks_as_the_baseline_table_asks() -> None:
    root = etree.fromstring(signed(b"<doc>100</doc>"))
    signature = root.find(names.SIGNATURE)
    assert signature is not None
    found = {names.local_name(element) for element in signature.iter()}
    assert {"SigningTime", "SigningCertificateV2", "IssuerSerialV2", "MimeType"} <= found
    assert [names.local_name(child) for child in signature] == [
        "SignedInfo",
        "SignatureValue",
        "KeyInfo",
        "Object",
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"level": "T"}, "cannot be made yet"),
        ({"level": "X"}, "no signature level"),
        ({"packaging": "enveloping"}, "cannot be made yet"),
        ({"now": dt.datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001 - the fault under test
    ],
)
def test_what_cannot_be_made_is_refused_in_words(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        sign(b"<doc/>", xml.credential(), format="xades", **{"now": NOW, **options})


def test_an_option_of_another_format_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="knows no location"):
        signed(b"<doc/>", location="Lublin")


@pytest.mark.parametrize("data", [b"", b"text", b"<doc>", b"<!DOCTYPE doc><doc/>", b"%PDF-1.7"])
def test_what_is_no_xml_is_not_signed_as_xml(data: bytes) -> None:
    with pytest.raises(InputError, match="cannot be signed as XML"):
        signed(data)


@pytest.mark.parametrize("name_of_format", ["cades", "asic", "word"])
def test_other_formats_are_refused_in_words(name_of_format: str) -> None:
    with pytest.raises(InputError, match="xades"):
        sign(b"<doc/>", xml.credential(), format=name_of_format)
