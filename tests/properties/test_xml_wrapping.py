"""Whatever is moved, copied or renamed in a signed document: what counts as signed stays the same.

Catalogue XSW-22: the octets handed on are those that were signed, or none at all.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from signer.xades import names, signed_content
from tests.signer import xml_signatures as xml

BASES = {
    "enveloped": xml.enveloped,
    "enveloped, whole": xml.enveloped_whole,
    "enveloping": xml.enveloping,
    "beside": xml.beside,
    "in parallel": xml.counterpart,
    "ours": xml.signed_under_authority,
}
IDENTIFIERS = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id", "{urn:a}Id")
VALUES = ("d1", "o1", "x", "S", "S-properties", "evil")

Edit = tuple[str, int, int, int]
edits = st.lists(
    st.tuples(
        st.sampled_from(["move", "copy", "before", "wrap", "rename", "remove", "text", "evil"]),
        st.integers(0, 200),
        st.integers(0, 200),
        st.integers(0, 200),
    ),
    min_size=1,
    max_size=5,
)


def edited(data: bytes, changes: list[Edit]) -> bytes:
    """Apply random moves to a tree; those that make no tree are left out."""
    root = etree.fromstring(data)
    for kind, first, second, third in changes:
        nodes = list(root.iter("*"))
        source, target = nodes[first % len(nodes)], nodes[second % len(nodes)]
        root = _apply(kind, root, source, target, third)
    return etree.tostring(root)


def _apply(
    kind: str, root: etree._Element, source: etree._Element, target: etree._Element, choice: int
) -> etree._Element:
    if kind == "rename":
        target.set(IDENTIFIERS[choice % len(IDENTIFIERS)], VALUES[choice % len(VALUES)])
    elif kind == "text":
        target.text = "1000000"
    elif kind == "evil":
        etree.SubElement(target, "amount").text = "1000000"
    elif kind == "copy":
        target.insert(choice % (len(target) + 1), copy.deepcopy(source))
    elif kind == "wrap":
        wrapper = etree.Element("doc", Id=VALUES[choice % len(VALUES)])
        wrapper.append(root)
        return wrapper
    elif source is not root and source not in target.iterancestors() and source is not target:
        _relocate(kind, source, target, choice)
    return root


def _relocate(kind: str, source: etree._Element, target: etree._Element, choice: int) -> None:
    parent = source.getparent()
    if kind == "remove" and parent is not None:
        parent.remove(source)
    elif kind == "before" and target.getparent() is not None:
        target.addprevious(source)
    elif kind == "move":
        target.insert(choice % (len(target) + 1), source)


@pytest.mark.parametrize("base", BASES)
@given(changes=edits)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_only_what_was_signed_is_ever_handed_on(base: str, changes: list[Edit]) -> None:
    build: Callable[[], bytes] = BASES[base]
    signed = {content.octets for content in signed_content(build())}
    assert signed
    handed_on = {content.octets for content in signed_content(edited(build(), changes))}
    assert handed_on <= signed


@pytest.mark.parametrize("base", [base for base in BASES if base != "ours"])
@given(changes=edits)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_pass_means_that_nothing_forged_can_be_read(base: str, changes: list[Edit]) -> None:
    document = edited(BASES[base](), changes)
    if xml.judged(document).conclusion.indication == "TOTAL_PASSED":
        assert "1000000" not in readable(document)


def readable(document: bytes) -> str:
    """The text that a reader takes for content: all but signatures, or what a signature holds."""
    root = etree.fromstring(document)
    if root.tag == names.SIGNATURE:
        holders = root.findall(names.OBJECT)
        holders = [one for one in holders if one.find(names.xades("QualifyingProperties")) is None]
        return "".join(str(text) for one in holders for text in one.itertext())
    for signature in list(root.iter(names.SIGNATURE)):
        parent = signature.getparent()
        if parent is not None:
            parent.remove(signature)
    return "".join(str(text) for text in root.itertext())
