"""The settings of a running service.

Secrets never stand in a variable: a variable names a file that holds the secret, readable by
the service alone. docs/settings.md is written from this model by `exchange.settings.table`.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from exchange.settings.kinds import (
    EXAMPLE_LIST,
    AddressList,
    DatabaseAddress,
    ExactAddress,
    Folder,
    ListeningAddress,
    OwnFolder,
    RandomFile,
    SecretFile,
    SecretText,
    WebAddress,
)

PREFIX = "SKRYTKA_"
MEBIBYTE = 1024 * 1024
S3_FIELDS = ("s3_endpoint", "s3_bucket", "s3_access_key", "s3_secret_key_file")


class SettingsError(Exception):
    """Settings that cannot work; `problems` holds one sentence each, naming the variable."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class S3Arguments(NamedTuple):
    """What an S3 client needs to know, in the order in which `storage.S3Store` takes it."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    secure: bool


class DatabaseSettings(BaseSettings):
    """Enough to reach the database."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: DatabaseAddress = Field(
        validation_alias="DATABASE_URL",
        description="PostgreSQL database. Keep its password in a passfile, not in the address.",
        examples=["postgresql://skrytka@db.example.pl/skrytka?passfile=/etc/skrytka/pgpass"],
    )


class StorageSettings(DatabaseSettings):
    """Enough to read and write documents."""

    master_keys_file: SecretFile = Field(
        description="File with the master keys that wrap the key of every document. Keep it and "
        "its copies away from the database and the documents: without it they cannot be read.",
        examples=["/etc/skrytka/master-keys.json"],
    )
    objects_folder: Folder | None = Field(
        default=None,
        description="Folder for the encrypted documents; either this or the S3 settings.",
        examples=["/var/lib/skrytka/objects"],
    )
    s3_endpoint: WebAddress | None = Field(
        default=None,
        description="Address of an S3-compatible store for the encrypted documents.",
        examples=["https://s3.example.pl"],
    )
    s3_bucket: str | None = Field(default=None, description="Bucket in that store; must exist.")
    s3_access_key: str | None = Field(default=None, description="Access key of that store.")
    s3_secret_key_file: SecretText | None = Field(
        default=None, description="File with the secret key of that store."
    )
    spool_folder: OwnFolder | None = Field(
        default=None,
        description="Folder for bytes on their way in, encrypted under a key that only memory "
        "holds. Default: the system's temporary folder.",
    )

    @property
    def spool(self) -> Path:
        """The folder for bytes on their way in."""
        return self.spool_folder or Path(tempfile.gettempdir())

    @property
    def s3(self) -> S3Arguments:
        """How to reach the S3 store; only when there is one."""
        address = urlsplit(self.s3_endpoint or "")
        secret = self.s3_secret_key_file.read_text().strip() if self.s3_secret_key_file else ""
        return S3Arguments(
            endpoint=address.netloc,
            access_key=self.s3_access_key or "",
            secret_key=secret,
            bucket=self.s3_bucket or "",
            secure=address.scheme == "https",
        )

    @model_validator(mode="after")
    def _one_object_store(self) -> Self:
        given = [name for name in S3_FIELDS if getattr(self, name)]
        missing = [variable_of(name) for name in S3_FIELDS if name not in given]
        if self.objects_folder is not None and given:
            raise ValueError("SKRYTKA_OBJECTS_FOLDER and SKRYTKA_S3_… are both set; choose one")
        if self.objects_folder is None and not given:
            raise ValueError("SKRYTKA_OBJECTS_FOLDER or the SKRYTKA_S3_… settings must be set")
        if given and missing:
            raise ValueError(f"An S3 store also needs {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _keys_apart_from_documents(self) -> Self:
        folder = self.objects_folder
        if folder and folder.resolve() in self.master_keys_file.resolve().parents:
            raise ValueError(
                "SKRYTKA_MASTER_KEYS_FILE lies inside SKRYTKA_OBJECTS_FOLDER; "
                "whoever copies the documents must not get their keys with them"
            )
        return self


class Settings(StorageSettings):
    """Everything that `skrytka serve` and `skrytka worker` need."""

    base_url: WebAddress = Field(
        description="Public address of the service, as people see it in their browser.",
        examples=["https://skrytka.example.pl"],
    )
    secret_key_file: RandomFile = Field(
        description="File with at least 32 random bytes that protect forms against forgery "
        "(`head -c 32 /dev/urandom`). With another one, open forms must be sent again.",
        examples=["/etc/skrytka/secret-key"],
    )
    oidc_issuer: ExactAddress = Field(
        description="Issuer of the OpenID Connect provider at which people log in.",
        examples=["https://login.example.pl/realms/office"],
    )
    oidc_client_id: str = Field(description="Client id that the provider gave this service.")
    oidc_client_secret_file: SecretText = Field(
        description="File with the client secret that the provider gave.",
        examples=["/etc/skrytka/oidc-client-secret"],
    )
    oidc_scope: str = Field(
        default="openid profile",
        description="What is asked of the provider: the name and, where it knows it, the PESEL.",
    )
    oidc_pesel_claim: str = Field(
        default="pesel", description="Claim in which the provider gives the PESEL."
    )
    trust_anchors: Folder = Field(
        description="Folder of the certificates (PEM or DER) that signatures must lead to.",
        examples=["/etc/skrytka/anchors"],
    )
    internal_sources: AddressList = Field(
        default=frozenset(),
        description="Addresses (HOST:PORT, as a JSON list) where revocation may be asked though "
        "they are not public, such as an office's own OCSP responder.",
        examples=[EXAMPLE_LIST],
    )
    seals_folder: Folder = Field(
        description="Folder of the offices' seals: `SHORT-ID.p12`, and beside it its password "
        "in `SHORT-ID.password`.",
        examples=["/etc/skrytka/seals"],
    )
    listen: ListeningAddress = Field(
        default="127.0.0.1:8000",
        description="Where the web server listens: HOST:PORT or unix:/PATH, behind a TLS proxy.",
    )
    upload_limit_mib: int = Field(default=100, ge=1, le=1024, description="Largest upload, in MiB.")
    web_processes: int = Field(default=2, ge=1, le=64, description="Web server processes.")
    web_threads: int = Field(
        default=48,
        ge=1,
        le=512,
        description="Requests that one web process works on at once; most of them wait for "
        "something. A few more threads stay free for the front page and `/health`.",
    )
    document_processes: int = Field(
        default=1,
        ge=1,
        le=16,
        description="Processes that check documents, for each web process and each worker.",
    )
    job_concurrency: int = Field(
        default=4, ge=1, le=64, description="Jobs that one worker runs at once."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="Least severe entry that is logged, as JSON lines on standard error.",
    )

    @property
    def secret_key(self) -> bytes:
        """The bytes of `secret_key_file`."""
        return self.secret_key_file.read_bytes()

    @property
    def upload_limit(self) -> int:
        """The largest upload in bytes."""
        return self.upload_limit_mib * MEBIBYTE

    @property
    def oidc_client_secret(self) -> str:
        """The text of `oidc_client_secret_file`."""
        return self.oidc_client_secret_file.read_text(encoding="utf-8").strip()

    @property
    def is_secure(self) -> bool:
        """Whether people reach the service by https, so that cookies may demand it."""
        return self.base_url.startswith("https://")


Kind = TypeVar("Kind", bound=DatabaseSettings)


def variable_of(field: str) -> str:
    """Give the environment variable that sets a field of `Settings`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def read_settings(kind: type[Kind]) -> Kind:
    """Read the environment as one kind of settings.

    Raises `SettingsError` with a sentence for every variable to mend, not only the first.
    """
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError([_sentence(problem) for problem in error.errors()]) from None


def _sentence(problem: Mapping[str, Any]) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return f"{message}."
    location = str(problem["loc"][0])
    field = (
        location if location in Settings.model_fields else "database_url"
    )  # errors name its alias
    if problem["type"] == "missing":
        return f"{variable_of(field)} is not set. {Settings.model_fields[field].description}"
    return f"{variable_of(field)}: {message[0].lower()}{message[1:]}."
