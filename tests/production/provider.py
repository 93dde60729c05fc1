"""An OpenID Connect provider that is not the sandbox's, and not written with its library.

Authorisation code flow with PKCE S256; whoever types a known name into its form is logged in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.production.pki import PESEL

REALM = "/realms/office"
CLIENT_ID = "skrytka"
PESEL_CLAIM = "national_id"
SECONDS_TO_LIVE = 300

PEOPLE: Mapping[str, Mapping[str, str]] = {
    "anna": {"given_name": "Anna", "family_name": "Zielińska", PESEL_CLAIM: PESEL},
    "zofia": {"given_name": "Zofia", "family_name": "Lis"},
}


@dataclass
class Provider:
    """The provider at `issuer`; `client_secret` is what it gave the service."""

    issuer: str = ""
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        """The discovery document (OpenID Connect Discovery 1.0, 3)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        """The public key set."""
        return {"keys": [self.key.as_dict(private=False)]}

    def grant(self, request: Mapping[str, str], person: str) -> str:
        """Log somebody in; gives where the browser goes back to."""
        assert request["client_id"] == CLIENT_ID
        assert request["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.asked[code] = {**request, "person": person}
        return f"{request['redirect_uri']}?{urlencode({'code': code, 'state': request['state']})}"

    def tokens(self, form: Mapping[str, str], credentials: str) -> dict[str, Any] | None:
        """Exchange a code, once, for the ID token; None when anything is not as it was asked."""
        request = self.asked.pop(form.get("code", ""), None)
        if request is None or credentials != f"{CLIENT_ID}:{self.client_secret}":
            return None
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() != request["code_challenge"]:
            return None
        if form.get("redirect_uri") != request["redirect_uri"]:
            return None
        return {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": SECONDS_TO_LIVE,
            "id_token": self._id_token(request),
        }

    def _id_token(self, request: Mapping[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": request["person"],
            "iat": now,
            "exp": now + SECONDS_TO_LIVE,
            "nonce": request["nonce"],
            **PEOPLE[request["person"]],
        }
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key)


@contextmanager
def running() -> Iterator[Provider]:
    """Let a provider answer until the block ends."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.issuer = f"http://127.0.0.1:{server.server_port}{REALM}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


LOGIN = "<!DOCTYPE html><title>Log in</title><form method=post><input name=person></form>"


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path.removeprefix(REALM)
            if path == "/authorize":
                self._answer(200, "text/html", LOGIN.encode())
            else:
                documents = {
                    "/.well-known/openid-configuration": provider.metadata,
                    "/keys": provider.keys,
                }
                self._json(200, documents[path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(body))
            address = urlsplit(self.path)
            if address.path.removeprefix(REALM) == "/token":
                tokens = provider.tokens(form, self._credentials())
                self._json(200 if tokens else 400, tokens or {"error": "invalid_grant"})
                return
            back = provider.grant(dict(parse_qsl(address.query)), form["person"])
            self.send_response(303)
            self.send_header("Location", back)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _credentials(self) -> str:
            sent = self.headers.get("Authorization", "").removeprefix("Basic ")
            return unquote(base64.b64decode(sent).decode())

        def _json(self, status: int, document: Mapping[str, Any]) -> None:
            self._answer(status, "application/json", json.dumps(document).encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name
            """Say nothing."""

    return Handler
