"""The pages over the real exchange: people with browsers."""

from dataclasses import dataclass
from uuid import UUID

from flask import Flask

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
