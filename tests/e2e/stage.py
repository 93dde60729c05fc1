"""The demo on which the stories play: its sandbox, its people, what its documents are worth."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import signer
from sandbox import PEOPLE, Person, Sandbox
from tests.e2e.visitor import Visitor
from tests.e2e.words import Words
from tests.town import Town


@dataclass(frozen=True)
class Demo:
    """A running demo and the certificates that it trusts."""

    town: Town
    sandbox: Sandbox

    @property
    def hosts(self) -> tuple[str, str]:
        """Where its pages and its login answer (``name:port``)."""
        return urlsplit(self.town.base_url).netloc, urlsplit(self.sandbox.base_url).netloc

    @cached_property
    def trust(self) -> signer.TrustStore:
        """The sandbox's roots."""
        return signer.TrustStore.from_certificates(self.sandbox.anchors())

    def examine(self, document: bytes) -> signer.Report:
        """Validate a document here, apart from the service, asking the sandbox for revocation."""
        fetch = signer.Fetcher(allowed=self.hosts[1:])
        return signer.validate(document, trust=self.trust, fetch=fetch)

    def own_application(self, person: str) -> signer.Credential:
        """Give a person's key for signing outside the service."""
        credential = self.sandbox.credential(person)
        return signer.Pkcs12Credential.from_bytes(credential.pkcs12, credential.password)


@dataclass(frozen=True)
class Stage:
    """What one language's stories need: the demo, the words and whoever is asked for."""

    demo: Demo
    words: Words
    meet: Callable[[str], Visitor]


def named(person_id: str) -> Person:
    """Give one of the sandbox's people."""
    return next(person for person in PEOPLE if person.person_id == person_id)
