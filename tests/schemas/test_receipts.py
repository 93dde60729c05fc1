"""Receipts: what we write reads back, what others write is read, what does not belong is named."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from lxml import etree

from schemas import VocabularyError, XmlError, XmlReason, check
from schemas.receipts import (
    SHA256_INFORMATION,
    Information,
    ReceiptParty,
    Upd,
    Upp,
    build_upd,
    build_upp,
    read_receipt,
)
from tests.schemas.shared import SAMPLES, sample
from tests.schemas.strategies import upds, upps

FILED = datetime(2026, 3, 4, 11, 42, 39, 943000, UTC)
UPP = Upp(
    identifier="SKRYTKA-UPP-1",
    addressee=ReceiptParty("Urząd Miasta Lubań", "umluban"),
    sender=ReceiptParty("Anna Nowak", "anna"),
    delivered_at=FILED,
    created_at=FILED,
    document_identifier="DOK-1",
    information=(Information(SHA256_INFORMATION, "ab" * 32),),
)
UPD = Upd(
    identifier="SKRYTKA-UPD-1",
    issuer=ReceiptParty("Urząd Miasta Lubań", "umluban"),
    addressee=ReceiptParty("Anna Nowak", "anna"),
    received_at=FILED,
    created_at=FILED,
    case_identifier="OR.1431.7.2026",
    document_identifier="DOK-2",
)


@given(upps)
def test_every_upp_validates_and_reads_back(upp: Upp) -> None:
    data = build_upp(upp)
    assert check(data, "upo") == []
    assert read_receipt(data) == upp


@given(upds)
def test_every_upd_validates_and_reads_back(upd: Upd) -> None:
    data = build_upd(upd)
    assert check(data, "upo") == []
    assert read_receipt(data) == upd


@pytest.mark.parametrize(
    "data", [build_upp(UPP), build_upd(UPD), build_upd(replace(UPD, received_at=None))]
)
def test_others_schema_accepts_our_receipts(data: bytes) -> None:
    sample("UPO-2008-05-09.reconstructed.xsd")
    oracle = etree.XMLSchema(file=str(SAMPLES / "UPO-2008-05-09.reconstructed.xsd"))
    assert oracle.validate(etree.fromstring(data)), oracle.error_log


def test_the_same_receipt_gives_the_same_bytes() -> None:
    assert build_upp(UPP) == build_upp(replace(UPP))


def test_times_are_written_as_offices_read_them() -> None:
    assert b"<pos:DataDoreczenia>2026-03-04T12:42:39.943000+01:00<" in build_upp(UPP)


def test_attributes_are_written_without_a_namespace() -> None:
    assert b' TypIdentyfikatora="ePUAP-ID">umluban<' in build_upp(UPP)
    assert b' TypInformacjiUzupelniajacej="' in build_upp(UPP)


def test_attributes_are_read_with_and_without_a_namespace() -> None:
    data = build_upp(UPP).replace(b" Typ", b" pos:Typ")
    assert b"pos:TypIdentyfikatora" in data
    assert read_receipt(data) == UPP
    assert check(data, "upo") == []


def test_an_upp_of_epuap_is_read() -> None:
    data = sample("UPP.sample.xml")
    upp = read_receipt(data)
    assert isinstance(upp, Upp)
    assert upp.identifier == "ePUAP-UPP00000001"
    assert upp.addressee == ReceiptParty("URZĄD GMINY PRZYKŁAD", "ugprzyklad", "ePUAP-ID")
    assert upp.delivered_at == FILED
    assert upp.information == (Information("uwaga", "tekst"),)
    assert not upp.signed
    assert upp.unexpected == ()
    assert check(data, "upo") == []


def test_a_draft_upd_of_epuap_is_read() -> None:
    data = sample("UPD.sample.xml")
    upd = read_receipt(data)
    assert isinstance(upd, Upd)
    assert upd.received_at is None
    assert upd.case_identifier == "OR.1431.7.2026.JW"
    assert check(data, "upo") == []


def test_a_signature_is_noticed() -> None:
    signature = b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></pos:Dokument>'
    data = build_upp(UPP).replace(b"</pos:Dokument>", signature)
    receipt = read_receipt(data)
    assert receipt == replace(UPP, signed=True)
    assert check(data, "upo") == []


@pytest.mark.parametrize(
    ("added", "before", "named"),
    [
        (b"<pos:Kwota>5</pos:Kwota>", b"</pos:UPP>", "Kwota in UPP"),
        (b'<x xmlns="urn:x"/>', b"</pos:Dokument>", "x in Dokument"),
        (b"<pos:DataDoreczenia/>", b"</pos:UPP>", "DataDoreczenia in UPP"),
        (b"<pos:Nazwa>B</pos:Nazwa>", b"</pos:Adresat>", "Nazwa in Adresat"),
        (b"<pos:X/>", b"</pos:Nazwa>", "X in Nazwa"),
        (b"jednak nie", b"</pos:UPP>", "text in UPP"),
        (b' Wazne="nie"', b">SKRYTKA-UPP-1", "attribute Wazne in IdentyfikatorPoswiadczenia"),
        (
            b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>',
            b"</pos:UPP>",
            "Signature in UPP",
        ),
    ],
)
def test_whatever_a_receipt_should_not_hold_is_named(
    added: bytes, before: bytes, named: str
) -> None:
    data = build_upp(UPP).replace(before, added + before)
    assert set(read_receipt(data).unexpected) == {named}


def test_comments_are_no_part_of_a_receipt() -> None:
    data = build_upp(UPP).replace(b"DOK-1", b"DOK<!-- x -->-1")
    assert read_receipt(data) == UPP


def test_a_time_without_an_offset_is_polish_time() -> None:
    data = build_upp(UPP).replace(b"+01:00", b"")
    receipt = read_receipt(data)
    assert isinstance(receipt, Upp)
    assert receipt.delivered_at == FILED


@pytest.mark.parametrize("time", [b"wczoraj", b"", b"0001-01-01T00:00:00+14:00"])
def test_a_receipt_without_a_usable_filing_time_is_refused(time: bytes) -> None:
    data = build_upp(UPP).replace(b"2026-03-04T12:42:39.943000+01:00", time)
    with pytest.raises(XmlError) as refused:
        read_receipt(data)
    assert refused.value.reason in (XmlReason.TIME, XmlReason.MISSING)
    assert "DataDoreczenia" in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        b"<r/>",
        b'<Dokument xmlns="http://crd.gov.pl/xml/schematy/UPO/2008/05/09/"/>',
        build_upp(UPP).replace(b"<pos:UPP>", b"<pos:UPD/><pos:UPP>"),
    ],
)
def test_what_is_not_one_receipt_is_refused_as_another_vocabulary(data: bytes) -> None:
    with pytest.raises(VocabularyError):
        read_receipt(data)


@pytest.mark.parametrize(
    ("broken", "reason", "named"),
    [
        (replace(UPP, identifier=" "), XmlReason.MISSING, "IdentyfikatorPoswiadczenia"),
        (replace(UPP, addressee=ReceiptParty("a\x00b")), XmlReason.UNWRITABLE, "Nazwa"),
        (replace(UPP, delivered_at=FILED.replace(tzinfo=None)), XmlReason.TIME, "DataDoreczenia"),
        (replace(UPP, signed=True), XmlReason.NOT_NEW, "SKRYTKA-UPP-1"),
    ],
)
def test_what_cannot_be_written_is_named(broken: Upp, reason: XmlReason, named: str) -> None:
    with pytest.raises(XmlError) as refused:
        build_upp(broken)
    assert refused.value.reason is reason
    assert named in str(refused.value)
