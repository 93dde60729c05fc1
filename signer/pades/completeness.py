"""Whether a document carries revocation data for every certificate that needs some (level LT)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509

from signer.trust import certificate_fact
from signer.validation.facts import CertificateFact, EmbeddedMaterial

_MAX_PATH: Final = 8
"""Certificates from a signer up to where its path ends."""
_MAX_CHECKED: Final = 128
"""Certificates looked at for one signature, OCSP responders included."""
_HASHES: Final = ("sha1", "sha256", "sha384", "sha512")
"""How OCSP answers may name the issuer (RFC 6960 4.1.1)."""


def revocation_complete(
    signers: Iterable[bytes], material: EmbeddedMaterial, anchors: Sequence[bytes]
) -> bool:
    """Tell whether the document holds revocation data for each path of these signers.

    Trusted and self-signed certificates and OCSP responders marked "no check" need none; other
    responders need some themselves.

    Args:
        signers: DER of the certificates that signed: the signature's and its time stamps'.
        material: everything embedded in the document.
        anchors: DER of certificates that are trusted as they are.
    """
    return _Search(material, anchors).complete(signers)


class _Search:
    """Follows the paths through what is embedded."""

    def __init__(self, material: EmbeddedMaterial, anchors: Sequence[bytes]) -> None:
        self.trusted = {fact.sha256: fact for fact in map(certificate_fact, anchors)}
        answers = [answer for der in material.ocsps for answer in _ocsp_answers(der)]
        responders = {der: None for _issuer, _serial, ders in answers for der in ders}
        embedded = map(certificate_fact, (*material.certificates, *responders))
        self.by_subject: dict[str, list[CertificateFact]] = {}
        for fact in (*self.trusted.values(), *embedded):
            self.by_subject.setdefault(fact.subject, []).append(fact)
        self.crl_issuers = {name for der in material.crls if (name := _crl_issuer(der))}
        self.responders: dict[tuple[bytes, int], tuple[bytes, ...]] = {
            (issuer, serial): ders for issuer, serial, ders in answers
        }

    def complete(self, signers: Iterable[bytes]) -> bool:
        """Whether every certificate on the way has an answer from or under its issuer."""
        if not self.crl_issuers and not self.responders:
            return False
        waiting = [certificate_fact(der) for der in signers]
        checked: set[str] = set()
        while waiting:
            for certificate, issuer in self._links(waiting.pop()):
                if certificate.sha256 in checked:
                    break
                checked.add(certificate.sha256)
                if issuer is None or len(checked) > _MAX_CHECKED:
                    return False
                responders = self._answer(certificate)
                if responders is None:
                    return False
                waiting += [item for item in responders if item != issuer]
        return True

    def _links(
        self, certificate: CertificateFact
    ) -> Iterator[tuple[CertificateFact, CertificateFact | None]]:
        """Give each certificate that needs an answer, with its issuer, up to where none is needed.

        Without its issuer's certificate nobody can tell what an answer about it is worth.
        """
        for _step in range(_MAX_PATH):
            exempt = certificate.self_signed or certificate.ocsp_no_check
            if exempt or certificate.sha256 in self.trusted:
                return
            named = self.by_subject.get(certificate.issuer, ())
            issuer = next((item for item in named if item != certificate), None)
            yield certificate, issuer
            if issuer is None:
                return
            certificate = issuer

    def _answer(self, certificate: CertificateFact) -> list[CertificateFact] | None:
        """Give the OCSP responders that answered for it, none for a CRL; None: nobody did."""
        issuer = _issuer_name(certificate.der)
        if issuer in self.crl_issuers:
            return []
        for name in _HASHES:
            digest = hashlib.new(name, issuer, usedforsecurity=False).digest()
            responders = self.responders.get((digest, int(certificate.serial or "0", 16)))
            if responders is not None:
                return [certificate_fact(der) for der in responders[:1]]
        return None


@lru_cache(maxsize=1024)
def _issuer_name(der: bytes) -> bytes:
    try:
        return bytes(asn1_x509.Certificate.load(der).issuer.dump())
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on a damaged certificate
        return b""


@lru_cache(maxsize=256)
def _crl_issuer(der: bytes) -> bytes:
    try:
        return bytes(asn1_crl.CertificateList.load(der)["tbs_cert_list"]["issuer"].dump())
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on a damaged list
        return b""


@lru_cache(maxsize=1024)
def _ocsp_answers(der: bytes) -> tuple[tuple[bytes, int, tuple[bytes, ...]], ...]:
    """Give (hash of the issuer's name, serial number, responder certificates) of each answer."""
    try:
        response = _basic_response(der)
        certificates = tuple(item.dump() for item in response["certs"] or ())
        return tuple(
            (
                answer["cert_id"]["issuer_name_hash"].native,
                answer["cert_id"]["serial_number"].native,
                certificates,
            )
            for answer in response["tbs_response_data"]["responses"]
        )
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on a damaged answer
        return ()


def _basic_response(der: bytes) -> asn1_ocsp.BasicOCSPResponse:
    try:
        response = asn1_ocsp.OCSPResponse.load(der)
        return response["response_bytes"]["response"].parsed
    except Exception:  # noqa: BLE001 - then it is the inner form, which some embed alone
        return asn1_ocsp.BasicOCSPResponse.load(der)
