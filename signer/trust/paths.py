"""Candidate paths from a certificate to the anchors, under a budget (RFC 5280 6, RFC 4158).

Whoever sends a document chooses the certificates in it, and a few CAs that all certify each other
make the number of paths explode. So paths are not searched for blindly:

  1. draw the graph of *verified* links from the leaf upwards, breadth-first, each certificate once;
  2. count for each certificate how far the nearest anchor is, from the anchors downwards;
  3. follow only certificates from which an anchor can be reached, shortest paths first.

Each step is bounded by a constant below. Where a bound cut the search short, the path says so.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from signer.trust.anchors import TrustStore
from signer.trust.certificates import Certificate, verify_issued
from signer.trust.names import Rdns

MAX_DEPTH = 8  # certificates in a path; the longest of the trusted lists have 4
MAX_CHECKS = 100  # signatures verified for one leaf: 100 × 0.05 ms; a real pool needs 3 to 10
MAX_POOL = 128  # certificates considered beside the anchors: others' valid documents have < 60
MAX_PATHS = 8  # complete paths handed to the decision: old, new and cross-certified issuers
MAX_STEPS = 256  # partial paths looked at while choosing them


class CertificatePool:
    """The certificates at hand beside the anchors, each once, found by their subject's name.

    `full` tells that some were left out. Remembers which link verified, so that no signature is
    verified twice for one document.
    """

    def __init__(
        self, trust: TrustStore, certificates: Iterable[Certificate] = (), *, full: bool = False
    ) -> None:
        self.trust = trust
        self.full = full
        self._certificates: dict[str, Certificate] = {}
        self._by_subject: dict[Rdns, list[Certificate]] = {}
        self._links: dict[tuple[str, str], bool | None] = {}
        for certificate in certificates:
            self.add(certificate)

    def __iter__(self) -> Iterator[Certificate]:
        return iter(self._certificates.values())

    def add(self, certificate: Certificate) -> None:
        """Add a readable certificate; beyond `MAX_POOL` none is taken any more."""
        if certificate.sha256 in self._certificates or not certificate.readable:
            return
        if len(self._certificates) >= MAX_POOL:
            self.full = True
            return
        self._certificates[certificate.sha256] = certificate
        self._by_subject.setdefault(certificate.subject_key, []).append(certificate)

    def named(self, subject_key: Rdns) -> list[Certificate]:
        """Give anchors and certificates with this subject, anchors first, each once."""
        found = {anchor.sha256: anchor for anchor in self.trust.named(subject_key)}
        for certificate in self._by_subject.get(subject_key, ()):
            found.setdefault(certificate.sha256, certificate)
        return list(found.values())

    def is_anchor(self, certificate: Certificate) -> bool:
        """Tell whether the certificate itself is trusted."""
        return certificate.sha256 in self.trust

    def known_link(self, certificate: Certificate, issuer: Certificate) -> bool:
        """Tell whether this link was verified before."""
        return (certificate.sha256, issuer.key_id) in self._links

    def link(self, certificate: Certificate, issuer: Certificate) -> bool | None:
        """Tell whether the certificate verifies under the issuer's key, computed once."""
        key = (certificate.sha256, issuer.key_id)
        if key not in self._links:
            self._links[key] = verify_issued(certificate, issuer)
        return self._links[key]


@dataclass(frozen=True)
class CandidatePath:
    """A path of verified links: the leaf first, the anchor last where one was reached.

    `unverified` says why the path ends where no anchor was reached although the issuer's name is
    known: its key does not verify the last certificate's signature (False), or that could not be
    computed (None). `cut_short` tells that a limit ended the search.
    """

    certificates: tuple[Certificate, ...]
    anchored: bool
    unverified: bool | None = True
    cut_short: bool = False


@dataclass
class _Graph:
    """Verified links upwards: issuers of each certificate, best first."""

    at: datetime
    certificates: dict[str, Certificate] = field(default_factory=dict)
    issuers: dict[str, list[str]] = field(default_factory=dict)
    unverified: dict[str, bool | None] = field(default_factory=dict)
    checks: int = 0
    cut_short: bool = False


def find_paths(leaf: Certificate, pool: CertificatePool, at: datetime) -> list[CandidatePath]:
    """Give the candidate paths of a leaf, the shortest first.

    Issuers valid at the instant `at` are tried before others; none is left out for its validity.
    Where no anchor can be reached, gives the one longest chain that was found.
    """
    graph = _draw(leaf, pool, at)
    graph.cut_short = graph.cut_short or pool.full
    distances = _distances_to_anchors(graph, pool)
    paths = list(_enumerate(leaf, graph, distances))
    return paths or [_longest_chain(leaf, graph)]


def open_ends(leaf: Certificate, pool: CertificatePool, at: datetime) -> list[Certificate]:
    """Give the certificates at which the search from `leaf` ended for want of an issuer."""
    graph = _draw(leaf, pool, at)
    return [
        certificate
        for digest, certificate in graph.certificates.items()
        if not graph.issuers.get(digest)
        and not certificate.fact.self_signed
        and not pool.is_anchor(certificate)
    ]


# --- 1. the graph -----------------------------------------------------------------------------


def _draw(leaf: Certificate, pool: CertificatePool, at: datetime) -> _Graph:
    graph = _Graph(at, certificates={leaf.sha256: leaf})
    queue = deque([(leaf, 1)])
    while queue:
        certificate, depth = queue.popleft()
        if pool.is_anchor(certificate):
            continue
        issuers = _verified_issuers(certificate, pool, graph)
        graph.issuers[certificate.sha256] = [issuer.sha256 for issuer in issuers]
        for issuer in issuers:
            if issuer.sha256 in graph.certificates:
                continue
            if depth >= MAX_DEPTH:
                graph.cut_short = True
                continue
            graph.certificates[issuer.sha256] = issuer
            queue.append((issuer, depth + 1))
    return graph


def _verified_issuers(
    certificate: Certificate, pool: CertificatePool, graph: _Graph
) -> list[Certificate]:
    if certificate.fact.self_signed:
        return []
    verified: list[Certificate] = []
    for issuer in sorted(
        pool.named(certificate.issuer_key),
        key=lambda issuer: _rank(certificate, issuer, pool, graph.at),
    ):
        if not pool.known_link(certificate, issuer):
            if graph.checks >= MAX_CHECKS:
                graph.cut_short = True
                break
            graph.checks += 1
        outcome = pool.link(certificate, issuer)
        if outcome is True:
            verified.append(issuer)
        else:
            graph.unverified.setdefault(certificate.sha256, outcome)
    return verified


def _rank(
    certificate: Certificate, issuer: Certificate, pool: CertificatePool, at: datetime
) -> tuple[bool, ...]:
    """Order issuers of the same name, the likeliest first (RFC 4158 3.5).

    Key identifiers are a hint, never a reason to refuse: they only decide who is tried first.
    """
    wanted = certificate.extensions.authority_key_id
    offered = issuer.extensions.subject_key_id
    comparable = wanted is not None and offered is not None
    return (
        comparable and wanted != offered,
        not pool.is_anchor(issuer),
        not comparable,
        not issuer.valid_at(at),
        issuer.fact.ca is not True,
    )


# --- 2. distances -----------------------------------------------------------------------------


def _distances_to_anchors(graph: _Graph, pool: CertificatePool) -> dict[str, int]:
    issued: dict[str, list[str]] = {}
    for certificate, issuers in graph.issuers.items():
        for issuer in issuers:
            issued.setdefault(issuer, []).append(certificate)
    distances = {digest: 0 for digest, found in graph.certificates.items() if pool.is_anchor(found)}
    queue = deque(distances)
    while queue:
        issuer = queue.popleft()
        for certificate in issued.get(issuer, ()):
            if certificate not in distances:
                distances[certificate] = distances[issuer] + 1
                queue.append(certificate)
    return distances


# --- 3. paths ---------------------------------------------------------------------------------


def _enumerate(
    leaf: Certificate, graph: _Graph, distances: dict[str, int]
) -> Iterator[CandidatePath]:
    """Give complete paths in order of length (best-first search with exact distances)."""
    if leaf.sha256 not in distances:
        return
    order = 0
    heap: list[tuple[int, int, tuple[Certificate, ...]]] = [
        (1 + distances[leaf.sha256], order, (leaf,))
    ]
    found = 0
    for _ in range(MAX_STEPS):
        if not heap or found == MAX_PATHS:
            return
        _, _, path = heapq.heappop(heap)
        if distances[path[-1].sha256] == 0:
            found += 1
            yield CandidatePath(path, anchored=True, cut_short=graph.cut_short)
            continue
        for issuer in _next(path, graph, distances):
            order += 1
            length = len(path) + 1 + distances[issuer.sha256]
            if length <= MAX_DEPTH:
                heapq.heappush(heap, (length, order, (*path, issuer)))


def _next(
    path: tuple[Certificate, ...], graph: _Graph, distances: dict[str, int]
) -> Iterator[Certificate]:
    """Give the issuers that lead on; the same name with the same key never twice in a path."""
    visited = {(certificate.subject_key, certificate.key_id) for certificate in path}
    for digest in graph.issuers.get(path[-1].sha256, ()):
        issuer = graph.certificates.get(digest)
        if issuer is None or digest not in distances:
            continue
        if (issuer.subject_key, issuer.key_id) not in visited:
            yield issuer


def _longest_chain(leaf: Certificate, graph: _Graph) -> CandidatePath:
    chains: dict[str, tuple[Certificate, ...]] = {leaf.sha256: (leaf,)}
    queue = deque([leaf.sha256])
    longest = chains[leaf.sha256]
    while queue:
        path = chains[queue.popleft()]
        if len(path) > len(longest):
            longest = path
        for digest in graph.issuers.get(path[-1].sha256, ()):
            issuer = graph.certificates.get(digest)
            if issuer is not None and digest not in chains:
                chains[digest] = (*path, issuer)
                queue.append(digest)
    return CandidatePath(
        longest,
        anchored=False,
        unverified=graph.unverified.get(longest[-1].sha256, True),
        cut_short=graph.cut_short,
    )
