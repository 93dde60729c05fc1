"""Everything about trust that observing a document gathers: paths first, then revocation."""

from collections.abc import Sequence
from datetime import datetime

from signer.trust.anchors import TrustStore
from signer.trust.certificates import Certificate, read_certificate
from signer.trust.fetcher import Fetcher
from signer.trust.outside import Outside
from signer.trust.path_rules import path_fact
from signer.trust.paths import MAX_POOL, CandidatePath, CertificatePool, find_paths, open_ends
from signer.trust.portion import portion
from signer.trust.revocation import Collector
from signer.validation.facts import CertificateFact, EmbeddedMaterial, GatheredTrust

# Rounds of fetching issuers named by AIA: a path that lacks more is not worth the waiting.
MAX_ISSUER_ROUNDS = 4
MAX_CERTIFICATES_BYTES = 1024 * 1024  # of one document; 128 certificates of 2 KB have 256 KB
MAX_ISSUER_URLS = 2  # addresses tried for one certificate


def gather(
    candidates: Sequence[bytes],
    material: EmbeddedMaterial,
    trust: TrustStore,
    at: datetime,
    fetch: Fetcher | None,
) -> GatheredTrust:
    """Give the certificate, path and revocation facts for signing certificates.

    `candidates`: DER of the certificates whose keys signed something. `material`: what the document
    carries, of which the first part is looked at (`portion`). `at`: the aware instant of
    validation; it orders the search, tells whether embedded revocation data settle the question,
    and judges nothing. `fetch`: None stays offline. Never raises for content, nor for what the
    outside does not give.
    """
    outside = None if fetch is None else Outside(fetch)
    leaves = [read_certificate(bytes(der)) for der in dict.fromkeys(candidates)]
    carried = portion(material.certificates, count=MAX_POOL, total_bytes=MAX_CERTIFICATES_BYTES)
    embedded = [read_certificate(der) for der in carried.items]
    pool = CertificatePool(trust, [*leaves, *embedded], full=carried.cut)
    paths = [path for leaf in leaves if leaf.readable for path in _paths(leaf, pool, at, outside)]
    revocation = Collector(material, pool, outside, at).collect(paths)
    on_paths = [certificate for path in paths for certificate in path.certificates]
    return GatheredTrust(
        certificates=_facts([*leaves, *embedded, *on_paths, *revocation.signers]),
        paths=tuple(path_fact(path) for path in paths),
        revocations=tuple(revocation.facts),
        anchors=tuple(
            dict.fromkeys(path.certificates[-1].sha256 for path in paths if path.anchored)
        ),
    )


def _paths(
    leaf: Certificate, pool: CertificatePool, at: datetime, outside: Outside | None
) -> list[CandidatePath]:
    """Find the paths of one leaf, fetching missing issuers (RFC 5280 4.2.2.1) where allowed."""
    paths = find_paths(leaf, pool, at)
    for _ in range(MAX_ISSUER_ROUNDS):
        if outside is None or any(path.anchored for path in paths):
            break
        if not _fetch_issuers(open_ends(leaf, pool, at), pool, outside):
            break
        paths = find_paths(leaf, pool, at)
    return paths


def _fetch_issuers(ends: Sequence[Certificate], pool: CertificatePool, outside: Outside) -> bool:
    """Fetch the issuers that the certificates name; only proven ones join. Tell whether any did."""
    found = False
    for certificate in ends:
        for url in certificate.extensions.issuer_urls[:MAX_ISSUER_URLS]:
            offered = [read_certificate(der) for der in outside.issuers(url)]
            issuers = [
                issuer
                for issuer in offered
                if issuer.subject_key == certificate.issuer_key and pool.link(certificate, issuer)
            ]
            for issuer in issuers:
                pool.add(issuer)
            if issuers:
                outside.keep_issuers(url, [issuer.fact.der for issuer in issuers])
                found = True
                break
    return found


def _facts(certificates: Sequence[Certificate]) -> tuple[CertificateFact, ...]:
    return tuple({found.sha256: found.fact for found in certificates}.values())
