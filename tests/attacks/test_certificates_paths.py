"""Certificates arranged so that the number of paths explodes (catalogue CRT-6, CRT-7).

The sender of a document chooses the certificates in it. Whatever the arrangement, building paths
ends within a tenth of a second and a bounded number of signature checks.
"""

import itertools
import time
from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from signer.trust import TrustStore, gather
from signer.trust.certificates import Certificate, read_certificate, verify_issued
from signer.trust.paths import MAX_CHECKS, MAX_DEPTH, MAX_PATHS
from signer.trust.signatures import verify
from signer.validation.facts import EmbeddedMaterial, GatheredTrust
from tests.signer.trust_pki import NOW, Entity, issue, key, root, with_extension

SECONDS = 0.05  # for 20 cross-signed authorities; the library this replaces needs over a minute
LARGE_SECONDS = 0.25  # for pools at the size limit, on a busy machine

IDENTIFIERS = pytest.mark.parametrize("identifiers", [True, False], ids=["AKI/SKI", "no AKI/SKI"])


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each signature verified while paths are built."""
    made: list[str] = []

    def counted(certificate: Certificate, issuer: Certificate) -> bool | None:
        made.append("check")
        return verify_issued(certificate, issuer)

    monkeypatch.setattr("signer.trust.paths.verify_issued", counted)
    return made


def searched(
    leaf: Entity, pool: Sequence[Entity], anchor: Entity, *, seconds: float
) -> GatheredTrust:
    """What is gathered for the leaf, and it took no longer than `seconds`."""
    material = EmbeddedMaterial(certificates=tuple(entity.der for entity in pool))
    trust = TrustStore.from_certificates([anchor.der])
    for entity in (leaf, *pool):
        read_certificate(entity.der)  # reading is linear and timed elsewhere
    started = time.process_time()
    gathered = gather([leaf.der], material, trust, NOW, None)
    assert time.process_time() - started < seconds
    return gathered


def mesh(size: int, identifiers: bool) -> list[Entity]:
    """Every authority certified by every other one."""
    authorities = [root(f"CA {number}", identifiers=identifiers) for number in range(size)]
    return [
        issue(below.subject, above, ca=True, own_key=below.key, identifiers=identifiers)
        for below, above in itertools.permutations(authorities, 2)
    ]


def holder(pool: Sequence[Entity], common_name: str) -> Entity:
    return next(entity for entity in pool if entity.subject == root(common_name).subject)


@IDENTIFIERS
@pytest.mark.parametrize("size", [4, 5, 6, 8])
def test_a_full_mesh_without_a_way_out_is_given_up_at_once(
    size: int, identifiers: bool, checks: list[str]
) -> None:
    pool = mesh(size, identifiers)
    leaf = issue("Leaf", holder(pool, "CA 0"), identifiers=identifiers)
    gathered = searched(leaf, pool, root("Elsewhere"), seconds=SECONDS)
    assert gathered.anchors == ()
    assert len(checks) <= MAX_CHECKS


@IDENTIFIERS
def test_the_way_out_of_a_full_mesh_is_found(identifiers: bool, checks: list[str]) -> None:
    pool, top = mesh(5, identifiers), root("Top", identifiers=identifiers)
    last = holder(pool, "CA 4")
    pool.append(issue(last.subject, top, ca=True, own_key=last.key, identifiers=identifiers))
    leaf = issue("Leaf", holder(pool, "CA 0"), identifiers=identifiers)
    gathered = searched(leaf, pool, top, seconds=SECONDS)
    assert 0 < len(gathered.paths) <= MAX_PATHS
    assert all(path.anchor for path in gathered.paths)
    assert len(gathered.paths[0].certificates) == 4  # the shortest one comes first
    authorities = {read_certificate(entity.der).sha256: entity.subject for entity in pool}
    for path in gathered.paths:
        names = [authorities[digest] for digest in path.certificates if digest in authorities]
        assert len(names) == len(set(names)), "an authority stands in the path twice"
    assert len(checks) <= MAX_CHECKS


@IDENTIFIERS
@pytest.mark.parametrize("reachable", [True, False])
def test_a_ladder_of_six_by_six_ends(identifiers: bool, reachable: bool, checks: list[str]) -> None:
    levels = [
        [root(f"L{level} {number}", identifiers=identifiers) for number in range(6)]
        for level in range(7)
    ]
    pool = [
        issue(below.subject, above, ca=True, own_key=below.key, identifiers=identifiers)
        for lower, upper in itertools.pairwise(levels)
        for below in lower
        for above in upper
    ]
    leaf = issue("Leaf", levels[0][0], identifiers=identifiers)
    anchor = levels[6][0] if reachable else root("Elsewhere")
    gathered = searched(leaf, pool, anchor, seconds=LARGE_SECONDS)
    assert len(checks) <= MAX_CHECKS
    assert len(gathered.paths) <= MAX_PATHS
    assert all(len(path.certificates) <= MAX_DEPTH for path in gathered.paths)
    if not gathered.anchors:
        assert [problem.code for problem in gathered.paths[0].problems] == ["LIMIT"]


@IDENTIFIERS
def test_the_right_one_of_fifty_issuers_of_one_name_is_found(
    identifiers: bool, checks: list[str]
) -> None:
    top = root("Top", identifiers=identifiers)
    namesakes = [
        issue("Same", top, ca=True, own_key=key(f"same {number}"), identifiers=identifiers)
        for number in range(50)
    ]
    leaf = issue("Leaf", namesakes[-1], identifiers=identifiers)
    gathered = searched(leaf, namesakes, top, seconds=SECONDS)
    assert gathered.paths[0].certificates[1] == read_certificate(namesakes[-1].der).sha256
    assert gathered.paths[0].anchor is not None
    assert len(checks) <= MAX_CHECKS
    if identifiers:
        assert len(gathered.paths) == 1


@IDENTIFIERS
def test_more_issuers_of_one_name_than_may_be_tried_are_given_up_and_told(
    identifiers: bool, checks: list[str]
) -> None:
    top = root("Top", identifiers=identifiers)
    namesakes = [
        issue("Same", top, ca=True, own_key=key(f"same {number}"), identifiers=identifiers)
        for number in range(120)
    ]
    stranger = issue("Same", top, ca=True, own_key=key("not among them"), identifiers=False)
    leaf = issue("Leaf", stranger, identifiers=False)
    gathered = searched(leaf, namesakes, top, seconds=LARGE_SECONDS)
    assert len(checks) == MAX_CHECKS
    assert "LIMIT" in [problem.code for problem in gathered.paths[0].problems]


def test_the_issuer_that_the_key_identifier_names_is_tried_first(checks: list[str]) -> None:
    top = root("Top")
    namesakes = [issue("Same", top, ca=True, own_key=key(f"same {n}")) for n in range(120)]
    gathered = searched(issue("Leaf", namesakes[-1]), namesakes, top, seconds=LARGE_SECONDS)
    assert gathered.paths[0].certificates[1] == read_certificate(namesakes[-1].der).sha256
    assert len(checks) <= MAX_CHECKS


@IDENTIFIERS
def test_two_authorities_that_certify_each_other_are_no_loop(
    identifiers: bool, checks: list[str]
) -> None:
    one, two = root("A", identifiers=identifiers), root("B", identifiers=identifiers)
    pool = [
        issue("A", two, ca=True, own_key=one.key, identifiers=identifiers),
        issue("B", one, ca=True, own_key=two.key, identifiers=identifiers),
    ]
    leaf = issue("Leaf", one, identifiers=identifiers)
    gathered = searched(leaf, pool, root("Elsewhere"), seconds=SECONDS)
    assert gathered.anchors == ()
    assert len(checks) <= 3


def test_one_key_under_many_names_and_one_name_with_many_certificates_end(
    checks: list[str],
) -> None:
    top = root("Top")
    shared = key("shared")
    names = [issue(f"Name {number}", top, ca=True, own_key=shared) for number in range(20)]
    copies = [issue("Copy", names[number % 20], ca=True, own_key=shared) for number in range(80)]
    gathered = searched(issue("Leaf", copies[0]), [*names, *copies], top, seconds=LARGE_SECONDS)
    assert len(gathered.paths) == MAX_PATHS
    assert all(path.anchor for path in gathered.paths)
    assert len(checks) <= MAX_CHECKS + 1


def test_many_copies_of_one_authority_are_one_step(checks: list[str]) -> None:
    """128 certificates of one name and key, each issued by the same name and key."""
    one = root("One")
    copies = [issue("One", one, ca=True, own_key=one.key) for _ in range(127)]
    gathered = searched(issue("Leaf", one), copies, root("Elsewhere"), seconds=LARGE_SECONDS)
    assert gathered.anchors == ()
    assert len(checks) <= MAX_CHECKS


def test_ten_thousand_certificates_are_not_all_looked_at(checks: list[str]) -> None:
    top = root("Top")
    copy = issue("Filler", top)
    fillers = [copy.der[:-2] + number.to_bytes(2, "big") for number in range(10_000)]
    leaf = issue("Leaf", top)
    material = EmbeddedMaterial(certificates=tuple(fillers))
    started = time.process_time()
    gathered = gather([leaf.der], material, TrustStore.from_certificates([top.der]), NOW, None)
    assert time.process_time() - started < 1.0
    assert gathered.paths[0].anchor is not None
    assert len(gathered.certificates) < 200


def test_a_megabyte_of_heavy_certificates_is_all_that_is_read() -> None:
    """60 KB of purposes in each: the slowest content to read that fits into a certificate."""
    purposes = b"\x30\x82\x32\xc8" + b"\x06\x02\x2a\x03" * 3250
    heavy = issue("Heavy", root(), extra=[with_extension(f"1.2.3.{n}", purposes) for n in range(4)])
    fillers = [heavy.der[:-2] + number.to_bytes(2, "big") for number in range(128)]
    material = EmbeddedMaterial(certificates=tuple(fillers))
    started = time.process_time()
    gathered = gather([issue("Leaf", root()).der], material, TrustStore(), NOW, None)
    assert time.process_time() - started < 3.0
    assert len(gathered.certificates) < 25


def test_policy_mappings_do_not_explode() -> None:
    """RFC 9618: each authority maps every policy to every other one."""
    oids = [bytes.fromhex("06032a03") + bytes([number]) for number in range(1, 25)]
    pairs = b"".join(b"\x30\x0a" + one + other for one, other in itertools.product(oids, repeat=2))
    mapping = b"\x30\x82" + len(pairs).to_bytes(2, "big") + pairs
    policies = b"".join(b"\x30\x05" + oid for oid in oids)
    extra = [
        with_extension("2.5.29.33", mapping),
        with_extension("2.5.29.32", b"\x30\x81" + bytes([len(policies)]) + policies),
        with_extension("2.5.29.36", bytes.fromhex("3003800100"), critical=True),
    ]
    above = top = root("Top")
    pool: list[Entity] = []
    for number in range(6):
        above = issue(f"CA {number}", above, ca=True, extra=extra)
        pool.append(above)
    gathered = searched(issue("Leaf", above, extra=extra[1:2]), pool, top, seconds=SECONDS)
    assert gathered.paths[0].anchor is not None
    assert gathered.paths[0].problems == ()


def test_a_key_too_large_to_try_is_not_tried() -> None:
    leaf = read_certificate(issue("Leaf", root()).der)
    assert leaf.algorithm is not None

    giant = rsa.RSAPublicNumbers(65537, (1 << 16384) + 1).public_key()
    started = time.process_time()
    assert verify(giant, leaf.algorithm, b"\1" * 2049, b"data") is None
    assert time.process_time() - started < SECONDS
