"""Signing in with the OpenID Connect provider: authorisation code flow with PKCE, state and nonce.

1. `begin` sends the browser to the provider; state, nonce and verifier wait in the browser session.
2. `finish` checks what came back (state, then the ID token's signature, issuer, audience, times,
   nonce) and gives the claims as a `Voucher`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, url_for
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from exchange.web.language import current_language
from exchange.web.settings import OidcSettings
from exchange.web.state import web_state

PROVIDER_TIMEOUT = 10  # seconds for one answer of the provider: a visitor is waiting
_EXTENSION = "skrytka-sign-in"


class SignInError(Exception):
    """Signing in failed; `code` is "cancelled", "unavailable", "refused" or "nameless"."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True)
class Voucher:
    """What the provider vouches for: who this is."""

    issuer: str
    subject: str
    given_name: str
    family_name: str
    pesel: str | None


def init_sign_in(app: Flask, oidc: OidcSettings) -> None:
    """Register the provider with `app`; nothing is fetched before the first visitor signs in."""
    oauth = OAuth(app)
    app.extensions[_EXTENSION] = oauth.register(
        "provider",
        client_id=oidc.client_id,
        client_secret=oidc.client_secret,
        server_metadata_url=oidc.metadata_url,
        client_kwargs={
            "scope": oidc.scope,
            "code_challenge_method": "S256",
            "default_timeout": PROVIDER_TIMEOUT,
        },
    )


def begin(callback_endpoint: str, *, ask_again: bool) -> Response:
    """Give the redirect to the provider, which sends the browser back to `callback_endpoint`.

    With `ask_again` the provider shall not rely on a session of its own (OpenID Connect Core 1.0,
    3.1.2.1, prompt=login).

    Raises:
        SignInError: the provider does not answer, or describes itself as another one.
    """
    settings = web_state().settings
    callback = settings.base_url.rstrip("/") + url_for(callback_endpoint)
    try:
        provider = _provider()
        _check_issuer(provider.load_server_metadata(), settings.oidc)
        options = {"ui_locales": current_language()} | ({"prompt": "login"} if ask_again else {})
        return cast(Response, provider.authorize_redirect(callback, **options))
    except (RequestException, ValueError, RuntimeError) as error:
        raise SignInError("unavailable", str(error)) from error


def finish() -> Voucher:
    """Check the provider's answer in the current request and give what it vouches for.

    Raises:
        SignInError: cancelled, no answer, an answer that does not check, or no name.
    """
    try:
        token = _provider().authorize_access_token()
    except AuthlibBaseError as error:
        raise SignInError(
            "cancelled" if error.error == "access_denied" else "refused", str(error)
        ) from error
    except JoseError as error:
        raise SignInError("refused", str(error)) from error
    except (RequestException, ValueError, RuntimeError) as error:
        raise SignInError("unavailable", str(error)) from error
    return _voucher(token.get("userinfo"), web_state().settings.oidc)


def _voucher(claims: Mapping[str, Any] | None, oidc: OidcSettings) -> Voucher:
    if claims is None:
        raise SignInError("refused", "the provider sent no ID token")
    names = [str(claims.get(name) or "").strip() for name in ("given_name", "family_name")]
    if not all(names):
        raise SignInError("nameless", "the ID token carries no given_name or family_name")
    pesel = claims.get(oidc.pesel_claim)
    return Voucher(
        oidc.issuer, str(claims["sub"]), names[0], names[1], str(pesel) if pesel else None
    )


def _check_issuer(metadata: Mapping[str, Any], oidc: OidcSettings) -> None:
    """OpenID Connect Discovery 1.0, 4.3: the document must name the issuer it was asked of."""
    if str(metadata.get("issuer", "")).rstrip("/") != oidc.issuer.rstrip("/"):
        raise ValueError(
            f"the provider calls itself {metadata.get('issuer')!r}, not {oidc.issuer!r}"
        )


def _provider() -> Any:
    return current_app.extensions[_EXTENSION]
