"""Observes one XML signature: steps 2 to 6 of :mod:`signer.xades.observe`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from lxml import etree

from signer.validation.facts import (
    Problem,
    ProblemCode,
    ReferenceFact,
    Refusal,
    RefusalKind,
    SignatureFact,
    SignedPropertiesFact,
)
from signer.xades import algorithms, confirm, keys, names, properties
from signer.xades.canonical import element_octets
from signer.xades.digests import Checked, Digester
from signer.xades.embedded import certificate_facts, property_certificates
from signer.xades.level import Level, level_of
from signer.xades.references import (
    DATA_KINDS,
    ReferenceKind,
    is_signed_properties,
    kind_of,
    packaging_of,
)
from signer.xades.scope import scope_of
from signer.xades.signing_certificate import (
    CertificatePin,
    certificate_pins,
    choose_certificate,
    reference_fact,
)
from signer.xades.structure import ReferenceParts, read_references, read_signature
from signer.xades.value import key_refusal, verifies

MAX_MANIFEST_ENTRIES = 1000
"""Per signature, over all the manifests that it signs."""


class SignatureObserver:
    """Everything there is to know about one ``ds:Signature`` element, computed when asked."""

    def __init__(
        self,
        root: etree._Element,
        element: etree._Element,
        digester: Digester,
        identifiers: Mapping[etree._Element, str],
    ) -> None:
        self._root = root
        self._element = element
        self._digester = digester
        self._identifiers = identifiers
        self._tried: dict[bytes, bool] = {}
        self._parts = read_signature(element)
        self._algorithm = algorithms.signature_algorithm(self._parts.signature_method)
        self.qualifying = properties.read_qualifying(self._parts)

    def fact(self) -> SignatureFact:
        """Give the facts of this signature."""
        level, signed = self._level, self._properties_signed
        return SignatureFact(
            id=self._identifiers[self._element],
            format="XMLDSig" if self.qualifying.signed is None else "XAdES",
            level=level.name,
            baseline=level.baseline,
            packaging=packaging_of(self._element, self.data),
            references=self._reference_facts(),
            signature_value_intact=self._value_intact,
            signature_algorithm=self._algorithm,
            signing_certificate=None if self._signer is None else keys.sha256(self._signer),
            signing_certificate_reference=reference_fact(self._pinning, self._pins, self._signer),
            claimed_signing_time=properties.signing_time(self.qualifying) if signed else None,
            signed_properties=properties.signed_properties(self.qualifying)
            if signed
            else SignedPropertiesFact(),
            certificates=certificate_facts(self._signer, self.certificates),
            scope=scope_of(self._root, self._element, self.data),
            refusals=self._refusals(),
            problems=self._problems(),
            counter_signature_of=None
            if self._master is None
            else self._identifiers.get(self._master),
        )

    @cached_property
    def certificates(self) -> tuple[tuple[bytes, str], ...]:
        """Give (DER, origin) of every embedded certificate."""
        in_key_info = keys.key_info_certificates(self._parts.key_info)
        in_properties = property_certificates(self.qualifying)
        return (*((der, "KEY_INFO") for der in in_key_info), *in_properties)

    @cached_property
    def checked(self) -> tuple[Checked, ...]:
        """Give the references with their digests checked, and the octets that were digested."""
        if self._parts.problems:
            return ()
        outside = [r for r in self._parts.references if not self._digester.resolves_inside(r.uri)]
        return tuple(
            self._digester.check(reference, self._element, sole_unresolved=outside == [reference])
            for reference in self._parts.references
        )

    # --- references -----------------------------------------------------------------------

    def _kind(self, one: Checked) -> ReferenceKind:
        return kind_of(one, self.qualifying.signed)

    @cached_property
    def data(self) -> tuple[Checked, ...]:
        """Give the references over what was to be signed, not over the signature's own parts."""
        return tuple(one for one in self.checked if self._kind(one) in DATA_KINDS)

    @cached_property
    def _listed(self) -> tuple[ReferenceParts, ...]:
        """Give what the signed manifests list. A manifest inside a manifest is not followed."""
        manifests = [
            one.target.element
            for one in self.data
            if one.intact and self._kind(one) is ReferenceKind.MANIFEST
        ]
        return tuple(r for m in manifests if m is not None for r in read_references(m))

    @cached_property
    def _entries(self) -> tuple[Checked, ...]:
        if len(self._listed) > MAX_MANIFEST_ENTRIES:
            return ()
        return tuple(self._digester.check(r, self._element) for r in self._listed)

    def _reference_facts(self) -> tuple[ReferenceFact, ...]:
        facts = [_reference_fact(one, self._kind(one)) for one in self.checked]
        facts += [_reference_fact(one, ReferenceKind.MANIFEST_ENTRY) for one in self._entries]
        if self._master is not None:
            facts.append(self._counter_signed_fact())
        return tuple(facts)

    def _counter_signed_fact(self) -> ReferenceFact:
        """Say whether a counter-signature is over the value of the signature that holds it."""
        own = self._master.find(names.SIGNATURE_VALUE) if self._master is not None else None
        targets = [one.target.element for one in self.checked]
        kind = ReferenceKind.COUNTER_SIGNED_SIGNATURE_VALUE
        return ReferenceFact(kind, None, found=True, intact=own is not None and own in targets)

    @cached_property
    def _master(self) -> etree._Element | None:
        """Give the signature that this one counter-signs, by where it stands."""
        parent = self._element.getparent()
        if parent is None or names.local_name(parent) != "CounterSignature":
            return None
        return next(parent.iterancestors(names.SIGNATURE), None)

    # --- certificate and value --------------------------------------------------------------

    @cached_property
    def _properties_signed(self) -> bool:
        return any(is_signed_properties(one, self.qualifying.signed) for one in self.checked)

    @property
    def _pinning(self) -> properties.Qualifying:
        """Give the properties if they are signed: others pin nothing."""
        return self.qualifying if self._properties_signed else properties.Qualifying()

    @cached_property
    def _pins(self) -> tuple[CertificatePin, ...]:
        return certificate_pins(self._pinning)

    @cached_property
    def _signer(self) -> bytes | None:
        pool = dict.fromkeys(der for der, _origin in self.certificates)
        return choose_certificate(pool, self._pins, self._signed_with)

    def _signed_with(self, der: bytes) -> bool:
        """Say whether a certificate's key verifies the value; each is tried once."""
        if der not in self._tried:
            key = keys.public_key(der)
            self._tried[der] = key is not None and self._verifies(key)
        return self._tried[der]

    @cached_property
    def _signed_info_octets(self) -> bytes | None:
        parts = self._parts
        if parts.problems or parts.signed_info is None or parts.canonicalization is None:
            return None
        try:
            return element_octets(parts.signed_info, parts.canonicalization)
        except etree.C14NError:
            return None

    def _verifies(self, key: PublicKeyTypes) -> bool:
        octets, value = self._signed_info_octets, self._parts.value
        if octets is None or value is None or key_refusal(key) is not None:
            return False
        return verifies(key, self._algorithm, value, octets)

    @cached_property
    def _key(self) -> PublicKeyTypes | None:
        if self._signer is not None:
            return keys.public_key(self._signer)
        return keys.key_value(self._parts.key_info)

    @cached_property
    def _value_intact(self) -> bool | None:
        if self._key is None:
            return False
        if self._value_refusals():
            return None
        if self._signer is not None:
            return self._signed_with(self._signer)
        return self._verifies(self._key)

    # --- what went wrong --------------------------------------------------------------------

    def _value_refusals(self) -> tuple[Refusal, ...]:
        refusals = []
        if self._parts.problems:
            reason = "The signature's shape is not that of XMLDSig; nothing was computed."
            refusals.append(Refusal(RefusalKind.FORMAT, "SIGNATURE_SHAPE", reason))
        elif self._signed_info_octets is None:
            reason = f"“{self._parts.canonicalization_method}” is not a form that we compute."
            refusals.append(Refusal(RefusalKind.TRANSFORM, "UNKNOWN_CANONICALIZATION", reason))
        if self._algorithm.identifier not in algorithms.SIGNATURES:
            reason = f"The signature algorithm “{self._algorithm.identifier}” is not accepted."
            refusals.append(Refusal(RefusalKind.ALGORITHM, "UNKNOWN_SIGNATURE_METHOD", reason))
        if self._key is not None and (refusal := key_refusal(self._key)) is not None:
            refusals.append(refusal)
        return tuple(refusals)

    def _refusals(self) -> tuple[Refusal, ...]:
        checks = (*self.checked, *self._entries)
        return (*self._value_refusals(), *(one.refusal for one in checks if one.refusal))

    def _problems(self) -> tuple[Problem, ...]:
        problems = [*self._parts.problems, *self.qualifying.problems]
        for one in (*self.checked, *self._entries):
            if one.target.duplicated:
                message = f"More than one element answers to “{one.parts.uri}”."
                problems.append(Problem(ProblemCode.AMBIGUOUS, message))
        if self.qualifying.signed is not None and not self._properties_signed:
            message = "The signature does not cover its own signed properties."
            problems.append(Problem(ProblemCode.PROPERTIES_NOT_SIGNED, message))
        if len(self._listed) > MAX_MANIFEST_ENTRIES:
            message = f"The manifests list more than {MAX_MANIFEST_ENTRIES} things."
            problems.append(Problem(ProblemCode.LIMIT, message))
        if self._confirmed is False:
            message = "Two verification engines disagree about this signature."
            problems.append(Problem(ProblemCode.AMBIGUOUS, message))
        return tuple(problems)

    @cached_property
    def _confirmed(self) -> bool | None:
        """Ask the second engine about a signature that the first found intact."""
        intact = self._value_intact and all(one.intact for one in self.checked)
        if not intact or self._key is None:
            return None
        return confirm.confirmed(self._parts, self.checked, self._key, self._algorithm.encryption)

    @cached_property
    def _level(self) -> Level:
        return level_of(
            self._parts,
            self.qualifying,
            properties_signed=self._properties_signed,
            signer_in_key_info=(self._signer, "KEY_INFO") in self.certificates,
        )


def _reference_fact(one: Checked, kind: ReferenceKind) -> ReferenceFact:
    return ReferenceFact(
        type=kind,
        uri=one.parts.uri,
        found=one.found,
        intact=one.intact,
        digest_algorithm=algorithms.DIGESTS.get(one.parts.digest_method),
        id=one.parts.id,
        duplicated=one.target.duplicated,
        transforms=tuple(t.get("Algorithm", "") for t in one.parts.transforms),
    )
