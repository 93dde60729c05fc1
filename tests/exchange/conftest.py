"""The exchange built from real parts: PostgreSQL, vault, signer, and the sandbox's authority."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

import signer
from exchange.delivery.submission import Submission
from exchange.identity.profiles import new_identity
from exchange.letters.composing import ComposeForm
from exchange.parts import Parts
from exchange.people import Actor, PersonIdentity, Role
from exchange.services import Services, build_services
from exchange.workers import Worker
from sandbox import OFFICES, PEOPLE, Sandbox
from signer import Credential, Pkcs12Credential
from storage import ColumnCipher, Database, EncryptedSpool, Ledger, MasterKeys, Vault
from tests.sandbox_fixtures import RunningSandbox

PROVIDER = "sandbox"


@dataclass
class Clock:
    """Real time, moved by what a test says."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class SandboxCredentials:
    """Seals and personal certificates from the sandbox's files."""

    sandbox: Sandbox
    without_seal: set[str] = field(default_factory=set)
    without_certificate: set[str] = field(default_factory=set)

    def seal(self, institution: str) -> Credential | None:
        if institution in self.without_seal:
            return None
        kept = self.sandbox.seal(institution)
        return Pkcs12Credential.from_bytes(kept.pkcs12, kept.password)

    def personal(self, person: PersonIdentity) -> Credential | None:
        if person.subject in self.without_certificate:
            return None
        return self.of(person.subject)

    def of(self, person_id: str) -> Credential:
        kept = self.sandbox.credential(person_id)
        return Pkcs12Credential.from_bytes(kept.pkcs12, kept.password)


@dataclass(frozen=True)
class House:
    """Everything a test of the exchange needs, with the demonstration's people in it."""

    services: Services
    parts: Parts
    clock: Clock
    credentials: SandboxCredentials
    spools: Path

    def sign_in(self, person_id: str) -> Actor:
        """Sign somebody in; an office's people act for their office."""
        person = next(p for p in PEOPLE if p.person_id == person_id)
        token = self.services.identity.sign_in(
            PROVIDER, person.subject, person.given_name, person.family_name, person.pesel
        )
        actor = self.services.identity.actor(token)
        assert actor is not None
        return actor

    def office(self, short_id: str) -> UUID:
        """Give the id of an office's mailbox."""
        return next(
            box.mailbox_id
            for box in self.services.mailboxes.offices()
            if box.address.startswith(f"/{short_id}/")
        )

    def spool(self, content: bytes) -> EncryptedSpool:
        """Give bytes as an upload would leave them."""
        spool = EncryptedSpool(self.spools)
        spool.write(content)
        spool.seek(0)
        return spool

    def compose(self, actor: Actor, addressee: UUID, **changes: Any) -> UUID:
        """Write a letter; gives its draft."""
        form: dict[str, Any] = {
            "addressee_mailbox_id": addressee,
            "title": "Wniosek o wydanie zaświadczenia",
            "text": "Proszę o wydanie zaświadczenia.\n\nUzasadnienie w załączniku.",
            "place": "Lubań",
        }
        return self.services.drafts.compose(actor, ComposeForm(**(form | changes)))

    def send(self, actor: Actor, addressee: UUID, **changes: Any) -> UUID:
        """Write, sign, file and hand over a letter; gives its id."""
        draft_id = self.compose(actor, addressee, **changes)
        shown = self.services.drafts.view(actor, draft_id)
        self.services.drafts.sign(actor, draft_id, shown.sha256)
        filed = self.services.dispatch.file(actor, draft_id, self.clock())
        self.services.handover.deliver(filed.letter_id)
        return filed.letter_id

    def submission(
        self, actor: Actor, addressee: UUID, content: bytes, message_id: str
    ) -> Submission:
        """Give what a filing takes, with bytes at hand."""
        spool = self.spool(content)
        return Submission(
            sender=actor,
            addressee_mailbox_id=addressee,
            message_id=message_id,
            content=spool,
            sha256=spool.sha256,
            size=spool.size,
            kind="pdf" if content.startswith(b"%PDF") else "xml",
            received_at=self.clock(),
            title="Pismo",
            file_name="pismo.xml",
        )


@pytest.fixture
def clock() -> Clock:
    """A clock that tests may move."""
    return Clock()


@pytest.fixture
def house(
    database: Database,
    vault: Vault,
    master_keys: MasterKeys,
    sandbox_server: RunningSandbox,
    clock: Clock,
    tmp_path: Path,
) -> House:
    """The exchange with the demonstration's offices and people, over real parts."""
    trust = signer.TrustStore.from_certificates(sandbox_server.sandbox.anchors())
    fetch = signer.Fetcher(allowed=(urlsplit(sandbox_server.base_url).netloc,))
    credentials = SandboxCredentials(sandbox_server.sandbox)
    parts = Parts(
        database=database,
        vault=vault,
        ledger=Ledger(),
        cipher=ColumnCipher(master_keys),
        clock=clock,
        workers=Worker(vault, trust, fetch),
        credentials=credentials,
    )
    services = build_services(parts)
    seed(services)
    spools = tmp_path / "spools"
    spools.mkdir()
    return House(services, parts, clock, credentials, spools)


def seed(services: Services) -> None:
    """Create the demonstration's offices and their people."""
    for office in OFFICES:
        services.identity.add_institution(office.short_id, office.name, office.register_prefix)
    for person in PEOPLE:
        if person.office is not None:
            member = new_identity(
                PROVIDER, person.subject, person.given_name, person.family_name, person.pesel
            )
            services.identity.set_member(person.office, member, [Role(r) for r in person.roles])
