"""OCSP, CRL, certificates and time stamps, asked by clients that know nothing of the sandbox."""

import hashlib
import secrets
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from asn1crypto import algos, core, crl, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as pyca_ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from sandbox import PEOPLE, CertificateState, Person
from sandbox.pki.services import MAX_REQUEST_BYTES
from tests.sandbox_fixtures import RunningSandbox

TIMESTAMP_REPLY = "application/timestamp-reply"
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl command here")


def certificate(server: RunningSandbox, label: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(server.sandbox.certificate(label))


def access_urls(of: x509.Certificate, method: x509.ObjectIdentifier) -> list[str]:
    access = of.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    return [d.access_location.value for d in access if d.access_method == method]


def ask_status(
    server: RunningSandbox, label: str, digest: hashes.HashAlgorithm, nonce: bytes
) -> pyca_ocsp.OCSPResponse:
    own, issuer = certificate(server, label), certificate(server, "ca")
    builder = pyca_ocsp.OCSPRequestBuilder().add_certificate(own, issuer, digest)
    request = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build()
    (url,) = access_urls(own, AuthorityInformationAccessOID.OCSP)
    answer = requests.post(url, data=request.public_bytes(Encoding.DER), timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/ocsp-response"
    return pyca_ocsp.load_der_ocsp_response(answer.content)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.person_id)
@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA256()], ids=["sha1", "sha256"])  # noqa: S303
def test_ocsp_tells_the_revoked_from_the_good(
    sandbox_server: RunningSandbox, person: Person, digest: hashes.HashAlgorithm
) -> None:
    nonce = secrets.token_bytes(16)
    answer = ask_status(sandbox_server, person.person_id, digest, nonce)
    assert answer.response_status is pyca_ocsp.OCSPResponseStatus.SUCCESSFUL
    revoked = person.certificate_state is CertificateState.REVOKED
    good, bad = pyca_ocsp.OCSPCertStatus.GOOD, pyca_ocsp.OCSPCertStatus.REVOKED
    assert answer.certificate_status is (bad if revoked else good)
    if revoked:
        assert answer.revocation_reason is x509.ReasonFlags.key_compromise
        assert answer.revocation_time_utc is not None
        assert answer.revocation_time_utc < sandbox_server.sandbox.created
    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    assert timedelta(0) <= datetime.now(UTC) - answer.this_update_utc < timedelta(minutes=1)


def test_ocsp_answers_are_signed_by_a_responder_of_the_issuer(
    sandbox_server: RunningSandbox,
) -> None:
    answer = ask_status(sandbox_server, "anna", hashes.SHA256(), b"0123456789abcdef")
    (responder,) = answer.certificates
    responder.verify_directly_issued_by(certificate(sandbox_server, "ca"))
    usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    key = responder.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert answer.signature_hash_algorithm is not None
    algorithm = ec.ECDSA(answer.signature_hash_algorithm)
    key.verify(answer.signature, answer.tbs_response_bytes, algorithm)


def test_ocsp_knows_nothing_of_certificates_of_other_issuers(
    sandbox_server: RunningSandbox,
) -> None:
    root, ca = certificate(sandbox_server, "root"), certificate(sandbox_server, "ca")
    request = pyca_ocsp.OCSPRequestBuilder().add_certificate(ca, root, hashes.SHA256()).build()
    url = f"{sandbox_server.base_url}/pki/ocsp/ca"
    answer = requests.post(url, data=request.public_bytes(Encoding.DER), timeout=10)
    status = pyca_ocsp.load_der_ocsp_response(answer.content).response_status
    assert status is pyca_ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize(("label", "issuer"), [("anna", "ca"), ("ca", "root"), ("tsa", "root")])
def test_the_revocation_list_is_where_the_certificate_says(
    sandbox_server: RunningSandbox, label: str, issuer: str
) -> None:
    extensions = certificate(sandbox_server, label).extensions
    (point,) = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    answer = requests.get(point.full_name[0].value, timeout=10)
    assert answer.headers["Content-Type"] == "application/pkix-crl"
    revoked = x509.load_der_x509_crl(answer.content)
    assert revoked.is_signature_valid(certificate(sandbox_server, issuer).public_key())  # type: ignore[arg-type]  # RSA
    assert revoked.next_update_utc is not None
    assert revoked.last_update_utc <= datetime.now(UTC) < revoked.next_update_utc
    expected = {certificate(sandbox_server, "krystyna").serial_number} if issuer == "ca" else set()
    assert {entry.serial_number for entry in revoked} == expected


@pytest.mark.parametrize("issuer", ["ca", "root"])
def test_the_revocation_list_is_encoded_as_rfc_5280_says(
    sandbox_server: RunningSandbox, issuer: str
) -> None:
    url = f"{sandbox_server.base_url}/pki/crls/{issuer}/latest.crl"
    listed = crl.CertificateList.load(requests.get(url, timeout=10).content)["tbs_cert_list"]
    assert {listed["this_update"].name, listed["next_update"].name} == {"utc_time"}
    entries = listed["revoked_certificates"]
    if issuer == "root":
        assert isinstance(entries, core.Void), "an empty list is left out"
    else:
        assert [entry["revocation_date"].name for entry in entries] == ["utc_time"]


@pytest.mark.parametrize(("label", "issuer"), [("anna", "ca"), ("ca", "root"), ("tsa", "root")])
def test_the_issuers_certificate_is_where_the_certificate_says(
    sandbox_server: RunningSandbox, label: str, issuer: str
) -> None:
    own = certificate(sandbox_server, label)
    (url,) = access_urls(own, AuthorityInformationAccessOID.CA_ISSUERS)
    answer = requests.get(url, timeout=10)
    assert answer.headers["Content-Type"] == "application/pkix-cert"
    assert answer.content == sandbox_server.sandbox.certificate(issuer)


def timestamp_request(**changed: object) -> tsp.TimeStampReq:
    digest = algos.DigestAlgorithm({"algorithm": "sha256"})
    imprint = {"hash_algorithm": digest, "hashed_message": bytes(32)}
    return tsp.TimeStampReq(
        {"version": 1, "message_imprint": imprint, "nonce": 7, "cert_req": True, **changed}
    )


def ask_stamp(server: RunningSandbox, request: bytes) -> requests.Response:
    url = server.sandbox.timestamp_url
    headers = {"Content-Type": "application/timestamp-query"}
    return requests.post(url, data=request, headers=headers, timeout=10)


def test_a_time_stamp_follows_the_european_profile(sandbox_server: RunningSandbox) -> None:
    answer = ask_stamp(sandbox_server, timestamp_request().dump())
    assert answer.headers["Content-Type"] == TIMESTAMP_REPLY
    signed = tsp.TimeStampResp.load(answer.content)["time_stamp_token"]["content"]
    told = signed["encap_content_info"]["content"].parsed
    assert told["policy"].native == "0.4.0.2023.1.1"
    assert told["accuracy"].native == {"seconds": 1, "millis": None, "micros": None}
    assert told["nonce"].native == 7
    assert abs(told["gen_time"].native - datetime.now(UTC)) < timedelta(minutes=1)
    attributes = {
        a["type"].native: a["values"][0] for a in signed["signer_infos"][0]["signed_attrs"]
    }
    (named,) = attributes["signing_certificate_v2"]["certs"]
    stamper = sandbox_server.sandbox.certificate("tsa")
    assert named["cert_hash"].native == hashlib.sha256(stamper).digest()
    assert [c.dump() for c in signed["certificates"]] == [stamper]


def test_a_time_stamp_leaves_the_certificate_out_when_it_is_not_wanted(
    sandbox_server: RunningSandbox,
) -> None:
    answer = ask_stamp(sandbox_server, timestamp_request(cert_req=False).dump())
    signed = tsp.TimeStampResp.load(answer.content)["time_stamp_token"]["content"]
    assert len(signed["certificates"]) == 0


SHA1 = algos.DigestAlgorithm({"algorithm": "sha1"})
SHA512 = algos.DigestAlgorithm({"algorithm": "sha512"})


@pytest.mark.parametrize(
    ("changed", "failure_bit"),
    [
        ({"message_imprint": {"hash_algorithm": SHA1, "hashed_message": bytes(20)}}, 0),
        ({"message_imprint": {"hash_algorithm": SHA512, "hashed_message": bytes(32)}}, 5),
        ({"req_policy": "1.2.3.4"}, 15),
    ],
    ids=["weak digest", "digest of the wrong length", "foreign policy"],
)
def test_a_time_stamp_that_would_be_worth_nothing_is_refused(
    sandbox_server: RunningSandbox, changed: dict[str, object], failure_bit: int
) -> None:
    answer = ask_stamp(sandbox_server, timestamp_request(**changed).dump())
    status = core.Sequence.load(answer.content)[0]
    assert status[0].native == 2, "rejection (RFC 3161 2.4.2)"
    assert status[1].native[failure_bit] == 1


def test_nobody_chooses_the_time_of_an_answer(sandbox_server: RunningSandbox) -> None:
    headers = {"X-Certomancer-Fake-Time": "2001-01-01T00:00:00+00:00"}
    url = sandbox_server.sandbox.timestamp_url
    answer = requests.post(url, data=timestamp_request().dump(), headers=headers, timeout=10)
    token = tsp.TimeStampResp.load(answer.content)["time_stamp_token"]
    told = token["content"]["encap_content_info"]["content"].parsed
    assert told["gen_time"].native.year >= 2026


@pytest.mark.parametrize("service", ["ocsp/ca", "tsa/tsa"])
@pytest.mark.parametrize(
    "body", [b"", b"rubbish", b"\x30\x80", b"\x30\x03\x02\x01\x01", b"\x30" * 40_000]
)
def test_an_unreadable_request_is_refused_and_nothing_breaks(
    sandbox_server: RunningSandbox, service: str, body: bytes
) -> None:
    url = f"{sandbox_server.base_url}/pki/{service}"
    assert requests.post(url, data=body, timeout=10).status_code == 400


@pytest.mark.parametrize("service", ["ocsp/ca", "tsa/tsa"])
def test_a_request_too_large_is_refused(sandbox_server: RunningSandbox, service: str) -> None:
    url = f"{sandbox_server.base_url}/pki/{service}"
    too_large = bytes(MAX_REQUEST_BYTES + 1)
    assert requests.post(url, data=too_large, timeout=10).status_code == 413
    assert requests.post(url, data=iter([b"endless"]), timeout=10).status_code == 411


@pytest.mark.parametrize(
    "path",
    [
        "/_certomancer/any-cert/pki/anna.crt",
        "/_certomancer/cert-bundle/pki",
        "/pki/certs/ca/issued/anna.crt",
        "/pki/crls/ca/archive-1.crl",
        "/pki/crls/nobody/latest.crl",
        "/pki/ocsp/ca",
        "/pki/../ready/keys/root.pem",
    ],
)
def test_keys_and_peoples_certificates_are_not_for_download(
    sandbox_server: RunningSandbox, path: str
) -> None:
    assert requests.get(sandbox_server.base_url + path, timeout=10).status_code in (404, 405)


@pytest.fixture
def pem_files(sandbox_server: RunningSandbox, tmp_path: Path) -> Path:
    for label in ("root", "ca", "anna", "krystyna"):
        pem = certificate(sandbox_server, label).public_bytes(Encoding.PEM)
        (tmp_path / f"{label}.pem").write_bytes(pem)
    chain = (tmp_path / "root.pem").read_bytes() + (tmp_path / "ca.pem").read_bytes()
    (tmp_path / "chain.pem").write_bytes(chain)
    return tmp_path


def openssl(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


@needs_openssl
@pytest.mark.parametrize(("label", "status"), [("anna", "good"), ("krystyna", "revoked")])
def test_openssl_believes_the_ocsp_answers(
    sandbox_server: RunningSandbox, pem_files: Path, label: str, status: str
) -> None:
    said = openssl(
        pem_files,
        *("ocsp", "-issuer", "ca.pem", "-cert", f"{label}.pem", "-CAfile", "chain.pem"),
        *("-url", f"{sandbox_server.base_url}/pki/ocsp/ca"),
    )
    assert "Response verify OK" in said
    assert f"{label}.pem: {status}" in said


@needs_openssl
def test_openssl_believes_the_time_stamps(sandbox_server: RunningSandbox, pem_files: Path) -> None:
    (pem_files / "letter").write_bytes(b"the letter")
    query = "ts -query -data letter -sha512 -cert -out letter.tsq"
    openssl(pem_files, *query.split())
    answer = ask_stamp(sandbox_server, (pem_files / "letter.tsq").read_bytes())
    (pem_files / "letter.tsr").write_bytes(answer.content)
    verify = "ts -verify -queryfile letter.tsq -in letter.tsr -CAfile root.pem"
    assert "Verification: OK" in openssl(pem_files, *verify.split())
