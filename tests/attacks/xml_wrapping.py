"""Signature wrapping: the signed part is moved aside, and another put where it is read.

Nobody's key is needed for any of these. Each builder names the row of the catalogue it makes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from lxml import etree

from signer.xades import names
from tests.signer.xml_signatures import (
    DS,
    Reference,
    beside,
    enveloped,
    enveloping,
    sealed,
    signature,
)

ID_ATTRIBUTES = {
    "Id": 'Id="d1"',
    "ID": 'ID="d1"',
    "id": 'id="d1"',
    "xml:id": 'xml:id="d1"',
    "wsu:Id": 'xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/'
    'oasis-200401-wss-wssecurity-utility-1.0.xsd" wsu:Id="d1"',
    "AssertionID": 'AssertionID="d1"',
    "a:Id": 'xmlns:a="urn:a" a:Id="d1"',
}


def _parts() -> tuple[etree._Element, etree._Element]:
    """An evil copy of the signed document, and the original without its signature."""
    evil, original = etree.fromstring(enveloped()), etree.fromstring(enveloped())
    _signature(original).getparent().remove(_signature(original))  # type: ignore[union-attr]  # it has one
    evil.set("Id", "evil")
    evil[0].text = "1000000"
    return evil, original


def _signature(root: etree._Element) -> etree._Element:
    return next(root.iter(names.SIGNATURE))


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root)


def original_in_object() -> bytes:
    """XSW-1, 8: the original inside an Object of the signature."""
    evil, original = _parts()
    etree.SubElement(_signature(evil), names.OBJECT).append(original)
    return _bytes(evil)


def original_before_signature() -> bytes:
    """XSW-2: the original just before the signature."""
    evil, original = _parts()
    _signature(evil).addprevious(original)
    return _bytes(evil)


def new_root_around() -> bytes:
    """XSW-3: a new root with its own content around the signed document."""
    evil = etree.Element("doc", Id="evil")
    etree.SubElement(evil, "amount").text = "1000000"
    evil.append(etree.fromstring(enveloped()))
    return _bytes(evil)


def original_inside_evil() -> bytes:
    """XSW-4: the evil copy, without signature, holds the whole signed document."""
    evil, _original = _parts()
    evil.remove(_signature(evil))
    evil.append(etree.fromstring(enveloped()))
    return _bytes(evil)


def original_at_the_end() -> bytes:
    """XSW-5: the original as the last child of the evil root."""
    evil, original = _parts()
    evil.append(original)
    return _bytes(evil)


def original_in_signature() -> bytes:
    """XSW-6: the original directly inside the signature."""
    evil, original = _parts()
    _signature(evil).append(original)
    return _bytes(evil)


def same_id_in_extensions() -> bytes:
    """XSW-7: an evil copy with the same Id inside an element that allows anything."""
    root = etree.fromstring(enveloped())
    evil, _original = _parts()
    evil.remove(_signature(evil))
    evil.set("Id", "d1")
    extensions = etree.Element("Extensions")
    extensions.append(evil)
    root.insert(0, extensions)
    return _bytes(root)


def second_object_first() -> bytes:
    """XSW-9: an unsigned Object before the signed one."""
    root = etree.fromstring(enveloping())
    evil = etree.Element(names.OBJECT, Id="o2")
    etree.SubElement(evil, "amount").text = "1000000"
    root.insert(3, evil)
    return _bytes(root)


def two_objects_one_id() -> bytes:
    """XSW-10: two Objects with the same Id."""
    root = etree.fromstring(enveloping())
    evil = etree.Element(names.OBJECT, Id="o1")
    etree.SubElement(evil, "amount").text = "1000000"
    root.insert(3, evil)
    return _bytes(root)


def moved_object() -> bytes:
    """XSW-11: the signed Object moved into another element, an evil one in its place."""
    root = etree.fromstring(enveloping())
    held = next(root.iter(names.OBJECT))
    evil = etree.Element(names.OBJECT, Id="evil")
    evil.text = "1000000"
    held.addprevious(evil)
    holder = etree.SubElement(root, names.OBJECT)
    etree.SubElement(holder, "wrapper").append(held)
    return _bytes(root)


def foreign_manifest() -> bytes:
    """XSW-11: the reference says Manifest but points elsewhere; an unsigned manifest lists evil."""
    manifest = (
        f'<ds:Object><ds:Manifest Id="m"><ds:Reference URI="#evil"><ds:DigestMethod '
        f'Algorithm="{DS}sha1"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:Manifest>'
        '</ds:Object><ds:Object Id="evil">1000000</ds:Object>'
    )
    held = '<ds:Object Id="o1">100</ds:Object>'
    reference = Reference("#o1", type=DS + "Manifest")
    return sealed(signature(reference, objects=held + manifest))


def data_moved_aside() -> bytes:
    """XSW-12: the signed data under another element, unsigned data in their place."""
    root = etree.fromstring(beside())
    data = root[0]
    evil = copy.deepcopy(data)
    evil.set("Id", "y")
    evil[0].text = "1000000"
    root.insert(0, evil)
    etree.SubElement(root, "junk").append(data)
    return _bytes(root)


def same_id_by_another_name(attribute: str, *, evil_first: bool) -> bytes:
    """XSW-13: the same Id under another attribute name, before or after the signed element."""
    evil = f"<doc {ID_ATTRIBUTES[attribute]}><amount>1000000</amount></doc>".encode()
    signed = enveloped()
    both = evil + signed if evil_first else signed + evil
    return b"<root>" + both + b"</root>"


def id_almost_the_same(identifier: str) -> bytes:
    """XSW-14: an Id that some reader might take for the signed one."""
    signed = enveloped().replace(b'Id="d1"', f'Id="{identifier}"'.encode())
    return b'<root><doc Id="evil"><amount>1000000</amount></doc>' + signed + b"</root>"


def transplanted() -> bytes:
    """XSW-15: the signature moved into another document with the same Id."""
    moved = etree.tostring(_signature(etree.fromstring(enveloped())))
    return b'<doc Id="d1"><amount>1000000</amount>' + moved + b"</doc>"


def part_signed_part_not() -> bytes:
    """XSW-16: two signatures over part A, and the data that are read in part B."""
    first = signature(Reference("#a"), identifier="S1")
    second = signature(Reference("#a"), identifier="S2")
    return sealed(f'<root><a Id="a">100</a>{first}{second}<b Id="b">1000000</b></root>')


def moved_counter_signature() -> bytes:
    """XSW-17: a counter-signature over signature 1, standing inside signature 2."""
    return counter_signed(over="S1-value", inside="S2")


def counter_signed(*, over: str, inside: str) -> bytes:
    """Two signatures with a counter-signature; honest where it stands inside what it is over."""
    counter = signature(
        Reference(f"#{over}", type="http://uri.etsi.org/01903#CountersignedSignature"),
        identifier="C",
    )
    document = "<root><data Id='x'>100</data>"
    for identifier in ("S1", "S2"):
        inner = signature(Reference("#x"), identifier=identifier)
        named = f'<ds:SignatureValue Id="{identifier}-value">'
        document += inner.replace("<ds:SignatureValue>", named)
    root = etree.fromstring(sealed(document + "</root>"))
    holder = next(root.iterfind(f".//{names.SIGNATURE}[@Id='{inside}']"))
    properties = next(holder.iter(names.xades("QualifyingProperties")))
    unsigned = etree.SubElement(properties, names.xades("UnsignedProperties"))
    group = etree.SubElement(unsigned, names.xades("UnsignedSignatureProperties"))
    place = etree.SubElement(group, names.xades("CounterSignature"))
    place.append(etree.fromstring(counter))
    return sealed(etree.tostring(root))


def two_signed_infos(*, valid_first: bool) -> bytes:
    """XSW-18: a second SignedInfo before or after the true one."""
    root = etree.fromstring(enveloped())
    true = next(root.iter(names.SIGNED_INFO))
    evil = copy.deepcopy(true)
    next(evil.iter(names.DIGEST_VALUE)).text = "A" * 43 + "="
    if valid_first:
        true.addnext(evil)
    else:
        true.addprevious(evil)
    return _bytes(root)


def signed_info_in_object_first() -> bytes:
    """XSW-18: a copy of SignedInfo in an Object before the real one."""
    root = etree.fromstring(enveloped())
    true = next(root.iter(names.SIGNED_INFO))
    place = etree.Element(names.OBJECT)
    place.append(copy.deepcopy(true))
    true.addprevious(place)
    return _bytes(root)


def digest_value(edit: Callable[[etree._Element], None]) -> bytes:
    """XSW-19: the true document with its first DigestValue rewritten."""
    root = etree.fromstring(enveloped())
    edit(next(root.iter(names.DIGEST_VALUE)))
    return _bytes(root)


def _comment_before(value: etree._Element) -> None:
    comment = etree.Comment(value.text or "")
    comment.tail = "A" * 43 + "="
    value.text = None
    value.append(comment)


def _comment_after(value: etree._Element) -> None:
    value.append(etree.Comment("x"))


def _element_inside(value: etree._Element) -> None:
    etree.SubElement(value, "x")


def _split_by_comment(value: etree._Element) -> None:
    text = value.text or ""
    comment = etree.Comment("x")
    value.text, comment.tail = text[:9], text[9:]
    value.append(comment)


def _junk(value: etree._Element) -> None:
    value.text = (value.text or "")[:9] + "*" + (value.text or "")[9:]


def _other_bits(value: etree._Element) -> None:
    """Change bits that base64 does not use: another text for the same octets."""
    text = value.text or ""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    value.text = text[:-2] + alphabet[alphabet.index(text[-2]) ^ 1] + "="


DIGEST_EDITS = {
    "comment before": _comment_before,
    "comment after": _comment_after,
    "element inside": _element_inside,
    "split by a comment": _split_by_comment,
    "junk characters": _junk,
    "bits that do not count": _other_bits,
}

WRAPPINGS: dict[str, Callable[[], bytes]] = {
    "XSW-1": original_in_object,
    "XSW-2": original_before_signature,
    "XSW-3": new_root_around,
    "XSW-4": original_inside_evil,
    "XSW-5": original_at_the_end,
    "XSW-6": original_in_signature,
    "XSW-7": same_id_in_extensions,
    "XSW-9": second_object_first,
    "XSW-10": two_objects_one_id,
    "XSW-11 object": moved_object,
    "XSW-11 manifest": foreign_manifest,
    "XSW-12": data_moved_aside,
    "XSW-15": transplanted,
    "XSW-16": part_signed_part_not,
    "XSW-18 valid first": lambda: two_signed_infos(valid_first=True),
    "XSW-18 valid second": lambda: two_signed_infos(valid_first=False),
    "XSW-18 copy in object": signed_info_in_object_first,
}
