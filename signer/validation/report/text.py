"""The report in plain words, for a terminal or a file note."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from signer.validation.report.masking import masked_pesel, one_line, without_pesel
from signer.validation.report.wording import label, reason

if TYPE_CHECKING:
    from signer.validation.report.model import Report, SignatureReport

_INDENT = "  "


def as_text(report: Report, language: str, *, show_personal: bool) -> str:
    """Give the report as lines of text ending in a newline."""
    conclusion = report.conclusion.in_language(language)
    name = report.document.name or report.document.sha256[:16]
    lines = [f"{name}: {label(conclusion.indication, language)}", _INDENT + conclusion.reason]
    if conclusion.indication != "TOTAL_PASSED":
        lines.append(f"{_INDENT}{label('advice', language)}: {conclusion.advice}")
    for number, signature in enumerate(report.signatures, start=1):
        first, *rest = _lines(signature, language, show=show_personal)
        lines.append(f"{_INDENT}{number}. {first}")
        lines += [_INDENT * 3 + line for line in rest]
    clean = [one_line(line if show_personal else without_pesel(line)) for line in lines]
    return "\n".join(clean) + "\n"


def _lines(signature: SignatureReport, language: str, *, show: bool) -> Iterator[str]:
    verdict = label(signature.indication, language)
    yield f"{label(signature.kind, language)}: {verdict} [{_constants(signature)}]"
    if signature.indication != "TOTAL_PASSED":
        yield reason(signature.cause, signature.sub_indication, language)
    who = _who(signature, show=show)
    if who:
        yield f"{label('signed_by', language)}: {who}"
    if signature.signing_time is not None:
        stated = f"{signature.signing_time:%Y-%m-%d %H:%M:%S} UTC"
        yield f"{label('signing_time', language)}: {stated}"
    yield f"{label('level', language)}: {signature.level}"
    for part in signature.covers:
        yield f"{label('covers', language)}: {label(part.extent, language)} – {part.name}"
    for change in signature.changed_after:
        yield f"{label('changed_after', language)}: {change}"
    if signature.counter_signature_of is not None:
        yield f"{label('counter_signature_of', language)}: {signature.counter_signature_of}"


def _constants(signature: SignatureReport) -> str:
    sub_indication = signature.sub_indication
    return signature.indication + (f" / {sub_indication}" if sub_indication else "")


def _who(signature: SignatureReport, *, show: bool) -> str:
    person, signer = signature.person, signature.signer
    if person is None:
        return signer.subject if signer else ""
    name = " ".join(part for part in (person.given_name, person.family_name) if part)
    if person.pesel is None:
        return name
    return f"{name}, PESEL {person.pesel if show else masked_pesel(person.pesel)}"
