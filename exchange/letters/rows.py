"""Reading and writing the sealed columns of letters and drafts."""

import json
from typing import Any, Literal
from uuid import UUID

from exchange.letters.tables import DraftRow, LetterRow
from storage import ColumnCipher

LetterField = Literal["title", "file_name", "sender_name", "addressee_name", "report"]
DraftField = Literal["title", "file_name"]


def seal_letter(cipher: ColumnCipher, letter_id: UUID, field: LetterField, text: str) -> bytes:
    """Seal a letter's personal column, bound to its row and column."""
    return cipher.seal(text, context=f"letter.{field}:{letter_id}")


def open_letter(cipher: ColumnCipher, row: LetterRow, field: LetterField) -> str:
    """Open a letter's personal column."""
    sealed: bytes = getattr(row, f"{field}_sealed")
    return cipher.open(sealed, context=f"letter.{field}:{row.id}")


def open_report(cipher: ColumnCipher, row: LetterRow) -> dict[str, Any]:
    """Give the validation report made when the letter was accepted, as its JSON contract."""
    report: dict[str, Any] = json.loads(open_letter(cipher, row, "report"))
    return report


def seal_draft(cipher: ColumnCipher, draft_id: UUID, field: DraftField, text: str) -> bytes:
    """Seal a draft's personal column, bound to its row and column."""
    return cipher.seal(text, context=f"draft.{field}:{draft_id}")


def open_draft(cipher: ColumnCipher, row: DraftRow, field: DraftField) -> str:
    """Open a draft's personal column."""
    sealed: bytes = getattr(row, f"{field}_sealed")
    return cipher.open(sealed, context=f"draft.{field}:{row.id}")
