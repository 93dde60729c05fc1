"""PDF documents of 100 kB: signing and observing beside pyHanko as it comes."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from bench.row import Row, alternating, median_of
from signer import TrustStore, validate
from signer.credentials import Pkcs12Credential
from signer.documents.preview import render_page
from signer.pades import create, observe

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KILOBYTE = 1000
SIGN_GOAL = 1 / 6  # of SimpleSigner's time (issue 2, libraries.md: at least 6 times faster)
VALIDATE_GOAL = 1 / 2  # of pyHanko's validation
REVISIONS = (10, 100, 1000)


def rows() -> Iterator[Row]:
    """Give the benchmark's lines."""
    key, certificate = _identity()
    credential = _credential(key, certificate)
    document = _document(100 * KILOBYTE)
    hanko = _pyhanko_signer(key, certificate)
    ours, theirs = alternating(
        lambda: create(document, credential, now=NOW), lambda: _pyhanko_sign(document, hanko)
    )
    yield Row("PAdES sign 100 kB", ours, "pyHanko SimpleSigner", theirs, goal=SIGN_GOAL)
    signed = create(document, credential, now=NOW)
    trust = TrustStore.from_certificates([credential.certificate])
    ours, theirs = alternating(
        lambda: validate(signed, trust=trust, at=NOW),
        lambda: _pyhanko_validate(signed, credential.certificate),
    )
    yield Row("PAdES validate 100 kB", ours, "pyHanko validate", theirs, goal=VALIDATE_GOAL)
    observing = median_of(lambda: observe(signed))
    yield Row("PAdES observe 100 kB (facts only)", observing, "pyHanko validate", theirs)
    yield _many_signatures(document, credential)
    yield from _revisions(signed)
    drawing = median_of(lambda: render_page(signed, 0, 900), repeat=5)
    yield Row("page image, 900 pixels wide", drawing, "PAdES sign 100 kB", ours)


def _many_signatures(document: bytes, credential: Pkcs12Credential) -> Row:
    data = document
    for _count in range(24):
        data = create(data, credential, now=NOW)
    ours, theirs = alternating(
        lambda: observe(data), lambda: _pyhanko_validate(data, credential.certificate), repeat=3
    )
    return Row("PAdES observe, 24 signatures", ours, "pyHanko validate", theirs)


def _revisions(signed: bytes) -> Iterator[Row]:
    """Show that time grows with revisions, not with their square."""
    first = median_of(lambda: observe(_grown(signed, REVISIONS[0])), repeat=5)
    for count in REVISIONS[1:]:
        data = _grown(signed, count)
        ours = median_of(lambda data=data: observe(data), repeat=5)  # type: ignore[misc]  # bound now
        yield Row(
            f"PAdES observe, {count} later revisions",
            ours,
            f"{REVISIONS[0]} revisions",
            first,
            goal=1.5 * count / REVISIONS[0],
        )


def _grown(data: bytes, revisions: int) -> bytes:
    previous = int(data[data.rindex(b"startxref") + 9 : data.rindex(b"%%EOF")])
    for _count in range(revisions):
        position = len(data)
        data += b"xref\n0 0\ntrailer\n<</Size 99/Root 1 0 R/Prev %d>>\n" % previous
        data += b"startxref\n%d\n%%%%EOF\n" % position
        previous = position
    return data


# --- material -------------------------------------------------------------------------------------


def _document(size: int) -> bytes:
    content = b"BT /F1 12 Tf 72 720 Td (Decyzja) Tj ET\n".ljust(size, b" ")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return data + table + b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)


def _identity() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Benchmark")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=9))
    return key, builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def _credential(key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> Pkcs12Credential:
    plain = serialization.NoEncryption()
    file = serialization.pkcs12.serialize_key_and_certificates(b"b", key, certificate, None, plain)
    return Pkcs12Credential.from_bytes(file, None)


def _pyhanko_signer(key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> SimpleSigner:
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    encoded = certificate.public_bytes(serialization.Encoding.DER)
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(encoded),
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore(),
    )


def _pyhanko_sign(document: bytes, signer: SimpleSigner) -> bytes:
    metadata = PdfSignatureMetadata(field_name="Signature1", subfilter=SigSeedSubFilter.PADES)
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    output: io.BytesIO = signers.sign_pdf(writer, metadata, signer=signer)
    return output.getvalue()


def _pyhanko_validate(data: bytes, root: bytes) -> None:
    trust = [asn1_x509.Certificate.load(root)]
    for signature in PdfFileReader(io.BytesIO(data)).embedded_signatures:
        context = ValidationContext(trust_roots=trust, moment=NOW, allow_fetching=False)
        status = asyncio.run(async_validate_pdf_signature(signature, context))
        assert status.bottom_line
