"""Observes the signatures of an XML document: bytes in, facts out, no judgement.

The order is the defence (EN 319 102-1 5.2.2 and 5.2.7, and what wrapping attacks taught):

1. the parser's gate: size, depth, encodings, no DOCTYPE;
2. shape: one SignedInfo, plain leaves, canonical base64, counts;
3. addresses: inside the document, one carrier for each Id;
4. transforms and algorithms: only those of our tables, run as constants;
5. digests, then the signature value, by our own engine;
6. a second opinion by libxmlsec, which must agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from schemas import XmlError
from schemas.parsing import parse_xml
from signer.validation.facts import (
    EmbeddedMaterial,
    ObservedSignatures,
    Problem,
    ProblemCode,
)
from signer.xades import names
from signer.xades.addresses import Addresses
from signer.xades.digests import Digester
from signer.xades.embedded import embedded_material
from signer.xades.signature import SignatureObserver

MAX_SIGNATURES = 64
"""Per document; a sample with 51 is known."""

MAX_REFERENCES = 2000
"""Per document, manifests included."""

NO_FILES: Mapping[str, bytes] = {}


def observe(data: bytes, *, detached: Mapping[str, bytes] = NO_FILES) -> ObservedSignatures:
    """Give the facts of every signature in an XML document; never raises for content.

    Args:
        data: the document.
        detached: files beside it that its references may mean, by their decoded address.
    """
    try:
        root = parse_xml(data)
    except XmlError as error:
        problem = Problem(ProblemCode.UNREADABLE, str(error))
        return ObservedSignatures(problems=(problem,), signed_shape=b"Signature" in data)
    elements = list(root.iter(names.SIGNATURE))
    if len(elements) > MAX_SIGNATURES:
        return _too_much(f"There are more than {MAX_SIGNATURES} signatures.")
    if elements and sum(1 for _ in root.iter(names.REFERENCE)) > MAX_REFERENCES:
        return _too_much(f"There are more than {MAX_REFERENCES} references.")
    return _observe_all(root, elements, len(data), detached) if elements else ObservedSignatures()


@dataclass(frozen=True, slots=True)
class SignedContent:
    """Octets that an intact signature is over, exactly as they were digested."""

    signature_id: str
    uri: str | None
    octets: bytes


def signed_content(
    data: bytes, *, detached: Mapping[str, bytes] = NO_FILES
) -> tuple[SignedContent, ...]:
    """Give what the intact signatures of a document are over: read this, not the document.

    Whatever else stands in the document was not signed. Who signed, and whether to believe it, is
    for the report to say. Empty where nothing is intact.
    """
    try:
        root = parse_xml(data)
    except XmlError:
        return ()
    elements = list(root.iter(names.SIGNATURE))
    if len(elements) > MAX_SIGNATURES:
        return ()
    observers = _observers(root, elements, len(data), detached)
    return tuple(
        SignedContent(fact.id, one.parts.uri, one.octets)
        for observer in observers
        if (fact := observer.fact()).intact and not fact.problems
        for one in observer.data
        if one.octets is not None
    )


def _too_much(message: str) -> ObservedSignatures:
    problem = Problem(ProblemCode.LIMIT, message)
    return ObservedSignatures(problems=(problem,), signed_shape=True)


def _observe_all(
    root: etree._Element,
    elements: list[etree._Element],
    size: int,
    detached: Mapping[str, bytes],
) -> ObservedSignatures:
    observers = _observers(root, elements, size, detached)
    return ObservedSignatures(
        signatures=tuple(observer.fact() for observer in observers),
        material=_joined(
            [embedded_material(one.qualifying, one.certificates) for one in observers]
        ),
        signed_shape=True,
    )


def _observers(
    root: etree._Element,
    elements: list[etree._Element],
    size: int,
    detached: Mapping[str, bytes],
) -> list[SignatureObserver]:
    digester = Digester(root, Addresses(root), size, detached)
    identifiers = _identifiers(elements)
    return [SignatureObserver(root, element, digester, identifiers) for element in elements]


def _identifiers(elements: list[etree._Element]) -> dict[etree._Element, str]:
    """Name every signature: its Id where that is its own alone, else its place."""
    written = [element.get("Id") for element in elements]
    return {
        element: name if name and written.count(name) == 1 else f"signature-{place}"
        for place, (element, name) in enumerate(zip(elements, written, strict=True), start=1)
    }


def _joined(materials: list[EmbeddedMaterial]) -> EmbeddedMaterial:
    return EmbeddedMaterial(
        certificates=tuple(dict.fromkeys(der for one in materials for der in one.certificates)),
        crls=tuple(dict.fromkeys(der for one in materials for der in one.crls)),
        ocsps=tuple(dict.fromkeys(der for one in materials for der in one.ocsps)),
    )
