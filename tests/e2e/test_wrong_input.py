"""What goes wrong is said at the place where it can be mended, or told to the office in words."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import scenes
from tests.e2e.paper import changed_after_signing, paper, word_document
from tests.e2e.stage import Stage, named
from tests.e2e.words import TOWN_HALL


def test_a_letter_without_a_title_is_asked_for_one(stage: Stage) -> None:
    anna, words = stage.meet("anna"), stage.words
    page = anna.page
    anna.go("/letters/new/write")
    anna.page.get_by_label(words.to_whom).select_option(label=TOWN_HALL)
    page.get_by_label(words.text, exact=True).fill(words.letter_text)
    page.get_by_label(words.place, exact=True).fill("Lubań")
    anna.press(words.go_on)

    expect(page).to_have_title(f"{words.error_prefix} {words.write} – Skrytka")
    summary = page.get_by_role("alert")
    expect(page.locator("[data-module=govuk-error-summary]")).to_be_focused()
    title = page.get_by_label(words.title, exact=True)
    expect(title).to_have_accessible_description(re.compile(words.title_missing))
    anna.look("write-errors")
    summary.get_by_role("link", name=words.title_missing).click()
    expect(title).to_be_focused()
    expect(page.get_by_label(words.text, exact=True)).to_have_value(words.letter_text)
    title.fill(words.letter_title)
    anna.press(words.go_on)
    expect(page.get_by_role("button", name=words.sign_here)).to_be_visible()


@pytest.mark.parametrize("disguise", ["podanie.docx", "podanie.pdf"])
def test_a_word_document_is_refused_whatever_its_name(stage: Stage, disguise: str) -> None:
    anna, words = stage.meet("anna"), stage.words
    anna.go("/letters/new/upload")
    anna.choose_upload(TOWN_HALL, words.plan_title, (disguise, word_document()))

    expect(anna.page.get_by_role("alert")).to_contain_text(words.wrong_kind)
    anna.look("upload-errors")


def test_a_pdf_changed_after_signing_is_filed_and_called_invalid(stage: Stage) -> None:
    anna, zofia, words = stage.meet("anna"), stage.meet("zofia"), stage.words
    signed = scenes.signs_elsewhere(stage, "anna", paper(words.plan_title), "pades")

    forged = ("plan.pdf", changed_after_signing(signed))
    anna.upload(TOWN_HALL, words.plan_title, forged, signed=True)
    filed = anna.send()
    scenes.is_told_the_verdict(stage, zofia, filed, words.invalid, words.formal_not_met)
    zofia.go(filed.path)
    expect(zofia.page.get_by_role("heading", level=2, name=words.invalid)).to_be_visible()
    zofia.look("letter-invalid")


def test_a_revoked_certificate_never_passes(stage: Stage) -> None:
    krystyna, zofia, words = stage.meet("krystyna"), stage.meet("zofia"), stage.words

    krystyna.write(TOWN_HALL, words.letter_title, words.letter_text)
    krystyna.sign_here()
    filed = krystyna.send()
    line = zofia.in_inbox(filed.path)
    expect(line).to_contain_text(words.letter_title)
    expect(line).not_to_contain_text(words.valid)
    expect(line).not_to_contain_text(words.formal_met)
    zofia.go(filed.path)
    zofia.look("letter-revoked")


def test_the_signed_file_of_another_kind_is_not_taken_for_this_letter(stage: Stage) -> None:
    anna, words = stage.meet("anna"), stage.words
    anna.write(TOWN_HALL, words.letter_title, words.letter_text)
    anna.hand_in_signed(("inny.pdf", paper("Inny dokument")))

    expect(anna.page.get_by_role("alert")).to_contain_text(words.other_kind)
    expect(anna.page.get_by_role("button", name=words.send)).to_have_count(0)
    anna.look("review-errors")


def test_another_proof_than_the_one_prepared_opens_nothing(stage: Stage) -> None:
    anna, tomasz, words = stage.meet("anna"), stage.meet("tomasz"), stage.words
    anna.write(TOWN_HALL, words.letter_title, words.letter_text)
    anna.sign_here()
    filed = anna.send()
    letter = ("decyzja.pdf", paper(words.decision_title))
    tomasz.upload(named("anna").name, words.decision_title, letter, answer=filed.path)
    tomasz.sign_here()
    decision = tomasz.send()

    expect(anna.in_inbox(decision.path)).to_be_visible()
    anna.go(decision.path)
    anna.unfold(words.own_application)
    proof = anna.download(words.download_proof)
    for forged in (proof, scenes.signs_elsewhere(stage, "jan", proof, "xades")):
        anna.hand_in_signed(("UPD.xml", forged))
        expect(anna.page.get_by_role("alert")).to_be_visible()
        assert anna.status(f"{decision.path}/document") == 404
    anna.look("collect-errors")
