"""Keys from PKCS#12 files: opened once, refused in words."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12Certificate,
    PKCS12KeyAndCertificates,
    serialize_key_and_certificates,
)

from signer import InputError, Pkcs12Credential
from tests.signer import xml_signatures as xml
from tests.signer.test_xades_create import KEYS, credential_of
from tests.signer.trust_pki import issue, root


def file_of(*, protected: bool = True) -> bytes:
    protection = BestAvailableEncryption("zażółć".encode()) if protected else NoEncryption()
    who = xml.holder()
    return serialize_key_and_certificates(b"x", who.key, who.certificate, None, protection)


@pytest.mark.parametrize("password", ["zażółć", "zażółć".encode()])
def test_the_password_may_be_text_or_bytes(password: str | bytes) -> None:
    credential = Pkcs12Credential.from_bytes(file_of(), password)
    assert credential.certificate == xml.holder().der
    assert (credential.key.algorithm, credential.key.size) == ("ECDSA", 256)


def test_a_file_without_a_password_opens_without_one() -> None:
    assert Pkcs12Credential.from_bytes(file_of(protected=False), None).chain == ()


@pytest.mark.parametrize("password", ["wrong", "", None])
def test_a_wrong_password_is_said_so(password: str | None) -> None:
    with pytest.raises(InputError, match=r"password"):
        Pkcs12Credential.from_bytes(file_of(), password)


@pytest.mark.parametrize("data", [b"", b"text", b"\x30\x03\x02\x01\x01", bytes(100)])
def test_what_is_no_key_file_is_said_so(data: bytes) -> None:
    with pytest.raises(InputError, match="PKCS#12"):
        Pkcs12Credential.from_bytes(data, "x")


def test_a_file_far_too_large_is_not_read() -> None:
    with pytest.raises(InputError, match="larger than 1 MB"):
        Pkcs12Credential.from_bytes(bytes(2_000_000), "x")


def test_a_file_with_a_certificate_alone_cannot_sign() -> None:
    data = serialize_key_and_certificates(
        b"x", None, None, [xml.holder().certificate], NoEncryption()
    )
    with pytest.raises(InputError, match="no key with its certificate"):
        Pkcs12Credential.from_bytes(data, None)


def test_a_key_of_another_certificate_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # No builder makes such a file, so the opened one is put together by hand.
    other = PKCS12Certificate(xml.stranger().certificate, None)
    opened = PKCS12KeyAndCertificates(xml.holder().key, other, [])
    monkeypatch.setattr("signer.credentials.pkcs12.load_pkcs12", lambda *_given: opened)
    with pytest.raises(InputError, match="does not belong"):
        Pkcs12Credential.from_bytes(b"", None)


def test_a_key_that_cannot_sign_documents_is_refused() -> None:
    key = dsa.generate_private_key(key_size=2048)
    with pytest.raises(InputError, match="cannot sign here"):
        credential_of(key)


def test_the_issuers_stand_in_order_and_strangers_are_left_out() -> None:
    top = root("Top")
    middle = issue("Middle", top, ca=True)
    leaf = issue("Leaf", middle)
    others = [xml.stranger().certificate, top.certificate, middle.certificate]
    data = serialize_key_and_certificates(b"x", leaf.key, leaf.certificate, others, NoEncryption())
    assert Pkcs12Credential.from_bytes(data, None).chain == (middle.der, top.der)


def test_the_key_is_never_shown() -> None:
    assert "_private" not in repr(xml.credential())


def test_rsa_signs_with_pkcs_1_unless_asked_for_pss() -> None:
    key = KEYS["RSA-2048"]
    assert isinstance(key, rsa.RSAPrivateKey)
    credential = credential_of(key)
    key.public_key().verify(credential.sign(b"data"), b"data", PKCS1v15(), SHA256())
    assert credential.sign(b"data", scheme="RSASSA-PSS") != credential.sign(
        b"data", scheme="RSASSA-PSS"
    )
    with pytest.raises(InputError, match="scheme"):
        credential.sign(b"data", scheme="ROT13")
    with pytest.raises(InputError, match="MD5"):
        credential.sign(b"data", digest="MD5")
