"""Our reading of RFC 5280 beside that of two other implementations, on single chains.

pyhanko-certvalidator and cryptography's own verifier stop at the first fault and mix in validity;
so only "is the path good at all" is compared, on chains that are valid in time.
"""

import asyncio
import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509 import verification
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

from signer.trust import TrustStore, gather
from signer.validation.facts import EmbeddedMaterial
from tests.signer.trust_pki import NOW, Entity, issue, name, root, with_extension

CHAINS = 150

ANY = "2.5.29.32.0"


def ours(leaf: Entity, middles: Sequence[Entity], top: Entity) -> bool:
    material = EmbeddedMaterial(certificates=tuple(entity.der for entity in middles))
    trust = TrustStore.from_certificates([top.der])
    gathered = gather([leaf.der], material, trust, NOW, None)
    return any(path.anchor is not None and not path.problems for path in gathered.paths)


def certvalidators(leaf: Entity, middles: Sequence[Entity], top: Entity) -> bool:
    load = asn1_x509.Certificate.load
    context = ValidationContext(
        trust_roots=[load(top.der)], allow_fetching=False, moment=NOW, time_tolerance=dt.timedelta()
    )
    validator = CertificateValidator(
        load(leaf.der), [load(entity.der) for entity in middles], validation_context=context
    )
    try:
        asyncio.run(validator.async_validate_usage(set()))
    except (PathBuildingError, PathValidationError):
        return False
    return True


def cryptographys(leaf: Entity, middles: Sequence[Entity], top: Entity) -> bool:
    permissive = verification.ExtensionPolicy.permit_all()
    authorities = permissive.require_present(
        x509.BasicConstraints, verification.Criticality.AGNOSTIC, None
    )
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store([top.certificate]))
        .time(NOW)
        .extension_policies(ca_policy=authorities, ee_policy=permissive)
        .build_client_verifier()
    )
    try:
        verifier.verify(leaf.certificate, [entity.certificate for entity in middles])
    except verification.VerificationError:
        return False
    return True


# --- random chains ----------------------------------------------------------------------------


def random_authority(chance: random.Random) -> dict[str, Any]:
    """Options of one intermediate authority, each fault with a small probability."""
    options: dict[str, Any] = {"ca": True, "extra": []}
    if chance.random() < 0.1:
        options["ca"] = chance.choice([False, None])
        options["usages"] = ("key_cert_sign", "crl_sign")
    if chance.random() < 0.3:
        options["path_length"] = chance.choice([0, 1, 2])
    if chance.random() < 0.1:
        options["usages"] = ("crl_sign",)
    if chance.random() < 0.3:
        options["extra"].append(random_constraint(chance))
    if chance.random() < 0.08:
        options["extra"].append(with_extension("1.2.3.4", b"\x05\x00", critical=True))
    if chance.random() < 0.6:
        options["extra"].append(random_policies(chance))
    if chance.random() < 0.3:
        constraints = x509.PolicyConstraints(chance.choice([0, 1]), chance.choice([None, 0]))
        options["extra"].append((constraints, True))
    if chance.random() < 0.2:
        options["extra"].append((x509.InhibitAnyPolicy(chance.choice([0, 1])), True))
    if chance.random() < 0.2:
        options["extra"].append(with_extension("2.5.29.33", MAPPING, critical=True))
    return options


MAPPING = bytes.fromhex("300c300a06032a030406032a0305")  # 1.2.3.4 → 1.2.3.5


def random_policies(chance: random.Random) -> tuple[x509.ExtensionType, bool]:
    oids = chance.sample(["1.2.3.4", "1.2.3.5", ANY], chance.choice([1, 2]))
    information = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    return x509.CertificatePolicies(information), False


def random_constraint(chance: random.Random) -> tuple[x509.ExtensionType, bool]:
    base = chance.choice(
        [
            x509.DNSName("example.pl"),
            x509.RFC822Name("example.pl"),
            x509.RFC822Name(".example.pl"),
            x509.UniformResourceIdentifier(".example.pl"),
            x509.DirectoryName(x509.Name(list(name("x", C="PL"))[:1])),
        ]
    )
    if chance.random() < 0.5:
        return x509.NameConstraints([base], None), True
    return x509.NameConstraints(None, [base]), True


def random_leaf(chance: random.Random) -> dict[str, Any]:
    options: dict[str, Any] = {"extra": []}
    if chance.random() < 0.5:
        alternatives = [
            x509.DNSName("www.example.pl"),
            x509.DNSName("example.de"),
            x509.RFC822Name("jan@example.pl"),
            x509.RFC822Name("jan@sub.example.pl"),
            x509.UniformResourceIdentifier("https://www.example.pl/"),
        ]
        chosen = chance.sample(alternatives, chance.choice([1, 2]))
        options["extra"].append((x509.SubjectAlternativeName(chosen), False))
    if chance.random() < 0.6:
        options["extra"].append(random_policies(chance))
    return options


def random_chain(seed: int) -> tuple[Entity, list[Entity], Entity]:
    chance = random.Random(seed)  # noqa: S311  # picks test cases, repeatably
    top = root("Root")
    middles: list[Entity] = []
    for number in range(chance.choice([0, 1, 1, 2, 3])):
        subject = name(f"CA {number}", C="PL")
        if middles and chance.random() < 0.2:
            subject = middles[-1].subject  # self-issued: a new key under the same name
        above = middles[-1] if middles else top
        own_key = issue(f"key {seed} {number}").key
        middles.append(issue(subject, above, own_key=own_key, **random_authority(chance)))
    subject = name("Leaf", C=chance.choice(["PL", "DE"]))
    leaf = issue(subject, middles[-1] if middles else top, **random_leaf(chance))
    return leaf, middles, top


@pytest.mark.parametrize("seed", range(CHAINS))
def test_a_random_chain_is_judged_as_certvalidator_judges_it(seed: int) -> None:
    chain = random_chain(seed)
    assert ours(*chain) is certvalidators(*chain)


def test_the_random_chains_are_of_both_kinds() -> None:
    outcomes = [ours(*random_chain(seed)) for seed in range(CHAINS)]
    assert 0.2 < sum(outcomes) / CHAINS < 0.8


@pytest.mark.parametrize("path_length", [0, 1, None])
@pytest.mark.parametrize("middle_ca", [True, False, None])
def test_a_chain_is_judged_as_cryptography_judges_it(
    path_length: int | None, middle_ca: bool | None
) -> None:
    top = root("Root", path_length=path_length)
    one = issue("One", top, ca=True)
    usages = ("key_cert_sign", "crl_sign")
    two = issue("Two", one, ca=middle_ca, usages=usages)
    alternative = x509.SubjectAlternativeName([x509.DNSName("a.example.pl")])
    leaf = issue("Leaf", two, extra=[(alternative, False)])
    assert ours(leaf, [one, two], top) is cryptographys(leaf, [one, two], top)
