"""What of a document stands under a signature: all of its content, or parts.

A signature that covers a part is not wrong, but a reader may take the rest for signed too: that is
what wrapping attacks live on. Content is full only when nothing in the document is left outside.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from signer.validation.facts import ScopeFact
from signer.xades import names
from signer.xades.digests import Checked

WHOLE_DOCUMENT = "document"


def scope_of(
    root: etree._Element, signature: etree._Element, data: Iterable[Checked]
) -> tuple[ScopeFact, ...]:
    """Say what the intact references over data cover."""
    intact = [one for one in data if one.intact]
    covered = [one.target.element for one in intact if one.target.element is not None]
    full = _covers_all(root, signature, covered)
    return tuple(_one(root, one, full=full) for one in intact)


def _one(root: etree._Element, one: Checked, *, full: bool) -> ScopeFact:
    if one.detached_name is not None:
        return ScopeFact(one.detached_name, full=True)
    if one.target.document or one.target.element is root:
        return ScopeFact(WHOLE_DOCUMENT, full=True)
    return ScopeFact((one.parts.uri or "").removeprefix("#"), full=full)


def _covers_all(
    root: etree._Element, signature: etree._Element, covered: list[etree._Element]
) -> bool:
    """Say whether single elements together are all of the document's content."""
    if not covered:
        return False
    if signature is root:
        holders = [child for child in root.iterchildren(names.OBJECT) if not _is_qualifying(child)]
        return all(holder in covered or _children_covered(holder, covered) for holder in holders)
    return _children_covered(root, covered)


def _is_qualifying(holder: etree._Element) -> bool:
    return len(holder) > 0 and all(
        names.local_name(child) == "QualifyingProperties" for child in holder
    )


def _children_covered(parent: etree._Element, covered: list[etree._Element]) -> bool:
    """Say whether a parent holds nothing but covered elements and signatures."""
    texts = [parent.text, *(child.tail for child in parent)]
    if any((text or "").strip() for text in texts):
        return False
    children = [child for child in parent if isinstance(child.tag, str)]
    content = [child for child in children if child.tag != names.SIGNATURE]
    return bool(content) and all(child in covered for child in content)
