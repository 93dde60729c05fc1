"""A letter's tree, and which of its texts have been read.

Elements are known by their local names: writers redeclare namespaces, use older sets of them, or
none where one belongs. Comments and instructions are never part of a value, nor blanks around one.
"""

from collections.abc import Iterator

from lxml import etree

from schemas.letters.model import OtherField
from schemas.namespaces import SIGNATURE
from schemas.parsing import text_of

# Texts without a field of their own: more than any form has; a hostile letter may have 100 000.
OTHER_FIELDS_LIMIT = 1_000
# Characters of one such text: forty pages. Longer ones are no text but data.
OTHER_FIELD_LIMIT = 100_000


class Source:
    """Gives a letter's texts by path ("Naglowek/NazwaDokumentu"), and what nobody asked for."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._read: set[etree._Element] = set()

    def text(self, parent: etree._Element, path: str) -> str:
        """Give the text of the first element at `path`; empty where there is none."""
        element = find(parent, path)
        if element is None:
            return ""
        self._read.add(element)
        return text_of(element).strip()

    def texts(self, parent: etree._Element, path: str) -> tuple[str, ...]:
        """Give the texts of all elements at `path` that have one."""
        elements = parent.findall(_anywhere(path))
        self._read.update(elements)
        texts = (text_of(element).strip() for element in elements)
        return tuple(text for text in texts if text)

    def rest(self) -> Iterator[OtherField]:
        """Give every text outside signatures that has not been read, in document order."""
        left = OTHER_FIELDS_LIMIT
        for element in _outside_signatures(self.root):
            text = "" if element in self._read else _own_text(element)
            if text:
                yield OtherField(etree.QName(element).localname, text[:OTHER_FIELD_LIMIT])
                left -= 1
            if left == 0:
                return


def find(parent: etree._Element, path: str) -> etree._Element | None:
    """Give the first element at `path`, in whatever namespaces."""
    return parent.find(_anywhere(path))


def find_all(parent: etree._Element, path: str) -> list[etree._Element]:
    """Give all elements at `path`, in whatever namespaces."""
    return parent.findall(_anywhere(path))


def _anywhere(path: str) -> str:
    return "/".join(f"{{*}}{name}" for name in path.split("/"))


def _outside_signatures(root: etree._Element) -> Iterator[etree._Element]:
    yield root
    for part in root.iterchildren("*"):
        if part.tag != SIGNATURE:
            yield from part.iter("*")


def _own_text(element: etree._Element) -> str:
    parts = [element.text, *(child.tail for child in element)]
    return "".join(part for part in parts if part).strip()
