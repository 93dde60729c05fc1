"""The pages as one Flask application, built from the parts it is handed."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, url_for
from flask_wtf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from exchange.services import Services
from exchange.web.crowd import init_crowd, limit_crowd
from exchange.web.forms import ACCEPTED_FILES
from exchange.web.gate import host_cookie, init_gate
from exchange.web.headers import init_headers
from exchange.web.health import answer_health
from exchange.web.labels import init_labels
from exchange.web.language import init_language
from exchange.web.pages import BLUEPRINTS
from exchange.web.problems import init_problems
from exchange.web.settings import WebSettings
from exchange.web.sign_in import init_sign_in
from exchange.web.state import EXTENSION, WebState
from exchange.web.uploads import FORM_MEMORY, FORM_PARTS, request_class

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HERE = Path(__file__).parent
DIGEST_DIGITS = 12  # of SHA-256 in the address of a static file: enough to tell versions apart


def utc_now() -> datetime:
    """Give the present instant (aware, UTC)."""
    return datetime.now(UTC)


def create_app(
    services: Services, settings: WebSettings, *, clock: Callable[[], datetime] = utc_now
) -> Flask:
    """Give the application that shows `services` to people.

    Args:
        services: everything the pages can do.
        settings: where and how the pages run.
        clock: gives the aware instants at which requests arrived, filing times among them.
    """
    app = Flask("exchange.web")
    app.config.update(_configuration(settings))
    app.extensions[EXTENSION] = WebState(services, settings, clock)
    app.request_class = request_class(clock, settings.spool_folder)
    pages = _reached_by("https" if settings.https else "http", app.wsgi_app)
    pages = limit_crowd(pages, settings.most_at_once)
    app.wsgi_app = answer_health(pages, _parts(services))  # type: ignore[assignment, method-assign]  # Flask's documented way to wrap
    _init_templates(app, sandbox=settings.sandbox)
    init_crowd(app)
    init_headers(app, https=settings.https)
    init_language(app, settings.default_language)
    init_gate(app)
    CSRFProtect(app)
    init_problems(app)
    init_labels(app)
    init_sign_in(app, settings.oidc)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _parts(services: Services) -> dict[str, Callable[[], None]]:
    """Give what every page needs, each with what asks after it."""
    return {
        "database": lambda: services.parts.database.ping(),
        "object store": lambda: services.parts.vault.ping(),
    }


def _configuration(settings: WebSettings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.old_secret_keys),
        "SESSION_COOKIE_NAME": host_cookie("skrytka-browser", https=settings.https),
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "TRUSTED_HOSTS": settings.trusted_hosts,
        "MAX_CONTENT_LENGTH": settings.upload_limit,
        "MAX_FORM_MEMORY_SIZE": FORM_MEMORY,
        "MAX_FORM_PARTS": FORM_PARTS,
        # A letter may take an afternoon to write: the token lives as long as the browser session.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _reached_by(scheme: str, inner: "WSGIApplication") -> "WSGIApplication":
    """Let links and checks go by the scheme of the public address, not by a proxy's headers."""

    def outer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = scheme
        return inner(environ, start_response)

    return outer


def _init_templates(app: Flask, *, sandbox: bool) -> None:
    macros = ("govuk_frontend_jinja", "govuk_frontend_wtf")
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(HERE / "templates"), PrefixLoader({m: PackageLoader(m) for m in macros})]
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    WTFormsHelpers(app)
    app.jinja_env.globals.update(asset=_asset, sandbox=sandbox, accepted_files=ACCEPTED_FILES)


def _asset(name: str) -> str:
    """Give the address of a static file, which changes when its content does."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    content = (HERE / "static" / name).read_bytes()
    return hashlib.sha256(content).hexdigest()[:DIGEST_DIGITS]
