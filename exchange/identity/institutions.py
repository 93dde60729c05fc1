"""Institutions and who holds which role in them."""

import re
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from exchange.errors import NotFound, Refused
from exchange.identity.tables import InstitutionRow, MembershipRow
from exchange.people import InstitutionRef, Role

SHORT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{1,98}[a-z0-9]")  # ePUAP allows 100 characters


def add_institution(
    session: Session, short_id: str, name: str, register_prefix: str, now: datetime
) -> InstitutionRow:
    """Create an institution, or rename the one that has this short id."""
    if not SHORT_ID.fullmatch(short_id):
        raise Refused("short_id_invalid", field="short_id", short_id=short_id)
    row = session.scalar(select(InstitutionRow).where(InstitutionRow.short_id == short_id))
    if row is None:
        row = InstitutionRow(id=uuid4(), short_id=short_id, created_at=now)
        session.add(row)
    row.name = name
    row.register_prefix = register_prefix
    session.flush()
    return row


def find_institution(session: Session, short_id: str) -> InstitutionRow:
    """Give the institution with this short id; raises `NotFound`."""
    row = session.scalar(select(InstitutionRow).where(InstitutionRow.short_id == short_id))
    if row is None:
        raise NotFound("institution_unknown", short_id=short_id)
    return row


def set_roles(
    session: Session, institution_id: UUID, person_id: UUID, roles: frozenset[Role]
) -> None:
    """Let a person hold exactly these roles in an institution."""
    held = select(MembershipRow).where(
        MembershipRow.institution_id == institution_id, MembershipRow.person_id == person_id
    )
    for row in session.scalars(held):
        if row.role not in roles:
            session.delete(row)
    for role in sorted(roles):
        session.execute(
            insert(MembershipRow)
            .values(institution_id=institution_id, person_id=person_id, role=role.value)
            .on_conflict_do_nothing()
        )


def roles_of(session: Session, institution_id: UUID, person_id: UUID) -> frozenset[Role]:
    """Give the roles a person holds in an institution, perhaps none."""
    found = select(MembershipRow.role).where(
        MembershipRow.institution_id == institution_id, MembershipRow.person_id == person_id
    )
    return frozenset(Role(role) for role in session.scalars(found))


def institutions_of(session: Session, person_id: UUID) -> list[InstitutionRef]:
    """Give the institutions in which a person holds any role, by name."""
    found = (
        select(InstitutionRow)
        .join(MembershipRow, MembershipRow.institution_id == InstitutionRow.id)
        .where(MembershipRow.person_id == person_id)
        .distinct()
        .order_by(InstitutionRow.name)
    )
    return [reference(row) for row in session.scalars(found)]


def reference(row: InstitutionRow) -> InstitutionRef:
    """Give the value that stands for an institution outside this room."""
    return InstitutionRef(row.id, row.short_id, row.name)
