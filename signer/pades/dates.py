"""Dates and times as PDF writes them (ISO 32000-1 7.9.4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from signer.pades.syntax import PdfObject

_DATE: Final = re.compile(
    rb"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?"
    rb"(?:Z(?:00'?(?:00'?)?)?|([+-])(\d\d)'?(?:(\d\d)'?)?)?\s*"
)


def read_date(value: PdfObject) -> datetime | None:
    """Give a PDF date in UTC; one without a zone counts as UTC. None: it is no date."""
    match = _DATE.fullmatch(value) if isinstance(value, bytes) else None
    if match is None:
        return None
    year, *rest = (int(part) if part else None for part in match.groups()[:6])
    month, day, hour, minute, second = rest
    try:
        moment = datetime(
            year or 0,
            month or 1,
            day or 1,
            hour or 0,
            minute or 0,
            second or 0,
            tzinfo=_zone(match),
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(match: re.Match[bytes]) -> timezone:
    if match[7] is None:
        return UTC
    offset = timedelta(hours=int(match[8]), minutes=int(match[9] or 0))
    return timezone(offset if match[7] == b"+" else -offset)
