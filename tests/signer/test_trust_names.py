"""Names of subjects and issuers: shown, and compared."""

import pytest

from signer.trust.names import MAX_TEXT, Rdns, match_key, rfc4514

CN = "2.5.4.3"
O = "2.5.4.10"  # noqa: E741  # the attribute's own name


def single(value: str, oid: str = CN) -> Rdns:
    return (((oid, value),),)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Jan Kowalski", "CN=Jan Kowalski"),
        ("Zażółć gęślą jaźń", "CN=Zażółć gęślą jaźń"),
        ('a,b+c"d\\e<f>g;h', 'CN=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h'),
        (" lead and trail ", "CN=\\ lead and trail\\ "),
        ("#hash", "CN=\\#hash"),
        (" ", "CN=\\ "),
        ("a\0b", "CN=a\\00b"),
        ("line\nbreak", "CN=line\\0Abreak"),
        ("right\u202eto left", "CN=right\\E2\\80\\AEto left"),
    ],
)
def test_a_name_is_shown_as_rfc_4514_says_and_never_breaks_its_line(value: str, shown: str) -> None:
    assert rfc4514(single(value)) == shown


def test_the_last_relative_name_comes_first_and_unknown_attributes_keep_their_oid() -> None:
    rdns = ((("2.5.4.6", "PL"),), (("1.2.3", "x"), (CN, "Jan")))
    assert rfc4514(rdns) == "1.2.3=x+CN=Jan,C=PL"


def test_a_name_of_absurd_length_is_cut() -> None:
    assert len(rfc4514(single("a" * 65536))) == MAX_TEXT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (single("Example CA"), single("EXAMPLE ca")),
        (single("Example CA"), single("  Example   CA ")),
        (single("żółw"), single("ŻÓŁW")),
        (((("2.5.4.6", "PL"), (CN, "a")),), (((CN, "a"), ("2.5.4.6", "PL")),)),
    ],
)
def test_names_match_whatever_their_case_blanks_and_order_within(one: Rdns, other: Rdns) -> None:
    assert match_key(one) == match_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (single("Example CA"), single("Example CA 2")),
        (single("Example"), single("Example", O)),
        (single("a") + single("b"), single("b") + single("a")),
        (single("a"), ()),
    ],
)
def test_different_names_do_not_match(one: Rdns, other: Rdns) -> None:
    assert match_key(one) != match_key(other)
