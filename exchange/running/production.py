"""What `skrytka serve` and `skrytka worker` refuse: an old schema, and all of the sandbox.

A sandbox vouches for invented people with keys that anybody can have made. A service that
believed it, even beside real anchors, would file letters in anybody's name.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from exchange.running.anchors import read_certificates
from exchange.running.credentials import FolderSeals
from exchange.settings import LOOPBACK_HOSTS, Settings, SettingsError
from signer import is_sandbox_certificate
from storage import Database, DatabaseError, pending_migrations

SANDBOX_CLIENT_ID = "skrytka-demo"  # the only client that a sandbox's login provider knows


def refuse_sandbox(settings: Settings) -> None:
    """Raise `SettingsError` that names everything from the sandbox."""
    problems = list(_login_problems(settings))
    anchors = read_certificates(settings.trust_anchors)
    if any(is_sandbox_certificate(anchor) for anchor in anchors):
        problems.append(
            "SKRYTKA_TRUST_ANCHORS: the folder holds a certificate of a sandbox, which proves "
            "nothing about anybody. Remove it."
        )
    seals = FolderSeals(settings.seals_folder).all()
    if any(is_sandbox_certificate(seal.certificate) for seal in seals):
        problems.append(
            "SKRYTKA_SEALS_FOLDER: the folder holds a seal of a sandbox; receipts under it would "
            "be worthless. Remove it."
        )
    if problems:
        raise SettingsError(problems)


def insist_on_schema(database: Database, locations: Sequence[Path]) -> None:
    """Raise `DatabaseError` unless `database` has every migration of these folders."""
    if pending := pending_migrations(database, locations):
        raise DatabaseError(
            f"The database is not up to date (it lacks {', '.join(pending)}). "
            "Run `skrytka migrate` first."
        )


def _login_problems(settings: Settings) -> Iterable[str]:
    if settings.oidc_client_id == SANDBOX_CLIENT_ID:
        yield (
            f"SKRYTKA_OIDC_CLIENT_ID: {SANDBOX_CLIENT_ID} is known to the sandbox's login alone, "
            "where anybody may be anyone. Name your own provider and client."
        )
    if _is_loopback(settings.oidc_issuer) and not _is_loopback(settings.base_url):
        yield (
            "SKRYTKA_OIDC_ISSUER: people's browsers cannot reach a provider on this machine's "
            "loopback address. Give its public address."
        )


def _is_loopback(address: str) -> bool:
    return urlsplit(address).hostname in LOOPBACK_HOSTS
