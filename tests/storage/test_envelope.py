"""The stream format: Tink reads what we write and the other way round; nothing damaged opens."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.envelope import (
    HEADER_SIZE,
    SEGMENT_SIZE,
    EnvelopeReader,
    SealedStream,
    Sealer,
    commitment,
    open_stream,
    plaintext_size,
    stored_size,
)
from storage.envelope.cipher import (
    CAPACITY,
    FIRST_CAPACITY,
    SEGMENTS_LIMIT,
    TAG_SIZE,
    SegmentCipher,
)
from storage.errors import EnvelopeError
from tests.storage import tink_oracle

KEY = bytes(range(32))
AAD = b"a document"
EDGES = [
    0,
    1,
    FIRST_CAPACITY - 1,
    FIRST_CAPACITY,
    FIRST_CAPACITY + 1,
    FIRST_CAPACITY + CAPACITY - 1,
    FIRST_CAPACITY + CAPACITY,
    FIRST_CAPACITY + CAPACITY + 1,
    3 * SEGMENT_SIZE + 12345,
]


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311 - test data


def seal(plaintext: bytes, *, key: bytes = KEY, aad: bytes = AAD) -> bytes:
    with SealedStream(io.BytesIO(plaintext), key, aad) as stream:
        return stream.read()


def unseal(sealed: bytes, *, key: bytes = KEY, aad: bytes = AAD) -> bytes:
    return b"".join(open_stream(io.BytesIO(sealed), key, aad))


def segments(sealed: bytes) -> list[bytes]:
    return [sealed[begin : begin + SEGMENT_SIZE] for begin in range(0, len(sealed), SEGMENT_SIZE)]


@pytest.mark.parametrize("size", EDGES)
def test_tink_opens_what_we_seal(size: int) -> None:
    plaintext = content(size)
    assert tink_oracle.open_(KEY, AAD, seal(plaintext)) == plaintext


@pytest.mark.parametrize("size", EDGES)
def test_we_open_what_tink_seals(size: int) -> None:
    plaintext = content(size)
    sealed = tink_oracle.seal(KEY, AAD, plaintext)
    assert len(sealed) == stored_size(size)
    assert unseal(sealed) == plaintext


@pytest.mark.parametrize("size", EDGES)
def test_sizes_are_known_before_and_after(size: int) -> None:
    with SealedStream(io.BytesIO(content(size)), KEY, AAD) as stream:
        sealed = stream.read()
    assert (stream.size, stream.stored_size) == (size, len(sealed))
    assert stored_size(size) == len(sealed)
    assert plaintext_size(len(sealed)) == size


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_pieces_of_any_size_seal_to_a_stream_that_opens(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from(EDGES) | st.integers(0, 3 * SEGMENT_SIZE))
    plaintext = content(size)
    sealer, sealed, position = Sealer(KEY, AAD), bytearray(), 0
    while position < size:
        step = data.draw(st.integers(1, 2 * SEGMENT_SIZE))
        for piece in sealer.update(plaintext[position : position + step]):
            sealed += piece
        position += step
    sealed += sealer.finish()
    assert unseal(bytes(sealed)) == plaintext


@settings(max_examples=60, deadline=None)
@given(
    reads=st.lists(
        st.tuples(st.integers(0, 3 * SEGMENT_SIZE), st.integers(0, 2 * SEGMENT_SIZE)), max_size=8
    )
)
def test_any_part_can_be_read_alone(reads: list[tuple[int, int]]) -> None:
    plaintext = PART_PLAINTEXT
    with EnvelopeReader(io.BytesIO(PART_SEALED), len(PART_SEALED), KEY, AAD) as raw:
        reader = io.BufferedReader(raw)
        for position, size in reads:
            reader.seek(position)
            assert reader.read(size) == plaintext[position : position + size]


PART_PLAINTEXT = content(2 * SEGMENT_SIZE + 777)
PART_SEALED = seal(PART_PLAINTEXT)


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 2 * SEGMENT_SIZE), min_size=1, max_size=30))
def test_the_sealed_stream_is_the_same_however_it_is_read(sizes: list[int]) -> None:
    def fixed(size: int) -> bytes:
        return bytes(size)

    plaintext = PART_PLAINTEXT
    with SealedStream(io.BytesIO(plaintext), KEY, AAD, random=fixed) as whole:
        expected = whole.read()
    with SealedStream(io.BytesIO(plaintext), KEY, AAD, random=fixed) as stream:
        pieces = [stream.read(size) for size in sizes] + [stream.read()]
    assert b"".join(pieces) == expected
    assert stream.stored_sha256 == whole.stored_sha256
    assert stream.sha256 == whole.sha256


def test_a_source_that_gives_little_at_a_time_is_sealed_whole() -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 65_537))

    plaintext = content(2 * SEGMENT_SIZE)
    with SealedStream(Trickle(plaintext), KEY, AAD) as stream:
        assert unseal(stream.read()) == plaintext


# --- every way to damage a stream, by the names of the age and CCTV test vectors, and our own

THREE = seal(content(2 * SEGMENT_SIZE + 500))
FULL_LAST = seal(content(FIRST_CAPACITY + CAPACITY))


def _swap(sealed: bytes, one: int, other: int) -> bytes:
    parts = segments(sealed)
    parts[one], parts[other] = parts[other], parts[one]
    return b"".join(parts)


def _flip(sealed: bytes, position: int) -> bytes:
    damaged = bytearray(sealed)
    damaged[position] ^= 1
    return bytes(damaged)


def _two_finals() -> bytes:
    """Two streams under one header, glued: the second segment of each says that it is the last."""
    long, short = content(2 * SEGMENT_SIZE + 500), content(SEGMENT_SIZE + 500)
    fixed: Callable[[int], bytes] = bytes
    with SealedStream(io.BytesIO(long), KEY, AAD, random=fixed) as stream:
        whole = segments(stream.read())
    with SealedStream(io.BytesIO(short), KEY, AAD, random=fixed) as stream:
        ended = segments(stream.read())
    padded = ended[1] + whole[1][len(ended[1]) :]
    return whole[0] + padded + whole[2]


DAMAGES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no_header"),
    "no_nonce": (THREE[:33], "short_header"),
    "short_nonce": (THREE[: HEADER_SIZE - 1], "short_header"),
    "version_unsupported": (b"\x29" + THREE[1:], "unsupported_header"),
    "no_chunks": (THREE[:HEADER_SIZE], "no_segments"),
    "short_chunk": (THREE[: HEADER_SIZE + TAG_SIZE - 1], "short_segment"),
    "missing_tag": (THREE[:-TAG_SIZE], "bad_tag"),
    "bad_tag": (_flip(THREE, len(THREE) - 1), "bad_tag"),
    "bad_tag_second_chunk": (_flip(THREE, 2 * SEGMENT_SIZE - 1), "bad_tag"),
    "salt_edited": (_flip(THREE, 5), "bad_tag"),
    "nonce_prefix_edited": (_flip(THREE, HEADER_SIZE - 1), "bad_tag"),
    "no_final": (THREE[: 2 * SEGMENT_SIZE], "cut_off"),
    "no_final_full": (seal(content(3 * SEGMENT_SIZE))[: 2 * SEGMENT_SIZE], "cut_off"),
    "cut_inside_a_segment": (THREE[: SEGMENT_SIZE + 1000], "bad_tag"),
    "last_chunk_empty": (FULL_LAST + b"\0" * TAG_SIZE, "trailing_data"),
    "trailing_garbage_short": (FULL_LAST + b"!", "trailing_data"),
    "trailing_garbage_long": (FULL_LAST + b"!" * SEGMENT_SIZE, "trailing_data"),
    "trailing_garbage_in_a_short_last": (THREE + b"!", "bad_tag"),
    "two_final_chunks": (_two_finals(), "bad_tag"),
    "reordered": (_swap(seal(content(4 * SEGMENT_SIZE)), 1, 2), "misplaced_segment"),
    "repeated": (
        THREE[: 2 * SEGMENT_SIZE] + THREE[SEGMENT_SIZE:],
        "misplaced_segment",
    ),
    "middle_left_out": (THREE[:SEGMENT_SIZE] + THREE[2 * SEGMENT_SIZE :], "misplaced_segment"),
    "first_left_out": (
        THREE[:HEADER_SIZE] + THREE[SEGMENT_SIZE : 2 * SEGMENT_SIZE] + THREE[2 * SEGMENT_SIZE :],
        "bad_tag",
    ),
    "another_stream": (seal(content(2 * SEGMENT_SIZE + 500), key=bytes(32)), "bad_tag"),
    "another_identity": (seal(content(2 * SEGMENT_SIZE + 500), aad=b"another"), "bad_tag"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_stream_says_what_is_wrong_with_it(damage: str) -> None:
    sealed, fault = DAMAGES[damage]
    with pytest.raises(EnvelopeError) as caught:
        unseal(sealed)
    assert caught.value.fault == fault


def test_a_full_last_segment_is_no_damage() -> None:
    assert len(FULL_LAST) == 2 * SEGMENT_SIZE
    assert unseal(FULL_LAST) == content(FIRST_CAPACITY + CAPACITY)


def test_no_flipped_bit_of_a_small_stream_opens() -> None:
    sealed = seal(content(200))
    for bit in range(len(sealed) * 8):
        damaged = bytearray(sealed)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(EnvelopeError):
            unseal(bytes(damaged))


def test_no_cut_of_a_three_segment_stream_opens() -> None:
    around = [
        edge + step
        for edge in (0, HEADER_SIZE, SEGMENT_SIZE, 2 * SEGMENT_SIZE)
        for step in range(-20, 40)
    ]
    tail = range(len(THREE) - 40, len(THREE))
    for cut in sorted({cut for cut in [*around, *tail] if 0 <= cut < len(THREE)}):
        with pytest.raises(EnvelopeError):
            unseal(THREE[:cut])
        with pytest.raises(EnvelopeError):
            _read_end(THREE[:cut])


def _read_end(sealed: bytes) -> bytes:
    reader = EnvelopeReader(io.BytesIO(sealed), len(sealed), KEY, AAD)
    reader.seek(max(reader.size - 1, 0))
    return reader.read(1)


def test_the_random_access_reader_notices_an_end_that_is_missing() -> None:
    reader = EnvelopeReader(io.BytesIO(THREE[:-600]), len(THREE), KEY, AAD)
    reader.seek(2 * SEGMENT_SIZE)
    with pytest.raises(EnvelopeError) as caught:
        reader.read(1)
    assert caught.value.fault == "cut_off"


def test_a_stream_longer_than_the_index_is_refused() -> None:
    cipher = SegmentCipher(KEY, AAD, THREE[:HEADER_SIZE])
    with pytest.raises(EnvelopeError) as caught:
        cipher.seal(SEGMENTS_LIMIT, b"", last=True)
    assert caught.value.fault == "too_long"


def test_no_key_and_nonce_are_used_twice() -> None:
    seen = {bytes(seal(b"same")[:HEADER_SIZE]) for _ in range(200)}
    assert len(seen) == 200


def test_the_commitment_tells_keys_apart_and_does_not_give_them_away() -> None:
    assert commitment(KEY) != commitment(bytes(32))
    assert commitment(KEY) != KEY
    assert len(commitment(os.urandom(32))) == 32
