"""What a person writes into the compose form, checked before it becomes a letter."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from exchange.errors import Refused
from storage import EncryptedSpool

TITLE_LIMIT = 250  # characters: a register's column and a subject line still show it
TEXT_LIMIT = 100_000  # characters: forty pages; more belongs into a file
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
    check_title(form.title)
    if not form.title.strip():
        raise Refused("title_missing", field="title")
    if not form.paragraphs:
        raise Refused("text_missing", field="text")
    if len(form.text) > TEXT_LIMIT:
        raise Refused("text_too_long", field="text", limit=TEXT_LIMIT)
    for name, text in (("title", form.title), ("text", form.text), ("place", form.place)):
        if any(ord(character) < ord(" ") and character not in "\t\r\n" for character in text):
            raise Refused("text_has_control_characters", field=name)
    _check_attachments(form.attachments)


def check_title(title: str) -> None:
    """Raise `Refused` for a title that is too long."""
    if len(title) > TITLE_LIMIT:
        raise Refused("title_too_long", field="title", limit=TITLE_LIMIT)


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
