"""Example documents that do not belong to the project; tests that need one skip without it."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[3] / "shared"
SHARED = Path(os.environ.get("SKRYTKA_SHARED", _BESIDE))
SAMPLES = SHARED / "protocols" / "samples"


def sample(name: str) -> bytes:
    """Give an example document by its file name."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(
            f"no example documents here: {name} is missing (SKRYTKA_SHARED names their folder)"
        )
    return path.read_bytes()
