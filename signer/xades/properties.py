"""The XAdES properties of a signature: what the signer stated, and the evidence added later.

EN 319 132-1 clauses 5.2–5.5; the older vocabularies 1.1.1 and 1.2.2 are read by the same names.
All that is read here is claimed; whether it is signed is for :mod:`signer.xades.observe` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from signer.validation.facts import (
    PolicyReferenceFact,
    Problem,
    ProblemCode,
    SignedPropertiesFact,
)
from signer.xades import names
from signer.xades.algorithms import DIGESTS
from signer.xades.persons import person_claims
from signer.xades.structure import SignatureParts, leaf_text

MAX_TEXT = 1000
"""Characters kept of a claimed text; longer ones are cut, they are for showing only."""

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Qualifying:
    """The QualifyingProperties of one signature; all None and empty for plain XMLDSig."""

    namespace: str | None = None
    signed: etree._Element | None = None
    problems: tuple[Problem, ...] = ()
    _by_name: dict[str, list[etree._Element]] = field(default_factory=dict)

    def all(self, *local_names: str) -> list[etree._Element]:
        """Give the properties with these names, signed or unsigned, in document order by name."""
        return [element for name in local_names for element in self._by_name.get(name, [])]

    def one(self, *local_names: str) -> etree._Element | None:
        """Give the only property of these names; None where there is none or more than one."""
        found = self.all(*local_names)
        return found[0] if len(found) == 1 else None


def read_qualifying(parts: SignatureParts) -> Qualifying:
    """Find a signature's QualifyingProperties; faults make the signature a format failure."""
    found = [
        child
        for holder in parts.objects
        for child in holder
        if names.local_name(child) == "QualifyingProperties"
        and names.namespace_of(child) in names.QUALIFYING_NAMESPACES
    ]
    if not found:
        return Qualifying()
    element, problems = found[0], list(_faults(found, parts))
    signed = _children(element, "SignedProperties")
    if len(signed) > 1:
        problems.append(Problem(ProblemCode.AMBIGUOUS, "There are two SignedProperties."))
    by_name: dict[str, list[etree._Element]] = {}
    for group in [child for part in element for child in part]:
        if names.local_name(group) in _GROUPS:
            for child in group:
                by_name.setdefault(names.local_name(child), []).append(child)
    return Qualifying(
        namespace=names.namespace_of(element),
        signed=signed[0] if signed else None,
        problems=tuple(problems),
        _by_name=by_name,
    )


_GROUPS = frozenset(
    {
        "SignedSignatureProperties",
        "SignedDataObjectProperties",
        "UnsignedSignatureProperties",
        "UnsignedDataObjectProperties",
    }
)


def _faults(found: list[etree._Element], parts: SignatureParts) -> Iterator[Problem]:
    if len(found) > 1:
        message = "The signature has more than one QualifyingProperties."
        yield Problem(ProblemCode.AMBIGUOUS, message)
    if parts.id is None or found[0].get("Target") != f"#{parts.id}":
        message = (
            "QualifyingProperties must name this signature as its Target (EN 319 132-1 4.3.1)."
        )
        yield Problem(ProblemCode.STRUCTURE, message)


def signing_time(qualifying: Qualifying) -> datetime | None:
    """Read the claimed signing time; None where absent, repeated or not a time."""
    element = qualifying.one("SigningTime")
    return None if element is None else parse_time(leaf_text(element))


def parse_time(text: str | None) -> datetime | None:
    """Read an xs:dateTime into UTC; one without a zone is taken as UTC."""
    match = _DATE_TIME.fullmatch((text or "").strip())
    if match is None:
        return None
    base, fraction, zone = match.groups()
    offset = "+00:00" if zone in (None, "Z") else zone
    try:
        moment = datetime.fromisoformat(f"{base}.{(fraction or '0').ljust(6, '0')}{offset}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def signed_properties(qualifying: Qualifying) -> SignedPropertiesFact:
    """Read what the signer stated beside time and certificate."""
    roles = _within(qualifying.all("SignerRole", "SignerRoleV2"), "ClaimedRole")
    return SignedPropertiesFact(
        policy=_policy(qualifying.one("SignaturePolicyIdentifier")),
        claimed_roles=tuple(_text(role) for role in roles),
        commitment_types=tuple(
            _text(identifier)
            for commitment in qualifying.all("CommitmentTypeIndication")
            for identifier in _within([commitment], "Identifier")
        ),
        production_place=_place(
            qualifying.one("SignatureProductionPlace", "SignatureProductionPlaceV2")
        ),
        data_formats=tuple(
            (form.get("ObjectReference", ""), _mime_type(form))
            for form in qualifying.all("DataObjectFormat")
        ),
        person_claims=person_claims(roles),
    )


def _policy(element: etree._Element | None) -> PolicyReferenceFact | None:
    if element is None:
        return None
    if _within([element], "SignaturePolicyImplied"):
        return PolicyReferenceFact(implied=True)
    digest_method = _first(element, "DigestMethod")
    return PolicyReferenceFact(
        implied=False,
        identifier=_optional_text(_first(element, "Identifier")),
        digest_algorithm=None
        if digest_method is None
        else DIGESTS.get(digest_method.get("Algorithm", "")),
        digest=_optional_text(_first(element, "DigestValue")),
        url=_optional_text(_first(element, "SPURI")),
    )


def _place(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    return ", ".join(text for child in element if (text := _text(child))) or None


def _mime_type(form: etree._Element) -> str | None:
    found = _children(form, "MimeType")
    return leaf_text(found[0]) if len(found) == 1 else None


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if names.local_name(child) == name]


def _within(elements: list[etree._Element], name: str) -> list[etree._Element]:
    return [node for element in elements for node in element.iter(f"{{*}}{name}")]


def _first(element: etree._Element, name: str) -> etree._Element | None:
    return next(iter(_within([element], name)), None)


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())[:MAX_TEXT]


def _optional_text(element: etree._Element | None) -> str | None:
    return None if element is None else _text(element) or None
