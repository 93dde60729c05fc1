"""What the service acknowledged to its visitors, kept where no crash of it can reach."""

from dataclasses import dataclass, field


@dataclass
class Draft:
    """A draft whose review page was shown: from then on it must not be lost."""

    path: str
    owner: str
    addressee: str
    signed: bool = False
    sha256: str | None = None  # of the signed file, taken before it is filed


@dataclass
class Letter:
    """A letter whose filing was answered: from then on its document, and its place, must stand."""

    path: str
    draft: str
    sender: str
    addressee: str
    sha256: str | None
    answered: bool = False
    collected: bool = False


@dataclass
class Journal:
    """Facts in the order in which they were acknowledged.

    `receipts` are the bytes of every receipt ever downloaded, by its address; `canaries` every
    marked text that was sent in.
    """

    drafts: dict[str, Draft] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    receipts: dict[str, bytes] = field(default_factory=dict)
    canaries: list[str] = field(default_factory=list)

    def filed(self, draft: Draft, letter: str) -> Letter:
        """Note the answer to a filing; the same draft must always be the same letter."""
        known = self.letter_of(draft.path)
        if known is not None and known.path != letter:
            raise AssertionError(f"I2: {draft.path} became {known.path} and {letter}")
        return self.letters.setdefault(
            letter, Letter(letter, draft.path, draft.owner, draft.addressee, draft.sha256)
        )

    def letter_of(self, draft: str) -> Letter | None:
        """Give the letter that a draft became."""
        return next((each for each in self.letters.values() if each.draft == draft), None)

    def received(self, receipt: str, content: bytes) -> None:
        """Note a receipt's bytes; they never change."""
        if self.receipts.setdefault(receipt, content) != content:
            raise AssertionError(f"I3: the bytes of {receipt} changed")
