"""Values as XML writes them: text it can carry, instants with an offset, whole dates."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from schemas.errors import XmlError, XmlReason

# Offices read and write local time; an instant without an offset, seen in older files, means this.
POLISH_TIME = ZoneInfo("Europe/Warsaw")

# Nothing official happens outside these years; instants near the ends of the calendar cannot even
# be moved to another time zone.
_YEARS = range(1900, 3000)

# Everything outside Char of XML 1.0 2.2: control characters, halves of surrogates, U+FFFE, U+FFFF.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str, where: str) -> str:
    """Give `text` back when XML can carry it; raises `XmlError` (UNWRITABLE) naming `where`."""
    found = _UNWRITABLE.search(text)
    if found:
        raise XmlError(XmlReason.UNWRITABLE, where=where, found=f"U+{ord(found[0]):04X}")
    return text


def write_instant(instant: datetime, where: str) -> str:
    """Give an aware instant as xs:dateTime in Polish local time with its offset."""
    if instant.tzinfo is None:
        raise XmlError(XmlReason.TIME, where=where)
    return instant.astimezone(POLISH_TIME).isoformat()


def read_instant(text: str, where: str) -> datetime:
    """Read an xs:dateTime as an aware instant; without an offset it is Polish local time."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise XmlError(XmlReason.TIME, where=where) from error
    if instant.year not in _YEARS:
        raise XmlError(XmlReason.TIME, where=where)
    return instant if instant.tzinfo else instant.replace(tzinfo=POLISH_TIME)


def read_date(text: str) -> date | None:
    """Read the date that a date or a date and time begins with; None where there is none."""
    try:
        return date.fromisoformat(text.strip()[: len("2026-03-04")])
    except ValueError:
        return None
