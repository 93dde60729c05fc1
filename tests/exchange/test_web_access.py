"""Whoever asks for another's letter, attachment, receipt, draft or page image learns nothing.

The matrix is made from the application's own rules: a route with an id that is not in `ROUTES`
fails the first test.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from exchange.letters.composing import NewAttachment, UploadForm
from tests.exchange.conftest import House
from tests.exchange.web_browser import BASE_URL, Browser
from tests.exchange.web_house import Things, Town, open_town
from tests.signer.pdf_documents import pdf

# endpoint → which of Anna's things its id names, and the form it takes where it takes one
ROUTES: dict[str, tuple[str, dict[str, Any] | None]] = {
    "drafts.review": ("draft", None),
    "drafts.sign": ("draft", {"sha256": "0" * 64}),
    "drafts.attach_signed": ("draft", {}),
    "drafts.send_as_it_is": ("draft", {}),
    "drafts.file": ("draft", {}),
    "drafts.discard": ("draft", {}),
    "drafts.document": ("draft", None),
    "drafts.page_image": ("pdf_draft", None),
    "letters.view": ("letter", None),
    "letters.filed": ("letter", None),
    "letters.document": ("letter", None),
    "letters.attachment": ("letter", None),
    "letters.page_image": ("pdf_letter", None),
    "collection.pending": ("decision", None),
    "collection.sign": ("decision", {"sha256": "0" * 64}),
    "collection.submit": ("decision", {}),
    "collection.proof": ("decision", None),
    "receipts.view": ("receipt", None),
    "receipts.document": ("receipt", None),
}
STRANGERS = ("jan", "piotr", "maria")
"""Another citizen; a clerk and a signatory of another office."""

CLOSED_UNTIL_SIGNED = (
    "letters.filed",
    "letters.document",
    "letters.attachment",
    "letters.page_image",
)


@pytest.fixture
def town(house: House) -> Town:
    return open_town(house)


@pytest.fixture
def things(house: House) -> Things:
    """Anna's draft, filed letters with their receipt, and a decision that waits for her."""
    anna = house.sign_in("anna")
    office = house.office("umluban")
    attachment = NewAttachment("plan.pdf", "application/pdf", house.spool(pdf()))
    letter = house.send(anna, office, attachments=(attachment,))
    signatory = house.sign_in("tomasz")
    sender = house.services.letters.view(signatory, letter).sender
    return Things(
        draft=house.compose(anna, office),
        pdf_draft=_uploaded(house, office),
        letter=letter,
        pdf_letter=_filed_pdf(house, office),
        receipt=house.services.letters.view(anna, letter).receipts[0].receipt_id,
        decision=house.send(signatory, sender.mailbox_id, title="Decyzja", in_reply_to=letter),
    )


def _uploaded(house: House, office: UUID) -> UUID:
    form = UploadForm(office, "Plan", house.spool(pdf()), "plan.pdf")
    return house.services.drafts.upload(house.sign_in("anna"), form)


def _filed_pdf(house: House, office: UUID) -> UUID:
    anna = house.sign_in("anna")
    draft_id = _uploaded(house, office)
    shown = house.services.drafts.view(anna, draft_id)
    house.services.drafts.sign(anna, draft_id, shown.sha256)
    filed = house.services.dispatch.file(anna, draft_id, house.clock())
    house.services.handover.deliver(filed.letter_id)
    return filed.letter_id


def _path(town: Town, endpoint: str, thing: UUID) -> str:
    rule = next(town.app.url_map.iter_rules(endpoint))
    values: dict[str, Any] = dict.fromkeys(rule.arguments - {"index"}, thing)
    values |= {"index": 0} if "index" in rule.arguments else {}
    with town.app.test_request_context(base_url=BASE_URL):
        return town.app.url_for(endpoint, **values)


def _ask(browser: Browser, path: str, form: dict[str, Any] | None) -> TestResponse:
    return browser.get(path) if form is None else browser.post(path, form)


def test_every_route_with_an_id_is_in_the_matrix(town: Town) -> None:
    named = {
        rule.endpoint
        for rule in town.app.url_map.iter_rules()
        if rule.arguments & {"letter_id", "draft_id", "receipt_id"}
    }
    assert named == set(ROUTES)


def test_ids_are_the_only_arguments_of_routes(town: Town) -> None:
    arguments = {a for rule in town.app.url_map.iter_rules() for a in rule.arguments}
    assert arguments == {"letter_id", "draft_id", "receipt_id", "index", "code", "filename"}


def test_strangers_learn_nothing_by_any_route(town: Town, things: Things) -> None:
    nothing = Browser(town.app).get("/no/such/page").data
    for person_id in STRANGERS:
        stranger = town.browser(person_id)
        for endpoint, (kind, form) in ROUTES.items():
            for thing in (getattr(things, kind), uuid4()):
                answer = _ask(stranger, _path(town, endpoint, thing), form)
                assert (endpoint, answer.status_code) == (endpoint, 404)
                assert answer.data == nothing, (person_id, endpoint)


def test_their_owner_reaches_them(town: Town, things: Things) -> None:
    anna = town.browser("anna")
    for endpoint, (kind, form) in ROUTES.items():
        if form is None:
            answer = anna.get(_path(town, endpoint, getattr(things, kind)))
            assert (endpoint, answer.status_code) == (endpoint, 200)


def test_a_decision_is_closed_until_its_proof_is_signed(town: Town, things: Things) -> None:
    anna = town.browser("anna")
    nothing = Browser(town.app).get("/no/such/page").data
    answer = anna.get(_path(town, "letters.view", things.decision))
    assert answer.location == f"/letters/{things.decision}/collect"
    for endpoint in CLOSED_UNTIL_SIGNED:
        closed = anna.get(_path(town, endpoint, things.decision))
        assert closed.status_code == 404
        assert closed.data == nothing
    assert "Decyzja" not in anna.get("/inbox").text
    assert "Decyzja" not in anna.get(answer.location).text


def test_the_sender_of_a_decision_cannot_sign_for_its_addressee(town: Town, things: Things) -> None:
    office = town.browser("tomasz")
    for endpoint in ("collection.pending", "collection.sign", "collection.proof"):
        form = ROUTES[endpoint][1]
        assert _ask(office, _path(town, endpoint, things.decision), form).status_code == 404


@pytest.mark.parametrize(
    ("person_id", "ask"),
    [
        ("zofia", lambda b, d: b.post(f"/drafts/{d}/sign", {"sha256": "0" * 64})),
        ("zofia", lambda b, d: b.post(f"/drafts/{d}/file")),
        ("zofia", lambda b, d: b.post(f"/drafts/{d}/as-it-is")),
        ("ewa", lambda b, _d: b.get("/letters/new")),
        ("ewa", lambda b, _d: b.get("/letters/new/write")),
        ("ewa", lambda b, d: b.post(f"/drafts/{d}/discard")),
    ],
)
def test_roles_that_do_not_reach_get_the_same_answer(
    town: Town, house: House, person_id: str, ask: Callable[[Browser, UUID], TestResponse]
) -> None:
    signatory = house.sign_in("tomasz")
    draft_id = house.compose(signatory, house.office("splubans"))
    shown = house.services.drafts.view(signatory, draft_id)
    house.services.drafts.sign(signatory, draft_id, shown.sha256)
    assert ask(town.browser(person_id), draft_id).status_code == 404


def test_nobody_acts_for_an_office_in_which_they_hold_no_role(town: Town, house: House) -> None:
    maria = house.sign_in("maria")
    assert maria.institution is not None
    foreign = str(maria.institution.institution_id)
    assert town.browser("anna").post("/acting-as", {"key": foreign}).status_code == 404


def test_anothers_letter_cannot_be_answered(town: Town, things: Things) -> None:
    for page in ("", "/write", "/upload"):
        answer = town.browser("jan").get(f"/letters/new{page}?answer={things.letter}")
        assert answer.status_code == 404


def test_a_session_ended_elsewhere_opens_nothing(town: Town) -> None:
    anna = town.browser("anna")
    assert anna.get("/inbox").status_code == 200
    kept = anna.client.get_cookie("skrytka", domain="service.test")
    assert kept is not None
    anna.post("/sign-out")
    assert Browser(town.app).carry(kept.value).get("/inbox").status_code == 303
