"""The pages beside the story: each is looked at, and says what it must."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.stage import Stage
from tests.e2e.visitor import Visitor
from tests.e2e.words import TOWN_HALL


def test_whoever_turns_back_at_the_login_is_told_so(
    stage: Stage, newcomer: Callable[[], Visitor]
) -> None:
    visitor, words = newcomer(), stage.words
    visitor.go("/")
    visitor.speak()
    visitor.press(words.sign_in)
    visitor.press(words.cancel_login)
    expect(visitor.page.get_by_role("main")).to_contain_text(words.login_cancelled)
    visitor.look("sign-in-cancelled")


def test_signing_out_closes_the_mailbox(stage: Stage, newcomer: Callable[[], Visitor]) -> None:
    visitor, words = newcomer().sign_in("jan"), stage.words
    visitor.look("citizen-inbox-empty")
    visitor.press(words.sign_out)
    expect(visitor.page.get_by_role("button", name=words.sign_in)).to_be_visible()
    visitor.go("/inbox")
    expect(visitor.page.get_by_role("button", name=words.sign_in)).to_be_visible()


def test_the_language_can_be_changed_where_one_is(
    stage: Stage, newcomer: Callable[[], Visitor]
) -> None:
    visitor, words = newcomer().sign_in("jan"), stage.words
    visitor.go("/letters/new/upload")
    other = visitor.page.get_by_role("navigation", name=words.language_label).get_by_role("link")
    other.click()
    expect(visitor.page.locator("html")).not_to_have_attribute("lang", words.language)
    assert visitor.path == "/letters/new/upload"
    visitor.speak()
    assert visitor.path == "/letters/new/upload"


def test_a_member_of_an_office_chooses_in_whose_name_to_act(
    stage: Stage, newcomer: Callable[[], Visitor]
) -> None:
    visitor, words = newcomer().sign_in("zofia"), stage.words
    account = visitor.page.locator("header")
    expect(account).to_contain_text(TOWN_HALL)
    visitor.page.get_by_role("link", name=words.another_name).click()
    visitor.look("acting-as")
    visitor.page.get_by_label("Zofia Przykładna").check()
    visitor.press(words.go_on)
    expect(account).not_to_contain_text(TOWN_HALL)
    expect(account).to_contain_text("Zofia Przykładna")


def test_an_auditor_reads_and_writes_nothing(stage: Stage, newcomer: Callable[[], Visitor]) -> None:
    visitor, words = newcomer().sign_in("ewa"), stage.words
    expect(visitor.page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
    expect(visitor.page.get_by_role("button", name=words.new_letter)).to_have_count(0)
    assert visitor.status("/letters/new") == 404


def test_the_accessibility_statement_is_one_click_away(
    stage: Stage, newcomer: Callable[[], Visitor]
) -> None:
    visitor = newcomer()
    visitor.go("/")
    visitor.speak()
    visitor.page.get_by_role("link", name=stage.words.accessibility).click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(stage.words.accessibility)
    visitor.look("accessibility")
