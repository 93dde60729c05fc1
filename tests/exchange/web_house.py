"""The pages over the real exchange: people with browsers."""

import io
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from exchange.web import create_app
from sandbox import PEOPLE
from tests.exchange.conftest import PROVIDER, House
from tests.exchange.web_browser import Browser, web_settings


@dataclass(frozen=True)
class Town:
    """The house with its pages."""

    house: House
    app: Flask

    def browser(self, person_id: str) -> Browser:
        """Give the browser of somebody signed in; an office's people act for their office."""
        person = next(p for p in PEOPLE if p.person_id == person_id)
        token = self.house.services.identity.sign_in(
            PROVIDER, person.subject, person.given_name, person.family_name, person.pesel
        )
        return Browser(self.app).carry(token)


def open_town(house: House) -> Town:
    """Open the pages of a house."""
    settings = web_settings(house.spools)
    return Town(house, create_app(house.services, settings, clock=house.clock))


@dataclass(frozen=True)
class Things:
    """One of everything that belongs to somebody."""

    draft: UUID
    pdf_draft: UUID
    letter: UUID
    pdf_letter: UUID
    receipt: UUID
    decision: UUID


def attached(content: bytes, name: str) -> FileStorage:
    """Give a file as a browser sends it."""
    return FileStorage(io.BytesIO(content), name)


def write(browser: Browser, addressee: UUID | str, query: str = "", **changes: Any) -> TestResponse:
    """Write a letter; the answer leads to its draft."""
    fields = {
        "addressee": str(addressee),
        "title": "Wniosek o wydanie zaświadczenia",
        "text": "Proszę o wydanie zaświadczenia.\r\n\r\nDziękuję.",
        "place": "Lubań",
    }
    return browser.post(f"/letters/new/write{query}", fields | changes)


def upload(browser: Browser, addressee: UUID, content: bytes, **changes: Any) -> TestResponse:
    """Upload a PDF called plan.pdf; the answer leads to its draft."""
    fields = {
        "addressee": str(addressee),
        "content": attached(content, "plan.pdf"),
        "signed": "no",
        "title": "Plan",
    }
    return browser.post("/letters/new/upload", fields | changes)


def shown_digest(page: str) -> str:
    """Give the digest that a page asks consent for."""
    found = re.search(r'name="sha256" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def sign_and_file(town: Town, browser: Browser, draft: str) -> str:
    """Sign what the review page shows, file it and hand it over; gives the letter's path."""
    digest = shown_digest(browser.get(draft).text)
    assert browser.post(f"{draft}/sign", {"sha256": digest}).location == draft
    filed = browser.post(f"{draft}/file")
    assert filed.status_code == 303
    letter = str(filed.location).removesuffix("/filed")
    town.house.services.handover.deliver(UUID(letter.rsplit("/", 1)[1]))
    return letter


def letter_of(town: Town, browser: Browser, **changes: Any) -> str:
    """Let somebody file a letter with the town hall; gives its path."""
    answer = write(browser, town.house.office("umluban"), **changes)
    assert answer.status_code == 303, answer.text
    return sign_and_file(town, browser, str(answer.location))


def decision_for_anna(town: Town, office: Browser) -> str:
    """Let the office send Anna a decision; gives the decision's path."""
    addressee = town.house.sign_in("anna").mailbox.mailbox_id
    draft = str(write(office, addressee, title="Decyzja").location)
    return sign_and_file(town, office, draft)
