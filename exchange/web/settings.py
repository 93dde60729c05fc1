"""What the pages need to know about where they run."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from exchange.web.language import LANGUAGES

MEBIBYTE = 1024 * 1024

DEFAULT_UPLOAD_LIMIT = 100 * MEBIBYTE
"""Largest body of one upload, in bytes: a scanned file of some hundred pages, not a film."""


DEFAULT_MOST_AT_ONCE = 48
"""Requests that one process works on at once: nearly all of them wait for something."""


@dataclass(frozen=True)
class OidcSettings:
    """The OpenID Connect provider that vouches for people.

    Attributes:
        issuer: its address; recorded with every person who signs in through it.
        scope: space separated; must yield the name and, where the provider knows it, the PESEL.
        pesel_claim: name of the claim that carries the PESEL.
    """

    issuer: str
    client_id: str
    client_secret: str
    scope: str = "openid profile"
    pesel_claim: str = "pesel"

    @property
    def metadata_url(self) -> str:
        """Address of the discovery document (OpenID Connect Discovery 1.0, 4)."""
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"


@dataclass(frozen=True)
class WebSettings:
    """Settings of the pages.

    Attributes:
        secret_key: signs the cookie of the browser session (at least 32 random bytes).
        base_url: the address people type, e.g. ``https://skrytka.example.pl``; decides the scheme
            of cookies and links. Headers such as X-Forwarded-Host are never asked.
        oidc: who vouches for people.
        spool_folder: where uploads lie while they are handled, encrypted under keys that are
            never written.
        old_secret_keys: earlier values of `secret_key` still accepted, newest first.
        more_hosts: further host names under which the service may be asked.
        upload_limit: largest body of one upload, in bytes.
        most_at_once: requests worked on at once; light ones have room beyond it.
        default_language: language of a visitor who has not chosen one.
        sandbox: whether a banner says that nothing here has legal effect.
    """

    secret_key: bytes
    base_url: str
    oidc: OidcSettings
    spool_folder: Path
    old_secret_keys: tuple[bytes, ...] = ()
    more_hosts: tuple[str, ...] = ()
    upload_limit: int = DEFAULT_UPLOAD_LIMIT
    most_at_once: int = DEFAULT_MOST_AT_ONCE
    default_language: str = LANGUAGES[0]
    sandbox: bool = False

    @property
    def https(self) -> bool:
        """Whether people reach the service by https."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def trusted_hosts(self) -> list[str]:
        """The host names a request may name; anything else is answered 400."""
        host = urlsplit(self.base_url).hostname
        return [name for name in (host, *self.more_hosts) if name]
