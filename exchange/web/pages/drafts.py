"""Preparing a letter: write or upload, look at it, sign it, file it."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from exchange.errors import Conflict, NotAllowed, Refused
from exchange.letters.composing import TITLE_LIMIT, ComposeForm, NewAttachment
from exchange.letters.composing import UploadForm as UploadedLetter
from exchange.mailboxes.views import LetterView
from exchange.people import Right
from exchange.web.downloads import as_file, as_picture
from exchange.web.forms import AddressedForm, ConsentForm, SignedFileForm, UploadForm, WriteForm
from exchange.web.gate import actor
from exchange.web.pages.letters import PREVIEW_PAGES
from exchange.web.state import received_at, services
from exchange.web.uploads import spool_of

drafts = Blueprint("drafts", __name__)

Page = str | tuple[str, int] | BaseResponse

UNPROCESSABLE = 422  # the form came whole but cannot be taken as it is


@drafts.get("/letters/new")
def new() -> str:
    """Choose between writing and uploading."""
    _require_writer()
    return render_template("drafts/new.html", answered=_answered())


@drafts.route("/letters/new/write", methods=["GET", "POST"])
def write() -> Page:
    """Write a letter."""
    form = WriteForm()
    answered = _prepare(form)
    if form.validate_on_submit():
        try:
            return _review(services().drafts.compose(actor(), _composed(form)))
        except Refused as refusal:
            form.say(refusal)
    return _form_page("drafts/write.html", form, answered=answered)


@drafts.route("/letters/new/upload", methods=["GET", "POST"])
def upload() -> Page:
    """Upload a finished file, signed or to be signed."""
    form = UploadForm()
    answered = _prepare(form)
    if form.validate_on_submit():
        try:
            draft_id = services().drafts.upload(actor(), _uploaded(form))
            if form.signed.data == "yes" and actor().can(Right.SIGN):
                services().drafts.mark_as_signed(actor(), draft_id)
            return _review(draft_id)
        except Refused as refusal:
            form.say(refusal)
    return _form_page("drafts/upload.html", form, answered=answered)


@drafts.get("/drafts/<uuid:draft_id>")
def review(draft_id: UUID) -> Page:
    """Show exactly what will be signed, or what was signed and can now be filed."""
    return _review_page(draft_id, SignedFileForm(), ConsentForm())


@drafts.post("/drafts/<uuid:draft_id>/sign")
def sign(draft_id: UUID) -> Page:
    """Sign with the certificate kept here, if the document is still the one shown."""
    form = ConsentForm()
    try:
        services().drafts.sign(actor(), draft_id, form.sha256.data or "")
    except (Refused, Conflict) as error:
        form.say(error)
        return _review_page(draft_id, SignedFileForm(formdata=None), form)
    return _review(draft_id)


@drafts.post("/drafts/<uuid:draft_id>/signed-file")
def attach_signed(draft_id: UUID) -> Page:
    """Take the file that was signed elsewhere."""
    form = SignedFileForm()
    if form.validate_on_submit():
        try:
            services().drafts.attach_signed(actor(), draft_id, spool_of(form.content.data))
            return _review(draft_id)
        except (Refused, Conflict) as error:
            form.say(error)
    return _review_page(draft_id, form, ConsentForm(formdata=None))


@drafts.post("/drafts/<uuid:draft_id>/as-it-is")
def send_as_it_is(draft_id: UUID) -> Page:
    """Take the uploaded file for signed: it carries its signature already."""
    services().drafts.mark_as_signed(actor(), draft_id)
    return _review(draft_id)


@drafts.post("/drafts/<uuid:draft_id>/file")
def file(draft_id: UUID) -> Page:
    """File the signed letter. Its filing time is the instant at which this request had arrived."""
    form = ConsentForm()
    try:
        filed = services().dispatch.file(actor(), draft_id, received_at())
    except (Refused, Conflict) as error:
        form.say(error)
        return _review_page(draft_id, SignedFileForm(formdata=None), form)
    return redirect(url_for("letters.filed", letter_id=filed.letter_id), 303)


@drafts.post("/drafts/<uuid:draft_id>/discard")
def discard(draft_id: UUID) -> Page:
    """Throw a draft away."""
    services().drafts.discard(actor(), draft_id)
    flash(_("The draft has been deleted."))
    return redirect(url_for("letters.outbox"), 303)


@drafts.get("/drafts/<uuid:draft_id>/document")
def document(draft_id: UUID) -> Response:
    """The file to be signed, or with ``?signed=1`` the signed one."""
    return as_file(services().drafts.download(actor(), draft_id, signed="signed" in request.args))


@drafts.get("/drafts/<uuid:draft_id>/pages/<int:index>")
def page_image(draft_id: UUID, index: int) -> Response:
    """The picture of one page."""
    return as_picture(services().drafts.page_image(actor(), draft_id, index))


def _prepare(form: AddressedForm) -> LetterView | None:
    """Offer the addressees; an answer goes to whoever wrote the letter, and nobody else."""
    _require_writer()
    answered = _answered()
    if answered is None:
        form.offer(services().mailboxes.offices(), besides=actor().mailbox)
    else:
        form.offer([answered.sender])
        _suggest(form, answered)
    return answered


def _suggest(form: AddressedForm, answered: LetterView) -> None:
    """Fill in what an answer most likely says; whoever writes may change it."""
    if form.is_submitted():
        return
    form.case_number.data = answered.summary.case_number
    subject = answered.summary.subject or ""
    form.title.data = _("Answer: %(subject)s", subject=subject)[:TITLE_LIMIT]


def _require_writer() -> None:
    if not actor().can(Right.WRITE):
        raise NotAllowed


def _answered() -> LetterView | None:
    """Give the letter being answered, if the address names one that the actor may see."""
    letter_id = request.args.get("answer", type=UUID)
    return services().letters.view(actor(), letter_id) if letter_id else None


def _composed(form: WriteForm) -> ComposeForm:
    return ComposeForm(
        addressee_mailbox_id=_mailbox_id(form),
        title=form.title.data or "",
        text=form.text.data or "",
        place=form.place.data or "",
        attachments=tuple(_attachment(file) for file in form.attachments.data or ()),
        in_reply_to=request.args.get("answer", type=UUID),
        case_number=_case_number(form),
    )


def _uploaded(form: UploadForm) -> UploadedLetter:
    file: FileStorage = form.content.data
    return UploadedLetter(
        addressee_mailbox_id=_mailbox_id(form),
        title=form.title.data or "",
        content=spool_of(file),
        file_name=file.filename or "",
        in_reply_to=request.args.get("answer", type=UUID),
        case_number=_case_number(form),
    )


def _attachment(file: FileStorage) -> NewAttachment:
    return NewAttachment(file.filename or "", file.mimetype, spool_of(file))


def _mailbox_id(form: AddressedForm) -> UUID:
    try:
        return UUID(form.addressee.data)
    except ValueError:
        raise Refused("addressee_missing", field="addressee") from None


def _case_number(form: AddressedForm) -> str | None:
    return (form.case_number.data or "").strip() or None


def _review(draft_id: UUID) -> BaseResponse:
    return redirect(url_for("drafts.review", draft_id=draft_id), 303)


def _review_page(draft_id: UUID, upload_form: SignedFileForm, consent: ConsentForm) -> Page:
    who = actor()
    draft = services().drafts.view(who, draft_id)
    if draft.letter_id is not None:
        return redirect(url_for("letters.filed", letter_id=draft.letter_id), 303)
    consent.sha256.data = draft.sha256
    body = render_template(
        "drafts/review.html",
        draft=draft,
        upload_form=upload_form,
        consent=consent,
        problems=consent.problems + upload_form.problems,
        may_sign=who.can(Right.SIGN),
        shown=PREVIEW_PAGES,
    )
    return body, UNPROCESSABLE if consent.problems or upload_form.problems else 200


def _form_page(template: str, form: AddressedForm, *, answered: LetterView | None) -> Page:
    body = render_template(template, form=form, problems=form.problems, answered=answered)
    return body, UNPROCESSABLE if form.problems else 200
