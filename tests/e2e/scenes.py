"""The steps of the stories, each a statement about what people see and hold."""

import re

from playwright.sync_api import Locator, expect

import signer
from tests.e2e.paper import PAGES
from tests.e2e.proofs import check_upd, check_upp, sha256
from tests.e2e.stage import Stage
from tests.e2e.visitor import File, Filed, Visitor
from tests.e2e.words import TOWN_HALL

PNG = b"\x89PNG\r\n"


def writes_signs_and_files(
    stage: Stage, author: Visitor, *attachments: File, to: str = TOWN_HALL
) -> Filed:
    """The author sees what they sign, with its digest, and files it."""
    words, page = stage.words, author.page
    author.write(to, words.letter_title, words.letter_text, *attachments)
    author.look("review-letter")
    sheet = page.get_by_role("article")
    for paragraph in words.letter_text.split("\n\n"):
        expect(sheet).to_contain_text(paragraph)
    for name, _ in attachments:
        expect(page.get_by_role("main")).to_contain_text(name)
    assert sha256(author.download(words.download_document)) == author.digest(words.digest)
    author.sign_here()
    author.look("review-signed")
    filed = author.send()
    author.look("filed")
    return filed


def is_handed_the_proof_at_once(stage: Stage, sender: Visitor, filed: Filed) -> None:
    """The page that says a letter is filed gives its UPP, the very one that stands beside it."""
    assert sender.path == f"{filed.path}/filed"
    receipt = sender.download(stage.words.download_upp)
    sender.go(filed.path)
    sender.look("letter-sent")
    assert sender.download(beside(sender, stage.words.upp)) == receipt


def holds_the_proof_of_submission(
    stage: Stage, reader: Visitor, filed: Filed, office: str = TOWN_HALL
) -> None:
    """The UPP beside the letter is sealed by the office and names the bytes and the time."""
    reader.go(filed.path)
    original = reader.download(stage.words.original)
    reader.page.get_by_role("link", name=stage.words.upp).click()
    reader.look("receipt-upp")
    check_upp(stage.demo, reader.download(stage.words.download), filed, original, office)


def beside(reader: Visitor, receipt: str) -> Locator:
    """Give the link beside a letter that downloads a receipt of it."""
    return reader.page.get_by_role("listitem").filter(has_text=receipt).locator("a[download]")


def sees_it_in_the_inbox(stage: Stage, clerk: Visitor, filed: Filed) -> None:
    """The office's line tells number, sender, title and what the signature is worth."""
    words, line = stage.words, clerk.in_inbox(filed.path)
    assert re.fullmatch(r"UM/\d+/\d{4}", filed.register_number or ""), filed.register_number
    for text in (filed.register_number, words.letter_title, words.valid, words.formal_met):
        expect(line).to_contain_text(text or "")
    clerk.look("office-inbox")


def reads_it(stage: Stage, reader: Visitor, filed: Filed, *attachments: File) -> None:
    """Text, attachments, original and checks are there, byte for byte where they are bytes."""
    words, page = stage.words, reader.page
    reader.in_inbox(filed.path).get_by_role("link").click()
    for paragraph in words.letter_text.split("\n\n"):
        expect(page.get_by_role("article")).to_contain_text(paragraph)
    for name, content in attachments:
        assert reader.download(page.get_by_role("link", name=name)) == content
    assert sha256(reader.download(words.original)) == filed.sha256 == reader.digest(words.digest)
    expect(page.get_by_role("main")).to_contain_text(words.valid)
    reader.unfold(words.signature_checks)
    expect(reader.fact(words.issued_by)).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text(words.passed)
    reader.look("letter-received")


def answers_with_a_decision(
    stage: Stage, clerk: Visitor, signatory: Visitor, filed: Filed, to: str
) -> Filed:
    """A clerk without the right to sign prepares; a signatory finds the draft, signs and sends."""
    words = stage.words
    draft = clerk.write(to, words.decision_title, words.decision_text, answer=filed.path)
    clerk.look("review-clerk")
    expect(clerk.page.get_by_text(words.kept_as_draft)).to_be_visible()
    expect(clerk.page.get_by_role("button", name=words.sign_here)).to_have_count(0)
    signatory.go("/outbox")
    signatory.look("office-outbox")
    signatory.page.locator(f"a[href='{draft}']").click()
    signatory.sign_here()
    decision = signatory.send()
    signatory.look("sent")
    return decision


def learns_only_that_a_letter_waits(stage: Stage, addressee: Visitor, decision: Filed) -> None:
    """Before the UPD is signed nothing of the content can be had, by no address."""
    words = stage.words
    expect(addressee.in_inbox(decision.path)).to_contain_text(words.sign_to_collect)
    addressee.look("citizen-inbox")
    for part in ("document", "attachments/0", "pages/0", "filed"):
        assert addressee.status(f"{decision.path}/{part}") == 404, part
    addressee.go(decision.path)
    assert addressee.path == f"{decision.path}/collect"
    assert words.decision_title not in addressee.page.content()
    addressee.look("collect")


def signs_for_it(stage: Stage, addressee: Visitor, decision: Filed) -> None:
    """What is signed is the proof whose digest is shown; then the letter opens."""
    words, page = stage.words, addressee.page
    addressee.go(f"{decision.path}/collect")
    addressee.unfold(words.own_application)
    proof = addressee.download(words.download_proof)
    assert sha256(proof) == addressee.digest(words.digest_of_proof)
    addressee.press(words.open_with_signature)
    expect(page.get_by_role("heading", level=1)).to_have_text(words.decision_title)
    assert addressee.path == decision.path


def reads_the_decision(stage: Stage, addressee: Visitor, decision: Filed) -> None:
    """The text of the decision is there."""
    addressee.go(decision.path)
    for paragraph in stage.words.decision_text.split("\n\n"):
        expect(addressee.page.get_by_role("article")).to_contain_text(paragraph)
    addressee.look("decision-opened")


def holds_the_proof_of_delivery(
    stage: Stage, reader: Visitor, decision: Filed, addressee: str, office: str = TOWN_HALL
) -> None:
    """The UPD beside the letter is signed by the addressee and names this letter."""
    reader.go(decision.path)
    reader.page.get_by_role("link", name=stage.words.upd).click()
    reader.look("receipt-upd")
    receipt = reader.download(stage.words.download)
    check_upd(stage.demo, receipt, decision, addressee, office)


def shows_every_page(stage: Stage, reader: Visitor) -> None:
    """The document on the page is shown as one picture for each of its pages."""
    pictures = reader.page.get_by_role("main").get_by_role("img")
    expect(pictures).to_have_count(PAGES)
    expect(pictures.first).to_have_attribute("alt", stage.words.page_1_of.format(count=PAGES))
    for picture in pictures.all():
        answer = reader.page.request.get(reader.base_url + (picture.get_attribute("src") or ""))
        assert answer.body().startswith(PNG)


def signs_the_draft_elsewhere(stage: Stage, author: Visitor, person: str, form: str) -> None:
    """The author downloads the draft shown, signs it with their own application, gives it back."""
    author.unfold(stage.words.own_application)
    unsigned = author.download(stage.words.download_document)
    suffix = {"pades": "pdf", "xades": "xml"}[form]
    signed = signs_elsewhere(stage, person, unsigned, form)
    author.hand_in_signed((f"podpisane.{suffix}", signed))
    expect(author.page.get_by_role("button", name=stage.words.send)).to_be_visible()


def signs_elsewhere(stage: Stage, person: str, document: bytes, form: str) -> bytes:
    """Sign as an application on the person's own machine would."""
    return signer.sign(document, stage.demo.own_application(person), format=form)


def is_told_the_verdict(
    stage: Stage, clerk: Visitor, filed: Filed, verdict: str, formal: str
) -> None:
    """The office's inbox says in words what the letter's signature is worth."""
    line = clerk.in_inbox(filed.path)
    expect(line).to_contain_text(verdict)
    expect(line).to_contain_text(formal)
