"""Creates XAdES-BASELINE-B signatures, enveloped (EN 319 132-1 6.3).

The document's own bytes are not touched: the signature is written in front of the end tag of its
root. It leaves *all* signatures out of what it signs, so that signatures added later do not break
it, and it refuses to be added where it would break an earlier one.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from schemas import XmlError
from schemas.parsing import parse_xml
from signer.credentials.credential import Credential
from signer.errors import InputError
from signer.validation.facts import KeyFact
from signer.xades import names
from signer.xades.algorithms import (
    CANONICALIZATIONS,
    EXCLUSIVE_C14N_URI,
    SIGNATURE_URIS,
    digest,
)
from signer.xades.canonical import CanonicalForm, element_octets
from signer.xades.insertion import insert_before_end
from signer.xades.structure import read_signature
from signer.xades.template import Template, base64_text, signature_template
from signer.xades.transforms import Omission, Recipe, recipe_of

_EXCLUSIVE = CANONICALIZATIONS[EXCLUSIVE_C14N_URI]


def create(
    data: bytes,
    credential: Credential,
    *,
    now: datetime,
    level: str = "B",
    packaging: str | None = None,
    mime_type: str = "text/xml",
    claimed_roles: Sequence[str] = (),
    identifier: str | None = None,
) -> bytes:
    """Sign an XML document and give it with the signature as the last child of its root.

    Args:
        data: the document.
        credential: who signs.
        now: the claimed signing time, aware.
        level: ``B``.
        packaging: ``enveloped`` or None.
        mime_type: what the signed document is, for DataObjectFormat.
        claimed_roles: XML fragments of one element each, placed into ClaimedRole.
        identifier: the signature's Id; random where None.

    Raises:
        InputError: the document is no XML, an earlier signature would break, a packaging or level
            that is not made here, or a key that cannot sign XML.
    """
    _check_request(level, packaging, now)
    root = _parse(data)
    _check_earlier_signatures(root)
    encryption, digest_name = _algorithm(credential.key)
    placeholder = etree.Element(names.SIGNATURE)
    octets = CanonicalForm(root).octets(None, _EXCLUSIVE, Omission.ALL, placeholder)
    if octets is None:
        raise InputError("A document whose root is a signature cannot be signed from within.")
    template = Template(
        identifier=identifier or f"signature-{secrets.token_hex(16)}",
        signing_time=now.astimezone(UTC),
        certificate=credential.certificate,
        chain=credential.chain,
        signature_method=SIGNATURE_URIS[encryption, digest_name],
        digest=digest_name or "SHA512",
        mime_type=mime_type,
        data_digest=digest(digest_name or "SHA512", octets),
        claimed_roles=claimed_roles,
    )
    return insert_before_end(data, root, _completed(template, credential))


def _completed(template: Template, credential: Credential) -> bytes:
    """Fill in the digest of the properties, then the signature over SignedInfo."""
    signature = _parse(signature_template(template).encode())
    properties = next(signature.iter(names.xades("SignedProperties")))
    signed_info, value = signature[0], signature[1]
    digest_value = signed_info[-1][-1]
    digest_value.text = base64_text(digest(template.digest, element_octets(properties, _EXCLUSIVE)))
    raw = credential.sign(element_octets(signed_info, _EXCLUSIVE), digest=template.digest)
    value.text = base64_text(_xml_value(raw, credential.key))
    return etree.tostring(signature, encoding="UTF-8")


def _check_request(level: str, packaging: str | None, now: datetime) -> None:
    if level != "B":
        raise InputError(f"XAdES level {level} cannot be made yet; B can.")
    if packaging not in (None, "enveloped"):
        raise InputError(f"XAdES packaging “{packaging}” cannot be made yet; “enveloped” can.")
    if now.tzinfo is None:
        raise InputError("The signing time has no time zone. Give an aware datetime.")


def _parse(data: bytes) -> etree._Element:
    try:
        return parse_xml(data)
    except XmlError as error:
        raise InputError(f"This cannot be signed as XML. {error}") from error


def _check_earlier_signatures(root: etree._Element) -> None:
    """Refuse where an earlier signature covers the place where ours would stand."""
    for element in root.iter(names.SIGNATURE):
        parts = read_signature(element)
        for reference in parts.references:
            recipe = recipe_of(reference.transforms)
            over_root = reference.uri == "" or reference.uri in _root_addresses(root)
            if over_root and not (isinstance(recipe, Recipe) and recipe.omission is Omission.ALL):
                raise InputError(
                    "The document carries a signature that covers whatever is added to it: "
                    "another one inside would break it. Sign it in a separate file instead."
                )


def _root_addresses(root: etree._Element) -> set[str]:
    return {"#" + str(value) for value in root.attrib.values()}


def _algorithm(key: KeyFact) -> tuple[str, str | None]:
    """Choose the signature algorithm that fits a key (TS 119 312)."""
    if key.algorithm == "RSA":
        return "RSA", "SHA256"
    if key.algorithm == "ECDSA":
        size = key.size or 0
        return "ECDSA", "SHA256" if size <= 256 else "SHA384" if size <= 384 else "SHA512"
    if key.algorithm in ("ED25519", "ED448"):
        return key.algorithm, None
    raise InputError(f"A key of kind {key.algorithm} cannot sign XML here.")


def _xml_value(raw: bytes, key: KeyFact) -> bytes:
    """Give the value as XML carries it: for ECDSA two integers side by side (RFC 4050 3.3)."""
    if key.algorithm != "ECDSA":
        return raw
    length = ((key.size or 0) + 7) // 8
    first, second = decode_dss_signature(raw)
    return first.to_bytes(length, "big") + second.to_bytes(length, "big")
