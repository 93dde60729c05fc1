"""From an office to a person: closed until they sign the proof of delivery (UPD)."""

from datetime import timedelta
from uuid import UUID

import pytest

import signer
from exchange.errors import Conflict, NotFound, Refused
from exchange.letters.states import LetterState
from exchange.people import Actor
from exchange.receipts.upd import UPD_VALIDITY
from schemas.receipts import SHA256_INFORMATION, Upd, read_receipt
from tests.exchange.conftest import House


def decide(house: House, citizen: Actor) -> UUID:
    """File a submission and send the office's signed decision on it; gives the decision."""
    submission = house.send(citizen, house.office("umluban"))
    signatory = house.sign_in("tomasz")
    asked = house.services.letters.view(signatory, submission)
    return house.send(
        signatory,
        asked.sender.mailbox_id,
        title="Decyzja",
        in_reply_to=submission,
        case_number="OR.1431.7.2026.JW",
    )


def signed_upd(house: House, actor: Actor, letter_id: UUID, person_id: str = "anna") -> bytes:
    prepared = house.services.collection.prepare(actor, letter_id)
    return signer.sign(prepared.content, house.credentials.of(person_id), format="xades", level="B")


def test_a_decision_waits_closed(house: House) -> None:
    anna = house.sign_in("anna")
    decision = decide(house, anna)
    row = house.services.letters.inbox(anna).rows[0]
    assert row.waiting
    assert row.subject is None
    assert row.indication is None
    letters = house.services.letters
    for ask in (
        lambda: letters.view(anna, decision),
        lambda: letters.download(anna, decision),
        lambda: letters.attachment(anna, decision, 0),
        lambda: letters.page_image(anna, decision, 0),
    ):
        with pytest.raises(NotFound):
            ask()
    pending = house.services.collection.pending(anna, decision)
    assert pending.sender_name == "Urząd Miasta Lubań"
    assert pending.case_number == "OR.1431.7.2026.JW"


def test_signing_the_upd_opens_the_letter_and_both_sides_have_it(house: House) -> None:
    anna = house.sign_in("anna")
    decision = decide(house, anna)
    prepared = house.services.collection.prepare(anna, decision)
    receipt_id = house.services.collection.sign(anna, decision, prepared.sha256)
    view = house.services.letters.view(anna, decision)
    assert view.content is not None
    assert view.content.title == "Decyzja"
    assert view.summary.state == LetterState.DELIVERED
    signatory = house.sign_in("tomasz")
    for actor in (anna, signatory):
        content = house.services.receipts.download(actor, receipt_id).content.read()
        upd = read_receipt(content)
        assert isinstance(upd, Upd)
        assert upd.received_at == view.summary.delivered_at
        assert (SHA256_INFORMATION, view.sha256) in [(i.kind, i.value) for i in upd.information]
        assert [r.kind for r in house.services.letters.view(actor, decision).receipts] == ["UPD"]


def test_collecting_twice_gives_the_same_receipt(house: House) -> None:
    anna = house.sign_in("anna")
    decision = decide(house, anna)
    prepared = house.services.collection.prepare(anna, decision)
    first = house.services.collection.sign(anna, decision, prepared.sha256)
    assert house.services.collection.sign(anna, decision, prepared.sha256) == first
    with pytest.raises(Conflict):
        house.services.collection.prepare(anna, decision)


def test_another_upd_than_the_one_shown_is_not_signed(house: House) -> None:
    anna = house.sign_in("anna")
    decision = decide(house, anna)
    shown = house.services.collection.prepare(anna, decision)
    house.clock.ahead = UPD_VALIDITY + timedelta(minutes=1)
    with pytest.raises(Conflict):
        house.services.collection.sign(anna, decision, shown.sha256)


def test_the_prepared_upd_stays_the_same_while_it_is_current(house: House) -> None:
    anna = house.sign_in("anna")
    decision = decide(house, anna)
    first = house.services.collection.prepare(anna, decision)
    house.clock.ahead = UPD_VALIDITY / 2
    assert house.services.collection.prepare(anna, decision) == first


def test_an_upd_signed_elsewhere_opens_the_letter(house: House) -> None:
    anna = house.sign_in("anna")
    decision = decide(house, anna)
    house.credentials.without_certificate.add("anna")
    content = house.spool(signed_upd(house, anna, decision))
    house.services.collection.submit(anna, decision, content)
    assert house.services.letters.view(anna, decision).content is not None


def test_an_upd_signed_by_another_unsigned_changed_or_foreign_opens_nothing(house: House) -> None:
    anna = house.sign_in("anna")
    decision, other = decide(house, anna), decide(house, anna)
    unsigned = house.services.collection.prepare(anna, decision).content
    good = signed_upd(house, anna, decision)
    assert b"OR.1431.7.2026.JW" in good
    for wrong in (
        signed_upd(house, anna, decision, "jan"),
        unsigned,
        good.replace(b"OR.1431.7.2026.JW", b"OR.1431.8.2026.JW"),
        signed_upd(house, anna, other),
        b"<a/>",
        b"not xml",
        b"",
    ):
        with pytest.raises(Refused):
            house.services.collection.submit(anna, decision, house.spool(wrong))
        with pytest.raises(NotFound):
            house.services.letters.view(anna, decision)


def test_only_the_addressee_may_collect(house: House) -> None:
    anna, jan = house.sign_in("anna"), house.sign_in("jan")
    decision = decide(house, anna)
    signatory, stranger = house.sign_in("tomasz"), house.sign_in("maria")
    for actor in (jan, signatory, stranger):
        for ask in (
            lambda who=actor: house.services.collection.pending(who, decision),
            lambda who=actor: house.services.collection.prepare(who, decision),
            lambda who=actor: house.services.collection.sign(who, decision, "0" * 64),
        ):
            with pytest.raises(NotFound):
                ask()


def test_the_sender_sees_its_own_letter_before_it_is_collected(house: House) -> None:
    anna = house.sign_in("anna")
    decision = decide(house, anna)
    signatory = house.sign_in("tomasz")
    view = house.services.letters.view(signatory, decision)
    assert view.summary.state == LetterState.WAITING
    assert view.summary.delivered_at is None
    assert view.receipts == ()


def test_office_to_office_is_delivered_on_arrival_with_the_others_upp(house: House) -> None:
    signatory = house.sign_in("tomasz")
    letter = house.send(signatory, house.office("splubans"), title="Zapytanie")
    clerk = house.sign_in("piotr")
    view = house.services.letters.view(clerk, letter)
    assert view.summary.state == LetterState.DELIVERED
    assert view.summary.delivered_at == view.summary.filed_at
    assert view.summary.formal is not None
    assert (view.summary.formal.met, view.summary.formal.code) == ("yes", "signed_for_office")
    assert [receipt.kind for receipt in view.receipts] == ["UPP"]
    with pytest.raises(NotFound):
        house.services.letters.view(house.sign_in("anna"), letter)


def test_a_reply_is_linked_both_ways_for_those_who_may_see_it(house: House) -> None:
    anna = house.sign_in("anna")
    decision = decide(house, anna)
    submission = house.services.letters.outbox(anna).rows[0].letter_id
    assert house.services.letters.view(anna, submission).replies == (), "still closed to her"
    prepared = house.services.collection.prepare(anna, decision)
    house.services.collection.sign(anna, decision, prepared.sha256)
    replies = house.services.letters.view(anna, submission).replies
    assert [reply.letter_id for reply in replies] == [decision]
    answered = house.services.letters.view(anna, decision).in_reply_to
    assert answered is not None
    assert answered.letter_id == submission


def test_lists_come_in_pages_newest_first(house: House) -> None:
    anna = house.sign_in("anna")
    office = house.office("umluban")
    for number in range(26):
        house.services.filing.file(
            house.submission(anna, office, f"<a>{number}</a>".encode(), f"m-{number}")
        )
    first, second = (house.services.letters.outbox(anna, page) for page in (1, 2))
    assert (len(first.rows), first.has_more) == (25, True)
    assert (len(second.rows), second.has_more) == (1, False)
    times = [row.filed_at for row in first.rows + second.rows]
    assert times == sorted(times, reverse=True)
