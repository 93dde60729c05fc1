"""The service as an operator runs it: every part real, none of it the sandbox's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.production import gateway, pki, provider, tls
from tests.production.gateway import BUCKET, Gateway
from tests.production.office import Installation, Running, example_settings
from tests.production.people import Person
from tests.production.pki import OFFICE, P12_PASSWORD, Authority
from tests.production.postgres import PASSWORD, ROLE, PasswordPostgres
from tests.production.provider import CLIENT_ID, PESEL_CLAIM, Provider
from tests.town import free_port

DATABASE = "skrytka"
SPOOL_MEBIBYTES = 16
CEPH_PARTS = ("radosgw", "ceph-mon", "ceph-osd", "ceph")


@dataclass
class Outside:
    """Everything that an operator has before there is a service."""

    postgres: PasswordPostgres
    gateway: Gateway
    authority: Authority
    provider: Provider


@dataclass
class House:
    """The running service and all around it."""

    installation: Installation
    outside: Outside
    base_url: str
    ca: Path
    serve: Running
    worker: Running

    def person(self, name: str) -> Person:
        """Give somebody who has signed in."""
        person = Person(self.base_url, self.ca)
        person.sign_in(name)
        return person

    def start_again(self) -> None:
        """Start both processes after they were stopped."""
        self.serve, self.worker = self.installation.start()


@pytest.fixture(scope="session")
def outside(server_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A database, an object store, an authority and a login provider of the operator's own."""
    missing = [part for part in CEPH_PARTS if shutil.which(part) is None]
    if missing:
        pytest.skip(f"Ceph is not installed ({', '.join(missing)}): see .ci/system-parts")
    folder = tmp_path_factory.mktemp("production-outside")
    with ExitStack() as stack:
        store = stack.enter_context(gateway.running(folder / "ceph"))
        postgres = _start_postgres(server_folder / "production")
        stack.callback(postgres.stop)
        authority = stack.enter_context(pki.running())
        login = stack.enter_context(provider.running())
        yield Outside(postgres, store, authority, login)


@pytest.fixture(scope="session")
def installation(
    outside: Outside, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The service installed as README.md and deploy/README.md say, with its office and clerk."""
    installed = Installation(tmp_path_factory.mktemp("production"))
    with _spool(installed.spool), tls.running(installed.folder, installed.socket) as base_url:
        _write_what_an_operator_has(installed, outside, base_url)
        installed.make_secrets_as_documented()
        installed.as_documented("skrytka migrate")
        installed.as_documented(
            'skrytka institution add SHORT-ID "Name of the office"',
            SHORT_ID="umluban",
            **{'"Name of the office"': OFFICE},
        )
        installed.as_documented(
            "skrytka user roles SHORT-ID ISSUER SUBJECT clerk signatory",
            SHORT_ID="umluban",
            ISSUER=outside.provider.issuer,
            SUBJECT="zofia",
        )
        outside.gateway.wait_until_ready()
        yield installed


@pytest.fixture(scope="session")
def house(installation: Installation, outside: Outside) -> Iterator[House]:
    """The installed service, running."""
    serve, worker = installation.start()
    base_url = installation.environment["SKRYTKA_BASE_URL"]
    running = House(installation, outside, base_url, installation.folder / "ca.pem", serve, worker)
    yield running
    running.serve.kill()
    running.worker.kill()


def _start_postgres(folder: Path) -> PasswordPostgres:
    folder.mkdir(mode=0o711)
    postgres = PasswordPostgres(folder / "postgres", free_port())
    postgres.start()
    postgres.create_database(DATABASE)
    return postgres


def _write_what_an_operator_has(installed: Installation, outside: Outside, base_url: str) -> None:
    """Write the files and settings that the guide asks for, beginning from its example."""
    for folder in (installed.etc, installed.etc / "anchors", installed.etc / "seals"):
        folder.mkdir(mode=0o700)
    port = outside.postgres.port
    installed.secret("pgpass", f"127.0.0.1:{port}:{DATABASE}:{ROLE}:{PASSWORD}\n".encode())
    installed.secret("oidc-client-secret", outside.provider.client_secret.encode())
    installed.secret("s3-secret-key", outside.gateway.secret_key.encode())
    installed.secret("anchors/root.pem", outside.authority.anchor())
    installed.secret("seals/umluban.p12", outside.authority.pkcs12_of(outside.authority.seal))
    installed.secret("seals/umluban.password", P12_PASSWORD.encode())
    settings = example_settings()
    del settings["SKRYTKA_OBJECTS_FOLDER"]
    settings |= {
        "DATABASE_URL": f"postgresql://{ROLE}@127.0.0.1:{port}/{DATABASE}?passfile=/etc/skrytka/pgpass",
        "SKRYTKA_BASE_URL": base_url,
        "SKRYTKA_INTERNAL_SOURCES": json.dumps([outside.authority.address]),
        "SKRYTKA_LISTEN": f"unix:{installed.socket}",
        "SKRYTKA_OIDC_CLIENT_ID": CLIENT_ID,
        "SKRYTKA_OIDC_ISSUER": outside.provider.issuer,
        "SKRYTKA_OIDC_PESEL_CLAIM": PESEL_CLAIM,
        "SKRYTKA_S3_ACCESS_KEY": outside.gateway.access_key,
        "SKRYTKA_S3_BUCKET": BUCKET,
        "SKRYTKA_S3_ENDPOINT": f"http://{outside.gateway.endpoint}",
        "SKRYTKA_SPOOL_FOLDER": str(installed.spool),
    }
    installed.environment = {
        name: value.replace("/etc/skrytka", str(installed.etc)) for name, value in settings.items()
    }


@contextmanager
def _spool(folder: Path) -> Iterator[None]:
    """A folder for uploads; where this account may mount, on a disk small enough to fill."""
    folder.mkdir()
    options = f"size={SPOOL_MEBIBYTES}m,mode=0700"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)
