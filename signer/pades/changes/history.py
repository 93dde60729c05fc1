"""The changes that each revision made, computed once and shared by all signatures of the file."""

from __future__ import annotations

from typing import Final

from signer.pades.changes.judge import RevisionJudge
from signer.pades.changes.references import ReferenceIndex
from signer.pades.changes.unexplained import unexplained_bytes
from signer.pades.syntax import PdfFile, PdfSyntaxError
from signer.validation.facts import PdfModification

AMBIGUOUS_KINDS: Final = ("UNEXPLAINED", "UNREADABLE")
"""Changes that readers may see differently: the document has no one meaning any more."""


def changes_by_revision(file: PdfFile) -> list[tuple[PdfModification, ...]]:
    """Give what each revision changed against the one before.

    The first entry is empty; the last is no revision: it tells of what follows the last one. The
    time is linear in revisions: each is compared only in the objects that it states itself.
    """
    changes: list[list[PdfModification]] = [[] for _index in range(len(file.revisions) + 1)]
    if len(file.revisions) > 1:
        index = ReferenceIndex(file)
        for revision in range(1, len(file.revisions)):
            changes[revision] += _judged(file, revision, index)
    for revision, fault in unexplained_bytes(file):
        changes[revision].append(PdfModification("UNEXPLAINED", fault, harmless=False))
    return [tuple(items) for items in changes]


def _judged(file: PdfFile, revision: int, index: ReferenceIndex) -> list[PdfModification]:
    try:
        return RevisionJudge(file, revision, index).judge()
    except PdfSyntaxError as error:
        message = f"A later change cannot be read: {error}"
        return [PdfModification("UNREADABLE", message, harmless=False)]
