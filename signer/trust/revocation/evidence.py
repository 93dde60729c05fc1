"""What CRLs and OCSP answers have in common: a question, a signature, and a finding."""

from dataclasses import dataclass, field

from signer.trust.certificates import Certificate
from signer.trust.signatures import Algorithm, verify
from signer.validation.facts import RevocationFact

# RFC 5280 5.3.1, by number.
REASONS = {
    0: "unspecified",
    1: "keyCompromise",
    2: "cACompromise",
    3: "affiliationChanged",
    4: "superseded",
    5: "cessationOfOperation",
    6: "certificateHold",
    8: "removeFromCRL",
    9: "privilegeWithdrawn",
    10: "aACompromise",
}
HOLD = "certificateHold"


@dataclass(frozen=True, eq=False)
class Question:
    """Is this certificate, issued by that one, revoked?"""

    certificate: Certificate
    issuer: Certificate


@dataclass(frozen=True, eq=False)
class SignedEvidence:
    """The signed shell of a CRL or an OCSP answer. Remembers which keys it was tried with."""

    sha256: str
    algorithm: Algorithm
    signature: bytes
    signed_bytes: bytes
    _outcomes: dict[str, bool | None] = field(default_factory=dict)

    def verified_by(self, signer: Certificate) -> bool | None:
        """Tell whether it verifies under a certificate's key; None: that cannot be computed."""
        if signer.key_id not in self._outcomes:
            self._outcomes[signer.key_id] = (
                verify(signer.public_key, self.algorithm, self.signature, self.signed_bytes)
                if signer.public_key is not None
                else None
            )
        return self._outcomes[signer.key_id]


@dataclass(frozen=True, eq=False)
class Finding:
    """A fact from one piece of evidence, and the certificate that signed it where it was found."""

    fact: RevocationFact
    signer: Certificate | None = None
