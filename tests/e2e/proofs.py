"""What the official receipts must say, read and validated here as a third party would."""

import hashlib
from datetime import timedelta

from schemas.receipts import SHA256_INFORMATION, Upd, Upp, read_receipt
from tests.e2e.stage import Demo, named
from tests.e2e.visitor import Filed

REGISTER_INFORMATION = "NumerRPW"
SECOND = timedelta(seconds=1)


def sha256(content: bytes) -> str:
    """Give the digest as receipts write it."""
    return hashlib.sha256(content).hexdigest()


def check_upp(demo: Demo, receipt: bytes, filed: Filed, original: bytes, office: str) -> None:
    """Insist that a UPP attests, under the office's seal, these bytes at that time."""
    upp = read_receipt(receipt)
    assert isinstance(upp, Upp)
    assert upp.signed
    assert upp.unexpected == ()
    told = {each.kind: each.value for each in upp.information}
    assert told[SHA256_INFORMATION] == sha256(original) == filed.sha256
    assert told[REGISTER_INFORMATION] == filed.register_number
    assert abs(upp.delivered_at - filed.filed_at) < SECOND
    assert upp.addressee.name == office
    assert upp.document_identifier == filed.letter_id
    report = demo.examine(receipt)
    assert report.conclusion.indication == "TOTAL_PASSED"
    [seal] = report.signatures
    assert seal.kind == "seal"
    assert seal.signer is not None
    assert office in seal.signer.subject


def check_upd(demo: Demo, receipt: bytes, filed: Filed, addressee: str, office: str) -> None:
    """Insist that a UPD attests, signed by the addressee, that the letter reached them."""
    upd = read_receipt(receipt)
    assert isinstance(upd, Upd)
    assert upd.signed
    assert upd.unexpected == ()
    person = named(addressee)
    assert (upd.issuer.name, upd.addressee.name) == (office, person.name)
    assert upd.document_identifier == filed.letter_id
    assert upd.received_at is not None
    assert upd.received_at >= filed.filed_at - SECOND
    report = demo.examine(receipt)
    assert report.conclusion.indication == "TOTAL_PASSED"
    [signature] = report.signatures
    assert signature.person is not None
    assert signature.person.pesel == person.pesel
