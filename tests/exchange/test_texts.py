"""Every sentence exists in both languages and takes the same parameters."""

import string

import pytest

from exchange.errors import ExchangeError, NotFound, Refused
from exchange.texts import PHRASES


def _parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("code", sorted(PHRASES))
def test_both_languages_say_the_same(code: str) -> None:
    polish, english = PHRASES[code]
    assert polish
    assert english
    assert _parameters(polish) == _parameters(english)


def test_an_error_speaks_the_language_asked_for() -> None:
    error = Refused("title_too_long", field="title", limit=250)
    assert error.text("pl") == "Tytuł może mieć najwyżej 250 znaków."
    assert str(error) == error.text("en")


def test_nothing_found_and_not_allowed_say_the_same() -> None:
    assert ExchangeError("not_found").text("pl") == NotFound().text("pl")
