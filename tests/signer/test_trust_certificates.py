"""What is read from one certificate."""

import datetime as dt
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer.trust import certificate_fact
from signer.trust.certificates import MAX_CERTIFICATE_BYTES, read_certificate
from signer.validation.facts import KeyFact, SignatureAlgorithmFact
from tests.signer.trust_pki import (
    NOW,
    YEAR,
    append_extension,
    der,
    issue,
    key,
    name,
    resigned,
    root,
    with_extension,
)

ESIGN = der(0x06, bytes.fromhex("04008e46010601"))


def qc_statements(*statements: bytes) -> bytes:
    return der(0x30, b"".join(statements))


def statement(oid: bytes, info: bytes = b"") -> bytes:
    return der(0x30, der(0x06, oid) + info)


def test_a_certificate_is_read_whole() -> None:
    authority = root("Authority")
    person = issue(
        name("Jan Kowalski", C="PL", GIVEN="Jan", SURNAME="Kowalski", SERIAL="PNOPL-44051401359"),
        authority,
        serial=0xABC,
        eku=[ExtendedKeyUsageOID.EMAIL_PROTECTION],
        ocsp_url="http://ocsp.test/",
        crl_url="http://crl.test/ca.crl",
        issuer_url="http://ca.test/ca.crt",
    )
    fact = certificate_fact(person.der)
    assert fact.sha256 == hashlib.sha256(person.der).hexdigest()
    assert fact.der == person.der
    assert fact.subject == (
        "CN=Jan Kowalski,serialNumber=PNOPL-44051401359,SN=Kowalski,givenName=Jan,C=PL"
    )
    assert fact.issuer == "CN=Authority"
    assert fact.serial == "abc"
    assert (fact.not_before, fact.not_after) == (NOW - YEAR, NOW + YEAR)
    assert fact.key == KeyFact("ECDSA", 256, "secp256r1")
    assert fact.signature_algorithm == SignatureAlgorithmFact(
        "ECDSA", "SHA256", "1.2.840.10045.4.3.2"
    )
    assert fact.key_usage == ("digitalSignature", "nonRepudiation")
    assert fact.extended_key_usage == ("1.3.6.1.5.5.7.3.4",)
    assert (fact.ca, fact.path_length) == (False, None)
    assert ("2.5.4.5", "PNOPL-44051401359") in fact.subject_attributes
    assert (fact.ocsp_urls, fact.crl_urls) == (("http://ocsp.test/",), ("http://crl.test/ca.crl",))
    assert read_certificate(person.der).extensions.issuer_urls == ("http://ca.test/ca.crt",)
    assert not fact.self_signed
    assert fact.problems == ()


def test_an_authority_is_recognised_by_its_constraints_and_self_signature() -> None:
    fact = certificate_fact(root("Authority", path_length=2).der)
    assert (fact.ca, fact.path_length, fact.self_signed) == (True, 2, True)
    assert fact.key_usage == ("keyCertSign", "cRLSign")


def test_the_name_of_an_issuer_alone_does_not_make_a_certificate_self_signed() -> None:
    pretender = issue("Authority", ca=True, signed_with=key("somebody else"))
    assert not certificate_fact(pretender.der).self_signed


def test_absent_extensions_are_absent_and_not_false() -> None:
    fact = certificate_fact(issue("Bare", ca=None, usages=(), identifiers=False).der)
    assert (fact.ca, fact.key_usage, fact.extended_key_usage, fact.subject_key_id) == (None,) * 4


def test_qualified_statements_are_read() -> None:
    value = qc_statements(
        statement(bytes.fromhex("04008e460101")),
        statement(bytes.fromhex("04008e460104")),
        statement(bytes.fromhex("04008e460106"), der(0x30, ESIGN)),
        statement(bytes.fromhex("04008e460107"), der(0x30, der(0x13, b"PL"))),
        statement(bytes.fromhex("2a0304")),
    )
    person = issue("Qualified", root(), extra=[with_extension("1.3.6.1.5.5.7.1.3", value)])
    qc = certificate_fact(person.der).qc
    assert (qc.compliance, qc.qscd, qc.types, qc.legislations) == (True, True, ("esign",), ("PL",))


def test_a_type_written_without_its_sequence_as_in_some_polish_certificates_is_read() -> None:
    value = qc_statements(statement(bytes.fromhex("04008e460106"), ESIGN))
    person = issue("Qualified", root(), extra=[with_extension("1.3.6.1.5.5.7.1.3", value)])
    fact = certificate_fact(person.der)
    assert fact.qc.types == ("esign",)
    assert fact.problems == ()


def test_no_check_is_a_matter_of_presence_whatever_its_value() -> None:
    responder = issue("R", root(), extra=[with_extension("1.3.6.1.5.5.7.48.1.5", b"\x16\x00")])
    fact = certificate_fact(responder.der)
    assert fact.ocsp_no_check
    assert fact.problems == ()


def test_statements_that_are_absent_claim_nothing() -> None:
    qc = certificate_fact(issue("Plain", root()).der).qc
    assert (qc.compliance, qc.qscd, qc.types, qc.legislations) == (False, False, (), ())


def test_broken_statements_claim_nothing_and_are_told() -> None:
    value = qc_statements(statement(bytes.fromhex("04008e460101"))) + b"trailing"
    fact = certificate_fact(
        issue("Broken", root(), extra=[with_extension("1.3.6.1.5.5.7.1.3", value)]).der
    )
    assert not fact.qc.compliance
    assert any("1.3.6.1.5.5.7.1.3" in problem for problem in fact.problems)


def test_one_broken_extension_does_not_hide_the_others() -> None:
    person = issue("Half broken", root(), extra=[with_extension("2.5.29.31", b"\x30\x05junk")])
    fact = certificate_fact(person.der)
    assert fact.problems == ("Extension 2.5.29.31 cannot be read.",)
    assert fact.key_usage == ("digitalSignature", "nonRepudiation")


def test_harmless_encoding_mistakes_of_real_authorities_are_survived() -> None:
    explicit_false = append_extension("2.5.29.19", der(0x30, der(0x01, b"\0")))
    fact = certificate_fact(resigned(issue("Real", ca=None), explicit_false))
    assert fact.ca is False
    assert fact.problems == ()


def test_unknown_critical_extensions_are_named_and_known_ones_are_not() -> None:
    person = issue(
        "Critical",
        root(),
        extra=[
            with_extension("1.2.3.4", b"\x05\x00", critical=True),
            with_extension("1.2.3.5", b"\x05\x00"),
        ],
    )
    assert certificate_fact(person.der).unknown_critical_extensions == ("1.2.3.4",)


@pytest.mark.parametrize(
    ("private", "expected"),
    [
        (ec.generate_private_key(ec.SECP384R1()), KeyFact("ECDSA", 384, "secp384r1")),
        (ec.generate_private_key(ec.BrainpoolP256R1()), KeyFact("ECDSA", 256, "brainpoolP256r1")),
        (ed25519.Ed25519PrivateKey.generate(), KeyFact("ED25519", 256)),
        (rsa.generate_private_key(65537, 2048), KeyFact("RSA", 2048, exponent=65537)),
    ],
    ids=["P-384", "brainpool", "Ed25519", "RSA"],
)
def test_keys_are_described(private: rsa.RSAPrivateKey, expected: KeyFact) -> None:
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name("Key"))
        .issuer_name(name("Key"))
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + YEAR)
        .public_key(private.public_key())
        .sign(private, None if expected.algorithm == "ED25519" else hashes.SHA256())
    )
    fact = certificate_fact(certificate.public_bytes(Encoding.DER))
    assert fact.key == expected
    assert fact.self_signed


def test_rsa_pss_is_read_with_its_parameters_and_verified() -> None:
    private = rsa.generate_private_key(65537, 2048)
    from cryptography.hazmat.primitives.asymmetric import padding

    certificate = (
        x509.CertificateBuilder()
        .subject_name(name("PSS"))
        .issuer_name(name("PSS"))
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + YEAR)
        .public_key(private.public_key())
        .sign(
            private,
            hashes.SHA384(),
            rsa_padding=padding.PSS(padding.MGF1(hashes.SHA384()), 48),
        )
    )
    fact = certificate_fact(certificate.public_bytes(Encoding.DER))
    assert fact.signature_algorithm is not None
    assert fact.signature_algorithm.encryption == "RSASSA-PSS"
    assert fact.signature_algorithm.digest == "SHA384"
    assert fact.self_signed


def test_reading_is_remembered() -> None:
    person = issue("Remembered", root())
    assert read_certificate(person.der) is read_certificate(bytes(bytearray(person.der)))


@pytest.mark.parametrize(
    "content",
    [b"", b"\x30", b"\x30\x80\x00\x00", b"\0" * 1000, b"-----BEGIN CERTIFICATE-----", b"%PDF-1.7"],
)
def test_what_is_no_certificate_becomes_a_fact_with_a_problem(content: bytes) -> None:
    fact = certificate_fact(content)
    assert fact.problems
    assert fact.der == content
    assert (fact.key, fact.not_before) == (None, None)


def test_a_certificate_of_absurd_size_is_not_read() -> None:
    fact = certificate_fact(b"\x30" * (MAX_CERTIFICATE_BYTES + 1))
    assert fact.problems == (f"The certificate is larger than {MAX_CERTIFICATE_BYTES} bytes.",)


def test_times_are_aware_and_in_utc() -> None:
    fact = certificate_fact(issue("Times", root()).der)
    assert fact.not_before is not None
    assert fact.not_before.tzinfo is dt.UTC
