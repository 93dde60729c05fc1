"""The extensions of a certificate (RFC 5280 4.2), each read on its own.

One broken extension must not hide the others, and real certificates break the encoding rules in
harmless ways (`cA FALSE` written out, a path length beside it). So the strict parser that gates the
certificate as a whole is not used here: asn1crypto reads each extension's value separately, and
what it cannot read becomes a problem with the extension's name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from asn1crypto import core
from asn1crypto import x509 as asn1_x509

from signer.trust.encoding import elements, load, load_exactly, oid_text
from signer.trust.general_names import GeneralName, full_names, general_name
from signer.trust.names import Rdns
from signer.trust.qc_statements import read_qc_statements
from signer.validation.facts import QcStatementsFact

# Addresses and policies beyond these are noise: real certificates have one to three.
MAX_LISTED = 16


@dataclass(frozen=True)
class DistributionPoints:
    """Where CRLs are said to be: web addresses, directory names, and whether others issue them."""

    urls: tuple[str, ...] = ()
    names: tuple[Rdns, ...] = ()
    indirect: bool = False


@dataclass(frozen=True)
class NameConstraints:
    """Subtrees that names below a CA must lie in, or must not (RFC 5280 4.2.1.10)."""

    permitted: tuple[GeneralName, ...] = ()
    excluded: tuple[GeneralName, ...] = ()


@dataclass(frozen=True)
class PolicyConstraints:
    """Counts of certificates after which policies are required or mapping stops; None: not set."""

    require_explicit: int | None = None
    inhibit_mapping: int | None = None
    inhibit_any: int | None = None


@dataclass(frozen=True)
class Extensions:
    """What the extensions of one certificate say; absent ones keep their defaults."""

    key_usage: tuple[str, ...] | None = None
    extended_key_usage: tuple[str, ...] | None = None
    ca: bool | None = None
    path_length: int | None = None
    policies: tuple[str, ...] = ()
    policy_mappings: tuple[tuple[str, str], ...] = ()
    policy_constraints: PolicyConstraints = field(default_factory=PolicyConstraints)
    name_constraints: NameConstraints | None = None
    alternative_names: tuple[GeneralName, ...] = ()
    subject_key_id: str | None = None
    authority_key_id: str | None = None
    distribution_points: DistributionPoints = field(default_factory=DistributionPoints)
    ocsp_urls: tuple[str, ...] = ()
    issuer_urls: tuple[str, ...] = ()
    ocsp_no_check: bool = False
    qc: QcStatementsFact = field(default_factory=QcStatementsFact)
    unknown_critical: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


# --- RFC 5280 ---------------------------------------------------------------------------------

_KEY_USAGES = {
    "digital_signature": "digitalSignature",
    "non_repudiation": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
    "encipher_only": "encipherOnly",
    "decipher_only": "decipherOnly",
}


def _key_usage(value: bytes, read: Extensions) -> Extensions:
    usages = load(asn1_x509.KeyUsage, value).native
    names = tuple(text for name, text in _KEY_USAGES.items() if name in usages)
    return replace(read, key_usage=names)


def _extended_key_usage(value: bytes, read: Extensions) -> Extensions:
    purposes = load(asn1_x509.ExtKeyUsageSyntax, value)
    return replace(read, extended_key_usage=tuple(purpose.dotted for purpose in purposes))


def _basic_constraints(value: bytes, read: Extensions) -> Extensions:
    constraints = load_exactly(asn1_x509.BasicConstraints, value)
    return replace(
        read,
        ca=constraints["ca"].native,
        path_length=constraints["path_len_constraint"].native,
    )


def _subject_key_id(value: bytes, read: Extensions) -> Extensions:
    return replace(read, subject_key_id=load(core.OctetString, value).native.hex())


def _authority_key_id(value: bytes, read: Extensions) -> Extensions:
    identifier = load(asn1_x509.AuthorityKeyIdentifier, value)["key_identifier"].native
    return replace(read, authority_key_id=None if identifier is None else identifier.hex())


def _policies(value: bytes, read: Extensions) -> Extensions:
    policies = load(asn1_x509.CertificatePolicies, value)
    return replace(read, policies=tuple(entry["policy_identifier"].dotted for entry in policies))


def _policy_mappings(value: bytes, read: Extensions) -> Extensions:
    mappings = load_exactly(asn1_x509.PolicyMappings, value)
    return replace(
        read,
        policy_mappings=tuple(
            (entry["issuer_domain_policy"].dotted, entry["subject_domain_policy"].dotted)
            for entry in mappings
        ),
    )


def _policy_constraints(value: bytes, read: Extensions) -> Extensions:
    constraints = load_exactly(asn1_x509.PolicyConstraints, value)
    return replace(
        read,
        policy_constraints=replace(
            read.policy_constraints,
            require_explicit=constraints["require_explicit_policy"].native,
            inhibit_mapping=constraints["inhibit_policy_mapping"].native,
        ),
    )


def _inhibit_any_policy(value: bytes, read: Extensions) -> Extensions:
    skip = load(core.Integer, value).native
    return replace(read, policy_constraints=replace(read.policy_constraints, inhibit_any=skip))


def _name_constraints(value: bytes, read: Extensions) -> Extensions:
    constraints = load_exactly(asn1_x509.NameConstraints, value)
    return replace(
        read,
        name_constraints=NameConstraints(
            permitted=_subtrees(constraints["permitted_subtrees"]),
            excluded=_subtrees(constraints["excluded_subtrees"]),
        ),
    )


def _subtrees(subtrees: "asn1_x509.GeneralSubtrees | core.Void") -> tuple[GeneralName, ...]:
    if isinstance(subtrees, core.Void):
        return ()
    if any(subtree["minimum"].native or subtree["maximum"].native for subtree in subtrees):
        raise ValueError("subtree depths, which RFC 5280 forbids")
    return tuple(general_name(subtree["base"]) for subtree in subtrees)


def _alternative_names(value: bytes, read: Extensions) -> Extensions:
    names = load(asn1_x509.GeneralNames, value)
    return replace(read, alternative_names=tuple(general_name(name) for name in names))


def _distribution_points(value: bytes, read: Extensions) -> Extensions:
    urls: list[str] = []
    names: list[Rdns] = []
    indirect = False
    for point in load(asn1_x509.CRLDistributionPoints, value):
        indirect = indirect or not isinstance(point["crl_issuer"], core.Void)
        for name in full_names(point["distribution_point"]):
            if name.kind == "uri":
                urls.append(name.text)
            elif name.kind == "directory":
                names.append(name.rdns)
    points = DistributionPoints(tuple(urls[:MAX_LISTED]), tuple(names[:MAX_LISTED]), indirect)
    return replace(read, distribution_points=points)


def _authority_information(value: bytes, read: Extensions) -> Extensions:
    found: dict[str, list[str]] = {"ocsp": [], "ca_issuers": []}
    for entry in load(asn1_x509.AuthorityInfoAccessSyntax, value):
        method = entry["access_method"].native
        name = general_name(entry["access_location"])
        if method in found and name.kind == "uri":
            found[method].append(name.text)
    return replace(
        read,
        ocsp_urls=tuple(found["ocsp"][:MAX_LISTED]),
        issuer_urls=tuple(found["ca_issuers"][:MAX_LISTED]),
    )


def _qc_statements(value: bytes, read: Extensions) -> Extensions:
    return replace(read, qc=read_qc_statements(value))


def _ocsp_no_check(_value: bytes, read: Extensions) -> Extensions:
    return replace(read, ocsp_no_check=True)


def _known_but_unused(_value: bytes, read: Extensions) -> Extensions:
    """Take note of an extension whose meaning changes no decision of ours."""
    return read


_READERS: dict[str, Callable[[bytes, Extensions], Extensions]] = {
    "2.5.29.14": _subject_key_id,
    "2.5.29.15": _key_usage,
    "2.5.29.17": _alternative_names,
    "2.5.29.18": _known_but_unused,  # issuerAltName
    "2.5.29.19": _basic_constraints,
    "2.5.29.30": _name_constraints,
    "2.5.29.31": _distribution_points,
    "2.5.29.32": _policies,
    "2.5.29.33": _policy_mappings,
    "2.5.29.35": _authority_key_id,
    "2.5.29.36": _policy_constraints,
    "2.5.29.37": _extended_key_usage,
    "2.5.29.46": _known_but_unused,  # freshestCRL: delta CRLs are an offer, not a duty
    "2.5.29.54": _inhibit_any_policy,
    "1.3.6.1.5.5.7.1.1": _authority_information,
    "1.3.6.1.5.5.7.1.3": _qc_statements,
    "1.3.6.1.5.5.7.48.1.5": _ocsp_no_check,
}


# What path validation rests on (RFC 5280 6): unread, nothing can be said of the certificate.
_DECISIVE = frozenset(
    {
        "2.5.29.15",
        "2.5.29.17",
        "2.5.29.19",
        "2.5.29.30",
        "2.5.29.32",
        "2.5.29.33",
        "2.5.29.36",
        "2.5.29.37",
        "2.5.29.54",
    }
)


def read_extensions(contents: bytes) -> Extensions:
    """Read the list of extensions (the contents of its SEQUENCE), each on its own.

    What cannot be read stands in `problems`; in `broken` too where nothing can be relied on without
    it. Raises `ValueError` where this is no list of extensions.
    """
    read = Extensions()
    seen: set[str] = set()
    broken: list[str] = []
    lesser: list[str] = []
    unknown_critical: list[str] = []
    for oid, critical, value in _listed(contents):
        if oid in seen:
            broken.append(f"Extension {oid} stands in the certificate twice (RFC 5280 4.2).")
            continue
        seen.add(oid)
        reader = _READERS.get(oid)
        if reader is None:
            unknown_critical += [oid] if critical else []
            continue
        try:
            read = reader(value, read)
        # asn1crypto raises whatever the bytes provoke (ValueError, TypeError, KeyError,
        # RecursionError …); every one of them means: this extension cannot be read.
        except Exception:  # noqa: BLE001  # see above
            problem = f"Extension {oid} cannot be read."
            (broken if critical or oid in _DECISIVE else lesser).append(problem)
    return replace(
        read,
        unknown_critical=tuple(unknown_critical),
        broken=tuple(broken),
        problems=(*broken, *lesser),
    )


def _listed(contents: bytes) -> Iterator[tuple[str, bool, bytes]]:
    """Give OID, criticality and value of each extension."""
    for _, extension in elements(contents):
        parts = list(elements(extension))
        if len(parts) not in {2, 3} or (parts[0][0], parts[-1][0]) != (0x06, 0x04):
            raise ValueError("no extension")
        critical = len(parts) == 3 and parts[1][1] != b"\0"
        yield oid_text(parts[0][1]), critical, parts[-1][1]
