"""Personal identifiers in what is shown: masked unless someone who may see them asks."""

from __future__ import annotations

import re

_SHOWN_DIGITS = 2
"""The last ones: enough to tell two people apart, not enough to know either."""

_PESEL_IN_TEXT = re.compile(r"((?:PNOPL|PESEL)[^\d]{0,3})(\d{11})(?!\d)", re.ASCII)


def masked_pesel(pesel: str) -> str:
    """Give an identifier with all but its last digits hidden."""
    return "*" * max(len(pesel) - _SHOWN_DIGITS, 0) + pesel[-_SHOWN_DIGITS:]


def without_pesel(text: str) -> str:
    """Give a text with the personal identifiers inside masked (names of certificates hold them)."""
    return _PESEL_IN_TEXT.sub(lambda match: match[1] + masked_pesel(match[2]), text)
