"""What kind of thing each reference of a signature is over, by DSS's names; and the packaging."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from lxml import etree

from signer.xades import names
from signer.xades.digests import Checked


class ReferenceKind(StrEnum):
    """DSS's names of what a digest is over."""

    REFERENCE = "REFERENCE"
    OBJECT = "OBJECT"
    MANIFEST = "MANIFEST"
    MANIFEST_ENTRY = "MANIFEST_ENTRY"
    SIGNED_PROPERTIES = "SIGNED_PROPERTIES"
    SIGNATURE_PROPERTIES = "SIGNATURE_PROPERTIES"
    KEY_INFO = "KEY_INFO"
    COUNTER_SIGNATURE = "COUNTER_SIGNATURE"
    COUNTER_SIGNED_SIGNATURE_VALUE = "COUNTER_SIGNED_SIGNATURE_VALUE"


DATA_KINDS = frozenset({ReferenceKind.REFERENCE, ReferenceKind.OBJECT, ReferenceKind.MANIFEST})
"""References over what the signer wanted signed; the others are over the signature itself."""

_BY_ELEMENT = {
    names.KEY_INFO: ReferenceKind.KEY_INFO,
    names.OBJECT: ReferenceKind.OBJECT,
    names.MANIFEST: ReferenceKind.MANIFEST,
    names.ds("SignatureProperties"): ReferenceKind.SIGNATURE_PROPERTIES,
    names.ds("SignatureProperty"): ReferenceKind.SIGNATURE_PROPERTIES,
    names.SIGNATURE_VALUE: ReferenceKind.COUNTER_SIGNATURE,
}
_BY_TYPE = {
    **dict.fromkeys(names.SIGNED_PROPERTIES_TYPES, ReferenceKind.SIGNED_PROPERTIES),
    names.COUNTER_SIGNATURE_TYPE: ReferenceKind.COUNTER_SIGNATURE,
    names.MANIFEST_TYPE: ReferenceKind.MANIFEST,
    names.OBJECT_TYPE: ReferenceKind.OBJECT,
}


def kind_of(one: Checked, signed_properties: etree._Element | None) -> ReferenceKind:
    """Name what a reference is over: by what it found, else by what it says it is."""
    element = one.target.element
    if element is not None and element is signed_properties:
        return ReferenceKind.SIGNED_PROPERTIES
    stated = _BY_TYPE.get(one.parts.type or "")
    if element is None:
        return stated or ReferenceKind.REFERENCE
    found = _BY_ELEMENT.get(str(element.tag))
    return found or stated or ReferenceKind.REFERENCE


def is_signed_properties(one: Checked, signed_properties: etree._Element | None) -> bool:
    """Say whether this reference signs these properties and says so (EN 319 132-1 4.4.2)."""
    return (
        signed_properties is not None
        and one.target.element is signed_properties
        and one.target.found
        and one.parts.type in names.SIGNED_PROPERTIES_TYPES
    )


def packaging_of(signature: etree._Element, data: Iterable[Checked]) -> str | None:
    """Say how signature and content lie together, by the first thing that is signed."""
    for one in data:
        element = one.target.element
        if one.target.document or (element is not None and element in signature.iterancestors()):
            return "enveloped"
        if element is None:
            return "detached"
        inside = signature in element.iterancestors()
        return "enveloping" if inside else "internally_detached"
    return None
