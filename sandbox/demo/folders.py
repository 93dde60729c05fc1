"""Where the demo keeps what: data in one folder, the secrets that open them in another.

data folder (SKRYTKA_DATA)                    keys folder (SKRYTKA_KEYS)
  id            names the keys folder            master-keys.json
  postgresql/   the database                     secret-key
  objects/      encrypted documents
  sandbox/      the invented outside world
  anchors/ seals/ login-client-secret   what of it the service is given
  seeded lock   what the demo remembers of itself
  spool/ tmp/   emptied at every start
  logs/
"""

import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

DATA_VARIABLE = "SKRYTKA_DATA"
KEYS_VARIABLE = "SKRYTKA_KEYS"
ROOT_DATA = Path("/var/lib/skrytka")
ROOT_KEYS = Path("/etc/skrytka")
LOG_LIMIT = 8 << 20  # bytes; a longer log is set aside at start, one generation is kept
PRIVATE = 0o700
ID_BYTES = 4


@dataclass(frozen=True)
class Folders:
    """The places of one demo; `made` makes them."""

    data: Path
    keys: Path
    cluster: Path

    @property
    def objects(self) -> Path:
        """Encrypted documents."""
        return self.data / "objects"

    @property
    def sandbox(self) -> Path:
        """The sandbox's own folder."""
        return self.data / "sandbox"

    @property
    def anchors(self) -> Path:
        """Certificates that the service trusts."""
        return self.data / "anchors"

    @property
    def seals(self) -> Path:
        """The offices' seals."""
        return self.data / "seals"

    @property
    def spool(self) -> Path:
        """Bytes on their way in, encrypted."""
        return self.data / "spool"

    @property
    def temporary(self) -> Path:
        """Temporary files of every process."""
        return self.data / "tmp"

    @property
    def login_secret(self) -> Path:
        """The client secret for the sandbox's login."""
        return self.data / "login-client-secret"

    @property
    def seeded(self) -> Path:
        """Tells that the town was made known to the service."""
        return self.data / "seeded"

    @property
    def prepared(self) -> Path:
        """Tells, during one run, that the database is up to date and the town is in it."""
        return self.temporary / "prepared"

    @property
    def master_keys(self) -> Path:
        """The master keys."""
        return self.keys / "master-keys.json"

    @property
    def secret_key(self) -> Path:
        """What protects forms."""
        return self.keys / "secret-key"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.data / "logs" / f"{name}.log"


def find_folders(environment: Mapping[str, str], home: Path) -> Folders:
    """Give all places; makes the data and the keys folder if they are new.

    Raises `SandboxError` when the keys would lie inside the data folder, or nothing can be made.
    """
    is_root = os.geteuid() == 0
    data = _data_folder(environment, home, is_root).absolute()
    try:
        data.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        name = _identifier(data)
        keys = _keys_folder(environment, home, is_root, name).absolute()
        _insist_apart(keys, data)
        keys.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise SandboxError(
            f"The folder {error.filename} cannot be used ({error.strerror}). "
            f"Name another with {DATA_VARIABLE} or {KEYS_VARIABLE}."
        ) from error
    return Folders(data, keys, _cluster_folder(data, name, is_root))


def keep_alone(folders: Folders) -> int:
    """Let no second demo use the folders while this process lives; gives the lock's descriptor."""
    descriptor = os.open(folders.data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "another process"
        os.close(descriptor)
        raise SandboxError(
            f"A demo runs on {folders.data} already (process {holder}). Use that one, stop it, "
            f"or name another data folder with {DATA_VARIABLE}."
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def empty(folder: Path) -> None:
    """Remove everything inside a folder."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def set_aside_long_logs(folders: Folders) -> None:
    """Begin a new log where the old one has grown long."""
    for log in (folders.data / "logs").glob("*.log"):
        if log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))


def _data_folder(environment: Mapping[str, str], home: Path, is_root: bool) -> Path:
    if named := environment.get(DATA_VARIABLE):
        return Path(named).expanduser()
    if is_root:
        return ROOT_DATA
    return Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share") / "skrytka"


def _keys_folder(environment: Mapping[str, str], home: Path, is_root: bool, name: str) -> Path:
    if named := environment.get(KEYS_VARIABLE):
        return Path(named).expanduser()
    if is_root:
        return ROOT_KEYS / name
    return Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "skrytka" / name


def _identifier(data: Path) -> str:
    """The name of this data folder, wherever it may be moved to."""
    path = data / "id"
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.write_text(secrets.token_hex(ID_BYTES) + "\n", encoding="ascii")
        fresh.replace(path)
    return path.read_text(encoding="ascii").strip()


def _insist_apart(keys: Path, data: Path) -> None:
    if data.resolve() in (keys.resolve(), *keys.resolve().parents):
        raise SandboxError(
            f"The keys folder {keys} lies inside the data folder {data}: whoever copied the data "
            f"could read them. Name another keys folder with {KEYS_VARIABLE}."
        )


def _cluster_folder(data: Path, name: str, is_root: bool) -> Path:
    """Where PostgreSQL keeps its files: in the data folder, wherever it can get there.

    For root it runs under an account of its own, which cannot pass through a closed folder above
    the data folder (a home, say), and nothing above the data folder is opened for it.
    """
    if is_root and not _anybody_may_pass(data.resolve().parent):
        return ROOT_DATA / "databases" / name / "postgresql"
    return data / "postgresql"


def _anybody_may_pass(folder: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def tidy(folders: Folders) -> None:
    """Make the folders a start needs, and begin with empty ones for what never outlives a run.

    Only for whoever keeps the folders (`keep_alone`).
    """
    for folder in (folders.objects, folders.anchors, folders.seals, folders.spool,
                   folders.temporary, folders.data / "logs"):  # fmt: skip
        folder.mkdir(mode=PRIVATE, exist_ok=True)
    for folder in (folders.spool, folders.temporary):
        empty(folder)
    if folders.cluster.parent != folders.data:
        folders.cluster.parent.mkdir(parents=True, exist_ok=True)
    set_aside_long_logs(folders)
