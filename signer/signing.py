"""Making signatures: one function for all formats."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from inspect import signature
from typing import Any

from signer.credentials.credential import Credential
from signer.errors import InputError

LEVELS = ("B", "T", "LT", "LTA")

_FORMATS = {"xades": "signer.xades", "pades": "signer.pades"}
_LATER = ("cades", "asic")


def sign(
    data: bytes,
    credential: Credential,
    *,
    format: str,  # noqa: A002 - the word of the contract and of the command line
    level: str = "B",
    packaging: str | None = None,
    now: datetime | None = None,
    **options: Any,
) -> bytes:
    """Give the document signed.

    Args:
        data: the document: XML for ``xades``, PDF for ``pades``.
        credential: who signs.
        format: ``xades`` or ``pades``.
        level: ``B``; the others come with time stamps.
        packaging: ``enveloped`` for XML; None: what the format does by itself.
        now: the claimed signing time, aware; None: this moment.
        options: what one format alone knows (``claimed_roles`` of XAdES, ``reason`` of PAdES …).

    Raises:
        InputError: the document, key, level or packaging does not fit.
        SourceError: the device or service that keeps the key did not answer.
    """
    name = format.lower()
    if name in _LATER:
        raise InputError(f"Signing as {name} is not supported yet. Use xades or pades.")
    if name not in _FORMATS:
        raise InputError(f"“{format}” is no signature format. Use xades or pades.")
    if level not in LEVELS:
        raise InputError(f"“{level}” is no signature level. Use B, T, LT or LTA.")
    moment = datetime.now(UTC) if now is None else now
    if packaging is not None:
        options["packaging"] = packaging
    create = import_module(_FORMATS[name]).create
    unknown = options.keys() - signature(create).parameters.keys()
    if unknown:
        raise InputError(f"Signing as {name} knows no {', '.join(sorted(unknown))}.")
    signed: bytes = create(data, credential, now=moment, level=level, **options)
    return signed
