"""A signature counts only if it covers all of its revision but its own /Contents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from signer.pades import observe
from tests.attacks.pdf_wrapping import (
    BYTE_RANGES,
    CAPACITY,
    CONTENTS,
    Layout,
    layout,
    signed_as,
    wrapped,
)
from tests.signer.pdf_documents import faults, increment, passes, pdf, signed


def test_the_honest_layout_passes() -> None:
    assert faults(signed_as(layout())) == []


@pytest.mark.parametrize("contents", CONTENTS)
@pytest.mark.parametrize("byte_range", BYTE_RANGES)
def test_universal_forgery_is_refused(byte_range: str, contents: str) -> None:
    forged = wrapped(signed(), byte_range, contents)
    seen = observe(forged)

    assert faults(forged) != []
    assert seen.signed_shape


def test_swapped_second_range_is_refused() -> None:
    """SWA: the gap is larger than /Contents and the second part was moved to the end."""
    base = layout()
    evil = b"4 0 obj\n<</Length 0>>stream\n\nendstream\nendobj\n"
    tail = base.data[base.numbers[2] :]
    moved = base.data[: base.numbers[2]] + b">>endobj\n" + evil + tail
    start = len(moved) - len(tail)
    forged = Layout(moved, (0, base.numbers[1], start, len(tail)), base.contents)

    assert faults(signed_as(forged)) != []


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("starts after the header", lambda a, b, c: (9, a - 9, b, c)),
        ("gap starts early", lambda a, b, c: (0, a - 20, b, c)),
        ("gap ends late", lambda a, b, c: (0, a, b + 1, c - 1)),
        ("ends early", lambda a, b, c: (0, a, b, c - 30)),
        ("leaves the brackets in", lambda a, b, c: (0, a + 1, b - 1, c + 1)),
        ("covers its own contents", lambda _a, b, c: (0, b + c, b + c, 0)),
        ("covers nothing", lambda _a, b, c: (0, 0, b + c, 0)),
    ],
)
def test_a_range_that_is_not_everything_but_contents_is_refused(
    name: str, numbers: Callable[[int, int, int], tuple[int, int, int, int]]
) -> None:
    base = layout()
    spoiled = replace(base, numbers=numbers(*base.numbers[1:]))

    assert faults(signed_as(spoiled)) != [], name


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (lambda a, b, c: (9, a - 9, b, c), "does not cover the first 9 bytes"),
        (lambda a, b, c: (0, a + 1, b - 1, c + 1), "something else, than its own /Contents"),
        (lambda _a, b, c: (0, b + c, 9, 9), "overlap"),
    ],
)
def test_what_is_wrong_with_a_range_is_said(
    numbers: Callable[[int, int, int], tuple[int, int, int, int]], said: str
) -> None:
    base = layout()
    spoiled = replace(base, numbers=numbers(*base.numbers[1:]))

    assert any(said in fault for fault in faults(signed_as(spoiled)))


@pytest.mark.parametrize("filling", [b"\0", b"\n", b" "])
def test_white_space_between_the_digits_of_contents_is_refused(filling: bytes) -> None:
    data = signed_as(layout())
    end = data.index(b">", data.index(b"/Contents<"))
    spaced = data[: end - 2] + filling * 2 + data[end:]

    assert faults(spaced) == [
        "The signature's /Contents is no plain hexadecimal string.",
        "s has no valid byte range",
    ]


def test_something_after_the_cms_inside_contents_is_refused() -> None:
    spoiled = signed_as(layout(), lambda cms: cms + b"\x01")

    assert faults(spoiled) == ["Something other than zeros follows the signature inside /Contents."]


def test_zero_padding_is_tolerated() -> None:
    assert passes(signed_as(layout(), lambda cms: cms + b"\0" * 7))


def test_contents_as_a_literal_string_is_refused() -> None:
    base = layout()
    data = base.data
    start, end = base.numbers[1], base.numbers[2]
    literal = data[:start] + b"(" + data[start + 1 : end - 1] + b")" + data[end:]

    assert faults(signed_as(replace(base, data=literal))) != []


def test_one_signature_shown_by_two_fields_is_refused() -> None:
    field = b"<</FT/Sig/T(a)/Kids[13 0 R 14 0 R]>>"
    base = layout(field=field)
    kid = b"<</FT/Sig/T(%s)/Parent 11 0 R/V 12 0 R/Type/Annot/Subtype/Widget/Rect[0 0 0 0]>>"
    two = signed_as(base)
    assert faults(two) != []
    data = increment(two, {13: kid % b"x", 14: kid % b"y"})

    assert any("Several fields" in fault for fault in faults(data))


@pytest.mark.parametrize(
    ("sub_filter", "said"),
    [
        (b"adbe.x509.rsa_sha1", "not judged"),
        (b"unknown.filter", "not judged"),
        (b"adbe.pkcs7.sha1", "digest of the document"),
        (b"ETSI.RFC3161", "0 signatures"),
    ],
)
def test_other_kinds_of_signatures_are_named_and_never_pass(sub_filter: bytes, said: str) -> None:
    dictionary = layout().data
    assert b"ETSI.CAdES.detached" in dictionary
    base = layout()
    padded = sub_filter.ljust(len(b"ETSI.CAdES.detached"))
    data = base.data.replace(b"ETSI.CAdES.detached", padded)

    assert any(said in fault for fault in faults(signed_as(replace(base, data=data))))


def test_a_signature_in_an_older_revision_than_it_covers_is_refused() -> None:
    """The dictionary stands in revision 1, but its second range runs to the end of revision 2."""
    base = layout()
    grown = increment(base.data, {4: b"<</Length 1>>stream\nx\nendstream"})
    numbers = (*base.numbers[:3], len(grown) - base.numbers[2])
    stretched = Layout(grown, numbers, base.contents)

    assert any("another revision" in fault for fault in faults(signed_as(stretched)))


def test_an_object_promised_behind_the_signed_end_and_supplied_later_is_seen() -> None:
    base = layout()
    row = base.data.index(b"xref\n0 ")
    old = b"%010d" % base.data.index(b"9 0 obj")
    promised = base.data.replace(old + b" 00000 n", b"%010d 00000 n" % len(base.data))
    assert len(promised) == len(base.data)
    assert promised[:row].count(b"xref") == 0
    data = signed_as(replace(base, data=promised))
    data += b"9 0 obj\n<</Type/XObject>>\nendobj\n%%EOF\n"

    assert faults(data) != []


def test_the_reserved_room_is_all_that_may_follow_the_cms() -> None:
    assert CAPACITY // 2 > 1000
    assert observe(pdf()).signatures == ()
