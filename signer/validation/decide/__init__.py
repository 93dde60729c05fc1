"""From facts, a policy and one instant to a verdict: pure functions, one for each clause.

No clock, no socket, no file; nothing raises. EN 319 102-1 V1.4.1.
"""

from signer.validation.decide.document import decide
from signer.validation.decide.verdict import (
    Check,
    CheckStatus,
    DocumentVerdict,
    SignatureVerdict,
    SignerKind,
)

__all__ = [
    "Check",
    "CheckStatus",
    "DocumentVerdict",
    "SignatureVerdict",
    "SignerKind",
    "decide",
]
