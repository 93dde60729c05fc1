"""Through the front door: sign a PDF, validate it, and never pass a forgery of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import typst

from signer import Report, TrustStore, sign, validate
from tests.attacks.pdf_forgeries import SIMPLE
from tests.signer.pdf_documents import NOW, credential, signed

KINDS = ("p256", "rsa", "p384")


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A document of several pages with Polish text."""
    source: Path = tmp_path_factory.mktemp("typst") / "pismo.typ"
    source.write_text('#set text(lang: "pl")\n' + "= Pismo\n#lorem(400)\nŻółć\n#pagebreak()\n" * 4)
    return typst.compile(source)


def judged(data: bytes) -> Report:
    """Validate a document, trusting the test signers."""
    trust = TrustStore.from_certificates([credential(kind).certificate for kind in KINDS])
    return validate(data, trust=trust, at=NOW)


def test_a_document_signed_by_three_people_passes(letter: bytes) -> None:
    for count, kind in enumerate(KINDS, start=1):
        letter = sign(letter, credential(kind), format="pades", now=NOW)
        report = judged(letter).to_dict()

        assert report["conclusion"]["indication"] == "TOTAL_PASSED"
        assert report["document"]["kind"] == "pdf"
        assert [item["level"] for item in report["signatures"]] == ["PAdES-BASELINE-B"] * count
        assert all(item["changed_after"] == [] for item in report["signatures"])


@pytest.mark.parametrize("name", SIMPLE)
def test_a_forgery_never_passes(name: str) -> None:
    assert judged(signed()).conclusion.indication == "TOTAL_PASSED"
    assert judged(SIMPLE[name](signed())).conclusion.indication in ("TOTAL_FAILED", "INDETERMINATE")


@pytest.mark.parametrize("name", [name for name in SIMPLE if name.startswith(("STRIP", "ISA-2"))])
def test_stripped_and_appended_bytes_are_format_failures(name: str) -> None:
    conclusion = judged(SIMPLE[name](signed())).conclusion

    assert (conclusion.indication, conclusion.sub_indication) == ("TOTAL_FAILED", "FORMAT_FAILURE")


def test_a_filled_in_field_is_listed_and_does_not_pass() -> None:
    report = judged(SIMPLE["SHD-2 field value and image"](signed())).to_dict()

    assert report["conclusion"]["indication"] == "INDETERMINATE"
    assert "form field “kwota”: its value was changed" in report["signatures"][0]["changed_after"]
