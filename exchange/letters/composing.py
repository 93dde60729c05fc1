"""What a person writes into the compose form, checked before it becomes a letter."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from exchange.errors import Refused
from storage import EncryptedSpool

TITLE_LIMIT = 250  # characters: a register's column and a subject line still show it
TEXT_LIMIT = 100_000  # characters: forty pages; more belongs into a file
PLACE_LIMIT = 100  # characters: the longest place name in Poland has 35
CASE_NUMBER_LIMIT = 100  # characters: the column's width; real ones have about 25
UNCARRIED = frozenset(map(chr, range(32))) - frozenset("\t\r\n") | frozenset("\ufffe\uffff")
ATTACHMENT_COUNT_LIMIT = 20
ATTACHMENTS_LIMIT_MB = 50  # they travel inside the XML, a third larger; the parser holds them whole
FILE_NAME_LIMIT = 200  # characters: what common file systems take, with room for our suffixes
FALLBACK_FILE_NAME = "dokument"


@dataclass(frozen=True)
class NewAttachment:
    """A file to travel inside a letter. `media_type` is what the sender's browser claimed."""

    name: str
    media_type: str
    content: EncryptedSpool


@dataclass(frozen=True)
class ComposeForm:
    """A general letter to be written."""

    addressee_mailbox_id: UUID
    title: str
    text: str
    place: str
    attachments: tuple[NewAttachment, ...] = field(default=())
    in_reply_to: UUID | None = None
    case_number: str | None = None

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text as paragraphs: blank lines part them."""
        parts = self.text.replace("\r\n", "\n").split("\n\n")
        return tuple(part.strip() for part in parts if part.strip())


@dataclass(frozen=True)
class UploadForm:
    """A file to be sent as it is. An empty title takes the file's name."""

    addressee_mailbox_id: UUID
    title: str
    content: EncryptedSpool
    file_name: str
    in_reply_to: UUID | None = None
    case_number: str | None = None


@dataclass(frozen=True)
class Received:
    """A document that arrived whole, and when its last byte did."""

    content: EncryptedSpool
    received_at: datetime


def check_compose(form: ComposeForm) -> None:
    """Raise `Refused` naming the first field that a letter cannot carry."""
    check_heading(form)
    if not form.title.strip():
        raise Refused("title_missing", field="title")
    if not form.paragraphs:
        raise Refused("text_missing", field="text")
    _check_length("text", form.text, TEXT_LIMIT)
    _check_length("place", form.place, PLACE_LIMIT)
    for name, text in (("text", form.text), ("place", form.place)):
        _check_characters(name, text)
    _check_attachments(form.attachments)


def check_heading(form: ComposeForm | UploadForm) -> None:
    """Raise `Refused` for a title or case number that registers and receipts cannot carry."""
    _check_length("title", form.title, TITLE_LIMIT)
    _check_length("case_number", form.case_number or "", CASE_NUMBER_LIMIT)
    for name, text in (("title", form.title), ("case_number", form.case_number or "")):
        _check_characters(name, text)


def _check_length(field: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise Refused(f"{field}_too_long", field=field, limit=limit)


def _check_characters(field: str, text: str) -> None:
    """XML 1.0 carries no control characters, surrogates or U+FFFE, U+FFFF (production 2)."""
    if any(character in UNCARRIED or "\ud800" <= character <= "\udfff" for character in text):
        raise Refused("text_has_control_characters", field=field)


def _check_attachments(attachments: tuple[NewAttachment, ...]) -> None:
    if len(attachments) > ATTACHMENT_COUNT_LIMIT:
        raise Refused("too_many_attachments", field="attachments", limit=ATTACHMENT_COUNT_LIMIT)
    for attachment in attachments:
        if attachment.content.size == 0:
            raise Refused("attachment_empty", field="attachments", name=attachment.name)
    if sum(a.content.size for a in attachments) > ATTACHMENTS_LIMIT_MB * 1_000_000:
        raise Refused("attachments_too_large", field="attachments", limit=ATTACHMENTS_LIMIT_MB)


def plain_file_name(name: str) -> str:
    """Give a name that is safe to show and to keep: no folders, no control or format characters."""
    last = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    shown = "".join(character for character in last if character.isprintable())
    return shown.strip(" .")[:FILE_NAME_LIMIT] or FALLBACK_FILE_NAME
