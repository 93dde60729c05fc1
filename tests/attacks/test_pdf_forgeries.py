"""No change of a signed PDF that a reader could see or hide passes; its untouched twin does."""

from __future__ import annotations

import re

import pytest

from signer.pades import create, observe
from signer.validation.facts import ProblemCode
from tests.attacks.pdf_forgeries import SIMPLE, last_object, signed_catalog
from tests.attacks.pdf_wrapping import DICTIONARY, layout_of, signed_as
from tests.signer.pdf_documents import (
    NOW,
    OBJECTS,
    credential,
    faults,
    form_image,
    increment,
    passes,
    pdf,
    signed,
    stream,
)


def test_the_untouched_document_passes() -> None:
    assert faults(signed()) == []


@pytest.mark.parametrize("name", SIMPLE)
def test_a_forgery_does_not_pass(name: str) -> None:
    forged = SIMPLE[name](signed())

    assert forged != signed()
    assert faults(forged) != []


@pytest.mark.parametrize("name", [name for name in SIMPLE if name.startswith("STRIP")])
def test_a_stripped_signature_is_never_called_an_unsigned_document(name: str) -> None:
    seen = observe(SIMPLE[name](signed()))

    assert seen.signed_shape
    assert ProblemCode.SIGNATURE_STRIPPED in {problem.code for problem in seen.problems}


def test_changes_are_told_in_plain_words() -> None:
    words = faults(SIMPLE["SHD-2 field value and image"](signed()))

    assert words[0] == "form field “kwota”: its value was changed"
    assert "page 1: its content was changed" in faults(SIMPLE["page content moved"](signed()))


def _with_visible_signature(box: bytes) -> bytes:
    """A second signature, valid in itself, whose image covers an area of the page."""
    field = b"<</FT/Sig/Type/Annot/Subtype/Widget/T(druga)/V 51 0 R/F 132/P 3 0 R/Rect%s>>" % box
    form = re.sub(rb"/Fields\s*\[", b"/Fields[50 0 R ", last_object(signed(), 6), count=1)
    page = re.sub(rb"/Annots\s*\[", b"/Annots[50 0 R ", last_object(signed(), 3), count=1)
    update = {3: page, 6: form, 50: field, 51: DICTIONARY}
    return signed_as(layout_of(increment(signed(), update)))


@pytest.mark.parametrize(
    ("box", "said"),
    [
        (b"[90 690 400 730]", "a signature was added (“druga”) over text of page 1"),
        (b"[0 0 595 842]", "a signature was added (“druga”) over another mark on page 1"),
        (b"[150 590 300 610]", "a signature was added (“druga”) over another mark on page 1"),
    ],
)
def test_a_later_signature_must_not_hide_what_was_signed(box: bytes, said: str) -> None:
    first, *_rest = observe(_with_visible_signature(box)).signatures

    assert first.pdf is not None
    assert said in [change.description for change in first.pdf.modifications if not change.harmless]


def test_a_signature_field_that_runs_an_action_is_no_mere_signature() -> None:
    box = b"[0 0 0 0]/AA<</E<</S/JavaScript/JS(app.alert\\(1\\))>>>>"

    assert "it carries /AA" in faults(_with_visible_signature(box), count=2)[0]


def test_a_field_kept_out_of_sight_and_shown_later_is_told() -> None:
    hidden = b"<</FT/Sig/Type/Annot/Subtype/Widget/T(tajne)/V 51 0 R/P 3 0 R/Rect[0 0 0 0]>>"
    base = create(pdf({**OBJECTS, 30: hidden}), credential(), now=NOW)
    form = re.sub(rb"/Fields\s*\[", b"/Fields[30 0 R ", last_object(base, 6), count=1)
    data = signed_as(layout_of(increment(base, {6: form, 51: DICTIONARY})))

    assert any("out of sight" in fault for fault in faults(data, count=2))


def test_what_was_missing_when_signed_cannot_be_supplied_later() -> None:
    page = OBJECTS[3].replace(b"/Cover 9 0 R", b"/Cover 9 0 R/Late 30 0 R")
    base = create(pdf({**OBJECTS, 3: page}), credential(), now=NOW)
    late = {30: form_image(b"1000000")}

    assert faults(base) == []
    said = "page 1: object 30, missing when it was signed, was supplied"
    assert said in faults(increment(base, late))
    assert said in faults(increment(increment(base, {}), late))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("other catalog that keeps the form", "exchanged for another one"),
        ("encryption added", "the encryption of the file was changed"),
        ("signature made visible", "“Signature1” was changed"),
        ("form field removed", "a form field was removed or exchanged"),
        ("SHD-1 image removed from the table", "page 1: object 9 was removed"),
        ("page added", "a part (Pages) was changed"),
        ("EAA stamp", "page 1: an annotation (Stamp) was added"),
        ("EAA annotation removed", "page 1: an annotation was removed"),
    ],
)
def test_each_rule_names_what_it_found(name: str, said: str) -> None:
    assert any(said in fault for fault in faults(SIMPLE[name](signed())))


@pytest.mark.parametrize(
    "body",
    [
        b"<</Length 3>>stream\nwhat lenient readers see\nendstream",
        b"<</Length 99999>>stream\nabc\nendstream",
        b"(no end) 7",
    ],
)
def test_an_update_that_readers_must_repair_is_told(body: bytes) -> None:
    catalog = signed_catalog(signed())
    at = catalog.rindex(b">>")
    store = {1: catalog[:at] + b"/DSS<</Certs[60 0 R]>>" + catalog[at:], 60: body}

    assert "Object 60 does not end as it says." in faults(increment(signed(), store))


def test_two_objects_in_the_same_bytes_are_told() -> None:
    inner = b"51 0 obj\n(x)\nendobj\n"
    data = increment(signed(), {50: stream(inner), 51: b"(y)"})
    inside = data.index(inner)
    data = data.replace(b"51 1\n%010d" % data.rindex(b"51 0 obj"), b"51 1\n%010d" % inside)

    assert any("share the bytes" in fault for fault in faults(data))


def test_a_later_signature_on_an_empty_place_is_welcome() -> None:
    assert faults(_with_visible_signature(b"[90 90 300 130]"), count=2) == []


# --- untouched twins: what may follow a signature -----------------------------------------------


def test_a_second_signature_leaves_the_first_one_whole() -> None:
    assert faults(create(signed(), credential("rsa"), now=NOW), count=2) == []


def test_three_signatures_by_three_kinds_of_keys_all_pass() -> None:
    data = signed("rsa")
    for kind in ("p384", "ed25519"):
        data = create(data, credential(kind), now=NOW)

    assert faults(data, count=3) == []


def test_validation_data_may_be_added() -> None:
    catalog = signed_catalog(signed())
    store = b"/DSS<</Type/DSS/Certs[60 0 R]/VRI<</" + b"A" * 40 + b"<</Cert[60 0 R]>>>>>>"
    at = catalog.rindex(b">>")
    objects = {1: catalog[:at] + store + catalog[at:], 60: stream(credential().certificate)}
    once = increment(signed(), objects)

    assert faults(once) == []
    more = {1: objects[1].replace(b"[60 0 R]", b"[60 0 R 61 0 R]"), 61: stream(b"more")}
    assert faults(increment(once, more)) == []


def test_validation_data_in_objects_of_their_own_may_be_extended() -> None:
    catalog = signed_catalog(signed())
    at = catalog.rindex(b">>")
    first = {
        1: catalog[:at] + b"/DSS 60 0 R" + catalog[at:],
        60: b"<</Certs 61 0 R>>",
        61: b"[62 0 R]",
        62: stream(credential().certificate),
    }
    once = increment(signed(), first)
    twice = increment(once, {61: b"[62 0 R 63 0 R]", 63: stream(credential("rsa").certificate)})

    assert faults(twice) == []


def test_an_empty_update_changes_nothing() -> None:
    assert faults(increment(signed(), {})) == []


def test_restating_an_object_unchanged_changes_nothing() -> None:
    assert faults(increment(signed(), {4: OBJECTS[4], 5: OBJECTS[5]})) == []


def test_the_date_of_a_later_save_is_no_change() -> None:
    update = {50: b"<</Title(Decyzja)/Producer(other)/ModDate(D:20261124)>>"}

    assert faults(increment(signed(), update, trailer=b"/Info 50 0 R")) == []


def test_white_space_after_the_end_is_no_change() -> None:
    assert passes(signed() + b"\r\n\0\0 ")


def test_an_empty_field_that_was_there_may_be_signed() -> None:
    objects = {
        **OBJECTS,
        6: OBJECTS[6].replace(b"7 0 R", b"7 0 R 11 0 R"),
        3: OBJECTS[3].replace(b"[7 0 R]", b"[7 0 R 11 0 R]"),
        11: b"<</FT/Sig/Type/Annot/Subtype/Widget/T(podpis)/F 4/P 3 0 R/Rect[0 0 0 0]>>",
    }
    data = create(pdf(objects), credential(), now=NOW)
    data = create(data, credential("rsa"), now=NOW, field_name="podpis")

    assert faults(data, count=2) == []
