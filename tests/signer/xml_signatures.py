"""XML signatures of any shape, made to order: what an honest signer makes, and what a forger does.

``sealed`` fills every empty DigestValue and SignatureValue of a document with the holder's own key,
so a test writes only the shape it is about. The keys are the test's own, the clock stands still.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from lxml import etree

from signer import Pkcs12Credential, Report, TrustStore, sign, validate
from signer.xades import names
from signer.xades.addresses import Addresses
from signer.xades.algorithms import digest
from signer.xades.canonical import element_octets
from signer.xades.digests import Digester
from signer.xades.structure import canonicalization_of, read_signature
from tests.signer.trust_pki import NOW, YEAR, Entity, issue, name, root

DS = names.DS
XADES = names.XADES_132
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = DS + "enveloped-signature"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"
ALL_SIGNATURES_OUT = (
    f'<ds:Transform Algorithm="{XPATH}"><ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>'
    "</ds:Transform>"
)


def transform(algorithm: str) -> str:
    return f'<ds:Transform Algorithm="{algorithm}"/>'


FROM_WITHIN = transform(ENVELOPED) + transform(EXCLUSIVE)
"""The transforms of an enveloped signature."""


@cache
def holder() -> Entity:
    """Somebody with a certificate for signing."""
    subject = name("Jan Kowalski", GIVEN="Jan", SURNAME="Kowalski", SERIAL="PNOPL-85010112345")
    return issue(subject)


@cache
def stranger() -> Entity:
    """Somebody else, whom nobody trusts."""
    return issue("Mallory")


@cache
def credential(entity: Entity | None = None) -> Pkcs12Credential:
    who = entity or holder()
    data = serialize_key_and_certificates(b"key", who.key, who.certificate, None, NoEncryption())
    return Pkcs12Credential.from_bytes(data, None)


def judged(
    data: bytes, *, at: dt.datetime = NOW, detached: Mapping[str, bytes] | None = None
) -> Report:
    """Validate, trusting the holder's own certificate and nobody else."""
    return judged_by(data, holder(), at=at, detached=detached)


def judged_by(
    data: bytes,
    *trusted: Entity,
    at: dt.datetime = NOW,
    detached: Mapping[str, bytes] | None = None,
) -> Report:
    """Validate, trusting these certificates."""
    trust = TrustStore.from_certificates(entity.der for entity in trusted)
    return validate(data, trust=trust, at=at, detached=detached)


@dataclass(frozen=True)
class Reference:
    """One reference of a signature to be made; an empty digest is filled in by ``sealed``."""

    uri: str | None
    transforms: str = transform(EXCLUSIVE)
    type: str | None = None
    digest: str = ""
    digest_method: str = SHA256
    id: str | None = None

    def xml(self) -> str:
        attributes = {"Id": self.id, "URI": self.uri, "Type": self.type}
        written = "".join(
            f' {key}="{value}"' for key, value in attributes.items() if value is not None
        )
        transforms = f"<ds:Transforms>{self.transforms}</ds:Transforms>" if self.transforms else ""
        return (
            f"<ds:Reference{written}>{transforms}"
            f'<ds:DigestMethod Algorithm="{self.digest_method}"/>'
            f"<ds:DigestValue>{self.digest}</ds:DigestValue></ds:Reference>"
        )


def signature(
    *references: Reference,
    identifier: str = "S",
    objects: str = "",
    properties: str | None = None,
    properties_reference: Reference | None = None,
    certificates: Sequence[bytes] | None = None,
    key_info: str | None = None,
    method: str = ECDSA_SHA256,
    canonicalization: str = transform(EXCLUSIVE).replace("Transform", "CanonicalizationMethod"),
    before_signed_info: str = "",
    value: str = "",
) -> str:
    """Write a ds:Signature; ``properties=""`` makes it plain XMLDSig, None a whole XAdES-B."""
    listed = list(references)
    if properties is None:
        properties = qualifying(identifier)
    if properties:
        listed.append(properties_reference or to_properties(identifier))
    pool = [holder().der] if certificates is None else certificates
    data = "".join(f"<ds:X509Certificate>{b64(one)}</ds:X509Certificate>" for one in pool)
    key_info = (
        f"<ds:KeyInfo><ds:X509Data>{data}</ds:X509Data></ds:KeyInfo>"
        if key_info is None
        else key_info
    )
    return (
        f'<ds:Signature xmlns:ds="{DS}" Id="{identifier}">{before_signed_info}<ds:SignedInfo>'
        f'{canonicalization}<ds:SignatureMethod Algorithm="{method}"/>'
        f"{''.join(reference.xml() for reference in listed if reference.uri != 'none')}"
        f"</ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue>{key_info}"
        f"{objects}{f'<ds:Object>{properties}</ds:Object>' if properties else ''}</ds:Signature>"
    )


def to_properties(identifier: str = "S", **options: str | None) -> Reference:
    """The reference over the signed properties."""
    fields: dict[str, str | None] = {"type": SIGNED_PROPERTIES_TYPE, **options}
    return Reference(f"#{identifier}-properties", **fields)  # type: ignore[arg-type]  # only texts


def qualifying(
    identifier: str = "S",
    *,
    target: str | None = None,
    time: str = "2026-11-23T11:00:00Z",
    signing_certificate: str | None = None,
    more: str = "",
    unsigned: str = "",
    namespace: str = XADES,
) -> str:
    """QualifyingProperties with time and certificate."""
    pinned = pin(holder().der) if signing_certificate is None else signing_certificate
    aim = f"#{identifier}" if target is None else target
    attribute = f' Target="{aim}"' if aim else ""
    return (
        f'<xades:QualifyingProperties xmlns:xades="{namespace}"{attribute}>'
        f'<xades:SignedProperties Id="{identifier}-properties"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{time}</xades:SigningTime>{pinned}{more}"
        f"</xades:SignedSignatureProperties></xades:SignedProperties>{unsigned}"
        "</xades:QualifyingProperties>"
    )


def pin(*certificates: bytes, algorithm: str = SHA256, digest_name: str = "SHA256") -> str:
    """SigningCertificateV2 with the digests of these certificates."""
    listed = "".join(
        f'<xades:Cert><xades:CertDigest><ds:DigestMethod xmlns:ds="{DS}" Algorithm="{algorithm}"/>'
        f'<ds:DigestValue xmlns:ds="{DS}">{b64(digest(digest_name, one))}</ds:DigestValue>'
        "</xades:CertDigest></xades:Cert>"
        for one in certificates
    )
    return f"<xades:SigningCertificateV2>{listed}</xades:SigningCertificateV2>"


def sealed(document: str | bytes, key: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    """Fill in every empty digest, then every empty signature value, outermost signature last."""
    text = document.encode() if isinstance(document, str) else document
    root = etree.fromstring(text, etree.XMLParser(huge_tree=True))
    for element in reversed(list(root.iter(names.SIGNATURE))):
        _fill_digests(root, element, text)
        _fill_value(element, key or holder().key)
    return etree.tostring(root.getroottree(), encoding="UTF-8")


def _fill_digests(root: etree._Element, element: etree._Element, text: bytes) -> None:
    signed_infos = element.findall(names.SIGNED_INFO)
    for parts in read_signature(element).references if len(signed_infos) == 1 else ():
        value = parts.element.find(names.DIGEST_VALUE)
        if value is None or value.text or len(value):
            continue
        digester = Digester(root, Addresses(root), len(text), {})
        octets = digester.check(parts, element).octets
        value.text = b64(digest("SHA256", octets or b"nothing"))


def _fill_value(element: etree._Element, key: ec.EllipticCurvePrivateKey) -> None:
    value = element.find(names.SIGNATURE_VALUE)
    signed_info = element.find(names.SIGNED_INFO)
    if value is None or value.text or signed_info is None:
        return
    form = canonicalization_of(signed_info[0])
    assert form is not None
    raw = key.sign(element_octets(signed_info, form), ec.ECDSA(hashes.SHA256()))
    value.text = b64(b"".join(part.to_bytes(32, "big") for part in decode_dss_signature(raw)))


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


# --- honest documents of every packaging ------------------------------------------------------


@cache
def enveloped() -> bytes:
    """E: the signature inside, over the root by its Id."""
    inner = signature(Reference("#d1", FROM_WITHIN))
    return sealed(f'<doc Id="d1"><amount>100</amount>{inner}</doc>')


@cache
def enveloped_whole() -> bytes:
    """E0: the signature inside, over the whole document."""
    return sealed(f"<doc><amount>100</amount>{signature(Reference('', FROM_WITHIN))}</doc>")


@cache
def enveloping() -> bytes:
    """G: the document inside the signature."""
    held = '<ds:Object Id="o1"><doc xmlns=""><amount>100</amount></doc></ds:Object>'
    return sealed(signature(Reference("#o1"), objects=held))


@cache
def beside() -> bytes:
    """D: signature and data side by side in one document."""
    return sealed(
        f'<root><data Id="x"><amount>100</amount></data>{signature(Reference("#x"))}</root>'
    )


@cache
def counterpart() -> bytes:
    """Two signatures in parallel, each leaving all signatures out."""
    pair = "".join(
        signature(Reference("", ALL_SIGNATURES_OUT), identifier=identifier)
        for identifier in ("S1", "S2")
    )
    return sealed(f"<doc><amount>100</amount>{pair}</doc>")


@cache
def authority() -> Entity:
    """Who issued the certificate of `employee`."""
    return root("Authority", not_after=NOW + 20 * YEAR)


@cache
def employee() -> Entity:
    """Somebody with a certificate from the authority."""
    return issue(name("Anna Nowak", GIVEN="Anna", SURNAME="Nowak"), authority())


@cache
def signed_under_authority() -> bytes:
    """A document signed by the employee, with our own engine."""
    return sign(b"<doc>100</doc>", credential(employee()), format="xades", now=NOW)
