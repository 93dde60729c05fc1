"""The plan of the sandbox's authority, in the form Certomancer reads.

    root ── tsa                                  time stamps
       └─── ca ── ocsp                           answers for what `ca` issued
              ├── anna, jan, zofia …             qualified certificates of people (esign)
              └── seal-umluban, seal-splubans    qualified certificates of offices (eseal)

The plan is plain data (it is stored as JSON) and holds every serial number and date, so the same
plan and keys give the same certificates, byte for byte, whenever they are issued.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sandbox.people import CertificateState, Office, Person
from sandbox.pki.qualified import (
    CERTIFICATE_POLICIES_EXTENSION,
    QC_STATEMENTS_EXTENSION,
    QUALIFIED_POLICY,
    Purpose,
    certificate_policies,
    qc_statements,
)
from signer.sandbox_marker import SANDBOX_ORGANIZATION

Plan = dict[str, Any]

ARCHITECTURE = "pki"
"""Certomancer's name for the whole; the first part of every URL path of its services."""

ROOT, ISSUING_CA, OCSP_RESPONDER, TIMESTAMPER = "root", "ca", "ocsp", "tsa"
AUTHORITIES = (ROOT, ISSUING_CA, OCSP_RESPONDER, TIMESTAMPER)

_ANY_POLICY = "2.5.29.32.0"
TIMESTAMP_POLICY = "0.4.0.2023.1.1"
"""Best practices policy for time stamps, ETSI EN 319 421 5.2."""

_YEAR = timedelta(days=365)
_AUTHORITY_AGE = 5 * _YEAR
"""Authorities are older than every certificate below them, the expired one too."""
_AUTHORITY_LIFE = 20 * _YEAR
_PERSON_LIFE = 3 * _YEAR
_BACKDATED = timedelta(days=1)
"""Certificates are valid from yesterday: a clock a little behind still accepts them."""
_REVOKED_AGE = timedelta(days=30)
_EXPIRED_AGE = timedelta(days=30)

CRL_SCHEDULE = "PT1H"
"""How often a new list is issued; short, so that a demonstration always sees a fresh one."""


def seal_label(short_id: str) -> str:
    """Give the label under which the seal of an office is kept."""
    return f"seal-{short_id}"


def leaf_labels(people: Iterable[Person], offices: Iterable[Office]) -> list[str]:
    """Give the labels of all end entities that sign letters: people, then seals."""
    return [p.person_id for p in people] + [seal_label(o.short_id) for o in offices]


def make_plan(
    base_url: str, now: datetime, people: Iterable[Person], offices: Iterable[Office]
) -> Plan:
    """Lay out the authority for services at `base_url` (no trailing slash), first day `now`.

    Serial numbers are random (RFC 5280 4.1.2.2 leaves them to the authority; 64 random bits are
    what public authorities must use), so two plans never issue the same certificate.
    """
    people, offices = tuple(people), tuple(offices)
    leaves = leaf_labels(people, offices)
    disclosure = f"{base_url}/disclosure"
    return {
        "external-url-prefix": base_url,
        "keysets": {ARCHITECTURE: {"keys": _key_files(leaves)}},
        "pki-architectures": {
            ARCHITECTURE: {
                "keyset": ARCHITECTURE,
                "entities": _entities(people, offices),
                "certs": {
                    **_authority_certificates(now),
                    **{p.person_id: _person(p, now, disclosure) for p in people},
                    **{seal_label(o.short_id): _seal(now, disclosure) for o in offices},
                },
                "services": _services(),
            }
        },
    }


def _key_files(leaves: list[str]) -> dict[str, dict[str, Any]]:
    # Certomancer needs the private keys of the authorities only; those of people and seals exist
    # nowhere but in their PKCS#12 files.
    private: dict[str, dict[str, Any]] = {label: {"path": f"{label}.pem"} for label in AUTHORITIES}
    public = {label: {"path": f"{label}.pub.pem", "public-only": True} for label in leaves}
    return private | public


def _entities(people: tuple[Person, ...], offices: tuple[Office, ...]) -> dict[str, dict[str, str]]:
    def authority(common_name: str) -> dict[str, str]:
        return {"organization-name": SANDBOX_ORGANIZATION, "common-name": common_name}

    names = {
        ROOT: authority("Skrytka Sandbox Root CA"),
        ISSUING_CA: authority("Skrytka Sandbox Qualified CA"),
        OCSP_RESPONDER: authority("Skrytka Sandbox OCSP"),
        TIMESTAMPER: authority("Skrytka Sandbox Time Stamping"),
        **{p.person_id: _person_name(p) for p in people},
        **{seal_label(o.short_id): _office_name(o) for o in offices},
    }
    return {label: {"country-name": "PL", **name} for label, name in names.items()}


def _person_name(person: Person) -> dict[str, str]:
    # EN 319 412-2 4.2.4 with the identifier of EN 319 412-1 5.1.3
    return {
        "serial-number": f"PNOPL-{person.pesel}",
        "given-name": person.given_name,
        "surname": person.family_name,
        "common-name": person.name,
    }


def _office_name(office: Office) -> dict[str, str]:
    # EN 319 412-3 4.2.1 with the identifier of EN 319 412-1 5.1.4
    return {
        "organization-name": office.name,
        "organization-identifier": f"VATPL-{office.tax_id}",
        "common-name": office.name,
    }


def _authority_certificates(now: datetime) -> dict[str, Plan]:
    validity = _validity(now - _AUTHORITY_AGE, now - _AUTHORITY_AGE + _AUTHORITY_LIFE)
    ca_usage = _usage("key_cert_sign", "crl_sign")
    policies = _policies(_ANY_POLICY)
    return {
        ROOT: _certificate(ROOT, validity, [_ca(), ca_usage, policies]),
        ISSUING_CA: _certificate(
            ROOT, validity, [_ca(path_length=0), ca_usage, policies, *_pointers(ROOT)]
        ),
        OCSP_RESPONDER: _certificate(
            ISSUING_CA,
            validity,
            [
                _usage("digital_signature"),
                {"id": "extended_key_usage", "value": ["ocsp_signing"]},
                {"id": "ocsp_no_check"},
                _policies(),
            ],
        ),
        TIMESTAMPER: _certificate(
            ROOT,
            validity,
            [
                _usage("digital_signature"),
                # RFC 3161 2.3: this one purpose, and critical
                {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]},
                _policies(TIMESTAMP_POLICY),
                *_pointers(ROOT),
            ],
        ),
    }


def _person(person: Person, now: datetime, disclosure_url: str) -> Plan:
    since = now - _BACKDATED
    if person.certificate_state is CertificateState.EXPIRED:
        since = now - _EXPIRED_AGE - _PERSON_LIFE
    elif person.certificate_state is CertificateState.REVOKED:
        since = now - 2 * _REVOKED_AGE
    plan = _qualified(Purpose.SIGNATURE, _validity(since, since + _PERSON_LIFE), disclosure_url)
    if person.certificate_state is CertificateState.REVOKED:
        plan["revocation"] = {
            "revoked-since": _instant(now - _REVOKED_AGE),
            "reason": "key_compromise",
        }
    return plan


def _seal(now: datetime, disclosure_url: str) -> Plan:
    since = now - _BACKDATED
    return _qualified(Purpose.SEAL, _validity(since, since + _PERSON_LIFE), disclosure_url)


def _qualified(purpose: Purpose, validity: Plan, disclosure_url: str) -> Plan:
    statements = qc_statements(purpose, disclosure_url)
    return _certificate(
        ISSUING_CA,
        validity,
        [
            {"id": "basic_constraints", "critical": True, "value": {"ca": False}},
            _usage("non_repudiation"),
            _policies(QUALIFIED_POLICY[purpose]),
            _der(QC_STATEMENTS_EXTENSION, statements),
            *_pointers(ISSUING_CA),
        ],
    )


def _certificate(issuer: str, validity: Plan, extensions: list[Plan]) -> Plan:
    # Certomancer takes a missing subject from the label of the certificate.
    return {
        "issuer": issuer,
        "serial": secrets.randbits(64) | 1 << 64,
        "validity": validity,
        "extensions": extensions,
    }


def _pointers(issuer: str) -> list[Plan]:
    """Where to ask about a certificate of `issuer`: its list, its responder, its certificate."""
    links: Plan = {"ca-issuer-links": [{"repo": issuer}]}
    if issuer == ISSUING_CA:
        links["ocsp-responder-names"] = [ISSUING_CA]
    return [
        _smart("crl_distribution_points", "crl-dist-url", {"crl-repo-names": [issuer]}),
        _smart("authority_information_access", "aia-urls", links),
    ]


def _services() -> Plan:
    issuers = (ROOT, ISSUING_CA)
    return {
        "ocsp": {ISSUING_CA: {"for-issuer": ISSUING_CA, "responder-cert": OCSP_RESPONDER}},
        "crl-repo": {
            issuer: {"for-issuer": issuer, "simulated-update-schedule": CRL_SCHEDULE}
            for issuer in issuers
        },
        "cert-repo": {
            issuer: {"for-issuer": issuer, "publish-issued-certs": False} for issuer in issuers
        },
        "time-stamping": {TIMESTAMPER: {"signing-cert": TIMESTAMPER}},
    }


def _ca(path_length: int | None = None) -> Plan:
    value: Plan = {"ca": True}
    if path_length is not None:
        value["path_len_constraint"] = path_length
    return {"id": "basic_constraints", "critical": True, "value": value}


def _usage(*usages: str) -> Plan:
    return _smart("key_usage", "key-usage", list(usages), critical=True)


def _policies(*policies: str) -> Plan:
    return _der(CERTIFICATE_POLICIES_EXTENSION, certificate_policies(*policies))


def _der(extension_id: str, value: bytes) -> Plan:
    return _smart(extension_id, "der-bytes", value.hex())


def _smart(extension_id: str, schema: str, params: object, *, critical: bool = False) -> Plan:
    return {
        "id": extension_id,
        "critical": critical,
        "smart-value": {"schema": schema, "params": params},
    }


def _validity(since: datetime, until: datetime) -> Plan:
    return {"valid-from": _instant(since), "valid-to": _instant(until)}


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
