"""Master keys in a file outside the data folder, and what they seal: data keys, columns."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import stat
import struct
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import KeyFileError, SealBroken, UnknownKeyVersion

KEY_SIZE = 32
NONCE_SIZE = 12  # random: one master key version is good for 2**32 seals (NIST SP 800-38D 8.3)
FILE_FORMAT = "skrytka master keys 1"
PRIVATE_MODE = 0o600
FILE_LIMIT = 64 * 1024  # bytes; a version takes about a hundred

# A sealed value begins with its layout and the version of the master key under which it is sealed.
_SEAL_LAYOUT = 1
_SEAL_HEAD = struct.Struct(">BI")

# Each use has a key of its own, derived from the master key, so that no value of one can stand for
# another.
_PURPOSE_DOCUMENT_KEY = b"skrytka/1 document key"
_PURPOSE_COLUMN = b"skrytka/1 column"
_PURPOSE_BLIND_INDEX = b"skrytka/1 blind index"


@dataclass(frozen=True)
class MasterKeys:
    """The versions of the master key: new values are sealed under `current`.

    Equality look-ups use a separate `index_key` that stays when master keys change. Never shown by
    `repr`.
    """

    current: int
    versions: dict[int, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> MasterKeys:
        """Gives fresh keys, kept nowhere."""
        return cls(1, {1: os.urandom(KEY_SIZE)}, os.urandom(KEY_SIZE))

    @classmethod
    def create(cls, path: Path) -> MasterKeys:
        """Writes fresh keys to `path` (mode 0600), or loads them if another start was first.

        Raises `KeyFileError` when the file cannot be written or read.
        """
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_new(path, cls.generate()._dump())
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> MasterKeys:
        """Reads the key file.

        Raises `KeyFileError` when it is missing, damaged, or readable by others.
        """
        try:
            with path.open("rb") as file:
                _insist_private(path, os.fstat(file.fileno()))
                content = file.read(FILE_LIMIT)
        except OSError as error:
            raise KeyFileError(
                f"The master key file {path} cannot be read ({error.strerror}). Without it no "
                "document can be opened: restore it from its backup, or name the right file in "
                "SKRYTKA_MASTER_KEYS_FILE."
            ) from error
        return cls._parse(content, path)

    def rotated(self) -> MasterKeys:
        """Gives these keys with a fresh current version added."""
        version = max(self.versions) + 1
        return MasterKeys(version, {**self.versions, version: os.urandom(KEY_SIZE)}, self.index_key)

    def replace_file(self, path: Path) -> None:
        """Writes these keys over the file at `path`, whole or not at all."""
        fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
        _write_new(fresh, self._dump())
        fresh.replace(path)
        _sync_folder(path.parent)

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """Seals a document's key for `context` (its owner) under the current master key."""
        return self._seal(_PURPOSE_DOCUMENT_KEY, data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Opens a wrapped document key.

        Raises `SealBroken` for another context, `UnknownKeyVersion`.
        """
        return self._open(_PURPOSE_DOCUMENT_KEY, wrapped, context)

    def _seal(self, purpose: bytes, plaintext: bytes, context: bytes) -> bytes:
        head = _SEAL_HEAD.pack(_SEAL_LAYOUT, self.current)
        nonce = os.urandom(NONCE_SIZE)
        cipher = _cipher(self.versions[self.current], purpose)
        return head + nonce + cipher.encrypt(nonce, plaintext, head + context)

    def _open(self, purpose: bytes, sealed: bytes, context: bytes) -> bytes:
        head, nonce, ciphertext = _split(sealed)
        key = self.versions.get(sealed_version(sealed))
        if key is None:
            raise UnknownKeyVersion(
                f"Sealed under master key version {sealed_version(sealed)}, which the key file "
                f"does not hold (it holds {', '.join(map(str, sorted(self.versions)))}). Restore "
                "the key file that does."
            )
        try:
            return _cipher(key, purpose).decrypt(nonce, ciphertext, head + context)
        except InvalidTag:
            raise SealBroken("A sealed value was changed, or belongs to something else.") from None

    def _dump(self) -> bytes:
        content = {
            "format": FILE_FORMAT,
            "current": self.current,
            "keys": {str(version): _encode(key) for version, key in sorted(self.versions.items())},
            "index_key": _encode(self.index_key),
        }
        return json.dumps(content, indent=2).encode() + b"\n"

    @classmethod
    def _parse(cls, content: bytes, path: Path) -> MasterKeys:
        try:
            document: Any = json.loads(content)
            if document["format"] != FILE_FORMAT:
                raise KeyFileError(
                    f"{path} has the unknown format {document['format']!r}; a newer skrytka made "
                    "it."
                )
            versions = {int(version): _decode(key) for version, key in document["keys"].items()}
            keys = cls(int(document["current"]), versions, _decode(document["index_key"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeyFileError(
                f"The master key file {path} is damaged. Restore it from its backup."
            ) from error
        if keys.current not in keys.versions:
            raise KeyFileError(
                f"The master key file {path} names version {keys.current} but does not hold it."
            )
        return keys


@dataclass(frozen=True)
class ColumnCipher:
    """Encrypts single values of a row (names, subjects), each bound to its place by `context`."""

    master_keys: MasterKeys

    def seal(self, text: str, *, context: str) -> bytes:
        """Seals `text` for `context`: column and row, `f"letter.subject:{letter_id}"`."""
        return self.master_keys._seal(_PURPOSE_COLUMN, text.encode(), context.encode())

    def open(self, sealed: bytes, *, context: str) -> str:
        """Opens a sealed value.

        Raises `SealBroken` when it was changed or moved, `UnknownKeyVersion`.
        """
        return self.master_keys._open(_PURPOSE_COLUMN, sealed, context.encode()).decode()

    def blind_index(self, value: str, *, context: str) -> bytes:
        """Gives 32 bytes to look rows up by: one for one `value` in one `context` (a column).

        Equal values are seen to be equal in the database; nothing else is, without the key.
        """
        length = struct.pack(">I", len(context.encode()))
        message = _PURPOSE_BLIND_INDEX + length + context.encode() + value.encode()
        return hmac.digest(self.master_keys.index_key, message, hashlib.sha256)


def sealed_version(sealed: bytes) -> int:
    """Gives the master key version under which a value is sealed."""
    head, _, _ = _split(sealed)
    return int(_SEAL_HEAD.unpack(head)[1])


@lru_cache(maxsize=64)
def _cipher(key: bytes, purpose: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), KEY_SIZE, None, purpose).derive(key))


def _split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    nonce_end = _SEAL_HEAD.size + NONCE_SIZE
    if len(sealed) < nonce_end or sealed[0] != _SEAL_LAYOUT:
        raise SealBroken(
            "A sealed value has an unknown layout: it was cut, changed, or made by a newer skrytka."
        )
    return sealed[: _SEAL_HEAD.size], sealed[_SEAL_HEAD.size : nonce_end], sealed[nonce_end:]


def _insist_private(path: Path, found: os.stat_result) -> None:
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeyFileError(
            f"The master key file {path} can be read by others (mode "
            f"{stat.S_IMODE(found.st_mode):04o}). Close it with `chmod 600 {path}`, and consider "
            "who may have seen it."
        )
    if found.st_uid not in (os.geteuid(), 0):
        raise KeyFileError(f"The master key file {path} belongs to another account; make it yours.")


def _write_new(path: Path, content: bytes) -> None:
    """Writes a private file, complete at once; leaves an existing one alone."""
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another start was first: its keys count
        finally:
            fresh.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyFileError(
            f"The master key file {path} cannot be written ({error.strerror})."
        ) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _encode(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _decode(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != KEY_SIZE:
        raise ValueError("wrong length of a key")
    return key
