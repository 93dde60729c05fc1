"""The forms: their fields, words and first checks.

What a letter may hold is decided by the services, which name the field to mend; `say` puts their
sentence beside it.
"""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from govuk_frontend_wtf.wtforms_widgets import (
    GovFileInput,
    GovRadioInput,
    GovSelect,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
)
from wtforms.fields import (
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from exchange.errors import ExchangeError
from exchange.people import MailboxRef
from exchange.web.problems import spoken

ACCEPTED_FILES = ".pdf,.xml,.xades,application/pdf,text/xml,application/xml"
"""What the file chooser offers first; what is taken is decided by content."""


class SkrytkaForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """A form whose problems may also come from a service; `unplaced` ones belong to no field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unplaced: list[str] = []

    def say(self, error: ExchangeError) -> None:
        """Put what a service refused beside the field it names, or above the form."""
        sentence = error.text(spoken())
        if error.field in self._fields:
            field = self._fields[error.field]
            field.errors = [*field.errors, sentence]
        else:
            self.unplaced.append(sentence)

    @property
    def problems(self) -> list[dict[str, str]]:
        """Every problem for the error summary, each with a link to its field where it has one."""
        placed = [
            {"text": str(error), "href": f"#{self._first_control(field)}"}
            for field in self
            for error in field.errors[:1]
        ]
        return [{"text": text} for text in self.unplaced] + placed

    @staticmethod
    def _first_control(field: Any) -> str:
        """The macros call the first of several radio buttons by the field's own name."""
        return str(field.name if isinstance(field, RadioField) else field.id)


class AddressedForm(SkrytkaForm):
    """What every new letter asks first."""

    addressee = SelectField(
        _l("To whom"),
        widget=GovSelect(),
        validators=[InputRequired(_l("Choose the addressee."))],
        validate_choice=False,  # the service decides who may be written to
    )
    case_number = StringField(
        _l("Case number (optional)"),
        description=_l("If an office gave your case one, for example ABC-A.123.77.3.2026.JW"),
        widget=GovTextInput(),
    )

    def offer(self, addressees: Iterable[MailboxRef], *, besides: MailboxRef | None = None) -> None:
        """Let the visitor choose among `addressees` without `besides`; a sole one is chosen."""
        choices = [SelectChoice(str(a.mailbox_id), a.name) for a in addressees if a != besides]
        if len(choices) > 1:
            choices.insert(0, SelectChoice("", str(_l("Choose an office"))))
        self.addressee.choices = choices


class WriteForm(AddressedForm):
    """A letter written here."""

    title = StringField(
        _l("Title"),
        description=_l("What the letter is about, in a few words"),
        widget=GovTextInput(),
        validators=[InputRequired(_l("Enter the title of the letter."))],
    )
    text = TextAreaField(
        _l("Text"),
        description=_l("An empty line begins a new paragraph."),
        widget=GovTextArea(),
        validators=[InputRequired(_l("Enter the text of the letter."))],
    )
    place = StringField(
        _l("Place"),
        description=_l("Where you are writing, as in the heading of a letter"),
        widget=GovTextInput(),
        validators=[InputRequired(_l("Enter the place where you are writing."))],
    )
    attachments = MultipleFileField(
        _l("Attachments (optional)"),
        description=_l(
            "You can choose several files at once. "
            "They travel inside the letter and are signed with it."
        ),
        widget=GovFileInput(multiple=True),
    )
    send = SubmitField(_l("Continue"), widget=GovSubmitInput())


class UploadForm(AddressedForm):
    """A finished file."""

    content = FileField(
        _l("File"),
        description=_l("PDF or XML"),
        widget=GovFileInput(),
        validators=[FileRequired(_l("Choose the file."))],
    )
    signed = RadioField(
        _l("Is the file signed already?"),
        choices=[
            SelectChoice("no", _l("No, I will sign it in the next step")),
            SelectChoice("yes", _l("Yes, it carries my electronic signature")),
        ],
        default="no",
        widget=GovRadioInput(),
        validate_choice=True,
    )
    title = StringField(
        _l("Title (optional)"),
        description=_l(
            "Without one the letter is listed under the title it carries, "
            "or under the name of the file."
        ),
        widget=GovTextInput(),
    )
    send = SubmitField(_l("Continue"), widget=GovSubmitInput())


class SignedFileForm(SkrytkaForm):
    """A file that was downloaded, signed elsewhere and comes back."""

    content = FileField(
        _l("Signed file"),
        widget=GovFileInput(),
        validators=[FileRequired(_l("Choose the signed file."))],
    )
    send = SubmitField(_l("Upload the signed file"), widget=GovSubmitInput())


class ConsentForm(SkrytkaForm):
    """Consent to sign exactly the document that was shown: its digest travels along."""

    sha256 = HiddenField()
