"""What a letter in XML says, as plain values for pages: never markup, never its stylesheet."""

import io
from dataclasses import dataclass

from exchange.downloads import MEDIA_TYPES, UNKNOWN_MEDIA_TYPE, Download
from exchange.errors import NotFound
from exchange.streams import Seekable
from schemas import XmlError
from schemas.letters import (
    Attachment,
    DamagedAttachment,
    Letter,
    LinkedAttachment,
    ReadAttachment,
    read_letter,
)
from storage import StoredDocument, Vault

STATED_TITLE_LIMIT = 250  # characters: what the compose form allows
LETTER_LIMIT = 128 << 20  # bytes: what the XML gate lets through
SNIFFED = {b"%PDF-": "pdf"}  # beginnings by which an attachment earns a type of its own


@dataclass(frozen=True)
class AttachmentSummary:
    """An attachment as the page lists it.

    `size` is None for one that lies elsewhere (`address` says where) and for one that cannot be
    decoded (`damaged`).
    """

    index: int
    name: str
    media_type: str
    size: int | None
    description: str
    address: str | None
    damaged: bool

    @property
    def embedded(self) -> bool:
        """Whether the bytes travel inside the letter, and so under its signature."""
        return self.size is not None


@dataclass(frozen=True)
class LetterContent:
    """All that a letter says, so that nothing that was signed stays unseen.

    `readable` is False for XML that is not a letter of a known shape. `other_texts` are pairs of
    an element's name and its text, for what other templates say beyond these fields.
    """

    readable: bool
    document_name: str
    title: str
    kind: str
    created: str
    place: str
    senders: tuple[str, ...]
    addressees: tuple[str, ...]
    paragraphs: tuple[str, ...]
    statements: tuple[str, ...]
    additional_information: str
    copies_to: tuple[str, ...]
    signatory: str
    other_texts: tuple[tuple[str, str], ...]
    attachments: tuple[AttachmentSummary, ...]


UNREADABLE = LetterContent(
    readable=False,
    document_name="",
    title="",
    kind="",
    created="",
    place="",
    senders=(),
    addressees=(),
    paragraphs=(),
    statements=(),
    additional_information="",
    copies_to=(),
    signatory="",
    other_texts=(),
    attachments=(),
)


def read_content(vault: Vault, stored: StoredDocument) -> LetterContent:
    """Read a stored letter; gives `UNREADABLE` for what no reader of ours understands."""
    try:
        letter = read_letter(vault.read(stored, limit=LETTER_LIMIT))
    except XmlError:
        return UNREADABLE
    return LetterContent(
        readable=True,
        document_name=letter.document_name,
        title=letter.title,
        kind=letter.other_kind or letter.kind,
        created=letter.created_on.isoformat() if letter.created_on else "",
        place=letter.place,
        senders=tuple(party.full_name for party in letter.senders),
        addressees=tuple(party.full_name for party in letter.addressees),
        paragraphs=letter.paragraphs,
        statements=letter.statements,
        additional_information=letter.additional_information,
        copies_to=tuple(party.full_name for party in letter.copies_to),
        signatory=", ".join(filter(None, (letter.signatory_position, letter.signatory_authority))),
        other_texts=tuple((field.name, field.value) for field in letter.other_fields),
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


def title_of(content: Seekable, kind: str) -> str:
    """Give the title that an uploaded letter states, on one line and short; else nothing."""
    if kind != "xml":
        return ""
    content.seek(0)
    try:
        title = read_letter(content.read(LETTER_LIMIT)).title
    except XmlError:
        return ""
    finally:
        content.seek(0)
    return " ".join(title.split())[:STATED_TITLE_LIMIT]


def _summaries(letter: Letter) -> tuple[AttachmentSummary, ...]:
    return tuple(_summary(index, each) for index, each in enumerate(letter.attachments))


def _summary(index: int, attachment: ReadAttachment) -> AttachmentSummary:
    return AttachmentSummary(
        index=index,
        name=attachment.name,
        media_type=attachment.media_type,
        size=len(attachment.content) if isinstance(attachment, Attachment) else None,
        description=attachment.description,
        address=attachment.address if isinstance(attachment, LinkedAttachment) else None,
        damaged=isinstance(attachment, DamagedAttachment),
    )


def _kind(content: bytes) -> str:
    return next((kind for start, kind in SNIFFED.items() if content.startswith(start)), "bin")
