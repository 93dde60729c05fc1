"""Everything about trust that observing a document gathers: paths first, then revocation."""

from collections.abc import Sequence
from datetime import datetime

from signer.trust.anchors import TrustStore
from signer.trust.certificates import Certificate, read_certificate
from signer.trust.fetcher import Fetcher
from signer.trust.path_rules import path_fact
from signer.trust.paths import CandidatePath, CertificatePool, find_paths
from signer.validation.facts import CertificateFact, EmbeddedMaterial, GatheredTrust


def gather(
    candidates: Sequence[bytes],
    material: EmbeddedMaterial,
    trust: TrustStore,
    at: datetime,
    fetch: Fetcher | None,
) -> GatheredTrust:
    """Give the certificate, path and revocation facts for signing certificates.

    `candidates`: DER of the certificates whose keys signed something; `material`: what the document
    carries; `at`: the aware instant of validation, which only orders the search; `fetch`: None
    stays offline. Never raises for content, nor for what the outside does not give.
    """
    del fetch
    leaves = [read_certificate(bytes(der)) for der in dict.fromkeys(candidates)]
    embedded = [read_certificate(bytes(der)) for der in material.certificates]
    pool = CertificatePool(trust, [*leaves, *embedded])
    paths = [path for leaf in leaves if leaf.readable for path in find_paths(leaf, pool, at)]
    return GatheredTrust(
        certificates=_facts([*leaves, *embedded], paths),
        paths=tuple(path_fact(path) for path in paths),
        anchors=tuple(
            dict.fromkeys(path.certificates[-1].sha256 for path in paths if path.anchored)
        ),
    )


def _anchors(paths: Sequence[CandidatePath]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path.certificates[-1].sha256 for path in paths if path.anchored))


def _facts(
    first: Sequence[Certificate], paths: Sequence[CandidatePath]
) -> tuple[CertificateFact, ...]:
    met = [*first, *(certificate for path in paths for certificate in path.certificates)]
    return tuple({certificate.sha256: certificate.fact for certificate in met}.values())
