"""Certificates of the sandbox look qualified and are always known for what they are."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import ExtensionOID, NameOID
from pyhanko.sign.ades.qualified_asn1 import get_qc_statements

from sandbox import OFFICES, PEOPLE, CertificateState, Office, Person, Sandbox
from sandbox.pki.issuing import issue_certificates
from signer.errors import InputError
from signer.sandbox_marker import (
    SANDBOX_ORGANIZATION,
    SANDBOX_POLICY_OID,
    is_sandbox_certificate,
)

AUTHORITIES = ("root", "ca", "ocsp", "tsa")
LEAVES = [p.person_id for p in PEOPLE] + [f"seal-{o.short_id}" for o in OFFICES]
ORGANIZATION_IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")


def certificate(sandbox: Sandbox, label: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(sandbox.certificate(label))


def subject(of: x509.Certificate) -> dict[str, str]:
    return {attribute.rfc4514_attribute_name: str(attribute.value) for attribute in of.subject}


def policies(of: x509.Certificate) -> list[str]:
    value = of.extensions.get_extension_for_class(x509.CertificatePolicies).value
    return [policy.policy_identifier.dotted_string for policy in value]


def qualified_statements(sandbox: Sandbox, label: str) -> dict[str, object]:
    """Read by pyHanko, which knows nothing of how they were written."""
    own = asn1_x509.Certificate.load(sandbox.certificate(label))
    return {s["statement_id"].native: s["statement_info"].native for s in get_qc_statements(own)}


@pytest.mark.parametrize("label", [*AUTHORITIES, *LEAVES])
def test_every_certificate_carries_the_marker(sandbox: Sandbox, label: str) -> None:
    assert is_sandbox_certificate(sandbox.certificate(label))
    assert policies(certificate(sandbox, label))[0] == SANDBOX_POLICY_OID


def make_certificate(
    subject_organization: str, issuer_organization: str, policy: str | None
) -> bytes:
    def name(organization: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])

    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject_organization))
        .issuer_name(name(issuer_organization))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
    )
    if policy:
        information = x509.PolicyInformation(x509.ObjectIdentifier(policy), None)
        builder = builder.add_extension(x509.CertificatePolicies([information]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("subject_organization", "issuer_organization", "policy", "marked"),
    [
        ("Narodowy Bank Polski", "Narodowy Bank Polski", None, False),
        ("Narodowy Bank Polski", "Narodowy Bank Polski", "0.4.0.194112.1.2", False),
        ("Narodowy Bank Polski", "Narodowy Bank Polski", SANDBOX_POLICY_OID, True),
        (SANDBOX_ORGANIZATION, "Narodowy Bank Polski", None, True),
        ("Narodowy Bank Polski", SANDBOX_ORGANIZATION, None, True),
    ],
)
def test_the_marker_is_known_by_policy_or_by_name_and_nobody_else_has_it(
    subject_organization: str, issuer_organization: str, policy: str | None, marked: bool
) -> None:
    der = make_certificate(subject_organization, issuer_organization, policy)
    assert is_sandbox_certificate(der) is marked


@pytest.mark.parametrize("rubbish", [b"", b"-----BEGIN", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_certificate_is_an_input_error(rubbish: bytes) -> None:
    with pytest.raises(InputError, match="not a readable certificate"):
        is_sandbox_certificate(rubbish)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.person_id)
def test_a_person_has_a_qualified_signature_certificate(sandbox: Sandbox, person: Person) -> None:
    own = certificate(sandbox, person.person_id)
    names = subject(own)
    assert names["C"] == "PL"
    assert names["CN"] == person.name
    assert own.subject.get_attributes_for_oid(NameOID.GIVEN_NAME)[0].value == person.given_name
    assert own.subject.get_attributes_for_oid(NameOID.SURNAME)[0].value == person.family_name
    serial = own.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value
    assert serial == f"PNOPL-{person.pesel}"
    assert policies(own)[1:] == ["0.4.0.194112.1.2"]
    assert qualified_statements(sandbox, person.person_id) == {
        "qc_compliance": None,
        "qc_sscd": None,
        "qc_pki_disclosure_statements": [
            {"url": f"{sandbox.base_url}/disclosure", "language": "en"}
        ],
        "qc_type": ["qct_esign"],
    }


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office.short_id)
def test_an_office_has_a_qualified_seal_certificate(sandbox: Sandbox, office: Office) -> None:
    own = certificate(sandbox, f"seal-{office.short_id}")
    assert subject(own)["C"] == "PL"
    assert subject(own)["O"] == subject(own)["CN"] == office.name
    identifier = own.subject.get_attributes_for_oid(ORGANIZATION_IDENTIFIER)[0].value
    assert identifier == f"VATPL-{office.tax_id}"
    assert policies(own)[1:] == ["0.4.0.194112.1.3"]
    statements = qualified_statements(sandbox, f"seal-{office.short_id}")
    assert statements["qc_type"] == ["qct_eseal"]


@pytest.mark.parametrize("label", LEAVES)
def test_a_signing_key_may_sign_and_nothing_else(sandbox: Sandbox, label: str) -> None:
    extensions = certificate(sandbox, label).extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value == x509.KeyUsage(
        digital_signature=False,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.parametrize("label", [*LEAVES, "ca", "tsa"])
def test_certificates_point_at_the_sandbox_and_nowhere_else(sandbox: Sandbox, label: str) -> None:
    extensions = certificate(sandbox, label).extensions
    points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    urls = [name.value for point in points for name in point.full_name or ()]
    urls += [description.access_location.value for description in access]
    assert len(urls) >= 2
    assert all(url.startswith(f"{sandbox.base_url}/pki/") for url in urls)


def test_validity_tells_the_expired_from_the_others(sandbox: Sandbox) -> None:
    for person in PEOPLE:
        own = certificate(sandbox, person.person_id)
        expired = own.not_valid_after_utc < sandbox.created
        assert expired is (person.certificate_state is CertificateState.EXPIRED), person
        assert own.not_valid_before_utc < sandbox.created
        issuer = certificate(sandbox, "ca")
        assert issuer.not_valid_before_utc < own.not_valid_before_utc
        assert own.not_valid_after_utc < issuer.not_valid_after_utc


@pytest.mark.parametrize("label", LEAVES)
def test_a_pkcs12_file_opens_with_its_password_and_holds_key_and_chain(
    sandbox: Sandbox, label: str
) -> None:
    short_id = label.removeprefix("seal-")
    given = sandbox.credential(label) if short_id == label else sandbox.seal(short_id)
    key, own, chain = pkcs12.load_key_and_certificates(given.pkcs12, given.password.encode())
    assert key is not None
    assert own is not None
    assert key.public_key() == own.public_key() == certificate(sandbox, label).public_key()
    assert chain == [certificate(sandbox, "ca"), certificate(sandbox, "root")]
    own.verify_directly_issued_by(chain[0])
    chain[0].verify_directly_issued_by(chain[1])
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates(given.pkcs12, b"wrong")


def test_every_credential_has_a_password_and_a_serial_number_of_its_own(sandbox: Sandbox) -> None:
    passwords = {sandbox.credential(p.person_id).password for p in PEOPLE}
    assert len(passwords) == len(PEOPLE)
    serials = {certificate(sandbox, label).serial_number for label in [*AUTHORITIES, *LEAVES]}
    assert len(serials) == len(AUTHORITIES) + len(LEAVES)
    assert min(serials) >= 1 << 64


def test_the_anchor_is_the_root(sandbox: Sandbox) -> None:
    (anchor,) = sandbox.anchors()
    root = x509.load_der_x509_certificate(anchor)
    root.verify_directly_issued_by(root)
    constraints = root.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS)
    assert constraints.critical


def test_issuing_from_the_same_plan_gives_the_same_certificates(sandbox: Sandbox) -> None:
    plan = json.loads((sandbox.content / "authority.json").read_text())
    again = issue_certificates(plan, sandbox.content / "keys")
    assert again == {label: sandbox.certificate(label) for label in [*AUTHORITIES, *LEAVES]}
