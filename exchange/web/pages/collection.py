"""Collecting a letter that opens only after its addressee signed the proof of delivery (UPD)."""

import io
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from exchange.downloads import download
from exchange.errors import Conflict, Refused
from exchange.people import Right
from exchange.web.downloads import as_file
from exchange.web.forms import ConsentForm, SignedFileForm
from exchange.web.gate import actor
from exchange.web.state import services
from exchange.web.uploads import spool_of

collection = Blueprint("collection", __name__)

Page = str | tuple[str, int] | BaseResponse

UNPROCESSABLE = 422  # the form came whole but cannot be taken as it is


@collection.get("/letters/<uuid:letter_id>/collect")
def pending(letter_id: UUID) -> Page:
    """Show who sent what waits, when, in which case, and the proof to sign; no content."""
    return _page(letter_id, ConsentForm(), SignedFileForm())


@collection.post("/letters/<uuid:letter_id>/collect")
def sign(letter_id: UUID) -> Page:
    """Sign the proof that was shown with the certificate kept here, and open the letter."""
    form = ConsentForm()
    try:
        services().collection.sign(actor(), letter_id, form.sha256.data or "")
    except (Refused, Conflict) as error:
        form.say(error)
        return _page(letter_id, form, SignedFileForm(formdata=None))
    return _opened(letter_id)


@collection.post("/letters/<uuid:letter_id>/collect/signed")
def submit(letter_id: UUID) -> Page:
    """Take the proof that was signed elsewhere, and open the letter."""
    form = SignedFileForm()
    if form.validate_on_submit():
        try:
            services().collection.submit(actor(), letter_id, spool_of(form.content.data))
            return _opened(letter_id)
        except (Refused, Conflict) as error:
            form.say(error)
    return _page(letter_id, ConsentForm(formdata=None), form)


@collection.get("/letters/<uuid:letter_id>/collect/proof")
def proof(letter_id: UUID) -> Response:
    """The proof to be signed elsewhere."""
    prepared = services().collection.prepare(actor(), letter_id)
    size = len(prepared.content)
    return as_file(download(io.BytesIO(prepared.content), size, f"UPD-{letter_id}", "xml"))


def _page(letter_id: UUID, consent: ConsentForm, upload_form: SignedFileForm) -> Page:
    who = actor()
    delivery = services().collection.pending(who, letter_id)
    if delivery.collected:
        return redirect(url_for("letters.view", letter_id=letter_id), 303)
    may_sign = who.can(Right.SIGN)
    prepared = services().collection.prepare(who, letter_id) if may_sign else None
    consent.sha256.data = prepared.sha256 if prepared else ""
    problems = consent.problems + upload_form.problems
    body = render_template(
        "collect.html",
        delivery=delivery,
        prepared=prepared,
        consent=consent,
        upload_form=upload_form,
        problems=problems,
        may_sign=may_sign,
    )
    return body, UNPROCESSABLE if problems else 200


def _opened(letter_id: UUID) -> BaseResponse:
    flash(_("You have collected the letter. The sender has received your proof of delivery."))
    return redirect(url_for("letters.view", letter_id=letter_id), 303)
