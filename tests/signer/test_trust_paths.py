"""Candidate paths, and the rules of RFC 5280 section 6 that each of them keeps or breaks."""

import ipaddress
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography import x509

from signer.trust import TrustStore, gather
from signer.trust.certificates import read_certificate
from signer.validation.facts import EmbeddedMaterial, GatheredTrust, PathFact
from tests.signer.trust_pki import (
    DAY,
    NOW,
    YEAR,
    Entity,
    Fields,
    append_extension,
    der,
    issue,
    key,
    name,
    resigned,
    root,
    with_extension,
)


def found(
    leaf: Entity | bytes, pool: Sequence[Entity | bytes], anchors: Sequence[Entity]
) -> GatheredTrust:
    """What is gathered offline for one leaf."""
    ders = [item.der if isinstance(item, Entity) else item for item in (leaf, *pool)]
    trust = TrustStore.from_certificates(anchor.der for anchor in anchors)
    return gather(ders[:1], EmbeddedMaterial(certificates=tuple(ders[1:])), trust, NOW, None)


def names(path: PathFact, gathered: GatheredTrust) -> list[str]:
    subjects = {fact.sha256: fact.subject for fact in gathered.certificates}
    return [subjects[digest].removeprefix("CN=") for digest in path.certificates]


def codes(gathered: GatheredTrust) -> list[str]:
    return [problem.code for problem in gathered.paths[0].problems]


# --- building -------------------------------------------------------------------------------


def test_a_path_leads_from_the_signer_over_its_issuers_to_the_anchor() -> None:
    top = root()
    middle = issue("Middle", top, ca=True)
    leaf = issue("Leaf", middle)
    gathered = found(leaf, [top, middle], [top])
    assert [names(path, gathered) for path in gathered.paths] == [["Leaf", "Middle", "Root"]]
    path = gathered.paths[0]
    assert path.anchor == path.certificates[-1] == gathered.anchors[0]
    assert path.links_intact == (True, True)
    assert path.problems == ()


def test_the_anchor_need_not_be_in_the_document() -> None:
    top = root()
    gathered = found(issue("Leaf", top), [], [top])
    assert names(gathered.paths[0], gathered) == ["Leaf", "Root"]


def test_a_path_ends_at_the_first_trusted_certificate_it_meets() -> None:
    top = root()
    middle = issue("Middle", top, ca=True)
    gathered = found(issue("Leaf", middle), [middle, top], [top, middle])
    assert [names(path, gathered) for path in gathered.paths] == [["Leaf", "Middle"]]


def test_a_trusted_end_entity_is_a_path_of_its_own() -> None:
    leaf = issue("Leaf", root())
    gathered = found(leaf, [], [leaf])
    assert gathered.paths[0].certificates == gathered.anchors
    assert gathered.paths[0].links_intact == ()
    assert gathered.paths[0].problems == ()


def test_without_an_anchor_the_longest_chain_is_shown() -> None:
    top = root()
    middle = issue("Middle", top, ca=True)
    gathered = found(issue("Leaf", middle), [middle, top], [])
    assert names(gathered.paths[0], gathered) == ["Leaf", "Middle", "Root"]
    assert gathered.paths[0].anchor is None
    assert gathered.anchors == ()


def test_an_issuer_is_recognised_by_its_signature_not_by_its_name() -> None:
    top = root()
    impostor = root("Root", own_key=key("impostor"))
    gathered = found(issue("Leaf", top), [impostor], [])
    assert names(gathered.paths[0], gathered) == ["Leaf"]
    assert codes(gathered) == ["SIGNATURE"]


def test_a_forged_link_never_reaches_the_anchor() -> None:
    top = root()
    forged = issue("Leaf", top, signed_with=key("forger"))
    gathered = found(forged, [], [top])
    assert gathered.paths[0].anchor is None
    assert codes(gathered) == ["SIGNATURE"]


def test_a_wrong_key_identifier_is_a_hint_and_not_an_obstacle() -> None:
    top = root()
    wrong = x509.AuthorityKeyIdentifier(b"wrong", None, None)
    leaf = issue("Leaf", top, identifiers=False, extra=[(wrong, False)])
    assert found(leaf, [], [top]).paths[0].anchor is not None


def test_names_that_differ_in_case_only_are_the_same_issuer() -> None:
    top = root("Some Authority")
    spelled = Entity(root("SOME  authority", own_key=top.key).certificate, top.key)
    assert found(issue("Leaf", spelled), [], [top]).paths[0].anchor is not None


def test_cross_certified_issuers_give_a_path_each_the_shortest_first() -> None:
    new, old = root("New"), root("Old")
    crossed = issue("New", old, ca=True, own_key=new.key)
    middle = issue("Middle", new, ca=True)
    gathered = found(issue("Leaf", middle), [middle, crossed], [new, old])
    assert [names(path, gathered) for path in gathered.paths] == [
        ["Leaf", "Middle", "New"],
        ["Leaf", "Middle", "New", "Old"],
    ]


def test_a_renewed_issuer_gives_a_path_each_and_the_valid_one_comes_first() -> None:
    top = root()
    expired = issue("Middle", top, ca=True, not_before=NOW - 3 * YEAR, not_after=NOW - YEAR)
    renewed = issue("Middle", top, ca=True)
    gathered = found(issue("Leaf", renewed), [expired, renewed], [top])
    second = [path.certificates[1] for path in gathered.paths]
    assert second == [read_certificate(entity.der).sha256 for entity in (renewed, expired)]


def test_a_path_of_eight_is_followed_and_a_longer_one_is_not() -> None:
    chain = [root("CA 0")]
    for number in range(1, 8):
        chain.append(issue(f"CA {number}", chain[-1], ca=True))
    eight = found(issue("Leaf", chain[6]), chain, chain[:1])
    assert len(eight.paths[0].certificates) == 8
    assert eight.paths[0].anchor is not None
    nine = found(issue("Leaf", chain[7]), chain, chain[:1])
    assert nine.paths[0].anchor is None
    assert codes(nine) == ["LIMIT"]


def test_several_signers_share_one_gathering() -> None:
    top = root()
    leaves = [issue("One", top), issue("Two", top)]
    trust = TrustStore.from_certificates([top.der])
    ders = [leaf.der for leaf in leaves]
    gathered = gather(ders, EmbeddedMaterial(), trust, NOW, None)
    assert [path.certificates[0] for path in gathered.paths] == [
        read_certificate(der).sha256 for der in ders
    ]
    assert len(gathered.anchors) == 1


def test_without_signers_the_embedded_certificates_are_still_described() -> None:
    leaf = issue("Leaf", root())
    gathered = gather([], EmbeddedMaterial(certificates=(leaf.der,)), TrustStore(), NOW, None)
    assert [fact.subject for fact in gathered.certificates] == ["CN=Leaf"]
    assert gathered.paths == ()


def test_an_unreadable_signer_has_a_fact_and_no_path() -> None:
    gathered = found(b"junk", [], [root()])
    assert gathered.paths == ()
    assert gathered.certificates[0].problems


def test_a_link_in_an_algorithm_not_known_here_ends_the_path_and_says_so() -> None:
    top = root()
    leaf = issue("Leaf", top)
    unknown = leaf.der.replace(
        bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04037f")
    )
    gathered = found(unknown, [], [top])
    assert gathered.paths[0].anchor is None
    assert "cannot be verified here" in gathered.paths[0].problems[0].message


# --- rules ----------------------------------------------------------------------------------


def constraint(
    permitted: Sequence[x509.GeneralName] | None = None,
    excluded: Sequence[x509.GeneralName] | None = None,
) -> tuple[x509.NameConstraints, bool]:
    return x509.NameConstraints(permitted, excluded), True


def below(middle_options: dict[str, Any], **leaf_options: Any) -> GatheredTrust:
    """Leaf under a middle authority with these options under a plain root."""
    top = root()
    middle = issue("Middle", top, **{"ca": True, **middle_options})
    subject = leaf_options.pop("subject", "Leaf")
    leaf = issue(subject, middle, **leaf_options)
    return found(leaf, [middle], [top])


def test_an_issuer_that_is_no_authority_is_told() -> None:
    assert codes(below({"ca": False})) == ["CA_FALSE", "KEY_USAGE"]
    assert codes(below({"ca": None, "usages": ("key_cert_sign",)})) == ["CA_FALSE"]


def test_an_anchor_may_be_silent_about_being_an_authority_but_not_deny_it() -> None:
    silent = issue("Old root", ca=None, usages=())
    assert codes(found(issue("Leaf", silent), [], [silent])) == []
    person = issue("Trusted person", root())
    assert codes(found(issue("Leaf", person), [], [person])) == ["CA_FALSE", "KEY_USAGE"]


def test_an_issuer_that_is_silent_about_being_an_authority_is_none_unless_it_is_trusted() -> None:
    silent = issue("Silent", ca=None, usages=())
    assert codes(found(issue("Leaf", silent), [silent], [])) == ["CA_FALSE"]


def test_an_issuer_whose_key_may_not_sign_certificates_is_told() -> None:
    assert codes(below({"usages": ("crl_sign",)})) == ["KEY_USAGE"]
    assert codes(below({"usages": ()})) == []


def test_more_authorities_than_allowed_are_told() -> None:
    top = root(path_length=0)
    middle = issue("Middle", top, ca=True)
    assert codes(found(issue("Leaf", middle), [middle], [top])) == ["PATH_LENGTH"]
    assert codes(found(issue("Leaf", top), [], [top])) == []


def test_an_authority_that_renewed_its_own_key_does_not_count_as_one_more() -> None:
    top = root(path_length=0)
    rolled = issue("Root", top, ca=True, own_key=key("rolled over"))
    assert codes(found(issue("Leaf", rolled), [rolled], [top])) == []


@pytest.mark.parametrize(
    ("subtree", "alternative", "inside"),
    [
        (x509.DNSName("example.pl"), x509.DNSName("www.EXAMPLE.pl"), True),
        (x509.DNSName("example.pl"), x509.DNSName("badexample.pl"), False),
        (x509.RFC822Name("example.pl"), x509.RFC822Name("jan@example.pl"), True),
        (x509.RFC822Name("example.pl"), x509.RFC822Name("jan@sub.example.pl"), False),
        (x509.RFC822Name(".example.pl"), x509.RFC822Name("jan@sub.example.pl"), True),
        (x509.RFC822Name("jan@example.pl"), x509.RFC822Name("ola@example.pl"), False),
        (
            x509.UniformResourceIdentifier(".example.pl"),
            x509.UniformResourceIdentifier("https://www.example.pl/x"),
            True,
        ),
        (
            x509.UniformResourceIdentifier(".example.pl"),
            x509.UniformResourceIdentifier("https://example.pl/"),
            False,
        ),
        (
            x509.DirectoryName(x509.Name(list(name("x", C="PL"))[:1])),
            x509.DirectoryName(name("Jan", C="PL")),
            True,
        ),
        (
            x509.DirectoryName(x509.Name(list(name("x", C="PL"))[:1])),
            x509.DirectoryName(name("Jan", C="DE")),
            False,
        ),
    ],
)
def test_names_stay_inside_permitted_and_outside_excluded_subtrees(
    subtree: x509.GeneralName, alternative: x509.GeneralName, inside: bool
) -> None:
    extra = [(x509.SubjectAlternativeName([alternative]), False)]
    subject = name("Leaf", C="PL")
    permitting = below({"extra": [constraint(permitted=[subtree])]}, subject=subject, extra=extra)
    excluding = below({"extra": [constraint(excluded=[subtree])]}, subject=name("L"), extra=extra)
    assert codes(permitting) == ([] if inside else ["NAME_CONSTRAINTS"])
    assert codes(excluding) == (["NAME_CONSTRAINTS"] if inside else [])


def test_addresses_stay_inside_permitted_networks() -> None:
    network = x509.IPAddress(ipaddress.ip_network("10.1.0.0/16"))
    for address, expected in (("10.1.2.3", []), ("10.2.2.3", ["NAME_CONSTRAINTS"])):
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        gathered = below({"extra": [constraint(permitted=[network])]}, extra=[(alternative, False)])
        assert codes(gathered) == expected


def test_the_subject_and_its_email_address_are_constrained_too() -> None:
    poland = x509.DirectoryName(x509.Name(list(name("x", C="PL"))[:1]))
    middle = {"extra": [constraint(permitted=[poland])]}
    assert codes(below(middle, subject=name("Leaf", C="PL"))) == []
    assert codes(below(middle, subject=name("Leaf", C="DE"))) == ["NAME_CONSTRAINTS"]
    mail = {"extra": [constraint(excluded=[x509.RFC822Name("evil.test")])]}
    assert codes(below(mail, subject=name("L", EMAIL="a@evil.test"))) == ["NAME_CONSTRAINTS"]


def test_a_constraint_on_names_of_another_kind_leaves_the_others_free() -> None:
    middle = {"extra": [constraint(permitted=[x509.DNSName("example.pl")])]}
    assert codes(below(middle, subject=name("Leaf", C="PL"))) == []


def test_a_subtree_of_a_certain_depth_is_not_understood_and_so_not_relied_on() -> None:
    subtree = der(0x30, der(0x82, b"example.pl") + der(0x80, b"\1"))
    constraints = der(0x30, der(0xA0, subtree))
    assert codes(below({"extra": [with_extension("2.5.29.30", constraints)]})) == ["CERTIFICATE"]


@pytest.mark.parametrize("address", ["urn:isbn:123", "https://10.1.2.3/", "https://[::1/"])
def test_an_address_without_a_host_name_is_never_inside_and_always_outside(address: str) -> None:
    base = x509.UniformResourceIdentifier(".example.pl")
    extra = [(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(address)]), False)]
    permitting, excluding = constraint(permitted=[base]), constraint(excluded=[base])
    assert codes(below({"extra": [permitting]}, extra=extra)) == ["NAME_CONSTRAINTS"]
    assert codes(below({"extra": [excluding]}, extra=extra)) == ["NAME_CONSTRAINTS"]


def test_an_authority_that_renewed_its_own_key_is_exempt_and_what_it_issues_is_not() -> None:
    poland = x509.DirectoryName(x509.Name(list(name("x", C="PL"))[:1]))
    top = root("Foreign", extra=[constraint(permitted=[poland])])
    rolled = issue("Foreign", top, ca=True, own_key=key("rolled"))
    assert codes(found(issue(name("L", C="PL"), rolled), [rolled], [top])) == []
    assert codes(found(issue(name("L", C="DE"), rolled), [rolled], [top])) == ["NAME_CONSTRAINTS"]


def test_constraints_of_the_anchor_bind_the_path_too() -> None:
    top = root(extra=[constraint(excluded=[x509.DNSName("evil.test")])])
    alternative = x509.SubjectAlternativeName([x509.DNSName("www.evil.test")])
    leaf = issue("Leaf", top, extra=[(alternative, False)])
    assert codes(found(leaf, [], [top])) == ["NAME_CONSTRAINTS"]


def test_a_name_of_a_kind_that_cannot_be_judged_is_not_allowed_where_it_is_constrained() -> None:
    registered = x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))
    middle = {"extra": [constraint(permitted=[registered])]}
    alternative = x509.SubjectAlternativeName([registered])
    assert codes(below(middle, extra=[(alternative, False)])) == ["NAME_CONSTRAINTS"]
    assert codes(below(middle)) == []


def test_unknown_critical_extensions_are_told_for_all_but_the_anchor() -> None:
    unknown = with_extension("1.2.3.4", b"\x05\x00", critical=True)
    assert codes(below({"extra": [unknown]})) == ["CRITICAL_EXTENSION"]
    assert codes(below({}, extra=[unknown])) == ["CRITICAL_EXTENSION"]
    top = root(extra=[unknown])
    assert codes(found(issue("Leaf", top), [], [top])) == []


def test_an_extension_given_twice_or_unreadable_forbids_relying_on_the_certificate() -> None:
    top = root()
    twice = resigned(issue("Leaf", top), append_extension("2.5.29.19", der(0x30, b"")), top)
    assert codes(found(twice, [], [top])) == ["CERTIFICATE"]
    broken = issue("Leaf", top, extra=[with_extension("2.5.29.30", b"junk")])
    assert codes(found(broken, [], [top])) == ["CERTIFICATE"]


def test_two_different_signature_algorithms_forbid_relying_on_the_certificate() -> None:
    def other_algorithm(fields: Fields) -> None:
        fields["signature"] = fields["signature"].replace(b"\x04\x03\x02", b"\x04\x03\x03")

    top = root()
    gathered = found(resigned(issue("Leaf", top), other_algorithm, top), [], [top])
    assert codes(gathered) == ["CERTIFICATE"]


# --- policies -------------------------------------------------------------------------------


def policies(*oids: str) -> tuple[x509.CertificatePolicies, bool]:
    information = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    return x509.CertificatePolicies(information), False


EXPLICIT = (x509.PolicyConstraints(0, None), True)
EXPLICIT_UNMAPPED = (x509.PolicyConstraints(0, 0), True)
MAPPING = bytes.fromhex("300c300a06032a030406032a0305")  # 1.2.3.4 → 1.2.3.5
ANY = "2.5.29.32.0"


@pytest.mark.parametrize(
    ("middle", "leaf", "expected"),
    [
        ([], [], []),
        ([EXPLICIT, policies("1.2.3.4")], [policies("1.2.3.4")], []),
        ([EXPLICIT, policies("1.2.3.4")], [policies("1.2.3.9")], ["POLICY"]),
        ([EXPLICIT, policies("1.2.3.4")], [], ["POLICY"]),
        ([EXPLICIT, policies(ANY)], [policies("1.2.3.9")], []),
        ([EXPLICIT, policies("1.2.3.4")], [policies(ANY)], []),
        ([EXPLICIT, policies(ANY), (x509.InhibitAnyPolicy(0), True)], [policies(ANY)], ["POLICY"]),
        (
            [EXPLICIT, policies("1.2.3.4"), with_extension("2.5.29.33", MAPPING, critical=True)],
            [policies("1.2.3.5")],
            [],
        ),
        (
            [EXPLICIT, policies("1.2.3.4"), with_extension("2.5.29.33", MAPPING, critical=True)],
            [policies("1.2.3.4")],
            ["POLICY"],
        ),
    ],
)
def test_a_required_policy_must_be_left_at_the_end(
    middle: list[tuple[x509.ExtensionType, bool]],
    leaf: list[tuple[x509.ExtensionType, bool]],
    expected: list[str],
) -> None:
    assert codes(below({"extra": middle}, extra=leaf)) == expected


def test_mapping_below_an_authority_that_forbids_it_counts_for_nothing() -> None:
    top = root()
    upper = issue("Upper", top, ca=True, extra=[EXPLICIT_UNMAPPED, policies("1.2.3.4")])
    mapping = [policies("1.2.3.4"), with_extension("2.5.29.33", MAPPING, critical=True)]
    lower = issue("Lower", upper, ca=True, extra=mapping)
    for policy in ("1.2.3.4", "1.2.3.5"):
        leaf = issue("Leaf", lower, extra=[policies(policy)])
        assert codes(found(leaf, [upper, lower], [top])) == ["POLICY"]


def test_an_authority_that_renewed_its_own_key_may_still_use_any_policy_and_its_leaf_not() -> None:
    top = root()
    inhibiting = [EXPLICIT, policies(ANY), (x509.InhibitAnyPolicy(0), True)]
    middle = issue("Middle", top, ca=True, extra=inhibiting)
    rolled = issue("Middle", middle, ca=True, own_key=key("rolled"), extra=[policies(ANY)])
    named = issue("Leaf", rolled, extra=[policies("1.2.3.4")])
    assert codes(found(named, [middle, rolled], [top])) == []
    leaf = issue("Middle", rolled, own_key=key("leaf"), extra=[policies(ANY)])
    assert codes(found(leaf, [middle, rolled], [top])) == ["POLICY"]


def test_a_renewed_key_does_not_use_up_the_certificates_until_a_policy_is_required() -> None:
    top = root()
    later = (x509.PolicyConstraints(1, None), True)
    middle = issue("Middle", top, ca=True, extra=[later])
    rolled = issue("Middle", middle, ca=True, own_key=key("rolled"))
    other = issue("Other", middle, ca=True)
    for issuer, expected in ((rolled, ["POLICY"]), (other, ["POLICY"])):
        assert codes(found(issue("Leaf", issuer), [middle, issuer], [top])) == expected
    two_later = (x509.PolicyConstraints(2, None), True)
    middle = issue("Middle", top, ca=True, extra=[two_later])
    rolled = issue("Middle", middle, ca=True, own_key=key("rolled"))
    other = issue("Other", middle, ca=True)
    assert codes(found(issue("Leaf", rolled), [middle, rolled], [top])) == []
    assert codes(found(issue("Leaf", other), [middle, other], [top])) == ["POLICY"]


def test_validity_is_left_to_the_decision() -> None:
    top = root(not_before=NOW - 3 * YEAR, not_after=NOW - 2 * YEAR)
    leaf = issue("Leaf", top, not_before=NOW + DAY)
    assert codes(found(leaf, [], [top])) == []
