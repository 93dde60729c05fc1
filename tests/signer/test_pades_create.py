"""A PDF document signed here is a PAdES B-B signature to us, to pyHanko and to poppler."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import typst
from asn1crypto import x509
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signer import InputError
from signer.cms import object_identifiers as oid
from signer.cms import read_signed_data
from signer.credentials import Pkcs12Credential
from signer.pades import create, observe
from signer.validation.facts import KeyFact
from tests.signer.pdf_documents import (
    NOW,
    OBJECTS,
    credential,
    faults,
    increment,
    pdf,
    signed,
    stream,
)

KINDS = ["rsa", "p256", "p384", "p521", "ed25519"]


@pytest.fixture(scope="session")
def decision(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real document of several pages, Polish text and an image."""
    folder = tmp_path_factory.mktemp("typst")
    Image.new("RGB", (300, 200), "navy").save(folder / "herb.png")
    pages = "\n#pagebreak()\n".join(
        f"= Decyzja nr {n}\n" + "Zażółć gęślą jaźń. " * 80 + '\n#image("herb.png", width: 40%)'
        for n in range(1, 6)
    )
    source = folder / "decyzja.typ"
    source.write_text('#set document(title: "Decyzja")\n#set text(lang: "pl")\n' + pages)
    return typst.compile(source)


@pytest.mark.parametrize("kind", KINDS)
def test_what_we_sign_is_a_baseline_signature(kind: str) -> None:
    data = create(pdf(), credential(kind), now=NOW)
    (signature,) = observe(data).signatures

    assert faults(data) == []
    assert (signature.format, signature.level, signature.baseline) == (
        "PAdES",
        "PAdES-BASELINE-B",
        "B",
    )
    assert signature.claimed_signing_time == NOW
    assert signature.signing_certificate_reference.matches
    assert signature.pdf is not None
    assert signature.pdf.covers_whole_file
    assert signature.pdf.sub_filter == "ETSI.CAdES.detached"


@pytest.mark.parametrize("kind", KINDS)
def test_pyhanko_accepts_what_we_sign(kind: str, decision: bytes) -> None:
    data = create(create(decision, credential(kind), now=NOW), credential("rsa"), now=NOW)
    reader = PdfFileReader(io.BytesIO(data))
    first, second = reader.embedded_signatures

    for signature, key in ((first, kind), (second, "rsa")):
        root = x509.Certificate.load(credential(key).certificate)
        context = ValidationContext(trust_roots=[root], moment=NOW, allow_fetching=False)
        status = asyncio.run(async_validate_pdf_signature(signature, context))
        assert status.bottom_line, status.pretty_print_details()


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler's pdfsig is not installed")
@pytest.mark.parametrize("kind", ["rsa", "p256", "p384"])
def test_poppler_accepts_what_we_sign(kind: str, decision: bytes, tmp_path: Path) -> None:
    file = tmp_path / "signed.pdf"
    file.write_bytes(create(decision, credential(kind), now=NOW))

    said = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True)

    assert "Signature is Valid" in said.stdout
    assert "Total document signed" in said.stdout


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_nothing_wrong_with_what_we_sign(decision: bytes, tmp_path: Path) -> None:
    file = tmp_path / "signed.pdf"
    file.write_bytes(create(decision, credential(), now=NOW))

    subprocess.run(["qpdf", "--check", file], capture_output=True, check=True)


def test_a_real_document_signed_three_times_passes(decision: bytes) -> None:
    data = decision
    for kind in ("p256", "rsa", "p384"):
        data = create(data, credential(kind), now=NOW)

    assert data.startswith(decision)
    assert faults(data, count=3) == []


@dataclass
class CountingCredential:
    """Counts how often the key is used."""

    inner: Pkcs12Credential
    signatures: list[int] = field(default_factory=list)

    @property
    def certificate(self) -> bytes:
        return self.inner.certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        return self.inner.chain

    @property
    def key(self) -> KeyFact:
        return self.inner.key

    def sign(self, data: bytes, *, digest: str = "SHA256", scheme: str | None = None) -> bytes:
        self.signatures.append(len(data))
        return self.inner.sign(data, digest=digest, scheme=scheme)


def test_one_signature_uses_the_key_once() -> None:
    counting = CountingCredential(credential())
    create(pdf(), counting, now=NOW)

    assert len(counting.signatures) == 1


def test_the_cms_states_no_signing_time_and_nothing_superfluous() -> None:
    contents = signed()[signed().index(b"/Contents <") + 11 :]
    cms = read_signed_data(bytes.fromhex(contents[: contents.index(b">")].decode()))

    assert set(cms.signers[0].signed_attributes) == {
        oid.CONTENT_TYPE,
        oid.MESSAGE_DIGEST,
        oid.SIGNING_CERTIFICATE_V2,
    }
    assert cms.content is None
    assert cms.certificates == (credential().certificate,)


def test_time_reason_name_and_place_are_stated_as_given() -> None:
    warsaw = datetime(2026, 11, 23, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    data = create(
        pdf(),
        credential(),
        now=warsaw,
        reason="Zgoda – łącznie",
        name="Anna Żółć",
        location="Lubań",
    )
    (signature,) = observe(data).signatures

    assert signature.claimed_signing_time == warsaw.astimezone(UTC)
    assert signature.pdf is not None
    assert signature.pdf.reason == "Zgoda – łącznie"


def test_a_trusted_profile_reason_names_the_person() -> None:
    reason = (
        "Opatrzono pieczęcią ministra właściwego do spraw informatyzacji w imieniu: JAN MARIA"
        " NOWAK-KOWALSKI, PESEL: 44051401458, PZ ID: jan.nowak"
    )
    (signature,) = observe(create(pdf(), credential(), now=NOW, reason=reason)).signatures
    (claim,) = signature.signed_properties.person_claims

    assert (claim.given_name, claim.family_name) == ("JAN MARIA", "NOWAK-KOWALSKI")
    assert claim.pesel == "44051401458"
    assert claim.source == "trusted_profile_reason"


# --- what cannot be signed ------------------------------------------------------------------------

_CERTIFIED = {
    1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/Perms<</DocMDP 50 0 R>>>>",
    50: b"<</Type/Sig/Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]>>",
}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "no %PDF- header"),
        (b"hello", "no %PDF- header"),
        (pdf()[:-300], "no %%EOF"),
        (pdf() + b"more", "after the last %%EOF"),
        (pdf().replace(b"startxref\n", b"startxref\n9"), "outside the file"),
        (pdf(OBJECTS, b"/Root 99 0 R"), "no document catalog"),
        (increment(pdf(), {}, trailer=b"/Encrypt<</Filter/Standard/V 1>>"), "encrypted"),
        (increment(signed(), {1: OBJECTS[1], 6: OBJECTS[6]}), "damaged or removed signature"),
        (increment(pdf(), _CERTIFIED), "nothing may be added"),
        (pdf().replace(b"/Size 11", b"/Size 5 "), "/Size"),
        (increment(pdf(), {2: stream(b"no pages")}), "damaged or unusual"),
    ],
)
def test_a_document_that_cannot_be_signed_is_refused_with_a_reason(
    document: bytes, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        create(document, credential(), now=NOW)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"level": "T"}, "level B, not T"),
        ({"now": datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001 - that is the fault
        ({"field_name": "kwota"}, "no signature field"),
        ({"field_name": "a.b"}, "a dot"),
        ({"field_name": ""}, "empty"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        create(pdf(), credential(), **{"now": NOW, **options})  # type: ignore[arg-type]  # on purpose


def test_a_signed_field_is_not_signed_again() -> None:
    with pytest.raises(InputError, match="signed already"):
        create(signed(), credential(), now=NOW, field_name="Signature1")
