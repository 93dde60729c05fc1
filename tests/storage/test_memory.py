"""A document of any size passes through in the same little memory, measured in a process of its
own.

Here a quarter of the 1 GiB that `python -m bench vault` takes: it is the same loop four times less.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.storage.conftest import S3Server

SIZE = 256  # MiB
GROWTH_LIMIT = 64.0  # MiB


def growth(*arguments: object) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "tests.storage.measure_memory", str(SIZE), *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent.parent,
    )
    return float(done.stdout.split()[0])


@pytest.mark.slow
def test_a_large_document_takes_little_memory_over_a_folder(tmp_path: Path) -> None:
    assert growth("folder", tmp_path) < GROWTH_LIMIT


@pytest.mark.slow
@pytest.mark.s3
def test_a_large_document_takes_little_memory_over_s3(s3_server: S3Server) -> None:
    assert growth("s3", *s3_server, "memory-test") < GROWTH_LIMIT
