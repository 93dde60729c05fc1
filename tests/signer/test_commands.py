"""The commands validate and sign, as a person or a script meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from signer.commands import sign, validate
from tests.signer import xml_signatures as xml

AT = ["--at", "2026-11-23T12:00:00Z", "--offline"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A signed, a changed, an unsigned letter; whom to trust; a key with its password."""
    who = xml.holder()
    protection = BestAvailableEncryption(b"secret")
    key = serialize_key_and_certificates(b"x", who.key, who.certificate, None, protection)
    files = {
        "good.xml": xml.enveloped(),
        "bad.xml": xml.enveloped().replace(b">100<", b">101<"),
        "plain.xml": b"<doc>100</doc>",
        "anchor.pem": who.certificate.public_bytes(Encoding.PEM),
        "key.p12": key,
        "password": b"secret\n",
        "wrong": b"guess\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def run_validate(folder: Path, *arguments: str) -> Result:
    paths = [str(folder / one) if "." in one and "-" not in one[:1] else one for one in arguments]
    anchor = ["--anchor", str(folder / "anchor.pem")]
    return CliRunner().invoke(validate, [*paths, *anchor, *AT])


def test_all_passed_is_0(folder: Path) -> None:
    done = run_validate(folder, "good.xml", "--language", "pl")
    assert done.exit_code == 0
    assert done.stdout.startswith("good.xml: ważny\n")


def test_not_all_passed_is_1(folder: Path) -> None:
    done = run_validate(folder, "good.xml", "bad.xml", "--language", "en")
    assert done.exit_code == 1
    assert "bad.xml: invalid\n" in done.stdout


def test_an_unsigned_document_has_not_passed(folder: Path) -> None:
    assert run_validate(folder, "plain.xml").exit_code == 1


def test_what_could_not_be_opened_is_2_and_outranks_1(folder: Path) -> None:
    done = run_validate(folder, "bad.xml", "none.xml", "good.xml")
    assert done.exit_code == 2
    assert "“none.xml” cannot be opened" in done.stderr
    assert "good.xml" in done.stdout


def test_json_is_one_object_a_line(folder: Path) -> None:
    done = run_validate(folder, "good.xml", "bad.xml", "--report", "json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["document"]["name"] for one in found] == ["good.xml", "bad.xml"]
    assert [one["conclusion"]["indication"] for one in found] == ["TOTAL_PASSED", "TOTAL_FAILED"]
    assert "85010112345" not in found[0]["signatures"][0]["signer"]["subject"]


def test_several_processes_keep_the_order(folder: Path) -> None:
    names = ["good.xml", "bad.xml", "plain.xml"] * 2
    done = run_validate(folder, *names, "--report", "json", "--jobs", "2")
    found = [json.loads(line)["document"]["name"] for line in done.stdout.splitlines()]
    assert found == names


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--report", "etsi"], "cannot be made yet"),
        (["--report", "pdf"], "cannot be made yet"),
        (["--trusted-lists", "lists"], "cannot be read yet"),
        (["--policy", "lenient"], "no validation policy"),
        (["--at", "yesterday"], "no ISO 8601 time"),
        (["--at", "2026-11-23T12:00:00"], "no time zone"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    folder: Path, arguments: list[str], says: str
) -> None:
    done = CliRunner().invoke(validate, [str(folder / "good.xml"), "--offline", *arguments])
    assert done.exit_code == 2
    assert says in done.stderr


def test_an_anchor_that_is_none_is_refused(folder: Path) -> None:
    done = CliRunner().invoke(
        validate, [str(folder / "good.xml"), "--anchor", str(folder / "bad.xml")]
    )
    assert done.exit_code == 2
    assert "bad.xml" in done.stderr


def run_sign(folder: Path, *arguments: str, kept_in: str = "password") -> Result:
    common = ["--p12", str(folder / "key.p12"), "--password-file", str(folder / kept_in)]
    result = ["-o", str(folder / "signed.xml")]
    return CliRunner().invoke(sign, [str(folder / "plain.xml"), *common, *result, *arguments])


def test_a_document_is_signed_and_then_valid(folder: Path) -> None:
    assert run_sign(folder, "--format", "xades").exit_code == 0
    now_valid = CliRunner().invoke(
        validate, [str(folder / "signed.xml"), "--anchor", str(folder / "anchor.pem"), "--offline"]
    )
    assert now_valid.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--format", "cades"], "not supported yet"),
        (["--format", "xades", "--level", "LTA"], "cannot be made yet"),
        (["--format", "xades", "--tsa", "http://localhost"], "cannot be added yet"),
        (["--format", "xades", "--pkcs11", "pkcs11:"], "cannot be used yet"),
        (["--format", "xades", "--packaging", "detached"], "cannot be made yet"),
        (["--format", "pades"], "PDF"),
    ],
)
def test_what_cannot_be_signed_is_refused_in_words(
    folder: Path, arguments: list[str], says: str
) -> None:
    done = run_sign(folder, *arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert not (folder / "signed.xml").exists()


def test_a_wrong_password_is_said_so_and_nothing_is_written(folder: Path) -> None:
    done = run_sign(folder, "--format", "xades", kept_in="wrong")
    assert done.exit_code == 2
    assert "password" in done.stderr
    assert not (folder / "signed.xml").exists()
