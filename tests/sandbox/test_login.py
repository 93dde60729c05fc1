"""The login, driven as a browser and a client would, by Authlib's client side over HTTP."""

import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox import PEOPLE, Person
from tests.sandbox_fixtures import REDIRECT_URI, RunningSandbox


def metadata_of(server: RunningSandbox) -> dict[str, str]:
    url = f"{server.sandbox.issuer}/.well-known/openid-configuration"
    found: dict[str, str] = requests.get(url, timeout=10).json()
    return found


@dataclass
class Browser:
    """One login attempt: the client's session, and where the provider sends the browser."""

    server: RunningSandbox
    session: OAuth2Session
    verifier: str

    @classmethod
    def at(cls, server: RunningSandbox, **changed: str) -> "Browser":
        client = server.sandbox.login_client()
        settings = {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "redirect_uri": server.redirect_uri,
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
            **changed,
        }
        return cls(server, OAuth2Session(**settings), secrets.token_urlsafe(48))

    def url(self, **extra: str) -> str:
        endpoint = metadata_of(self.server)["authorization_endpoint"]
        asked = {"nonce": secrets.token_urlsafe(), **extra}
        url, _ = self.session.create_authorization_url(
            endpoint, code_verifier=self.verifier, **asked
        )
        return str(url)

    def choose(self, person_id: str, **extra: str) -> str:
        """Click on a person; give the address the browser is sent to."""
        answer = requests.post(
            self.url(**extra), data={"person": person_id}, allow_redirects=False, timeout=10
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def fetch(self, returned: str, **changed: str) -> dict[str, str]:
        endpoint = metadata_of(self.server)["token_endpoint"]
        settings = {"code_verifier": self.verifier, **changed}
        token: dict[str, str] = self.session.fetch_token(
            endpoint, authorization_response=returned, **settings
        )
        return token


def refused_because(browser: Browser, returned: str, **changed: str) -> str:
    """Ask for the token as given; give the provider's error code."""
    client = browser.server.sandbox.login_client()
    asked = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(returned).query)["code"][0],
        "redirect_uri": browser.server.redirect_uri,
        "code_verifier": browser.verifier,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        **changed,
    }
    endpoint = metadata_of(browser.server)["token_endpoint"]
    answer = requests.post(endpoint, data=asked, timeout=10)
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.text
    return str(answer.json()["error"])


def claims_in(server: RunningSandbox, token: dict[str, str]) -> CodeIDToken:
    keys = KeySet.import_key_set(requests.get(metadata_of(server)["jwks_uri"], timeout=10).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    return CodeIDToken(decoded.claims, decoded.header)


def test_the_discovery_document_is_valid_and_names_the_issuer_it_is_found_at(
    sandbox_server: RunningSandbox,
) -> None:
    found = OpenIDProviderMetadata(metadata_of(sandbox_server))
    found.validate()
    assert found["issuer"] == sandbox_server.sandbox.issuer
    assert found["issuer"] == f"{sandbox_server.base_url}/login"
    assert found["code_challenge_methods_supported"] == ["S256"]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.person_id)
@pytest.mark.parametrize("authentication", ["client_secret_basic", "client_secret_post"])
def test_everybody_can_log_in_and_the_token_says_who_it_was(
    sandbox_server: RunningSandbox, person: Person, authentication: str
) -> None:
    browser = Browser.at(sandbox_server, token_endpoint_auth_method=authentication)
    returned = browser.choose(person.person_id, nonce=(nonce := secrets.token_urlsafe()))
    assert returned.startswith(f"{REDIRECT_URI}?")
    token = browser.fetch(returned)
    claims = claims_in(sandbox_server, token)
    assert claims["iss"] == sandbox_server.sandbox.issuer
    assert claims["aud"] == sandbox_server.sandbox.login_client().client_id
    assert claims["nonce"] == nonce
    assert claims["exp"] - claims["iat"] <= 600
    assert claims["sub"] == person.subject
    assert (claims["given_name"], claims["family_name"]) == (person.given_name, person.family_name)
    assert claims["pesel"] == person.pesel
    assert claims["acr"] == "http://eidas.europa.eu/LoA/substantial"
    told = browser.session.get(metadata_of(sandbox_server)["userinfo_endpoint"]).json()
    assert told["sub"] == person.subject
    assert told["pesel"] == person.pesel


def test_the_state_comes_back_unchanged(sandbox_server: RunningSandbox) -> None:
    returned = Browser.at(sandbox_server).choose("anna", state="weiß & käse")
    assert parse_qs(urlsplit(returned).query)["state"] == ["weiß & käse"]


def test_whoever_does_not_want_to_log_in_is_sent_back_with_that(
    sandbox_server: RunningSandbox,
) -> None:
    returned = Browser.at(sandbox_server).choose("")
    assert parse_qs(urlsplit(returned).query)["error"] == ["access_denied"]


def test_a_name_that_is_not_on_the_list_logs_nobody_in(sandbox_server: RunningSandbox) -> None:
    returned = Browser.at(sandbox_server).choose("root")
    assert "code" not in parse_qs(urlsplit(returned).query)


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://evil.test/sign-in/done",
        REDIRECT_URI + "/",
        REDIRECT_URI + "?next=1",
        REDIRECT_URI + "#",
        REDIRECT_URI.upper(),
        REDIRECT_URI.replace("http:", "https:"),
        REDIRECT_URI.replace("/sign-in", "/x/../sign-in"),
        "javascript:alert(1)",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_browser_is_never_sent_to_an_address_that_is_not_registered(
    sandbox_server: RunningSandbox, redirect_uri: str, method: str
) -> None:
    url = Browser.at(sandbox_server, redirect_uri=redirect_uri).url()
    answer = requests.request(
        method, url, data={"person": "anna"}, allow_redirects=False, timeout=10
    )
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("left_out", "error"),
    [
        ("nonce", "invalid_request"),
        ("code_challenge", "invalid_request"),
        ("code_challenge_method", "invalid_request"),
    ],
)
def test_nonce_and_pkce_are_not_optional(
    sandbox_server: RunningSandbox, left_out: str, error: str
) -> None:
    parts = urlsplit(Browser.at(sandbox_server).url())
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    del query[left_out]
    endpoint = parts._replace(query="").geturl()
    answer = requests.post(
        endpoint, params=query, data={"person": "anna"}, allow_redirects=False, timeout=10
    )
    returned = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert returned["error"] == [error]
    assert "code" not in returned


def test_a_plain_challenge_is_refused(sandbox_server: RunningSandbox) -> None:
    url = Browser.at(sandbox_server).url().replace("S256", "plain")
    answer = requests.post(url, data={"person": "anna"}, allow_redirects=False, timeout=10)
    assert "error=invalid_request" in answer.headers["Location"]


def test_a_code_is_good_once_and_its_second_coming_voids_the_token(
    sandbox_server: RunningSandbox,
) -> None:
    browser = Browser.at(sandbox_server)
    returned = browser.choose("anna")
    token = browser.fetch(returned)
    assert refused_because(browser, returned) == "invalid_grant"
    userinfo = metadata_of(sandbox_server)["userinfo_endpoint"]
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert requests.get(userinfo, headers=headers, timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": secrets.token_urlsafe(48)}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": "http://evil.test/"}, "invalid_grant"),
        ({"client_secret": "guessed"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "somebody-else"}, "invalid_client"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ],
)
def test_a_stolen_or_guessed_token_request_is_refused(
    sandbox_server: RunningSandbox, changed: dict[str, str], error: str
) -> None:
    browser = Browser.at(sandbox_server)
    assert refused_because(browser, browser.choose("anna"), **changed) == error


def test_a_wrong_verifier_burns_the_code(sandbox_server: RunningSandbox) -> None:
    browser = Browser.at(sandbox_server)
    returned = browser.choose("anna")
    refused_because(browser, returned, code_verifier=secrets.token_urlsafe(48))
    assert refused_because(browser, returned) == "invalid_grant"


@pytest.mark.parametrize("header", [None, "Bearer guessed", "Basic YTpi"])
def test_userinfo_tells_nothing_without_a_token(
    sandbox_server: RunningSandbox, header: str | None
) -> None:
    headers = {"Authorization": header} if header else {}
    answer = requests.get(
        metadata_of(sandbox_server)["userinfo_endpoint"], headers=headers, timeout=10
    )
    assert answer.status_code == 401
    assert "pesel" not in answer.text


def end_session(server: RunningSandbox, **asked: str) -> requests.Response:
    url = metadata_of(server)["end_session_endpoint"]
    return requests.get(url, params=asked, allow_redirects=False, timeout=10)


def test_signing_out_returns_to_the_service_and_ends_the_token(
    sandbox_server: RunningSandbox,
) -> None:
    browser = Browser.at(sandbox_server)
    token = browser.fetch(browser.choose("jan"))
    back = sandbox_server.post_logout_redirect_uri
    answer = end_session(
        sandbox_server,
        id_token_hint=token["id_token"],
        post_logout_redirect_uri=back,
        state="s1",
    )
    assert answer.headers["Location"] == f"{back}?state=s1"
    userinfo = metadata_of(sandbox_server)["userinfo_endpoint"]
    assert browser.session.get(userinfo).status_code == 401


def test_signing_out_never_leads_to_a_foreign_address(sandbox_server: RunningSandbox) -> None:
    client_id = sandbox_server.sandbox.login_client().client_id
    foreign = {"client_id": client_id, "post_logout_redirect_uri": "http://evil.test/"}
    answer = end_session(sandbox_server, **foreign)
    assert answer.status_code == 200
    assert "Location" not in answer.headers


def test_signing_out_works_without_an_id_token(sandbox_server: RunningSandbox) -> None:
    back = sandbox_server.post_logout_redirect_uri
    client_id = sandbox_server.sandbox.login_client().client_id
    answer = end_session(sandbox_server, client_id=client_id, post_logout_redirect_uri=back)
    assert answer.headers["Location"] == back
