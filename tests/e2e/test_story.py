"""The main job, end to end, in a browser: a letter is filed, read, answered and collected."""

from playwright.sync_api import expect

from tests.e2e import scenes
from tests.e2e.paper import paper
from tests.e2e.stage import Stage, named
from tests.e2e.words import COUNTY, TOWN_HALL

ANNA = named("anna").name


def test_a_written_letter_becomes_a_written_decision(stage: Stage) -> None:
    anna, zofia, tomasz = (stage.meet(person) for person in ("anna", "zofia", "tomasz"))
    plan = ("mapa działki.pdf", paper("Mapa działki"))

    filed = scenes.writes_signs_and_files(stage, anna, plan)
    scenes.is_handed_the_proof_at_once(stage, anna, filed)
    for reader in (anna, zofia):
        scenes.holds_the_proof_of_submission(stage, reader, filed)
    scenes.sees_it_in_the_inbox(stage, zofia, filed)
    scenes.reads_it(stage, zofia, filed, plan)
    decision = scenes.answers_with_a_decision(stage, zofia, tomasz, filed, ANNA)
    scenes.learns_only_that_a_letter_waits(stage, anna, decision)
    scenes.signs_for_it(stage, anna, decision)
    scenes.reads_the_decision(stage, anna, decision)
    for reader in (anna, tomasz):
        scenes.holds_the_proof_of_delivery(stage, reader, decision, "anna")


def test_a_pdf_becomes_a_pdf_decision(stage: Stage) -> None:
    anna, tomasz = stage.meet("anna"), stage.meet("tomasz")
    words, title = stage.words, stage.words.plan_title

    anna.upload(TOWN_HALL, title, ("projekt.pdf", paper(title)))
    scenes.shows_every_page(stage, anna)
    anna.look("review-pdf")
    anna.sign_here()
    filed = anna.send()
    scenes.is_told_the_verdict(stage, tomasz, filed, words.valid, words.formal_met)
    tomasz.go(filed.path)
    scenes.shows_every_page(stage, tomasz)
    tomasz.look("letter-pdf")
    signed = tomasz.download(words.original)
    assert signed.startswith(paper(title))
    assert stage.demo.examine(signed).signatures[0].format == "PAdES"

    decision_file = ("decyzja.pdf", paper(words.decision_title))
    tomasz.upload(ANNA, words.decision_title, decision_file, answer=filed.path)
    tomasz.sign_here()
    decision = tomasz.send()
    scenes.learns_only_that_a_letter_waits(stage, anna, decision)
    scenes.signs_for_it(stage, anna, decision)
    scenes.shows_every_page(stage, anna)
    scenes.holds_the_proof_of_delivery(stage, anna, decision, "anna")


def test_whoever_has_a_certificate_signs_with_their_own_application(stage: Stage) -> None:
    anna, zofia, tomasz = (stage.meet(person) for person in ("anna", "zofia", "tomasz"))
    words = stage.words

    anna.write(TOWN_HALL, words.letter_title, words.letter_text)
    scenes.signs_the_draft_elsewhere(stage, anna, "anna", "xades")
    filed = anna.send()
    scenes.is_told_the_verdict(stage, zofia, filed, words.valid, words.formal_met)

    decision_file = ("decyzja.pdf", paper(words.decision_title))
    tomasz.upload(ANNA, words.decision_title, decision_file, answer=filed.path)
    scenes.signs_the_draft_elsewhere(stage, tomasz, "tomasz", "pades")
    decision = tomasz.send()

    expect(anna.in_inbox(decision.path)).to_be_visible()
    anna.go(decision.path)
    anna.unfold(words.own_application)
    proof = anna.download(words.download_proof)
    anna.hand_in_signed(("UPD.xml", scenes.signs_elsewhere(stage, "anna", proof, "xades")))
    expect(anna.page.get_by_role("heading", level=1)).to_have_text(words.decision_title)
    for reader in (anna, tomasz):
        scenes.holds_the_proof_of_delivery(stage, reader, decision, "anna")


def test_one_office_writes_to_another(stage: Stage) -> None:
    tomasz, piotr = stage.meet("tomasz"), stage.meet("piotr")

    filed = scenes.writes_signs_and_files(stage, tomasz, to=COUNTY)
    scenes.is_handed_the_proof_at_once(stage, tomasz, filed)
    scenes.reads_it(stage, piotr, filed)
    assert (filed.register_number or "").startswith("SP/")
    scenes.is_told_the_verdict(stage, piotr, filed, stage.words.valid, stage.words.formal_met)
    for reader in (tomasz, piotr):
        scenes.holds_the_proof_of_submission(stage, reader, filed, COUNTY)
