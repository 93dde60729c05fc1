"""Master keys and what they seal: private files, versions, values bound to their place."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import ColumnCipher, KeyFileError, MasterKeys, SealBroken, UnknownKeyVersion
from storage.keys import sealed_version

CONTEXT = b"document 1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master.json"


def edit(path: Path, **changes: object) -> None:
    document = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(document))


def test_a_new_key_file_is_private_and_loads_again(path: Path) -> None:
    keys = MasterKeys.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert MasterKeys.load(path) == keys == MasterKeys.create(path)
    assert list(path.parent.iterdir()) == [path]


def test_two_first_starts_at_once_agree_on_the_keys(path: Path) -> None:
    made: list[MasterKeys] = []
    threads = [
        threading.Thread(target=lambda: made.append(MasterKeys.create(path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert all(keys == made[0] for keys in made)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620])
def test_a_key_file_that_others_can_read_or_write_is_refused(path: Path, mode: int) -> None:
    MasterKeys.create(path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        MasterKeys.load(path)


def test_a_missing_key_file_is_not_silently_replaced_when_loading(path: Path) -> None:
    with pytest.raises(KeyFileError, match="restore it from its backup"):
        MasterKeys.load(path)
    assert not path.exists()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "{}", '{"format": "skrytka master keys 1"}', "\x00" * 100]
)
def test_a_damaged_key_file_is_refused(path: Path, content: str) -> None:
    MasterKeys.create(path)
    path.write_text(content)
    with pytest.raises(KeyFileError, match="damaged"):
        MasterKeys.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "skrytka master keys 2"}, "unknown format"),
        ({"current": 7}, "names version 7"),
        ({"keys": {"1": "c2hvcnQ="}}, "damaged"),
        ({"keys": {"1": "not base64!"}}, "damaged"),
        ({"keys": []}, "damaged"),
    ],
)
def test_a_key_file_that_makes_no_sense_is_refused(
    path: Path, change: dict[str, object], message: str
) -> None:
    MasterKeys.create(path)
    edit(path, **change)
    with pytest.raises(KeyFileError, match=message):
        MasterKeys.load(path)


def test_keys_are_not_shown(path: Path) -> None:
    keys = MasterKeys.create(path)
    shown = repr(keys) + str(keys) + repr(ColumnCipher(keys))
    assert keys.versions[1].hex() not in shown
    assert repr(keys.versions[1]) not in shown
    assert repr(keys.index_key) not in shown


def test_a_wrapped_key_opens_only_for_what_it_was_wrapped_for() -> None:
    keys = MasterKeys.generate()
    data_key = os.urandom(32)
    wrapped = keys.wrap(data_key, CONTEXT)
    assert data_key not in wrapped
    assert keys.unwrap(wrapped, CONTEXT) == data_key
    with pytest.raises(SealBroken):
        keys.unwrap(wrapped, b"document 2")
    with pytest.raises(SealBroken):
        MasterKeys.generate().unwrap(wrapped, CONTEXT)


def test_no_changed_bit_of_a_wrapped_key_opens() -> None:
    keys = MasterKeys.generate()
    wrapped = keys.wrap(os.urandom(32), CONTEXT)
    for bit in range(len(wrapped) * 8):
        changed = bytearray(wrapped)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((SealBroken, UnknownKeyVersion)):
            keys.unwrap(bytes(changed), CONTEXT)
    for length in range(len(wrapped)):
        with pytest.raises(SealBroken):
            keys.unwrap(wrapped[:length], CONTEXT)


def test_old_values_open_after_rotation_and_new_ones_use_the_new_key(path: Path) -> None:
    old = MasterKeys.create(path)
    wrapped = old.wrap(b"k" * 32, CONTEXT)
    old.rotated().replace_file(path)
    new = MasterKeys.load(path)
    assert new.current == 2
    assert new.unwrap(wrapped, CONTEXT) == b"k" * 32
    assert (sealed_version(wrapped), sealed_version(new.wrap(b"k" * 32, CONTEXT))) == (1, 2)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_an_unknown_version_is_named() -> None:
    keys = MasterKeys.generate()
    wrapped = keys.rotated().wrap(b"k" * 32, CONTEXT)
    with pytest.raises(UnknownKeyVersion, match=r"version 2.*holds 1"):
        keys.unwrap(wrapped, CONTEXT)


def test_a_version_swapped_for_another_does_not_open() -> None:
    keys = MasterKeys.generate().rotated()
    wrapped = bytearray(keys.wrap(b"k" * 32, CONTEXT))
    wrapped[4] = 1
    with pytest.raises(SealBroken):
        keys.unwrap(bytes(wrapped), CONTEXT)


@given(st.text())
def test_any_text_of_a_column_comes_back(text: str) -> None:
    cipher = ColumnCipher(KEYS)
    assert (
        cipher.open(cipher.seal(text, context="letter.subject:1"), context="letter.subject:1")
        == text
    )


KEYS = MasterKeys.generate()


def test_a_sealed_column_is_bound_to_its_row_and_never_looks_the_same() -> None:
    cipher = ColumnCipher(KEYS)
    row, other = (f"letter.subject:{uuid4()}" for _ in range(2))
    sealed = cipher.seal("Żółta łódź", context=row)
    assert sealed != cipher.seal("Żółta łódź", context=row)
    assert "łódź".encode() not in sealed
    with pytest.raises(SealBroken):
        cipher.open(sealed, context=other)


def test_a_wrapped_key_is_no_column_and_a_column_no_wrapped_key() -> None:
    cipher = ColumnCipher(KEYS)
    with pytest.raises(SealBroken):
        cipher.open(KEYS.wrap(b"text", CONTEXT), context=CONTEXT.decode())
    with pytest.raises(SealBroken):
        KEYS.unwrap(cipher.seal("text", context=CONTEXT.decode()), CONTEXT)


def test_the_blind_index_is_equal_for_equal_values_only() -> None:
    cipher = ColumnCipher(KEYS)
    index = cipher.blind_index("80010112345", context="person.pesel")
    assert len(index) == 32
    assert index == cipher.blind_index("80010112345", context="person.pesel")
    assert index != cipher.blind_index("80010112346", context="person.pesel")
    assert index != cipher.blind_index("80010112345", context="person.nip")
    assert index != ColumnCipher(MasterKeys.generate()).blind_index(
        "80010112345", context="person.pesel"
    )
    assert cipher.blind_index("bc", context="a") != cipher.blind_index("c", context="ab")


def test_the_blind_index_outlives_a_rotation() -> None:
    before = ColumnCipher(KEYS).blind_index("80010112345", context="person.pesel")
    after = ColumnCipher(KEYS.rotated()).blind_index("80010112345", context="person.pesel")
    assert before == after
