"""A certification authority like a real one: nothing of the sandbox, answering over HTTP.

root ── authority ── anna        a person's certificate, with her PESEL
                 ├── umluban     the office's seal
                 └── ocsp        the appointed responder
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from cryptography.x509 import ocsp

from tests.signer import trust_pki
from tests.signer.trust_pki import OCSP_SIGNING, Entity

PESEL = "90010112345"
OFFICE = "Urząd Miasta Lubań"
P12_PASSWORD = "not a secret, only for tests"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Authority:
    """The entities, and where (`host:port`) their status is told."""

    root: Entity
    authority: Entity
    responder: Entity
    person: Entity
    seal: Entity
    address: str

    def anchor(self) -> bytes:
        """The certificate that an operator trusts, as PEM."""
        return self.root.certificate.public_bytes(Encoding.PEM)

    def pkcs12_of(self, entity: Entity) -> bytes:
        """Key, certificate and chain in a file under `P12_PASSWORD`."""
        return pkcs12.serialize_key_and_certificates(
            b"key",
            entity.key,
            entity.certificate,
            [self.authority.certificate],
            BestAvailableEncryption(P12_PASSWORD.encode()),
        )

    def status_of(self, request: bytes) -> bytes:
        """Answer an OCSP request: everything that the authority issued is good."""
        serial = ocsp.load_der_ocsp_request(request).serial_number
        now = datetime.now(UTC)
        for entity in (self.person, self.seal):
            if entity.certificate.serial_number == serial:
                return trust_pki.ocsp_response(
                    entity,
                    self.authority,
                    responder=self.responder,
                    this_update=now - _HOUR,
                    next_update=now + _HOUR,
                )
        unknown = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        return unknown.public_bytes(Encoding.DER)

    def list_of_revoked(self, path: str) -> bytes:
        """Give the (empty) list of the authority or of the root."""
        now = datetime.now(UTC)
        issuer = self.root if path == "/root.crl" else self.authority
        return trust_pki.crl(issuer, this_update=now - _HOUR, next_update=now + _HOUR)


@contextmanager
def running() -> Iterator[Authority]:
    """Make the authority and let it answer until the block ends."""
    made: list[Authority] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: made[0]))
    made.append(_make(f"127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _make(address: str) -> Authority:
    issue = partial(
        trust_pki.issue,
        not_before=datetime.now(UTC) - timedelta(days=30),
        not_after=datetime.now(UTC) + timedelta(days=365),
    )
    base = f"http://{address}"
    root = issue("Example Root", ca=True)
    authority = issue(
        trust_pki.name("Example Qualified CA", C="PL", O="Example Trust Services"),
        root,
        ca=True,
        path_length=0,
        crl_url=f"{base}/root.crl",
    )
    for_people = partial(
        issue, issuer=authority, ocsp_url=f"{base}/ocsp", crl_url=f"{base}/authority.crl"
    )
    return Authority(
        root=root,
        authority=authority,
        responder=issue(
            "Example OCSP", authority, eku=[OCSP_SIGNING], extra=[(x509.OCSPNoCheck(), False)]
        ),
        person=for_people(_anna()),
        seal=for_people(trust_pki.name(OFFICE, C="PL", O=OFFICE, ORG_ID="VATPL-0000000001")),
        address=address,
    )


def _anna() -> x509.Name:
    return trust_pki.name(
        "Anna Zielińska", C="PL", SERIAL=f"PNOPL-{PESEL}", GIVEN="Anna", SURNAME="Zielińska"
    )


def _handler(authority: Callable[[], Authority]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer("application/ocsp-response", authority().status_of(asked))

        def do_GET(self) -> None:
            self._answer("application/pkix-crl", authority().list_of_revoked(self.path))

        def _answer(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name
            """Say nothing."""

    return Handler
