"""Object stores to run the same suite on: a folder, and the bucket of a real Ceph gateway."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from storage import FolderStore, ObjectStore, S3Store

CEPH = Path(__file__).parent.parent / "s3" / "ceph.sh"


class S3Server(NamedTuple):
    """Where the gateway listens and how to get in."""

    endpoint: str
    access_key: str
    secret_key: str

    def store(self, endpoint: str | None = None) -> S3Store:
        """A store over a fresh bucket, reached by way of `endpoint` if given."""
        bucket = f"test-{uuid4().hex[:12]}"
        S3Store(*self, bucket, secure=False).prepare()
        via = self._replace(endpoint=endpoint or self.endpoint)
        return S3Store(*via, bucket, secure=False)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server for the session."""
    if shutil.which("radosgw") is None:
        pytest.skip("Ceph is not installed: apt-get install radosgw ceph-mon ceph-osd ceph-common")
    folder = tmp_path_factory.mktemp("ceph")
    try:
        started = subprocess.run(
            [CEPH, "start", folder], check=True, capture_output=True, text=True, timeout=120
        )
        yield S3Server(*started.stdout.split())
    finally:
        subprocess.run([CEPH, "drop", folder], check=True, timeout=60)


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """Each kind of object store in turn."""
    if request.param == "folder":
        return FolderStore(tmp_path / "objects")
    server: S3Server = request.getfixturevalue("s3_server")
    return server.store()
