"""The way of a letter: exactly once, with a receipt made from what was committed."""

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

import signer
from exchange.delivery.filing import Filing
from exchange.delivery.submission import Filed
from exchange.delivery.sweep import ABANDONED_AFTER
from exchange.errors import Conflict, NotAllowed, NotFound, Refused
from exchange.letters.tables import FilingRow, LetterRow
from exchange.mailboxes.tables import InboxEntryRow
from exchange.people import Actor
from schemas.receipts import SHA256_INFORMATION, Upp, read_receipt
from storage import FolderStore, StoreUnavailable
from tests.exchange.conftest import House


def signed_letter(house: House, actor: Actor) -> bytes:
    """Give a letter as its sender's own application would have signed it."""
    draft_id = house.compose(actor, house.office("umluban"))
    content = house.services.drafts.download(actor, draft_id, signed=False).content.read()
    credential = house.credentials.of(actor.person.subject)
    return signer.sign(content, credential, format="xades", level="B")


def file(house: House, actor: Actor, content: bytes, message_id: str) -> Filed:
    addressee = house.office("umluban")
    return house.services.filing.file(house.submission(actor, addressee, content, message_id))


def count(house: House, table: type) -> int:
    with house.parts.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def receipt_bytes(house: House, actor: Actor, receipt_id: UUID | None) -> bytes:
    assert receipt_id is not None
    return house.services.receipts.download(actor, receipt_id).content.read()


def test_a_filed_letter_comes_with_the_offices_sealed_upp(house: House) -> None:
    anna = house.sign_in("anna")
    content = signed_letter(house, anna)
    before = house.clock()
    filed = file(house, anna, content, "m-1")
    sealed = receipt_bytes(house, anna, filed.receipt_id)
    upp = read_receipt(sealed)
    assert isinstance(upp, Upp)
    digests = [i.value for i in upp.information if i.kind == SHA256_INFORMATION]
    assert digests == [hashlib.sha256(content).hexdigest()]
    assert upp.document_identifier == str(filed.letter_id)
    assert timedelta() <= upp.delivered_at - before < timedelta(seconds=30)
    report = house.services.parts.workers.examine(
        house.parts.vault.put(io.BytesIO(sealed), document_id=uuid4()), house.clock()
    )
    assert report.conclusion.indication == "TOTAL_PASSED"
    seal = house.credentials.seal("umluban")
    assert seal is not None
    assert report.signatures[0].signer is not None
    assert report.signatures[0].signer.sha256 == hashlib.sha256(seal.certificate).hexdigest()


def test_the_same_id_and_bytes_again_give_the_same_receipt_bytes(house: House) -> None:
    anna = house.sign_in("anna")
    content = signed_letter(house, anna)
    first = file(house, anna, content, "m-1")
    house.clock.ahead = timedelta(days=400)
    again = file(house, anna, content, "m-1")
    assert again == first
    assert receipt_bytes(house, anna, again.receipt_id) == receipt_bytes(
        house, anna, first.receipt_id
    )
    assert count(house, LetterRow) == 1


def test_the_same_id_with_other_bytes_is_refused_and_recorded(house: House) -> None:
    anna = house.sign_in("anna")
    first = file(house, anna, signed_letter(house, anna), "m-1")
    with pytest.raises(Conflict):
        file(house, anna, signed_letter(house, anna), "m-1")
    assert count(house, LetterRow) == 1
    assert house.services.letters.view(anna, first.letter_id).message_id == "m-1"


def test_the_same_id_to_another_office_is_refused(house: House) -> None:
    anna = house.sign_in("anna")
    content = signed_letter(house, anna)
    file(house, anna, content, "m-1")
    with pytest.raises(Conflict):
        house.services.filing.file(house.submission(anna, house.office("splubans"), content, "m-1"))


def test_two_senders_may_use_the_same_id(house: House) -> None:
    anna, jan = house.sign_in("anna"), house.sign_in("jan")
    first = file(house, anna, signed_letter(house, anna), "m-1")
    second = file(house, jan, signed_letter(house, jan), "m-1")
    assert first.letter_id != second.letter_id


def test_filing_at_the_same_moment_accepts_one_letter(house: House) -> None:
    anna = house.sign_in("anna")
    content = signed_letter(house, anna)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: file(house, anna, content, "m-1"), range(4)))
    assert len(set(answers)) == 1
    assert count(house, LetterRow) == 1


def test_an_attempt_that_ended_after_the_reservation_is_taken_up_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = house.sign_in("anna")
    content = signed_letter(house, anna)

    def die(_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(house.parts.vault, "put", lambda *_, **__: die(None))
        with pytest.raises(OSError, match="power cut"):
            file(house, anna, content, "m-1")
    assert count(house, FilingRow) == 1
    house.clock.ahead = timedelta(minutes=10)
    filed = file(house, anna, content, "m-1")
    view = house.services.letters.view(anna, filed.letter_id)
    assert house.clock() - view.summary.filed_at > timedelta(minutes=9), "the first arrival counts"


def test_an_abandoned_reservation_is_swept_and_may_be_filed_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = house.sign_in("anna")
    content = signed_letter(house, anna)
    with monkeypatch.context() as broken:
        broken.setattr(Filing, "_examine", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            file(house, anna, content, "m-1")
    house.clock.ahead = ABANDONED_AFTER + timedelta(hours=1)
    assert house.services.sweep.run() >= 1, "the orphaned object is set aside"
    assert count(house, FilingRow) == 0
    assert file(house, anna, content, "m-1").receipt_id is not None


def test_an_unsigned_letter_is_accepted_and_told(house: House) -> None:
    anna = house.sign_in("anna")
    draft_id = house.compose(anna, house.office("umluban"))
    content = house.services.drafts.download(anna, draft_id, signed=False).content.read()
    filed = file(house, anna, content, "m-1")
    formal = house.services.letters.view(anna, filed.letter_id).summary.formal
    assert formal is not None
    assert (formal.met, formal.code) == ("no", "not_signed")


def test_a_letter_changed_after_signing_is_accepted_and_never_passed(house: House) -> None:
    anna = house.sign_in("anna")
    content = signed_letter(house, anna).replace("Proszę".encode(), "Żądam!".encode(), 1)
    filed = file(house, anna, content, "m-1")
    view = house.services.letters.view(anna, filed.letter_id)
    assert view.summary.indication == "TOTAL_FAILED"
    assert view.summary.formal is not None
    assert view.summary.formal.met == "no"
    assert view.reason("pl")
    assert view.reason("pl") != view.reason("en")


def test_a_letter_signed_by_another_person_is_told_apart(house: House) -> None:
    anna, jan = house.sign_in("anna"), house.sign_in("jan")
    content = signed_letter(house, jan)
    filed = file(house, anna, content, "m-1")
    formal = house.services.letters.view(anna, filed.letter_id).summary.formal
    assert formal is not None
    assert (formal.met, formal.code) == ("no", "signed_by_another")


def test_a_letter_signed_by_its_sender_meets_the_requirement(house: House) -> None:
    anna = house.sign_in("anna")
    filed = file(house, anna, signed_letter(house, anna), "m-1")
    view = house.services.letters.view(anna, filed.letter_id)
    assert view.summary.indication == "TOTAL_PASSED"
    assert view.summary.formal is not None
    assert (view.summary.formal.met, view.summary.formal.code) == ("yes", "signed_by_sender")


def test_a_revoked_certificate_does_not_meet_the_requirement(house: House) -> None:
    krystyna = house.sign_in("krystyna")
    filed = file(house, krystyna, signed_letter(house, krystyna), "m-1")
    view = house.services.letters.view(krystyna, filed.letter_id)
    assert view.summary.indication != "TOTAL_PASSED"
    assert view.summary.formal is not None
    assert view.summary.formal.met != "yes"


def test_what_is_no_document_at_all_is_accepted_by_filing_and_failed(house: House) -> None:
    anna = house.sign_in("anna")
    filed = file(house, anna, b"<a><b></a>", "m-1")
    view = house.services.letters.view(anna, filed.letter_id)
    assert view.summary.indication in {"TOTAL_FAILED", "INDETERMINATE"}
    assert view.content is not None
    assert not view.content.readable


def test_register_numbers_have_no_gaps_and_begin_anew_each_year(house: House) -> None:
    anna = house.sign_in("anna")
    for number in (1, 2, 3):
        filed = file(house, anna, f"<a>{number}</a>".encode(), f"m-{number}")
        view = house.services.letters.view(anna, filed.letter_id)
        year = view.summary.filed_at.year
        assert view.summary.register_number == f"UM/{number}/{year}"


def test_an_office_without_a_seal_accepts_and_issues_the_receipt_later(house: House) -> None:
    anna = house.sign_in("anna")
    house.credentials.without_seal.add("umluban")
    filed = file(house, anna, b"<a/>", "m-1")
    assert filed.receipt_id is None
    house.credentials.without_seal.clear()
    assert house.services.upp.issue(filed.letter_id) is not None


def test_a_letter_stays_filed_when_the_store_goes_away_before_its_receipt(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = house.sign_in("anna")
    steps: list[Callable[..., None]] = [FolderStore.put, refuse]  # the letter, then its receipt
    puts = iter(steps)
    monkeypatch.setattr(FolderStore, "put", lambda *given: next(puts)(*given))
    filed = file(house, anna, b"<a/>", "m-1")
    assert filed.receipt_id is None
    monkeypatch.undo()
    assert file(house, anna, b"<a/>", "m-1").letter_id == filed.letter_id
    assert house.services.upp.issue(filed.letter_id) is not None


def refuse(*_: object) -> None:
    raise StoreUnavailable("The store is away.")


def test_handing_over_twice_places_the_letter_once(house: House) -> None:
    anna = house.sign_in("anna")
    filed = file(house, anna, b"<a/>", "m-1")
    house.services.handover.deliver(filed.letter_id)
    house.services.handover.deliver(filed.letter_id)
    assert count(house, InboxEntryRow) == 1
    assert len(house.services.letters.inbox(house.sign_in("zofia")).rows) == 1


def test_the_ledger_tells_the_whole_story(house: House) -> None:
    anna = house.sign_in("anna")
    filed = file(house, anna, b"<a/>", "m-1")
    house.services.handover.deliver(filed.letter_id)
    with house.parts.database.transaction() as session:
        assert house.parts.ledger.verify(session).intact


def test_nobody_files_to_themselves_to_nowhere_or_nothing(house: House) -> None:
    anna = house.sign_in("anna")
    filing = house.services.filing
    with pytest.raises(Refused):
        filing.file(house.submission(anna, anna.mailbox.mailbox_id, b"<a/>", "m-1"))
    with pytest.raises(Refused):
        filing.file(house.submission(anna, uuid4(), b"<a/>", "m-2"))
    with pytest.raises(Refused):
        filing.file(house.submission(anna, house.office("umluban"), b"", "m-3"))


def test_a_clerk_without_the_right_to_sign_cannot_dispatch(house: House) -> None:
    clerk = house.sign_in("zofia")
    with pytest.raises(NotAllowed):
        house.services.filing.file(
            house.submission(clerk, house.office("splubans"), b"<a/>", "m-1")
        )


def test_another_person_finds_nothing(house: House) -> None:
    anna, jan = house.sign_in("anna"), house.sign_in("jan")
    filed = file(house, anna, b"<a/>", "m-1")
    assert filed.receipt_id is not None
    letters, receipts = house.services.letters, house.services.receipts
    for ask in (
        lambda: letters.view(jan, filed.letter_id),
        lambda: letters.download(jan, filed.letter_id),
        lambda: letters.attachment(jan, filed.letter_id, 0),
        lambda: letters.page_image(jan, filed.letter_id, 0),
        lambda: receipts.view(jan, filed.receipt_id),
        lambda: receipts.download(jan, filed.receipt_id),
        lambda: house.services.collection.pending(jan, filed.letter_id),
    ):
        with pytest.raises(NotFound):
            ask()
