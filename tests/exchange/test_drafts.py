"""Preparing a letter: written or uploaded, shown, signed."""

from uuid import UUID, uuid4

import pytest

import signer
from exchange.errors import Conflict, NotAllowed, NotFound, Refused
from exchange.letters import composing
from exchange.letters.composing import NewAttachment, UploadForm, plain_file_name
from exchange.people import Actor
from tests.exchange.conftest import House

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"


def upload(house: House, actor: Actor, content: bytes, **changes: object) -> UUID:
    form = {
        "addressee_mailbox_id": house.office("umluban"),
        "title": "",
        "content": house.spool(content),
        "file_name": "pismo.pdf",
    }
    return house.services.drafts.upload(actor, UploadForm(**(form | changes)))  # type: ignore[arg-type]


def test_a_composed_letter_reads_back_as_written(house: House) -> None:
    anna = house.sign_in("anna")
    attachment = NewAttachment("zał ącznik.pdf", "application/pdf", house.spool(PDF))
    draft_id = house.compose(anna, house.office("umluban"), attachments=(attachment,))
    view = house.services.drafts.view(anna, draft_id)
    assert view.content is not None
    assert view.content.title == "Wniosek o wydanie zaświadczenia"
    assert view.content.paragraphs == (
        "Proszę o wydanie zaświadczenia.",
        "Uzasadnienie w załączniku.",
    )
    assert view.content.senders == (anna.person.display_name,)
    assert view.content.addressees == ("Urząd Miasta Lubań",)
    assert [(a.name, a.size) for a in view.content.attachments] == [("zał ącznik.pdf", len(PDF))]
    assert not view.signed
    assert view.can_sign_here


def test_what_is_signed_is_what_was_shown(house: House) -> None:
    anna = house.sign_in("anna")
    draft_id = house.compose(anna, house.office("umluban"))
    with pytest.raises(Conflict):
        house.services.drafts.sign(anna, draft_id, "0" * 64)
    shown = house.services.drafts.view(anna, draft_id)
    house.services.drafts.sign(anna, draft_id, shown.sha256)
    unsigned = house.services.drafts.download(anna, draft_id, signed=False).content.read()
    signed = house.services.drafts.download(anna, draft_id, signed=True).content.read()
    assert unsigned.rstrip().endswith(b"Dokument>")
    assert signed.startswith(unsigned[: unsigned.rindex(b"</")]), "only the signature was added"


def test_without_a_certificate_here_the_person_is_told_what_to_do(house: House) -> None:
    anna = house.sign_in("anna")
    house.credentials.without_certificate.add("anna")
    draft_id = house.compose(anna, house.office("umluban"))
    shown = house.services.drafts.view(anna, draft_id)
    assert not shown.can_sign_here
    with pytest.raises(Refused) as refused:
        house.services.drafts.sign(anna, draft_id, shown.sha256)
    assert "Pobierz dokument" in refused.value.text("pl")


def test_a_file_signed_elsewhere_is_taken(house: House) -> None:
    anna = house.sign_in("anna")
    draft_id = house.compose(anna, house.office("umluban"))
    content = house.services.drafts.download(anna, draft_id, signed=False).content.read()
    signed = signer.sign(content, house.credentials.of("anna"), format="xades", level="B")
    house.services.drafts.attach_signed(anna, draft_id, house.spool(signed))
    assert house.services.drafts.view(anna, draft_id).signed
    with pytest.raises(Refused):
        house.services.drafts.attach_signed(anna, draft_id, house.spool(PDF))


def test_an_unsigned_draft_is_not_filed(house: House) -> None:
    anna = house.sign_in("anna")
    draft_id = house.compose(anna, house.office("umluban"))
    with pytest.raises(Refused) as refused:
        house.services.dispatch.file(anna, draft_id, house.clock())
    assert refused.value.code == "not_signed_yet"


def test_a_filed_draft_cannot_be_changed_and_is_filed_once(house: House) -> None:
    anna = house.sign_in("anna")
    draft_id = house.compose(anna, house.office("umluban"))
    shown = house.services.drafts.view(anna, draft_id)
    house.services.drafts.sign(anna, draft_id, shown.sha256)
    first = house.services.dispatch.file(anna, draft_id, house.clock())
    assert house.services.dispatch.file(anna, draft_id, house.clock()) == first
    with pytest.raises(Conflict):
        house.services.drafts.sign(anna, draft_id, shown.sha256)
    with pytest.raises(Conflict):
        house.services.drafts.discard(anna, draft_id)
    assert house.services.drafts.unfinished(anna) == ()


def test_a_clerk_prepares_and_the_signatory_signs(house: House) -> None:
    clerk, signatory = house.sign_in("zofia"), house.sign_in("tomasz")
    draft_id = house.compose(clerk, house.office("splubans"))
    shown = house.services.drafts.view(clerk, draft_id)
    with pytest.raises(NotAllowed):
        house.services.drafts.sign(clerk, draft_id, shown.sha256)
    assert [d.draft_id for d in house.services.drafts.unfinished(signatory)] == [draft_id]
    house.services.drafts.sign(signatory, draft_id, shown.sha256)
    assert house.services.drafts.view(clerk, draft_id).signed


def test_a_draft_is_found_by_its_own_mailbox_only(house: House) -> None:
    anna, jan = house.sign_in("anna"), house.sign_in("jan")
    draft_id = house.compose(anna, house.office("umluban"))
    drafts = house.services.drafts
    for ask in (
        lambda: drafts.view(jan, draft_id),
        lambda: drafts.download(jan, draft_id, signed=False),
        lambda: drafts.sign(jan, draft_id, "0" * 64),
        lambda: drafts.discard(jan, draft_id),
        lambda: drafts.page_image(jan, draft_id, 0),
        lambda: house.services.dispatch.file(jan, draft_id, house.clock()),
        lambda: drafts.view(anna, uuid4()),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * (composing.TITLE_LIMIT + 1)}, "title"),
        ({"text": "\r\n \n"}, "text"),
        ({"text": "x" * (composing.TEXT_LIMIT + 1)}, "text"),
        ({"text": "przed\x00po"}, "text"),
        ({"title": "dzwonek\x07"}, "title"),
        ({"place": "Lub\x1bań"}, "place"),
        ({"place": "x" * (composing.PLACE_LIMIT + 1)}, "place"),
        ({"text": "nie\ufffeznak"}, "text"),
        ({"text": "pół\ud83dznak"}, "text"),
        ({"case_number": "x" * (composing.CASE_NUMBER_LIMIT + 1)}, "case_number"),
        ({"case_number": "OR\x00"}, "case_number"),
    ],
)
def test_a_form_that_no_letter_can_carry_names_its_field(
    house: House, changes: dict[str, object], field: str
) -> None:
    anna = house.sign_in("anna")
    with pytest.raises(Refused) as refused:
        house.compose(anna, house.office("umluban"), **changes)
    assert refused.value.field == field


def test_an_empty_or_one_attachment_too_many_is_refused(house: House) -> None:
    anna = house.sign_in("anna")
    office = house.office("umluban")
    empty = NewAttachment("pusty.pdf", "application/pdf", house.spool(b""))
    with pytest.raises(Refused) as refused:
        house.compose(anna, office, attachments=(empty,))
    assert "pusty.pdf" in refused.value.text("pl")
    one = NewAttachment("a.pdf", "application/pdf", house.spool(b"x"))
    with pytest.raises(Refused):
        house.compose(anna, office, attachments=(one,) * (composing.ATTACHMENT_COUNT_LIMIT + 1))


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"PK\x03\x04", b"MZ", "<html>".encode("utf-32"), b"zwykly tekst"]
)
def test_only_pdf_and_xml_are_taken(house: House, content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        upload(house, house.sign_in("anna"), content)
    assert refused.value.field == "content"


def test_an_upload_takes_its_title_from_the_letter_or_its_name(house: House) -> None:
    anna = house.sign_in("anna")
    composed = house.compose(anna, house.office("umluban"), title="Mój tytuł")
    letter = house.services.drafts.download(anna, composed, signed=False).content.read()
    drafts = house.services.drafts
    assert drafts.view(anna, upload(house, anna, letter)).title == "Mój tytuł"
    assert drafts.view(anna, upload(house, anna, b"<a/>", file_name="x.xml")).title == "x.xml"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("pismo.pdf", "pismo.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\pismo.pdf", "pismo.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("rtl\u202efdp.exe", "rtlfdp.exe"),
        ("", "dokument"),
        ("...", "dokument"),
        ("x" * 400, "x" * 200),
    ],
)
def test_file_names_are_made_harmless(given: str, kept: str) -> None:
    assert plain_file_name(given) == kept


def test_citizens_write_to_offices_only(house: House) -> None:
    anna, jan = house.sign_in("anna"), house.sign_in("jan")
    with pytest.raises(Refused) as refused:
        house.compose(anna, jan.mailbox.mailbox_id)
    assert refused.value.field == "addressee"


def test_a_file_signed_elsewhere_is_shown_as_it_is_not_as_it_was_prepared(house: House) -> None:
    anna = house.sign_in("anna")
    draft_id = house.compose(anna, house.office("umluban"))
    other = house.compose(anna, house.office("umluban"), title="Coś innego")
    content = house.services.drafts.download(anna, other, signed=False).content.read()
    signed = signer.sign(content, house.credentials.of("anna"), format="xades", level="B")
    house.services.drafts.attach_signed(anna, draft_id, house.spool(signed))
    shown = house.services.drafts.view(anna, draft_id).content
    assert shown is not None
    assert shown.title == "Coś innego"


def test_a_stated_title_is_kept_on_one_line_and_short(house: House) -> None:
    anna = house.sign_in("anna")
    composed = house.compose(anna, house.office("umluban"), title="Mój tytuł")
    letter = house.services.drafts.download(anna, composed, signed=False).content.read()
    title = b"<wnio:Tytul>" + b"dlugi \n" * 1000 + b"</wnio:Tytul>"
    long = letter.replace("<wnio:Tytul>Mój tytuł</wnio:Tytul>".encode(), title)
    assert long != letter
    kept = house.services.drafts.view(anna, upload(house, anna, long)).title
    assert len(kept) <= 250
    assert "\n" not in kept
