"""The offices' seals, kept as PKCS#12 files in a folder."""

from collections.abc import Mapping
from pathlib import Path

from exchange.people import PersonIdentity
from exchange.settings import GROUP_OR_OTHERS, SettingsError
from signer import Credential, InputError, Pkcs12Credential


class FolderSeals:
    """Seals from `SHORT-ID.p12` with `SHORT-ID.password`; nobody's personal certificate.

    All are read when this is made, so that a wrong password is found at start and not at the
    first receipt; raises `SettingsError` then.
    """

    def __init__(self, folder: Path) -> None:
        self._seals: Mapping[str, Credential] = {
            path.stem: _open_seal(path) for path in sorted(folder.glob("*.p12"))
        }

    def seal(self, institution: str) -> Credential | None:
        """Give the seal of the institution with this short id, or None when there is none."""
        return self._seals.get(institution)

    def personal(self, person: PersonIdentity) -> Credential | None:  # noqa: ARG002 - the protocol's
        """Give None: people hold their certificates themselves."""
        return None

    def all(self) -> list[Credential]:
        """Give every seal."""
        return list(self._seals.values())


def _open_seal(path: Path) -> Credential:
    try:
        return Pkcs12Credential.from_bytes(path.read_bytes(), _password_of(path))
    except (OSError, ValueError, InputError) as error:
        raise SettingsError(
            [f"SKRYTKA_SEALS_FOLDER: the seal {path} cannot be opened ({error})."]
        ) from error


def _password_of(path: Path) -> str:
    password = path.with_suffix(".password")
    if password.stat().st_mode & GROUP_OR_OTHERS:
        raise ValueError(f"{password} can be read by others; run: chmod 600 {password}")
    return password.read_text(encoding="utf-8").strip()
