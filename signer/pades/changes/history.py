"""The changes that each revision made, computed once and shared by all signatures of the file."""

from __future__ import annotations

from signer.pades.changes.judge import RevisionJudge
from signer.pades.changes.references import ReferenceIndex
from signer.pades.changes.unexplained import unexplained_bytes
from signer.pades.syntax import PdfFile, PdfSyntaxError
from signer.validation.facts import PdfModification


def changes_by_revision(file: PdfFile) -> list[tuple[PdfModification, ...]]:
    """Give what each revision changed against the one before; the first entry is empty.

    The time is linear in revisions: each is compared only in the objects that it states itself.
    """
    changes: list[list[PdfModification]] = [[] for _revision in file.revisions]
    if len(changes) == 1:
        return [()]
    index = ReferenceIndex(file)
    for revision in range(1, len(changes)):
        changes[revision] += _judged(file, revision, index)
    for revision, fault in unexplained_bytes(file):
        changes[revision].append(PdfModification("UNEXPLAINED", fault, harmless=False))
    return [tuple(items) for items in changes]


def _judged(file: PdfFile, revision: int, index: ReferenceIndex) -> list[PdfModification]:
    try:
        return RevisionJudge(file, revision, index).judge()
    except PdfSyntaxError as error:
        return [
            PdfModification("UNREADABLE", f"A later change cannot be read: {error}", harmless=False)
        ]
