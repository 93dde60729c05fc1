"""Canonical octets of a document or a part of it, with signatures left out where asked.

libxml2 does the canonicalization; what it cannot do through lxml is done here: leaving subtrees out
(on a copy, because moving nodes makes lxml rewrite prefixes) and handing ``xml:*`` attributes of
ancestors down to the apex, as inclusive canonicalization demands (Canonical XML 1.0 2.4).
"""

from __future__ import annotations

import copy
import io
from typing import Any, cast

from lxml import etree

from schemas.parsing import parse_xml
from signer.xades import names
from signer.xades.algorithms import Canonicalization
from signer.xades.transforms import Omission

_XML = "{http://www.w3.org/XML/1998/namespace}"
_NOT_INHERITED_IN_11 = frozenset({_XML + "id", _XML + "base"})


class CanonicalForm:
    """Makes canonical octets of one parsed document; copies without signatures are made once."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._stripped: dict[tuple[etree._Element, ...], etree._Element] = {}

    def octets(
        self,
        target: etree._Element | None,
        form: Canonicalization,
        omission: Omission,
        own_signature: etree._Element,
    ) -> bytes | None:
        """Give the octets of an element, or of the whole document where ``target`` is None.

        None: all of the target would be left out, so nothing would be signed. Comments are never
        part of a same-document reference (XMLDSig 4.4.3.3), whatever the form says.
        """
        if omission is Omission.NONE:
            return (
                document_octets(self._root, form)
                if target is None
                else element_octets(target, form)
            )
        omitted = self._omitted(omission, own_signature)
        if self._root in omitted:
            return None
        stripped = self._without(omitted)
        if target is None:
            return document_octets(stripped, form)
        path = _path(target, omitted)
        return None if path is None else element_octets(_follow(stripped, path), form)

    def _omitted(self, omission: Omission, own: etree._Element) -> tuple[etree._Element, ...]:
        if omission is Omission.OWN:
            return (own,)
        return tuple(
            signature
            for signature in self._root.iter(names.SIGNATURE)
            if next(signature.iterancestors(names.SIGNATURE), None) is None
        )

    def _without(self, omitted: tuple[etree._Element, ...]) -> etree._Element:
        if not omitted:
            return self._root
        if omitted not in self._stripped:
            twin = copy.deepcopy(self._root.getroottree()).getroot()
            places = [position for position, node in self._signatures() if node in omitted]
            twins = list(twin.iter(names.SIGNATURE))
            for position in places:
                _remove(twins[position])
            self._stripped[omitted] = twin
        return self._stripped[omitted]

    def _signatures(self) -> enumerate[etree._Element]:
        return enumerate(self._root.iter(names.SIGNATURE))


def document_octets(
    root: etree._Element, form: Canonicalization, *, comments: bool = False
) -> bytes:
    """Canonicalize a whole document, with the instructions beside its root."""
    out = io.BytesIO()
    # The published type stubs of lxml know none of these long-standing arguments.
    tree = cast("Any", root.getroottree())
    tree.write_c14n(
        out,
        exclusive=form.exclusive,
        with_comments=comments,
        inclusive_ns_prefixes=form.prefixes or None,
    )
    return out.getvalue()


def element_octets(element: etree._Element, form: Canonicalization) -> bytes:
    """Canonicalize one element in its context, without comments."""
    inherited = {} if form.exclusive else _inherited(element, form)
    for name, value in inherited.items():
        element.set(name, value)
    try:
        if not form.exclusive and None in element.nsmap and element.getparent() is not None:
            return document_octets(_alone(element), form)
        return etree.tostring(
            element,
            method="c14n",
            exclusive=form.exclusive,
            with_comments=False,
            inclusive_ns_prefixes=form.prefixes or None,
        )
    finally:
        for name in inherited:
            del element.attrib[name]


def _alone(element: etree._Element) -> etree._Element:
    """Give a part as a document of its own, with all namespaces that are in scope.

    lxml canonicalizes a part on a makeshift root that libxml2 does not recognise as the home of the
    default namespace: inside it would undeclare that namespace on every element.
    """
    return parse_xml(etree.tostring(element, encoding="UTF-8", with_tail=False))


def _inherited(element: etree._Element, form: Canonicalization) -> dict[str, str]:
    """Give the ``xml:*`` attributes that ancestors hand down to an apex element."""
    found: dict[str, str] = {}
    for ancestor in element.iterancestors():
        for name, value in ancestor.attrib.items():
            name, value = str(name), str(value)
            if not name.startswith(_XML) or (form.version_11 and name in _NOT_INHERITED_IN_11):
                continue
            if name not in element.attrib:
                found.setdefault(name, value)
    return found


def needs_base_fixup(element: etree._Element | None, form: Canonicalization) -> bool:
    """Say whether Canonical XML 1.1 would have to join ``xml:base`` values, which we do not do."""
    if element is None or not form.version_11:
        return False
    return any(_XML + "base" in ancestor.attrib for ancestor in element.iterancestors())


def _path(target: etree._Element, omitted: tuple[etree._Element, ...]) -> list[int] | None:
    """Give the child positions from the root to the target, counted as if the omitted were gone."""
    positions: list[int] = []
    node = target
    while (parent := node.getparent()) is not None:
        if node in omitted:
            return None
        before = node.itersiblings(preceding=True)
        positions.append(sum(1 for sibling in before if sibling not in omitted))
        node = parent
    return positions[::-1]


def _follow(root: etree._Element, positions: list[int]) -> etree._Element:
    for position in positions:
        root = root[position]
    return root


def _remove(element: etree._Element) -> None:
    """Take an element out of its tree, leaving the text behind it where it is."""
    parent, previous = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and previous is not None:
        previous.tail = (previous.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)
