"""Certificate policies along a path (RFC 5280 6.1.2–6.1.5, without its tree).

Nobody here asks for a particular policy, so the only question is whether a path that some CA
obliged to have a valid policy still has one. The tree of RFC 5280 grows exponentially with
mappings; only its deepest level matters for that question, and it is a table: policy → policies
expected below (RFC 9618 keeps the same information in a graph).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from signer.trust.certificates import Certificate
from signer.trust.paths import CandidatePath

ANY_POLICY = "2.5.29.32.0"

_Level = dict[str, frozenset[str]]


@dataclass
class _State:
    """The variables of RFC 5280 6.1.2 that policies need; the counters run down to zero."""

    level: _Level
    explicit: int
    mapping: int
    any_policy: int

    def count_down(self) -> None:
        self.explicit = max(0, self.explicit - 1)
        self.mapping = max(0, self.mapping - 1)
        self.any_policy = max(0, self.any_policy - 1)

    def constrain(self, certificate: Certificate) -> None:
        constraints = certificate.extensions.policy_constraints
        self.explicit = _least(self.explicit, constraints.require_explicit)
        self.mapping = _least(self.mapping, constraints.inhibit_mapping)
        self.any_policy = _least(self.any_policy, constraints.inhibit_any)


def policy_problems(path: CandidatePath) -> Iterator[tuple[Certificate, str]]:
    """Give the certificates of an anchored path at which its policies become invalid, and why."""
    below = path.certificates[-2::-1] if path.anchored else ()
    start = len(below) + 1
    state = _State({ANY_POLICY: frozenset({ANY_POLICY})}, start, start, start)
    for certificate in below:
        is_leaf = certificate is path.certificates[0]
        may_use_any = state.any_policy > 0 or (certificate.self_issued and not is_leaf)
        state.level = _next_level(state.level, certificate, may_use_any)
        if not state.level and state.explicit == 0:
            yield certificate, "A CA above requires a valid certificate policy, and none is left."
            return
        if is_leaf:
            state.count_down()
            if certificate.extensions.policy_constraints.require_explicit == 0:
                state.explicit = 0
        else:
            if _maps_any_policy(certificate):
                yield certificate, "It maps the policy anyPolicy, which is forbidden."
                return
            state.level = _mapped(state.level, certificate, state.mapping > 0)
            if not certificate.self_issued:
                state.count_down()
            state.constrain(certificate)
    if below and not state.level and state.explicit == 0:
        yield below[-1], "A CA above requires a valid certificate policy, and none is left."


def _next_level(level: _Level, certificate: Certificate, may_use_any: bool) -> _Level:
    """Take one certificate's policies into account (6.1.3 (d), (e))."""
    stated = certificate.extensions.policies
    expected = frozenset().union(*level.values())
    below = {
        policy: frozenset({policy})
        for policy in stated
        if policy != ANY_POLICY and (policy in expected or ANY_POLICY in level)
    }
    if ANY_POLICY in stated and may_use_any:
        for policy in expected:
            below.setdefault(policy, frozenset({policy}))
    return below


def _mapped(level: _Level, certificate: Certificate, allowed: bool) -> _Level:
    """Apply a CA's policy mappings (6.1.4 (b))."""
    mappings: dict[str, set[str]] = {}
    for issuer_policy, subject_policy in certificate.extensions.policy_mappings:
        mappings.setdefault(issuer_policy, set()).add(subject_policy)
    if not allowed:
        return {policy: below for policy, below in level.items() if policy not in mappings}
    known = {
        policy: frozenset(subjects)
        for policy, subjects in mappings.items()
        if policy in level or ANY_POLICY in level
    }
    return {**level, **known}


def _maps_any_policy(certificate: Certificate) -> bool:
    return any(ANY_POLICY in pair for pair in certificate.extensions.policy_mappings)


def _least(current: int, stated: int | None) -> int:
    return current if stated is None else min(current, max(0, stated))
