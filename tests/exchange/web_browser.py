"""A browser for tests of the pages: keeps cookies, finds CSRF tokens, posts forms as people do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse, encode_multipart

from exchange.web import OidcSettings, WebSettings

BASE_URL = "http://service.test"
CSRF = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


def web_settings(spool_folder: Path, **changes: Any) -> WebSettings:
    """Give settings of pages under `BASE_URL`, with `changes`."""
    values: dict[str, Any] = {
        "secret_key": b"only for tests, of no other use!",
        "base_url": BASE_URL,
        "oidc": OidcSettings("http://login.invalid", "skrytka", "secret"),
        "spool_folder": spool_folder,
    }
    return WebSettings(**(values | changes))


@dataclass
class Browser:
    """Someone's browser. `base_url` is where it believes the service to be."""

    app: Flask
    base_url: str = BASE_URL
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def carry(self, token: str, name: str = "skrytka") -> "Browser":
        """Carry a session token, as after signing in."""
        host = self.base_url.split("//")[1]
        self.client.set_cookie(name, token, domain=host)
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=self.base_url, buffered=True, **options)

    def token(self, page: str = "/accessibility") -> str:
        """Give a CSRF token that a page of this browser session holds; signed in, all have one."""
        found = CSRF.search(self.get(page).text)
        assert found, f"{page} holds no CSRF token"
        return unescape(found[1])

    def post(
        self, path: str, data: Mapping[str, Any] | None = None, *, page: str = "/accessibility"
    ) -> TestResponse:
        """Send a form with the CSRF token of `page`."""
        fields = MultiDict(data or {})
        fields["csrf_token"] = self.token(page)
        # Encoded here: the client itself would leave its temporary file of a long body open.
        boundary, body = encode_multipart(fields)
        return self.client.post(
            path,
            data=body,
            content_type=f"multipart/form-data; boundary={boundary}",
            base_url=self.base_url,
            buffered=True,
        )
