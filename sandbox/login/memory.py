"""Authorisation codes and access tokens: short-lived, kept in the memory of one process."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from authlib.oauth2.rfc6749 import TokenMixin
from authlib.oidc.core import AuthorizationCodeMixin

from sandbox.people import Person

CODE_LIFE = timedelta(seconds=60)
"""RFC 6749 4.1.2 allows ten minutes; a browser needs a second."""
TOKEN_LIFE = timedelta(minutes=10)
MAX_REMEMBERED = 1000
"""The oldest are forgotten beyond this; a demonstration has a handful."""

LEVEL_OF_ASSURANCE = "http://eidas.europa.eu/LoA/substantial"
"""The `acr` of every login: what the national login reports for a Trusted Profile."""


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):  # type: ignore[misc]  # Authlib is untyped
    """One granted login, waiting to be fetched by the client."""

    value: str
    client_id: str
    redirect_uri: str
    scope: str
    person: Person
    nonce: str
    code_challenge: str
    code_challenge_method: str
    granted_at: datetime
    expires_at: datetime

    def get_redirect_uri(self) -> str:
        """Give the redirect URI of the request; the token request must repeat it."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Give the granted scope."""
        return self.scope

    def get_nonce(self) -> str:
        """Give the client's nonce."""
        return self.nonce

    def get_auth_time(self) -> int:
        """Give the instant of the login in seconds since the epoch."""
        return int(self.granted_at.timestamp())

    def get_acr(self) -> str:
        """Give the level of assurance."""
        return LEVEL_OF_ASSURANCE

    def get_amr(self) -> None:
        """Give no method: clicking a name is none that RFC 8176 knows."""


@dataclass(frozen=True)
class Token(TokenMixin):  # type: ignore[misc]  # Authlib is untyped
    """One access token, good for asking who logged in."""

    value: str
    client: Any
    person: Person
    scope: str
    code: str
    expires_at: datetime
    clock: Callable[[], datetime]

    def check_client(self, client: Any) -> bool:
        """Tell whether the token was given to `client`."""
        return bool(client.get_client_id() == self.client.get_client_id())

    def get_scope(self) -> str:
        """Give the granted scope."""
        return self.scope

    def get_expires_in(self) -> int:
        """Give the life of a token in seconds."""
        return int(TOKEN_LIFE.total_seconds())

    def is_expired(self) -> bool:
        """Tell whether the token's time is over."""
        return self.clock() >= self.expires_at

    def is_revoked(self) -> bool:
        """Give False: a revoked token is forgotten."""
        return False

    def get_user(self) -> Person:
        """Give who logged in."""
        return self.person

    def get_client(self) -> Any:
        """Give the client the token was given to."""
        return self.client


class _Expiring(Protocol):
    @property
    def value(self) -> str: ...

    @property
    def expires_at(self) -> datetime: ...


_Kept = TypeVar("_Kept", bound=_Expiring)


class Memory(Generic[_Kept]):
    """Remembers things by their value until they expire; safe for threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Start empty; `clock` gives aware times."""
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, thing: _Kept) -> None:
        """Keep one thing, forgetting the oldest when there are too many."""
        with self._lock:
            self._kept[thing.value] = thing
            while len(self._kept) > MAX_REMEMBERED:
                self._kept.popitem(last=False)

    def look_up(self, value: str) -> _Kept | None:
        """Give what is kept under `value` and has not expired."""
        with self._lock:
            return self._alive(self._kept.get(value))

    def take(self, value: str) -> _Kept | None:
        """Give what is kept under `value` and forget it: nobody gets it twice."""
        with self._lock:
            return self._alive(self._kept.pop(value, None))

    def forget(self, unwanted: Callable[[_Kept], bool]) -> None:
        """Forget everything `unwanted` names."""
        with self._lock:
            for value in [v for v, thing in self._kept.items() if unwanted(thing)]:
                del self._kept[value]

    def any(self, wanted: Callable[[_Kept], bool]) -> bool:
        """Tell whether something kept is `wanted`."""
        with self._lock:
            kept: Mapping[str, _Kept] = self._kept
            return any(wanted(thing) for thing in kept.values())

    def _alive(self, thing: _Kept | None) -> _Kept | None:
        return thing if thing is not None and self._clock() < thing.expires_at else None
