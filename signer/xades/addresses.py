"""What a reference address names: the whole document, one element by its Id, or nothing of ours.

An Id must be unique over *all* attributes that any reader takes for one (``Id``, ``ID``, ``id``,
``xml:id``, ``wsu:Id``, ``AssertionID``, the same names in other namespaces): two elements that
answer to one address are how signatures are wrapped. Nothing outside the document is ever fetched.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import cast

from lxml import etree

from signer.validation.facts import Refusal, RefusalKind

_ID_NAMES = ("Id", "ID", "id", "AssertionID")
_FIND_IDS = etree.XPath(
    "/descendant-or-self::*/@*"
    f"[contains('|{'|'.join(_ID_NAMES)}|', concat('|', local-name(), '|'))]"
)
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_WSU_NAMESPACE = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
)
_ADDRESSABLE = frozenset({*_ID_NAMES, f"{{{_XML_NAMESPACE}}}id", f"{{{_WSU_NAMESPACE}}}Id"})
"""Attributes that name an element; the same local names elsewhere only make it ambiguous."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an address names. ``element`` None with ``document`` False: nothing was found."""

    element: etree._Element | None = None
    document: bool = False
    attribute: str | None = None
    """The qualified name of the attribute that carries the Id."""
    duplicated: bool = False
    refusal: Refusal | None = None

    outside: bool = False
    """The address lies outside the document: nothing was fetched for it."""

    @property
    def found(self) -> bool:
        """Exactly one thing in this document answers."""
        return self.document or (self.element is not None and not self.duplicated)


class Addresses:
    """The Ids of one document."""

    def __init__(self, root: etree._Element) -> None:
        self._carriers: dict[str, list[tuple[etree._Element, str]]] = defaultdict(list)
        for value in cast("list[etree._ElementUnicodeResult]", _FIND_IDS(root)):
            parent, attribute = value.getparent(), value.attrname
            if parent is not None and attribute is not None:
                self._carriers[str(value)].append((parent, str(attribute)))

    def resolve(self, uri: str) -> Target:
        """Give what ``""`` or ``#id`` names; any other address is never dereferenced."""
        if uri == "":
            return Target(document=True)
        if not uri.startswith("#"):
            return Target(outside=True)
        name = uri[1:]
        if not name or "(" in name:
            return Target(refusal=_pointer_refusal(uri))
        return self.by_id(name)

    def by_id(self, name: str) -> Target:
        """Give the one element with this Id; several carriers make it ambiguous."""
        carriers = self._carriers.get(name, [])
        if len(carriers) > 1:
            return Target(element=carriers[0][0], attribute=carriers[0][1], duplicated=True)
        if not carriers or carriers[0][1] not in _ADDRESSABLE:
            return Target()
        return Target(element=carriers[0][0], attribute=carriers[0][1])


def _pointer_refusal(uri: str) -> Refusal:
    reason = f"The address “{uri}” is not a plain #id: expressions are not evaluated."
    return Refusal(RefusalKind.REFERENCE, "POINTER_ADDRESS", reason)
