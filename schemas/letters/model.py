"""Letters as public offices exchange them: who writes to whom, what, and with which attachments."""

from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address (adr:Adres); None for a part that is not given."""

    city: str | None = None
    postal_code: str | None = None
    street: str | None = None
    building: str | None = None
    flat: str | None = None
    post: str | None = None
    country: str | None = None
    voivodeship: str | None = None
    county: str | None = None
    commune: str | None = None
    remarks: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a party otherwise (adr:Kontakt)."""

    phone: str | None = None
    fax: str | None = None
    email: str | None = None
    website: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class OtherIdentifier:
    """A party's identifier that has no element of its own."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person (oso:Osoba). Identifiers stay out of `repr`, and so out of logs."""

    given_name: str
    family_name: str
    pesel: str | None = field(default=None, repr=False)
    second_name: str | None = None
    nip: str | None = field(default=None, repr=False)
    identifiers: tuple[OtherIdentifier, ...] = field(default=(), repr=False)
    address: Address | None = field(default=None, repr=False)
    contact: Contact | None = field(default=None, repr=False)

    @property
    def full_name(self) -> str:
        """Given and family names, as one writes them."""
        names = (self.given_name, self.second_name, self.family_name)
        return " ".join(name for name in names if name)


@dataclass(frozen=True, slots=True)
class Institution:
    """An office, a company or another organisation (inst:Instytucja)."""

    name: str
    unit: str | None = None
    regon: str | None = None
    nip: str | None = None
    krs: str | None = None
    identifiers: tuple[OtherIdentifier, ...] = ()
    address: Address | None = None
    contact: Contact | None = None

    @property
    def full_name(self) -> str:
        """The name, with the unit where one is named."""
        return f"{self.name}, {self.unit}" if self.unit else self.name


Party = Person | Institution


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the letter, under the letter's signature."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    description: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentFile:
    """An attachment to be written from an open binary file, without holding it in memory."""

    name: str
    media_type: str
    file: BinaryIO = field(repr=False)
    description: str = ""


@dataclass(frozen=True, slots=True)
class LinkedAttachment:
    """A file elsewhere, named by its address.

    The letter's signature does not cover it, except where `description` holds a digest of it.
    """

    name: str
    media_type: str
    address: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class DamagedAttachment:
    """An attachment whose content cannot be decoded; `encoding` is what the letter calls it."""

    name: str
    media_type: str
    encoding: str
    description: str = ""


NewAttachment = Attachment | AttachmentFile | LinkedAttachment
ReadAttachment = Attachment | LinkedAttachment | DamagedAttachment


@dataclass(frozen=True, slots=True)
class GeneralLetter:
    """A general letter ("pismo ogólne") to be written.

    `identifier` names this document (CID), `created_on` is the day written on it. Empty texts are
    left out. `kind` is a word of the form ("wniosek", "skarga", …), `other_kind` the sender's own.
    """

    identifier: str
    created_on: date
    addressees: tuple[Party, ...]
    senders: tuple[Party, ...]
    title: str
    paragraphs: tuple[str, ...]
    place: str = ""
    kind: str = ""
    other_kind: str = ""
    statements: tuple[str, ...] = ()
    additional_information: str = ""
    copies_to: tuple[Party, ...] = ()
    signatory_position: str = ""
    signatory_authority: str = ""
    attachments: tuple[NewAttachment, ...] = ()
    form_id: str = "skrytka/Pismo ogolne"
    document_name: str = "Pismo ogólne"


@dataclass(frozen=True, slots=True)
class OtherField:
    """A text of the letter that has no field of its own here; `name` is its element's."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that was read; texts that it does not have are empty.

    `template` is the namespace of its form. `other_fields` holds every text that no other field
    has (what other templates say, a second title, text astray), so that nothing signed stays
    unseen. `signature_count` counts signatures, valid or not.
    """

    template: str
    identifier: str
    created_on: date | None
    addressees: tuple[Party, ...]
    senders: tuple[Party, ...]
    title: str
    paragraphs: tuple[str, ...]
    place: str = ""
    kind: str = ""
    other_kind: str = ""
    statements: tuple[str, ...] = ()
    additional_information: str = ""
    copies_to: tuple[Party, ...] = ()
    signatory_position: str = ""
    signatory_authority: str = ""
    attachments: tuple[ReadAttachment, ...] = ()
    form_id: str = ""
    document_name: str = ""
    other_fields: tuple[OtherField, ...] = ()
    signature_count: int = 0
