"""What must hold after every restart, whatever was killed and when.

I1 every acknowledged document comes back whole. I2 nothing is delivered twice. I3 receipts never
change, one of a kind for a letter, over the digest of what was filed. I4 the ledger verifies and
tells of every letter and receipt. I5 every document row has its object. I6 no text of a letter lies
anywhere in the clear. I7 nobody sees another's letter. I8 the restart took less than 30 s. I9 no
letter goes back to an earlier state. I10 nothing begun is left hanging.
"""

import base64
import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import select, text

from app import Composition
from exchange.letters.states import LetterState, Mode
from exchange.letters.tables import FilingRow, LetterRow
from exchange.receipts.tables import ReceiptRow
from sandbox.demo.folders import find_folders
from schemas.receipts import SHA256_INFORMATION, Upp, read_receipt
from tests.crash.journal import Letter
from tests.crash.workload import CITIZENS, OFFICES, Workload
from tests.town import Town

# A killed worker counts as dead after 15 s; twice its successor looks for jobs every 5 s.
JOB_SECONDS = 45.0
LETTERS_LOOKED_AT = 12  # newest letters asked for over HTTP; the database is checked whole
STATES = list(LetterState)


class Invariants:
    """Checks a running town against the journal of what it acknowledged."""

    def __init__(self, town: Town, workload: Workload) -> None:
        self._town = town
        self._workload = workload
        self._states: dict[str, int] = {}

    def check(self, parts: Composition) -> None:
        """Raise `AssertionError` that names the broken invariant."""
        self._workload.settle()
        self._check_nothing_hangs(parts)
        self._check_documents(parts)
        self._check_letters(parts)
        self._check_receipts(parts)
        self._check_ledger(parts)
        self._check_pages()

    def check_nothing_in_the_clear(self) -> None:
        """I6: look for every marked text in every file that the demo writes."""
        places = [self._town.data, *cluster_elsewhere(self._town)]
        canaries = self._workload.journal.canaries
        found = {name for place in places for name in files_with(place, canaries)}
        assert not found, f"I6: text of letters lies in the clear in {sorted(map(str, found))}"

    def _check_nothing_hangs(self, parts: Composition) -> None:
        deadline = time.monotonic() + JOB_SECONDS
        while waiting := self._hanging(parts):
            assert time.monotonic() < deadline, f"I10: {waiting}"
            time.sleep(0.2)

    def _hanging(self, parts: Composition) -> list[str]:
        with parts.database.transaction() as session:
            filings = session.scalars(
                select(FilingRow.message_id).where(FilingRow.letter_id.is_(None))
            ).all()
            accepted = session.scalars(
                select(LetterRow.id).where(LetterRow.state == LetterState.ACCEPTED)
            ).all()
            issued = select(ReceiptRow.letter_id)
            unproven = session.scalars(
                select(LetterRow.id).where(LetterRow.mode == Mode.UPP, LetterRow.id.not_in(issued))
            ).all()
        return [*filings, *map(str, accepted), *map(str, unproven)]

    def _check_documents(self, parts: Composition) -> None:
        after, count = None, 0
        while True:
            with parts.database.transaction() as session:
                batch = parts.vault.documents(session, after=after)
            if not batch:
                break
            for stored in batch:
                parts.vault.verify(stored)  # I1, I5: raises DocumentDamaged
            after, count = batch[-1].document_id, count + len(batch)
        assert count >= len(self._workload.journal.letters), "I1: documents are missing"

    def _check_letters(self, parts: Composition) -> None:
        with parts.database.transaction() as session:
            rows = session.scalars(select(LetterRow)).all()
        twice = [
            key
            for key, n in Counter((r.sender_mailbox_id, r.message_id) for r in rows).items()
            if n > 1
        ]
        assert not twice, f"I2: filed twice: {twice}"
        by_path = {f"/letters/{row.id}": row for row in rows}
        for path, letter in self._workload.journal.letters.items():
            assert path in by_path, f"I1: {path} is gone"
            row = by_path[path]
            assert row.message_id == f"draft:{letter.draft.rsplit('/', 1)[-1]}", "I2"
            assert letter.sha256 == row.content_sha256, f"I1: {path} has other content"
            assert not letter.collected or row.state == LetterState.DELIVERED, f"I9: {path}"
            state = STATES.index(LetterState(row.state))
            assert state >= self._states.get(path, 0), f"I9: {path} went back to {row.state}"
            self._states[path] = state

    def _check_receipts(self, parts: Composition) -> None:
        with parts.database.transaction() as session:
            rows = session.execute(
                select(ReceiptRow, LetterRow).join(LetterRow, ReceiptRow.letter_id == LetterRow.id)
            ).all()
            kinds = Counter((receipt.letter_id, receipt.kind) for receipt, _ in rows)
            assert set(kinds.values()) <= {1}, "I3: a letter has two receipts of a kind"
            for receipt, letter in rows:
                stored = parts.vault.find(session, receipt.document_id)
                assert stored is not None, "I5"
                content = parts.vault.read(stored, limit=1 << 20)
                known = self._workload.journal.receipts.get(f"/receipts/{receipt.id}")
                assert known in (None, content), "I3: a receipt is not the one that was given out"
                proof = read_receipt(content)
                if isinstance(proof, Upp):
                    told = {each.kind: each.value for each in proof.information}
                    assert told[SHA256_INFORMATION] == letter.content_sha256, "I3"
        issued = {f"/receipts/{receipt.id}" for receipt, _ in rows}
        assert self._workload.journal.receipts.keys() <= issued, "I3: a receipt is gone"

    def _check_ledger(self, parts: Composition) -> None:
        with parts.database.transaction() as session:
            verdict = parts.ledger.verify(session)
            assert verdict.intact, f"I4: {verdict}"
            told = session.execute(text("SELECT event, subject FROM ledger_record")).all()
            events = Counter((event, subject) for event, subject in told)
            letters = session.scalars(select(LetterRow.id)).all()
            receipts = Counter(session.scalars(select(ReceiptRow.letter_id)).all())
        for letter in letters:
            assert events["letter.accepted", f"letter:{letter}"] == 1, "I4"
            assert events["receipt.issued", f"letter:{letter}"] == receipts[letter], "I4"

    def _check_pages(self) -> None:
        newest = list(self._workload.journal.letters.values())[-LETTERS_LOOKED_AT:]
        for letter in newest:
            self._check_page(letter)
        for person in (*CITIZENS, *OFFICES):
            inbox = Counter(self._workload.visitor(person).inbox())
            assert set(inbox.values()) <= {1}, "I2: a letter stands twice in an inbox"
            mine = [each.path for each in newest if each.addressee == person]
            assert set(mine) <= inbox.keys(), "I1: a letter is not in its addressee's inbox"

    def _check_page(self, letter: Letter) -> None:
        content = self._workload.visitor(letter.sender).document(letter.path)
        assert hashlib.sha256(content).hexdigest() == letter.sha256, "I1"
        stranger = next(each for each in CITIZENS if each not in (letter.sender, letter.addressee))
        for path in (letter.path, f"{letter.path}/document"):
            self._workload.visitor(stranger).get(path, expected=404)  # I7


def cluster_elsewhere(town: Town) -> Iterable[Path]:
    """Give PostgreSQL's folder where it lies outside the data folder."""
    folder = find_folders(town.environment, Path.home()).cluster
    return [] if town.data in folder.parents else [folder]


def files_with(place: Path, texts: Iterable[str]) -> Iterator[Path]:
    """Give the files under `place` that hold one of the texts, plainly or in a usual coding."""
    wanted = [form for text in texts for form in forms_of(text)]
    for path in place.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if any(form in content for form in wanted):
                yield path


def forms_of(text: str) -> Iterator[bytes]:
    """Give a text as it would look in UTF-8, UTF-16 and, at any offset, in base64."""
    plain = text.encode()
    yield plain
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + plain)
        yield coded[4 if offset else 0 : len(coded) - 4]
