"""The one way in: what a tree holds, what texts say, what is refused and how that is said."""

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from schemas import (
    XmlError,
    XmlGate,
    XmlLimits,
    XmlReason,
    leaf_text,
    parse_xml,
    serialize,
    text_of,
)
from schemas.parsing import _parse_if_plain, _parser

SMALL = XmlLimits(
    size=400, nodes=6, depth=3, attributes=2, attributes_in_all=4, namespaces=2, markup=200
)


def gate(data: bytes, limits: XmlLimits, piece: int) -> None:
    looking = XmlGate(limits)
    for start in range(0, len(data), piece):
        looking.feed(data[start : start + piece])
    looking.close()


def test_the_tree_is_exactly_what_the_bytes_say() -> None:
    data = b"<?a b?><!--c--><r>\n <![CDATA[<x>]]> &#13;<!--d--><?e f?> </r><!--g-->"
    root = parse_xml(data)
    assert serialize(root).endswith(data.split(b"<r>")[1])
    kinds = [etree._Comment, etree._ProcessingInstruction]
    assert [type(node) for node in root] == kinds
    assert etree.tostring(parse_xml(serialize(root)), method="c14n") == etree.tostring(
        root, method="c14n"
    )


def test_serializing_an_inner_element_leaves_its_surroundings_out() -> None:
    root = parse_xml(b'<r xmlns="urn:r"><a>x</a>tail</r>')
    assert serialize(root[0]) == b'<a xmlns="urn:r">x</a>'


def test_a_comment_does_not_cut_a_value_short() -> None:
    root = parse_xml(b"<r>admin@a.pl<!-- -->.evil<?x y?>.pl</r>")
    assert root.text == "admin@a.pl"
    assert text_of(root) == "admin@a.pl.evil.pl"


def test_the_text_of_an_element_includes_its_children_but_not_its_tail() -> None:
    root = parse_xml(b"<r>a<b>b<!--no--></b>c<d/>d</r>")
    assert text_of(root) == "abcd"
    assert text_of(root[0]) == "b"


@pytest.mark.parametrize("inside", [b"<!---->", b"<?x?>", b"<b/>"])
def test_a_signed_leaf_holds_text_and_nothing_else(inside: bytes) -> None:
    with pytest.raises(XmlError) as refused:
        leaf_text(parse_xml(b"<r>ab" + inside + b"cd</r>"))
    assert refused.value.reason is XmlReason.NOT_PLAIN_TEXT
    assert leaf_text(parse_xml(b"<r>abcd</r>")) == "abcd"
    assert leaf_text(parse_xml(b"<r/>")) == ""


def test_a_refusal_says_what_and_where_in_both_languages() -> None:
    with pytest.raises(XmlError) as refused:
        parse_xml(b"<r>\n<!DOCTYPE r></r>")
    assert refused.value.reason is XmlReason.SYNTAX
    with pytest.raises(XmlError) as refused:
        parse_xml(b"\n<!DOCTYPE r><r/>")
    assert "DOCTYPE (line 2)" in str(refused.value)
    assert "DOCTYPE (wiersz 2)" in refused.value.message("pl")
    assert refused.value.message("en") == str(refused.value)


@pytest.mark.parametrize("reason", XmlReason)
def test_every_reason_can_be_said_in_both_languages(reason: XmlReason) -> None:
    details = dict.fromkeys(("limit", "line", "where", "found", "detail", "expected"), "7")
    error = XmlError(reason, **details)
    assert "{" not in str(error) + error.message("pl")
    assert str(error) != error.message("pl")


def test_a_text_longer_than_the_parser_likes_is_let_in() -> None:
    text = "x" * 10_000_001
    assert text_of(parse_xml(f"<r>{text}</r>".encode())) == text


def test_the_gate_looks_at_a_hundred_megabytes_in_half_a_second() -> None:
    data = b"<r>" + b"x" * 100_000_000 + b"</r>"
    started = time.process_time()
    gate(data, XmlLimits(), piece=1 << 20)
    assert time.process_time() - started < 0.75  # 0.3 on an idle machine


def test_the_everyday_document_costs_less_than_twice_its_parsing() -> None:
    item = b'<a:i xmlns:a="urn:a" id="%d"><a:n>abc</a:n><a:v w="1">%s</a:v></a:i>'
    data = b"<r>" + b"".join(item % (n, b"x" * 200) for n in range(30)) + b"</r>"

    def fastest(parse: object) -> float:
        assert callable(parse)
        times = []
        for _ in range(30):
            started = time.perf_counter()
            for _ in range(20):
                parse(data)
            times.append(time.perf_counter() - started)
        return min(times)

    bare = etree.XMLParser(resolve_entities=False)
    assert fastest(parse_xml) < 2.5 * fastest(lambda data: etree.fromstring(data, bare))


_names = st.sampled_from(["a", "b", "p:a"])
_attributes = st.lists(
    st.sampled_from(
        [' a=""', ' b="x"', " c='<'", ' xmlns:p="u:p"', ' xmlns="u:d"', ' xmlns:q="rel"', " x=''"]
    ),
    max_size=4,
    unique=True,
).map("".join)
_pieces = st.one_of(
    st.builds("<{}{}>".format, _names, _attributes),
    st.builds("<{}{}/>".format, _names, _attributes),
    st.builds("</{}>".format, _names),
    st.sampled_from(
        ["x", "&#65;", "&e;", "<!--<a>-->", "<?p </a>?>", "<![CDATA[</a>]]>", "<!DOCTYPE a>", "\0"]
    ),
)
_documents = st.tuples(
    st.sampled_from(
        ["", "\ufeff", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-16'?>"]
    ),
    st.lists(_pieces, max_size=12),
    st.sampled_from(["utf-8", "utf-16", "utf-32-le", "utf-8"]),
).map(lambda parts: f"{parts[0]}<a>{''.join(parts[1])}</a>".encode(parts[2]))


@given(_documents)
def test_the_shortcut_lets_nothing_in_that_the_gate_refuses(data: bytes) -> None:
    if _parse_if_plain(data, SMALL) is not None:
        gate(data, SMALL, piece=7)


@given(_documents, st.integers(1, 50))
def test_the_gate_says_the_same_however_the_bytes_arrive(data: bytes, piece: int) -> None:
    def refused(size: int) -> bool:
        try:
            gate(data, SMALL, size)
        except XmlError:
            return True
        return False

    assert refused(piece) == refused(len(data))


@given(_documents | st.binary(max_size=60))
def test_whatever_arrives_is_a_tree_or_a_sentence(data: bytes) -> None:
    sentence = ""
    try:
        root = parse_xml(data)
    except XmlError as error:
        sentence = error.message("pl")
    assert sentence or parse_xml(serialize(root)).tag == root.tag


def test_both_ways_in_keep_the_same_limits() -> None:
    """Just within and just over each limit, once by the shortcut and once past it (by a BOM-less
    declaration that it does not know)."""
    limits = XmlLimits()
    documents = {
        "depth": [b"<a>" * n + b"</a>" * n for n in (limits.depth, limits.depth + 1)],
        "attributes": [_wide(n, b'a%d=""') for n in (limits.attributes, limits.attributes + 1)],
        "namespaces": [
            _wide(n, b'xmlns:a%d="u:a"') for n in (limits.namespaces, limits.namespaces + 1)
        ],
    }
    for (reason, pair), beginning in itertools.product(
        documents.items(), (b"", b"<?xml  version='1.0' ?>")
    ):
        within, over = (beginning + data for data in pair)
        parse_xml(within)
        with pytest.raises(XmlError) as refused:
            parse_xml(over)
        assert refused.value.reason == reason


def _wide(count: int, attribute: bytes) -> bytes:
    return b"<a " + b" ".join(attribute % n for n in range(count)) + b"/>"


def test_namespaces_declared_again_on_every_sibling_are_not_added_up() -> None:
    sibling = b'<p:a xmlns:p="u:p" xmlns="u:d"><b xmlns="u:e"/></p:a>'
    assert len(parse_xml(b"<r>" + sibling * 1000 + b"</r>")) == 1000


def test_namespaces_declared_again_on_the_way_down_are_added_up() -> None:
    opened = b'<p:a xmlns:p="u:p" xmlns="u:d">'
    parse_xml(opened * 32 + b"</p:a>" * 32)
    with pytest.raises(XmlError) as refused:
        parse_xml(opened * 33 + b"</p:a>" * 33)
    assert refused.value.reason is XmlReason.NAMESPACES


def test_utf_32_is_not_taken_for_utf_8_with_odd_characters() -> None:
    with pytest.raises(XmlError) as refused:
        parse_xml("<r/>".encode("utf-32-le"))
    assert refused.value.reason is XmlReason.ENCODING


@pytest.mark.parametrize("huge", [False, True])
def test_the_parser_loads_nothing_even_where_no_gate_stands_before_it(
    huge: bool, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary")
    doctype = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ATTLIST r a CDATA "canary">]>'
    root = etree.fromstring(f"{doctype}<r>&x;</r>", _parser(huge=huge))
    assert b"canary" not in etree.tostring(root)
