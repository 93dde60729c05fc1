"""People of the demo who write, sign, file, answer and collect, one random step after another."""

import hashlib
import random
from collections.abc import Callable
from functools import partial

import requests

from tests.crash.journal import Draft, Journal, Letter
from tests.visitor import UnexpectedPageError, Visitor

OFFICES = {"tomasz": "Urząd Miasta Lubań", "maria": "Starostwo Powiatowe w Lubaniu"}
CITIZENS = ("anna", "jan")
BROKEN_OFF = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class Workload:
    """Random steps from a seed; every answer of the service is noted in the journal."""

    def __init__(self, base_url: str, journal: Journal, dice: random.Random) -> None:
        self.journal = journal
        self._base_url = base_url
        self._dice = dice
        self._visitors: dict[str, Visitor] = {}

    def visitor(self, person: str) -> Visitor:
        """Give a person's session, logging in first if need be."""
        if person not in self._visitors:
            visitor = Visitor(self._base_url)
            visitor.sign_in(person)
            self._visitors[person] = visitor
        return self._visitors[person]

    def new_sessions(self) -> None:
        """Let everybody log in again: the sandbox forgot them, their connections are dead."""
        self._visitors.clear()

    def run_until_broken_off(self, over: Callable[[], bool] = lambda: False) -> bool:
        """Take random steps until a crash breaks one off (True), or until it is `over`.

        An answer that is no acknowledgement (an error page) also counts as broken off; whether
        it may come at all is for the caller to know.
        """
        try:
            while not over():
                self.step()
        except (*BROKEN_OFF, UnexpectedPageError):
            self.new_sessions()
            return True
        return False

    def step(self) -> None:
        """Do one thing that can be done now."""
        todo: list[Callable[[], object]] = [self.write, self.upload]
        todo += [partial(self.go_on, draft) for draft in self._unfiled()] * 3
        todo += [partial(self.answer, letter) for letter in self._to_answer()]
        todo += [partial(self.collect, letter) for letter in self._to_collect()] * 3
        if self.journal.letters:
            todo.append(self.file_again)
        self._dice.choice(todo)()

    def write(self) -> None:
        """A citizen or an office writes to an office."""
        author = self._dice.choice([*CITIZENS, "maria"])
        office = "tomasz" if author == "maria" else self._dice.choice(sorted(OFFICES))
        canary = self._canary()
        path = self.visitor(author).write(
            OFFICES[office],
            f"Wniosek {canary}",
            f"Proszę o odpowiedź. {canary}",
            attachments=[
                ("zalacznik.txt", f"{canary} {'x' * self._dice.randrange(50_000)}".encode())
            ],
        )
        self.journal.drafts[path] = Draft(path, author, office)

    def upload(self) -> None:
        """A citizen uploads a PDF for an office."""
        author, office = self._dice.choice(CITIZENS), self._dice.choice(sorted(OFFICES))
        canary = self._canary()
        pdf = plain_pdf(canary, self._dice.randrange(200_000))
        path = self.visitor(author).upload(
            OFFICES[office], f"Podanie {canary}", f"{canary}.pdf", pdf
        )
        self.journal.drafts[path] = Draft(path, author, office)

    def go_on(self, draft: Draft) -> None:
        """Sign a draft, or file it when it is signed."""
        visitor = self.visitor(draft.owner)
        if not draft.signed:
            page = visitor.get(draft.path)
            if any(str(form.action).endswith("/sign") for form in page.tree.forms):
                visitor.sign(draft.path)
            draft.signed = True
            return
        if draft.sha256 is None:
            draft.sha256 = hashlib.sha256(visitor.signed_document(draft.path)).hexdigest()
        self._note(draft, visitor.file(draft.path))

    def file_again(self) -> None:
        """Repeat a filing: the same letter and the same receipt must come back."""
        letter = self._dice.choice(
            sorted(self.journal.letters.values(), key=lambda each: each.path)
        )
        draft = self.journal.drafts[letter.draft]
        self._note(draft, self.visitor(draft.owner).file(draft.path))

    def answer(self, letter: Letter) -> None:
        """The office answers a citizen with a decision."""
        canary = self._canary()
        visitor = self.visitor(letter.addressee)
        pdf = plain_pdf(canary, 1000)
        path = visitor.answer(letter.path, f"Decyzja {canary}", f"{canary}.pdf", pdf)
        letter.answered = True
        self.journal.drafts[path] = Draft(path, letter.addressee, letter.sender)

    def collect(self, letter: Letter) -> None:
        """The addressee signs the proof of delivery."""
        visitor = self.visitor(letter.addressee)
        visitor.collect(letter.path)
        letter.collected = True
        self._note_receipts(visitor, letter)

    def settle(self) -> None:
        """Bring everything begun to its end, as people do who try again after an interruption."""
        for draft in self._unfiled():
            while self.journal.letter_of(draft.path) is None:
                self.go_on(draft)

    def _note(self, draft: Draft, path: str) -> None:
        letter = self.journal.filed(draft, path)
        self._note_receipts(self.visitor(draft.owner), letter)

    def _note_receipts(self, visitor: Visitor, letter: Letter) -> None:
        for receipt, content in visitor.receipts(letter.path).items():
            self.journal.received(receipt, content)

    def _unfiled(self) -> list[Draft]:
        filed = {letter.draft for letter in self.journal.letters.values()}
        return [draft for path, draft in self.journal.drafts.items() if path not in filed]

    def _to_answer(self) -> list[Letter]:
        letters = self.journal.letters.values()
        return [each for each in letters if each.sender in CITIZENS and not each.answered]

    def _to_collect(self) -> list[Letter]:
        letters = self.journal.letters.values()
        return [each for each in letters if each.addressee in CITIZENS and not each.collected]

    def _canary(self) -> str:
        canary = f"KANAREK{self._dice.getrandbits(64):016x}"
        self.journal.canaries.append(canary)
        return canary


def plain_pdf(text: str, padding: int) -> bytes:
    """Give a one-page PDF that shows a text and is about `padding` bytes longer than needed."""
    drawn = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET\n%{'p' * padding}\n".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    pdf, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    return pdf + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (count, table, count, len(pdf))
    )
