"""Stand-ins for the outside world, for `skrytka demo` and the tests only.

A certification authority with OCSP, CRL and time stamps, and a login where one picks an invented
person, behind one loopback address. The service never trusts any of it: everything carries the
marker that `signer.sandbox_marker` recognises.
"""

from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.people import OFFICES, PEOPLE, CertificateState, Office, Person
from sandbox.world import Credentials, LoginClient, Sandbox

__all__ = [
    "OFFICES",
    "PEOPLE",
    "CertificateState",
    "Credentials",
    "LoginClient",
    "Office",
    "Person",
    "Sandbox",
    "SandboxError",
    "serve",
]


def serve(
    folder: Path,
    host: str,
    port: int,
    *,
    redirect_uris: tuple[str, ...] = (),
    post_logout_redirect_uris: tuple[str, ...] = (),
) -> None:
    """Serve the sandbox in `folder` until a signal ends it; see `sandbox.server.serve`."""
    # Flask, gunicorn and Certomancer are loaded only by the process that serves.
    from sandbox.server import serve as serve_until_stopped

    serve_until_stopped(
        folder,
        host,
        port,
        redirect_uris=redirect_uris,
        post_logout_redirect_uris=post_logout_redirect_uris,
    )
