"""Rows of people, institutions, mailboxes, roles and sessions. Who people are is sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from storage import Base


class InstitutionRow(Base):
    """An office or other public body."""

    __tablename__ = "institution"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    short_id: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str]
    register_prefix: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PersonRow(Base):
    """Someone who signed in at least once, or was named by an institution's administrator.

    `identity_index` is a keyed digest of (provider, subject), as some providers use the PESEL as
    the subject. `profile_sealed` holds names and PESEL.
    """

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    identity_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    profile_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MembershipRow(Base):
    """One role of one person in one institution."""

    __tablename__ = "membership"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class SessionRow(Base):
    """A signed-in session; the browser holds the token, the row only its digest."""

    __tablename__ = "login_session"

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    institution_id: Mapped[UUID | None] = mapped_column(ForeignKey("institution.id"))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MailboxRow(Base):
    """Where letters arrive: one of a person, or one of an institution (its ESP)."""

    __tablename__ = "mailbox"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (institution_id IS NULL)", name="one_owner"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(200), unique=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), unique=True)
    institution_id: Mapped[UUID | None] = mapped_column(ForeignKey("institution.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
