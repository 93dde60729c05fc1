"""Check documents against our own schemas (`schemas/xsd`)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from lxml import etree

from schemas.errors import XmlError
from schemas.parsing import parse_xml

Vocabulary = Literal["letter", "upo"]

# As many as a person reads; a hostile document could make 200 000.
PROBLEMS_LIMIT = 50
# libxml2 repeats the offending value in full, and a value may be a whole attachment.
_SENTENCE_LIMIT = 300

_FOLDER = Path(__file__).parent / "xsd"
_FILES: dict[Vocabulary, str] = {"letter": "letter.xsd", "upo": "receipts.xsd"}
_NAMESPACE = re.compile(r"\{[^}]*\}")
# A compiled schema keeps the errors of its last document: one document at a time.
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a document is not what its vocabulary asks for; `line` counts from 1."""

    line: int
    sentence: str

    def __str__(self) -> str:
        """Say where and what."""
        return f"line {self.line}: {self.sentence}"


def check(data: bytes, vocabulary: Vocabulary) -> list[Problem]:
    """Give what keeps `data` from being a general letter or a receipt (UPP, UPD); empty is good.

    At most `PROBLEMS_LIMIT` problems; what cannot be parsed is one problem.
    """
    try:
        root = parse_xml(data)
    except XmlError as error:
        line = error.details.get("line")
        return [Problem(line if isinstance(line, int) else 1, str(error))]
    schema = _schema(vocabulary)
    with _ONE_AT_A_TIME:
        schema.validate(root)
        log: Any = schema.error_log  # iterable; its stub does not say so
        found = [(entry.line, entry.message or "") for entry in log]
    return [Problem(line, _plain(message)) for line, message in found[:PROBLEMS_LIMIT]]


@lru_cache
def _schema(vocabulary: Vocabulary) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(_FOLDER / _FILES[vocabulary]))


def _plain(message: str) -> str:
    """Make libxml2's sentence readable: names without their namespaces, nothing endless."""
    sentence = _NAMESPACE.sub("", message[:_SENTENCE_LIMIT])
    return sentence if len(message) <= _SENTENCE_LIMIT else f"{sentence}…"
