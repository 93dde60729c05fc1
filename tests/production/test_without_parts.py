"""What people meet while a part of the service is away, and what they find when it is back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from tests.production.conftest import House
from tests.production.office import health, within
from tests.production.people import Person, signed_pdf
from tests.production.pki import OFFICE
from tests.visitor import UnexpectedPageError

pytestmark = [pytest.mark.s3, pytest.mark.xdist_group("production")]

AWAY = {"pl": "Usługa nie może teraz tego zrobić", "en": "The service cannot do that just now"}
FULL = {"pl": "Teraz nie ma miejsca na te pliki", "en": "There is no room for your files just now"}
BACK_WITHIN = (
    30.0  # seconds: what is back is asked again after a pause, and starts on a loaded machine
)
ANSWERED_WITHIN = 25.0  # seconds for any request while the store hangs
OTHERS_WITHIN = 5.0  # seconds for the front page meanwhile
CROWD = 40  # more people at once than the web processes have threads


@pytest.fixture(scope="module")
def anna(house: House) -> Person:
    return house.person("anna")


@pytest.fixture
def draft(house: House, anna: Person) -> str:
    """A letter that only has to be filed."""
    return anna.bring(OFFICE, "Wniosek", signed_pdf(house.outside.authority))


@contextmanager
def without_store(house: House) -> Iterator[None]:
    house.outside.gateway.kill()
    try:
        yield
    finally:
        house.outside.gateway.bring_back()


@contextmanager
def without_database(house: House) -> Iterator[None]:
    house.outside.postgres.stop()
    try:
        yield
    finally:
        house.outside.postgres.start()


def assert_told(answer: requests.Response, words: str) -> None:
    assert answer.status_code == 503, answer.text
    assert words in answer.text
    assert answer.headers["Retry-After"]


def wait_until_well(house: House, anna: Person, path: str) -> None:
    """Every process finds out by itself what is back, and chance decides which one answers."""
    several = range(8)
    within(BACK_WITHIN, lambda: all(health(house.base_url, house.ca)[0] == 200 for _ in several))
    within(BACK_WITHIN, lambda: all(anna.raw(path).status_code == 200 for _ in several))


def test_while_the_store_is_away_people_are_told_and_lose_nothing(
    house: House, anna: Person, draft: str
) -> None:
    before = anna.file(anna.bring(OFFICE, "Wcześniejszy", signed_pdf(house.outside.authority)))
    content = anna.document(before)
    filing = anna.prepare_filing(draft)
    with without_store(house):
        assert_told(anna.send(filing), AWAY["pl"])
        anna.speak("en")
        assert_told(anna.send(filing), AWAY["en"])
        assert health(house.base_url, house.ca) == (503, "failing: object store")
    wait_until_well(house, anna, draft)
    assert anna.document(before) == content
    letter = anna.file(draft)
    assert len(anna.receipts(letter)) == 1
    assert anna.send(filing).url.removesuffix("/filed").endswith(letter), "filed twice"


def test_a_store_that_hangs_keeps_nobody_for_long_and_no_front_page_at_all(
    house: House, anna: Person, draft: str
) -> None:
    stranger = Person(house.base_url, house.ca)
    with house.outside.gateway.frozen(), ThreadPoolExecutor(CROWD) as pool:
        waiting = [pool.submit(seconds_until, anna, draft) for _ in range(CROWD)]
        time.sleep(1)
        front = [seconds_until(stranger, "/") for _ in range(3)]
        status, failing = health(house.base_url, house.ca)
        slowest = max(each.result() for each in waiting)
    assert max(front) < OTHERS_WITHIN
    assert (status, failing) == (503, "failing: object store")
    assert slowest < ANSWERED_WITHIN
    wait_until_well(house, anna, draft)
    anna.file(draft)


def seconds_until(person: Person, path: str) -> float:
    began = time.monotonic()
    person.raw(path)
    return time.monotonic() - began


def test_without_the_database_people_are_told_and_all_goes_on_when_it_is_back(
    house: House, anna: Person, draft: str
) -> None:
    anna.speak("en")
    filing = anna.prepare_filing(draft)
    with without_database(house):
        assert_told(anna.send(filing), AWAY["en"])
        assert_told(anna.raw("/inbox"), AWAY["en"])
        assert health(house.base_url, house.ca) == (503, "failing: database")
        assert Person(house.base_url, house.ca).raw("/").status_code == 200
    wait_until_well(house, anna, draft)
    letter = anna.file(draft)
    zofia = house.person("zofia")
    within(BACK_WITHIN, lambda: letter in zofia.inbox())


def test_a_full_disk_for_uploads_is_told_and_keeps_nothing(house: House, anna: Person) -> None:
    spool = house.installation.spool
    if not spool.is_mount():
        pytest.skip("this account may not mount a small disk")
    anna.speak("pl")
    large = signed_pdf(house.outside.authority, padding=4 << 20)
    filler = spool / "filler"
    filler.write_bytes(bytes(15 << 20))
    try:
        with pytest.raises(UnexpectedPageError, match=f"(?s)answered 503.*{FULL['pl']}"):
            anna.bring(OFFICE, "Duży", large)
    finally:
        filler.unlink()
    assert list(spool.iterdir()) == []
    anna.file(anna.bring(OFFICE, "Duży", large))


def test_the_log_names_what_was_away_and_nobody(house: House) -> None:
    logs = house.installation.logs()
    assert "unavailable in " in logs
    assert "Zielińska" not in logs
    assert "Wniosek" not in logs
