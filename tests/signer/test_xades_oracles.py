"""Other people's engines check what we sign, and we check what they sign."""

from __future__ import annotations

import pytest
import xmlsec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.xades.xades import XAdESSigner, XAdESVerifier

from signer import Pkcs12Credential, TrustStore, sign, validate
from signer.xades import names
from tests.signer.test_xades_create import DOCUMENTS, KEYS, credential_of
from tests.signer.trust_pki import NOW

LETTER = '<doc xmlns="urn:x" xml:lang="pl"><a b="1">Zażółć &amp; gęślą</a>\r\n<c/></doc>'.encode()


def signed_by(kind: str, data: bytes = LETTER) -> tuple[bytes, Pkcs12Credential]:
    credential = credential_of(KEYS[kind])
    return sign(data, credential, format="xades", now=NOW), credential


def verified_by_xmlsec(data: bytes, credential: Pkcs12Credential) -> None:
    root = etree.fromstring(data)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    form = xmlsec.constants.KeyDataFormatCertDer
    context.key = xmlsec.Key.from_memory(credential.certificate, form)
    context.verify(next(root.iter(names.SIGNATURE)))


@pytest.mark.parametrize("kind", ["RSA-2048", "P-256", "P-384", "P-521", "brainpool"])
def test_libxmlsec_verifies_ours(kind: str) -> None:
    data, credential = signed_by(kind)
    verified_by_xmlsec(data, credential)
    with pytest.raises(xmlsec.VerificationError):
        verified_by_xmlsec(data.replace(b'b="1"', b'b="2"'), credential)


@pytest.mark.parametrize("row", [row for row in DOCUMENTS if row != "UTF-16"])
def test_libxmlsec_verifies_ours_in_any_document(row: str) -> None:
    verified_by_xmlsec(*signed_by("P-256", DOCUMENTS[row]))


@pytest.mark.parametrize("kind", ["RSA-2048", "P-256"])
def test_signxml_verifies_ours(kind: str) -> None:
    data, credential = signed_by(kind)
    certificate = load_der_x509_certificate(credential.certificate)
    pem = certificate.public_bytes(Encoding.PEM).decode()
    verified = XAdESVerifier().verify(data, x509_cert=pem, expect_references=2)
    assert len(verified) == 2


@pytest.mark.parametrize("kind", ["RSA-2048", "P-256"])
def test_we_verify_what_signxml_signs(kind: str) -> None:
    credential, key = credential_of(KEYS[kind]), KEYS[kind]
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signer = XAdESSigner(
        signature_algorithm="rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ecdsa-sha256",
        digest_algorithm="sha256",
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1,
    )
    certificate = load_der_x509_certificate(credential.certificate).public_bytes(Encoding.PEM)
    # Without xml:lang: signxml forgets to hand it down to its own references (libxmlsec agrees).
    letter = LETTER.replace(b' xml:lang="pl"', b"")
    root = signer.sign(etree.fromstring(letter), key=pem, cert=certificate.decode())
    trust = TrustStore.from_certificates([credential.certificate])
    report = validate(etree.tostring(root), trust=trust, at=NOW)
    assert report.signatures[0].intact is True
    assert report.conclusion.indication == "TOTAL_PASSED"


PARTS = {
    "default namespace from above": '<r xmlns="urn:r"><p Id="p"><a><b/></a></p></r>',
    "default namespace undeclared": '<r xmlns="urn:r"><q xmlns=""><p Id="p"><a/></p></q></r>',
    "default namespace changed": '<r xmlns="urn:r"><p Id="p"><a xmlns="urn:a"><b/></a></p></r>',
    "unused prefixes from above": '<r xmlns:x="urn:x" xmlns:y="urn:y"><p Id="p" x:a="1"/></r>',
    "a prefix rebound": '<r xmlns:x="urn:x"><q xmlns:x="urn:z"><p Id="p" x:a="1"/></q></r>',
    "one namespace, two prefixes": '<r xmlns:x="urn:x"><x:p xmlns:y="urn:x" Id="p" y:a="1"/></r>',
    "inherited attributes": '<r xml:lang="pl" xml:space="default"><p Id="p" xml:lang="en"/></r>',
    "odd attribute values": "<r><p Id='p' a='&#10;&#9;&quot;&amp;&lt;' b=\"'\"/></r>",
    "odd text": "<r><p Id='p'>&#13;&gt;]]&gt;<![CDATA[<&>]]>ż</p></r>".replace("]]&gt;", "] ]&gt;"),
    "instructions and comments": "<r><p Id='p'><?a b?><!--c--><d/></p></r>",
}
FORMS = {
    "exclusive": xmlsec.constants.TransformExclC14N,
    "inclusive": xmlsec.constants.TransformInclC14N,
    "1.1": xmlsec.constants.TransformInclC14N11,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("row", PARTS)
def test_our_canonical_form_is_libxml2_s_in_every_context(row: str, form: str) -> None:
    key = KEYS["RSA-2048"]
    root = etree.fromstring(PARTS[row])
    method = xmlsec.constants.TransformRsaSha256
    signature = xmlsec.template.create(root, FORMS[form], method, ns="s")
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri="#p")
    xmlsec.template.add_transform(reference, FORMS[form])
    root.append(signature)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
    certificate = credential_of(key).certificate
    context.key.load_cert_from_memory(certificate, xmlsec.constants.KeyDataFormatCertDer)
    info = xmlsec.template.ensure_key_info(signature)
    xmlsec.template.x509_data_add_certificate(xmlsec.template.add_x509_data(info))
    context.sign(signature)
    trust = TrustStore.from_certificates([certificate])
    assert validate(etree.tostring(root), trust=trust, at=NOW).signatures[0].intact is True
