"""References, transforms and algorithms of hostile signatures (catalogue REF, TRF, ALG).

Nothing is fetched, nothing an attacker wrote is evaluated, and every answer comes within a second.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signer import Report
from signer.xades.algorithms import digest
from tests.signer import xml_signatures as xml
from tests.signer.loopback import serving
from tests.signer.xml_signatures import Reference, signature, transform

LIMIT_SECONDS = 1.0  # of processor time, so that other work on the machine does not count


def judged_in_time(data: bytes) -> Report:
    began = time.process_time()
    report = xml.judged(data)
    assert time.process_time() - began < LIMIT_SECONDS
    return report


def signed_over(uri: str | None, *, digest: str = "", transforms: str = "") -> bytes:
    reference = Reference(uri, transforms, digest=digest)
    return xml.sealed(f'<doc Id="d1"><amount>100</amount>{signature(reference)}</doc>')


ADDRESSES = {
    "REF-1 absent": None,
    "REF-3 nowhere": "#nope",
    "REF-4 pointer to the root": "#xpointer(/)",
    "REF-5 pointer to an id": "#xpointer(id('d1'))",
    "REF-6 element scheme": "#element(/1)",
    "REF-7 empty fragment": "#",
    "REF-8 escaped fragment": "%23d1",
    "REF-10 metadata service": "http://169.254.169.254/latest/meta-data",
    "REF-11 file": "file:///etc/hostname",
    "REF-12 path": "/etc/hostname",
    "REF-13 cid": "cid:unknown",
    "REF-14 share": r"\\host\share",
    "REF-14 ftp": "ftp://127.0.0.1/x",
    "REF-14 data": "data:,100",
    "REF-14 jar": "jar:file:///x.jar!/y",
    "REF-14 dots": "../../etc/hostname",
}


@pytest.mark.parametrize("row", ADDRESSES)
def test_an_address_that_is_not_in_the_document_is_data_not_found(row: str) -> None:
    report = judged_in_time(signed_over(ADDRESSES[row]))
    assert report.conclusion.indication == "INDETERMINATE"
    assert report.conclusion.sub_indication == "SIGNED_DATA_NOT_FOUND"
    assert report.signatures[0].references[0].found is False


def test_the_true_digest_of_a_local_file_does_not_make_it_found() -> None:
    content = Path("/etc/hostname").read_bytes()
    true_digest = xml.b64(digest("SHA256", content))
    report = judged_in_time(signed_over("file:///etc/hostname", digest=true_digest))
    assert not report.signatures[0].intact


def test_a_listener_on_loopback_sees_no_request() -> None:
    with serving(lambda connection, _request: connection.close()) as server:
        for document in documents_that_name(server.url("/x")):
            judged_in_time(document)
    assert server.requests == []


def documents_that_name(address: str) -> list[bytes]:
    """Documents that name an address wherever one may stand."""
    whole = Reference("", xml.FROM_WITHIN)
    policy = (
        "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId>"
        "<xades:Identifier>urn:oid:1.2.3</xades:Identifier></xades:SigPolicyId>"
        f'<xades:SigPolicyHash><ds:DigestMethod Algorithm="{xml.SHA256}"/><ds:DigestValue>AAAA'
        "</ds:DigestValue></xades:SigPolicyHash><xades:SigPolicyQualifiers>"
        f"<xades:SigPolicyQualifier><xades:SPURI>{address}</xades:SPURI></xades:SigPolicyQualifier>"
        "</xades:SigPolicyQualifiers></xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>"
    )
    retrieval = f'<ds:KeyInfo><ds:RetrievalMethod URI="{address}"/></ds:KeyInfo>'
    located = (
        f'<?xml-stylesheet href="{address}"?>'
        '<doc xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:noNamespaceSchemaLocation="{address}">'
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{address}"/>'
    )
    entry = Reference(address, "", digest="AAAA").xml()
    manifest = f'<ds:Object><ds:Manifest Id="m">{entry}</ds:Manifest></ds:Object>'
    return [
        signed_over(address),
        xml.sealed(f"<doc>{signature(whole, properties=xml.qualifying(more=policy))}</doc>"),
        xml.sealed(f"<doc>{signature(whole, key_info=retrieval)}</doc>"),
        xml.sealed(f"{located}{signature(whole)}</doc>"),
        xml.sealed(signature(Reference("#m"), objects=manifest)),
        xml.sealed(f"<doc>{signature(whole, objects=manifest)}</doc>"),
    ]


def test_comments_and_instructions_beside_the_root_are_reported_as_part_of_the_document() -> None:
    data = xml.enveloped_whole()
    assert judged_in_time(b"<!-- unsigned -->" + data).signatures[0].intact
    assert judged_in_time(b"<?pi signed?>" + data).signatures[0].intact is False


def test_one_address_read_in_two_ways_is_ambiguous() -> None:
    twice = signature(
        Reference("#d1", xml.FROM_WITHIN),
        Reference("#d1", xml.FROM_WITHIN + transform(xml.INCLUSIVE)),
    )
    report = judged_in_time(xml.sealed(f'<doc Id="d1">{twice}</doc>'))
    assert report.conclusion.cause == "AMBIGUOUS"


def test_a_signature_over_nothing_is_refused() -> None:
    empty = signature(properties="")
    report = judged_in_time(xml.sealed(f"<doc>{empty}</doc>"))
    assert report.conclusion.sub_indication == "FORMAT_FAILURE"


def test_a_signature_over_its_own_properties_alone_signs_no_data() -> None:
    report = judged_in_time(xml.sealed(f"<doc>{signature()}</doc>"))
    assert report.conclusion.sub_indication == "SIGNED_DATA_NOT_FOUND"


@pytest.mark.parametrize("count", [1001, 2001, 20000])
def test_more_references_than_the_limit_are_not_counted_out(count: int) -> None:
    one = Reference("", xml.FROM_WITHIN, digest="A" * 43 + "=").xml()
    many = signature(value="AAAA", properties="").replace(
        "</ds:SignedInfo>", one * count + "</ds:SignedInfo>"
    )
    report = judged_in_time(f"<doc>{many}</doc>".encode())
    assert report.conclusion.cause == "LIMIT"


def test_as_many_references_as_the_limit_are_digested_in_time() -> None:
    parts = "".join(f'<p Id="p{number}">{number}</p>' for number in range(900))
    inner = signature(*(Reference(f"#p{number}") for number in range(900)))
    report = judged_in_time(xml.sealed(f"<doc>{parts}{inner}</doc>"))
    assert report.conclusion.indication == "TOTAL_PASSED"
    assert len(report.signatures[0].references) == 901


def test_sixty_five_signatures_are_too_many() -> None:
    one = signature(Reference("", xml.FROM_WITHIN, digest="AAAA"), value="AAAA", properties="")
    report = judged_in_time(f"<doc>{one * 65}</doc>".encode())
    assert report.conclusion.cause == "LIMIT"


def test_a_manifest_of_ten_thousand_manifests_is_not_followed() -> None:
    entry = Reference("#m", "", digest="A" * 43 + "=").xml()
    manifest = f'<ds:Object><ds:Manifest Id="m">{entry * 10_000}</ds:Manifest></ds:Object>'
    report = judged_in_time(xml.sealed(signature(Reference("#m"), objects=manifest)))
    assert report.conclusion.indication != "TOTAL_PASSED"


TYPE_LIES = {
    "SignedProperties said of data": (
        Reference("#d1", xml.FROM_WITHIN, type=xml.SIGNED_PROPERTIES_TYPE),
        None,
    ),
    "no type on the properties": (Reference("#d1", xml.FROM_WITHIN), xml.to_properties(type=None)),
}


@pytest.mark.parametrize("row", TYPE_LIES)
def test_a_reference_that_lies_about_its_type_is_no_advanced_signature(row: str) -> None:
    reference, properties = TYPE_LIES[row]
    inner = signature(reference, properties_reference=properties)
    if row.startswith("SignedProperties"):
        inner = signature(reference, properties_reference=Reference("none"))
    report = judged_in_time(xml.sealed(f'<doc Id="d1">{inner}</doc>'))
    assert report.conclusion.indication == "INDETERMINATE"
    assert report.conclusion.sub_indication in ("SIG_CONSTRAINTS_FAILURE", "SIGNED_DATA_NOT_FOUND")
    assert report.signatures[0].signing_time is None


# --- transforms ---------------------------------------------------------------------------------

XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
FILTER2 = "http://www.w3.org/2002/06/xmldsig-filter2"
_STYLESHEET = (
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
    '<xsl:template match="/">{}</xsl:template></xsl:stylesheet>'
)


def xpath(expression: str, prefix: str = "ds", namespace: str = xml.DS) -> str:
    return (
        f'<ds:Transform Algorithm="{xml.XPATH}"><ds:XPath xmlns:{prefix}="{namespace}">{expression}'
        "</ds:XPath></ds:Transform>"
    )


def filter2(kind: str, expression: str) -> str:
    return (
        f'<ds:Transform Algorithm="{FILTER2}"><f:XPath xmlns:f="{FILTER2}" Filter="{kind}">'
        f"{expression}</f:XPath></ds:Transform>"
    )


def xslt(body: str) -> str:
    return f'<ds:Transform Algorithm="{XSLT}">{_STYLESHEET.format(body)}</ds:Transform>'


REFUSED_TRANSFORMS = {
    "TRF-1 constant": xslt("100"),
    "TRF-1 file": xslt("<xsl:copy-of select=\"document('file:///etc/hostname')\"/>"),
    "TRF-1 recursion": xslt('<xsl:apply-templates select="/"/>'),
    "TRF-2 slow XPath": xpath("count(//*[count(//*[count(//*)&gt;0])&gt;0])"),
    "TRF-2 other XPath": xpath("not(ancestor-or-self::ds:Signature or self::amount)"),
    "TRF-2 foreign prefix": xpath("not(ancestor-or-self::ds:Signature)", namespace="urn:x"),
    "TRF-3 subtract the payload": filter2("subtract", "/descendant::amount"),
    "TRF-3 intersect with nothing": filter2("intersect", "/descendant::nothing"),
    "TRF-4 unknown": transform("urn:unknown"),
    "TRF-4 twice": transform(xml.ENVELOPED) * 2,
    "TRF-4 order": transform(xml.EXCLUSIVE) + transform(xml.ENVELOPED),
    "TRF-4 base64 of an element": transform(xml.DS + "base64"),
    "TRF-4 four of them": xml.FROM_WITHIN * 2,
    "TRF-4 parameters": '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><x/></ds:Transform>',
}


@pytest.mark.parametrize("row", REFUSED_TRANSFORMS)
def test_a_transform_outside_the_list_is_refused_unrun(row: str) -> None:
    transforms = REFUSED_TRANSFORMS[row]
    items = "".join(f"<item>{number}</item>" for number in range(2000))
    inner = signature(Reference("#d1", transforms))
    report = judged_in_time(xml.sealed(f'<doc Id="d1"><amount>100</amount>{items}{inner}</doc>'))
    first = report.signatures[0]
    assert (first.indication, first.sub_indication) == ("INDETERMINATE", "SIGNED_DATA_NOT_FOUND")
    assert first.references[0].intact is None
    assert first.intact is None
    assert any("rule" in check.message for check in first.checks if check.status == "failed")


def test_enveloped_signature_on_what_does_not_envelop_it_is_refused() -> None:
    inner = signature(Reference("#x", xml.FROM_WITHIN))
    report = judged_in_time(xml.sealed(f'<root><data Id="x">100</data>{inner}</root>'))
    assert report.signatures[0].references[0].intact is None


def test_transforms_that_leave_nothing_sign_nothing() -> None:
    held = '<ds:Object Id="o1">100</ds:Object>'
    report = judged_in_time(
        xml.sealed(signature(Reference("#o1", xml.ALL_SIGNATURES_OUT), objects=held))
    )
    assert report.signatures[0].references[0].intact is None


ACCEPTED_TRANSFORMS = {
    "enveloped, exclusive": xml.FROM_WITHIN,
    "enveloped, inclusive": transform(xml.ENVELOPED) + transform(xml.INCLUSIVE),
    "enveloped, 1.1": transform(xml.ENVELOPED) + transform("http://www.w3.org/2006/12/xml-c14n11"),
    "enveloped alone": transform(xml.ENVELOPED),
    "the Trusted Profile's XPath": xml.ALL_SIGNATURES_OUT,
    "the same by another prefix": xpath("not(ancestor-or-self::p:Signature)", prefix="p"),
    "the same with blanks": xpath(" not( ancestor-or-self::ds:Signature ) "),
    "filter 2 of all signatures": filter2("subtract", "/descendant::ds:Signature"),
    "filter 2 of this signature": filter2("subtract", "here()/ancestor::ds:Signature[1]"),
    "both, as we write it": transform(xml.ENVELOPED)
    + xml.ALL_SIGNATURES_OUT
    + transform(xml.EXCLUSIVE),
}


@pytest.mark.parametrize("row", ACCEPTED_TRANSFORMS)
def test_the_transforms_in_use_pass(row: str) -> None:
    inner = signature(Reference("", ACCEPTED_TRANSFORMS[row]))
    report = judged_in_time(xml.sealed(f"<doc><amount>100</amount>{inner}</doc>"))
    assert report.conclusion.indication == "TOTAL_PASSED"


def test_a_prefix_of_the_inclusive_list_rebound_later_breaks_the_signature() -> None:
    listed = (
        f'<ds:Transform Algorithm="{xml.EXCLUSIVE}"><ec:InclusiveNamespaces '
        f'xmlns:ec="{xml.EXCLUSIVE}" PrefixList="q"/></ds:Transform>'
    )
    inner = signature(Reference("#x", listed))
    data = xml.sealed(f'<root xmlns:q="urn:one"><data Id="x">q:100</data>{inner}</root>')
    assert judged_in_time(data).conclusion.indication == "TOTAL_PASSED"
    rebound = judged_in_time(data.replace(b'xmlns:q="urn:one"', b'xmlns:q="urn:two"'))
    assert rebound.conclusion.sub_indication == "HASH_FAILURE"


@pytest.mark.parametrize("attribute", ["xml:lang", "xml:space", "xml:base"])
def test_an_inherited_xml_attribute_added_later_breaks_inclusive_canonicalization(
    attribute: str,
) -> None:
    inner = signature(Reference("#x", transform(xml.INCLUSIVE)))
    data = xml.sealed(f'<root><data Id="x">100</data>{inner}</root>')
    assert judged_in_time(data).conclusion.indication == "TOTAL_PASSED"
    added = judged_in_time(data.replace(b"<root>", f'<root {attribute}="preserve">'.encode()))
    assert added.conclusion.sub_indication == "HASH_FAILURE"


# --- algorithms ---------------------------------------------------------------------------------

REFUSED_METHODS = {
    "ALG-1 HMAC": "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    "ALG-2 empty": "",
    "ALG-2 none": "none",
    "ALG-2 unknown": "urn:unknown",
    "ALG-4 PSS with parameters": "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
}


@pytest.mark.parametrize("row", REFUSED_METHODS)
def test_a_signature_algorithm_outside_the_list_is_not_computed(row: str) -> None:
    inner = signature(Reference("", xml.FROM_WITHIN), method=REFUSED_METHODS[row])
    report = judged_in_time(xml.sealed(f"<doc>{inner}</doc>"))
    assert report.conclusion.sub_indication == "CRYPTO_CONSTRAINTS_FAILURE"
    assert report.signatures[0].intact is None


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("http://www.w3.org/2001/04/xmldsig-more#md5", "MD5"),
        (xml.DS + "sha1", "SHA1"),
    ],
)
def test_a_broken_digest_is_intact_by_mathematics_and_still_not_accepted(
    method: str, name: str
) -> None:
    octets = b"<doc></doc>"
    reference = Reference(
        "", xml.FROM_WITHIN, digest=xml.b64(digest(name, octets)), digest_method=method
    )
    report = judged_in_time(xml.sealed(f"<doc>{signature(reference)}</doc>"))
    assert report.signatures[0].intact is True
    assert report.conclusion.sub_indication == "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"


VALUES = {
    "empty": " ",
    "one octet": "AA==",
    "padding inside": "AA==AAAA",
    "ten megabytes": "A" * (10 * 1024 * 1024 - 4),
    "all zeros": xml.b64(bytes(64)),
    "odd length": xml.b64(b"\x01" * 63),
    "as ASN.1": xml.b64(bytes.fromhex("3006020101020101")),
}


@pytest.mark.parametrize("row", VALUES)
def test_a_value_that_is_no_signature_never_passes(row: str) -> None:
    inner = signature(Reference("", xml.FROM_WITHIN), value=VALUES[row])
    report = judged_in_time(xml.sealed(f"<doc>{inner}</doc>"))
    assert report.conclusion.indication == "TOTAL_FAILED"
    assert report.conclusion.sub_indication in ("FORMAT_FAILURE", "SIG_CRYPTO_FAILURE")


KEY_VALUES = {
    "modulus of 16 384 bits": (65537, (1 << 16383) | 1),
    "even exponent": (2, (1 << 2047) | 1),
    "exponent one": (1, (1 << 2047) | 1),
    "modulus zero": (65537, 0),
}


@pytest.mark.parametrize("row", KEY_VALUES)
def test_a_key_made_to_hurt_is_answered_in_time(row: str) -> None:
    exponent, modulus = KEY_VALUES[row]

    def number(value: int) -> str:
        return xml.b64(value.to_bytes(max((value.bit_length() + 7) // 8, 1), "big"))

    key_info = (
        f"<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{number(modulus)}</ds:Modulus>"
        f"<ds:Exponent>{number(exponent)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>"
    )
    inner = signature(
        Reference("", xml.FROM_WITHIN),
        key_info=key_info,
        method="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        value=xml.b64(b"\x01" * 256),
    )
    report = judged_in_time(xml.sealed(f"<doc>{inner}</doc>"))
    assert report.conclusion.sub_indication == "NO_SIGNING_CERTIFICATE_FOUND"


def test_an_elliptic_curve_given_by_its_parameters_is_not_believed() -> None:
    namespace = "http://www.w3.org/2009/xmldsig11#"
    point = (
        xml.holder().key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    key_info = (
        f'<ds:KeyInfo><ds:KeyValue><e:ECKeyValue xmlns:e="{namespace}"><e:ECParameters/>'
        f"<e:PublicKey>{xml.b64(point)}</e:PublicKey></e:ECKeyValue></ds:KeyValue></ds:KeyInfo>"
    )
    inner = signature(Reference("", xml.FROM_WITHIN), key_info=key_info, properties="")
    report = judged_in_time(xml.sealed(f"<doc>{inner}</doc>"))
    assert report.signatures[0].intact is False


def test_a_stated_key_alone_is_mathematics_without_a_signer() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert key.key_size == 2048
    namespace = "http://www.w3.org/2009/xmldsig11#"
    spki = (
        xml.holder().key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    key_info = (
        f'<ds:KeyInfo><e:DEREncodedKeyValue xmlns:e="{namespace}">{xml.b64(spki)}'
        "</e:DEREncodedKeyValue></ds:KeyInfo>"
    )
    inner = signature(Reference("", xml.FROM_WITHIN), key_info=key_info, properties="")
    report = judged_in_time(xml.sealed(f"<doc>{inner}</doc>"))
    assert report.signatures[0].intact is True
    assert report.conclusion.sub_indication == "NO_SIGNING_CERTIFICATE_FOUND"
