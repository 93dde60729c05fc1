"""The shared corpus of other people's signed documents, where it lies beside the checkout."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SHARED = Path(os.environ.get("SKRYTKA_SHARED") or ROOT.parent / "shared")
CORPUS = SHARED / "corpus"
ABSENT = "the shared corpus is not beside this checkout (set SKRYTKA_SHARED)"

MODES = ("no_anchors", "with_anchors")


@dataclass(frozen=True)
class Row:
    """One document, and what EU DSS says of it without and with its anchors."""

    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        return Path(self.values["file"]).name

    @property
    def data(self) -> bytes:
        return Path(CORPUS, self.values["file"]).read_bytes()

    @property
    def detached(self) -> dict[str, bytes]:
        names = self.values["detached"] or []
        return {Path(one).name: (CORPUS / one).read_bytes() for one in names}

    def anchors(self, mode: str) -> list[bytes]:
        """The DER of the certificates to trust in this mode."""
        if mode == "no_anchors":
            return []
        found = (CORPUS / "anchors").iterdir()
        wanted = set(self.values["anchors"] or [])
        return [path.read_bytes() for path in found if path.stem in wanted]

    def expected(self, mode: str) -> list[dict[str, Any]]:
        """What DSS says of each signature; empty where it refused the document."""
        says = self.values[mode]
        return says if isinstance(says, list) else []


def rows() -> Iterator[Row]:
    """The rows of the corpus, in its order."""
    with (CORPUS / "expected.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield Row(json.loads(line))
