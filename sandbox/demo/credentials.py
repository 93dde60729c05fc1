"""Who can sign in the demo: the offices, and everybody with a certificate of the sandbox."""

from functools import cache

from exchange.parts import CredentialSource
from exchange.people import PersonIdentity
from sandbox.people import PEOPLE
from sandbox.world import Sandbox
from signer import Credential, Pkcs12Credential


class DemoCredentials:
    """Seals as in production; people's certificates from the sandbox."""

    def __init__(self, seals: CredentialSource, sandbox: Sandbox) -> None:
        self._seals = seals
        self._sandbox = sandbox
        self._opened = cache(self._open)

    def seal(self, institution: str) -> Credential | None:
        """Give the seal of the institution with this short id, or None when there is none."""
        return self._seals.seal(institution)

    def personal(self, person: PersonIdentity) -> Credential | None:
        """Give the sandbox's certificate of one of its people; None for anybody else."""
        if person.provider != self._sandbox.issuer or person.subject not in {
            p.subject for p in PEOPLE
        }:
            return None
        return self._opened(person.subject)

    def _open(self, person_id: str) -> Credential:
        kept = self._sandbox.credential(person_id)
        return Pkcs12Credential.from_bytes(kept.pkcs12, kept.password)
