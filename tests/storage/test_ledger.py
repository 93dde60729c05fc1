"""The ledger: in the transaction of its fact, in one chain, and every way to tamper is named."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage import Database, Ledger, LedgerCheck
from storage.ledger import canonical, record_hash

START = datetime(2026, 3, 29, 0, 59, 59, 500_000, tzinfo=UTC)
RECORDS = 6


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


class _UndoneError(Exception):
    """What makes a transaction fail in these tests."""


def append(
    ledger: Ledger, session: Session, event: str = "letter.filed", **facts: int | str
) -> None:
    ledger.append(session, event=event, subject=str(uuid4()), actor="system", facts=facts)


def fill(database: Database, ledger: Ledger, count: int = RECORDS) -> None:
    for number in range(count):
        with database.transaction() as session:
            append(ledger, session, number=number)


def check(database: Database, ledger: Ledger) -> LedgerCheck:
    with database.transaction() as session:
        return ledger.verify(session)


def rows(database: Database) -> list[tuple[int, str]]:
    with database.transaction() as session:
        query = text("SELECT sequence, event FROM ledger_record ORDER BY sequence")
        return [(row.sequence, row.event) for row in session.execute(query)]


def test_an_empty_ledger_is_intact(database: Database, ledger: Ledger) -> None:
    assert check(database, ledger) == LedgerCheck(True, 0, bytes(32))


def test_records_are_numbered_without_gaps_and_chained(database: Database, ledger: Ledger) -> None:
    fill(database, ledger)
    found = check(database, ledger)
    assert found.intact
    assert found.records == RECORDS
    assert [sequence for sequence, _ in rows(database)] == list(range(1, RECORDS + 1))


def test_several_records_of_one_transaction_keep_their_order(
    database: Database, ledger: Ledger
) -> None:
    with database.transaction() as session:
        for name in ("one", "two", "three"):
            append(ledger, session, name)
    assert rows(database) == [(1, "one"), (2, "two"), (3, "three")]
    assert check(database, ledger).intact


def test_the_hash_can_be_recomputed_by_anybody(database: Database) -> None:
    """The recipe of the documentation, written out a second time."""
    ledger = Ledger(clock=lambda: START)
    with database.transaction() as session:
        ledger.append(
            session,
            event="letter.filed",
            subject="ł-1",
            actor="ola",
            facts={"b": [1, None], "a": True},
        )
    body = (
        '{"actor":"ola","event":"letter.filed","facts":"{\\"a\\":true,\\"b\\":[1,null]}",'
        f'"previous":"{"0" * 64}","sequence":1,"subject":"ł-1",'
        '"time":"2026-03-29T00:59:59.500000+00:00"}'
    )
    assert check(database, ledger).head == hashlib.sha256(body.encode()).digest()


# --- together with its fact or not at all


def test_a_record_vanishes_with_its_transaction(database: Database, ledger: Ledger) -> None:
    with contextlib.suppress(_UndoneError), database.transaction() as session:
        append(ledger, session)
        raise _UndoneError
    fill(database, ledger, 1)
    assert rows(database) == [(1, "letter.filed")]


def test_a_record_vanishes_with_its_savepoint(database: Database, ledger: Ledger) -> None:
    with database.transaction() as session:
        append(ledger, session, "kept before")
        with session.begin_nested():
            append(ledger, session, "kept inside")
            undone = session.begin_nested()
            append(ledger, session, "undone")
            undone.rollback()
            append(ledger, session, "kept after")
    assert [event for _, event in rows(database)] == ["kept before", "kept inside", "kept after"]
    assert check(database, ledger).intact


def test_a_record_of_an_outer_savepoint_that_is_undone_vanishes(
    database: Database, ledger: Ledger
) -> None:
    with database.transaction() as session:
        append(ledger, session, "kept")
        outer = session.begin_nested()
        with session.begin_nested():
            append(ledger, session, "released and then undone")
        outer.rollback()
    assert [event for _, event in rows(database)] == ["kept"]


def test_a_session_used_again_does_not_repeat_its_records(
    database: Database, ledger: Ledger
) -> None:
    with Session(database.engine) as session:
        append(ledger, session, "one")
        session.commit()
        append(ledger, session, "two")
        session.commit()
        append(ledger, session, "never")
        session.rollback()
        session.commit()
    assert [event for _, event in rows(database)] == ["one", "two"]


def test_a_savepoint_left_open_at_the_commit_keeps_its_record(
    database: Database, ledger: Ledger
) -> None:
    with database.transaction() as session:
        session.begin_nested()
        append(ledger, session, "kept")
    assert rows(database) == [(1, "kept")]


def test_a_raw_connection_is_chained_as_well(database: Database, ledger: Ledger) -> None:
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as raw:
        raw.execute(
            "INSERT INTO ledger_pending (recorded_at, event, subject, actor, facts) "
            "VALUES (now(), 'by hand', 's', 'a', '{}')"
        )
    assert rows(database) == [(1, "by hand")]
    assert check(database, ledger).intact


def test_records_that_were_never_chained_are_found(database: Database, ledger: Ledger) -> None:
    fill(database, ledger)
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        append(ledger, session)
    found = check(database, ledger)
    assert (found.intact, found.reason) == (False, "1 records were committed but never chained")


def test_a_transaction_that_works_on_holds_nobody_up(database: Database, ledger: Ledger) -> None:
    with database.transaction() as slow:
        append(ledger, slow, "appended first")
        with database.transaction() as quick:
            append(ledger, quick, "committed first")
    assert rows(database) == [(1, "committed first"), (2, "appended first")]
    assert check(database, ledger).intact


def test_any_text_is_chained_by_the_database_as_we_verify_it(
    database: Database, ledger: Ledger
) -> None:
    """Two implementations of one hash, in PL/pgSQL and in Python, on awkward text."""
    awkward = [chr(code) for code in range(1, 0x120)] + list('\u2028\ufeff\uffff😀\\"/é\u0301')
    with database.transaction() as session:
        for each in awkward:
            ledger.append(session, event=each, subject=each * 2, actor=each, facts={each: each})
    found = check(database, ledger)
    assert (found.intact, found.reason) == (True, None)


@pytest.mark.parametrize("value", [1.5, b"x", {1: "x"}, START, [0.0], {"a": {"b": float("nan")}}])
def test_facts_without_a_canonical_form_are_refused(
    database: Database, ledger: Ledger, value: object
) -> None:
    with database.transaction() as session, pytest.raises(ValueError, match="Facts of the ledger"):
        ledger.append(session, event="e", subject="s", actor="a", facts={"x": value})  # type: ignore[dict-item]  # on purpose


def test_the_canonical_form_does_not_depend_on_order() -> None:
    assert canonical({"b": 1, "a": ["ż", None]}) == canonical({"a": ["ż", None], "b": 1})
    assert canonical({"b": 1, "a": ["ż", None]}) == '{"a":["ż",null],"b":1}'


# --- many writers, odd clocks


def test_writers_at_once_make_one_chain(database: Database, ledger: Ledger) -> None:
    def work() -> None:
        for _ in range(15):
            with database.transaction() as session:
                append(ledger, session)
                append(ledger, session)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = check(database, ledger)
    assert (found.intact, found.records, found.reason) == (True, 180, None)


def test_verifying_while_others_write_sees_a_whole_chain(
    database: Database, ledger: Ledger
) -> None:
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            with database.transaction() as session:
                append(ledger, session)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        results = [check(database, ledger) for _ in range(20)]
    finally:
        done.set()
        writer.join()
    assert all(result.intact for result in results), results


def test_order_comes_from_the_sequence_even_if_the_clock_runs_back(database: Database) -> None:
    times = iter([START, START - timedelta(minutes=10), START + timedelta(days=3650)])
    ledger = Ledger(clock=lambda: next(times))
    fill(database, ledger, 3)
    assert check(database, ledger).intact


# --- tampering, by somebody who may switch the database's protection off


TAMPERING: dict[str, tuple[str, int, str]] = {
    "fact edited": (
        """UPDATE ledger_record SET facts = '{"number":9}' WHERE sequence = 3""",
        3,
        "a field was changed",
    ),
    "fact's text edited without a change of meaning": (
        "UPDATE ledger_record SET facts = replace(facts, ':', ': ') WHERE sequence = 3",
        3,
        "a field was changed",
    ),
    "time edited": (
        "UPDATE ledger_record SET recorded_at = recorded_at + interval '1 microsecond' "
        "WHERE sequence = 1",
        1,
        "a field was changed",
    ),
    "actor edited": ("UPDATE ledger_record SET actor = 'x' WHERE sequence = 6", 6, "a field"),
    "hash edited": (
        "UPDATE ledger_record SET hash = sha256(hash) WHERE sequence = 2",
        2,
        "a field was changed",
    ),
    "deleted in the middle": ("DELETE FROM ledger_record WHERE sequence = 4", 4, "is missing"),
    "deleted at the beginning": ("DELETE FROM ledger_record WHERE sequence = 1", 1, "is missing"),
    "tail deleted": ("DELETE FROM ledger_record WHERE sequence > 4", 5, "was cut off here"),
    "all deleted": ("DELETE FROM ledger_record", 1, "was cut off here"),
    "middle deleted and the rest moved up": (
        "DELETE FROM ledger_record WHERE sequence = 4;"
        "UPDATE ledger_record SET sequence = sequence - 1 WHERE sequence > 4",
        4,
        "not chained to the one before",
    ),
    "reordered": (
        "UPDATE ledger_record SET sequence = 99 WHERE sequence = 2;"
        "UPDATE ledger_record SET sequence = 2 WHERE sequence = 3;"
        "UPDATE ledger_record SET sequence = 3 WHERE sequence = 99",
        2,
        "not chained to the one before",
    ),
    "inserted in the middle": (
        "UPDATE ledger_record SET sequence = sequence + 100 WHERE sequence >= 4;"
        "INSERT INTO ledger_record SELECT 4, recorded_at, 'forged', subject, actor, facts, "
        "hash, sha256(hash) FROM ledger_record WHERE sequence = 3;"
        "UPDATE ledger_record SET sequence = sequence - 99 WHERE sequence > 100",
        4,
        "a field was changed",
    ),
    "appended behind the head": (
        "INSERT INTO ledger_record SELECT 7, recorded_at, 'forged', subject, actor, facts, "
        "hash, sha256(hash) FROM ledger_record WHERE sequence = 6",
        7,
        "behind the head",
    ),
    "head moved back": (
        "DELETE FROM ledger_record WHERE sequence = 6; UPDATE ledger_head SET sequence = 5",
        6,
        "the head of the ledger was changed",
    ),
    "head deleted": ("DELETE FROM ledger_head", 1, "head of the ledger is missing"),
}


@pytest.mark.parametrize("kind", TAMPERING)
def test_tampering_is_found_at_the_first_bad_record(
    database: Database, ledger: Ledger, kind: str
) -> None:
    fill(database, ledger)
    statement, bad_record, reason = TAMPERING[kind]
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # triggers off
        session.connection().exec_driver_sql(statement)
    found = check(database, ledger)
    assert not found.intact
    assert found.bad_record == bad_record
    assert reason in (found.reason or "")


def test_a_forged_record_with_a_right_hash_breaks_the_next_one(
    database: Database, ledger: Ledger
) -> None:
    """Who edits a record and its hash has to edit all later ones, and the head."""
    fill(database, ledger)
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        row = session.execute(text("SELECT * FROM ledger_record WHERE sequence = 3")).one()
        fields = {**row._mapping, "actor": "forger"}
        fields.pop("hash")
        forged = record_hash(**fields)
        session.execute(
            text("UPDATE ledger_record SET actor = 'forger', hash = :hash WHERE sequence = 3"),
            {"hash": forged},
        )
    found = check(database, ledger)
    assert (found.bad_record, found.records) == (4, 3)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_record SET actor = 'x'",
        "UPDATE ledger_record SET actor = 'x' WHERE false",
        "DELETE FROM ledger_record WHERE sequence = 1",
        "TRUNCATE ledger_record",
        "DELETE FROM ledger_head",
        "TRUNCATE ledger_head",
        "UPDATE ledger_head SET sequence = 1",
    ],
)
def test_the_database_refuses_to_change_the_ledger(
    database: Database, ledger: Ledger, statement: str
) -> None:
    fill(database, ledger)
    with pytest.raises(DBAPIError, match="ledger"), database.transaction() as session:
        session.execute(text(statement))
    assert check(database, ledger).intact


def test_a_thousand_records_are_verified_across_batches(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        for number in range(2500):
            append(ledger, session, number=number)
    assert check(database, ledger).records == 2500
