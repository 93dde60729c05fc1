"""Whether a document carries revocation data for every certificate that needs some (level LT)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509

from signer.trust import certificate_fact
from signer.validation.facts import CertificateFact, EmbeddedMaterial

_MAX_PATH = 8
"""Certificates from a signer up to where its path ends."""


def revocation_complete(
    signers: Iterable[bytes], material: EmbeddedMaterial, anchors: Sequence[bytes]
) -> bool:
    """Tell whether the document holds revocation data for each path of these signers.

    Args:
        signers: DER of the certificates that signed: the signature's and its time stamps'.
        material: everything embedded in the document.
        anchors: DER of certificates that are trusted as they are.
    """
    trusted = [certificate_fact(der) for der in anchors]
    pool = trusted + [certificate_fact(der) for der in material.certificates]
    answers = _Answers(material)
    return answers.any and all(
        issuer is not None and answers.speaks_of(certificate)
        for der in signers
        for certificate, issuer in _links(certificate_fact(der), pool)
        if not certificate.ocsp_no_check and certificate not in trusted
    )


def _links(
    certificate: CertificateFact, pool: Sequence[CertificateFact]
) -> Iterator[tuple[CertificateFact, CertificateFact | None]]:
    """Give each certificate of a path with its issuer, up to a self-signed or trusted one.

    Without its issuer's certificate nobody can tell what an answer about a certificate is worth.
    """
    for _step in range(_MAX_PATH):
        if certificate.self_signed:
            return
        named = (item for item in pool if item.subject == certificate.issuer)
        issuer = next((item for item in named if item != certificate), None)
        yield certificate, issuer
        if issuer is None:
            return
        certificate = issuer


class _Answers:
    """Which certificates the embedded revocation data speak of, by issuer and serial number."""

    def __init__(self, material: EmbeddedMaterial) -> None:
        self._crl_issuers = {name for der in material.crls if (name := _crl_issuer(der))}
        self._ocsp_ids = {key for der in material.ocsps for key in _ocsp_ids(der)}
        self.any = bool(self._crl_issuers or self._ocsp_ids)

    def speaks_of(self, certificate: CertificateFact) -> bool:
        """Whether one of them names this certificate or comes from its issuer."""
        try:
            issuer = asn1_x509.Certificate.load(certificate.der).issuer.dump()
        except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on a damaged certificate
            return False
        hashes = {hashlib.new(name, issuer, usedforsecurity=False).digest() for name in _HASHES}
        serial = int(certificate.serial, 16)
        return issuer in self._crl_issuers or any((one, serial) in self._ocsp_ids for one in hashes)


_HASHES = ("sha1", "sha256", "sha384", "sha512")
"""How OCSP answers may name the issuer (RFC 6960 4.1.1)."""


@lru_cache(maxsize=256)
def _crl_issuer(der: bytes) -> bytes:
    try:
        return bytes(asn1_crl.CertificateList.load(der)["tbs_cert_list"]["issuer"].dump())
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on a damaged list
        return b""


@lru_cache(maxsize=1024)
def _ocsp_ids(der: bytes) -> frozenset[tuple[bytes, int]]:
    try:
        answers = _basic_response(der)["tbs_response_data"]["responses"]
        return frozenset(
            (
                answer["cert_id"]["issuer_name_hash"].native,
                answer["cert_id"]["serial_number"].native,
            )
            for answer in answers
        )
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on a damaged answer
        return frozenset()


def _basic_response(der: bytes) -> asn1_ocsp.BasicOCSPResponse:
    try:
        response = asn1_ocsp.OCSPResponse.load(der)
        return response["response_bytes"]["response"].parsed
    except Exception:  # noqa: BLE001 - then it is the inner form, which some embed alone
        return asn1_ocsp.BasicOCSPResponse.load(der)
