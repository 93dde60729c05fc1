"""Choosing in whose name to act: oneself or an office."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from exchange.web.gate import actor, hand_out, session_token
from exchange.web.state import services

acting = Blueprint("acting", __name__)


@acting.get("/acting-as")
def choose() -> str:
    """Show the names in which this person may act."""
    return render_template("acting_as.html", choices=services().identity.choices(actor()))


@acting.post("/acting-as")
def switch() -> Response:
    """Go on in another name, under a new session token."""
    token = services().identity.act_as(session_token(), request.form.get("key", ""))
    return hand_out(redirect(url_for("letters.inbox"), 303), token)
