"""The pages open to everyone: the front page, signing in and out, language, accessibility."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from exchange.web.gate import asking, hand_out, session_token, take_back
from exchange.web.language import choose_language, start_clean_session
from exchange.web.sign_in import SignInError, begin, finish
from exchange.web.state import services

public = Blueprint("public", __name__)

SIGNED_OUT = "signed_out"
"""Set when somebody signed out here: whoever is next at this browser must not become them."""

FAILURES = {
    "cancelled": _l("Signing in was cancelled. You can try again whenever you like."),
    "unavailable": _l(
        "The sign-in service does not answer. Your letters are safe; try again in a few minutes."
    ),
    "refused": _l(
        "The answer of the sign-in service did not check, so we did not accept it. "
        "Please sign in again."
    ),
    "nameless": _l(
        "The sign-in service did not tell us your name, which every letter needs. "
        "Please use another way."
    ),
}


@public.get("/")
def home() -> Response | str:
    """Say what this is; whoever is signed in goes on to their mailbox."""
    if asking() is not None:
        return redirect(url_for("letters.inbox"), 303)
    return render_template("home.html")


@public.get("/sign-in")
def sign_in() -> Response | tuple[str, int]:
    """Go to the login provider."""
    try:
        return begin("public.signed_in", ask_again=session.get(SIGNED_OUT, False))
    except SignInError as error:
        return _failed(error)


@public.get("/sign-in/done")
def signed_in() -> Response | tuple[str, int]:
    """Come back from the provider: a new browser session, a new token, whatever was before."""
    try:
        voucher = finish()
    except SignInError as error:
        return _failed(error)
    start_clean_session()
    services().identity.sign_out(session_token())
    token = services().identity.sign_in(
        voucher.issuer, voucher.subject, voucher.given_name, voucher.family_name, voucher.pesel
    )
    session["several_names"] = _has_several_names(token)
    return hand_out(redirect(url_for("letters.inbox"), 303), token)


@public.post("/sign-out")
def sign_out() -> Response:
    """End the session here and in the browser."""
    services().identity.sign_out(session_token())
    start_clean_session()
    session[SIGNED_OUT] = True
    return take_back(redirect(url_for("public.home"), 303))


@public.get("/language/<code>")
def language(code: str) -> Response:
    """Speak `code` from now on and go back to the page that asked."""
    choose_language(code)
    return redirect(own_path(request.args.get("back", "")), 303)


@public.get("/accessibility")
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("accessibility.html")


def own_path(path: str) -> str:
    """Give `path` if it is a path on this service, else the front page."""
    parts = urlsplit(path)
    local = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc
    return path if local and path.isprintable() else url_for("public.home")


def _has_several_names(token: str) -> bool:
    """Tell whether this person may act for an office too, so that pages offer the choice."""
    someone = services().identity.actor(token)
    return someone is not None and len(services().identity.choices(someone)) > 1


def _failed(error: SignInError) -> tuple[str, int]:
    current_app.logger.warning("sign-in %s: %s", error.code, error)
    status = 502 if error.code == "unavailable" else 400
    return render_template("sign_in_failed.html", reason=FAILURES[error.code]), status
