"""What the demo tells the service: the same settings that an operator would write."""

import json
import os
import secrets
from pathlib import Path

from sandbox.demo.folders import KEYS_VARIABLE, Folders
from sandbox.demo.ports import LOOPBACK
from sandbox.errors import SandboxError
from sandbox.world import Sandbox
from storage import MasterKeys

SECRET_BYTES = 32
PRIVATE_FILE = 0o600


def base_url(port: int) -> str:
    """Give the address of a loopback port."""
    return f"http://{LOOPBACK}:{port}"


def service_environment(
    folders: Folders, sandbox: Sandbox, database_url: str, port: int
) -> dict[str, str]:
    """Give the variables with which `skrytka` commands work on the demo's data."""
    client = sandbox.login_client()
    return {
        "DATABASE_URL": database_url,
        "SKRYTKA_BASE_URL": base_url(port),
        "SKRYTKA_INTERNAL_SOURCES": json.dumps([sandbox.base_url.removeprefix("http://")]),
        "SKRYTKA_MASTER_KEYS_FILE": str(folders.master_keys),
        "SKRYTKA_OBJECTS_FOLDER": str(folders.objects),
        "SKRYTKA_OIDC_CLIENT_ID": client.client_id,
        "SKRYTKA_OIDC_CLIENT_SECRET_FILE": str(folders.login_secret),
        "SKRYTKA_OIDC_ISSUER": client.issuer,
        "SKRYTKA_SEALS_FOLDER": str(folders.seals),
        "SKRYTKA_SECRET_KEY_FILE": str(folders.secret_key),
        "SKRYTKA_SPOOL_FOLDER": str(folders.spool),
        "SKRYTKA_TRUST_ANCHORS": str(folders.anchors),
    }


def make_keys(folders: Folders) -> None:
    """Make the secrets at the first start.

    Raises `SandboxError` when there are data but their keys are gone.
    """
    if not folders.master_keys.exists():
        if any(folders.objects.iterdir()):
            raise SandboxError(
                f"The master keys of {folders.data} are missing: they were in "
                f"{folders.master_keys}. Put them back, tell with {KEYS_VARIABLE} where they are, "
                "or remove the data folder to begin anew (its documents are unreadable)."
            )
        MasterKeys.create(folders.master_keys)
    if not folders.secret_key.exists():
        write_secret(folders.secret_key, secrets.token_bytes(SECRET_BYTES))


def hand_out(folders: Folders, sandbox: Sandbox) -> None:
    """Give the service what it must have of the sandbox, as the files its settings name."""
    write_secret(folders.login_secret, sandbox.login_client().client_secret.encode())
    for number, anchor in enumerate(sandbox.anchors()):
        write_secret(folders.anchors / f"sandbox-{number}.der", anchor)
    for office in sandbox.offices():
        seal = sandbox.seal(office.short_id)
        write_secret(folders.seals / f"{office.short_id}.p12", seal.pkcs12)
        write_secret(folders.seals / f"{office.short_id}.password", seal.password.encode())


def write_secret(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner only, unless it stands there already."""
    if path.exists() and path.read_bytes() == content:
        return
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
