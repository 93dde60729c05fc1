"""Letters through the pages: written, uploaded, signed, filed, read, answered, collected."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from flask_babel import format_datetime
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

import signer
from exchange.mailboxes.reading import PAGE_LENGTH
from sandbox import PEOPLE
from tests.exchange.conftest import House
from tests.exchange.web_browser import BASE_URL, Browser
from tests.exchange.web_house import (
    Town,
    attached,
    decision_for_anna,
    letter_of,
    open_town,
    shown_digest,
    sign_and_file,
    upload,
    write,
)
from tests.signer.pdf_documents import pdf

PESELS = [person.pesel for person in PEOPLE]
HOSTILE = '<script>alert("x")</script>{{ 7*7 }}'


@pytest.fixture
def town(house: House) -> Town:
    return open_town(house)


@pytest.fixture
def anna(town: Town) -> Browser:
    return town.browser("anna")


@pytest.fixture
def office(town: Town) -> Browser:
    """The browser of someone who may sign for the town hall."""
    return town.browser("tomasz")


def _errors(answer: TestResponse) -> dict[str, str]:
    """Give what the error summary says, by the id that each line leads to."""
    summary = answer.text.split("govuk-error-summary__body")[1].split("</ul>")[0]
    links = re.findall(r'<a href="#([^"]+)">\s*(.*?)</a>', summary, re.S)
    return {anchor: unescape(text.strip()) for anchor, text in links}


# ---- the whole way, both receipts


def test_a_citizen_files_a_letter_and_has_the_proof_at_once(town: Town, anna: Browser) -> None:
    attachment = attached(b"tabela;1;2", "zestawienie żółte.csv")
    draft = str(write(anna, town.house.office("umluban"), attachments=attachment).location)
    review = anna.get(draft).text
    assert "Proszę o wydanie zaświadczenia." in review
    assert "zestawienie żółte.csv" in review
    assert "Urząd Miasta Lubań" in review
    letter = sign_and_file(town, anna, draft)
    filed = anna.get(f"{letter}/filed").text
    assert "Pismo złożone" in filed
    assert re.search(r"UM/1/20\d\d", filed)
    receipt = re.search(r"/receipts/[0-9a-f-]{36}/document", filed)
    assert receipt
    proof = anna.get(receipt[0])
    assert proof.mimetype == "application/octet-stream"
    assert b"UPP" in proof.data
    assert anna.get(receipt[0]).data == proof.data
    shown = anna.get(letter).text
    assert "Podpis ważny" in shown
    assert "Doręczone" in shown
    assert anna.get(f"{letter}/attachments/0").data == b"tabela;1;2"


def test_an_office_answers_and_the_answer_opens_when_its_proof_is_signed(
    town: Town, anna: Browser, office: Browser
) -> None:
    letter = letter_of(town, anna)
    inbox = office.get("/inbox").text
    assert "Podpis ważny" in inbox
    assert "Wymóg formalny spełniony" in inbox
    shown = office.get(letter).text
    assert "Podpis jest ważny i złożył go nadawca." in shown
    answer_id = letter.rsplit("/", 1)[1]
    form = office.get(f"/letters/new/write?answer={answer_id}").text
    addressee = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>\s*Anna', form)
    assert addressee
    draft = str(
        write(
            office,
            addressee[1],
            f"?answer={answer_id}",
            title="Decyzja w sprawie zaświadczenia",
            case_number="OR.1431.7.2026.JW",
        ).location
    )
    decision = sign_and_file(town, office, draft)
    assert "Czeka na odbiór" in office.get("/outbox").text

    waiting = anna.get(decision)
    assert waiting.location == f"{decision}/collect"
    page = anna.get(f"{decision}/collect").text
    assert "OR.1431.7.2026.JW" in page
    assert "Decyzja w sprawie" not in page
    opened = anna.post(f"{decision}/collect", {"sha256": shown_digest(page)})
    assert opened.location == decision
    page = anna.get(decision).text
    assert "Pismo zostało odebrane" in page
    assert "Decyzja w sprawie zaświadczenia" in page
    assert "Wniosek o wydanie zaświadczenia" in page  # what it answers
    assert anna.get(f"{decision}/collect").location == decision
    for browser in (anna, office):
        assert "Urzędowe poświadczenie doręczenia (UPD)" in browser.get(decision).text
    assert "Odebrane" in office.get("/outbox").text
    assert "Decyzja w sprawie zaświadczenia" in office.get(letter).text


def test_an_office_writes_to_an_office_and_has_its_proof(town: Town, office: Browser) -> None:
    draft = str(write(office, town.house.office("splubans")).location)
    letter = sign_and_file(town, office, draft)
    assert "Pobierz poświadczenie przedłożenia (UPP)" in office.get(f"{letter}/filed").text
    assert "Urząd Miasta Lubań" in town.browser("maria").get("/inbox").text


def test_a_second_click_files_nothing_new(town: Town, anna: Browser) -> None:
    draft = str(write(anna, town.house.office("umluban")).location)
    letter = sign_and_file(town, anna, draft)
    assert anna.post(f"{draft}/file").location == f"{letter}/filed"
    assert anna.get(draft).location == f"{letter}/filed"
    inbox = town.browser("tomasz").get("/inbox").text
    assert len(re.findall(r'href="/letters/[0-9a-f-]{36}"', inbox)) == 1


def test_the_filing_time_is_the_instant_the_request_had_arrived(town: Town, anna: Browser) -> None:
    town.house.clock.ahead = timedelta(minutes=20)
    draft = str(write(anna, town.house.office("umluban")).location)
    before = town.house.clock()
    letter = sign_and_file(town, anna, draft)
    letter_id = UUID(letter.rsplit("/", 1)[1])
    actor = town.house.sign_in("anna")
    filed_at = town.house.services.letters.view(actor, letter_id).summary.filed_at
    assert before <= filed_at <= town.house.clock()
    with town.app.test_request_context(base_url=BASE_URL):
        told = format_datetime(filed_at, "d MMMM y, HH:mm:ss")
    assert told in anna.get(f"{letter}/filed").text


# ---- files signed elsewhere


def test_a_pdf_is_shown_as_pictures_signed_elsewhere_and_filed(town: Town, anna: Browser) -> None:
    draft = str(upload(anna, town.house.office("umluban"), pdf()).location)
    review = anna.get(draft).text
    picture = re.search(rf"{draft}/pages/0", review)
    assert picture
    image = anna.get(picture[0])
    assert image.mimetype == "image/png"
    assert image.data.startswith(b"\x89PNG")
    unsigned = anna.get(f"{draft}/document").data
    assert unsigned == pdf()
    signed = signer.sign(unsigned, town.house.credentials.of("anna"), format="pades", level="B")
    anna.post(f"{draft}/signed-file", {"content": attached(signed, "podpisane.pdf")})
    assert anna.get(f"{draft}/document?signed=1").data == signed
    letter = str(anna.post(f"{draft}/file").location).removesuffix("/filed")
    assert anna.get(f"{letter}/document").data == signed
    assert "Podpis ważny" in anna.get(letter).text


def test_a_file_that_is_signed_already_goes_as_it_is(town: Town, anna: Browser) -> None:
    signed = signer.sign(pdf(), town.house.credentials.of("anna"), format="pades", level="B")
    draft = str(upload(anna, town.house.office("umluban"), signed, signed="yes").location)
    assert "Podpisane: gotowe do wysłania" in anna.get(draft).text
    letter = str(anna.post(f"{draft}/file").location).removesuffix("/filed")
    assert anna.get(f"{letter}/document").data == signed


def test_a_proof_signed_elsewhere_opens_the_letter(town: Town, office: Browser) -> None:
    house = town.house
    house.credentials.without_certificate.add("anna")
    anna = town.browser("anna")
    decision = decision_for_anna(town, office)
    page = anna.get(f"{decision}/collect").text
    assert "Podpisz poświadczenie i otwórz pismo" not in page
    proof = anna.get(f"{decision}/collect/proof").data
    anothers = signer.sign(proof, house.credentials.of("jan"), format="xades", level="B")
    answer = anna.post(f"{decision}/collect/signed", {"content": attached(anothers, "upd.xml")})
    assert answer.status_code == 422
    assert "musi podpisać adresat" in _errors(answer)["content"]
    own = signer.sign(proof, house.credentials.of("anna"), format="xades", level="B")
    answer = anna.post(f"{decision}/collect/signed", {"content": attached(own, "upd.xml")})
    assert answer.location == decision
    assert anna.get(decision).status_code == 200


# ---- consent


def test_what_was_not_shown_is_not_signed(town: Town, anna: Browser) -> None:
    draft = str(write(anna, town.house.office("umluban")).location)
    answer = anna.post(f"{draft}/sign", {"sha256": "0" * 64})
    assert answer.status_code == 422
    assert "Dokument zmienił się od chwili wyświetlenia" in answer.text
    assert "Podpisane: gotowe do wysłania" not in anna.get(draft).text


def test_a_proof_that_was_not_shown_is_not_signed(town: Town, office: Browser) -> None:
    decision = decision_for_anna(town, office)
    anna = town.browser("anna")
    anna.get(f"{decision}/collect")
    answer = anna.post(f"{decision}/collect", {"sha256": "0" * 64})
    assert answer.status_code == 422
    assert anna.get(decision).status_code == 303


def test_what_is_not_signed_is_not_filed(town: Town, anna: Browser) -> None:
    draft = str(write(anna, town.house.office("umluban")).location)
    answer = anna.post(f"{draft}/file")
    assert answer.status_code == 422
    assert "Pismo nie jest jeszcze podpisane" in answer.text


def test_a_clerk_prepares_and_a_signatory_sends(town: Town, office: Browser) -> None:
    clerk = town.browser("zofia")
    draft = str(write(clerk, town.house.office("splubans")).location)
    page = clerk.get(draft).text
    assert "Podpisz tutaj" not in page
    assert "Osoba uprawniona do podpisu" in page
    assert draft in office.get("/outbox").text
    sign_and_file(town, office, draft)
    assert draft not in office.get("/outbox").text


def test_a_deleted_draft_is_gone(town: Town, anna: Browser) -> None:
    draft = str(write(anna, town.house.office("umluban")).location)
    assert anna.post(f"{draft}/discard").location == "/outbox"
    assert "Szkic został usunięty" in anna.get("/outbox").text
    assert anna.get(draft).status_code == 404


# ---- mistakes


def test_missing_fields_are_named_in_the_summary_and_beside_the_field(anna: Browser) -> None:
    answer = anna.post(
        "/letters/new/write", {"addressee": "", "title": "", "text": "", "place": ""}
    )
    assert answer.status_code == 422
    errors = _errors(answer)
    assert errors == {
        "addressee": "Wybierz adresata.",
        "title": "Wpisz tytuł pisma.",
        "text": "Wpisz treść pisma.",
        "place": "Wpisz miejscowość, w której piszesz.",
    }
    for field, sentence in errors.items():
        beside = answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
        assert sentence in unescape(beside)
        assert f'id="{field}"' in answer.text  # where the summary's link leads
    assert "<title>Błąd: " in answer.text


def test_what_was_typed_comes_back_with_the_mistake(town: Town, anna: Browser) -> None:
    answer = write(anna, town.house.office("umluban"), title="", text="Długa treść pisma")
    assert answer.status_code == 422
    assert "Długa treść pisma" in answer.text
    assert "wybierz je ponownie" in answer.text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"title": "x" * 251}, "title", "najwyżej 250 znaków"),
        ({"text": "x" * 100_001}, "text", "najwyżej 100000 znaków"),
        ({"text": "a\x00b"}, "text", "znaki sterujące"),
        ({"addressee": "nobody"}, "addressee", "Wybierz adresata"),
        ({"addressee": "00000000-0000-4000-8000-000000000000"}, "addressee", "Wybierz adresata"),
    ],
)
def test_what_a_letter_cannot_hold_is_said_beside_its_field(
    town: Town, anna: Browser, changes: dict[str, str], field: str, sentence: str
) -> None:
    other_fields = {name: text for name, text in changes.items() if name != "addressee"}
    addressee = changes.get("addressee", town.house.office("umluban"))
    answer = write(anna, addressee, **other_fields)
    assert answer.status_code == 422
    assert sentence in _errors(answer)[field]


def test_people_write_to_offices_only(town: Town, anna: Browser) -> None:
    jan = town.house.sign_in("jan").mailbox.mailbox_id
    assert "Wybierz adresata" in _errors(write(anna, jan))["addressee"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Plik jest pusty"),
        (b"<html><script>alert(1)</script></html>", None),
        (b"MZ\x90\x00", "Tego rodzaju pliku nie można złożyć"),
    ],
)
def test_files_of_other_kinds_are_refused_beside_the_field(
    town: Town, anna: Browser, content: bytes, sentence: str | None
) -> None:
    answer = upload(anna, town.house.office("umluban"), content)
    if sentence is None:  # XML by its content: it may be filed, and is shown as nothing but a file
        assert "<script>alert" not in anna.get(str(answer.location)).text
    else:
        assert sentence in _errors(answer)["content"]


def test_a_missing_file_is_named(town: Town, anna: Browser) -> None:
    fields = {"addressee": str(town.house.office("umluban")), "signed": "no"}
    assert _errors(anna.post("/letters/new/upload", fields)) == {"content": "Wybierz plik."}


def test_attachments_beyond_the_limit_are_refused(town: Town, anna: Browser) -> None:
    files = [("attachments", attached(b"x", f"{number}.txt")) for number in range(21)]
    fields = MultiDict(
        [
            ("addressee", str(town.house.office("umluban"))),
            ("title", "Wniosek"),
            ("text", "Treść"),
            ("place", "Lubań"),
            *files,
        ]
    )
    answer = anna.post("/letters/new/write", fields)
    assert "najwyżej 20 załączników" in _errors(answer)["attachments"]


# ---- what must never be seen


def test_nothing_a_person_writes_becomes_markup(town: Town, anna: Browser, office: Browser) -> None:
    letter = letter_of(
        town,
        anna,
        title=HOSTILE,
        text=HOSTILE,
        place=HOSTILE,
        case_number=HOSTILE[:100],
        attachments=attached(b"x", f"{HOSTILE}.pdf"),
    )
    for browser in (anna, office):
        for path in ("/inbox", "/outbox", letter, f"{letter}/filed"):
            page = browser.get(path, follow_redirects=True).text
            assert "<script>alert" not in page
            assert "49" not in page.split("<main")[1].split("alert")[-1][:20]


def test_no_page_shows_a_pesel(town: Town, anna: Browser, office: Browser) -> None:
    letter = letter_of(town, anna)
    decision = decision_for_anna(town, office)
    anna.post(f"{decision}/collect", {"sha256": shown_digest(anna.get(f"{decision}/collect").text)})
    seen: set[str] = set()
    for browser in (anna, office):
        waiting = ["/inbox", "/outbox", "/acting-as", letter, decision]
        while waiting:
            path = waiting.pop()
            page = browser.get(path)
            if page.mimetype != "text/html":
                continue
            seen.add(path)
            assert not [pesel for pesel in PESELS if pesel in page.text], path
            waiting += [
                link
                for link in re.findall(r'href="(/(?:letters|receipts)/[0-9a-f-]{36})"', page.text)
                if link not in seen and link not in waiting
            ]
    assert any(path.startswith("/receipts/") for path in seen)
    assert re.search(r"PESEL [*•]{9}\d\d\s*<br>", office.get(letter).text)


# ---- lists


def test_a_long_list_has_further_pages(town: Town, anna: Browser) -> None:
    office_id = town.house.office("umluban")
    actor = town.house.sign_in("anna")
    for number in range(PAGE_LENGTH + 1):
        town.house.send(actor, office_id, title=f"Pismo nr {number}")
    first = anna.get("/outbox").text
    assert "Pismo nr 0<" not in first
    assert "Starsze pisma" in first
    assert "Nowsze pisma" not in first
    second = anna.get("/outbox?page=2").text
    assert "Pismo nr 0<" in second
    assert "Nowsze pisma" in second


@pytest.mark.parametrize("page", ["0", "-5", "x", "999999999999999999999"])
def test_page_numbers_that_are_none_are_no_failure(anna: Browser, page: str) -> None:
    assert anna.get(f"/inbox?page={page}").status_code == 200
