"""Writing a general letter (CRWD pismo ogólne 1410) from the compose form."""

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from exchange.errors import Refused
from exchange.letters.composing import ComposeForm, NewAttachment, plain_file_name
from exchange.people import Actor, MailboxRef
from schemas import XmlError
from schemas.letters import (
    Attachment,
    GeneralLetter,
    Institution,
    Party,
    Person,
    build_general_letter,
)

LETTER_DATE_ZONE = ZoneInfo("Europe/Warsaw")  # the date on a letter is the writer's calendar day
CID_DOMAIN = "skrytka"


def write_letter(actor: Actor, addressee: MailboxRef, form: ComposeForm, now: datetime) -> bytes:
    """Give the XML of the letter as its sender will sign it. Raises `Refused` for unfit text."""
    letter = GeneralLetter(
        identifier=f"{uuid4().hex}@{CID_DOMAIN}",
        created_on=now.astimezone(LETTER_DATE_ZONE).date(),
        addressees=(_addressee(addressee),),
        senders=(_sender(actor),),
        title=form.title.strip(),
        paragraphs=form.paragraphs,
        place=form.place.strip(),
        attachments=tuple(_attachment(each) for each in form.attachments),
    )
    try:
        return build_general_letter(letter)
    except XmlError as error:
        raise Refused("text_has_control_characters", field="text") from error


def _sender(actor: Actor) -> Party:
    if actor.institution is not None:
        return Institution(actor.institution.name)
    return Person(actor.person.given_name, actor.person.family_name, pesel=actor.person.pesel)


def _addressee(mailbox: MailboxRef) -> Party:
    if mailbox.is_office:
        return Institution(mailbox.name)
    given_name, _, family_name = mailbox.name.rpartition(" ")
    return Person(given_name, family_name)


def _attachment(new: NewAttachment) -> Attachment:
    new.content.seek(0)
    return Attachment(plain_file_name(new.name), new.media_type, new.content.read())
