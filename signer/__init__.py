"""What a signature is worth, and how to make one.

The front door: ``validate`` gives a :class:`Report` for any bytes, ``sign`` a signed document.
A bad signature is a verdict in the report, never an exception::

    from signer import TrustStore, validate

    report = validate(data, trust=TrustStore.from_files(["root.pem"]))
    print(report.conclusion.indication, report.conclusion.reason)

Names load when they are first used, so that asking for one does not pay for all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from signer.errors import InputError, SignerError, SourceError

if TYPE_CHECKING:
    from signer.credentials import Credential, Pkcs12Credential
    from signer.sandbox_marker import is_sandbox_certificate
    from signer.signing import sign
    from signer.trust import AnchorKind, Cache, Fetcher, MemoryCache, TrustStore
    from signer.validation.policy import Policy
    from signer.validation.report import Report, SignatureReport
    from signer.validation.validate import validate

__all__ = [
    "AnchorKind",
    "Cache",
    "Credential",
    "Fetcher",
    "InputError",
    "MemoryCache",
    "Pkcs12Credential",
    "Policy",
    "Report",
    "SignatureReport",
    "SignerError",
    "SourceError",
    "TrustStore",
    "is_sandbox_certificate",
    "sign",
    "validate",
]

_HOMES = {
    "AnchorKind": "signer.trust",
    "Cache": "signer.trust",
    "Credential": "signer.credentials",
    "Fetcher": "signer.trust",
    "MemoryCache": "signer.trust",
    "Pkcs12Credential": "signer.credentials",
    "Policy": "signer.validation.policy",
    "Report": "signer.validation.report",
    "SignatureReport": "signer.validation.report",
    "TrustStore": "signer.trust",
    "is_sandbox_certificate": "signer.sandbox_marker",
    "sign": "signer.signing",
    "validate": "signer.validation.validate",
}


def __getattr__(name: str) -> object:
    """Load a name of the front door when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
