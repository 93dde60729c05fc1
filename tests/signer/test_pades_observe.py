"""Whatever the bytes, observing a PDF gives facts; a changed byte never goes unseen."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from signer.pades import create, observe
from signer.pades.changes import changes_by_revision
from signer.pades.dates import read_date
from signer.pades.syntax import PdfFile
from signer.validation.facts import ProblemCode
from tests.signer.pdf_documents import (
    NOW,
    OBJECTS,
    credential,
    faults,
    increment,
    passes,
    pdf,
    signed,
    stream,
)


def _changed(data: bytes, position: int, value: int) -> bytes:
    return data[:position] + bytes((value,)) + data[position + 1 :]


def test_no_byte_can_be_changed_unseen() -> None:
    """Inside the signature's own container a change may pass only if it says the same as before."""
    data = signed()
    (original,) = observe(data).signatures
    chance = random.Random(20261123)  # noqa: S311 - the same sample every time
    for _sample in range(800):
        position = chance.randrange(len(data.rstrip()))
        value = data[position] ^ chance.randrange(1, 256)
        changed = _changed(data, position, value)
        assert not passes(changed) or observe(changed).signatures == (original,), position


def test_bytes_may_neither_be_added_nor_taken_anywhere() -> None:
    data = signed()
    chance = random.Random(7)  # noqa: S311 - the same sample every time
    for _sample in range(300):
        position = chance.randrange(len(data.rstrip()))
        assert not passes(data[:position] + b"\n" + data[position:]), position
        assert not passes(data[:position] + data[position + 1 :]), position


def test_random_objects_appended_after_signing_never_pass() -> None:
    """PDF-prop: only signatures, time stamps and validation data may follow unseen."""
    chance = random.Random(99)  # noqa: S311 - the same sample every time
    bodies = [
        b"<</Type/Page>>", b"[1 2 3]", b"null", b"(x)", b"5 0 R", stream(b"0 0 m"), b"<</V(1)>>",
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Fields[]>>", b"true", b"/Name",
    ]  # fmt: skip
    for _sample in range(150):
        numbers = chance.sample(range(1, 12), chance.randrange(1, 4))
        assert not passes(increment(signed(), {n: chance.choice(bodies) for n in numbers}))


def test_mutated_documents_give_facts_and_no_exception() -> None:
    chance = random.Random(3)  # noqa: S311 - the same sample every time
    twice = create(signed(), credential("rsa"), now=NOW)
    words = [b"/", b"<<", b">>", b"[", b"obj", b"R ", b"(", b"\\", b"%", b"endstream", b"9" * 20]
    for _sample in range(600):
        data = bytearray(chance.choice([signed(), twice]))
        for _change in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data))
            if chance.random() < 0.5:
                data[at] = chance.randrange(256)
            else:
                data[at : at + chance.randrange(8)] = chance.choice(words)
        observe(bytes(data))


def _pdfs_of_this_machine() -> list[Path]:
    folders = [Path(name) for name in ("/usr/share", "/usr/lib", "/opt", "/root", "/home")]
    found: list[Path] = []
    for folder in folders:
        try:
            found += [path for path in folder.rglob("*.pdf") if path.is_file()]
        except OSError:
            continue
    return found[:300]


def test_every_pdf_of_this_machine_gives_facts() -> None:
    for path in _pdfs_of_this_machine():
        seen = observe(path.read_bytes())
        assert seen.signatures or seen.problems or not seen.signed_shape, path


def test_what_an_update_changed_is_told_per_revision() -> None:
    data = increment(signed(), {4: stream(b"other")})
    data = increment(data, {2: b"<</Type/Pages/Kids[]/Count 0>>"})
    first, _signing, content, pages, behind = changes_by_revision(PdfFile(data))

    assert first == ()
    assert behind == ()
    assert [change.description for change in content] == ["page 1: content was changed (object 4)"]
    assert [change.kind for change in pages] == ["OTHER"]


def test_a_change_that_was_undone_is_still_told() -> None:
    data = increment(increment(signed(), {4: stream(b"other")}), {4: OBJECTS[4]})

    assert "page 1: content was changed (object 4)" in faults(data)


def test_later_signatures_answer_only_for_what_came_after_them() -> None:
    data = increment(signed(), {4: stream(b"other")})
    data = create(data, credential("rsa"), now=NOW)
    first, second = observe(data).signatures

    assert first.pdf is not None
    assert second.pdf is not None
    assert any(not change.harmless for change in first.pdf.modifications)
    assert second.pdf.modifications == ()
    assert second.scope[0].full
    assert not first.scope[0].full


def test_an_encrypted_document_is_not_judged_and_says_so() -> None:
    data = increment(signed(), {}, trailer=b"/Encrypt<</Filter/Standard/V 1/R 2>>")
    codes = {problem.code: problem.message for problem in observe(data).problems}

    assert "encrypted" in codes[ProblemCode.UNSUPPORTED]


def test_an_encrypted_document_without_signatures_is_merely_unsigned() -> None:
    seen = observe(increment(pdf(), {}, trailer=b"/Encrypt<</Filter/Standard/V 1/R 2>>"))

    assert seen.problems == ()
    assert not seen.signed_shape


def test_an_unsigned_document_is_not_held_to_the_rules_of_signatures() -> None:
    seen = observe(pdf() + b"<!-- served by a careless web server -->")

    assert (seen.problems, seen.signed_shape) == ((), False)


def test_an_attached_signed_pdf_is_not_taken_for_a_stripped_signature() -> None:
    """Its bytes stand in a stream: they are content of this document, no signature of it."""
    data = increment(pdf(), {20: stream(signed(), b"/Type/EmbeddedFile")})

    assert observe(data).problems == ()


def test_a_trace_outside_all_objects_is_taken_for_a_stripped_signature() -> None:
    data = pdf()
    at = data.index(b"xref\n0")
    data = data[:at] + b"/ByteRange [0 1 2 3]\n" + data[at:]
    data = data.replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + 21))

    assert [problem.code for problem in observe(data).problems] == [ProblemCode.SIGNATURE_STRIPPED]


@pytest.mark.parametrize("spelling", [b"/#42yteRange", b"/Byte#52ange", b"/ByteRang#65"])
def test_escaped_names_mean_the_same(spelling: bytes) -> None:
    data = increment(pdf(), {20: b"<<%s[0 1 2 3]/Type/Sig>>" % spelling})

    assert ProblemCode.SIGNATURE_STRIPPED in {problem.code for problem in observe(data).problems}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"D:20261123130000+01'00'", "2026-11-23T12:00:00+00:00"),
        (b"D:20261123130000+01'00", "2026-11-23T12:00:00+00:00"),
        (b"D:20261123120000Z", "2026-11-23T12:00:00+00:00"),
        (b"D:20261123120000", "2026-11-23T12:00:00+00:00"),
        (b"D:2026", "2026-01-01T00:00:00+00:00"),
        (b"20261123", "2026-11-23T00:00:00+00:00"),
        (b"D:20261123070000-05'30'", "2026-11-23T12:30:00+00:00"),
        (b"D:20261399", None),
        (b"D:00000101", None),
        (b"tomorrow", None),
        (None, None),
    ],
)
def test_dates_are_read_as_pdf_writes_them(written: bytes | None, read: str | None) -> None:
    moment = read_date(written)

    assert (moment.isoformat() if moment else None) == read
