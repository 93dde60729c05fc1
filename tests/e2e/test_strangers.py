"""Whoever asks for another's things by their address is told what is told of nothing."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.paper import paper
from tests.e2e.stage import Stage
from tests.e2e.visitor import Visitor
from tests.e2e.words import TOWN_HALL, Words

# Who may see what does not depend on the language, so once is enough.
pytestmark = pytest.mark.parametrize("words", ["en"], indirect=True)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="package")
def everything(meet: Callable[[str], Visitor], words: Words) -> list[str]:
    """Every address of a letter and a PDF that Anna filed, and of another that she began."""
    owner = meet("anna")
    attachment = ("plan.pdf", paper(words.plan_title))
    owner.write(TOWN_HALL, words.letter_title, words.letter_text, attachment)
    owner.sign_here()
    letter = owner.send().path
    owner.go(letter)
    receipt = owner.page.get_by_role("link", name=words.upp).get_attribute("href")
    owner.upload(TOWN_HALL, words.plan_title, attachment)
    owner.sign_here()
    pdf = owner.send().path
    draft = owner.upload(TOWN_HALL, words.plan_title, attachment)
    return [
        *(f"{letter}{part}" for part in ("", "/filed", "/document", "/attachments/0")),
        *(f"{pdf}{part}" for part in ("", "/document", "/pages/0")),
        *(f"{receipt}{part}" for part in ("", "/document")),
        *(f"{draft}{part}" for part in ("", "/document", "/pages/0")),
        *(f"/letters/new/{way}?answer={letter[-36:]}" for way in ("write", "upload")),
    ]


@pytest.mark.parametrize("person", ["jan", "piotr"])
def test_a_strangers_request_ends_like_one_for_nothing(
    stage: Stage, everything: list[str], person: str
) -> None:
    anna, stranger = stage.meet("anna"), stage.meet(person)
    for path in everything:
        assert anna.status(path) == 200, path
        theirs = stranger.page.request.get(stranger.base_url + path)
        nothing = stranger.page.request.get(stranger.base_url + UUID.sub(str(uuid4()), path))
        assert theirs.status == nothing.status == 404, path
        assert theirs.body() == nothing.body(), path
    stranger.go(everything[0])
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text(stage.words.not_found)
    stranger.look("not-found")


def test_drafts_are_hidden_from_the_office_they_are_written_to(stage: Stage) -> None:
    anna, zofia = stage.meet("anna"), stage.meet("zofia")
    draft = anna.write(TOWN_HALL, stage.words.letter_title, stage.words.letter_text)
    for part in ("", "/document"):
        assert anna.status(draft + part) == 200
        assert zofia.status(draft + part) == 404
