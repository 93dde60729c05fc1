"""OpenID Connect as Authlib implements it, narrowed to what the service may use.

Authorisation code flow only, with a state, a nonce and PKCE S256; one client, which keeps a
secret; redirect URIs compared letter by letter; a code is burnt by its first presentation.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo, UserInfoEndpoint
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from flask import Flask
from joserfc.jwk import KeySet, RSAKey

from sandbox.login.memory import CODE_LIFE, LEVEL_OF_ASSURANCE, TOKEN_LIFE, Code, Memory, Token
from sandbox.people import Person
from sandbox.world import LoginClient, Sandbox

SIGNING_ALGORITHM = "RS256"
"""The one every provider must offer (OpenID Connect Core 15.1)."""
SCOPES = ("openid", "profile")
CLIENT_AUTHENTICATION = ("client_secret_basic", "client_secret_post")

# Authlib's classes carry no types: what is derived from them cannot be checked deeper.
# mypy: disable-error-code="misc"


@dataclass(frozen=True)
class LoginSettings:
    """Where browsers may be sent back to, exactly as written here."""

    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]


class Client(ClientMixin):
    """The one registered client: the service itself."""

    def __init__(self, registered: LoginClient, settings: LoginSettings) -> None:
        """Register `registered` with the addresses of `settings`."""
        self.client_id = registered.client_id
        self._secret = registered.client_secret
        self._redirect_uris = settings.redirect_uris
        self.client_metadata = {
            "post_logout_redirect_uris": list(settings.post_logout_redirect_uris)
        }
        self.id_token_signed_response_alg = SIGNING_ALGORITHM

    def get_client_id(self) -> str:
        """Give the client's identifier."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """Give none: a request must name its redirect URI (OpenID Connect Core 3.1.2.1)."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Give the part of `scope` that this provider knows."""
        return " ".join(part for part in (scope or "").split() if part in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether a browser may be sent to `redirect_uri`."""
        return redirect_uri in self._redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether the secret is right, in constant time."""
        return secrets.compare_digest(client_secret.encode(), self._secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002  # Authlib's signature
        """Tell whether the client may authenticate this way."""
        return method in CLIENT_AUTHENTICATION

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether the response type is the code."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the grant is the authorisation code's."""
        return grant_type == "authorization_code"


class Provider:
    """What the provider knows while it runs: its key, its client, codes and tokens."""

    def __init__(
        self, sandbox: Sandbox, settings: LoginSettings, clock: Callable[[], datetime]
    ) -> None:
        """Read key and client from the sandbox; `clock` gives aware times."""
        self.issuer = sandbox.issuer
        self.clock = clock
        self.client = Client(sandbox.login_client(), settings)
        self.codes: Memory[Code] = Memory(clock)
        self.tokens: Memory[Token] = Memory(clock)
        self._key_pem = sandbox.login_key()

    @cached_property
    def key(self) -> RSAKey:
        """The signing key, with its thumbprint (RFC 7638) as identifier."""
        key = RSAKey.import_key(self._key_pem, {"alg": SIGNING_ALGORITHM, "use": "sig"})
        key.ensure_kid()
        return key

    def public_keys(self) -> dict[str, Any]:
        """Give the JWK set that verifies this provider's tokens."""
        return dict(KeySet([self.key]).as_dict(private=False))

    def metadata(self) -> dict[str, Any]:
        """Give the discovery document (OpenID Connect Discovery 1.0, 3)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/end-session",
            "jwks_uri": f"{self.issuer}/keys",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "acr_values_supported": [LEVEL_OF_ASSURANCE],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [SIGNING_ALGORITHM],
            "token_endpoint_auth_methods_supported": list(CLIENT_AUTHENTICATION),
            "claims_supported": ["sub", "name", "given_name", "family_name", "pesel", "acr"],
            "ui_locales_supported": ["pl", "en"],
            "code_challenge_methods_supported": ["S256"],
        }

    def server(self, app: Flask) -> AuthorizationServer:
        """Give Authlib's server with this provider's rules."""
        app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {
            "authorization_code": int(TOKEN_LIFE.total_seconds())
        }
        server = AuthorizationServer(app, self._find_client, self._save_token)
        grant = type("Grant", (_CodeGrant,), {"provider": self})
        server.register_grant(grant, [_StrictPkce(), _IdToken(self)])
        protector = ResourceProtector()
        protector.register_token_validator(_BearerTokens(self))
        server.register_endpoint(_WhoLoggedIn(self, protector))
        server.register_endpoint(_EndSession(self, server))
        return server

    def _find_client(self, client_id: str) -> Client | None:
        return self.client if client_id == self.client.client_id else None

    def _save_token(self, token: dict[str, Any], request: Any) -> None:
        self.tokens.remember(
            Token(
                value=token["access_token"],
                client=request.client,
                person=request.user,
                scope=token.get("scope", ""),
                code=request.authorization_code.value,
                expires_at=self.clock() + TOKEN_LIFE,
                clock=self.clock,
            )
        )


def claims_of(person: Person) -> UserInfo:
    """Give what the provider tells about a person."""
    return UserInfo(
        sub=person.subject,
        name=person.name,
        given_name=person.given_name,
        family_name=person.family_name,
        pesel=person.pesel,
    )


class _CodeGrant(AuthorizationCodeGrant):
    provider: Provider
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTHENTICATION

    def save_authorization_code(self, code: str, request: Any) -> None:
        now = self.provider.clock()
        asked = request.payload.data
        self.provider.codes.remember(
            Code(
                value=code,
                client_id=request.client.client_id,
                redirect_uri=request.payload.redirect_uri,
                scope=request.scope,
                person=request.user,
                nonce=asked["nonce"],
                code_challenge=asked["code_challenge"],
                code_challenge_method=asked["code_challenge_method"],
                granted_at=now,
                expires_at=now + CODE_LIFE,
            )
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found = self.provider.codes.take(code)
        if found is None:
            # RFC 6749 4.1.2: a code that comes twice was stolen; so its tokens are void
            self.provider.tokens.forget(lambda token: token.code == code)
            return None
        return found if found.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Nothing to do: taking a code forgets it."""

    def authenticate_user(self, authorization_code: Code) -> Person:
        return authorization_code.person


class _StrictPkce(CodeChallenge):
    """PKCE for every request and by S256 only (RFC 9700 2.1.1), also for a client with a secret."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012  # Authlib's attribute

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or not asked.get("code_challenge_method"):
            raise InvalidRequestError("Missing 'code_challenge' or 'code_challenge_method'")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):
    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self._provider = provider

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002  # Authlib's signature
        return self._provider.codes.any(lambda code: code.nonce == nonce)

    def resolve_client_private_key(self, client: Client) -> RSAKey:  # noqa: ARG002
        return self._provider.key

    def get_encode_header(self, client: Client) -> dict[str, str]:  # noqa: ARG002
        return {"alg": SIGNING_ALGORITHM, "kid": str(self._provider.key.kid)}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        now = int(self._provider.clock().astimezone(UTC).timestamp())
        return {
            "iss": self._provider.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + int(TOKEN_LIFE.total_seconds()),
        }

    def generate_user_info(self, user: Person, scope: str) -> UserInfo:  # noqa: ARG002
        return claims_of(user)


class _BearerTokens(BearerTokenValidator):
    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._provider = provider

    def authenticate_token(self, token_string: str) -> Token | None:
        return self._provider.tokens.look_up(token_string)


class _WhoLoggedIn(UserInfoEndpoint):
    def __init__(self, provider: Provider, protector: ResourceProtector) -> None:
        super().__init__(resource_protector=protector)
        self._provider = provider

    def get_issuer(self) -> str:
        return self._provider.issuer

    def generate_user_info(self, user: Person, scope: str) -> UserInfo:  # noqa: ARG002
        return claims_of(user)


class _EndSession(EndSessionEndpoint):
    def __init__(self, provider: Provider, server: AuthorizationServer) -> None:
        super().__init__(server)
        self._provider = provider

    def get_server_jwks(self) -> dict[str, Any]:
        return self._provider.public_keys()

    def is_post_logout_redirect_uri_legitimate(self, *asked: Any) -> bool:  # noqa: ARG002
        """Allow a registered address without an id_token_hint: there is no session to end."""
        return True

    def end_session(self, end_session_request: Any) -> None:
        claims = end_session_request.id_token_claims or {}
        self._provider.tokens.forget(lambda token: token.person.subject == claims.get("sub"))
