"""Digests over what a signature refers to: found, made into octets, compared.

Each distinct thing is canonicalized and digested once, within a budget of octets for the document.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from schemas import XmlError
from schemas.parsing import parse_xml
from signer.validation.facts import Refusal, RefusalKind
from signer.xades import names
from signer.xades.addresses import Addresses, Target
from signer.xades.algorithms import (
    DIGESTS,
    HASHLIB_NAMES,
    INCLUSIVE_C14N,
    Canonicalization,
    digest,
)
from signer.xades.canonical import CanonicalForm, document_octets, needs_base_fixup
from signer.xades.structure import ReferenceParts
from signer.xades.transforms import Omission, Recipe, recipe_of

OCTET_BUDGET_FACTOR = 20
OCTET_BUDGET_BASE = 64 * 1024 * 1024
"""Octets canonicalized for one document: this many times its size and a base, so that a thousand
references with a thousand forms cannot make the work quadratic."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One reference after its check. ``octets`` are exactly the bytes that were digested."""

    parts: ReferenceParts
    target: Target
    found: bool
    intact: bool | None
    recipe: Recipe | None = None
    octets: bytes | None = None
    detached_name: str | None = None
    refusal: Refusal | None = None


class Digester:
    """Checks the references of one document's signatures.

    Args:
        root: the parsed document.
        addresses: its Ids.
        size: octets of the document, for the budget.
        detached: files that lie beside it, by name.
    """

    def __init__(
        self,
        root: etree._Element,
        addresses: Addresses,
        size: int,
        detached: Mapping[str, bytes],
    ) -> None:
        self._addresses = addresses
        self._canonical = CanonicalForm(root)
        self._budget = size * OCTET_BUDGET_FACTOR + OCTET_BUDGET_BASE
        self._detached = detached
        self._made: dict[object, bytes | None] = {}
        self._digests: dict[tuple[str, int], tuple[bytes, bytes]] = {}

    def check(
        self, parts: ReferenceParts, own_signature: etree._Element, *, sole_unresolved: bool = False
    ) -> Checked:
        """Find what the reference names, make its octets and compare the digest.

        ``sole_unresolved``: this is the only address that the document itself cannot answer, so a
        sole detached file is what it means whatever its name.
        """
        outside = self._outside(parts.uri, sole_unresolved)
        target = self._target(parts.uri, outside)
        recipe = recipe_of(parts.transforms)
        refusal = recipe if isinstance(recipe, Refusal) else None
        refusal = target.refusal or refusal or _digest_refusal(parts.digest_method)
        found = target.found or outside is not None
        if refusal is not None or isinstance(recipe, Refusal):
            return Checked(parts, target, found, None, detached_name=outside, refusal=refusal)
        if not found:
            return Checked(parts, target, found=False, intact=False, recipe=recipe)
        made = self._octets(target, recipe, own_signature, outside)
        if isinstance(made, Refusal):
            return Checked(parts, target, found, None, recipe, None, outside, made)
        actual = self._digest(DIGESTS[parts.digest_method], made)
        intact = parts.digest_value is not None and hmac.compare_digest(actual, parts.digest_value)
        return Checked(parts, target, found, intact, recipe, made, outside)

    def _digest(self, name: str, octets: bytes) -> bytes:
        """Digest each piece of octets once: many references may name the same thing."""
        key = name, id(octets)
        if key not in self._digests:
            # The octets are kept beside their digest, so that no other piece gets their identity.
            self._digests[key] = octets, digest(name, octets)
        return self._digests[key][1]

    def resolves_inside(self, uri: str | None) -> bool:
        """Say whether the document itself answers to this address."""
        return uri is not None and self._addresses.resolve(uri).found

    def _outside(self, uri: str | None, sole_unresolved: bool) -> str | None:
        """Give the name of the detached file that an address means, if any."""
        if self.resolves_inside(uri):
            return None
        if uri is not None and (name := unquote(uri)) in self._detached:
            return name
        return next(iter(self._detached)) if sole_unresolved and len(self._detached) == 1 else None

    def _target(self, uri: str | None, outside: str | None) -> Target:
        if outside is not None or uri is None:
            return Target()
        target = self._addresses.resolve(uri)
        return Target() if _is_misplaced_object(target.element) else target

    def _octets(
        self, target: Target, recipe: Recipe, own: etree._Element, outside: str | None
    ) -> bytes | Refusal:
        if outside is not None:
            return _detached_octets(self._detached[outside], recipe)
        refusal = _omission_refusal(target, recipe, own)
        if refusal is not None:
            return refusal
        if recipe.base64:
            return _decoded(target.element)
        made = self._canonical_octets(target, recipe, own)
        if made is None:
            return _refuse("NOTHING_SIGNED", "The transforms leave nothing to be signed.")
        return made

    def _canonical_octets(
        self, target: Target, recipe: Recipe, own: etree._Element
    ) -> bytes | Refusal | None:
        form = recipe.canonicalization or INCLUSIVE_C14N
        if needs_base_fixup(target.element, form):
            return _refuse("XML_BASE", "Canonical XML 1.1 over xml:base is not supported.")
        key = (target.element, form, recipe.omission, own if recipe.omission == "own" else None)
        if key not in self._made:
            if self._budget < 0:
                return Refusal(RefusalKind.LIMIT, "OCTET_BUDGET", "Too much to canonicalize.")
            made = _guarded(self._canonical, target.element, form, recipe.omission, own)
            if isinstance(made, Refusal):
                return made
            self._budget -= len(made or b"")
            self._made[key] = made
        return self._made[key]


def _is_misplaced_object(element: etree._Element | None) -> bool:
    """Say whether this is a ds:Object that no signature holds: one moved there by a forger."""
    if element is None or element.tag != names.OBJECT:
        return False
    parent = element.getparent()
    return parent is None or parent.tag != names.SIGNATURE


def _guarded(
    canonical: CanonicalForm,
    target: etree._Element | None,
    form: Canonicalization,
    omission: Omission,
    own: etree._Element,
) -> bytes | Refusal | None:
    try:
        return canonical.octets(target, form, omission, own)
    except etree.C14NError:
        # libxml2 has no canonical form for relative namespace names (Canonical XML 1.0 4.5).
        return _refuse("NO_CANONICAL_FORM", "The XML has no canonical form.")


def _omission_refusal(target: Target, recipe: Recipe, own: etree._Element) -> Refusal | None:
    """Refuse “enveloped” on what does not envelop the signature: there it means nothing."""
    if recipe.omission is not Omission.OWN or target.element is None:
        return None
    if target.element in own.iterancestors():
        return None
    return _refuse("NOT_ENVELOPED", "The enveloped-signature transform stands on another element.")


def _decoded(element: etree._Element | None) -> bytes | Refusal:
    """Decode the text of a ds:Object; whitespace aside, nothing but base64 may stand there."""
    if element is None or element.tag != names.OBJECT or len(element):
        return _refuse("BASE64_SCOPE", "base64 is decoded only from the text of a ds:Object.")
    compact = "".join((element.text or "").split())
    try:
        return base64.b64decode(compact, validate=True)
    except binascii.Error:
        return _refuse("BASE64_TEXT", "The text of the ds:Object is not base64.")


def _detached_octets(data: bytes, recipe: Recipe) -> bytes | Refusal:
    """Give a detached file's octets as they are, or in canonical form where that is asked."""
    if recipe.omission is not Omission.NONE or recipe.base64:
        return _refuse("DETACHED_TRANSFORM", "This transform has no meaning on a separate file.")
    form = recipe.canonicalization
    if form is None:
        return data
    try:
        return document_octets(parse_xml(data), form, comments=form.with_comments)
    except (XmlError, etree.C14NError):
        return _refuse("DETACHED_XML", "The separate file is not XML that can be canonicalized.")


def _digest_refusal(method: str) -> Refusal | None:
    if DIGESTS.get(method) in HASHLIB_NAMES:
        return None
    reason = f"The digest algorithm “{method}” is not one that we compute."
    return Refusal(RefusalKind.ALGORITHM, "UNKNOWN_DIGEST", reason)


def _refuse(rule: str, reason: str) -> Refusal:
    return Refusal(RefusalKind.TRANSFORM, rule, reason)
