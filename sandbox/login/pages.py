"""The web pages of the sandbox: whom to log in as, and what this place is."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from sandbox.login.provider import LoginSettings, Provider
from sandbox.login.texts import language_of, texts
from sandbox.people import Person
from sandbox.world import Sandbox

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MAX_FORM_BYTES = 64 * 1024


def create_login(sandbox: Sandbox, settings: LoginSettings, clock: Callable[[], datetime]) -> Flask:
    """Give the Flask application with the provider's endpoints below ``/login``.

    Beside them: ``/`` says what this is, ``/health`` answers 200, ``/disclosure`` is the page
    every certificate names as its disclosure statement.
    """
    app = Flask("sandbox.login", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    provider = Provider(sandbox, settings, clock)
    server = provider.server(app)
    _add_protocol_routes(app, provider, server)
    _add_login_page(app, sandbox, server)
    _add_plain_pages(app, sandbox)
    app.after_request(_headers(settings))
    app.register_error_handler(HTTPException, _error_page)
    return app


def _add_protocol_routes(app: Flask, provider: Provider, server: AuthorizationServer) -> None:
    @app.get("/login/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(provider.metadata())

    @app.get("/login/keys")
    def keys() -> Response:
        return jsonify(provider.public_keys())

    @app.post("/login/token")
    def token() -> "ResponseReturnValue":
        answer: Response = server.create_token_response()
        return answer

    @app.route("/login/userinfo", methods=["GET", "POST"])
    def userinfo() -> "ResponseReturnValue":
        answer: Response = server.create_endpoint_response("userinfo")
        return answer

    @app.route("/login/end-session", methods=["GET", "POST"])
    def end_session() -> "ResponseReturnValue":
        return server.create_endpoint_response("end_session") or _page("signed_out")


def _add_login_page(app: Flask, sandbox: Sandbox, server: AuthorizationServer) -> None:
    people = {person.person_id: person for person in sandbox.people()}

    @app.route("/login/authorize", methods=["GET", "POST"])
    def authorize() -> "ResponseReturnValue":
        chosen = people.get(request.form.get("person", ""))
        try:
            grant = server.get_consent_grant(end_user=chosen)
        except OAuth2Error as error:
            return _refusal(server, error)
        if request.method == "GET":
            return _choice(sandbox)
        # Nobody chosen is the button "do not log in": the client is told access_denied.
        answer: Response = server.create_authorization_response(grant_user=chosen, grant=grant)
        return answer


def _add_plain_pages(app: Flask, sandbox: Sandbox) -> None:
    @app.get("/")
    def index() -> str:
        return _page("index", base_url=sandbox.base_url, issuer=sandbox.issuer)

    @app.get("/disclosure")
    def disclosure() -> str:
        return _page("disclosure")

    @app.get("/health")
    def health() -> Response:
        return Response("ok\n", mimetype="text/plain")


def _choice(sandbox: Sandbox) -> str:
    groups: list[tuple[str | None, list[Person]]] = [
        (None, [p for p in sandbox.people() if p.office is None])
    ]
    for office in sandbox.offices():
        groups.append((office.name, [p for p in sandbox.people() if p.office == office.short_id]))
    return _page("choose", groups=groups)


def _refusal(server: AuthorizationServer, error: OAuth2Error) -> "ResponseReturnValue":
    """Send the browser back with the error where that is safe, else say it here."""
    if getattr(error, "redirect_uri", None):
        answer: Response = server.handle_error_response(None, error)
        return answer
    return _page("refused", reason=error.description or error.error), 400


def _error_page(error: HTTPException) -> "ResponseReturnValue":
    return _page("refused", reason=error.name), error.code or 500


def _page(name: str, **values: object) -> str:
    language = language_of(
        request.values.get("ui_locales", ""), request.accept_languages.best_match(["pl", "en"])
    )
    return render_template(f"{name}.html", language=language, t=texts(language), **values)


def _headers(settings: LoginSettings) -> Callable[[Response], Response]:
    # Browsers apply form-action to the redirect that follows a form, so the client is named too.
    back = " ".join(["'self'", *sorted({_origin(uri) for uri in settings.redirect_uris})])
    policy = "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            f"form-action {back}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )

    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response

    return add


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
