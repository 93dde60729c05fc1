"""`skrytka serve` and `skrytka worker` with real parts: from sign-in to receipt, and again."""

from __future__ import annotations

import hashlib

import psutil
import pytest

import signer
from exchange.texts import phrase
from schemas.receipts import SHA256_INFORMATION, Upp, read_receipt
from tests.production.conftest import House
from tests.production.office import STOPS_WITHIN, health, within
from tests.production.people import CANARY, Person, signed_pdf
from tests.production.pki import OFFICE

pytestmark = [pytest.mark.s3, pytest.mark.xdist_group("production")]

DELIVERED_WITHIN = 20.0  # seconds: the worker is told at once, but the machine may be loaded
LARGE = 6 << 20  # bytes: more than is read into memory, so it goes through spool and stream


@pytest.fixture(scope="module")
def anna(house: House) -> Person:
    return house.person("anna")


@pytest.fixture(scope="module")
def document(house: House) -> bytes:
    return signed_pdf(house.outside.authority)


@pytest.fixture(scope="module")
def letter(anna: Person, document: bytes) -> str:
    """A letter that was filed as a file signed elsewhere."""
    return anna.file(anna.bring(OFFICE, "Wniosek o zaświadczenie", document))


def test_all_parts_are_well(house: House) -> None:
    assert health(house.base_url, house.ca) == (200, "ok")


def test_the_citizen_gets_a_proof_of_submission_under_the_offices_seal(
    house: House, anna: Person, letter: str, document: bytes
) -> None:
    [receipt] = anna.receipts(letter).values()
    authority = house.outside.authority
    report = signer.validate(
        receipt,
        trust=signer.TrustStore.from_certificates([authority.root.der]),
        fetch=signer.Fetcher(allowed=(authority.address,)),
    )
    assert report.conclusion.indication == "TOTAL_PASSED", report.conclusion.reason
    upp = read_receipt(receipt)
    assert isinstance(upp, Upp)
    told = {information.kind: information.value for information in upp.information}
    assert told[SHA256_INFORMATION] == hashlib.sha256(document).hexdigest()
    assert upp.addressee.name == OFFICE


def test_the_clerk_sees_the_letter_and_what_its_signature_is_worth(
    house: House, letter: str, document: bytes
) -> None:
    zofia = house.person("zofia")
    within(DELIVERED_WITHIN, lambda: letter in zofia.inbox())
    page = zofia.page(letter)
    assert "Wniosek o zaświadczenie" in page.text
    assert phrase("signed_by_sender", "pl") in page.text
    assert zofia.document(letter) == document


def test_a_large_document_comes_back_as_it_was_filed(house: House, anna: Person) -> None:
    large = signed_pdf(house.outside.authority, padding=LARGE)
    filed = anna.file(anna.bring(OFFICE, "Duży załącznik", large))
    assert anna.document(filed) == large


def test_nothing_outside_knows_what_the_letter_says(house: House, letter: str) -> None:
    store = house.outside.gateway.store
    objects = list(store.list())
    assert len(objects) >= 2
    for found in objects:
        with store.open(found.key) as content:
            assert CANARY not in content.read()
    kept = [house.outside.postgres.folder, house.installation.folder]
    files = [path for folder in kept for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert [path for path in files if CANARY in path.read_bytes()] == []
    assert "Wniosek" not in house.installation.logs()


def test_documents_and_ledger_are_as_they_were_written(house: House, letter: str) -> None:
    checked = house.installation.as_documented("skrytka vault check")
    assert "0 damaged" in checked
    assert "0 documents" not in checked
    assert "intact" in house.installation.as_documented("skrytka ledger verify")


def test_the_end_waits_for_what_is_under_way_and_a_restart_keeps_everything(
    house: House, anna: Person, letter: str, document: bytes
) -> None:
    receipts = anna.receipts(letter)
    upload = anna.upload_slowly(OFFICE, "W pół drogi", document)
    house.serve.ask_to_stop()
    house.worker.ask_to_stop()
    status, draft = upload.finish()
    assert status == 303
    for process in (house.serve, house.worker):
        exit_status, seconds = process.ended()
        assert exit_status == 0, process.log.read_text()
        assert seconds < STOPS_WITHIN
    house.start_again()
    assert anna.document(letter) == document
    assert anna.receipts(letter) == receipts
    assert anna.file(draft).startswith("/letters/")


def test_no_two_processes_share_a_connection_to_the_database(house: House) -> None:
    """They would read each other's answers, and so each other's letters."""
    master = psutil.Process(house.serve.process.pid)
    port = house.outside.postgres.port
    ends = [
        connection.laddr
        for process in (master, *master.children())
        for connection in process.net_connections("tcp")
        if connection.raddr and connection.raddr.port == port
    ]
    assert len(ends) == len(set(ends))
    assert [c for c in master.net_connections("tcp") if c.raddr and c.raddr.port == port] == []


def test_the_log_holds_no_warning_and_no_failure(house: House) -> None:
    lines = house.installation.logs().splitlines()
    assert [line for line in lines if '"level": "error"' in line or "Traceback" in line] == []
    assert [line for line in lines if '"level": "warning"' in line] == []
