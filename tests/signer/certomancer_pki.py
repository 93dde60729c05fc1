"""A PKI that Certomancer runs: an independent hand writes the certificates, OCSP answers and CRLs.

root ── ca ── good, revoked, held, expired      asked at ocsp/ca, listed in crls/ca
         ├─── ocsp                              the appointed responder
         ├─── person, ocsp-expired              who must not answer, but do at ocsp/bad-…
         └─── crl-only                          names no responder, only the list
     other ── ocsp-other                        a responder of another authority
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.serving import WSGIRequestHandler, make_server

ARCH = "test"
BAD_RESPONDERS = ("person", "ocsp-expired", "ocsp-other")
LEAVES = (
    "good",
    "revoked",
    "held",
    "expired",
    "crl-only",
    *(f"by-{who}" for who in BAD_RESPONDERS),
)
LABELS = ("root", "ca", "other", "ocsp", *BAD_RESPONDERS, *LEAVES)


@dataclass(frozen=True)
class RunningPki:
    """The architecture, and the `host:port` at which it answers."""

    architecture: PKIArchitecture
    authority: str

    def der(self, label: str) -> bytes:
        """One certificate by its label."""
        return bytes(self.architecture.get_cert(CertLabel(label)).dump())


@contextmanager
def running(folder: Path, now: datetime) -> Iterator[RunningPki]:
    """Run the PKI with fresh keys in `folder` until the block ends."""
    for label in LABELS:
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        (folder / f"{label}.pem").write_bytes(pem)
    server = make_server("127.0.0.1", 0, _refuse, threaded=True, request_handler=_Quiet)
    authority = f"127.0.0.1:{server.server_port}"
    plan = _plan(f"http://{authority}", now)
    config = CertomancerConfig(plan, key_search_dir=str(folder), lazy_load_keys=True)
    architecture = config.get_pki_arch(ArchLabel(ARCH))
    server.app = Animator(AnimatorArchStore({ArchLabel(ARCH): architecture}), with_web_ui=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield RunningPki(architecture, authority)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Quiet(WSGIRequestHandler):
    def log(self, *_arguments: object) -> None:
        """Say nothing: a test's output is its result."""


def _refuse(*_arguments: object) -> Any:
    raise AssertionError("asked before the PKI was there")


def _plan(base_url: str, now: datetime) -> dict[str, Any]:
    common = {"issuer": "ca", "validity": _validity(now, -30, 365)}
    certificates: dict[str, Any] = {
        "root": {"issuer": "root", "validity": _validity(now, -900, 900), "extensions": [_ca()]},
        "ca": {
            "issuer": "root",
            "validity": _validity(now, -800, 800),
            "extensions": [_ca(), _crl("root"), _aia("root", None)],
        },
        "other": {"issuer": "root", "validity": _validity(now, -800, 800), "extensions": [_ca()]},
        "ocsp": {**common, "extensions": [_ocsp_signing(), {"id": "ocsp_no_check"}]},
        "person": {**common, "extensions": []},
        "ocsp-expired": {
            "issuer": "ca",
            "validity": _validity(now, -30, -3),
            "extensions": [_ocsp_signing()],
        },
        "ocsp-other": {
            "issuer": "other",
            "validity": _validity(now, -30, 365),
            "extensions": [_ocsp_signing()],
        },
    }
    for label in LEAVES:
        certificates[label] = {**common, "extensions": [_crl("ca"), _aia("ca", _responder(label))]}
    certificates["expired"]["validity"] = _validity(now, -30, -1)
    certificates["revoked"]["revocation"] = _revocation(now, "key_compromise")
    certificates["held"]["revocation"] = _revocation(now, "certificate_hold")
    responders = {"ca": "ocsp", **{f"bad-{who}": who for who in BAD_RESPONDERS}}
    return {
        "external-url-prefix": base_url,
        "keysets": {"keys": {"keys": {label: {"path": f"{label}.pem"} for label in LABELS}}},
        "pki-architectures": {
            ARCH: {
                "keyset": "keys",
                "entities": {label: {"common-name": label} for label in LABELS},
                "certs": certificates,
                "services": {
                    "ocsp": {
                        service: {"for-issuer": "ca", "responder-cert": responder}
                        for service, responder in responders.items()
                    },
                    "crl-repo": {
                        issuer: {"for-issuer": issuer, "simulated-update-schedule": "PT1H"}
                        for issuer in ("root", "ca")
                    },
                    "cert-repo": {
                        issuer: {"for-issuer": issuer, "publish-issued-certs": False}
                        for issuer in ("root", "ca")
                    },
                },
            }
        },
    }


def _responder(label: str) -> str | None:
    if label == "crl-only":
        return None
    who = label.removeprefix("by-")
    return f"bad-{who}" if who in BAD_RESPONDERS else "ca"


def _validity(now: datetime, first: int, last: int) -> dict[str, str]:
    instants = (now + timedelta(days=days) for days in (first, last))
    begin, end = (instant.astimezone(UTC).isoformat(timespec="seconds") for instant in instants)
    return {"valid-from": begin, "valid-to": end}


def _revocation(now: datetime, reason: str) -> dict[str, str]:
    since = (now - timedelta(days=2)).isoformat(timespec="seconds")
    return {"revoked-since": since, "reason": reason}


def _ca() -> dict[str, Any]:
    return {"id": "basic_constraints", "critical": True, "value": {"ca": True}}


def _ocsp_signing() -> dict[str, Any]:
    return {"id": "extended_key_usage", "value": ["ocsp_signing"]}


def _crl(issuer: str) -> dict[str, Any]:
    schema = {"schema": "crl-dist-url", "params": {"crl-repo-names": [issuer]}}
    return {"id": "crl_distribution_points", "smart-value": schema}


def _aia(issuer: str, responder: str | None) -> dict[str, Any]:
    links: dict[str, Any] = {"ca-issuer-links": [{"repo": issuer}]}
    if responder is not None:
        links["ocsp-responder-names"] = [responder]
    schema = {"schema": "aia-urls", "params": links}
    return {"id": "authority_information_access", "smart-value": schema}
