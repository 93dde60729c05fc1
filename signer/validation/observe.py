"""From bytes to facts: what kind of file it is, its signatures, and what trust knows of them.

Whatever a format room meets in the bytes it turns into facts; should one fail on content it was
not written for, that is a fact too: the document could not be read.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module

from signer.documents import kind_of
from signer.trust import Fetcher, TrustStore, gather
from signer.validation.facts import (
    AnchorFact,
    DocumentFact,
    DocumentFacts,
    DocumentKind,
    GatheredTrust,
    ObservedSignatures,
    Problem,
    ProblemCode,
)

MAX_DOCUMENT_OCTETS = 500 * 1024 * 1024
"""Larger ones are not read: nothing that offices exchange is."""

_LATER = {
    DocumentKind.ASIC_E: "ASiC-E containers",
    DocumentKind.ASIC_S: "ASiC-S containers",
    DocumentKind.CMS: "CMS (CAdES) files",
}

_log = logging.getLogger(__name__)


def observe(
    data: bytes,
    *,
    name: str,
    trust: TrustStore,
    at: datetime,
    detached: Mapping[str, bytes],
    fetch: Fetcher | None,
) -> DocumentFacts:
    """Give all facts about a document's signatures. Never raises for content.

    Args:
        data: the document.
        name: what to call it in the report.
        trust: whom we believe.
        at: the instant of validation, aware.
        detached: files beside it that it may have signed, by name.
        fetch: the way to the outside; None: offline.
    """
    kind = kind_of(data)
    observed = _observed(kind, data, detached, trust)
    gathered = _gathered(observed, trust, at, fetch)
    return DocumentFacts(
        document=DocumentFact(
            name=name,
            kind=kind,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            problems=observed.problems,
            signed_shape=observed.signed_shape,
        ),
        signatures=observed.signatures,
        certificates=gathered.certificates,
        paths=gathered.paths,
        revocations=gathered.revocations,
        anchors=tuple(
            AnchorFact(sha256, trust.kind_of(sha256) or "plain") for sha256 in gathered.anchors
        ),
        offline=fetch is None,
        source_failures=gathered.source_failures,
    )


def _observed(
    kind: DocumentKind, data: bytes, detached: Mapping[str, bytes], trust: TrustStore
) -> ObservedSignatures:
    if len(data) > MAX_DOCUMENT_OCTETS:
        return _problem(ProblemCode.LIMIT, "The document is larger than 500 MB.")
    if kind in _LATER:
        message = f"{_LATER[kind]} cannot be judged yet."
        return _problem(ProblemCode.UNSUPPORTED, message, signed_shape=True)
    if kind is DocumentKind.UNKNOWN:
        message = "The file is no XML, PDF, ASiC or CMS document."
        return _problem(ProblemCode.UNREADABLE, message)
    try:
        if kind is DocumentKind.PDF:
            pdf: ObservedSignatures = import_module("signer.pades").observe(
                data, anchors=trust.certificates
            )
            return pdf
        xml: ObservedSignatures = import_module("signer.xades").observe(data, detached=detached)
    except Exception:  # noqa: BLE001 - content never raises: a reader's failure is a verdict
        _log.exception("A %s document could not be observed.", kind)
        return _problem(ProblemCode.UNREADABLE, "The document could not be read.")
    return xml


def _gathered(
    observed: ObservedSignatures, trust: TrustStore, at: datetime, fetch: Fetcher | None
) -> GatheredTrust:
    """Ask trust about every certificate that signed; they stand among the embedded ones."""
    signing = {fact.signing_certificate for fact in observed.signatures}
    by_digest = {hashlib.sha256(der).hexdigest(): der for der in observed.material.certificates}
    candidates = [by_digest[sha256] for sha256 in signing if sha256 in by_digest]
    return gather(candidates, observed.material, trust, at, fetch)


def _problem(code: ProblemCode, message: str, *, signed_shape: bool = False) -> ObservedSignatures:
    return ObservedSignatures(problems=(Problem(code, message),), signed_shape=signed_shape)
