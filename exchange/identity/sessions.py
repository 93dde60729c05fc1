"""Signed-in sessions: random token in the browser, its digest in the database."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from exchange.identity.tables import SessionRow

TOKEN_BYTES = 32  # 256 bits: not to be guessed
IDLE_LIMIT = timedelta(minutes=30)  # an unattended counter computer must not stay signed in
AGE_LIMIT = timedelta(hours=12)  # a working day
TOUCH_INTERVAL = timedelta(minutes=1)  # `seen_at` is written no more often than this


def open_session(
    session: Session, person_id: UUID, institution_id: UUID | None, now: datetime
) -> str:
    """Begin a session and give its token, which is stored nowhere on the server."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        SessionRow(
            token_sha256=_digest(token),
            person_id=person_id,
            institution_id=institution_id,
            opened_at=now,
            seen_at=now,
        )
    )
    return token


def find_session(session: Session, token: str, now: datetime) -> SessionRow | None:
    """Give the live session of a token and note that it was used; None when over or unknown."""
    row = session.scalar(select(SessionRow).where(SessionRow.token_sha256 == _digest(token)))
    if row is None or now - row.seen_at > IDLE_LIMIT or now - row.opened_at > AGE_LIMIT:
        return None
    if now - row.seen_at > TOUCH_INTERVAL:
        row.seen_at = now
    return row


def close_session(session: Session, token: str) -> None:
    """End a session for good."""
    session.execute(delete(SessionRow).where(SessionRow.token_sha256 == _digest(token)))


def drop_ended(session: Session, now: datetime) -> None:
    """Remove the rows of sessions that can no longer be used."""
    over = (SessionRow.seen_at < now - IDLE_LIMIT) | (SessionRow.opened_at < now - AGE_LIMIT)
    session.execute(delete(SessionRow).where(over))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
