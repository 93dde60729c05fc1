"""From one verified signature to its :class:`SignatureFact`: what it covers, what came after, what
its structure amounts to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from signer.pades.byte_range import is_computable
from signer.pades.changes import AMBIGUOUS_KINDS, changes_by_revision
from signer.pades.completeness import revocation_complete
from signer.pades.dates import read_date
from signer.pades.fields import text
from signer.pades.levels import Level, LevelFacts, level_of
from signer.pades.permissions import NO_CHANGES, stated_permission
from signer.pades.security_store import has_security_store
from signer.pades.signature import RawSignature, VerifiedCore, claimed_time, document_timestamp
from signer.pades.syntax import PdfFile, PdfObject
from signer.pades.trusted_profile import person_claims
from signer.validation.facts import (
    EmbeddedCertificate,
    EmbeddedMaterial,
    PdfFact,
    PdfModification,
    Problem,
    ProblemCode,
    ScopeFact,
    SignatureFact,
    SignedPropertiesFact,
    TimestampFact,
)


class DocumentTimestamp:
    """A document time stamp: its facts, what came with it, where it stands."""

    def __init__(self, raw: RawSignature, file: PdfFile) -> None:
        self.fact, self.material = document_timestamp(raw, file.data)
        self.end = raw.byte_range.end if len(raw.byte_range.numbers) == 4 else 0
        revision = file.revision_ending_at(self.end)
        self.revision = revision.index if revision else -1


class SignatureFacts:
    """Tells of the signatures of one document.

    Args:
        file: the document.
        stamps: its document time stamps.
        store: what the security stores hold.
        material: everything embedded in the document.
        anchors: DER of trusted certificates.
    """

    def __init__(
        self,
        file: PdfFile,
        stamps: Sequence[DocumentTimestamp],
        store: EmbeddedMaterial,
        material: EmbeddedMaterial,
        anchors: Sequence[bytes],
    ) -> None:
        self.file = file
        self.stamps = stamps
        self.store = store
        self.material = material
        self.anchors = anchors
        self.problems: list[Problem] = []
        """Faults of the document that showed while its signatures were looked at."""

    def tell(self, index: int, raw: RawSignature, verified: VerifiedCore) -> SignatureFact:
        """Give the fact of one signature; ``index`` counts from 0 in the order of the file."""
        stamps = [stamp for stamp in self.stamps if stamp.end > self._end(raw)]
        timestamps = verified.timestamps + tuple(stamp.fact for stamp in stamps)
        level = self._level(raw, verified, stamps)
        pdf = self._pdf(raw)
        names = raw.value.field_names
        return SignatureFact(
            id=names[0]
            if names and names[0] and not self.file.encrypted
            else f"signature-{index + 1}",
            format=level.format,
            level=level.name,
            baseline=level.baseline,
            packaging=None,
            references=(verified.reference,),
            signature_value_intact=verified.value_intact,
            signature_algorithm=verified.algorithm,
            signing_certificate=_sha256(verified.certificate),
            signing_certificate_reference=verified.certificate_reference,
            claimed_signing_time=pdf.dictionary_time or claimed_time(raw.signer),
            signed_properties=self._claims(raw, pdf),
            certificates=self._certificates(raw, verified),
            scope=(self._scope(raw, pdf),),
            timestamps=timestamps,
            pdf=pdf,
            problems=verified.problems + self._revision_problems(raw),
            embedded_crls=len(raw.cms.crls) + len(self.store.crls),
            embedded_ocsps=len(raw.cms.ocsps) + len(self.store.ocsps),
        )

    def _end(self, raw: RawSignature) -> int:
        return raw.byte_range.end if len(raw.byte_range.numbers) == 4 else len(self.file.data)

    def _pdf(self, raw: RawSignature) -> PdfFact:
        dictionary = raw.value.dictionary
        readable = not self.file.encrypted  # strings of an encrypted file are not plain text
        filter_name = dictionary.get("Filter")
        return PdfFact(
            field_names=tuple(raw.value.field_names),
            sub_filter=raw.sub_filter,
            filter=filter_name if isinstance(filter_name, str) else None,
            byte_range=raw.byte_range.numbers,
            byte_range_valid=not raw.byte_range.faults,
            covers_whole_file=self._covers_whole_file(raw),
            modifications=self._modifications(raw),
            docmdp=stated_permission(self.file, dictionary),
            dictionary_time=read_date(self._resolved(raw, "M")) if readable else None,
            reason=(text(self._resolved(raw, "Reason")) or None) if readable else None,
        )

    def _resolved(self, raw: RawSignature, key: str) -> PdfObject:
        return self.file.resolve(raw.value.dictionary.get(key), self.file.last)

    def _covers_whole_file(self, raw: RawSignature) -> bool:
        if raw.byte_range.faults:
            return False
        return not self.file.data[raw.byte_range.end :].strip(b"\0\t\n\f\r ")

    @cached_property
    def _changes(self) -> list[tuple[PdfModification, ...]]:
        return changes_by_revision(self.file)

    def _modifications(self, raw: RawSignature) -> tuple[PdfModification, ...]:
        """Give what came after the signed revision."""
        if not is_computable(raw.byte_range.numbers, self.file.data):
            return ()
        if self._covers_whole_file(raw):
            return ()
        revision = self.file.revision_ending_at(raw.byte_range.end)
        if revision is None:
            before = [item for item in self.file.revisions if item.end <= raw.byte_range.end]
            message = "the signature ends before the end of its own revision"
            uncovered = PdfModification("UNCOVERED", message, harmless=False)
            return (uncovered, *self._changes_after(len(before) - 1))
        return _forbidden(
            self._changes_after(revision.index), stated_permission(self.file, raw.value.dictionary)
        )

    def _changes_after(self, revision: int) -> tuple[PdfModification, ...]:
        later = self._changes[revision + 1 :]
        found = tuple(dict.fromkeys(change for changes in later for change in changes))
        for change in found:
            if change.kind in AMBIGUOUS_KINDS:
                problem = Problem(ProblemCode.AMBIGUOUS, change.description)
                self.problems += [] if problem in self.problems else [problem]
        return found

    def _revision_problems(self, raw: RawSignature) -> tuple[Problem, ...]:
        """A signature must be part of the very revision that it closes."""
        if raw.byte_range.faults:
            return ()
        revision = self.file.revision_ending_at(raw.byte_range.end)
        stated = self.file.history()[raw.value.number][-1][0]
        if revision is None or revision.index == stated:
            return ()
        message = "The signature stands in another revision of the file than the one it covers."
        return (Problem(ProblemCode.STRUCTURE, message),)

    def _claims(self, raw: RawSignature, pdf: PdfFact) -> SignedPropertiesFact:
        if raw.byte_range.faults:
            return SignedPropertiesFact()  # the reason may not even be under the signature
        return SignedPropertiesFact(person_claims=person_claims(pdf.reason))

    def _certificates(
        self, raw: RawSignature, verified: VerifiedCore
    ) -> tuple[EmbeddedCertificate, ...]:
        found = [(der, "SIGNED_DATA") for der in raw.cms.certificates]
        found += [
            (der, "TIMESTAMP") for part in verified.timestamp_material for der in part.certificates
        ]
        found += [(der, "DSS") for der in self.store.certificates]
        signer = [(der, origin) for der, origin in found if der == verified.certificate]
        origins: dict[str, str] = {}
        for der, origin in signer + found:
            origins.setdefault(hashlib.sha256(der).hexdigest(), origin)
        return tuple(EmbeddedCertificate(sha256, origin) for sha256, origin in origins.items())

    def _scope(self, raw: RawSignature, pdf: PdfFact) -> ScopeFact:
        revision = self.file.revision_ending_at(self._end(raw))
        full = pdf.byte_range_valid and all(change.harmless for change in pdf.modifications)
        if pdf.covers_whole_file or revision is None:
            return ScopeFact("PDF", full)
        return ScopeFact(f"PDF revision {revision.index + 1} of {len(self.file.revisions)}", full)

    # --- level --------------------------------------------------------------------------------

    def _level(
        self,
        raw: RawSignature,
        verified: VerifiedCore,
        stamps: list[DocumentTimestamp],
    ) -> Level:
        dictionary = raw.value.dictionary
        return level_of(
            LevelFacts(
                sub_filter=raw.sub_filter,
                signer=raw.signer,
                has_certificates=bool(raw.cms.certificates),
                has_time="M" in dictionary,
                has_reason="Reason" in dictionary,
                signature_timestamps=len(verified.timestamps),
                document_timestamps=len(stamps),
                has_security_store=self._has_later_store(raw),
                revocation_complete=self._revocation_complete(verified, stamps),
                store_is_stamped=any(self._covers_store(stamp) for stamp in stamps),
            )
        )

    def _has_later_store(self, raw: RawSignature) -> bool:
        """Whether validation data came after the signature, as level LT adds them."""
        stated = self.file.history()[raw.value.number][-1][0]
        return any(
            has_security_store(self.file, revision.index)
            for revision in self.file.revisions[stated + 1 :]
        )

    def _covers_store(self, stamp: DocumentTimestamp) -> bool:
        return stamp.revision >= 0 and has_security_store(self.file, stamp.revision)

    def _revocation_complete(
        self,
        verified: VerifiedCore,
        stamps: list[DocumentTimestamp],
    ) -> bool:
        """Whether all paths have revocation data, but for the last document time stamp's."""
        if verified.certificate is None:
            return False
        facts: list[TimestampFact] = [*verified.timestamps, *(stamp.fact for stamp in stamps[:-1])]
        by_digest = {hashlib.sha256(der).hexdigest(): der for der in self.material.certificates}
        needed = [by_digest.get(fact.signing_certificate or "") for fact in facts]
        signers = [verified.certificate, *(der for der in needed if der is not None)]
        return revocation_complete(signers, self.material, self.anchors)


def _forbidden(
    changes: tuple[PdfModification, ...], permission: int | None
) -> tuple[PdfModification, ...]:
    """Mark later signatures as changes where the certifying author permitted none."""
    if permission != NO_CHANGES:
        return changes
    words = "although the author of the document permits no changes"
    return tuple(
        replace(change, description=f"{change.description}, {words}", harmless=False)
        if change.kind == "SIGNATURE"
        else change
        for change in changes
    )


def _sha256(der: bytes | None) -> str | None:
    return hashlib.sha256(der).hexdigest() if der is not None else None
