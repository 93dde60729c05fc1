"""Letters in the vocabularies of `http://crd.gov.pl/wzor/…`: write the general one, read all."""

from schemas.letters.model import (
    Address,
    Attachment,
    AttachmentFile,
    Contact,
    DamagedAttachment,
    GeneralLetter,
    Institution,
    Letter,
    LinkedAttachment,
    NewAttachment,
    OtherField,
    OtherIdentifier,
    Party,
    Person,
    ReadAttachment,
)
from schemas.letters.reading import read_letter
from schemas.letters.writing import build_general_letter, write_general_letter

__all__ = [
    "Address",
    "Attachment",
    "AttachmentFile",
    "Contact",
    "DamagedAttachment",
    "GeneralLetter",
    "Institution",
    "Letter",
    "LinkedAttachment",
    "NewAttachment",
    "OtherField",
    "OtherIdentifier",
    "Party",
    "Person",
    "ReadAttachment",
    "build_general_letter",
    "read_letter",
    "write_general_letter",
]
