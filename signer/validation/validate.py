"""The whole process: observe, decide, report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import BinaryIO

from signer.errors import InputError
from signer.trust import Fetcher, TrustStore
from signer.validation.decide import decide
from signer.validation.observe import observe
from signer.validation.policy import Policy
from signer.validation.report import Report, make_report


def validate(
    data: bytes | BinaryIO,
    *,
    trust: TrustStore,
    at: datetime | None = None,
    detached: Mapping[str, bytes] | None = None,
    policy: str | Policy = "default",
    fetch: Fetcher | None = None,
    name: str = "",
) -> Report:
    """Say what the signatures of a document are worth.

    Never raises for content: what cannot be read is TOTAL_FAILED / FORMAT_FAILURE with a reason,
    and NO_SIGNATURE is said only of documents that have none.

    Args:
        data: the document, as bytes or a seekable binary file.
        trust: whom we believe.
        at: the instant to judge at, aware; None: now, taken once.
        detached: files that lie beside the document, by name.
        policy: ``default``, ``strict-qes``, ``dss-defaults`` or a Policy.
        fetch: the guarded way to the outside; None stays offline.
        name: what to call the document in the report.

    Raises:
        InputError: a time without a zone, or a policy that is none.
    """
    moment = datetime.now(UTC) if at is None else at
    if moment.tzinfo is None:
        raise InputError("The validation time has no time zone. Give an aware datetime.")
    rules = Policy.named(policy) if isinstance(policy, str) else policy
    facts = observe(
        _octets(data), name=name, trust=trust, at=moment, detached=detached or {}, fetch=fetch
    )
    return make_report(facts, decide(facts, rules, moment.astimezone(UTC)))


def _octets(data: bytes | BinaryIO) -> bytes:
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)
    data.seek(0)
    return data.read()
