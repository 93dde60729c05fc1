"""A PKI to break: certificates, CRLs and OCSP answers made to order with `cryptography`.

Everything has a sensible default, so that a test names only the fault it is about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from asn1crypto import core, parser
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
YEAR = dt.timedelta(days=365)

OCSP_SIGNING = ExtendedKeyUsageOID.OCSP_SIGNING
CA_USAGE = ("key_cert_sign", "crl_sign")
PERSON_USAGE = ("digital_signature", "content_commitment")


@cache
def key(label: str) -> ec.EllipticCurvePrivateKey:
    """The key of this label, always the same one within a test run."""
    return ec.generate_private_key(ec.SECP256R1())


def name(common_name: str, **attributes: str) -> x509.Name:
    """A name with this CN, and `C`, `O`, `SERIAL` … before it."""
    oids = {
        "C": NameOID.COUNTRY_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "SERIAL": NameOID.SERIAL_NUMBER,
        "GIVEN": NameOID.GIVEN_NAME,
        "SURNAME": NameOID.SURNAME,
        "EMAIL": NameOID.EMAIL_ADDRESS,
        "ORG_ID": NameOID.ORGANIZATION_IDENTIFIER,
    }
    before = [x509.NameAttribute(oids[label], value) for label, value in attributes.items()]
    return x509.Name([*before, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def usage(*names: str) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{one: one in names for one in every})


@dataclass(frozen=True)
class Entity:
    """A certificate with the key that belongs to it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def subject(self) -> x509.Name:
        return self.certificate.subject


def issue(
    subject: str | x509.Name,
    issuer: Entity | None = None,
    *,
    ca: bool | None = False,
    path_length: int | None = None,
    usages: Sequence[str] | None = None,
    eku: Sequence[x509.ObjectIdentifier] = (),
    identifiers: bool = True,
    extra: Iterable[tuple[x509.ExtensionType, bool]] = (),
    not_before: dt.datetime = NOW - YEAR,
    not_after: dt.datetime = NOW + YEAR,
    own_key: ec.EllipticCurvePrivateKey | None = None,
    signed_with: ec.EllipticCurvePrivateKey | None = None,
    serial: int | None = None,
    ocsp_url: str | None = None,
    crl_url: str | None = None,
    issuer_url: str | None = None,
) -> Entity:
    """Issue a certificate, self-signed without an issuer. `ca=None`: no basicConstraints."""
    subject = name(subject) if isinstance(subject, str) else subject
    own_key = own_key or key(subject.rfc4514_string())
    signing_key = signed_with or (issuer.key if issuer else own_key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .public_key(own_key.public_key())
    )
    if ca is not None:
        constraints = x509.BasicConstraints(ca=ca, path_length=path_length if ca else None)
        builder = builder.add_extension(constraints, critical=True)
    default_usages = CA_USAGE if ca else PERSON_USAGE
    if usages is None or usages:
        builder = builder.add_extension(usage(*(usages or default_usages)), critical=True)
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(eku)), critical=False)
    if identifiers:
        own_id = x509.SubjectKeyIdentifier.from_public_key(own_key.public_key())
        issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
        builder = builder.add_extension(own_id, critical=False)
        builder = builder.add_extension(issuer_id, critical=False)
    for extension, critical in [*_addresses(ocsp_url, crl_url, issuer_url), *extra]:
        builder = builder.add_extension(extension, critical=critical)
    return Entity(builder.sign(signing_key, hashes.SHA256()), own_key)


def _addresses(
    ocsp_url: str | None, crl_url: str | None, issuer_url: str | None
) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = []
    methods = AuthorityInformationAccessOID
    access = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(url))
        for method, url in ((methods.OCSP, ocsp_url), (methods.CA_ISSUERS, issuer_url))
        if url
    ]
    if access:
        found.append((x509.AuthorityInformationAccess(access), False))
    if crl_url:
        found.append((x509.CRLDistributionPoints([_point(crl_url)]), False))
    return found


def _point(url: str) -> x509.DistributionPoint:
    return x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)


def root(common_name: str = "Root", **options: Any) -> Entity:
    """A self-signed authority; options as of `issue`."""
    return issue(common_name, ca=True, **options)


Fields = dict[str, bytes]
FIELDS = ("version", "serial", "signature", "issuer", "validity", "subject", "key", "extensions")


def resigned(entity: Entity, edit: Callable[[Fields], None], issuer: Entity | None = None) -> bytes:
    """The certificate with its raw fields edited and signed again: for faults no builder makes."""
    contents = parser.parse(entity.certificate.tbs_certificate_bytes)[4]
    fields = dict(zip(FIELDS, elements(contents), strict=False))
    edit(fields)
    return assembled(der(0x30, b"".join(fields.values())), (issuer or entity).key)


def elements(contents: bytes) -> Iterator[bytes]:
    """The DER elements that stand one after the other in these contents."""
    while contents:
        length = parser.peek(contents)
        yield contents[:length]
        contents = contents[length:]


def assembled(tbs: bytes, signing_key: ec.EllipticCurvePrivateKey) -> bytes:
    """A certificate made of these content bytes, signed with ECDSA and SHA-256."""
    signature = signing_key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    algorithm = der(0x30, bytes.fromhex("06082a8648ce3d040302"))  # ecdsa-with-SHA256
    return der(0x30, tbs + algorithm + der(0x03, b"\0" + signature))


def crl_in_two_algorithms(issuer: Entity) -> bytes:
    """A CRL that says SHA-256 inside and is signed with SHA-384, as it says outside."""
    tbs = x509.load_der_x509_crl(crl(issuer)).tbs_certlist_bytes
    signature = issuer.key.sign(tbs, ec.ECDSA(hashes.SHA384()))
    algorithm = der(0x30, bytes.fromhex("06082a8648ce3d040303"))
    return der(0x30, tbs + algorithm + der(0x03, b"\0" + signature))


def der(tag: int, contents: bytes) -> bytes:
    """One DER element."""
    length = len(contents)
    if length < 128:
        return bytes([tag, length]) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + contents


def with_extension(
    oid: str, value: bytes, *, critical: bool = False
) -> tuple[x509.UnrecognizedExtension, bool]:
    """An extension with these bytes as its value, well-formed or not."""
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), critical


def append_extension(oid: str, value: bytes) -> Callable[[Fields], None]:
    """An edit for `resigned`: one more extension, a repeated one too."""
    identifier = core.ObjectIdentifier(oid).dump()

    def edit(fields: Fields) -> None:
        listed = parser.parse(parser.parse(fields["extensions"])[4])[4]
        extension = der(0x30, identifier + der(0x04, value))
        fields["extensions"] = der(0xA3, der(0x30, listed + extension))

    return edit


# --- revocation ---------------------------------------------------------------------------------


def crl(
    issuer: Entity,
    revoked: Mapping[int, x509.ReasonFlags | None] | None = None,
    *,
    this_update: dt.datetime = NOW - DAY,
    next_update: dt.datetime = NOW + DAY,
    revoked_at: dt.datetime = NOW - 2 * DAY,
    signed_with: ec.EllipticCurvePrivateKey | None = None,
    extra: Iterable[tuple[x509.ExtensionType, bool]] = (),
    entry_extra: Iterable[tuple[x509.ExtensionType, bool]] = (),
) -> bytes:
    """A CRL of `issuer` that lists these serial numbers with their reasons."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(this_update)
        .next_update(next_update)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    for serial, reason in (revoked or {}).items():
        entry = x509.RevokedCertificateBuilder(serial, revoked_at)
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        for extension, critical in entry_extra:
            entry = entry.add_extension(extension, critical=critical)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(signed_with or issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def scope(**options: Any) -> tuple[x509.IssuingDistributionPoint, bool]:
    """An issuingDistributionPoint extension with these options set."""
    defaults: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**defaults, **options}), True


def ocsp_response(
    subject: Entity,
    issuer: Entity,
    *,
    responder: Entity | None = None,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    reason: x509.ReasonFlags | None = None,
    embed: Iterable[Entity] | None = None,
    by_name: bool = False,
    this_update: dt.datetime = NOW - DAY,
    next_update: dt.datetime | None = NOW + DAY,
    extra: Iterable[tuple[x509.ExtensionType, bool]] = (),
) -> bytes:
    """An OCSP answer about `subject`; the responder is the issuer unless another is given."""
    responder = responder or issuer
    revoked_at = NOW - 2 * DAY if status is ocsp.OCSPCertStatus.REVOKED else None
    encoding = ocsp.OCSPResponderEncoding.NAME if by_name else ocsp.OCSPResponderEncoding.HASH
    builder = ocsp.OCSPResponseBuilder().add_response(
        subject.certificate,
        issuer.certificate,
        hashes.SHA256(),
        status,
        this_update,
        next_update,
        revoked_at,
        reason,
    )
    builder = builder.responder_id(encoding, responder.certificate)
    embedded = [responder] if embed is None else list(embed)
    if embedded and (embed is not None or responder is not issuer):
        builder = builder.certificates([entity.certificate for entity in embedded])
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    signed = builder.sign(responder.key, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def ocsp_answers(response: bytes) -> list[bytes]:
    """The answers (DER each) of a response."""
    return list(elements(parser.parse(_response_fields(response)["answers"])[4]))


def ocsp_edited(
    response: bytes, signer: Entity, edit: Callable[[list[bytes]], list[bytes]]
) -> bytes:
    """The response with its list of answers edited, signed again by `signer`."""
    fields = _response_fields(response)
    fields["answers"] = der(0x30, b"".join(edit(ocsp_answers(response))))
    data = der(0x30, b"".join(fields.values()))
    signature = signer.key.sign(data, ec.ECDSA(hashes.SHA256()))
    algorithm = der(0x30, bytes.fromhex("06082a8648ce3d040302"))  # ecdsa-with-SHA256
    return der(0x30, data + algorithm + der(0x03, b"\0" + signature))


def _response_fields(response: bytes) -> Fields:
    basic = asn1_ocsp.OCSPResponse.load(response)["response_bytes"]["response"].parsed
    contents = parser.parse(basic["tbs_response_data"].dump())[4]
    names = ("responder", "produced at", "answers", "extensions")
    return dict(zip(names, elements(contents), strict=False))
