"""The person that the Trusted Profile writes into the reason of a PDF signature.

The portal seals for the person: the certificate is the minister's, the person stands in
``/Reason``. A claim like any other: whose seal it is, is the decision's business.
"""

from __future__ import annotations

import re
from typing import Final

from signer.validation.facts import PersonClaim

_REASON: Final = re.compile(
    r"w\s+imieniu\s*:?\s*(?P<name>[^,;:]{1,200}?)\s*[,;]\s*PESEL\s*:?\s*(?P<pesel>\d{11})(?!\d)",
    re.IGNORECASE,
)


def person_claims(reason: str | None) -> tuple[PersonClaim, ...]:
    """Give the person named in a signature's reason, or nothing."""
    match = _REASON.search(reason or "")
    if match is None:
        return ()
    given, _, family = match["name"].strip().rpartition(" ")
    return (PersonClaim("trusted_profile_reason", given or None, family or None, match["pesel"]),)
