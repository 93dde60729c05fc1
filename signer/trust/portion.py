"""How much of what a document carries is looked at.

Reading costs time by the byte, and the sender decides how much there is. A portion is bounded in
number and in bytes; what came first in the document is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Portion:
    """The items looked at, each once, and whether any were left out."""

    items: tuple[bytes, ...]
    cut: bool


def portion(items: Iterable[bytes], *, count: int, total_bytes: int) -> Portion:
    """Take the first `count` distinct items, as long as they fit into `total_bytes` together."""
    taken: list[bytes] = []
    left = total_bytes
    for item in dict.fromkeys(items):
        left -= len(item)
        if left < 0 or len(taken) == count:
            return Portion(tuple(taken), cut=True)
        taken.append(bytes(item))
    return Portion(tuple(taken), cut=False)
