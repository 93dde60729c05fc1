"""Who is asking: the one place where a page learns it, and the gate before every page.

A page is closed unless its blueprint stands in `OPEN_BLUEPRINTS`; a route added anywhere else is
guarded without anyone having to think of it. Whether someone signed in may see *this* letter is
decided by the service functions, which take the actor first and raise `NotFound`; that becomes the
same 404 as for nothing.
"""

from flask import Flask, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from exchange.people import Actor
from exchange.web.state import services, web_state
from exchange.web.uploads import SMALL_BODY

OPEN_BLUEPRINTS = frozenset({"public"})
OPEN_ENDPOINTS = frozenset({"static"})

UPLOADING_ENDPOINTS = frozenset(
    {"drafts.write", "drafts.upload", "drafts.attach_signed", "collection.submit"}
)
"""The pages that take files; every other request may be small only."""


def init_gate(app: Flask) -> None:
    """Stand before every page of `app`. To be called before anything that reads the body."""

    @app.before_request
    def gate() -> BaseResponse | None:
        if request.endpoint not in UPLOADING_ENDPOINTS:
            request.max_content_length = SMALL_BODY
        if request.endpoint is None or _is_open() or asking() is not None:
            return None
        return redirect(url_for("public.home"), 303)

    app.jinja_env.globals["asking"] = asking


def asking() -> Actor | None:
    """Give who is asking, None when nobody is signed in. Looked up once a request."""
    if "actor" not in g:
        token = request.cookies.get(cookie_name())
        g.actor = services().identity.actor(token) if token else None
    actor: Actor | None = g.actor
    return actor


def actor() -> Actor:
    """Give who is asking, on a page behind the gate."""
    someone = asking()
    if someone is None:
        raise RuntimeError(f"{request.endpoint} asks for an actor but stands before the gate")
    return someone


def session_token() -> str:
    """Give the session token of the request, "" when it carries none."""
    return request.cookies.get(cookie_name(), "")


def hand_out(response: BaseResponse, token: str) -> BaseResponse:
    """Let the browser carry `token` from now on, until it is closed."""
    response.set_cookie(
        cookie_name(),
        token,
        secure=web_state().settings.https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def take_back(response: BaseResponse) -> BaseResponse:
    """Let the browser forget its token."""
    response.delete_cookie(
        cookie_name(),
        secure=web_state().settings.https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def cookie_name() -> str:
    """Give the name of the session cookie, pinned to this very host where it can be."""
    return host_cookie("skrytka", https=web_state().settings.https)


def host_cookie(name: str, *, https: bool) -> str:
    """Give a cookie name; its `__Host-` prefix (RFC 6265bis, 4.1.3.2) needs https."""
    return f"__Host-{name}" if https else name


def _is_open() -> bool:
    return request.blueprint in OPEN_BLUEPRINTS or request.endpoint in OPEN_ENDPOINTS
