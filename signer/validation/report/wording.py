"""The sentences of the report, in Polish and English, from the catalogue beside this module."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "pl")


def reason(cause: str, sub_indication: str | None, language: str) -> str:
    """Give one sentence: why the verdict is what it is."""
    return _entry(cause, sub_indication)["reason"][_known(language)]


def advice(cause: str, sub_indication: str | None, language: str) -> str:
    """Give one sentence: what to do now."""
    return _entry(cause, sub_indication)["advice"][_known(language)]


def label(name: str, language: str) -> str:
    """Give the word for a kind of signature, an indication or a heading of the text report."""
    return str(_catalogue()["labels"][name][_known(language)])


def causes() -> frozenset[str]:
    """Give the names that have a wording of their own."""
    return frozenset(_catalogue()["verdicts"])


def _entry(cause: str, sub_indication: str | None) -> dict[str, dict[str, str]]:
    verdicts: dict[str, dict[str, dict[str, str]]] = _catalogue()["verdicts"]
    return verdicts.get(cause) or verdicts.get(sub_indication or "") or verdicts["UNKNOWN"]


def _known(language: str) -> str:
    return language if language in LANGUAGES else "en"


@cache
def _catalogue() -> dict[str, Any]:
    text = files(__package__).joinpath("wording.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
