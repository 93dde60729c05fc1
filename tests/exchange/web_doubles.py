"""Services that stand still: for tests of the frame, which asks them only who is there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from exchange.errors import NotFound
from exchange.people import Actor, MailboxRef, PersonIdentity
from exchange.services import Services

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANNA = Actor(
    PersonIdentity(uuid4(), "test", "anna", "Anna", "Kowalska", "90010112345"),
    MailboxRef(uuid4(), "/anna/domyslna", "Anna Kowalska", is_office=False),
    None,
    frozenset(),
)
OFFICE = MailboxRef(uuid4(), "/umluban/skrytkaESP", "Urząd Miasta Lubań", is_office=True)


@dataclass
class Doubles:
    """Services of which the frame needs only who is asking; uploads are kept for a look."""

    spool_folder: Path
    seen: dict[str, Any] = field(default_factory=dict)

    def services(self) -> Services:
        identity = SimpleNamespace(
            actor=lambda token: ANNA if token == "anna" else None,
            sign_out=lambda token: self.seen.__setitem__("signed_out", token),
        )
        drafts = SimpleNamespace(upload=self.upload, unfinished=lambda _actor: ())
        letters = SimpleNamespace(view=self.nothing)
        collection = SimpleNamespace(pending=self.nothing)
        mailboxes = SimpleNamespace(offices=lambda: [OFFICE])
        return cast(
            Services,
            SimpleNamespace(
                identity=identity,
                drafts=drafts,
                letters=letters,
                collection=collection,
                mailboxes=mailboxes,
            ),
        )

    def upload(self, _actor: Actor, form: Any) -> UUID:
        self.seen["content"] = form.content
        self.seen["on_disk"] = b"".join(_bytes_on_disk(self.spool_folder))
        self.seen["read"] = form.content.read()
        return uuid4()

    @staticmethod
    def nothing(_actor: Actor, _letter_id: UUID) -> None:
        raise NotFound


def _bytes_on_disk(folder: Path) -> Iterator[bytes]:
    """Everything this process holds open in a folder, unnamed files too."""
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.startswith(str(folder)):
            yield descriptor.read_bytes()


@dataclass
class Clock:
    """Stands still until somebody moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now
