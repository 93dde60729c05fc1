"""What `skrytka serve` and `skrytka worker` refuse: what cannot work, and all of the sandbox.

A sandbox vouches for invented people with keys that anybody can have made. A service that
believed it, even beside real anchors, would file letters in anybody's name.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from exchange.running.anchors import SUFFIXES, read_certificates
from exchange.running.credentials import FolderSeals
from exchange.settings import LOOPBACK_HOSTS, Settings, SettingsError
from signer import is_sandbox_certificate
from storage import Database, DatabaseError, pending_migrations

SANDBOX_CLIENT_ID = "skrytka-demo"  # the only client that a sandbox's login provider knows


def refuse_sandbox(settings: Settings) -> None:
    """Raise `SettingsError` that names everything from the sandbox, and files of no use."""
    problems: list[str] = []
    for look in (_login_problems, _anchor_problems, _seal_problems):
        try:
            problems.extend(look(settings))
        except SettingsError as error:
            problems.extend(error.problems)
    if problems:
        raise SettingsError(problems)


def insist_on_schema(database: Database, locations: Sequence[Path]) -> None:
    """Raise `DatabaseError` unless `database` has every migration of these folders."""
    if pending := pending_migrations(database, locations):
        raise DatabaseError(
            f"DATABASE_URL: the database is not up to date (it lacks {', '.join(pending)}). "
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


def _anchor_problems(settings: Settings) -> Iterable[str]:
    anchors = read_certificates(settings.trust_anchors)
    if not anchors:
        yield (
            f"SKRYTKA_TRUST_ANCHORS: {settings.trust_anchors} holds no certificate, so no "
            f"signature could pass. Put in those to trust ({', '.join(sorted(SUFFIXES))})."
        )
    if any(is_sandbox_certificate(anchor) for anchor in anchors):
        yield (
            "SKRYTKA_TRUST_ANCHORS: the folder holds a certificate of a sandbox, which proves "
            "nothing about anybody. Remove it."
        )


def _seal_problems(settings: Settings) -> Iterable[str]:
    seals = FolderSeals(settings.seals_folder).all()
    if any(is_sandbox_certificate(seal.certificate) for seal in seals):
        yield (
            "SKRYTKA_SEALS_FOLDER: the folder holds a seal of a sandbox; receipts under it would "
            "be worthless. Remove it."
        )


def _is_loopback(address: str) -> bool:
    return urlsplit(address).hostname in LOOPBACK_HOSTS
