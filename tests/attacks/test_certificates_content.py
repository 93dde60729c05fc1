"""Certificates, CRLs and OCSP answers with hostile bytes (catalogue CRT 5, 8–10, OCSP 8, CRL 6).

Reading is total: whatever the bytes, there is a fact, within milliseconds, and nothing raises.
"""

import time
from collections.abc import Callable

import pytest
from asn1crypto import core
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.trust import TrustStore, certificate_fact, gather
from signer.trust.certificates import read_certificate
from signer.trust.revocation.crl import read_crl
from signer.trust.revocation.ocsp_response import read_ocsp
from signer.validation.facts import CertificateFact, EmbeddedMaterial
from tests.signer.trust_pki import (
    NOW,
    Fields,
    append_extension,
    crl,
    der,
    issue,
    ocsp_response,
    resigned,
    root,
    with_extension,
)

TOP = root("Top")
LEAF = issue("Leaf", TOP, serial=0x1234)
DEPTH = 10_000
# Extensions without which nothing can be said of a path: names, policies, usages, constraints.
DECISIVE = {f"2.5.29.{number}" for number in (15, 17, 19, 30, 32, 33, 36, 37, 54)}
DEEP = b""
for _ in range(DEPTH):
    DEEP = der(0x30, DEEP)


def read(content: bytes) -> CertificateFact:
    """The fact, which took no longer than a fifth of a second."""
    started = time.process_time()
    fact = certificate_fact(content)
    assert time.process_time() - started < 0.2
    return fact


def judged(content: bytes) -> list[str]:
    """The codes of the path problems of a certificate issued by the anchor."""
    trust = TrustStore.from_certificates([TOP.der])
    gathered = gather([content], EmbeddedMaterial(), trust, NOW, None)
    assert gathered.paths[0].anchor is not None
    return [problem.code for problem in gathered.paths[0].problems]


def set_serial(serial: int) -> Callable[[Fields], None]:
    def edit(fields: Fields) -> None:
        fields["serial"] = core.Integer(serial).dump()

    return edit


def set_common_name(value: bytes) -> Callable[[Fields], None]:
    """Give the subject a single CN with this DER value, whatever its type."""
    pair = der(0x30, der(0x06, bytes.fromhex("550403")) + value)

    def edit(fields: Fields) -> None:
        fields["subject"] = der(0x30, der(0x31, pair))

    return edit


# --- serial numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("serial", "text", "problem"),
    [
        (0, "0", "not positive"),
        (-5, "-5", "not positive"),
        (2**167, f"{2**167:x}", "20 octets"),
        (2**159, f"{2**159:x}", "20 octets"),
        (2**4000, f"{2**4000:x}", "20 octets"),
    ],
    ids=["zero", "negative", "21 octets", "sign octet", "huge"],
)
def test_serial_numbers_against_the_rules_are_read_and_told(
    serial: int, text: str, problem: str
) -> None:
    fact = read(resigned(LEAF, set_serial(serial), TOP))
    assert fact.serial == text
    assert any(problem in told for told in fact.problems)


def test_the_largest_serial_number_allowed_is_no_problem() -> None:
    assert read(resigned(LEAF, set_serial(2**159 - 1), TOP)).problems == ()


@pytest.mark.parametrize("serial", [0, -5, 2**167, 2**4000])
def test_no_serial_number_breaks_the_search_for_revocation(serial: int) -> None:
    content = resigned(issue("Leaf", TOP, ocsp_url="http://ocsp.test/"), set_serial(serial), TOP)
    material = EmbeddedMaterial(crls=(crl(TOP),), ocsps=(ocsp_response(LEAF, TOP),))
    trust = TrustStore.from_certificates([TOP.der])
    gathered = gather([content], material, trust, NOW, None)
    assert [fact.kind for fact in gathered.revocations] == ["CRL"]


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (der(0x1E, "żółw".encode("utf-16-be")), "CN=żółw"),
        (der(0x0C, b"www.bank.pl\0.evil.test"), "CN=www.bank.pl\\00.evil.test"),
        (der(0x0C, "\u202efdp.exe".encode()), "CN=\\E2\\80\\AEfdp.exe"),
        (der(0x0C, b"a\r\nSet-Cookie: x"), "CN=a\\0D\\0ASet-Cookie: x"),
        (der(0x0C, b"<script>alert(1)</script>"), "CN=\\<script\\>alert(1)\\</script\\>"),
        (der(0x14, b"Zo\xeb"), "CN=Zoë"),
        (der(0x1C, "żółw".encode("utf-32-be")), "CN=żółw"),
        (der(0x02, b"\5"), "CN=05"),
        (der(0x0C, b""), "CN="),
    ],
)
def test_names_of_any_string_type_are_shown_safely(value: bytes, shown: str) -> None:
    assert read(resigned(LEAF, set_common_name(value), TOP)).subject == shown


@pytest.mark.parametrize(
    ("tag", "contents"),
    [
        (0x0C, b"\xff\xfe\xc0\xaf"),
        (0x0C, b"\xed\xa0\x80"),
        (0x1E, b"\x00a\x00"),
        (0x1C, b"\xff\xff\xff\xff"),
        (0x13, b"\x80@*"),
    ],
    ids=["bad UTF-8", "surrogate", "half a BMP character", "beyond Unicode", "no PrintableString"],
)
def test_names_that_are_no_text_are_shown_as_far_as_they_are(tag: int, contents: bytes) -> None:
    value = der(tag, contents)
    fact = read(resigned(LEAF, set_common_name(value), TOP))
    assert fact.subject.startswith("CN=")
    assert fact.subject.isprintable()
    assert judged(resigned(LEAF, set_common_name(value), TOP)) == []


def test_a_common_name_of_60_kilobytes_is_read_and_cut_and_one_beyond_the_limit_is_refused() -> (
    None
):
    long = read(resigned(LEAF, set_common_name(der(0x0C, b"a" * 60_000)), TOP))
    assert long.subject.startswith("CN=aaa")
    assert len(long.subject) < 5000
    too_long = read(resigned(LEAF, set_common_name(der(0x0C, b"a" * 65_536)), TOP))
    assert "larger than" in too_long.problems[0]


# --- structure --------------------------------------------------------------------------------


def test_a_certificate_of_ten_thousand_nested_sequences_is_refused_at_once() -> None:
    assert read(DEEP).problems


@pytest.mark.parametrize(
    "oid",
    ["2.5.29.30", "2.5.29.31", "2.5.29.32", "2.5.29.17", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.3"],
)
def test_an_extension_of_ten_thousand_nested_sequences_is_one_broken_extension(oid: str) -> None:
    content = issue("Leaf", TOP, extra=[with_extension(oid, DEEP)]).der
    fact = read(content)
    assert fact.problems == (f"Extension {oid} cannot be read.",)
    assert fact.key_usage is not None
    assert judged(content) == (["CERTIFICATE"] if oid in DECISIVE else [])


def test_an_unknown_extension_of_any_depth_is_passed_over() -> None:
    content = issue("Leaf", TOP, extra=[with_extension("1.2.3.4", DEEP)]).der
    assert judged(content) == []


def test_an_object_identifier_of_absurd_length_breaks_only_its_extension() -> None:
    huge = der(0x30, der(0x06, b"\xff" * 50_000 + b"\x01"))
    content = issue("Leaf", TOP, extra=[with_extension("2.5.29.37", huge)]).der
    assert read(content).problems == ("Extension 2.5.29.37 cannot be read.",)


@pytest.mark.parametrize(
    ("oid", "value"),
    [
        ("2.5.29.19", b""),
        ("2.5.29.19", b"\x01\x01\xff"),
        ("2.5.29.19", b"\x30\x00trailing"),
        ("2.5.29.15", b"\x03\x01\x00\x00"),
        ("2.5.29.37", b"\x30\x02\x05\x00"),
        ("2.5.29.14", b"\x30\x00"),
        ("2.5.29.35", b"\x04\x04abcd"),
        ("2.5.29.30", b"\x30\x02\xa0\x80"),
        ("2.5.29.36", b"\x30\x04\x80\x02\xff"),
        ("2.5.29.19", bytes.fromhex("30080101ff0201000500")),
        ("2.5.29.30", bytes.fromhex("3004a100a000")),
        ("2.5.29.30", bytes.fromhex("30023000")),
    ],
)
def test_malformed_extensions_are_problems(oid: str, value: bytes) -> None:
    broken = [with_extension(oid, value)]
    content = issue("Bare", TOP, ca=None, usages=(), identifiers=False, extra=broken).der
    assert read(content).problems == (f"Extension {oid} cannot be read.",)
    assert judged(content) == (["CERTIFICATE"] if oid in DECISIVE else [])


def test_fields_that_a_certificate_does_not_have_make_it_none() -> None:
    def surplus(fields: Fields) -> None:
        fields["more"] = der(0x04, b"what a lenient reader passes over")

    assert read(resigned(LEAF, surplus, TOP)).subject == ""


def test_extensions_outside_version_3_forbid_relying_on_the_certificate() -> None:
    def version_2(fields: Fields) -> None:
        fields["version"] = der(0xA0, core.Integer(1).dump())

    assert judged(resigned(LEAF, version_2, TOP)) == ["CERTIFICATE"]


def test_a_duplicate_extension_never_wins() -> None:
    """The second basicConstraints says CA: it is neither believed nor overlooked."""
    says_ca = append_extension("2.5.29.19", bytes.fromhex("30030101ff"))
    content = resigned(LEAF, says_ca, TOP)
    assert read(content).ca is False
    assert judged(content) == ["CERTIFICATE"]


@pytest.mark.parametrize(
    "content",
    [
        LEAF.der + b"\0",
        LEAF.der[:-1],
        b"\x30\x80" + LEAF.der[4:] + b"\0\0",
        LEAF.der[:4] + b"\0" * 300,
        LEAF.der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09"),
    ],
    ids=["trailing byte", "cut", "indefinite length", "zeros", "version 10"],
)
def test_what_is_not_der_is_no_certificate(content: bytes) -> None:
    assert read(content).problems
    trust = TrustStore.from_certificates([TOP.der])
    gathered = gather([content], EmbeddedMaterial(), trust, NOW, None)
    assert all(path.anchor is None or path.problems for path in gathered.paths)


# --- anything at all --------------------------------------------------------------------------

SAMPLES = {
    "certificate": (LEAF.der, certificate_fact),
    "CRL": (crl(TOP, {0x1234: None}), read_crl),
    "OCSP": (ocsp_response(LEAF, TOP), read_ocsp),
}


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with a few bytes changed, removed or repeated."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, len(data) - 1))
        match draw(st.sampled_from(["set", "cut", "repeat"])):
            case "set":
                data[position] = draw(st.integers(0, 255))
            case "cut":
                del data[position : position + draw(st.integers(1, 8))]
            case "repeat":
                data[position:position] = data[position : position + draw(st.integers(1, 64))]
    return bytes(data)


@pytest.mark.parametrize("kind", SAMPLES)
@given(data=st.data())
@settings(max_examples=150, deadline=None, database=None)
def test_damaged_content_never_raises(kind: str, data: st.DataObject) -> None:
    content, reader = SAMPLES[kind]
    reader(data.draw(damaged(content)))


@given(data=st.data())
@settings(max_examples=100, deadline=None, database=None)
def test_damage_to_anything_never_raises_and_never_passes_unnoticed(data: st.DataObject) -> None:
    leaf = data.draw(st.one_of(st.just(LEAF.der), damaged(LEAF.der)))
    listed = data.draw(damaged(SAMPLES["CRL"][0]))
    answer = data.draw(damaged(SAMPLES["OCSP"][0]))
    material = EmbeddedMaterial((TOP.der, data.draw(damaged(TOP.der))), (listed,), (answer,))
    gathered = gather([leaf], material, TrustStore.from_certificates([TOP.der]), NOW, None)
    if leaf != LEAF.der:
        for path in gathered.paths:
            assert path.anchor is None or read_certificate(leaf).signed_bytes in LEAF.der
    for fact in gathered.revocations:
        assert fact.problems or fact.sha256 in {
            evidence.shell.sha256
            for evidence in (read_crl(listed), read_ocsp(answer))
            if evidence is not None and evidence.shell.verified_by(read_certificate(TOP.der))
        }
