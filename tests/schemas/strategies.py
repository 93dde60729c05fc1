"""Letters and receipts of every shape, for Hypothesis."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from schemas.letters import (
    Address,
    Attachment,
    Contact,
    GeneralLetter,
    Institution,
    LinkedAttachment,
    OtherIdentifier,
    Person,
)
from schemas.receipts import Information, ReceiptParty, Upd, Upp

# Whatever XML can carry, with the characters that it escapes and splits at drawn often.
_characters = st.one_of(
    st.sampled_from("<>&'\"]\t\n\r \u00a0ąŻ€\U0001f4ee"),
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
)
# Values have no blanks around them: writers and readers take those off.
filled = st.text(_characters, min_size=1, max_size=30).map(str.strip).filter(bool)
text = st.text(_characters, max_size=30).map(str.strip)
optional = st.none() | filled
instants = st.datetimes(datetime(1950, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone

identifiers = st.lists(st.builds(OtherIdentifier, filled, filled), max_size=2).map(tuple)
addresses = st.none() | st.builds(Address, *[optional] * len(Address.__dataclass_fields__))
contacts = st.none() | st.builds(Contact, *[optional] * len(Contact.__dataclass_fields__))
people = st.builds(
    Person,
    given_name=filled,
    family_name=filled,
    pesel=optional,
    second_name=optional,
    nip=optional,
    identifiers=identifiers,
    address=addresses,
    contact=contacts,
)
institutions = st.builds(
    Institution,
    name=filled,
    unit=optional,
    regon=optional,
    nip=optional,
    krs=optional,
    identifiers=identifiers,
    address=addresses,
    contact=contacts,
)
parties = st.lists(people | institutions, min_size=1, max_size=3).map(tuple)
attachments = st.one_of(
    st.builds(Attachment, filled, filled, st.binary(max_size=100), text),
    st.builds(LinkedAttachment, filled, filled, filled, text),
)

letters = st.builds(
    GeneralLetter,
    identifier=filled,
    created_on=st.dates(),
    addressees=parties,
    senders=parties,
    title=filled,
    paragraphs=st.lists(filled, min_size=1, max_size=3).map(tuple),
    place=text,
    kind=text,
    other_kind=text,
    statements=st.lists(filled, max_size=2).map(tuple),
    additional_information=text,
    copies_to=st.just(()) | parties,
    signatory_position=text,
    signatory_authority=text,
    attachments=st.lists(attachments, max_size=3).map(tuple),
    form_id=filled,
    document_name=filled,
)

receipt_parties = st.builds(ReceiptParty, filled) | st.builds(
    ReceiptParty, filled, filled, st.none() | text
)
information = st.lists(st.builds(Information, text, filled), max_size=3).map(tuple)
upps = st.builds(
    Upp,
    identifier=filled,
    addressee=receipt_parties,
    sender=st.none() | receipt_parties,
    delivered_at=instants,
    created_at=instants,
    document_identifier=filled,
    information=information,
    signed=st.just(False),
    unexpected=st.just(()),
)
upds = st.builds(
    Upd,
    identifier=filled,
    issuer=receipt_parties,
    addressee=receipt_parties,
    received_at=st.none() | instants,
    created_at=instants,
    document_identifier=filled,
    case_identifier=optional,
    information=information,
    signed=st.just(False),
    unexpected=st.just(()),
)
