"""What a letter in XML says, as plain values for pages: never markup, never its stylesheet."""

import io
from dataclasses import dataclass
from typing import BinaryIO

from exchange.downloads import MEDIA_TYPES, UNKNOWN_MEDIA_TYPE, Download
from exchange.errors import NotFound
from schemas import XmlError
from schemas.letters import Attachment, Letter, Party, Person, read_letter
from storage import StoredDocument, Vault

LETTER_LIMIT = 128 << 20  # bytes: what the XML gate lets through
SNIFFED = {b"%PDF-": "pdf"}  # beginnings by which an attachment earns a type of its own


@dataclass(frozen=True)
class AttachmentSummary:
    """An attachment as the page lists it; `size` None: it lies elsewhere, under `address`."""

    index: int
    name: str
    media_type: str
    size: int | None
    description: str

    @property
    def embedded(self) -> bool:
        """Whether the bytes travel inside the letter, and so under its signature."""
        return self.size is not None


@dataclass(frozen=True)
class LetterContent:
    """A letter's text. `readable` is False for XML that is not a letter of a known shape."""

    readable: bool
    title: str
    created: str
    place: str
    senders: tuple[str, ...]
    addressees: tuple[str, ...]
    paragraphs: tuple[str, ...]
    statements: tuple[str, ...]
    attachments: tuple[AttachmentSummary, ...]


UNREADABLE = LetterContent(False, "", "", "", (), (), (), (), ())


def read_content(vault: Vault, stored: StoredDocument) -> LetterContent:
    """Read a stored letter; gives `UNREADABLE` for what no reader of ours understands."""
    try:
        letter = read_letter(vault.read(stored, limit=LETTER_LIMIT))
    except XmlError:
        return UNREADABLE
    return LetterContent(
        readable=True,
        title=letter.title or "",
        created=str(letter.created_on or ""),
        place=letter.place or "",
        senders=tuple(_party(party) for party in letter.senders),
        addressees=tuple(_party(party) for party in letter.addressees),
        paragraphs=tuple(letter.paragraphs),
        statements=tuple(letter.statements),
        attachments=_summaries(letter),
    )


def read_attachment(vault: Vault, stored: StoredDocument, index: int, stem: str) -> Download:
    """Give the bytes of an embedded attachment; raises `NotFound` for any other index."""
    try:
        letter = read_letter(vault.read(stored, limit=LETTER_LIMIT))
    except XmlError:
        raise NotFound from None
    if not 0 <= index < len(letter.attachments):
        raise NotFound
    attachment = letter.attachments[index]
    if not isinstance(attachment, Attachment):
        raise NotFound
    kind = _kind(attachment.content)
    media_type = MEDIA_TYPES.get(kind, UNKNOWN_MEDIA_TYPE)
    name = f"{stem}.{kind if kind in MEDIA_TYPES else 'bin'}"
    return Download(io.BytesIO(attachment.content), len(attachment.content), name, media_type)


def title_of(content: BinaryIO, kind: str) -> str:
    """Give the title an uploaded letter states, or an empty string."""
    if kind != "xml":
        return ""
    content.seek(0)
    try:
        return read_letter(content.read(LETTER_LIMIT)).title or ""
    except XmlError:
        return ""
    finally:
        content.seek(0)


def _summaries(letter: Letter) -> tuple[AttachmentSummary, ...]:
    return tuple(
        AttachmentSummary(
            index=index,
            name=each.name,
            media_type=each.media_type,
            size=len(each.content) if isinstance(each, Attachment) else None,
            description=each.description,
        )
        for index, each in enumerate(letter.attachments)
    )


def _party(party: Party) -> str:
    if isinstance(party, Person):
        return f"{party.given_name} {party.family_name}".strip()
    return party.name


def _kind(content: bytes) -> str:
    return next((kind for start, kind in SNIFFED.items() if content.startswith(start)), "bin")
