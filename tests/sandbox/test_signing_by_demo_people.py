"""pyHanko, which knows nothing of the sandbox, signs with its people and validates to its root."""

import io
from typing import Any

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

from sandbox import Credentials
from tests.sandbox_fixtures import RunningSandbox


def blank_pdf() -> bytes:
    """The smallest PDF: one empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>>>",
    )
    body, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, content in enumerate(objects, start=1):
        table += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    trailer = b"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 4\n" + table + trailer


def sign(credentials: Credentials, timestamp_url: str | None = None) -> bytes:
    signer = signers.SimpleSigner.load_pkcs12_data(
        credentials.pkcs12, other_certs=(), passphrase=credentials.password.encode()
    )
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    http_stamper: Any = HTTPTimeStamper  # pyHanko leaves its constructor untyped
    out = signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(blank_pdf())),
        metadata,
        signer=signer,
        timestamper=http_stamper(timestamp_url) if timestamp_url else None,
    )
    return bytes(out.getvalue())


def validate(server: RunningSandbox, pdf: bytes, trusted: str = "root") -> PdfSignatureStatus:
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(server.sandbox.certificate(trusted))],
        allow_fetching=True,
        revocation_mode="hard-fail",
        fetcher_backend=RequestsFetcherBackend(),
    )
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(signature, context, ts_validation_context=context)


def test_a_citizens_signature_is_valid_up_to_the_root(sandbox_server: RunningSandbox) -> None:
    status = validate(sandbox_server, sign(sandbox_server.sandbox.credential("anna")))
    assert status.bottom_line
    assert status.trusted
    assert status.signing_cert.subject.native["serial_number"] == "PNOPL-81820310122"


def test_an_offices_seal_with_a_time_stamp_is_valid_up_to_the_root(
    sandbox_server: RunningSandbox,
) -> None:
    world = sandbox_server.sandbox
    status = validate(sandbox_server, sign(world.seal("umluban"), world.timestamp_url))
    assert status.bottom_line
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.trusted


@pytest.mark.parametrize(
    ("person", "fault"),
    [
        ("krystyna", AdESIndeterminate.REVOKED_NO_POE),
        ("wiktor", AdESIndeterminate.OUT_OF_BOUNDS_NO_POE),
    ],
)
def test_a_signature_with_a_bad_certificate_is_not_trusted(
    sandbox_server: RunningSandbox, person: str, fault: AdESIndeterminate
) -> None:
    status = validate(sandbox_server, sign(sandbox_server.sandbox.credential(person)))
    assert status.intact
    assert not status.trusted
    assert status.trust_problem_indic is fault


def test_a_signature_is_not_trusted_without_the_sandboxs_root(
    sandbox_server: RunningSandbox,
) -> None:
    pdf = sign(sandbox_server.sandbox.credential("anna"))
    assert not validate(sandbox_server, pdf, trusted="tsa").trusted
