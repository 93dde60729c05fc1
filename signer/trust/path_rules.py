"""The rules of RFC 5280 section 6 that hold whatever the time: one check each, as data.

Validity periods, revocation and algorithm strength depend on the instant and the policy and belong
to the decision. The anchor's own constraints (path length, names) bind the path below it too, as
RFC 5937 describes; apart from that an anchor is believed, not examined.
"""

from collections.abc import Callable, Iterator, Sequence

from signer.trust import name_constraints
from signer.trust.certificates import Certificate
from signer.trust.paths import MAX_DEPTH, CandidatePath
from signer.trust.policies import policy_problems
from signer.validation.facts import PathFact, PathProblem


def path_fact(path: CandidatePath) -> PathFact:
    """Give the fact of a candidate path: its certificates, and each rule that it breaks."""
    problems = [problem for rule in _RULES for problem in rule(path)]
    return PathFact(
        certificates=tuple(certificate.sha256 for certificate in path.certificates),
        anchor=path.certificates[-1].sha256 if path.anchored else None,
        links_intact=(True,) * (len(path.certificates) - 1),
        problems=tuple(problems),
    )


def _problem(certificate: Certificate, code: str, message: str) -> PathProblem:
    return PathProblem(certificate.sha256, code, message)


def _examined(path: CandidatePath) -> Sequence[Certificate]:
    """Give the certificates that must justify themselves: all but the anchor."""
    return path.certificates[:-1] if path.anchored else path.certificates


def _search(path: CandidatePath) -> Iterator[PathProblem]:
    end = path.certificates[-1]
    if path.anchored:
        return
    if path.unverified is False:
        yield _problem(
            end,
            "SIGNATURE",
            "A certificate of its issuer's name is at hand, but does not verify its signature.",
        )
    if path.unverified is None:
        yield _problem(
            end, "SIGNATURE", "The signature is of a kind or size that cannot be verified here."
        )
    if path.cut_short:
        yield _problem(
            end, "LIMIT", f"The search for issuers ended at a limit (depth {MAX_DEPTH} or effort)."
        )


def _readable(path: CandidatePath) -> Iterator[PathProblem]:
    for certificate in _examined(path):
        for message in certificate.broken:
            yield _problem(certificate, "CERTIFICATE", message)


def _critical_extensions(path: CandidatePath) -> Iterator[PathProblem]:
    for certificate in _examined(path):
        unknown = certificate.extensions.unknown_critical
        if unknown:
            message = f"It has critical extensions that are not known here: {', '.join(unknown)}."
            yield _problem(certificate, "CRITICAL_EXTENSION", message)


def _authorities(path: CandidatePath) -> Iterator[PathProblem]:
    """Every issuer is a CA (6.1.4 (k)); an anchor may be silent about it, but not deny it."""
    for certificate in path.certificates[1:]:
        is_anchor = path.anchored and certificate is path.certificates[-1]
        if certificate.fact.ca is False or (certificate.fact.ca is None and not is_anchor):
            yield _problem(certificate, "CA_FALSE", "It issued a certificate but is no CA's.")


def _key_usage(path: CandidatePath) -> Iterator[PathProblem]:
    """A key usage, where stated, includes signing certificates (6.1.4 (n))."""
    for certificate in path.certificates[1:]:
        usage = certificate.fact.key_usage
        if usage is not None and "keyCertSign" not in usage:
            yield _problem(
                certificate, "KEY_USAGE", "Its key is not meant to sign certificates (keyCertSign)."
            )


def _path_length(path: CandidatePath) -> Iterator[PathProblem]:
    """No more CAs below a CA than it allows; self-issued ones do not count (6.1.4 (l))."""
    below = 0
    for position, certificate in enumerate(path.certificates):
        limit = certificate.fact.path_length
        if position > 0 and limit is not None and below > limit:
            message = f"It allows {limit} CA certificates below itself, and there are {below}."
            yield _problem(certificate, "PATH_LENGTH", message)
        if position > 0 and not certificate.self_issued:
            below += 1


def _names(path: CandidatePath) -> Iterator[PathProblem]:
    """Names obey the constraints of all CAs above (6.1.3 (b), (c)); self-issued CAs are exempt."""
    for position, certificate in enumerate(_examined(path)):
        if position > 0 and certificate.self_issued:
            continue
        above = [
            issuer.extensions.name_constraints
            for issuer in path.certificates[position + 1 :]
            if issuer.extensions.name_constraints is not None
        ]
        if name_constraints.violates(certificate, above):
            yield _problem(
                certificate, "NAME_CONSTRAINTS", "Its name lies outside what a CA above may issue."
            )


def _policies(path: CandidatePath) -> Iterator[PathProblem]:
    for certificate, message in policy_problems(path):
        yield _problem(certificate, "POLICY", message)


_RULES: tuple[Callable[[CandidatePath], Iterator[PathProblem]], ...] = (
    _search,
    _readable,
    _critical_extensions,
    _authorities,
    _key_usage,
    _path_length,
    _names,
    _policies,
)
