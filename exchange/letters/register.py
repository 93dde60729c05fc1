"""The register of incoming letters: one gapless row of numbers an institution and year."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from exchange.identity.tables import InstitutionRow
from exchange.letters.tables import RegisterRow

OFFICE_TIME = ZoneInfo("Europe/Warsaw")  # the register's year is the office's calendar year


def take_register_number(session: Session, institution_id: UUID, filed_at: datetime) -> str:
    """Give the next number, e.g. ``RPW/17/2026``; the row stays locked until the commit.

    The number is taken in the transaction that accepts the letter: a rollback gives it back.
    """
    year = filed_at.astimezone(OFFICE_TIME).year
    first = insert(RegisterRow).values(institution_id=institution_id, year=year, last_number=1)
    take = first.on_conflict_do_update(
        index_elements=[RegisterRow.institution_id, RegisterRow.year],
        set_={"last_number": RegisterRow.last_number + 1},
    ).returning(RegisterRow.last_number)
    number = session.execute(take).scalar_one()
    prefix = session.get_one(InstitutionRow, institution_id).register_prefix
    return f"{prefix}/{number}/{year}"
