"""The authority's HTTP services, answered by Certomancer: OCSP, CRL, certificates, time stamps.

    POST /pki/ocsp/ca                  RFC 6960, about what `ca` issued
    GET  /pki/crls/{root,ca}/latest.crl
    GET  /pki/certs/{root,ca}/ca.crt   the issuer's certificate
    POST /pki/tsa/tsa                  RFC 3161

Certomancer would let the caller choose the time of an answer by a header and offers every private
key for download on its own pages; both are switched off here.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from asn1crypto import core, ocsp, tsp
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, ServiceLabel, ServiceRegistry
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    LengthRequired,
    RequestEntityTooLarge,
)
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.pki.issuing import open_authority
from sandbox.pki.profiles import ARCHITECTURE
from sandbox.pki.revocation_list import correct_list
from sandbox.pki.timestamping import QualifiedTimeStamper

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_REQUEST_BYTES = 64 * 1024
"""An OCSP request or a time-stamp query is a few hundred bytes."""

_ROUTES = (
    Rule("/<arch>/ocsp/<label>", endpoint="ocsp", methods=["POST"]),
    Rule(
        "/<arch>/crls/<label>/latest.crl",
        endpoint="crls",
        methods=["GET"],
        defaults={"crl_no": None, "use_pem": False},
    ),
    Rule(
        "/<arch>/certs/<label>/ca.crt",
        endpoint="certs",
        methods=["GET"],
        defaults={"cert_label": None, "use_pem": False},
    ),
    Rule("/<arch>/tsa/<label>", endpoint="tsa", methods=["POST"]),
)
"""All that is answered. Certomancer has more: single certificates, with people's numbers in them,
old lists, and whole bundles with keys."""


class AuthorityServices(Animator):
    """A WSGI application answering for the authority in `folder`, at the times `clock` tells."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        """Open the authority that was made in `folder`; `clock` gives aware times."""
        authority = open_authority(folder)
        store = AnimatorArchStore({ArchLabel(ARCHITECTURE): authority})
        super().__init__(store, with_web_ui=False, allow_time_override=False)
        self.url_map = Map(_ROUTES)
        self._clock = clock

    def at_time(self, request: Request) -> datetime:  # noqa: ARG002  # Certomancer's signature
        """Give the time every answer speaks of, to the second as ASN.1 times are compared."""
        return self._clock().astimezone(UTC).replace(microsecond=0)

    def serve_ocsp_response(self, request: Request, *, label: str, arch: str) -> Response:
        """Answer an OCSP request (RFC 6960)."""
        asked = _read(ocsp.OCSPRequest, request)
        responder = self._services(arch).summon_responder(
            ServiceLabel(label), self.at_time(request)
        )
        answer = responder.build_ocsp_response(asked)
        return Response(answer.dump(), mimetype="application/ocsp-response")

    def serve_timestamp_response(self, request: Request, *, label: str, arch: str) -> Response:
        """Answer a time-stamp request (RFC 3161)."""
        service = self._services(arch)
        plain = service.summon_timestamper(ServiceLabel(label), self.at_time(request))
        stamper = QualifiedTimeStamper(
            plain.tsa_cert, plain.tsa_key, plain.signature_algo, fixed_dt=plain.fixed_dt
        )
        answer = stamper.request_tsa_response(_read(tsp.TimeStampReq, request))
        return Response(answer.dump(), mimetype="application/timestamp-reply")

    def serve_crl(
        self, request: Request, *, label: ServiceLabel, arch: str, **_: object
    ) -> Response:
        """Answer with the revocation list of now, in DER."""
        repository = ServiceLabel(str(label))
        given = self._services(arch).get_crl(repository, self.at_time(request))
        corrected = correct_list(given, self.architectures[ArchLabel(arch)], repository)
        return Response(corrected.dump(), mimetype="application/pkix-crl")

    def _services(self, architecture: str) -> ServiceRegistry:
        return self.architectures[ArchLabel(architecture)].service_registry

    def dispatch(self, request: Request) -> Response | HTTPException:
        """Answer one request; what is no readable request gets 400, 411 or 413."""
        if request.method == "POST":
            if request.content_length is None:
                return LengthRequired()
            if request.content_length > MAX_REQUEST_BYTES:
                return RequestEntityTooLarge()
        answer: Response | HTTPException = super().dispatch(request)
        return answer

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one WSGI request."""
        return self.dispatch(Request(environ))(environ, start_response)


def _read(kind: type[core.Asn1Value], request: Request) -> core.Asn1Value:
    """Parse the body whole; 400 for what is no `kind`."""
    data = request.get_data()
    try:
        parsed = kind.load(data, strict=True)
        parsed.native  # noqa: B018  # asn1crypto parses what it is asked for; this asks for all
    except (ValueError, TypeError, KeyError) as error:
        raise BadRequest("This is not a readable request of this service.") from error
    return parsed
