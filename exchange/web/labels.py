"""The words and colours of the domain's values: verdicts, states, receipts, kinds of signature.

One table a vocabulary. A colour is only an echo: the words say everything.
"""

from dataclasses import dataclass

from flask import Flask
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from exchange.letters.states import LetterState, Mode
from exchange.receipts.upp import REGISTER_INFORMATION
from schemas.receipts import SHA256_INFORMATION


@dataclass(frozen=True)
class Label:
    """How a value is shown.

    `colour` is a tag colour of GOV.UK Frontend, `tone` one of passed, failed, unclear, none.
    """

    text: LazyString
    colour: str = "grey"
    tone: str = "none"


UNKNOWN = Label(_l("Not known"))

VERDICTS = {
    "TOTAL_PASSED": Label(_l("Signature valid"), "green", "passed"),
    "TOTAL_FAILED": Label(_l("Signature not valid"), "red", "failed"),
    "INDETERMINATE": Label(_l("Validity not established"), "yellow", "unclear"),
    "NO_SIGNATURE": Label(_l("Not signed"), "grey", "none"),
}
"""Indications of EN 319 102-1, 5.1.3, and what we call a document without any signature."""

FORMAL = {
    "yes": Label(_l("Formal requirement met"), "green", "passed"),
    "no": Label(_l("Formal requirement not met"), "red", "failed"),
    "unclear": Label(_l("Formal requirement not established"), "yellow", "unclear"),
}

FORMAL_ANSWERS = {"yes": _l("Yes"), "no": _l("No"), "unclear": _l("Not established")}

SENT_STATES = {
    (Mode.UPP, LetterState.ACCEPTED): Label(_l("Filed"), "blue"),
    (Mode.UPP, LetterState.DELIVERED): Label(_l("Delivered"), "green"),
    (Mode.UPD, LetterState.ACCEPTED): Label(_l("On its way"), "blue"),
    (Mode.UPD, LetterState.WAITING): Label(_l("Waits for the addressee"), "yellow"),
    (Mode.UPD, LetterState.DELIVERED): Label(_l("Collected"), "green"),
}

MODES = {
    Mode.UPP: _l("With proof of submission (UPP)"),
    Mode.UPD: _l("With proof of delivery (UPD), signed by the addressee before opening"),
}

RECEIPTS = {
    "UPP": _l("Proof of submission (UPP)"),
    "UPD": _l("Proof of delivery (UPD)"),
}

SIGNATURE_KINDS = {
    "qualified": _l("qualified signature"),
    "trusted_profile": _l("Trusted Profile signature"),
    "personal": _l("personal signature"),
    "advanced": _l("advanced signature"),
    "seal": _l("seal"),
    "unknown": _l("electronic signature"),
}

TIMESTAMPS = {
    "content": _l("content timestamp"),
    "signature": _l("signature timestamp"),
    "archive": _l("archive timestamp"),
    "document": _l("document timestamp"),
}

COVERED_NAMES = {"": _l("the document"), "document": _l("the document")}
"""What a report calls the main content; files are called by their names."""

EXTENTS = {"full": _l("whole"), "partial": _l("in part")}

CHECKS = {
    "ok": Label(_l("passed"), "green"),
    "failed": Label(_l("failed"), "red"),
    "warning": Label(_l("warning"), "yellow"),
    "ignored": Label(_l("not asked"), "grey"),
}

INFORMATION_KINDS = {
    SHA256_INFORMATION: _l("SHA-256 of the filed document"),
    REGISTER_INFORMATION: _l("Register number"),
}
"""Supplementary information in receipts that we write; other kinds are shown as they are named."""

DOCUMENT_KINDS = {"xml": _l("letter (XML)"), "pdf": _l("PDF document")}


def verdict(indication: str) -> Label:
    """Give the words of an indication."""
    return VERDICTS.get(indication, UNKNOWN)


def sent_state(mode: Mode, state: LetterState) -> Label:
    """Give the words of a letter's state as its sender sees it."""
    return SENT_STATES.get((mode, state), UNKNOWN)


def init_labels(app: Flask) -> None:
    """Let the templates of `app` use these words."""
    app.jinja_env.globals.update(
        verdict=verdict,
        sent_state=sent_state,
        formal_label=FORMAL.get,
        formal_answers=FORMAL_ANSWERS,
        modes=MODES,
        receipt_kinds=RECEIPTS,
        signature_kinds=SIGNATURE_KINDS,
        timestamp_kinds=TIMESTAMPS,
        extents=EXTENTS,
        covered_names=COVERED_NAMES,
        checks=CHECKS,
        document_kinds=DOCUMENT_KINDS,
        information_kinds=INFORMATION_KINDS,
    )
