"""Kinds of values that settings have: each checks itself and says what to mend."""

import json
import os
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
MINIMUM_RANDOM_BYTES = 32  # as long as the HMAC-SHA256 key it becomes
GROUP_OR_OTHERS = 0o077
HIGHEST_PORT = 65535
EXAMPLE_LIST = '["ocsp.office.internal:80"]'


def _file(path: Path) -> Path:
    if not os.access(path, os.F_OK) or not path.is_file():
        raise ValueError(f"there is no file {path}, or this account may not go there")
    if not os.access(path, os.R_OK):
        raise ValueError(f"this account may not read {path}; give the file to it (chown)")
    return path


def _secret_file(path: Path) -> Path:
    if _file(path).stat().st_mode & GROUP_OR_OTHERS:
        raise ValueError(f"{path} can be read by others; run: chmod 600 {path}")
    return path


def _random_file(path: Path) -> Path:
    if _secret_file(path).stat().st_size < MINIMUM_RANDOM_BYTES:
        raise ValueError(f"{path} holds fewer than {MINIMUM_RANDOM_BYTES} bytes")
    return path


def _text_file(path: Path) -> Path:
    try:
        if not _secret_file(path).read_text(encoding="utf-8").strip():
            raise ValueError(f"{path} is empty")
    except UnicodeDecodeError:
        raise ValueError(f"{path} holds something else than text") from None
    return path


def _folder(path: Path) -> Path:
    if not os.access(path, os.F_OK) or not path.is_dir():
        raise ValueError(f"there is no folder {path}, or this account may not go there")
    if not os.access(path, os.R_OK | os.X_OK):
        raise ValueError(f"this account may not read {path}; give the folder to it (chown)")
    return path


def _own_folder(path: Path) -> Path:
    if not os.access(_folder(path), os.W_OK):
        raise ValueError(f"this account may not write to {path}; give the folder to it (chown)")
    return path


def _web_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{address!r} is not an address such as https://skrytka.example.pl")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError(f"{address!r} must begin with https:// (http is for this machine only)")
    return address


def _without_slash(address: str) -> str:
    return address.rstrip("/")


def _database_address(address: str) -> str:
    if urlsplit(address).scheme not in {"postgresql", "postgres"}:
        raise ValueError("it must be a PostgreSQL address: postgresql://user@host/database")
    for passfile in parse_qs(urlsplit(address).query).get("passfile", []):
        _secret_file(Path(passfile))  # libpq passes over one that it cannot use, without a word
    return address


def _listening_address(address: str) -> str:
    if address.startswith("unix:/") or (address.startswith("fd://") and address[5:].isdigit()):
        return address
    host, _, port = address.rpartition(":")
    if not (host and port.isdigit() and int(port) <= HIGHEST_PORT):
        raise ValueError(f"{address!r} is neither HOST:PORT nor unix:/PATH")
    return address


def _listed(text: object) -> object:
    """Read a JSON list; whatever is no text was never in the environment."""
    if not isinstance(text, str):
        return text
    if not (text.startswith("[") and text.endswith("]")):
        raise ValueError(f"{text!r} is not a JSON list such as {EXAMPLE_LIST}")
    return json.loads(text)


SecretFile = Annotated[Path, AfterValidator(_secret_file)]
SecretText = Annotated[Path, AfterValidator(_text_file)]
RandomFile = Annotated[Path, AfterValidator(_random_file)]
Folder = Annotated[Path, AfterValidator(_folder)]
OwnFolder = Annotated[Path, AfterValidator(_own_folder)]
ExactAddress = Annotated[str, AfterValidator(_web_address)]  # compared letter by letter
WebAddress = Annotated[str, AfterValidator(_web_address), AfterValidator(_without_slash)]
DatabaseAddress = Annotated[str, AfterValidator(_database_address)]
ListeningAddress = Annotated[str, AfterValidator(_listening_address)]
AddressList = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed)]
