"""Revocation facts for every certificate of the candidate paths: what is embedded, then fetched.

The outside is asked only where nothing embedded settles the question at the instant of validation,
and only for paths that lead to an anchor: nobody's unknown certificate makes this server call
anyone.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from signer.trust.certificates import Certificate
from signer.trust.fetcher import Purpose
from signer.trust.outside import Outside
from signer.trust.paths import CandidatePath, CertificatePool
from signer.trust.portion import portion
from signer.trust.revocation.crl import Crl, crl_finding, read_crl
from signer.trust.revocation.evidence import Finding, Question
from signer.trust.revocation.ocsp import ocsp_finding, ocsp_request
from signer.trust.revocation.ocsp_response import read_ocsp
from signer.validation.facts import EmbeddedMaterial, RevocationFact, RevocationStatus

MAX_EVIDENCE = 128  # embedded CRLs, and as many OCSP answers; others' documents have up to 40
MAX_CRLS_BYTES = 64 * 1024 * 1024  # of one document, read and hashed in about a second
MAX_OCSPS_BYTES = 1024 * 1024  # of one document; an answer has 2 to 6 KB
MAX_SOURCES = 2  # addresses tried for one certificate and kind

_Read = TypeVar("_Read")
_SETTLED = frozenset({RevocationStatus.REVOKED, RevocationStatus.ON_HOLD})


@dataclass
class Collected:
    """The facts, and the certificates that signed the evidence."""

    facts: list[RevocationFact] = field(default_factory=list)
    signers: list[Certificate] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Take one finding in."""
        self.facts.append(finding.fact)
        if finding.signer is not None:
            self.signers.append(finding.signer)


class Collector:
    """Answers questions of revocation for one document."""

    def __init__(
        self,
        material: EmbeddedMaterial,
        pool: CertificatePool,
        outside: Outside | None,
        at: datetime,
    ) -> None:
        self._pool = pool
        self._outside = outside
        self._at = at
        self._lists: dict[str, Crl | None] = {}
        self._crls = _read_all(read_crl, material.crls, MAX_CRLS_BYTES)
        self._responses = _read_all(read_ocsp, material.ocsps, MAX_OCSPS_BYTES)

    def collect(self, paths: Iterable[CandidatePath]) -> Collected:
        """Give the revocation facts for all certificates on the paths, and for who signed them.

        A delegated OCSP responder is itself asked about, once, unless its certificate says it need
        not be (RFC 6960 4.2.2.2.1).
        """
        collected = Collected()
        asked: set[tuple[str, str]] = set()
        for question, may_fetch in _questions(paths):
            for finding in self._answer(question, may_fetch, asked):
                collected.add(finding)
                delegate = _delegate(finding, question)
                if delegate is not None:
                    for about_signer in self._answer(delegate, may_fetch, asked):
                        collected.add(about_signer)
        return collected

    def _answer(
        self, question: Question, may_fetch: bool, asked: set[tuple[str, str]]
    ) -> list[Finding]:
        key = (question.certificate.sha256, question.issuer.key_id)
        if key in asked:
            return []
        asked.add(key)
        findings = list(self._embedded(question))
        if may_fetch and self._outside is not None and not self._settled(findings):
            findings += self._fetched(question, self._outside)
        return findings

    def _embedded(self, question: Question) -> Iterator[Finding]:
        for response in self._responses:
            yield from _present(ocsp_finding(response, question, self._pool, "embedded"))
        for crl in self._crls:
            yield from _present(crl_finding(crl, question, self._pool, "embedded"))

    def _settled(self, findings: Iterable[Finding]) -> bool:
        return any(_usable(finding.fact) and self._conclusive(finding.fact) for finding in findings)

    def _conclusive(self, fact: RevocationFact) -> bool:
        """Revoked once is revoked; good is good until newer evidence was due.

        What was fetched a moment ago may be younger than the captured instant; and without a
        `nextUpdate` there is nothing newer to be had (RFC 6960 4.2.2.1).
        """
        if fact.status in _SETTLED:
            return True
        if fact.status is not RevocationStatus.GOOD:
            return False
        if fact.next_update is None:
            return fact.origin == "fetched"
        return self._at <= fact.next_update

    def _fetched(self, question: Question, outside: Outside) -> list[Finding]:
        """Ask OCSP first (small, fresh), then the CRL, until one settles the question."""
        findings: list[Finding] = []
        request = ocsp_request(question)
        for url in question.certificate.fact.ocsp_urls[:MAX_SOURCES]:
            if request is None or self._settled(findings):
                break
            findings += self._from_responder(url, request, question, outside)
        for url in question.certificate.fact.crl_urls[:MAX_SOURCES]:
            if self._settled(findings):
                break
            findings += self._from_list(url, question, outside)
        return findings

    def _from_responder(
        self, url: str, request: bytes, question: Question, outside: Outside
    ) -> list[Finding]:
        key = f"ocsp:{hashlib.sha256(request).hexdigest()}:{url}"

        def find(der: bytes, origin: str) -> Finding | None:
            response = read_ocsp(der)
            if response is None:
                return None
            return ocsp_finding(response, question, self._pool, origin)

        return self._from_outside(
            outside, key, find, lambda: outside.fetch(key, url, Purpose.OCSP, request)
        )

    def _from_list(self, url: str, question: Question, outside: Outside) -> list[Finding]:
        key = f"crl:{url}"

        def find(der: bytes, origin: str) -> Finding | None:
            digest = hashlib.sha256(der).hexdigest()
            if digest not in self._lists:
                self._lists[digest] = read_crl(der)
            crl = self._lists[digest]
            return None if crl is None else crl_finding(crl, question, self._pool, origin)

        return self._from_outside(outside, key, find, lambda: outside.fetch(key, url, Purpose.CRL))

    def _from_outside(
        self,
        outside: Outside,
        key: str,
        find: Callable[[bytes, str], Finding | None],
        fetch: Callable[[], bytes | None],
    ) -> list[Finding]:
        """Look into the cache, then outside. Only what was verified is kept, until it is stale."""
        cached = outside.cached(key)
        remembered = find(cached, "cache") if cached is not None else None
        if remembered is not None and self._settled([remembered]):
            return [remembered]
        der = fetch()
        if der is None:
            return []
        finding = find(der, "fetched")
        if finding is None:
            outside.failures.append(f"What was fetched does not speak of the certificate: {key}.")
            return []
        if _usable(finding.fact) and finding.fact.next_update is not None:
            outside.keep(key, der, finding.fact.next_update)
        return [finding]


def _usable(fact: RevocationFact) -> bool:
    return fact.signature_intact is True and fact.authorised and not fact.problems


def _present(finding: Finding | None) -> list[Finding]:
    return [] if finding is None else [finding]


def _read_all(
    read: Callable[[bytes], _Read | None], items: Iterable[bytes], total_bytes: int
) -> list[_Read]:
    carried = portion(items, count=MAX_EVIDENCE, total_bytes=total_bytes)
    return [found for found in map(read, carried.items) if found is not None]


def _questions(paths: Iterable[CandidatePath]) -> Iterator[tuple[Question, bool]]:
    """Give each certificate with its issuer, and whether it may be asked about outside."""
    for path in sorted(paths, key=lambda path: not path.anchored):
        for certificate, issuer in pairwise(path.certificates):
            yield Question(certificate, issuer), path.anchored


def _delegate(finding: Finding, question: Question) -> Question | None:
    """Give the question about a delegated responder, where there is one to ask."""
    signer = finding.signer
    if signer is None or not finding.fact.authorised or signer.fact.ocsp_no_check:
        return None
    if signer.key_id == question.issuer.key_id or finding.fact.kind != "OCSP":
        return None
    return Question(signer, question.issuer)
