"""The sandbox as the rest of the demonstration sees it: people, credentials, anchors, addresses.

Opening reads a few small files; nothing here answers a request (that is `server`).
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.errors import SandboxError
from sandbox.folder import make_or_open, ready_content, write_file
from sandbox.people import OFFICES, PEOPLE, Office, Person
from sandbox.pki.making import (
    CERTIFICATES_FOLDER,
    CREDENTIALS_FOLDER,
    Order,
    make_authority,
)
from sandbox.pki.profiles import ARCHITECTURE, ROOT, TIMESTAMPER, seal_label

Clock = Callable[[], datetime]

DEFAULT_RSA_BITS = 3072
"""What authorities of the field issue today (ETSI TS 119 312: 3000 bits and more)."""

_FORMAT = 1
"""Raised when an older folder can no longer be read; there is no upgrade of a sandbox."""

_MANIFEST_FILE = "sandbox.json"
_CLIENT_SECRET_FILE = "login-client-secret"  # noqa: S105  # the name of a file
_LOGIN_KEY_FILE = "login-key.pem"
_CLIENT_ID = "skrytka-demo"
_SECRET_BYTES = 32


@dataclass(frozen=True)
class Credentials:
    """A key with its certificates as a PKCS#12 file, and the password that opens it."""

    pkcs12: bytes
    password: str

    def __repr__(self) -> str:
        return "Credentials(…)"


@dataclass(frozen=True)
class LoginClient:
    """How the service introduces itself to the sandbox's login provider."""

    issuer: str
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"LoginClient(issuer={self.issuer!r}, client_id={self.client_id!r})"


class Sandbox:
    """A made sandbox in its folder; get one from `create_or_open`."""

    def __init__(self, content: Path, base_url: str, created: datetime) -> None:
        """Take what `create_or_open` found; not for other callers."""
        self.content = content
        self.base_url = base_url
        self.created = created

    @classmethod
    def create_or_open(
        cls, folder: Path, base_url: str, clock: Clock, *, rsa_bits: int = DEFAULT_RSA_BITS
    ) -> Self:
        """Open the sandbox in `folder`, making it first if there is none (about two seconds).

        `base_url` is where it will answer, such as ``http://127.0.0.1:8081``; certificates carry
        it, so it cannot change later. `clock` gives aware times. Killed half way, the next call
        starts afresh.

        Raises `SandboxError` when the folder cannot be used or was made for another address.
        """
        base_url = base_url.rstrip("/")

        def make(content: Path) -> None:
            _make_content(content, base_url, clock().astimezone(UTC), rsa_bits)

        opened = cls._open(make_or_open(folder, make))
        if opened.base_url != base_url:
            raise SandboxError(
                f"The sandbox in {folder} was made for {opened.base_url} and its certificates "
                f"say so; it cannot answer at {base_url}. Start it at its own address, or remove "
                "the folder to get a new sandbox (old signatures will then no longer be trusted)."
            )
        return opened

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the sandbox that is in `folder`; raises `SandboxError` when there is none."""
        content = ready_content(folder)
        if content is None:
            raise SandboxError(f"There is no sandbox in {folder} yet. Start `skrytka demo` first.")
        return cls._open(content)

    @classmethod
    def _open(cls, content: Path) -> Self:
        try:
            manifest = json.loads((content / _MANIFEST_FILE).read_text(encoding="utf-8"))
            if manifest["format"] != _FORMAT:
                raise SandboxError(
                    f"The sandbox in {content.parent} was made by another version. "
                    "Remove the folder to get a new one."
                )
            return cls(content, manifest["base_url"], datetime.fromisoformat(manifest["created"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SandboxError(
                f"The sandbox in {content.parent} is damaged: its {_MANIFEST_FILE} cannot be "
                "read. Remove the folder to get a new one."
            ) from error

    @staticmethod
    def remembered_base_url(folder: Path) -> str | None:
        """Give the address the sandbox in `folder` was made for, None when there is none yet."""
        return Sandbox.open(folder).base_url if ready_content(folder) else None

    def people(self) -> tuple[Person, ...]:
        """Give everybody who can log in."""
        return PEOPLE

    def offices(self) -> tuple[Office, ...]:
        """Give the offices, each of which has a seal."""
        return OFFICES

    def credential(self, person_id: str) -> Credentials:
        """Give the signing key of a person; raises `SandboxError` for nobody of ours."""
        if person_id not in {person.person_id for person in PEOPLE}:
            raise SandboxError(f"Nobody in the sandbox is called {person_id!r}.")
        return self._credentials(person_id)

    def seal(self, short_id: str) -> Credentials:
        """Give the seal of an office; raises `SandboxError` for an office that is not ours."""
        if short_id not in {office.short_id for office in OFFICES}:
            raise SandboxError(f"There is no office {short_id!r} in the sandbox.")
        return self._credentials(seal_label(short_id))

    def anchors(self) -> list[bytes]:
        """Give the root certificates (DER) that the demonstration trusts."""
        return [self.certificate(ROOT)]

    def certificate(self, label: str) -> bytes:
        """Give the certificate (DER) of an authority, a person or ``seal-`` + an office."""
        return (self.content / CERTIFICATES_FOLDER / f"{label}.crt").read_bytes()

    @property
    def timestamp_url(self) -> str:
        """The address of the time-stamping service (RFC 3161 over HTTP)."""
        return f"{self.base_url}/{ARCHITECTURE}/tsa/{TIMESTAMPER}"

    @property
    def issuer(self) -> str:
        """The OpenID issuer; its discovery document is below it at the well-known place."""
        return f"{self.base_url}/login"

    def login_client(self) -> LoginClient:
        """Give what the service needs to use the sandbox's login."""
        secret = (self.content / _CLIENT_SECRET_FILE).read_text(encoding="ascii")
        return LoginClient(self.issuer, _CLIENT_ID, secret)

    def login_key(self) -> bytes:
        """Give the private key (PEM) that signs the provider's tokens."""
        return (self.content / _LOGIN_KEY_FILE).read_bytes()

    def _credentials(self, label: str) -> Credentials:
        place = self.content / CREDENTIALS_FOLDER
        password = (place / f"{label}.password").read_text(encoding="ascii")
        return Credentials((place / f"{label}.p12").read_bytes(), password)


def _make_content(content: Path, base_url: str, now: datetime, rsa_bits: int) -> None:
    # Certomancer is needed only to make a sandbox and to serve it; opening one must stay quick.
    from sandbox.pki.issuing import issue_certificates

    order = Order(base_url, now, PEOPLE, OFFICES, rsa_bits)
    make_authority(content, order, write=write_file, issue=issue_certificates)
    write_file(content / _LOGIN_KEY_FILE, _new_login_key(rsa_bits))
    write_file(content / _CLIENT_SECRET_FILE, secrets.token_urlsafe(_SECRET_BYTES).encode())
    manifest = {"format": _FORMAT, "base_url": base_url, "created": now.isoformat()}
    write_file(content / _MANIFEST_FILE, json.dumps(manifest).encode())


def _new_login_key(rsa_bits: int) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=rsa_bits)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
