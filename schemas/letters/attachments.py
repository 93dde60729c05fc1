"""Read a letter's attachments: inside it, linked, or damaged."""

import binascii
from collections.abc import Iterator

from lxml import etree

from schemas.letters.model import Attachment, DamagedAttachment, LinkedAttachment, ReadAttachment
from schemas.letters.source import Source
from schemas.letters.vocabulary import BASE64, LINK
from schemas.namespaces import SIGNATURE

# Line breaks and indentation that writers put into base64.
_BLANKS = "\n\r\t "


def read_attachments(source: Source) -> tuple[ReadAttachment, ...]:
    """Give the attachments of a letter in document order; what signatures hold is not one."""
    return tuple(_attachment(source, element) for element in _elements(source.root))


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    for child in root.iterchildren("*"):
        if child.tag != SIGNATURE:
            for group in child.iter("{*}Zalaczniki"):
                yield from group.iterchildren("{*}Zalacznik")


def _attachment(source: Source, element: etree._Element) -> ReadAttachment:
    name = element.get("nazwaPliku", "").strip()
    media_type = element.get("format", "").strip()
    encoding = element.get("kodowanie", BASE64).strip()
    description = source.text(element, "OpisZalacznika")
    text = source.text(element, "DaneZalacznika")
    if encoding.lower() == LINK.lower():
        return LinkedAttachment(name, media_type, text, description)
    content = _decode(text) if encoding.lower() == BASE64 else None
    if content is None:
        return DamagedAttachment(name, media_type, encoding, description)
    return Attachment(name, media_type, content, description)


def _decode(text: str) -> bytes | None:
    """Decode base64 strictly, blanks aside: what two decoders read differently is damaged."""
    for blank in _BLANKS:
        text = text.replace(blank, "")  # gives the same object, not a copy, where there is none
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
