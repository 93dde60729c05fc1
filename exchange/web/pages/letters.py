"""The mailbox and the letters in it."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from exchange.errors import NotFound
from exchange.web.downloads import as_file, as_picture
from exchange.web.gate import actor
from exchange.web.state import services

letters = Blueprint("letters", __name__)

LAST_PAGE = 10_000  # of a list: a page number beyond it is a mistake, not a wish
PREVIEW_PAGES = 20  # page images on one screen; the whole document can be downloaded


@letters.get("/inbox")
def inbox() -> str:
    """The letters that arrived, newest first."""
    who = actor()
    template = "clerk/inbox.html" if who.is_office else "citizen/inbox.html"
    return render_template(template, page=services().letters.inbox(who, _page_number()))


@letters.get("/outbox")
def outbox() -> str:
    """The letters that were sent, newest first, and how far they came."""
    who = actor()
    return render_template(
        "outbox.html",
        page=services().letters.outbox(who, _page_number()),
        drafts=services().drafts.unfinished(who),
    )


@letters.get("/letters/<uuid:letter_id>")
def view(letter_id: UUID) -> BaseResponse | str:
    """One letter; whose letter waits for its proof of delivery is sent to sign that first."""
    who = actor()
    try:
        letter = services().letters.view(who, letter_id)
    except NotFound:
        services().collection.pending(who, letter_id)  # raises NotFound for all but the waited for
        return redirect(url_for("collection.pending", letter_id=letter_id), 303)
    received = letter.sender.mailbox_id != who.mailbox.mailbox_id
    return render_template("letter.html", letter=letter, received=received, shown=PREVIEW_PAGES)


@letters.get("/letters/<uuid:letter_id>/filed")
def filed(letter_id: UUID) -> str:
    """What was filed, when, and its receipt: where filing ends."""
    return render_template("filed.html", letter=services().letters.view(actor(), letter_id))


@letters.get("/letters/<uuid:letter_id>/document")
def document(letter_id: UUID) -> Response:
    """The bytes exactly as they were filed."""
    return as_file(services().letters.download(actor(), letter_id))


@letters.get("/letters/<uuid:letter_id>/attachments/<int:index>")
def attachment(letter_id: UUID, index: int) -> Response:
    """A file that travelled inside the letter."""
    return as_file(services().letters.attachment(actor(), letter_id, index))


@letters.get("/letters/<uuid:letter_id>/pages/<int:index>")
def page_image(letter_id: UUID, index: int) -> Response:
    """The picture of one page."""
    return as_picture(services().letters.page_image(actor(), letter_id, index))


def _page_number() -> int:
    number = request.args.get("page", default=1, type=int)
    return min(max(number, 1), LAST_PAGE)
