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

from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel
from werkzeug.exceptions import BadRequest, HTTPException, LengthRequired, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from sandbox.pki.issuing import open_authority
from sandbox.pki.profiles import ARCHITECTURE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_REQUEST_BYTES = 64 * 1024
"""An OCSP request or a time-stamp query is a few hundred bytes."""


class AuthorityServices(Animator):
    """A WSGI application answering for the authority in `folder`, at the times `clock` tells."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        """Open the authority that was made in `folder`; `clock` gives aware times."""
        authority = open_authority(folder)
        store = AnimatorArchStore({ArchLabel(ARCHITECTURE): authority})
        super().__init__(store, with_web_ui=False, allow_time_override=False)
        self._clock = clock

    def at_time(self, request: Request) -> datetime:  # noqa: ARG002  # Certomancer's signature
        """Give the time every answer speaks of, to the second as ASN.1 times are compared."""
        return self._clock().astimezone(UTC).replace(microsecond=0)

    def dispatch(self, request: Request) -> Response | HTTPException:
        """Answer one request; what is no readable request gets 400, 411 or 413."""
        if request.method == "POST":
            if request.content_length is None:
                return LengthRequired()
            if request.content_length > MAX_REQUEST_BYTES:
                return RequestEntityTooLarge()
        try:
            answer: Response | HTTPException = super().dispatch(request)
        except (ValueError, TypeError, KeyError):
            # asn1crypto parses as fields are read, and reports bytes of the wrong shape like this
            return BadRequest("This is not a readable request of this service.")
        return answer

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one WSGI request."""
        return self.dispatch(Request(environ))(environ, start_response)
