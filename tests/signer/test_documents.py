"""A file is what its content says, whatever it is called."""

from __future__ import annotations

import io
import zipfile

import pytest

from signer.documents import kind_of, pdf_problems
from signer.validation.facts import DocumentKind, ProblemCode
from tests.signer.pdf_documents import pdf, signed


def archive(*entries: tuple[str, str]) -> bytes:
    """Give a ZIP file of these entries, stored."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as target:
        for name, content in entries:
            target.writestr(name, content)
    return sink.getvalue()


SIGNED_DATA = bytes.fromhex("3080 06092a864886f70d010702 a080 0000 0000")
MIMETYPE_E = ("mimetype", "application/vnd.etsi.asic-e+zip")
MIMETYPE_S = ("mimetype", "application/vnd.etsi.asic-s+zip")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pdf(), DocumentKind.PDF),
        (b"\n" * 100 + pdf(), DocumentKind.PDF),
        (b"\xff\xd8\xff\xe0" + b"x" * 900 + pdf(), DocumentKind.PDF),
        (b"<a/>", DocumentKind.XML),
        (b'<?xml version="1.0"?><a/>', DocumentKind.XML),
        (b"\xef\xbb\xbf \n<a/>", DocumentKind.XML),
        ("\ufeff<a/>".encode("utf-16-le"), DocumentKind.XML),
        ("\ufeff<a/>".encode("utf-16-be"), DocumentKind.XML),
        ("<a/>".encode("utf-16-le"), DocumentKind.XML),
        (b"<!DOCTYPE html><html>", DocumentKind.UNKNOWN),
        (b"<HTML><body>", DocumentKind.UNKNOWN),
        (SIGNED_DATA, DocumentKind.CMS),
        (b"-----BEGIN PKCS7-----\nMII", DocumentKind.CMS),
        (b"\x30\x03\x02\x01\x01", DocumentKind.UNKNOWN),
        (archive(MIMETYPE_E, ("a.xml", "<a/>")), DocumentKind.ASIC_E),
        (archive(MIMETYPE_S, ("a.xml", "<a/>")), DocumentKind.ASIC_S),
        (archive(("a", ""), ("META-INF/signatures.xml", "")), DocumentKind.ASIC_S),
        (archive(("a", ""), ("META-INF/signature.p7s", "")), DocumentKind.ASIC_S),
        (archive(("a", ""), ("b", ""), ("META-INF/signatures001.xml", "")), DocumentKind.ASIC_E),
        (archive(("a", ""), ("META-INF/ASiCManifest.xml", "")), DocumentKind.ASIC_E),
        (archive(("a.pdf", pdf().decode("latin-1"))), DocumentKind.UNKNOWN),
        (archive(*[(f"n{i}", "") for i in range(1_001)]), DocumentKind.UNKNOWN),
        (b"PK\x03\x04 and nothing more", DocumentKind.UNKNOWN),
        (b"hello", DocumentKind.UNKNOWN),
        (b"", DocumentKind.UNKNOWN),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_content(data: bytes, kind: DocumentKind) -> None:
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b" " + pdf(), ProblemCode.AMBIGUOUS),
        (b"x" * 1_000 + pdf(), ProblemCode.AMBIGUOUS),
        (b"no header", ProblemCode.UNREADABLE),
        (pdf()[:-6], ProblemCode.STRUCTURE),
        (pdf() + b"x", ProblemCode.AMBIGUOUS),
        (pdf() + archive(("a", "b")), ProblemCode.AMBIGUOUS),
        (pdf().replace(b"%\xe2", b"%<script>\xe2", 1), ProblemCode.AMBIGUOUS),
        (pdf().replace(b"%\xe2", b"%\xff\xd8\xff\xe2", 1), ProblemCode.AMBIGUOUS),
        (pdf() + b"startxref 1 %%EOF\n" * 2_001, ProblemCode.LIMIT),
    ],
)
def test_a_pdf_that_two_readers_may_read_differently_is_named(
    data: bytes, code: ProblemCode
) -> None:
    assert code in {problem.code for problem in pdf_problems(data)}


@pytest.mark.parametrize("data", [pdf(), signed(), pdf() + b"\r\n\0 \t"])
def test_an_ordinary_pdf_has_no_problem(data: bytes) -> None:
    assert pdf_problems(data) == ()
