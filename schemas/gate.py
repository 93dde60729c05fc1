"""The gate that XML passes before anything builds a tree of it.

One cheap walk by expat, a parser independent of libxml2, that counts and keeps nothing. The gate
can only refuse: nothing that it reads is used for anything else, so two parsers that see a document
differently cannot be played against each other. It takes bytes in pieces and may run while they
arrive.
"""

import codecs
import re
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from schemas.errors import XmlError, XmlReason


@dataclass(frozen=True, slots=True)
class XmlLimits:
    """How much XML is accepted; what it costs is in the comments (lxml 6.1, libxml2 2.14)."""

    # A letter with 90 MB of attachments in base64; more goes by link. Its tree costs twice that.
    size: int = 128 * 1024 * 1024
    # Elements, comments, instructions and CDATA sections. A node costs about 150 bytes: 30 MB here;
    # the largest honest document known (a national trusted list) has 90 000.
    nodes: int = 200_000
    # Honest signed letters reach 20. Tree walkers recurse; libxml2 itself stops only at 256.
    depth: int = 64
    # Of one element, namespace declarations not counted.
    attributes: int = 64
    # Of the whole document: an attribute costs three times a node's memory.
    attributes_in_all: int = 400_000
    # Declarations in force at any one place, those of one element included. Canonicalisation
    # compares them with each other for every element: 200 000 elements under 64 take it 3 s, under
    # 1 000 a quarter of an hour. Honest signed letters reach 10.
    namespaces: int = 64
    # One tag, comment or instruction. Parsers hold it whole and read it again for every piece that
    # arrives. Text has no limit of its own: an attachment is one text.
    markup: int = 1024 * 1024


DEFAULT_LIMITS = XmlLimits()

# expat reads at most this much at a time, so this is how often open markup is measured.
_PIECE = 1024 * 1024
# Four bytes tell every encoding that has a name below.
_TELLING_BYTES = 4
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:").match
# (first bytes, what they are, may it pass). UTF-32 comes first: its mark begins like UTF-16's.
_FIRST_BYTES: tuple[tuple[bytes, str, bool], ...] = (
    (b"\xff\xfe\x00\x00", "UTF-32", False),
    (b"\x00\x00\xfe\xff", "UTF-32", False),
    (b"<\x00\x00\x00", "UTF-32", False),
    (b"\x00\x00\x00<", "UTF-32", False),
    (b"\x4c\x6f\xa7\x94", "EBCDIC", False),
    (b"\xff\xfe", "UTF-16", True),
    (b"\xfe\xff", "UTF-16", True),
    (b"<\x00", "UTF-16 without a byte order mark", False),
    (b"\x00<", "UTF-16 without a byte order mark", False),
)


class XmlGate:
    """Looks at an XML document piece by piece; `feed` the bytes in order, then `close`.

    Raises `XmlError` at the first piece that shows the document must be refused.
    """

    def __init__(self, limits: XmlLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._size = 0
        self._head = b""
        self._walk: _Walk | None = None

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes, as many as there are."""
        view = memoryview(data)
        self._size += len(view)
        if self._size > self._limits.size:
            raise XmlError(XmlReason.SIZE, limit=self._limits.size)
        if self._walk is None:
            self._head += view[:_TELLING_BYTES]
            view = view[_TELLING_BYTES:]
            if len(self._head) < _TELLING_BYTES:
                return
            self._walk = self._begin()
        for start in range(0, len(view), _PIECE):
            self._walk.step(bytes(view[start : start + _PIECE]))

    def close(self) -> None:
        """Say that all bytes are there."""
        if self._size == 0:
            raise XmlError(XmlReason.EMPTY)
        walk = self._walk or self._begin()
        walk.step(b"", last=True)

    def _begin(self) -> "_Walk":
        walk = _Walk(self._limits, _encoding_of(self._head))
        walk.step(self._head)
        return walk


def _encoding_of(head: bytes) -> str:
    """Give "UTF-8" or "UTF-16" by the first bytes; anything else is refused."""
    for first, name, accepted in _FIRST_BYTES:
        if head.startswith(first):
            if not accepted:
                raise XmlError(XmlReason.ENCODING, found=name)
            return name
    return "UTF-8"


class _Walk:
    """Counts what expat meets. A C function counts the closed elements: half the cost of a walk."""

    def __init__(self, limits: XmlLimits, encoding: str) -> None:
        self._limits = limits
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._read = 0
        self._opened = 0
        self._other = 0
        self._attributes = 0
        self._closed: list[str] = []
        self._scopes: list[tuple[int, int]] = []  # (depth, declarations in force there)
        self._parser = self._new_parser()

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._closed.append
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._count_other
        parser.StartCdataSectionHandler = self._count_other
        return parser

    def step(self, piece: bytes, *, last: bool = False) -> None:
        try:
            self._decoder.decode(piece, last)
            self._parser.Parse(piece, last)
        except UnicodeDecodeError as error:
            raise XmlError(XmlReason.ENCODING, found=self._encoding) from error
        except expat.ExpatError as error:
            detail = expat.ErrorString(error.code)
            raise XmlError(XmlReason.SYNTAX, line=error.lineno, detail=detail) from error
        self._read += len(piece)
        if self._read - self._parser.CurrentByteIndex > self._limits.markup:
            self._refuse(XmlReason.MARKUP, self._limits.markup)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.upper() != self._encoding:
            found = f"{self._encoding}, it calls itself {encoding[:40]}"
            raise XmlError(XmlReason.ENCODING, found=found)

    def _start(self, _name: str, attributes: list[str]) -> None:
        self._opened += 1
        depth = self._opened - len(self._closed)
        if depth > self._limits.depth:
            self._refuse(XmlReason.DEPTH, self._limits.depth)
        if self._opened + self._other > self._limits.nodes:
            self._refuse(XmlReason.NODES, self._limits.nodes)
        if attributes:
            self._look_at(attributes, depth)

    def _look_at(self, attributes: list[str], depth: int) -> None:
        names = attributes[::2]
        self._attributes += len(names)
        if self._attributes > self._limits.attributes_in_all:
            self._refuse(XmlReason.ATTRIBUTES, self._limits.attributes_in_all, "in all")
        declared = [at for at, name in enumerate(names) if name.startswith("xmlns")]
        if len(names) - len(declared) > self._limits.attributes:
            self._refuse(XmlReason.ATTRIBUTES, self._limits.attributes, "on one element")
        if declared:
            self._look_at_namespaces([attributes[2 * at + 1] for at in declared], depth)

    def _look_at_namespaces(self, addresses: list[str], depth: int) -> None:
        if not all(address == "" or _ABSOLUTE(address) for address in addresses):
            self._refuse(XmlReason.RELATIVE_NAMESPACE, 0)
        while self._scopes and self._scopes[-1][0] >= depth:  # these elements are closed by now
            self._scopes.pop()
        in_force = len(addresses) + (self._scopes[-1][1] if self._scopes else 0)
        if in_force > self._limits.namespaces:
            self._refuse(XmlReason.NAMESPACES, self._limits.namespaces)
        self._scopes.append((depth, in_force))

    def _count_other(self, *_content: str) -> None:
        self._other += 1
        if self._opened + self._other > self._limits.nodes:
            self._refuse(XmlReason.NODES, self._limits.nodes)

    def _doctype(self, *_declared: object) -> None:
        self._refuse(XmlReason.DOCTYPE, 0)

    def _refuse(self, reason: XmlReason, limit: int, where: str = "") -> NoReturn:
        line = self._parser.CurrentLineNumber
        raise XmlError(reason, limit=limit, where=where, line=line)
