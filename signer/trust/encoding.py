"""The gate before asn1crypto: is this DER of a size and shape that may be read at all?

asn1crypto reads lazily and forgives much, which is why it can read what real authorities write. Two
things it forgives are not forgiven here: content whose reading costs more than its length (deep
nesting, object identifiers of absurd length), and elements that a structure does not have, which
it silently passes over - a name constraint in the wrong place would be no constraint.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeVar

from asn1crypto import core

MAX_DEPTH = 32  # a directory name in a distribution point in an extension: 12
MAX_ELEMENTS = 5_000  # an OCSP answer with certificates has a few hundred
MAX_OID_BYTES = 64  # turning an identifier into text costs the square of its length
_OBJECT_IDENTIFIER = 0x06
_CONSTRUCTED = 0x20

_Spec = TypeVar("_Spec", bound=core.Asn1Value)


def check_der(data: bytes) -> None:
    """Walk over one DER element in linear time.

    Raises `ValueError` for lengths that do not fit, indefinite lengths, bytes after the end, and
    more than the limits above.
    """
    ends = [len(data)]
    position = elements = 0
    while ends:
        if position == ends[-1]:
            ends.pop()
            continue
        elements += 1
        tag, start, end = _header(data, position)
        if end > ends[-1] or elements > MAX_ELEMENTS or len(ends) > MAX_DEPTH:
            raise ValueError("not DER, or beyond the limits")
        if tag == _OBJECT_IDENTIFIER and end - start > MAX_OID_BYTES:
            raise ValueError("an object identifier of absurd length")
        if tag & _CONSTRUCTED:
            ends.append(end)
            position = start
        else:
            position = end
        if len(ends) == 1 and position != len(data):
            raise ValueError("bytes after the end")
    if elements == 0:
        raise ValueError("empty")


def _header(data: bytes, position: int) -> tuple[int, int, int]:
    """Give tag, start and end of the contents of the element at `position`."""
    try:
        tag, length = data[position], data[position + 1]
    except IndexError as error:
        raise ValueError("cut off") from error
    if tag & 0x1F == 0x1F:
        raise ValueError("a tag number that X.509 does not use")
    start = position + 2
    if length >= 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4:
            raise ValueError("an indefinite or absurd length")
        length = int.from_bytes(data[start : start + octets])
        start += octets
    return tag, start, start + length


def elements(contents: bytes) -> Iterator[tuple[int, bytes]]:
    """Give tag and contents of the DER elements that stand one after the other in `contents`.

    Raises `ValueError` where they do not fit.
    """
    position = 0
    while position < len(contents):
        tag, start, position = _header(contents, position)
        if position > len(contents):
            raise ValueError("cut off")
        yield tag, contents[start:position]


@lru_cache(maxsize=1024)
def oid_text(contents: bytes) -> str:
    """Give an object identifier as dotted text, from the contents of its element."""
    if len(contents) > MAX_OID_BYTES:
        raise ValueError("an object identifier of absurd length")
    return str(core.ObjectIdentifier(contents=contents).dotted)


def load(spec: type[_Spec], data: bytes) -> _Spec:
    """Read DER as `spec`, after `check_der`. Raises what asn1crypto raises for other content."""
    check_der(data)
    value: _Spec = spec.load(data, strict=True)
    return value


def load_exactly(spec: type[_Spec], data: bytes) -> _Spec:
    """Read DER as `spec` and nothing else. Raises `ValueError` for elements it does not have."""
    value = load(spec, data)
    _refuse_surplus(value)
    return value


def _refuse_surplus(value: core.Asn1Value) -> None:
    if isinstance(value, core.Sequence):
        if len(value) > len(value._fields):
            raise ValueError("more elements than the structure has")
        for index in range(len(value)):
            _refuse_surplus(value[index])
    elif isinstance(value, core.SequenceOf):
        for element in value:
            _refuse_surplus(element)
