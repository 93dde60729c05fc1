"""What signing and checking XML costs beside the least that anyone must do for it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from lxml import etree
from signxml.xades.xades import XAdESSigner

from bench.row import Row, alternating
from signer import Pkcs12Credential, TrustStore, validate
from signer.xades import create, names, observe

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROUNDS = 10  # calls a measurement, for what takes less than a millisecond

Work = Callable[[], object]


def rows() -> Iterator[Row]:
    """Give the benchmark's lines."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = _certificate(key)
    credential = _credential(key, certificate)
    yield from _signing_rows(key, certificate, credential)
    yield from _checking_rows(key, certificate, credential)
    yield from _growth_rows(credential)


def _signing_rows(
    key: rsa.RSAPrivateKey, certificate: x509.Certificate, credential: Pkcs12Credential
) -> Iterator[Row]:
    small, large = _document(10_000), _document(4_000_000)

    def ours(data: bytes) -> bytes:
        return create(data, credential, now=NOW)

    name = "parse, c14n, SHA-256, RSA, serialise"
    mine, least = _measured(lambda: ours(small), lambda: _floor(key, small))
    yield Row("sign XAdES-B, 10 kB", mine, name, least, goal=1.5)
    mine, least = _measured(lambda: ours(large), lambda: _floor(key, large), rounds=1)
    yield Row("sign XAdES-B, 4 MB", mine, name, least)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    written = certificate.public_bytes(Encoding.PEM).decode()
    signer = XAdESSigner(signature_algorithm="rsa-sha256", digest_algorithm="sha256")

    def theirs() -> object:
        return signer.sign(etree.fromstring(small), key=pem, cert=written)  # noqa: TID251 - theirs

    mine, other = _measured(lambda: ours(small), theirs, rounds=1)
    yield Row("sign XAdES-B, 10 kB", mine, "signxml with a PEM key", other, goal=0.05)


def _checking_rows(
    key: rsa.RSAPrivateKey, certificate: x509.Certificate, credential: Pkcs12Credential
) -> Iterator[Row]:
    small = _document(10_000)
    plain, ours = _signed_by_xmlsec(key, small), create(small, credential, now=NOW)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    bare_key = xmlsec.Key.from_memory(public, xmlsec.constants.KeyDataFormatPem)
    trust = TrustStore.from_certificates([certificate.public_bytes(Encoding.DER)])

    def bare() -> None:
        _verify_by_xmlsec(plain, bare_key)

    name = "python-xmlsec, enveloped XMLDSig"
    mine, other = _measured(lambda: observe(plain), bare)
    yield Row("observe the same XMLDSig, 10 kB", mine, name, other)
    mine, other = _measured(lambda: observe(ours), bare)
    yield Row("observe our XAdES-B, 10 kB", mine, name, other)
    mine, other = _measured(lambda: validate(ours, trust=trust, at=NOW).to_dict(), bare)
    yield Row("our XAdES-B, from bytes to report", mine, name, other)


def _growth_rows(credential: Pkcs12Credential) -> Iterator[Row]:
    """Show that ten times as much costs about ten times as much."""
    size_1, size_10 = (create(_document(n), credential, now=NOW) for n in (100_000, 1_000_000))
    large, small = _measured(lambda: observe(size_10), lambda: observe(size_1), rounds=1)
    yield Row("observe 1 MB", large, "ten of 100 kB", 10 * small, goal=1.5)


def _measured(ours: Work, baseline: Work, *, rounds: int = ROUNDS) -> tuple[float, float]:
    mine, theirs = alternating(_repeated(ours, rounds), _repeated(baseline, rounds))
    return mine / rounds, theirs / rounds


def _repeated(work: Work, rounds: int) -> Work:
    def run() -> None:
        for _ in range(rounds):
            work()

    return run


def _document(size: int) -> bytes:
    item = b"<item n='%d'><name>Jan Kowalski %d</name><v>abc</v></item>"
    count = size // len(item % (100, 100))
    return b"<doc xmlns='urn:x'>" + b"".join(item % (n, n) for n in range(count)) + b"</doc>"


def _floor(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    """The work that no signer can leave out."""
    root = etree.fromstring(data)  # noqa: TID251 - the baseline
    octets = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    value = hashlib.sha256(octets).digest()
    root.set("digest", base64.b64encode(value).decode())
    key.sign(value * 32, padding.PKCS1v15(), hashes.SHA256())
    return etree.tostring(root)


def _signed_by_xmlsec(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    root = etree.fromstring(data)  # noqa: TID251 - theirs
    constants = xmlsec.constants
    signature = xmlsec.template.create(
        root, constants.TransformExclC14N, constants.TransformRsaSha256, ns="ds"
    )
    root.append(signature)
    reference = xmlsec.template.add_reference(signature, constants.TransformSha256, uri="")
    xmlsec.template.add_transform(reference, constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, constants.TransformExclC14N)
    info = xmlsec.template.ensure_key_info(signature)
    xmlsec.template.x509_data_add_certificate(xmlsec.template.add_x509_data(info))
    context = xmlsec.SignatureContext()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context.key = xmlsec.Key.from_memory(pem, constants.KeyDataFormatPem)
    written = _certificate(key).public_bytes(Encoding.PEM)
    context.key.load_cert_from_memory(written, constants.KeyDataFormatPem)
    context.sign(signature)
    return etree.tostring(root)


def _verify_by_xmlsec(data: bytes, key: xmlsec.Key) -> None:
    root = etree.fromstring(data)  # noqa: TID251 - the baseline
    context = xmlsec.SignatureContext()
    context.key = key
    context.verify(next(root.iter(names.SIGNATURE)))


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Jan Kowalski")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(usage, critical=True)
    )
    return builder.sign(key, hashes.SHA256())


def _credential(key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> Pkcs12Credential:
    data = serialize_key_and_certificates(b"x", key, certificate, None, NoEncryption())
    return Pkcs12Credential.from_bytes(data, None)
