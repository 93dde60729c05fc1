"""CMS SignedData (RFC 5652 5) as plain values: read once, everything checked while reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms, core, parser, pdf

from signer.cms import object_identifiers as oid


class CmsError(ValueError):
    """The bytes are no CMS signed data that can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Signer:
    """One SignerInfo: who, how, what was signed, and the attributes by dotted OID.

    Attribute values are DER; an attribute that stands twice has all its values in one tuple and its
    OID in ``repeated``.
    """

    issuer: bytes | None
    """DER of the issuer's name; None where the key identifier names the certificate."""
    serial: int | None
    key_identifier: bytes | None
    digest_algorithm: str
    """As DSS spells it, else the dotted OID."""
    signature_algorithm: cms.SignedDigestAlgorithm
    signature: bytes
    signed_attributes_der: bytes | None
    """The SET that was signed; None where the content itself was."""
    signed_attributes: dict[str, tuple[bytes, ...]]
    unsigned_attributes: dict[str, tuple[bytes, ...]]
    repeated: frozenset[str]

    def single(self, attribute: str) -> bytes | None:
        """Give the value of a signed attribute that stands once with one value, else None."""
        values = self.signed_attributes.get(attribute, ())
        return values[0] if len(values) == 1 and attribute not in self.repeated else None


@dataclass(frozen=True, slots=True)
class SignedData:
    """One CMS SignedData."""

    content_type: str
    content: bytes | None
    """The content where it is inside; None where it is detached."""
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    signers: tuple[Signer, ...]
    length: int
    """Bytes of the encoding; what follows is padding or does not belong to it."""


def read_signed_data(data: bytes) -> SignedData:
    """Read the SignedData at the start of ``data``; bytes after it are allowed and not looked at.

    Raises:
        CmsError: these bytes are something else, or damaged.
    """
    try:
        return _read(data)
    except CmsError:
        raise
    except Exception as error:
        # OverflowError, RecursionError … on damaged input: all of them mean that it is damaged
        raise CmsError("The signature container (CMS) is damaged.") from error


def _read(data: bytes) -> SignedData:
    length = parser.peek(data)
    info = cms.ContentInfo.load(data[:length])
    if info["content_type"].dotted != oid.SIGNED_DATA:
        raise CmsError("The signature container (CMS) holds something other than signed data.")
    signed = info["content"]
    content = signed["encap_content_info"]["content"]
    certificates = [
        choice.chosen for choice in _items(signed["certificates"]) if choice.name == "certificate"
    ]
    for certificate in certificates:
        _check_integer(certificate["tbs_certificate"]["serial_number"].contents)
    crls, ocsps = _revocation_lists(signed["crls"])
    signers = tuple(_signer(item) for item in signed["signer_infos"])
    for signer in signers:
        more_crls, more_ocsps = _adobe_revocation(signer)
        crls, ocsps = crls + more_crls, ocsps + more_ocsps
    return SignedData(
        content_type=signed["encap_content_info"]["content_type"].dotted,
        content=_content(content),
        certificates=tuple(certificate.dump() for certificate in certificates),
        crls=crls,
        ocsps=ocsps,
        signers=signers,
        length=length,
    )


def _check_integer(contents: bytes) -> None:
    """Refuse a number with idle leading octets (X.690 8.3.2): readers disagree on its value."""
    if len(contents) > 1 and contents[0] in (0x00, 0xFF) and (contents[0] ^ contents[1]) < 0x80:
        raise CmsError("A certificate in it is encoded wrongly.")


def _content(content: Any) -> bytes | None:
    if isinstance(content, core.Void) or content is None or content.native is None:
        return None
    inside = isinstance(content, core.ParsableOctetString | core.OctetString)
    encoded: bytes = bytes(content) if inside else content.dump()
    return encoded


def _items(values: core.Asn1Value) -> Iterable[core.Asn1Value]:
    return () if isinstance(values, core.Void) else values


def _revocation_lists(values: core.Asn1Value) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    for choice in _items(values):
        if choice.name == "certificate_list":
            crls.append(choice.chosen.dump())
        elif choice.chosen["other_rev_info_format"].dotted in _OCSP_FORMATS:
            ocsps.append(choice.chosen["other_rev_info"].dump())
    return tuple(crls), tuple(ocsps)


_OCSP_FORMATS = (oid.OCSP_RESPONSE, oid.BASIC_OCSP_RESPONSE)


def _adobe_revocation(signer: Signer) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Give CRLs and OCSP responses of the signed attribute of PDF (ISO 32000-1 12.8.3.3.2)."""
    value = signer.single(oid.ADOBE_REVOCATION)
    if value is None:
        return (), ()
    archive = pdf.RevocationInfoArchival.load(value)
    return (
        tuple(item.dump() for item in _items(archive["crl"])),
        tuple(item.dump() for item in _items(archive["ocsp"])),
    )


def _signer(info: cms.SignerInfo) -> Signer:
    identifier = info["sid"]
    by_name = identifier.name == "issuer_and_serial_number"
    digest = info["digest_algorithm"]["algorithm"].dotted
    signed, repeated = _attributes(info["signed_attrs"])
    unsigned, _ = _attributes(info["unsigned_attrs"])
    return Signer(
        issuer=identifier.chosen["issuer"].dump() if by_name else None,
        serial=identifier.chosen["serial_number"].native if by_name else None,
        key_identifier=None if by_name else identifier.chosen.native,
        digest_algorithm=oid.DIGESTS.get(digest, digest),
        signature_algorithm=info["signature_algorithm"],
        signature=info["signature"].native,
        signed_attributes_der=_signed_set(info["signed_attrs"]),
        signed_attributes=signed,
        unsigned_attributes=unsigned,
        repeated=repeated,
    )


def _attributes(
    values: core.Asn1Value,
) -> tuple[dict[str, tuple[bytes, ...]], frozenset[str]]:
    found: dict[str, tuple[bytes, ...]] = {}
    repeated: set[str] = set()
    for attribute in _items(values):
        name = attribute["type"].dotted
        if name in found:
            repeated.add(name)
        found[name] = found.get(name, ()) + tuple(value.dump() for value in attribute["values"])
    return found, frozenset(repeated)


def _signed_set(values: core.Asn1Value) -> bytes | None:
    """Give the attributes as they are signed: DER of the SET OF, so in sorted order (RFC 5652 5.4).

    Whoever signed them in another order made a signature that does not verify.
    """
    if isinstance(values, core.Void):
        return None
    contents = b"".join(sorted(attribute.dump() for attribute in values))
    length = len(contents)
    if length < 0x80:
        return b"\x31" + bytes((length,)) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return b"\x31" + bytes((0x80 | len(octets),)) + octets + contents
