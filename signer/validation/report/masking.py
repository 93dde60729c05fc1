"""What is shown of foreign text: personal identifiers masked, control characters gone."""

from __future__ import annotations

import re
import unicodedata

_SHOWN_DIGITS = 2
"""The last ones: enough to tell two people apart, not enough to know either."""

_PESEL_IN_TEXT = re.compile(r"((?:PNOPL|PESEL)[^\d]{0,3})(\d{11})(?!\d)", re.ASCII)


def masked_pesel(pesel: str) -> str:
    """Give an identifier with all but its last digits hidden."""
    return "*" * max(len(pesel) - _SHOWN_DIGITS, 0) + pesel[-_SHOWN_DIGITS:]


def without_pesel(text: str) -> str:
    """Give a text with the personal identifiers inside masked (names of certificates hold them)."""
    return _PESEL_IN_TEXT.sub(lambda match: match[1] + masked_pesel(match[2]), text)


def one_line(text: str) -> str:
    """Give a text without characters that break lines, steer a terminal or turn its direction."""
    return "".join("\ufffd" if unicodedata.category(one)[0] == "C" else one for one in text)
