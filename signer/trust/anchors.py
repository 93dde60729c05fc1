"""Whom we believe: the certificates that end a path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from os import PathLike
from pathlib import Path

from asn1crypto import pem

from signer.errors import InputError
from signer.trust.certificates import Certificate, read_certificate
from signer.trust.names import Rdns

# A file of anchors larger than this is not one: all of Europe's trusted services are about 5 MB.
MAX_ANCHOR_FILE_BYTES = 20 * 1024 * 1024


class AnchorKind(StrEnum):
    """What trusting a certificate means for the verdict's wording."""

    PLAIN = "plain"
    QUALIFIED = "qualified"
    TRUSTED_PROFILE = "trusted_profile"
    PERSONAL = "personal"


@dataclass(frozen=True)
class TrustStore:
    """The trusted certificates, each with its kind. Immutable; an empty one trusts nobody.

    Any certificate may be trusted, an end-entity's too: a path ends at the first one it meets.
    """

    _kinds: Mapping[bytes, AnchorKind] = field(default_factory=dict)

    @classmethod
    def from_certificates(
        cls, certificates: Iterable[bytes], *, kind: AnchorKind = AnchorKind.PLAIN
    ) -> "TrustStore":
        """Trust these certificates (DER). Raises `InputError` for bytes that are no certificate."""
        kinds: dict[bytes, AnchorKind] = {}
        for number, der in enumerate(certificates, start=1):
            der = bytes(der)
            if not read_certificate(der).readable:
                raise InputError(f"Trusted certificate no. {number} is no DER certificate.")
            kinds[der] = kind
        return cls(kinds)

    @classmethod
    def from_files(
        cls, paths: Iterable[str | PathLike[str]], *, kind: AnchorKind = AnchorKind.PLAIN
    ) -> "TrustStore":
        """Trust the certificates in these files: DER, or PEM with one or more.

        Raises `InputError` naming the file that cannot be opened or holds no certificate.
        """
        store = cls()
        for path in paths:
            found = _certificates_in(Path(path))
            store = store | cls.from_certificates(found, kind=kind)
        return store

    def __or__(self, other: "TrustStore") -> "TrustStore":
        """Trust what either trusts; where both do, the other's kind counts."""
        return TrustStore({**self._kinds, **other._kinds})

    def __reduce__(self) -> tuple[type["TrustStore"], tuple[dict[bytes, AnchorKind]]]:
        """Travel to worker processes as plain DER: parsed keys do not."""
        return TrustStore, (dict(self._kinds),)

    def __len__(self) -> int:
        return len(self._kinds)

    def __contains__(self, sha256: object) -> bool:
        return sha256 in self._by_digest

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The trusted certificates (DER), in the order given."""
        return tuple(self._kinds)

    def kind_of(self, sha256: str) -> AnchorKind | None:
        """Give the kind of an anchor by its SHA-256 (lowercase hex); None: not trusted."""
        certificate = self._by_digest.get(sha256)
        return None if certificate is None else self._kinds[certificate.fact.der]

    def named(self, subject_key: Rdns) -> tuple[Certificate, ...]:
        """Give the anchors whose subject matches the name (see `names.match_key`)."""
        return self._by_subject.get(subject_key, ())

    @cached_property
    def _by_digest(self) -> dict[str, Certificate]:
        certificates = (read_certificate(der) for der in self._kinds)
        return {certificate.sha256: certificate for certificate in certificates}

    @cached_property
    def _by_subject(self) -> dict[Rdns, tuple[Certificate, ...]]:
        found: dict[Rdns, tuple[Certificate, ...]] = {}
        for certificate in self._by_digest.values():
            key = certificate.subject_key
            found[key] = (*found.get(key, ()), certificate)
        return found


def _certificates_in(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_ANCHOR_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"The trusted certificate file {path.name!r} cannot be opened.") from error
    if len(data) > MAX_ANCHOR_FILE_BYTES:
        raise InputError(f"The trusted certificate file {path.name!r} is too large.")
    try:
        found = _unarmoured(data) if pem.detect(data) else [data]
    except ValueError as error:
        raise InputError(f"The PEM in {path.name!r} is damaged.") from error
    if not found or not all(read_certificate(der).readable for der in found):
        raise InputError(f"{path.name!r} holds no certificate, or a damaged one (DER or PEM).")
    return found


def _unarmoured(data: bytes) -> list[bytes]:
    blocks = pem.unarmor(data, multiple=True)
    return [der for kind, _headers, der in blocks if kind == "CERTIFICATE"]
