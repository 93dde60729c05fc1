"""Certificate revocation lists (RFC 5280 5, 6.3): what one says of one certificate.

A list that covers only part of what we ask (delta, indirect, only some reasons, another
distribution point) is recognised and refused as evidence, with the reason; it is never read as
"not listed, so good".
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import core
from asn1crypto import crl as asn1_crl
from cryptography import x509

from signer.trust.certificates import Certificate
from signer.trust.encoding import load, load_exactly
from signer.trust.general_names import GeneralName, full_names
from signer.trust.names import Rdns, match_key, read_name
from signer.trust.paths import CertificatePool
from signer.trust.revocation.evidence import HOLD, Finding, Question, SignedEvidence
from signer.trust.signatures import read_algorithm
from signer.validation.facts import RevocationFact, RevocationStatus

MAX_CRL_BYTES = 20 * 1024 * 1024  # about 500 000 entries, read in 0.3 s
MAX_SIGNERS = 4  # keys tried for one list: the issuer's old and new ones

_DELTA = "2.5.29.27"
_ISSUING_DISTRIBUTION_POINT = "2.5.29.28"
_EXPIRED_CERTS_ON_CRL = "2.5.29.60"
_HARMLESS = frozenset(
    {
        "2.5.29.18",  # issuerAltName
        "2.5.29.20",  # cRLNumber
        "2.5.29.35",  # authorityKeyIdentifier
        "2.5.29.46",  # freshestCRL
        "1.3.6.1.5.5.7.1.1",  # authorityInfoAccess
    }
)


@dataclass(frozen=True)
class _Scope:
    """What a list covers, where it says so (issuingDistributionPoint, RFC 5280 5.2.5)."""

    points: tuple[GeneralName, ...] = ()
    relative_point: bool = False
    only_users: bool = False
    only_authorities: bool = False
    only_attributes: bool = False
    some_reasons: bool = False
    indirect: bool = False


@dataclass(frozen=True, eq=False)
class Crl:
    """A list as read. `problems` refuse it whole."""

    shell: SignedEvidence
    issuer_key: Rdns
    parsed: x509.CertificateRevocationList
    this_update: datetime
    next_update: datetime | None
    scope: _Scope
    expired_certs: datetime | None
    problems: tuple[str, ...]


def read_crl(der: bytes) -> Crl | None:
    """Read one DER CRL. None where it is none, or larger than `MAX_CRL_BYTES`."""
    if len(der) > MAX_CRL_BYTES:
        return None
    try:
        return _read(der)
    # The parsers raise whatever hostile bytes provoke; all of it means: no CRL.
    except Exception:  # noqa: BLE001  # see above
        return None


def _read(der: bytes) -> Crl:
    parsed = x509.load_der_x509_crl(der)  # refuses two different signature algorithms too
    loose = asn1_crl.CertificateList.load(der, strict=True)
    tbs = loose["tbs_cert_list"]
    scope, expired_certs, problems = _Scope(), None, []
    for extension in tbs["crl_extensions"]:
        oid = extension["extn_id"].dotted
        if oid == _ISSUING_DISTRIBUTION_POINT:
            scope = _read_scope(extension["extn_value"].contents)
        elif oid == _EXPIRED_CERTS_ON_CRL:
            expired_certs = load(core.GeneralizedTime, extension["extn_value"].contents).native
        elif oid == _DELTA:
            problems.append("It is a delta CRL, which lists changes only; those are not used.")
        elif extension["critical"].native and oid not in _HARMLESS:
            problems.append(f"It has a critical extension that is not known here: {oid}.")
    return Crl(
        shell=SignedEvidence(
            hashlib.sha256(der).hexdigest(),
            read_algorithm(loose["signature_algorithm"]),
            parsed.signature,
            tbs.dump(),
        ),
        issuer_key=match_key(read_name(tbs["issuer"].dump())),
        parsed=parsed,
        this_update=parsed.last_update_utc,
        next_update=parsed.next_update_utc,
        scope=scope,
        expired_certs=expired_certs,
        problems=tuple(problems),
    )


def _read_scope(value: bytes) -> _Scope:
    point = load_exactly(asn1_crl.IssuingDistributionPoint, value)
    name = point["distribution_point"]
    return _Scope(
        points=tuple(full_names(name)),
        relative_point=not isinstance(name, core.Void) and name.name != "full_name",
        only_users=point["only_contains_user_certs"].native,
        only_authorities=point["only_contains_ca_certs"].native,
        only_attributes=point["only_contains_attribute_certs"].native,
        some_reasons=not isinstance(point["only_some_reasons"], core.Void),
        indirect=point["indirect_crl"].native,
    )


# --- what a list says of one certificate --------------------------------------------------------


def crl_finding(crl: Crl, question: Question, pool: CertificatePool, origin: str) -> Finding | None:
    """Give what the list says of the certificate; None where it is another issuer's list."""
    certificate = question.certificate
    if crl.issuer_key != certificate.issuer_key or certificate.serial is None:
        return None
    signer, intact = _signer(crl, question, pool)
    authorised, signer_problem = _authorised(signer, intact, question, pool)
    entry = _Entry()
    problems = [*crl.problems, *_scope_problems(crl.scope, certificate)]
    problems += [signer_problem] if signer_problem else []
    if not problems:
        entry = _entry(crl, certificate.serial)
        problems += entry.problems
    fact = RevocationFact(
        kind="CRL",
        sha256=crl.shell.sha256,
        certificate=certificate.sha256,
        status=RevocationStatus.UNKNOWN if problems else entry.status,
        this_update=crl.this_update,
        next_update=crl.next_update,
        produced_at=crl.this_update,
        issuer=signer.sha256 if signer else None,
        signature_intact=intact,
        authorised=authorised,
        origin=origin,
        revocation_time=entry.time,
        reason=entry.reason,
        invalidity_date=entry.invalidity,
        signature_algorithm=crl.shell.algorithm.fact,
        signer_key=signer.fact.key if signer else None,
        expired_certs_on_crl=crl.expired_certs,
        problems=tuple(problems),
    )
    return Finding(fact, signer)


def _scope_problems(scope: _Scope, certificate: Certificate) -> Iterable[str]:
    is_authority = certificate.fact.ca is True
    checks = (
        (scope.indirect, "It is an indirect CRL, which is not supported."),
        (scope.some_reasons, "It covers only some reasons for revocation."),
        (scope.only_attributes, "It covers attribute certificates only."),
        (scope.only_users and is_authority, "It covers no CA certificates."),
        (scope.only_authorities and not is_authority, "It covers CA certificates only."),
        (
            scope.relative_point or not _covers_point(scope, certificate),
            "It covers another distribution point than the certificate names.",
        ),
    )
    return [problem for applies, problem in checks if applies]


def _covers_point(scope: _Scope, certificate: Certificate) -> bool:
    """A list bound to distribution points must share one with the certificate (6.3.3 (b) (2))."""
    if not scope.points:
        return True
    named = certificate.extensions.distribution_points
    directories = [match_key(name) for name in named.names]
    return any(
        (point.kind == "uri" and point.text in named.urls)
        or (point.kind == "directory" and match_key(point.rdns) in directories)
        for point in scope.points
    )


def _signer(
    crl: Crl, question: Question, pool: CertificatePool
) -> tuple[Certificate | None, bool | None]:
    """Give who signed the list: the issuer itself first, then others of its name."""
    others = [other for other in pool.named(crl.issuer_key) if other is not question.issuer]
    outcome: bool | None = None
    for signer in [question.issuer, *others][:MAX_SIGNERS]:
        verified = crl.shell.verified_by(signer)
        if verified:
            return signer, True
        outcome = False if verified is False else outcome
    return None, outcome


def _authorised(
    signer: Certificate | None, intact: bool | None, question: Question, pool: CertificatePool
) -> tuple[bool, str | None]:
    if signer is None:
        if intact is None:
            return False, "Its signature cannot be verified here."
        return False, "No key of the certificate's issuer verifies its signature."
    usage = signer.fact.key_usage
    if usage is not None and "cRLSign" not in usage:
        return False, "Its signer's key is not meant to sign CRLs."
    if not _same_authority(signer, question.issuer, pool):
        return False, "Its signer has the issuer's name but is not shown to be the issuer."
    return True, None


def _same_authority(signer: Certificate, issuer: Certificate, pool: CertificatePool) -> bool:
    """A CA may sign its lists with another key than its certificates (RFC 5280 6.3.3 (f)).

    That key is its own if the issuer, or the issuer's own issuer, certified it under the same name.
    """
    if signer.key_id == issuer.key_id or pool.is_anchor(signer):
        return True
    if pool.link(signer, issuer):
        return True
    parents = pool.named(issuer.issuer_key)[:MAX_SIGNERS]
    return signer.issuer_key == issuer.issuer_key and any(
        pool.link(issuer, parent) and pool.link(signer, parent) for parent in parents
    )


# --- entries ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    """What the list says at one serial number; GOOD where it does not mention it."""

    status: RevocationStatus = RevocationStatus.GOOD
    time: datetime | None = None
    reason: str | None = None
    invalidity: datetime | None = None
    problems: tuple[str, ...] = ()


def _entry(crl: Crl, serial: int) -> _Entry:
    try:
        found = crl.parsed.get_revoked_certificate_by_serial_number(serial)
        return _Entry() if found is None else _read_entry(found)
    except (ValueError, x509.DuplicateExtension, OverflowError):
        return _Entry(problems=("Its entry for the certificate cannot be read.",))


def _read_entry(found: x509.RevokedCertificate) -> _Entry:
    reason, invalidity, problems = None, None, []
    for extension in found.extensions:
        match extension.value:
            case x509.CRLReason():
                reason = extension.value.reason.value
            case x509.InvalidityDate():
                invalidity = extension.value.invalidity_date_utc
            case _ if extension.critical:
                problems.append("Its entry has a critical extension that is not known here.")
    on_hold = reason == HOLD
    return _Entry(
        status=RevocationStatus.ON_HOLD if on_hold else RevocationStatus.REVOKED,
        time=found.revocation_date_utc,
        reason=reason,
        invalidity=invalidity,
        problems=tuple(problems),
    )
