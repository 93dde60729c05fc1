"""The report: the whole JSON contract, plain words in two languages, PESEL masked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from signer.validation.facts import ProblemCode
from signer.validation.indications import Indication, SubIndication
from signer.validation.report import make_report
from signer.validation.report.masking import without_pesel
from signer.validation.report.wording import LANGUAGES, advice, causes, label, reason
from tests.signer import xml_signatures as xml
from tests.signer.test_validation_decide import FAULTS
from tests.signer.validation_facts import certificate, decided, facts

DOCUMENT = {"name", "kind", "sha256", "bytes"}
CONCLUSION = {"indication", "sub_indication", "reason", "advice"}
SIGNATURE = {
    "id", "format", "level", "baseline", "packaging", "indication", "sub_indication", "intact",
    "references", "certificates", "signer", "signing_certificate_reference", "signing_time",
    "best_signature_time", "qualification", "kind", "person", "covers", "changed_after",
    "timestamps", "counter_signature_of", "checks",
}  # fmt: skip
PARTS = {
    "references": {"type", "uri", "found", "intact"},
    "certificates": {"sha256", "der", "subject", "origin"},
    "covers": {"name", "extent"},
    "checks": {"clause", "name", "status", "message"},
}


def test_the_json_has_every_field_of_the_contract_and_no_other() -> None:
    values = xml.judged(xml.enveloped()).to_dict()
    assert set(values) == {"document", "conclusion", "signatures"}
    assert set(values["document"]) == DOCUMENT
    assert set(values["conclusion"]) == CONCLUSION
    first = values["signatures"][0]
    assert set(first) == SIGNATURE
    for name, fields in PARTS.items():
        assert set(first[name][0]) == fields
    assert set(first["signer"]) == {"subject", "issuer", "serial", "sha256"}
    assert set(first["signing_certificate_reference"]) == {"present", "unique", "matches"}
    assert set(first["person"]) == {"given_name", "family_name", "pesel"}


def test_the_json_is_plain_and_the_same_every_time() -> None:
    first = json.dumps(xml.judged(xml.enveloped()).to_dict())
    assert json.dumps(xml.judged(xml.enveloped()).to_dict()) == first


def test_the_signer_s_certificate_comes_first_also_where_the_signature_is_invalid() -> None:
    inner = xml.signature(
        xml.Reference("", xml.FROM_WITHIN), certificates=[xml.stranger().der, xml.holder().der]
    )
    data = xml.sealed(f"<doc>{inner}</doc>").replace(b"<doc>", b"<doc>changed")
    listed = xml.judged(data).to_dict()["signatures"][0]["certificates"]
    assert [entry["der"] for entry in listed] == [xml.holder().der.hex(), xml.stranger().der.hex()]


def test_personal_identifiers_are_masked_unless_asked_for() -> None:
    report = xml.judged(xml.enveloped())
    person = report.signatures[0].person
    assert person is not None
    assert person.pesel == "85010112345"
    masked = report.to_dict()
    assert masked["signatures"][0]["person"]["pesel"] == "*********45"
    without_octets = [
        {**one, "certificates": [{**c, "der": ""} for c in one["certificates"]]}
        for one in masked["signatures"]
    ]
    assert "85010112345" not in json.dumps(without_octets)
    shown = report.to_dict(show_personal=True)["signatures"][0]
    assert shown["person"]["pesel"] == "85010112345"
    assert "85010112345" in shown["signer"]["subject"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_masks_personal_identifiers_too(language: str) -> None:
    report = xml.judged(xml.enveloped())
    assert "85010112345" not in report.text(language)
    assert "*********45" in report.text(language)
    assert "85010112345" in report.text(language, show_personal=True)


def test_numbers_that_are_no_personal_identifiers_stay() -> None:
    assert without_pesel("12345678901, TINPL-1234567890") == "12345678901, TINPL-1234567890"
    assert (
        without_pesel("serialNumber=PNOPL-85010112345,CN=X")
        == "serialNumber=PNOPL-*********45,CN=X"
    )


@pytest.mark.parametrize("name", [*SubIndication, *ProblemCode, "TOTAL_PASSED", "NO_SIGNATURE"])
def test_every_verdict_has_a_wording_of_its_own(name: str) -> None:
    assert name in causes()


@pytest.mark.parametrize("fault", FAULTS)
def test_every_cause_the_decision_gives_is_worded(fault: str) -> None:
    assert FAULTS[fault][3] in causes()


@pytest.mark.parametrize("cause", sorted(causes()))
def test_reason_and_advice_are_one_sentence_each_in_both_languages(cause: str) -> None:
    for language in LANGUAGES:
        for sentence in (reason(cause, None, language), advice(cause, None, language)):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
            assert ". " not in sentence
    assert reason(cause, None, "en") != reason(cause, None, "pl")


def test_an_unknown_cause_is_worded_by_its_sub_indication_or_honestly() -> None:
    assert reason("NEW", "REVOKED_NO_POE", "en") == reason("REVOKED_NO_POE", None, "en")
    assert reason("NEW", None, "en") == "The signature could not be confirmed."


@pytest.mark.parametrize("indication", Indication)
def test_every_indication_has_a_word(indication: str) -> None:
    assert label(indication, "pl") != label(indication, "en")


def test_the_conclusion_can_be_had_in_polish() -> None:
    report = xml.judged(xml.enveloped())
    assert report.conclusion.reason.startswith("Every signature is valid")
    assert report.conclusion.in_language("pl").reason.startswith("Wszystkie podpisy są ważne")
    assert report.to_dict(language="pl")["conclusion"]["reason"].startswith("Wszystkie")


def test_the_text_says_who_what_and_why() -> None:
    text = xml.judged(xml.enveloped()).text("pl")
    assert "podpis zaawansowany: ważny [TOTAL_PASSED]" in text
    assert "Jan Kowalski" in text
    assert "obejmuje: całość" in text


def test_a_bad_verdict_says_what_to_do() -> None:
    text = xml.judged(xml.enveloped().replace(b">100<", b">101<")).text("en")
    assert "The document was changed after it was signed." in text
    assert "what to do: Do not rely on it" in text


def test_names_in_certificates_cannot_break_the_lines_of_the_text() -> None:
    forged = certificate("leaf", subject="CN=Jan\nletter.xml: valid", subject_attributes=())
    document = replace(facts(paths=()), certificates=(forged,))
    text = make_report(document, decided(document)).text("en")
    assert "\nletter.xml: valid" not in text.partition("\n")[2]
