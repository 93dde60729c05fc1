"""PDF documents and keys for tests, written byte by byte so that every forgery can be exact."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from signer.credentials import Pkcs12Credential
from signer.pades import create, observe
from signer.validation.facts import ObservedSignatures

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

CATALOG = b"<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>"
PAGE = (
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[7 0 R]"
    b"/Resources<</Font<</F1 5 0 R>>/XObject<</Cover 9 0 R>>>>>>"
)
FORM = b"<</Fields[7 0 R]/DR<</Font<</F1 5 0 R>>>>/DA(/F1 12 Tf)>>"
FIELD = (
    b"<</FT/Tx/Type/Annot/Subtype/Widget/T(kwota)/V(100)/F 4/P 3 0 R/Rect[100 600 200 620]"
    b"/AP<</N 8 0 R>>>>"
)


def stream(content: bytes, dictionary: bytes = b"") -> bytes:
    """Give a stream object."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (dictionary, len(content), content)


def text(words: bytes) -> bytes:
    """Give a page content that shows a line."""
    return stream(b"BT /F1 24 Tf 100 700 Td (" + words + b") Tj ET")


def form_image(words: bytes) -> bytes:
    """Give a form XObject that shows a line."""
    return stream(
        b"BT /F1 12 Tf 2 4 Td (" + words + b") Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</F1 5 0 R>>>>",
    )


OBJECTS = {
    1: CATALOG,
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: PAGE,
    4: text(b"Zaplata 100 PLN"),
    5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    6: FORM,
    7: FIELD,
    8: form_image(b"100"),
    9: form_image(b"cover"),
    10: b"<</Title(Decyzja)/Producer(tests)>>",
}


def pdf(
    objects: Mapping[int, bytes] = OBJECTS, trailer: bytes = b"/Root 1 0 R/Info 10 0 R"
) -> bytes:
    """Give a one-revision document of these objects."""
    data = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = max(objects) + 1
    rows = b"".join(
        b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 00000 f \n"
        for number in range(1, size)
    )
    return data + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d%s>>\n%s" % (
        size,
        rows,
        size,
        trailer,
        b"startxref\n%d\n%%%%EOF\n" % len(data),
    )


def increment(
    data: bytes,
    objects: Mapping[int, bytes],
    *,
    root: bytes = b"1 0 R",
    freed: Sequence[int] = (),
    trailer: bytes = b"",
) -> bytes:
    """Append a revision that states these objects anew and frees others."""
    start = last_startxref(data)
    out, rows = data, dict.fromkeys(freed, b"0000000000 00001 f \n")
    for number, body in objects.items():
        rows[number] = b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n" + b"".join(b"%d 1\n%s" % (number, rows[number]) for number in sorted(rows))
    return (
        out
        + table
        + b"trailer\n<</Size 200/Root %s/Prev %d%s>>\nstartxref\n%d\n%%%%EOF\n"
        % (
            root,
            start,
            trailer,
            len(out),
        )
    )


def last_startxref(data: bytes) -> int:
    """Give where the newest cross-reference stands."""
    return int(re.findall(rb"startxref\s+(\d+)", data)[-1])


def credential(kind: str = "p256") -> Pkcs12Credential:
    """Give a self-signed signing credential: rsa, p256, p384, p521 or ed25519."""
    return _credential(kind)


@cache
def _credential(kind: str) -> Pkcs12Credential:
    key = _key(kind)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Zażółć Testowy {kind}"),
        ]
    )
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=0x5EED0000 + len(kind),
        not_valid_before=NOW - timedelta(days=30),
        not_valid_after=NOW + timedelta(days=300),
    )
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    builder = builder.add_extension(usage, critical=True)
    digest = None if kind == "ed25519" else hashes.SHA256()
    certificate = builder.sign(key, digest)
    file = pkcs12.serialize_key_and_certificates(
        b"x", key, certificate, None, BestAvailableEncryption("hasło".encode())
    )
    return Pkcs12Credential.from_bytes(file, "hasło")


def _key(
    kind: str,
) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    curves: dict[str, ec.EllipticCurve] = {
        "p256": ec.SECP256R1(),
        "p384": ec.SECP384R1(),
        "p521": ec.SECP521R1(),
    }
    if kind in curves:
        return ec.generate_private_key(curves[kind])
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 2048)


def signed(kind: str = "p256") -> bytes:
    """Give the form document with one signature, the same at each call."""
    return _signed(kind)


@cache
def _signed(kind: str) -> bytes:
    return create(pdf(), credential(kind), now=NOW)


def passes(data: bytes, count: int = 1) -> bool:
    """Whether the facts let every one of this many signatures pass, as far as the document goes."""
    return not faults(data, count)


def faults(data: bytes, count: int = 1) -> list[str]:
    """Say everything that keeps a document's signatures from passing."""
    seen: ObservedSignatures = observe(data)
    found = [problem.message for problem in seen.problems]
    if len(seen.signatures) != count:
        found.append(f"{len(seen.signatures)} signatures instead of {count}")
    for signature in seen.signatures:
        found += [problem.message for problem in signature.problems]
        if signature.signing_certificate_reference.matches is not True:
            found.append(f"{signature.id} names another certificate")
        if signature.intact is not True:
            found.append(f"{signature.id} is not intact")
        if signature.pdf is None or not signature.pdf.byte_range_valid:
            found.append(f"{signature.id} has no valid byte range")
            continue
        found += [item.description for item in signature.pdf.modifications if not item.harmless]
        if not all(scope.full for scope in signature.scope):
            found.append(f"{signature.id} does not cover the document")
    return found
