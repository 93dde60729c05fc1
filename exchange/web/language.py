"""The languages of the pages: which one, its catalogue, its dates.

English is the language of the source; every other language is a gettext catalogue,
`translations/<code>.po`, read at start, so that nothing has to be compiled and nothing compiled can
be stale.
"""

from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import flask_babel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, session
from markupsafe import Markup, escape

LANGUAGES = ("pl", "en")
"""Languages of the pages, the default first."""

LANGUAGE_NAMES = {"pl": "Polski", "en": "English"}

LOCAL_TIME = "Europe/Warsaw"
"""Times are shown as the law counts them: in Polish local time."""

SIZE_UNITS = ("B", "kB", "MB", "GB")
THOUSAND = 1000

_SOURCE_LANGUAGE = "en"
_FOLDER = Path(__file__).parent / "translations"
_SESSION_KEY = "language"


def init_language(app: Flask, default_language: str) -> None:
    """Make `app` speak `LANGUAGES`: gettext in code and templates, and filters for times."""

    def chosen() -> str:
        language = session.get(_SESSION_KEY)
        return language if language in LANGUAGES else default_language

    babel = flask_babel.Babel()
    babel.init_app(
        app,
        default_locale=default_language,
        default_timezone=LOCAL_TIME,
        locale_selector=chosen,
    )
    babel.domain_instance = _Catalogues({code: read_catalogue(code) for code in LANGUAGES})
    app.jinja_env.filters.update(
        when=when, day=day, calendar_day=calendar_day, size=size, stated_time=stated_time
    )
    app.jinja_env.globals.update(language=current_language, language_names=LANGUAGE_NAMES)


def current_language() -> str:
    """Give the code of the language of the page being made, one of `LANGUAGES`."""
    return str(flask_babel.get_locale())


def choose_language(code: str) -> None:
    """Keep `code` as the language of the browser session; an unknown code changes nothing."""
    if code in LANGUAGES:
        session[_SESSION_KEY] = code


def start_clean_session() -> None:
    """Forget all that the browser session held except the language."""
    language = session.get(_SESSION_KEY)
    session.clear()
    if language:
        session[_SESSION_KEY] = language


def read_catalogue(code: str) -> NullTranslations:
    """Give the catalogue of `code`, compiled in memory from its .po file."""
    if code == _SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = BytesIO()
    with (_FOLDER / f"{code}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return Translations(compiled)


def when(moment: datetime | None, *, seconds: bool = False, short: bool = False) -> Markup:
    """Give an aware `moment` as a `<time>` element: day and time in Polish local time.

    With `seconds` where the second counts; `short` names the month by its first letters, for lists.
    """
    if moment is None:
        return Markup("–")
    pattern = f"d {'MMM' if short else 'MMMM'} y, HH:mm{':ss' if seconds else ''}"
    return _time_element(moment, flask_babel.format_datetime(moment, pattern))


def day(moment: datetime | None) -> Markup:
    """Give an aware `moment` as a `<time>` element that shows its Polish local date only."""
    if moment is None:
        return Markup("–")
    return _time_element(moment, flask_babel.format_datetime(moment, "d MMMM y"))


def calendar_day(iso_date: str) -> Markup:
    """Give the date that a letter states (``YYYY-MM-DD``) in words; anything else as it stands."""
    try:
        stated = date.fromisoformat(iso_date)
    except ValueError:
        return escape(iso_date)
    text = flask_babel.format_date(stated, "d MMMM y")
    return Markup('<time datetime="{}">{}</time>').format(iso_date, text)


def stated_time(iso_instant: str) -> Markup:
    """Give an instant of a report (ISO 8601) in words; anything else as it stands."""
    try:
        return when(datetime.fromisoformat(iso_instant), seconds=True)
    except ValueError:
        return escape(iso_instant)


def size(count: int) -> str:
    """Give a number of bytes in words a person reads: bytes, kB, MB, GB (powers of 1000)."""
    value, units = float(count), iter(SIZE_UNITS)
    unit = next(units)
    while value >= THOUSAND and unit != SIZE_UNITS[-1]:
        value, unit = value / THOUSAND, next(units)
    return f"{flask_babel.format_decimal(round(value, 1))} {unit}"


def _time_element(moment: datetime, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), text)


class _Catalogues(flask_babel.Domain):  # type: ignore[misc]  # flask-babel carries no types
    """Hands out the catalogues read at start instead of looking for compiled files."""

    def __init__(self, catalogues: Mapping[str, NullTranslations]) -> None:
        super().__init__()
        self._catalogues = catalogues

    def get_translations(self) -> NullTranslations:
        locale = flask_babel.get_locale()
        return self._catalogues.get(str(locale), _NOTHING)


_NOTHING = NullTranslations()
