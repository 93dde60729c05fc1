"""A wrapped XML signature never passes, and its honest twin does (catalogue XSW-1 … XSW-21)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from lxml import etree

from signer import Report
from signer.xades import names
from tests.attacks import xml_wrapping as wrapping
from tests.signer import xml_signatures as xml

EMPTY_SHA256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
LIMIT_SECONDS = 1.0


def judged_in_time(data: bytes) -> Report:
    began = time.perf_counter()
    report = xml.judged(data)
    assert time.perf_counter() - began < LIMIT_SECONDS
    return report


def assert_never_passed(data: bytes) -> Report:
    report = judged_in_time(data)
    assert report.conclusion.indication in ("TOTAL_FAILED", "INDETERMINATE")
    return report


@pytest.mark.parametrize(
    "build",
    [xml.enveloped, xml.enveloped_whole, xml.enveloping, xml.beside],
    ids=lambda b: b.__name__,
)
def test_an_honest_signature_of_every_packaging_passes(build: Callable[[], bytes]) -> None:
    report = judged_in_time(build())
    assert report.conclusion.indication == "TOTAL_PASSED"
    assert [cover.extent for cover in report.signatures[0].covers] == ["full"]


@pytest.mark.parametrize("row", wrapping.WRAPPINGS)
def test_a_wrapped_signature_never_passes(row: str) -> None:
    assert_never_passed(wrapping.WRAPPINGS[row]())


@pytest.mark.parametrize("row", wrapping.WRAPPINGS)
def test_a_wrapped_document_is_never_covered_in_full(row: str) -> None:
    report = judged_in_time(wrapping.WRAPPINGS[row]())
    intact = [signature for signature in report.signatures if signature.intact]
    assert all(cover.extent == "partial" for signature in intact for cover in signature.covers)


@pytest.mark.parametrize("evil_first", [True, False])
@pytest.mark.parametrize("attribute", wrapping.ID_ATTRIBUTES)
def test_an_id_carried_twice_under_any_attribute_name_is_ambiguous(
    attribute: str, evil_first: bool
) -> None:
    report = assert_never_passed(wrapping.same_id_by_another_name(attribute, evil_first=evil_first))
    assert report.conclusion.sub_indication == "FORMAT_FAILURE"
    assert report.conclusion.cause == "AMBIGUOUS"


@pytest.mark.parametrize("identifier", ["D1", "d1 ", "d\u0131", "d１", "d1\u0301"])
def test_an_id_almost_the_same_is_not_the_same(identifier: str) -> None:
    report = assert_never_passed(wrapping.id_almost_the_same(identifier))
    assert report.conclusion.sub_indication == "SIGNED_DATA_NOT_FOUND"


def test_an_attribute_of_a_foreign_namespace_names_no_element() -> None:
    foreign = xml.enveloped().replace(b'<doc Id="d1">', b'<doc xmlns:a="urn:a" a:Id="d1">')
    report = assert_never_passed(foreign)
    assert report.conclusion.sub_indication == "SIGNED_DATA_NOT_FOUND"


def test_a_signed_object_that_was_moved_counts_as_not_there() -> None:
    report = assert_never_passed(wrapping.moved_object())
    assert report.conclusion.sub_indication == "SIGNED_DATA_NOT_FOUND"


@pytest.mark.parametrize("valid_first", [True, False])
def test_two_signed_infos_are_ambiguous(valid_first: bool) -> None:
    report = assert_never_passed(wrapping.two_signed_infos(valid_first=valid_first))
    assert report.conclusion.cause == "AMBIGUOUS"


def test_an_id_written_with_a_character_reference_counts_as_what_it_says() -> None:
    twice = b'<root><doc Id="&#100;1">1000000</doc>' + xml.enveloped() + b"</root>"
    assert assert_never_passed(twice).conclusion.cause == "AMBIGUOUS"


def test_a_transplanted_signature_finds_other_data_than_it_signed() -> None:
    report = assert_never_passed(wrapping.transplanted())
    assert report.conclusion.sub_indication == "HASH_FAILURE"


def test_a_counter_signature_counts_only_inside_the_signature_it_is_over() -> None:
    honest = judged_in_time(wrapping.counter_signed(over="S1-value", inside="S1"))
    assert [s.indication for s in honest.signatures] == ["TOTAL_PASSED"] * 3
    moved = judged_in_time(wrapping.moved_counter_signature())
    counter = next(s for s in moved.signatures if s.counter_signature_of)
    assert counter.counter_signature_of == "S2"
    assert (counter.indication, counter.sub_indication) == ("TOTAL_FAILED", "HASH_FAILURE")


@pytest.mark.parametrize("edit", wrapping.DIGEST_EDITS)
def test_a_digest_value_that_two_readers_could_read_differently_is_refused(edit: str) -> None:
    report = assert_never_passed(wrapping.digest_value(wrapping.DIGEST_EDITS[edit]))
    assert report.conclusion.sub_indication == "FORMAT_FAILURE"


@pytest.mark.parametrize("break_at", ["\n", "\r\n", " ", "\t"])
def test_line_breaks_in_base64_are_read_as_xml_schema_reads_them(break_at: str) -> None:
    def broken(value: etree._Element) -> None:
        value.text = (value.text or "")[:20] + break_at + (value.text or "")[20:]

    unsigned = etree.fromstring(wrapping.digest_value(broken))
    for value in unsigned.iter(names.SIGNATURE_VALUE):
        value.text = ""
    assert xml.judged(xml.sealed(etree.tostring(unsigned))).signatures[0].intact


@pytest.mark.parametrize("relative", ["relative", "1", "./x"])
def test_a_namespace_without_canonical_form_never_equals_an_empty_digest(relative: str) -> None:
    inner = xml.signature(xml.Reference("#d1", xml.FROM_WITHIN, digest=EMPTY_SHA256))
    document = xml.sealed(f'<doc Id="d1" xmlns:a="urn:x"><a:amount>1</a:amount>{inner}</doc>')
    assert b"urn:x" in document
    document = document.replace(b'"urn:x"', f'"{relative}"'.encode())
    assert_never_passed(document)


def test_a_rebound_prefix_does_not_make_a_foreign_element_a_signature() -> None:
    rebound = xml.enveloped().replace(
        b"<ds:SignedInfo>", b'<ds:SignedInfo xmlns:ds="urn:elsewhere">', 1
    )
    report = judged_in_time(rebound)
    assert report.conclusion.indication == "TOTAL_FAILED"


def test_attributes_of_the_same_local_name_pollute_nothing() -> None:
    polluted = xml.enveloped().replace(b'<doc Id="d1">', b'<doc Id="d1" xmlns:x="urn:x" x:Id="d1">')
    assert_never_passed(polluted)


PARSER_PROBES = {
    "UTF-16 without a mark": lambda data: data.decode().encode("utf-16-le"),
    "declared otherwise": lambda data: b'<?xml version="1.0" encoding="UTF-16"?>' + data,
    "a zero byte": lambda data: data.replace(b"100<", b"1\x000<"),
    "attribute by a DTD": lambda data: (
        b'<!DOCTYPE doc [<!ATTLIST doc Id CDATA "d1">]>' + data.replace(b' Id="d1"', b"", 1)
    ),
    "a carriage return": lambda data: data.replace(b"100<", b"100&#13;<"),
    "a comment in the value": lambda data: data.replace(b"100<", b"1<?x?>00<"),
}


@pytest.mark.parametrize("probe", PARSER_PROBES)
def test_what_parsers_read_differently_never_passes(probe: str) -> None:
    assert_never_passed(PARSER_PROBES[probe](xml.enveloped()))


@pytest.mark.parametrize(
    "harmless",
    [
        lambda data: data.replace(b"<amount>100<", b"<amount><![CDATA[100]]><"),
        lambda data: data.decode().encode("utf-16"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"<amount>", b"<amount >"),
        lambda data: data.replace(b"<amount>", b"<amount><!-- unsigned by XMLDSig -->"),
    ],
    ids=["CDATA", "UTF-16 with its mark", "UTF-8 mark", "blank in a tag", "comment"],
)
def test_what_all_parsers_read_alike_stays_intact(harmless: Callable[[bytes], bytes]) -> None:
    assert judged_in_time(harmless(xml.enveloped())).conclusion.indication == "TOTAL_PASSED"
