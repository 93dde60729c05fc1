"""The pages speak Polish and English, count as each does, and tell time as the law does."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

import exchange.web
from exchange.web import create_app
from exchange.web.language import (
    LANGUAGES,
    calendar_day,
    choose_language,
    day,
    size,
    stated_time,
    when,
)
from tests.exchange.web_browser import BASE_URL, Browser, web_settings
from tests.exchange.web_doubles import Doubles

WEB = Path(exchange.web.__file__).parent
METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%%")


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return create_app(Doubles(tmp_path).services(), web_settings(tmp_path))


def spoken_ids() -> set[str]:
    """Every message id that code and templates speak."""
    found = extract_from_dir(
        WEB,
        method_map=METHODS,
        keywords=KEYWORDS,
        options_map={"templates/**.html": {"newstyle_gettext": "true"}},
    )
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def catalogue(code: str) -> Catalog:
    with (WEB / "translations" / f"{code}.po").open("rb") as source:
        return read_po(source, locale=code)


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_sentence_is_translated_and_none_is_left_over(code: str) -> None:
    translated = {message.id: message for message in catalogue(code) if message.id}
    assert {i for i in translated if isinstance(i, str)} == spoken_ids()
    for message in translated.values():
        assert message.string, message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_translations_keep_their_placeholders(code: str) -> None:
    for message in catalogue(code):
        if isinstance(message.id, str) and isinstance(message.string, str):
            assert sorted(PLACEHOLDER.findall(message.id)) == sorted(
                PLACEHOLDER.findall(message.string)
            ), message.id


def test_pages_are_in_polish_until_the_visitor_chooses(app: Flask) -> None:
    page = Browser(app).get("/", headers={"Accept-Language": "en"}).text
    assert '<html lang="pl"' in page
    assert "Pisma do urzędów i z urzędów" in page


def test_a_chosen_language_stays_and_leads_back_to_the_page(app: Flask) -> None:
    browser = Browser(app)
    answer = browser.get("/language/en?back=/accessibility")
    assert answer.location == "/accessibility"
    assert "Accessibility statement" in browser.get("/accessibility").text


def test_an_unknown_language_changes_nothing(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/language/xx")
    assert '<html lang="pl"' in browser.get("/").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_other_language_is_one_link_away_on_every_page(app: Flask, language: str) -> None:
    browser = Browser(app)
    browser.get(f"/language/{language}")
    other = next(code for code in LANGUAGES if code != language)
    for path in ("/", "/accessibility", "/nothing"):
        page = browser.get(path).text
        assert f'hreflang="{other}"' in page
        assert f'<html lang="{language}"' in page


@pytest.mark.parametrize(
    ("moment", "polish", "english"),
    [
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "2 lipca 2026, 00:30", "2 July 2026, 00:30"),
        (
            datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
            "1 stycznia 2027, 00:30",
            "1 January 2027, 00:30",
        ),
    ],
)
def test_instants_are_told_in_polish_local_time(
    app: Flask, moment: datetime, polish: str, english: str
) -> None:
    for language, told in (("pl", polish), ("en", english)):
        with app.test_request_context(base_url=BASE_URL):
            choose_language(language)
            assert told in when(moment)
            assert told.split(",")[0] in day(moment)
            assert f'datetime="{moment.isoformat()}"' in when(moment)


def test_times_that_a_document_states_are_shown_even_when_they_are_none(app: Flask) -> None:
    with app.test_request_context(base_url=BASE_URL):
        assert "23 listopada 2026, 13:00:00" in stated_time("2026-11-23T12:00:00Z")
        assert stated_time("<b>yesterday</b>") == "&lt;b&gt;yesterday&lt;/b&gt;"
        assert "23 listopada 2026" in calendar_day("2026-11-23")
        assert calendar_day("<i>") == "&lt;i&gt;"


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (12_345, "12,3 kB"),
        (5_000_000, "5 MB"),
        (7_200_000_000, "7,2 GB"),
    ],
)
def test_sizes_are_told_in_decimal_units(app: Flask, count: int, told: str) -> None:
    with app.test_request_context(base_url=BASE_URL):
        assert size(count) == told
