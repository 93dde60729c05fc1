"""A store or network that lies, drops and repeats: what was accepted comes back, or an error."""

from __future__ import annotations

import io
import os
from uuid import UUID, uuid4

import pytest

from storage import MasterKeys, StorageError, StoredDocument, StoreUnavailable, Vault
from storage.objects import s3
from tests.s3.flaky import FAULTS, FlakyProxy
from tests.storage.conftest import S3Server

pytestmark = pytest.mark.s3
ROUNDS = 12
SIZES = [0, 10, 70_000, 500, 2_000_000, s3.PART_SIZE + 1000]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once: the proxy does not get better by waiting."""
    monkeypatch.setattr(s3, "RETRY_PAUSE", 0.0)


@pytest.fixture
def keys() -> MasterKeys:
    return MasterKeys.generate()


def proxy(server: S3Server, *, seed: int, share: float, faults: tuple[str, ...]) -> FlakyProxy:
    return FlakyProxy(server.endpoint, seed=seed, share=share, faults=faults)


@pytest.mark.parametrize("fault", [*FAULTS, "all"])
def test_what_was_accepted_comes_back_as_it_was_or_with_an_error(
    s3_server: S3Server, keys: MasterKeys, fault: str
) -> None:
    faults = FAULTS if fault == "all" else (fault,)
    flaky = proxy(s3_server, seed=ROUNDS, share=0.35, faults=faults)
    with flaky.serving():
        vault = Vault(s3_server.store(flaky.endpoint), keys)
        accepted = _put_many(vault)
        wrong, _ = _read_many(vault, accepted)
        flaky.share = 0.0
        wrong_later, failed_later = _read_many(vault, accepted)
    assert wrong == []
    assert (wrong_later, failed_later) == ([], 0)
    assert flaky.done.keys() & set(faults), "the proxy did nothing"
    assert len(accepted) > ROUNDS // 4, flaky.done


def _put_many(vault: Vault) -> list[tuple[StoredDocument, bytes]]:
    accepted = []
    for turn in range(ROUNDS):
        content = os.urandom(SIZES[turn % len(SIZES)])
        try:
            stored = vault.put(io.BytesIO(content), document_id=uuid4())
        except StorageError:
            continue
        accepted.append((stored, content))
    return accepted


def _read_many(
    vault: Vault, accepted: list[tuple[StoredDocument, bytes]]
) -> tuple[list[UUID], int]:
    wrong, failed = [], 0
    for stored, content in accepted:
        try:
            with vault.open(stored) as file:
                if file.read() != content:
                    wrong.append(stored.document_id)
        except StorageError:
            failed += 1
    return wrong, failed


def test_a_download_that_breaks_is_taken_up_where_it_broke(
    s3_server: S3Server, keys: MasterKeys
) -> None:
    flaky = proxy(s3_server, seed=3, share=0.0, faults=("truncate",))
    with flaky.serving():
        vault = Vault(s3_server.store(flaky.endpoint), keys)
        content = os.urandom(6_000_000)
        stored = vault.put(io.BytesIO(content), document_id=uuid4())
        flaky.share = 0.6
        assert vault.read(stored, limit=len(content)) == content
    assert flaky.done["truncate"] > 0


def test_a_store_that_stays_away_is_given_up_after_a_few_tries(
    s3_server: S3Server, keys: MasterKeys
) -> None:
    flaky = proxy(s3_server, seed=3, share=0.0, faults=("slow_down",))
    with flaky.serving():
        vault = Vault(s3_server.store(flaky.endpoint), keys)
        flaky.share = 1.0
        with pytest.raises(StoreUnavailable):
            vault.put(io.BytesIO(b"x"), document_id=uuid4())
        assert flaky.done["slow_down"] == s3.RETRIES + 1
