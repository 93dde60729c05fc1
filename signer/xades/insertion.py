"""Writes a new last child into an XML document, leaving every other byte as it is."""

from __future__ import annotations

import re
import secrets

from lxml import etree

from schemas.parsing import serialize

_PLAIN_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[^\0]")
_END_TAG = re.compile(rb"</[^<>]*>\s*\Z")


def insert_before_end(data: bytes, root: etree._Element, child: bytes) -> bytes:
    """Give the document with ``child`` as the last thing inside its root.

    Where the root's end tag cannot be found by looking at the last bytes alone (UTF-16, an empty
    root, comments after it) the document is written anew as UTF-8, with the same content.

    Args:
        data: the document, already parsed without complaint.
        root: its root element; left unchanged.
        child: well-formed XML in UTF-8 that declares the prefixes it uses.
    """
    end_tag = _END_TAG.search(data, data.rfind(b"</")) if _is_plain(data, root) else None
    if end_tag is not None:
        return data[: end_tag.start()] + child + data[end_tag.start() :]
    return _rewritten(root, child)


def _is_plain(data: bytes, root: etree._Element) -> bool:
    return root.getnext() is None and _PLAIN_START.match(data) is not None


def _rewritten(root: etree._Element, child: bytes) -> bytes:
    """Write the document with a comment in the place of the child, and put the child there.

    The child itself never goes through the tree: lxml would give it the document's prefixes.
    """
    token = f"place-{secrets.token_hex(16)}"
    place = etree.Comment(token)
    root.append(place)
    try:
        written = serialize(root)
    finally:
        root.remove(place)
    return written.replace(f"<!--{token}-->".encode(), child, 1)
