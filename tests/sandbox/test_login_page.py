"""The login page: everybody on it, in both languages, and nobody takes it for a real login."""

import re

import pytest
import requests

from sandbox import OFFICES, PEOPLE
from tests.sandbox.test_login import Browser
from tests.sandbox_fixtures import RunningSandbox


def page(server: RunningSandbox, language: str = "", **extra: str) -> requests.Response:
    headers = {"Accept-Language": language} if language else {}
    return requests.get(Browser.at(server).url(**extra), headers=headers, timeout=10)


def test_everybody_is_a_button_under_their_office(sandbox_server: RunningSandbox) -> None:
    html = page(sandbox_server).text
    for person in PEOPLE:
        button = rf'<button name="person" value="{person.person_id}">\s*{person.name}'
        assert len(re.findall(button, html)) == 1
        assert person.pesel not in html
    legends = re.findall(r"<legend>(.*)</legend>", html)
    assert legends == ["Mieszkańcy", *(office.name for office in OFFICES)]


@pytest.mark.parametrize(
    ("accepted", "ui_locales", "language", "warning"),
    [
        ("", "", "pl", "To nie jest prawdziwe logowanie"),
        ("pl", "", "pl", "To nie jest prawdziwe logowanie"),
        ("en-GB,en;q=0.9", "", "en", "This is not a real login"),
        ("en", "pl", "pl", "To nie jest prawdziwe logowanie"),
        ("pl", "fr-CA en-GB", "en", "This is not a real login"),
        ("de", "de", "pl", "To nie jest prawdziwe logowanie"),
    ],
)
def test_the_page_speaks_the_language_of_the_service_or_the_browser_and_says_what_it_is(
    sandbox_server: RunningSandbox, accepted: str, ui_locales: str, language: str, warning: str
) -> None:
    extra = {"ui_locales": ui_locales} if ui_locales else {}
    html = page(sandbox_server, accepted, **extra).text
    assert f'<html lang="{language}">' in html
    assert warning in html
    assert html.count("<h1>") == 1


@pytest.mark.parametrize("path", ["/", "/disclosure", "/login/end-session", "/login/authorize"])
def test_every_page_marks_itself_as_a_sandbox(sandbox_server: RunningSandbox, path: str) -> None:
    html = requests.get(sandbox_server.base_url + path, timeout=10).text
    assert "To nie jest prawdziwe logowanie" in html


def test_the_page_runs_no_script_and_its_form_leads_only_to_the_service(
    sandbox_server: RunningSandbox,
) -> None:
    answer = page(sandbox_server)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://service.test;" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert " style=" not in answer.text


def test_what_the_request_says_is_never_echoed_as_markup(sandbox_server: RunningSandbox) -> None:
    nasty = "<script>alert(1)</script>"
    for extra in ({"state": nasty}, {"scope": nasty}, {"prompt": nasty}):
        assert nasty not in page(sandbox_server, **extra).text
    url = f"{sandbox_server.base_url}/login/authorize"
    assert nasty not in requests.get(url, params={"response_type": nasty}, timeout=10).text


def test_a_client_that_insists_on_no_page_is_told_that_a_login_is_needed(
    sandbox_server: RunningSandbox,
) -> None:
    url = Browser.at(sandbox_server).url(prompt="none")
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert "error=login_required" in answer.headers["Location"]
