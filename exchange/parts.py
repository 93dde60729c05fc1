"""What the exchange is built from: the parts that app.py hands in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from exchange.people import PersonIdentity
from exchange.workers import Examiner
from signer import Credential
from storage import ColumnCipher, Database, Ledger, Vault

Clock = Callable[[], datetime]


class CredentialSource(Protocol):
    """Who can sign on this server."""

    def seal(self, institution: str) -> Credential | None:
        """Give the seal of the institution with this short id, or None when there is none."""

    def personal(self, person: PersonIdentity) -> Credential | None:
        """Give a certificate kept here for a person; None in production: people hold theirs."""


@dataclass(frozen=True)
class Parts:
    """Everything the exchange needs from the rooms below and from the outside."""

    database: Database
    vault: Vault
    ledger: Ledger
    cipher: ColumnCipher
    clock: Clock
    workers: Examiner
    credentials: CredentialSource
