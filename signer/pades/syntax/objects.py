"""The types of PDF objects (ISO 32000-1 7.3) and the one error of reading them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from signer.validation.facts import ProblemCode


class PdfSyntaxError(ValueError):
    """Says what cannot be read and where; becomes a :class:`Problem` before it leaves the room."""

    def __init__(self, message: str, code: ProblemCode = ProblemCode.STRUCTURE) -> None:
        super().__init__(message)
        self.code = code


class Name(str):
    """A name object without its slash, ``#xx`` escapes resolved, one character a byte."""

    __slots__ = ()


class Reference(NamedTuple):
    """An indirect reference: object and generation number."""

    number: int
    generation: int


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream object: its dictionary and where its encoded bytes stand in the file."""

    dictionary: PdfDictionary
    start: int
    end: int


PdfObject = (
    None
    | bool
    | int
    | float
    | Name
    | bytes
    | Reference
    | Stream
    | list["PdfObject"]
    | dict[str, "PdfObject"]
)
"""Strings are ``bytes``, arrays lists, dictionaries dicts with plain string keys."""
PdfDictionary = dict[str, PdfObject]


@dataclass(frozen=True, slots=True)
class IndirectObject:
    """One ``n g obj … endobj`` as it stands in the file."""

    number: int
    generation: int
    value: PdfObject
    start: int
    end: int
    """The byte after ``endobj``."""
    exact: bool
    """False: a stream length or an ``endobj`` had to be guessed, as lenient readers do."""
