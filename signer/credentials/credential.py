"""What every signing key looks like to the formats, wherever it is kept."""

from __future__ import annotations

from typing import Protocol

from signer.validation.facts import KeyFact


class Credential(Protocol):
    """A private key with its certificate; the key itself is never handed out."""

    @property
    def certificate(self) -> bytes:
        """DER of the signing certificate."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER of the issuers' certificates, nearest first, without the signing one."""

    @property
    def key(self) -> KeyFact:
        """What kind of key signs."""

    def sign(self, data: bytes, *, digest: str = "SHA256", scheme: str | None = None) -> bytes:
        """Give the raw signature over ``data``.

        Args:
            data: the octets themselves, not their digest.
            digest: by DSS's name (``SHA256``, ``SHA384``, ``SHA512``).
            scheme: ``RSA`` (PKCS#1 v1.5) or ``RSASSA-PSS`` for RSA keys; None: what fits the key.

        Returns:
            RSA: the signature; EC: a DER Ecdsa-Sig-Value; EdDSA: the signature.

        Raises:
            InputError: the key cannot do this.
            SourceError: the device or service that keeps the key did not answer.
        """
