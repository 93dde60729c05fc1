"""The front door: what others rely on, for any bytes whatever."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import sys
import zipfile

import pytest

import signer
from signer import InputError, Policy, SignerError, SourceError, TrustStore, validate
from tests.signer import xml_signatures as xml
from tests.signer.trust_pki import NOW

NOBODY = TrustStore.from_certificates([])

EXPORTS = {
    "AnchorKind", "Cache", "Credential", "Fetcher", "InputError", "MemoryCache",
    "Pkcs12Credential", "Policy", "Report", "SignatureReport", "SignerError", "SourceError",
    "TrustStore", "is_sandbox_certificate", "sign", "validate",
}  # fmt: skip


def test_the_front_door_exports_what_it_says() -> None:
    assert set(signer.__all__) == EXPORTS
    assert all(getattr(signer, name) is not None for name in EXPORTS)
    with pytest.raises(AttributeError):
        signer.nothing  # noqa: B018 - the access is the test


def test_errors_are_of_one_tree() -> None:
    assert issubclass(InputError, SignerError)
    assert issubclass(SourceError, SignerError)


def test_importing_the_front_door_loads_no_format() -> None:
    heavy = "('lxml', 'xmlsec', 'cryptography', 'pyhanko')"
    code = f"import signer, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def container(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.etsi.asic-{name}+zip")
        archive.writestr("META-INF/signatures.xml", "<x/>")
        archive.writestr("a.txt", "a")
    return file.getvalue()


UNREADABLE = {
    "nothing": b"",
    "blanks": b"   ",
    "text": b"Dear Sir or Madam",
    "half a tag": b"<doc",
    "a DTD": b'<!DOCTYPE d [<!ENTITY e "x">]><d>&e;</d>',
    "another encoding": '<?xml version="1.0" encoding="ISO-8859-2"?><d>ł</d>'.encode("iso-8859-2"),
    "a web page": b"<!doctype html><html></html>",
    "half a PDF": b"%PDF-1.7\n1 0 obj",
    "zeros": bytes(1000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
}


@pytest.mark.parametrize("row", UNREADABLE)
def test_what_cannot_be_read_is_a_verdict_with_a_reason(row: str) -> None:
    report = validate(UNREADABLE[row], trust=NOBODY, at=NOW)
    assert report.conclusion.indication == "TOTAL_FAILED"
    assert report.conclusion.sub_indication == "FORMAT_FAILURE"
    assert report.conclusion.reason


@pytest.mark.parametrize("data", [container("e"), container("s")], ids=["ASiC-E", "ASiC-S"])
def test_a_format_not_judged_yet_is_said_so_and_never_passed(data: bytes) -> None:
    report = validate(data, trust=NOBODY, at=NOW)
    assert report.conclusion.indication == "INDETERMINATE"
    assert report.conclusion.cause == "UNSUPPORTED"
    assert report.document.kind.startswith("asic")


@pytest.mark.parametrize("data", [b"<doc/>", b'<?xml version="1.0"?><a><Signature/></a>'])
def test_an_unsigned_document_has_no_signature(data: bytes) -> None:
    report = validate(data, trust=NOBODY, at=NOW)
    assert report.conclusion.indication == "NO_SIGNATURE"
    assert report.signatures == ()


def test_a_file_may_be_given_at_any_position() -> None:
    file = io.BytesIO(xml.enveloped())
    file.seek(10)
    assert validate(file, trust=NOBODY, at=NOW).document.bytes == len(xml.enveloped())


def test_now_is_taken_once_where_no_instant_is_given() -> None:
    report = validate(xml.counterpart(), trust=NOBODY)
    times = {one.best_signature_time for one in report.signatures}
    assert len(report.signatures) == 2
    assert len(times) == 1


def test_an_instant_without_a_zone_is_the_caller_s_fault() -> None:
    with pytest.raises(InputError, match="time zone"):
        validate(b"<a/>", trust=NOBODY, at=dt.datetime(2026, 1, 1))  # noqa: DTZ001 - the fault


def test_an_unknown_policy_is_the_caller_s_fault() -> None:
    with pytest.raises(InputError, match="default, strict-qes, dss-defaults"):
        validate(b"<a/>", trust=NOBODY, policy="lenient")


@pytest.mark.parametrize("name", ["default", "strict-qes", "dss-defaults"])
def test_the_built_in_policies_load(name: str) -> None:
    policy = Policy.named(name)
    assert policy.name == name
    report = validate(xml.enveloped(), trust=NOBODY, at=NOW, policy=policy)
    assert report.conclusion.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_the_instant_decides_over_the_certificate() -> None:
    ca_trusting = TrustStore.from_certificates([xml.authority().der])
    data = xml.signed_under_authority()
    late = validate(data, trust=ca_trusting, at=NOW + dt.timedelta(days=3650))
    assert late.conclusion.sub_indication == "OUT_OF_BOUNDS_NO_POE"
    offline = validate(data, trust=ca_trusting, at=NOW)
    assert offline.conclusion.sub_indication == "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    assert offline.conclusion.cause == "REVOCATION_UNKNOWN_OFFLINE"


def test_a_reader_that_fails_gives_a_verdict(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("signer.xades.observe", fail)
    report = validate(xml.enveloped(), trust=NOBODY, at=NOW)
    assert report.conclusion.sub_indication == "FORMAT_FAILURE"
    assert "could not be observed" in caplog.text
