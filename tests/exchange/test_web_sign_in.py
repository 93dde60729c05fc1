"""Signing in at a real OpenID Connect provider, and everything that may go wrong on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from exchange.identity.profiles import new_identity
from exchange.people import Role
from exchange.web import OidcSettings, create_app
from sandbox import PEOPLE
from tests.exchange.conftest import House
from tests.exchange.web_browser import BASE_URL, Browser, web_settings
from tests.sandbox_fixtures import REDIRECT_URI, RunningSandbox

PROVIDER_TIMEOUT = 10


@dataclass(frozen=True)
class Entrance:
    """The service with the sandbox's provider before it."""

    app: Flask
    house: House

    def go_to_provider(self, browser: Browser) -> str:
        """Click on "sign in"; give where the browser is sent."""
        answer = browser.get("/sign-in")
        assert answer.status_code == 302
        return str(answer.location)

    def come_back(self, address: str, person_id: str) -> str:
        """Choose a person at the provider; give the path with which the browser returns."""
        answer = requests.post(
            address, data={"person": person_id}, allow_redirects=False, timeout=PROVIDER_TIMEOUT
        )
        returned = urlsplit(answer.headers["Location"])
        return f"{returned.path}?{returned.query}"

    def make_clerk(self, person_id: str, office: str) -> None:
        """Let somebody whom this provider will name be a clerk of an office."""
        person = next(p for p in PEOPLE if p.person_id == person_id)
        issuer = self.app.extensions["skrytka"].settings.oidc.issuer
        member = new_identity(
            issuer, person.subject, person.given_name, person.family_name, person.pesel
        )
        self.house.services.identity.set_member(office, member, [Role.CLERK])


@pytest.fixture
def open_entrance(house: House, sandbox_server: RunningSandbox) -> Callable[..., Entrance]:
    """Gives the service, with other client settings than the right ones where asked."""

    def build(**changes: str) -> Entrance:
        client = sandbox_server.sandbox.login_client()
        right = {
            "issuer": client.issuer,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
        }
        settings = web_settings(house.spools, oidc=OidcSettings(**(right | changes)))
        return Entrance(create_app(house.services, settings, clock=house.clock), house)

    return build


@pytest.fixture
def entrance(open_entrance: Callable[..., Entrance]) -> Entrance:
    return open_entrance()


def test_a_citizen_signs_in_and_lands_in_their_mailbox(entrance: Entrance) -> None:
    browser = Browser(entrance.app)
    answer = browser.get(entrance.come_back(entrance.go_to_provider(browser), "anna"))
    assert answer.status_code == 303
    assert answer.location == "/inbox"
    page = browser.get("/inbox").text
    assert "Działasz jako" in page
    assert "Zmień, w czyim imieniu działasz" not in page


def test_an_officer_begins_in_the_office_and_may_go_on_as_themselves(entrance: Entrance) -> None:
    browser = Browser(entrance.app)
    entrance.make_clerk("zofia", "umluban")
    browser.get(entrance.come_back(entrance.go_to_provider(browser), "zofia"))
    assert "Urząd Miasta Lubań" in browser.get("/inbox").text
    assert "Zmień, w czyim imieniu działasz" in browser.get("/inbox").text
    before = browser.client.get_cookie("skrytka", domain="service.test")
    assert browser.post("/acting-as", {"key": ""}).status_code == 303
    after = browser.client.get_cookie("skrytka", domain="service.test")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert "Działasz w imieniu" not in browser.get("/inbox").text
    assert Browser(entrance.app).carry(before.value).get("/inbox").status_code == 303


def test_the_request_to_the_provider_carries_state_nonce_and_challenge(entrance: Entrance) -> None:
    browser = Browser(entrance.app)
    browser.get("/language/en")
    asked = parse_qs(urlsplit(entrance.go_to_provider(browser)).query)
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == [REDIRECT_URI]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["ui_locales"] == ["en"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))


def test_what_the_browser_session_held_before_signing_in_is_gone(entrance: Entrance) -> None:
    browser = Browser(entrance.app)
    browser.get("/language/en")
    returned = entrance.come_back(entrance.go_to_provider(browser), "anna")
    with browser.client.session_transaction(base_url=BASE_URL) as session:
        session["planted"] = "by whoever shared this computer"
    browser.carry("planted token")
    browser.get(returned)
    with browser.client.session_transaction(base_url=BASE_URL) as session:
        assert "planted" not in session
        assert session["language"] == "en"
    token = browser.client.get_cookie("skrytka", domain="service.test")
    assert token is not None
    assert token.value != "planted token"


def test_after_signing_out_the_provider_is_asked_to_ask_again(entrance: Entrance) -> None:
    browser = Browser(entrance.app)
    assert "prompt" not in entrance.go_to_provider(browser)
    browser.get(entrance.come_back(entrance.go_to_provider(browser), "anna"))
    browser.post("/sign-out")
    assert "prompt=login" in entrance.go_to_provider(browser)
    browser.get(entrance.come_back(entrance.go_to_provider(browser), "jan"))
    assert "Działasz jako" in browser.get("/inbox").text


def _refused(browser: Browser, path: str, sentence: str, status: int = 400) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    assert sentence in answer.text
    assert browser.get("/inbox").status_code == 303
    assert browser.client.get_cookie("skrytka", domain="service.test") is None


def test_whoever_cancels_is_told_so(entrance: Entrance) -> None:
    browser = Browser(entrance.app)
    returned = entrance.come_back(entrance.go_to_provider(browser), "")
    _refused(browser, returned, "Logowanie zostało przerwane")


def test_an_answer_to_another_browser_is_refused(entrance: Entrance) -> None:
    attacker, victim = Browser(entrance.app), Browser(entrance.app)
    returned = entrance.come_back(entrance.go_to_provider(attacker), "jan")
    _refused(victim, returned, "nie przeszła sprawdzenia")


def test_an_answer_counts_once(entrance: Entrance) -> None:
    browser = Browser(entrance.app)
    returned = entrance.come_back(entrance.go_to_provider(browser), "anna")
    browser.get(returned)
    browser.post("/sign-out")
    _refused(browser, returned, "nie przeszła sprawdzenia")


def test_a_forged_code_is_refused(entrance: Entrance) -> None:
    browser = Browser(entrance.app)
    state = parse_qs(urlsplit(entrance.go_to_provider(browser)).query)["state"][0]
    _refused(browser, f"/sign-in/done?code=forged&state={state}", "nie przeszła sprawdzenia")


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?error=server_error&state=x"])
def test_an_answer_that_is_none_is_refused(entrance: Entrance, query: str) -> None:
    _refused(Browser(entrance.app), f"/sign-in/done{query}", "nie przeszła sprawdzenia")


def test_a_client_the_provider_does_not_know_signs_nobody_in(
    open_entrance: Callable[..., Entrance],
) -> None:
    entrance = open_entrance(client_secret="wrong")
    browser = Browser(entrance.app)
    returned = entrance.come_back(entrance.go_to_provider(browser), "anna")
    _refused(browser, returned, "nie przeszła sprawdzenia")


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1/login", "{sandbox}/nothing-here"])
def test_a_provider_that_does_not_answer_is_said_kindly(
    open_entrance: Callable[..., Entrance], sandbox_server: RunningSandbox, issuer: str
) -> None:
    entrance = open_entrance(issuer=issuer.format(sandbox=sandbox_server.base_url))
    _refused(Browser(entrance.app), "/sign-in", "Usługa logowania nie odpowiada", 502)


def test_a_provider_that_calls_itself_another_is_not_asked(
    house: House, sandbox_server: RunningSandbox
) -> None:
    class Misled(OidcSettings):
        metadata_url = f"{sandbox_server.sandbox.issuer}/.well-known/openid-configuration"

    settings = web_settings(house.spools, oidc=Misled("http://other.test", "skrytka", "secret"))
    app = create_app(house.services, settings, clock=house.clock)
    _refused(Browser(app), "/sign-in", "Usługa logowania nie odpowiada", 502)
