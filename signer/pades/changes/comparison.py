"""Whether two objects are the same to every reader."""

from __future__ import annotations

from dataclasses import dataclass

from signer.documents.limits import PDF_MAX_NESTING
from signer.pades.syntax import PdfDictionary, PdfFile, PdfObject, Reference, Stream

_MAX_FOLLOWED = 10_000
"""References followed for one comparison, against graphs that share everything with everything."""


@dataclass(slots=True)
class Comparison:
    """Compares values of two neighbouring revisions of one file.

    Equal means: the same types, the same values, the same stream bytes. A reference to the same
    object number is equal, whatever that object has become: it is judged on its own.
    """

    file: PdfFile
    old_revision: int
    new_revision: int
    followed: int = 0

    def same(self, old: PdfObject, new: PdfObject) -> bool:
        """Tell whether two values are written alike, without following references."""
        if type(old) is not type(new):
            return False
        if isinstance(old, dict) and isinstance(new, dict):
            return old.keys() == new.keys() and all(self.same(old[key], new[key]) for key in old)
        if isinstance(old, list) and isinstance(new, list):
            pairs = zip(old, new, strict=False)
            return len(old) == len(new) and all(self.same(one, other) for one, other in pairs)
        if isinstance(old, Stream) and isinstance(new, Stream):
            return self.same(old.dictionary, new.dictionary) and self._same_bytes(old, new)
        return old == new

    def equivalent(self, old: PdfObject, new: PdfObject, depth: int = 0) -> bool:
        """Tell whether two values mean the same, a copy under another object number included."""
        if isinstance(old, Reference) or isinstance(new, Reference):
            if old == new:
                return True
            self.followed += 1
            if self.followed > _MAX_FOLLOWED:
                return False
            old = self.file.resolve(old, self.old_revision)
            new = self.file.resolve(new, self.new_revision)
        if depth > PDF_MAX_NESTING or type(old) is not type(new):
            return False
        if isinstance(old, dict) and isinstance(new, dict):
            return self._equivalent_dictionaries(old, new, depth)
        if isinstance(old, list) and isinstance(new, list):
            pairs = zip(old, new, strict=False)
            return len(old) == len(new) and all(
                self.equivalent(one, other, depth + 1) for one, other in pairs
            )
        if isinstance(old, Stream) and isinstance(new, Stream):
            return self._same_bytes(old, new) and self._equivalent_dictionaries(
                old.dictionary, new.dictionary, depth
            )
        return old == new

    def changed_keys(self, old: PdfDictionary, new: PdfDictionary) -> list[str]:
        """Give the keys whose values differ: the newer dictionary's first, lost ones last."""
        keys = [*new, *(key for key in old if key not in new)]
        return [
            key
            for key in keys
            if (key in old) != (key in new) or not self.equivalent(old[key], new[key])
        ]

    def _equivalent_dictionaries(self, old: PdfDictionary, new: PdfDictionary, depth: int) -> bool:
        return old.keys() == new.keys() and all(
            self.equivalent(old[key], new[key], depth + 1) for key in old
        )

    def _same_bytes(self, old: Stream, new: Stream) -> bool:
        data = self.file.data
        return data[old.start : old.end] == data[new.start : new.end]
