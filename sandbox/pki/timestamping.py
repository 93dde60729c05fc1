"""Time stamps as ETSI EN 319 422 profiles RFC 3161.

Certomancer's own time stamper grants every request, names its certificate by SHA-1 and borrows
the policy of another authority. A strict validator rightly objects, so the token is built here;
key, certificate and clock remain Certomancer's.
"""

import hashlib
import secrets
from datetime import datetime

from asn1crypto import algos, cms, core, tsp, x509
from certomancer.crypto_utils import generic_sign
from certomancer.services import TimeStamper

from sandbox.pki.profiles import TIMESTAMP_POLICY

_ACCURACY_SECONDS = 1
_DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}
"""The message imprints accepted, by the length of their digest (ETSI TS 119 312)."""
_OWN_DIGEST = "sha256"
_SERIAL_BITS = 64


class QualifiedTimeStamper(TimeStamper):
    """Answers one time-stamp request; `fixed_dt` is the time it tells."""

    def request_tsa_response(self, req: tsp.TimeStampReq) -> "tsp.TimeStampResp | _Refusal":
        """Grant a well-made request; else tell the failure of RFC 3161 2.4.2."""
        failure = _failure(req)
        if failure is not None:
            return _Refusal({"status": {"status": "rejection", "fail_info": {failure}}})
        token = self._token(self._tst_info(req), with_certificate=req["cert_req"].native)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})

    def _tst_info(self, req: tsp.TimeStampReq) -> bytes:
        told: dict[str, object] = {
            "version": "v1",
            "policy": TIMESTAMP_POLICY,
            "message_imprint": req["message_imprint"],
            "serial_number": secrets.randbits(_SERIAL_BITS),
            "gen_time": self._time(),
            "accuracy": {"seconds": _ACCURACY_SECONDS},
            "ordering": False,
            "tsa": x509.GeneralName(name="directory_name", value=self.tsa_cert.subject),
        }
        if isinstance(req["nonce"], core.Integer):
            told["nonce"] = req["nonce"]
        return bytes(tsp.TSTInfo(told).dump())

    def _token(self, tst_info: bytes, *, with_certificate: bool) -> cms.ContentInfo:
        digest = algos.DigestAlgorithm({"algorithm": _OWN_DIGEST})
        signed = {
            "version": "v3",
            "digest_algorithms": [digest],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": cms.ParsableOctetString(tst_info),
            },
            "signer_infos": [self._signer_info(tst_info, digest)],
        }
        if with_certificate:
            signed["certificates"] = [self.tsa_cert]
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})

    def _signer_info(self, tst_info: bytes, digest: algos.DigestAlgorithm) -> cms.SignerInfo:
        attributes = self._signed_attributes(tst_info)
        issuer_and_serial = cms.IssuerAndSerialNumber(
            {"issuer": self.tsa_cert.issuer, "serial_number": self.tsa_cert.serial_number}
        )
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier("issuer_and_serial_number", issuer_and_serial),
                "digest_algorithm": digest,
                "signature_algorithm": self.signature_algo,
                "signed_attrs": attributes,
                "signature": generic_sign(self.tsa_key, attributes.dump(), self.signature_algo),
            }
        )

    def _signed_attributes(self, tst_info: bytes) -> cms.CMSAttributes:
        # EN 319 422 5.2.1 with RFC 5816: the certificate named by SHA-256, the default of v2
        own = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(self.tsa_cert.dump()).digest()})
        return cms.CMSAttributes(
            [
                {"type": name, "values": [value]}
                for name, value in (
                    ("content_type", "tst_info"),
                    ("signing_time", cms.Time("utc_time", self._time())),
                    ("message_digest", hashlib.new(_OWN_DIGEST, tst_info).digest()),
                    ("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [own]})),
                )
            ]
        )

    def _time(self) -> datetime:
        if self.fixed_dt is None:
            raise ValueError("the time stamper was made without a time")
        return self.fixed_dt


class _Refusal(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    """A TimeStampResp without a token; asn1crypto forgets that the token is optional."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012  # asn1crypto's way


def _failure(req: tsp.TimeStampReq) -> str | None:
    """Name what is wrong with a request, None when nothing is."""
    if req["version"].native != "v1":
        return "bad_request"
    imprint = req["message_imprint"]
    length = _DIGEST_BYTES.get(imprint["hash_algorithm"]["algorithm"].native)
    if length is None:
        return "bad_alg"
    if len(imprint["hashed_message"].native) != length:
        return "bad_data_format"
    if req["req_policy"].native not in (None, TIMESTAMP_POLICY):
        return "unaccepted_policy"
    if req["extensions"].native:
        return "unaccepted_extensions"
    return None
