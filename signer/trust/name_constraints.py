"""Name constraints: which names may stand below a CA (RFC 5280 4.2.1.10, 6.1.3 (b), (c)).

Each kind of name has one containment rule, in the table at the end. A name of a kind that is
constrained but has no rule here counts as outside the permitted and inside the excluded subtrees.
"""

import ipaddress
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from signer.trust.certificates import Certificate
from signer.trust.extensions import NameConstraints
from signer.trust.general_names import GeneralName
from signer.trust.names import match_key, values

_EMAIL_ADDRESS = "1.2.840.113549.1.9.1"


def violates(certificate: Certificate, constraints: Iterable[NameConstraints]) -> bool:
    """Tell whether a name of the certificate is not allowed by one of the constraints above it."""
    names = list(_names(certificate))
    return any(not _allows(constraint, name) for constraint in constraints for name in names)


def _names(certificate: Certificate) -> Iterable[GeneralName]:
    if certificate.subject:
        yield GeneralName("directory", rdns=certificate.subject)
    yield from certificate.extensions.alternative_names
    if not any(name.kind == "email" for name in certificate.extensions.alternative_names):
        for address in values(certificate.subject, _EMAIL_ADDRESS):
            yield GeneralName("email", text=address)


def _allows(constraints: NameConstraints, name: GeneralName) -> bool:
    permitted = [base for base in constraints.permitted if base.kind == name.kind]
    excluded = [base for base in constraints.excluded if base.kind == name.kind]
    contains = _RULES.get(name.kind)
    if contains is None:
        return not permitted and not excluded
    inside = not permitted or any(contains(base, name, False) for base in permitted)
    return inside and not any(contains(base, name, True) for base in excluded)


# Each rule tells whether `base` contains `name`. `when_unclear` is the answer for a name or a base
# that cannot be read: False while looking for permission, True while looking for exclusion.


def _directory(base: GeneralName, name: GeneralName, when_unclear: bool) -> bool:
    del when_unclear  # two readable names always compare
    wanted = match_key(base.rdns)
    return match_key(name.rdns)[: len(wanted)] == wanted


def _dns(base: GeneralName, name: GeneralName, when_unclear: bool) -> bool:
    del when_unclear
    wanted, found = _host(base.text), _host(name.text)
    return not wanted or found == wanted or found.endswith("." + wanted.removeprefix("."))


def _email(base: GeneralName, name: GeneralName, when_unclear: bool) -> bool:
    local, at, host = name.text.rpartition("@")
    if not at:
        return when_unclear
    base_local, base_at, base_host = base.text.rpartition("@")
    if base_at:
        return base_local == local and _host(base_host) == _host(host)
    return _host_within(_host(base.text), _host(host))


def _uri(base: GeneralName, name: GeneralName, when_unclear: bool) -> bool:
    try:
        host = urlsplit(name.text).hostname
    except ValueError:
        return when_unclear
    if not host or _is_address(host):
        return when_unclear  # RFC 5280: a URI without a host name fails the constraint
    return _host_within(_host(base.text), _host(host))


def _ip(base: GeneralName, name: GeneralName, when_unclear: bool) -> bool:
    half = len(base.octets) // 2
    if half not in {4, 16} or len(base.octets) != 2 * half:
        return when_unclear
    if len(name.octets) != half:
        return False
    network, mask = base.octets[:half], base.octets[half:]
    return all(
        (have & bits) == (want & bits)
        for have, want, bits in zip(name.octets, network, mask, strict=True)
    )


def _host_within(base: str, host: str) -> bool:
    """A base with a leading dot holds every host below it; another holds exactly that host."""
    if not base:
        return True
    return host.endswith(base) and host != base if base.startswith(".") else host == base


def _host(text: str) -> str:
    return text.lower().rstrip(".")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


_RULES: dict[str, Callable[[GeneralName, GeneralName, bool], bool]] = {
    "directory": _directory,
    "dns": _dns,
    "email": _email,
    "uri": _uri,
    "ip": _ip,
}
