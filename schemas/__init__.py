"""XML vocabularies of public offices: one safe parser, typed builders and readers, our own schemas.

The bottom room: it knows nobody, and everybody may know it.
"""

from schemas.checking import Problem, Vocabulary, check
from schemas.errors import VocabularyError, XmlError, XmlReason
from schemas.gate import DEFAULT_LIMITS, XmlGate, XmlLimits
from schemas.parsing import leaf_text, parse_xml, serialize, text_of

__all__ = [
    "DEFAULT_LIMITS",
    "Problem",
    "Vocabulary",
    "VocabularyError",
    "XmlError",
    "XmlGate",
    "XmlLimits",
    "XmlReason",
    "check",
    "leaf_text",
    "parse_xml",
    "serialize",
    "text_of",
]
