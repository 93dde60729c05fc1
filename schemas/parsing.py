"""The one place where bytes become an XML tree, and a tree becomes bytes.

`parse_xml` lets every document pass the limits of `schemas.gate` and then libxml2, which never
loads a DTD, an entity or anything from outside. Comments, instructions and CDATA sections stay in
the tree: a signature is over exactly what is there.
"""

import re
from functools import lru_cache

from lxml import etree

from schemas.errors import XmlError, XmlReason
from schemas.gate import DEFAULT_LIMITS, XmlGate, XmlLimits

# libxml2's own limit for one text is 10 000 000 bytes. Smaller documents cannot reach it and keep
# all of its limits as a second fence; larger ones need them lifted: only the gate makes that safe.
_LIFT_LIMITS_ABOVE = 10_000_000

# XPath 1.0 5.2: comments and instructions are no part of an element's string value.
_STRING_VALUE = etree.XPath("string()", smart_strings=False)

# The shortest attribute in a document: a blank, a name, an equals sign, two quotes.
_SHORTEST_ATTRIBUTE = 5
# How UTF-8 documents begin almost always. Whatever begins otherwise is for the gate to judge.
_PLAIN_BEGINNING = re.compile(
    rb"""(?:\xef\xbb\xbf)?<(?!\?xml[\s?])|"""
    rb"""(?:\xef\xbb\xbf)?<\?xml version=["']1\.0["'](?: encoding=["'](?i:utf-8)["'])?"""
    rb"""(?: standalone=["'](?:yes|no)["'])?\s?\?>"""
).match
# A declaration of an absolute namespace that needs no second look: no reference, no odd blanks.
_PLAIN_NAMESPACE = re.compile(
    rb"""xmlns(?::[\w.-]+)?=(?:"[A-Za-z][A-Za-z0-9+.-]*:[^"&<]*"|'[A-Za-z][A-Za-z0-9+.-]*:[^'&<]*')"""
)


def parse_xml(data: bytes, *, limits: XmlLimits = DEFAULT_LIMITS) -> etree._Element:
    """Parse a whole document and give its root element (its tree: `root.getroottree()`).

    Raises `XmlError` for whatever is empty, too large, too deep, not UTF-8 or UTF-16, has a DOCTYPE
    or is not well-formed with namespaces (XML 1.0, Namespaces in XML 1.0).
    """
    root = _parse_if_plain(data, limits)
    if root is not None:
        return root
    gate = XmlGate(limits)
    gate.feed(data)
    gate.close()
    try:
        return etree.fromstring(data, _parser(huge=len(data) > _LIFT_LIMITS_ABOVE))
    except etree.XMLSyntaxError as error:
        detail = (error.msg or "unreadable").partition(", line ")[0]
        raise XmlError(XmlReason.SYNTAX, line=error.lineno, detail=detail) from error


def _parse_if_plain(data: bytes, limits: XmlLimits) -> etree._Element | None:
    """Give the tree of a small document that surely keeps the limits, None for all others.

    For the everyday document the gate's walk costs three times the parsing. One this small cannot
    hurt the parser, so the rest of the limits are read from its tree. Refuses nothing itself.
    """
    if not (_cannot_hurt(data, limits) and _surely_utf8(data)):
        return None
    try:
        root = etree.fromstring(data, _parser(huge=False))
    except etree.XMLSyntaxError:
        return None
    exceeds = _exceeds(limits.depth, limits.attributes)
    return None if any(limit(root) for limit in exceeds) else root


def _cannot_hurt(data: bytes, limits: XmlLimits) -> bool:
    declarations = data.count(b"xmlns")
    return (
        len(data) <= min(limits.size, limits.markup)
        and len(data) <= limits.attributes_in_all * _SHORTEST_ATTRIBUTE
        and data.count(b"<") <= limits.nodes
        and b"<!DOCTYPE" not in data
        and declarations <= limits.namespaces
        and len(_PLAIN_NAMESPACE.findall(data)) == declarations
    )


def _surely_utf8(data: bytes) -> bool:
    # UTF-32 without a mark begins like UTF-8 and is valid UTF-8: only its NULs give it away.
    if b"\0" in data or not _PLAIN_BEGINNING(data):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=8)
def _exceeds(depth: int, attributes: int) -> tuple[etree.XPath, etree.XPath]:
    deeper = "/*" * (depth + 1)
    wider = f"/descendant::*/attribute::*[{attributes + 1}]"
    return etree.XPath(f"boolean({deeper})"), etree.XPath(f"boolean({wider})")


def _parser(*, huge: bool) -> etree.XMLParser:
    """Give a new parser: half a microsecond, and nothing is shared between threads or documents."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=huge,
        recover=False,
        remove_blank_text=False,
        remove_comments=False,
        remove_pis=False,
        strip_cdata=False,
    )


def serialize(element: etree._Element) -> bytes:
    """Give the UTF-8 bytes of an element, without a tail and without reformatting.

    A document's root comes with the XML declaration and the comments and instructions beside it, so
    that `parse_xml(serialize(root))` is the same tree.
    """
    tree = element.getroottree()
    if tree.getroot() is element:
        return etree.tostring(tree, encoding="UTF-8", xml_declaration=True)
    return etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False)


def text_of(element: etree._Element) -> str:
    """Give the string value of an element: all text inside it, comments and instructions left out.

    This is what canonicalisation signs. `element.text` is not: it ends at the first comment, so
    that `admin@a.pl<!-- -->.evil.pl` would be read as the address of somebody else.
    """
    if len(element) == 0:
        return element.text or ""
    return str(_STRING_VALUE(element))


def leaf_text(element: etree._Element) -> str:
    """Give the text of an element that may hold nothing but text, as signed values must.

    Raises `XmlError` (NOT_PLAIN_TEXT) where a comment, an instruction or an element stands inside.
    """
    if len(element):
        name = etree.QName(element).localname
        raise XmlError(XmlReason.NOT_PLAIN_TEXT, where=name, line=element.sourceline or 0)
    return element.text or ""
