"""Who asks, and in whose name: values that every service of the exchange takes and gives."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

PESEL_SHOWN_DIGITS = 2  # enough for a person to recognise their own, not enough to learn another's


class Role(StrEnum):
    """What someone may do in an institution."""

    CLERK = "clerk"
    SIGNATORY = "signatory"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Right(StrEnum):
    """What a service asks an actor to be allowed to do."""

    READ = "read"
    WRITE = "write"
    SIGN = "sign"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.CLERK: frozenset({Right.READ, Right.WRITE}),
    Role.SIGNATORY: frozenset({Right.READ, Right.WRITE, Right.SIGN}),
    Role.AUDITOR: frozenset({Right.READ}),
    Role.ADMIN: frozenset(),
}


def mask_pesel(pesel: str | None) -> str | None:
    """Hide all but the last digits of a PESEL."""
    if pesel is None:
        return None
    hidden = len(pesel) - PESEL_SHOWN_DIGITS
    return "•" * hidden + pesel[hidden:]


@dataclass(frozen=True)
class PersonIdentity:
    """A person as their login provider names them; `pesel` is None where it gives none."""

    person_id: UUID
    provider: str
    subject: str
    given_name: str
    family_name: str
    pesel: str | None

    @property
    def display_name(self) -> str:
        """The name as pages and letters show it."""
        return f"{self.given_name} {self.family_name}"

    @property
    def pesel_masked(self) -> str | None:
        """The PESEL with all but its last digits hidden."""
        return mask_pesel(self.pesel)


@dataclass(frozen=True)
class InstitutionRef:
    """An office: its short id is its ePUAP-ID in receipts."""

    institution_id: UUID
    short_id: str
    name: str


@dataclass(frozen=True)
class MailboxRef:
    """A mailbox and whose it is."""

    mailbox_id: UUID
    address: str
    name: str
    is_office: bool


@dataclass(frozen=True)
class Actor:
    """Who is asking (`person`) and in whose name (`mailbox`, and `institution` for an office)."""

    person: PersonIdentity
    mailbox: MailboxRef
    institution: InstitutionRef | None
    roles: frozenset[Role]

    @property
    def is_office(self) -> bool:
        """Whether the actor speaks for an institution."""
        return self.institution is not None

    def can(self, right: Right) -> bool:
        """Whether the actor may do this; a person may do everything in their own name."""
        return not self.is_office or any(right in RIGHTS[role] for role in self.roles)

    @property
    def reference(self) -> str:
        """How the ledger names the actor: ids only, never a name."""
        return f"person:{self.person.person_id}"
