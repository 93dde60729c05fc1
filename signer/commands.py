"""The commands ``skrytka validate`` and ``skrytka sign``.

Exit status of validate: 0 all passed, 1 not all passed, 2 something could not be opened.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signer.errors import InputError, SignerError

if TYPE_CHECKING:
    from signer.trust import Fetcher, TrustStore

ALL_PASSED, NOT_ALL_PASSED, NOT_OPENED = 0, 1, 2

MAX_FILE_OCTETS = 500 * 1024 * 1024
"""Larger files are not read into memory."""

_LATER_REPORTS = ("etsi", "pdf")


@dataclass(frozen=True)
class _Request:
    """All that one file's validation needs; small, because it travels to worker processes."""

    trust: TrustStore
    detached: Mapping[str, bytes]
    policy: str
    at: datetime
    offline: bool
    report: str
    language: str
    show_personal: bool


@dataclass(frozen=True)
class _Result:
    """What to print of one file, and its exit status."""

    text: str
    status: int


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--detached", multiple=True, type=click.Path(path_type=Path), help="A signed file.")
@click.option("--anchor", multiple=True, type=click.Path(path_type=Path), help="Whom to trust.")
@click.option("--trusted-lists", type=click.Path(path_type=Path), help="A folder of trusted lists.")
@click.option("--policy", default="default", show_default=True, help="Which checks decide.")
@click.option("--at", "at_text", help="The instant to judge at (ISO 8601); now without it.")
@click.option("--offline", is_flag=True, help="Use no network.")
@click.option(
    "--report",
    type=click.Choice(["text", "json", *_LATER_REPORTS]),
    default="text",
    show_default=True,
    help="How to print; json is one object a line.",
)
@click.option("--language", type=click.Choice(["pl", "en"]), help="Of the text report.")
@click.option("--show-personal", is_flag=True, help="Show personal identifiers (PESEL).")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
def validate(
    files: Sequence[Path],
    detached: Sequence[Path],
    anchor: Sequence[Path],
    trusted_lists: Path | None,
    policy: str,
    at_text: str | None,
    *,
    offline: bool,
    report: str,
    language: str | None,
    show_personal: bool,
    jobs: int,
) -> None:
    """Say what the signatures of documents are worth."""
    if report in _LATER_REPORTS:
        raise click.UsageError(f"Reports as {report} cannot be made yet. Use text or json.")
    if trusted_lists is not None:
        raise click.UsageError("Trusted lists cannot be read yet. Use --anchor.")
    try:
        request = _Request(
            trust=_trust(anchor),
            detached={path.name: _read(path) for path in detached},
            policy=_policy(policy),
            at=_instant(at_text),
            offline=offline,
            report=report,
            language=language or ("en" if report == "json" else _system_language()),
            show_personal=show_personal,
        )
    except InputError as error:
        raise click.UsageError(str(error)) from error
    sys.exit(_run(files, request, jobs))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--p12", type=click.Path(path_type=Path), help="Key and certificate (PKCS#12).")
@click.option("--password-file", type=click.Path(path_type=Path), help="Its password, one line.")
@click.option("--pkcs11", help="A key on a token (later).")
@click.option("--csc", help="A remote signing service (later).")
@click.option(
    "--format",
    "signature_format",
    type=click.Choice(["xades", "pades", "cades", "asic"]),
    required=True,
)
@click.option("--level", type=click.Choice(["B", "T", "LT", "LTA"]), default="B", show_default=True)
@click.option("--packaging", help="How signature and content lie together.")
@click.option("--tsa", help="A time-stamping service (later).")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
def sign(
    file: Path,
    p12: Path | None,
    password_file: Path | None,
    pkcs11: str | None,
    csc: str | None,
    signature_format: str,
    level: str,
    packaging: str | None,
    tsa: str | None,
    output: Path,
) -> None:
    """Sign a document."""
    if pkcs11 or csc:
        raise click.UsageError("Keys on tokens and remote keys cannot be used yet. Use --p12.")
    if tsa:
        raise click.UsageError("Time stamps cannot be added yet. Leave out --tsa.")
    if p12 is None:
        raise click.UsageError("Say whose key signs: --p12 FILE --password-file FILE.")
    # Loaded here, so that asking for help does not load cryptography.
    from signer import Pkcs12Credential
    from signer import sign as make_signature

    try:
        password = None if password_file is None else _password(password_file)
        credential = Pkcs12Credential.from_bytes(_read(p12), password)
        signed = make_signature(
            _read(file), credential, format=signature_format, level=level, packaging=packaging
        )
        _write(output, signed)
    except SignerError as error:
        raise click.UsageError(str(error)) from error


def _run(files: Sequence[Path], request: _Request, jobs: int) -> int:
    """Validate the files in their order and give the exit status."""
    worst = ALL_PASSED
    with _progress(_results(files, request, jobs), len(files)) as results:
        for result in results:
            click.echo(result.text, nl=False, err=result.status == NOT_OPENED)
            worst = max(worst, result.status)
    return worst


def _results(files: Sequence[Path], request: _Request, jobs: int) -> Iterator[_Result]:
    judge = partial(_judge, request)
    if jobs == 1 or len(files) == 1:
        yield from map(judge, files)
        return
    with ProcessPoolExecutor(min(jobs, len(files))) as pool:
        yield from pool.map(judge, files)


def _progress(results: Iterable[_Result], length: int) -> AbstractContextManager[Iterable[_Result]]:
    hidden = length == 1 or not sys.stderr.isatty()
    return click.progressbar(results, length=length, file=sys.stderr, hidden=hidden)


def _judge(request: _Request, path: Path) -> _Result:
    # Loaded here, so that asking for help does not load cryptography.
    from signer import validate as judge

    try:
        report = judge(
            _read(path),
            trust=request.trust,
            at=request.at,
            detached=request.detached,
            policy=request.policy,
            fetch=None if request.offline else _fetcher(),
            name=path.name,
        )
    except InputError as error:
        return _Result(f"{error}\n", NOT_OPENED)
    passed = report.conclusion.indication == "TOTAL_PASSED"
    if request.report == "json":
        values = report.to_dict(show_personal=request.show_personal, language=request.language)
        text = json.dumps(values, ensure_ascii=False) + "\n"
    else:
        text = report.text(request.language, show_personal=request.show_personal)
    return _Result(text, ALL_PASSED if passed else NOT_ALL_PASSED)


@cache
def _fetcher() -> Fetcher:
    """Give this process's one way to the outside, with what it has learned so far."""
    from signer import Fetcher, MemoryCache

    return Fetcher(cache=MemoryCache())


def _trust(anchors: Sequence[Path]) -> TrustStore:
    from signer import TrustStore

    return TrustStore.from_files(anchors)


def _policy(name: str) -> str:
    from signer import Policy

    return Policy.named(name).name


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"“{text}” is no ISO 8601 time such as 2026-11-23T12:00:00Z.") from None
    if moment.tzinfo is None:
        raise InputError(f"“{text}” has no time zone; add Z or an offset such as +01:00.")
    return moment


def _system_language() -> str:
    variables = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((value for name in variables if (value := os.environ.get(name))), "")
    return "pl" if chosen.lower().startswith("pl") else "en"


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_OCTETS:
            raise InputError(f"“{path.name}” is larger than 500 MB.")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"“{path.name}” cannot be opened: {error.strerror}.") from None


def _password(path: Path) -> bytes:
    """Read a password: the first line, without its end."""
    return _read(path).split(b"\n", 1)[0].removesuffix(b"\r")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"“{path.name}” cannot be written: {error.strerror}.") from None
