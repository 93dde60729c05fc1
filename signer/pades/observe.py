"""The signatures in a PDF document as facts (EN 319 142-1, ISO 32000-2 12.8).

The order: the raw gate; the file's revisions; the signature fields, and traces of signatures that
no field shows; each signature's byte range, digest and value; what was changed after each; document
time stamps and the security store; and what the structure of each amounts to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from signer.cms import CmsError
from signer.documents import pdf_problems, polyglot_problem
from signer.documents.limits import PDF_MAX_SIGNATURES
from signer.pades.fields import (
    SignatureValue,
    has_byte_range,
    signature_values,
    unlisted_byte_ranges,
)
from signer.pades.security_store import read_security_store
from signer.pades.signature import RawSignature, VerifiedCore, read_raw_signature, verify_core
from signer.pades.signature_facts import DocumentTimestamp, SignatureFacts
from signer.pades.syntax import PdfFile, PdfSyntaxError
from signer.validation.facts import (
    EmbeddedMaterial,
    ObservedSignatures,
    Problem,
    ProblemCode,
)

_NOT_PARSED: Final = (ProblemCode.LIMIT, ProblemCode.UNREADABLE)


def observe(data: bytes, *, anchors: Sequence[bytes] = ()) -> ObservedSignatures:
    """Give every signature in a PDF document as facts.

    Args:
        data: the whole file.
        anchors: DER of trusted certificates: they need no revocation data for level LT.

    Returns:
        The signatures in the order of the file, what is embedded, and faults of the whole file.
        Never raises for content.
    """
    problems = pdf_problems(data)
    if any(problem.code in _NOT_PARSED for problem in problems):
        return _unreadable(data, problems)
    try:
        file = PdfFile(data)
        if not has_byte_range(data):
            return _unsigned(data)
        return _Observation(file, anchors).result(problems)
    except PdfSyntaxError as error:
        return _unreadable(data, (*problems, Problem(error.code, str(error))))
    except Exception:  # noqa: BLE001 - whatever hostile bytes make a library raise is a fact about
        # the file (libraries F9), never a failure of the service
        message = "The file cannot be read: its structure is damaged."
        return _unreadable(data, (*problems, Problem(ProblemCode.UNREADABLE, message)))


def _unsigned(data: bytes) -> ObservedSignatures:
    """Tell of a readable file without a trace of signatures: no need to hold it to their rules.

    A signature cannot hide in a packed or encrypted part: it says in the clear what it covers.
    """
    problem = polyglot_problem(data)
    return ObservedSignatures(problems=(problem,) if problem else ())


def _unreadable(data: bytes, problems: tuple[Problem, ...]) -> ObservedSignatures:
    return ObservedSignatures(problems=problems, signed_shape=has_byte_range(data))


class _Observation:
    """One document while it is looked at."""

    def __init__(self, file: PdfFile, anchors: Sequence[bytes]) -> None:
        self.file = file
        self.anchors = anchors
        self.problems: list[Problem] = []
        self.store = read_security_store(file)

    def result(self, problems: tuple[Problem, ...]) -> ObservedSignatures:
        """Look at everything."""
        values, faults = signature_values(self.file)
        self._document_problems(values, faults)
        counted = [value for value in values if value.counts]
        raws = [raw for value in counted if (raw := self._read(value)) is not None]
        signatures = [raw for raw in raws if not raw.value.is_document_timestamp]
        self.stamps = [
            DocumentTimestamp(raw, self.file) for raw in raws if raw.value.is_document_timestamp
        ]
        cores = [verify_core(raw, self.file.data, self.store.certificates) for raw in signatures]
        material = self._material(signatures, cores)
        teller = SignatureFacts(self.file, self.stamps, self.store, material, self.anchors)
        facts = [
            teller.tell(index, raw, verified)
            for index, (raw, verified) in enumerate(zip(signatures, cores, strict=True))
        ]
        self.problems += teller.problems
        return ObservedSignatures(
            signatures=tuple(facts),
            material=material,
            problems=(*problems, *self.problems),
            signed_shape=bool(facts or self.problems),
        )

    # --- the document -----------------------------------------------------------------------

    def _document_problems(self, values: list[SignatureValue], faults: list[str]) -> None:
        self.problems += [Problem(ProblemCode.STRUCTURE, fault) for fault in faults]
        if len(values) > PDF_MAX_SIGNATURES:
            message = f"The file has more than {PDF_MAX_SIGNATURES} signatures."
            raise PdfSyntaxError(message, ProblemCode.LIMIT)
        unlisted = unlisted_byte_ranges(self.file, values)
        if unlisted:
            message = (
                f"The file holds {unlisted} signature(s) that the document no longer shows: they"
                " were stripped from it."
            )
            self.problems.append(Problem(ProblemCode.SIGNATURE_STRIPPED, message))
        if self.file.encrypted:
            message = "The file is encrypted; signatures in encrypted files are not judged."
            self.problems.append(Problem(ProblemCode.UNSUPPORTED, message))

    def _read(self, value: SignatureValue) -> RawSignature | None:
        """Read one signature; one that holds no CMS at all is a fault of the document."""
        try:
            return read_raw_signature(self.file, value)
        except (CmsError, PdfSyntaxError) as error:
            names = ", ".join(value.field_names)
            message = f"The signature field “{names}” holds no signature that can be read: {error}"
            self.problems.append(Problem(ProblemCode.STRUCTURE, message))
            return None

    def _material(self, raws: list[RawSignature], cores: list[VerifiedCore]) -> EmbeddedMaterial:
        parts = [
            EmbeddedMaterial(raw.cms.certificates, raw.cms.crls, raw.cms.ocsps) for raw in raws
        ]
        parts += [part for verified in cores for part in verified.timestamp_material]
        parts += [stamp.material for stamp in self.stamps]
        parts.append(self.store)
        return EmbeddedMaterial(
            _once(der for part in parts for der in part.certificates),
            _once(der for part in parts for der in part.crls),
            _once(der for part in parts for der in part.ocsps),
        )


def _once(items: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(items))
