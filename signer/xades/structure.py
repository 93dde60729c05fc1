"""Reads one ``ds:Signature`` into its parts and says where it is not what XMLDSig demands.

Nothing is computed here: this is the cheap gate before any cryptography. The reading is strict
about shape (one SignedInfo, plain text in leaves, canonical base64), because whatever two readers
could read differently is how signatures are wrapped and digests forged.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from signer.validation.facts import Problem, ProblemCode
from signer.xades import names
from signer.xades.algorithms import CANONICALIZATIONS, Canonicalization

MAX_REFERENCES = 1000
"""Per signature; valid documents with 900 are known, and 2 001 cost other engines 19 s."""

MAX_VALUE_OCTETS = 8192
"""Of a signature or digest value; RSA-8192 needs 1 024."""

_XML_SPACE = re.compile(r"[ \t\r\n]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_EXCLUSIVE_NAMESPACE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_CHILD_ORDER = re.compile(r"SVK?O*")
_CHILD_LETTERS = {
    names.SIGNED_INFO: "S",
    names.SIGNATURE_VALUE: "V",
    names.KEY_INFO: "K",
    names.OBJECT: "O",
}


@dataclass(frozen=True, slots=True)
class ReferenceParts:
    """One ``ds:Reference`` as written."""

    element: etree._Element
    id: str | None
    uri: str | None
    type: str | None
    transforms: tuple[etree._Element, ...]
    digest_method: str
    digest_value: bytes | None


@dataclass(frozen=True, slots=True)
class SignatureParts:
    """One ``ds:Signature`` as written; ``problems`` name all that its shape violates."""

    element: etree._Element
    id: str | None
    signed_info: etree._Element | None
    canonicalization: Canonicalization | None
    canonicalization_method: str
    signature_method: str
    references: tuple[ReferenceParts, ...]
    value: bytes | None
    value_element: etree._Element | None
    key_info: etree._Element | None
    objects: tuple[etree._Element, ...]
    problems: tuple[Problem, ...]


def read_signature(element: etree._Element) -> SignatureParts:
    """Read a signature element; never raises, whatever is inside."""
    return _Reader(element).read()


def read_references(parent: etree._Element) -> tuple[ReferenceParts, ...]:
    """Read the references of a SignedInfo or a Manifest."""
    return tuple(_reference(child) for child in parent.iterchildren(names.REFERENCE))


def leaf_text(element: etree._Element) -> str | None:
    """Give the text of an element that holds nothing but text, else None.

    A comment or processing instruction would let two readers see different values.
    """
    return None if len(element) else element.text or ""


def short_base64(text: str | None) -> bytes | None:
    """Decode canonical base64 of a digest or signature value; None where it is anything else."""
    return None if text is None or len(text) > 2 * MAX_VALUE_OCTETS else strict_base64(text)


def strict_base64(text: str | None) -> bytes | None:
    """Decode canonical base64; None where it is anything else.

    Only XML whitespace may stand between the characters: xs:base64Binary allows it, and widespread
    signers break long digests into lines.
    """
    if text is None:
        return None
    compact = _XML_SPACE.sub("", text)
    if len(compact) % 4 or not _BASE64.fullmatch(compact):
        return None
    try:
        octets = base64.b64decode(compact, validate=True)
    except binascii.Error:
        return None
    return octets if base64.b64encode(octets).decode("ascii") == compact else None


def canonicalization_of(method: etree._Element) -> Canonicalization | None:
    """Read a canonicalization method or transform with its prefix list; None: not in our table."""
    known = CANONICALIZATIONS.get(method.get("Algorithm", ""))
    if known is None:
        return None
    children = list(method)
    if not children:
        return known
    is_list = children[0].tag == f"{{{_EXCLUSIVE_NAMESPACE}}}InclusiveNamespaces"
    if not known.exclusive or len(children) > 1 or not is_list:
        return None
    prefixes = tuple(children[0].get("PrefixList", "").split())
    return Canonicalization(known.exclusive, known.with_comments, prefixes=prefixes)


def _reference(element: etree._Element) -> ReferenceParts:
    transforms = element.find(names.TRANSFORMS)
    method = element.find(names.DIGEST_METHOD)
    value = element.find(names.DIGEST_VALUE)
    return ReferenceParts(
        element=element,
        id=element.get("Id"),
        uri=element.get("URI"),
        type=element.get("Type"),
        transforms=() if transforms is None else tuple(transforms.iterchildren(names.TRANSFORM)),
        digest_method="" if method is None else method.get("Algorithm", ""),
        digest_value=None if value is None else short_base64(leaf_text(value)),
    )


class _Reader:
    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._problems: list[Problem] = []

    def read(self) -> SignatureParts:
        element = self._element
        self._check_children()
        signed_info = element.find(names.SIGNED_INFO)
        value_element = element.find(names.SIGNATURE_VALUE)
        value = None if value_element is None else short_base64(leaf_text(value_element))
        if not value:
            self._fault("The SignatureValue is not one canonical base64 value.")
            value = None
        references: tuple[ReferenceParts, ...] = ()
        method, algorithm = None, ""
        if signed_info is not None:
            references = self._references(signed_info)
            method = signed_info.find(names.CANONICALIZATION_METHOD)
            signature_method = signed_info.find(names.SIGNATURE_METHOD)
            algorithm = "" if signature_method is None else signature_method.get("Algorithm", "")
        return SignatureParts(
            element=element,
            id=element.get("Id"),
            signed_info=signed_info,
            canonicalization=None if method is None else canonicalization_of(method),
            canonicalization_method="" if method is None else method.get("Algorithm", ""),
            signature_method=algorithm,
            references=references,
            value=value,
            value_element=value_element,
            key_info=element.find(names.KEY_INFO),
            objects=tuple(element.iterchildren(names.OBJECT)),
            problems=tuple(self._problems),
        )

    def _fault(self, message: str, code: ProblemCode = ProblemCode.STRUCTURE) -> None:
        self._problems.append(Problem(code, message))

    def _check_children(self) -> None:
        tags = [child.tag for child in self._element if isinstance(child.tag, str)]
        if tags.count(names.SIGNED_INFO) > 1:
            self._fault("The signature has more than one SignedInfo.", ProblemCode.AMBIGUOUS)
        if not _CHILD_ORDER.fullmatch("".join(_CHILD_LETTERS.get(tag, "?") for tag in tags)):
            self._fault(
                "The signature must hold SignedInfo, SignatureValue, at most one KeyInfo and then "
                "only Object elements, in this order (XMLDSig 4.2)."
            )

    def _references(self, signed_info: etree._Element) -> tuple[ReferenceParts, ...]:
        if any(not isinstance(node.tag, str) for node in signed_info.iter()):
            self._fault("SignedInfo holds a comment or an instruction.", ProblemCode.AMBIGUOUS)
        tags = [child.tag for child in signed_info if isinstance(child.tag, str)]
        expected = [names.CANONICALIZATION_METHOD, names.SIGNATURE_METHOD]
        if tags[:2] != expected or any(tag != names.REFERENCE for tag in tags[2:]):
            self._fault("SignedInfo does not follow XMLDSig 4.4.")
        if len(tags) - 2 > MAX_REFERENCES:
            self._fault(f"More than {MAX_REFERENCES} references.", ProblemCode.LIMIT)
            return ()
        references = read_references(signed_info)
        if not references:
            self._fault("SignedInfo refers to nothing.")
        self._problems.extend(_reference_faults(references))
        return references


def _reference_faults(references: tuple[ReferenceParts, ...]) -> Iterator[Problem]:
    seen: dict[str | None, bytes] = {}
    for number, reference in enumerate(references, start=1):
        shape = [child.tag for child in reference.element if child.tag != names.TRANSFORMS]
        if shape != [names.DIGEST_METHOD, names.DIGEST_VALUE]:
            yield Problem(ProblemCode.STRUCTURE, f"Reference {number} violates XMLDSig 4.4.3.")
        if reference.digest_value is None:
            message = f"The DigestValue of reference {number} is not one canonical base64 value."
            yield Problem(ProblemCode.STRUCTURE, message)
        way = _way(reference)
        if seen.setdefault(reference.uri, way) != way:
            message = f"Two references read the same address “{reference.uri}” in different ways."
            yield Problem(ProblemCode.AMBIGUOUS, message)


def _way(reference: ReferenceParts) -> bytes:
    """Give all that decides how a reference's address is read, as comparable octets."""
    return b"".join(etree.tostring(step, with_tail=False) for step in reference.transforms)
