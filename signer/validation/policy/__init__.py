"""What we ask of a signature, as data: levels of checks, dates of algorithms.

The built-in policies are the TOML files beside this module; each may build on another (``base``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from signer.errors import InputError

BUILT_IN = ("default", "strict-qes", "dss-defaults")


class Level(StrEnum):
    """What follows from a check that is not met."""

    FAIL = "fail"
    WARN = "warn"
    IGNORE = "ignore"


@dataclass(frozen=True)
class TrustedProfileSeal:
    """How the seal of the Trusted Profile is recognised."""

    organization_identifiers: tuple[str, ...]
    common_name_contains: str


@dataclass(frozen=True)
class Policy:
    """One validation policy; immutable. Ends of algorithms are instants, None: no end in sight."""

    name: str
    checks: Mapping[str, Level]
    revocation_max_age_hours: int
    revocation_before_period: bool
    """A certificate out of date, of which nothing is known: is the second said first?"""
    key_usage_any_of: tuple[str, ...]
    digests: Mapping[str, datetime | None]
    keys: Mapping[str, tuple[tuple[int, datetime | None], ...]]
    """Encryption name → (smallest size in bits, end), by rising size."""
    trusted_profile: TrustedProfileSeal

    def level(self, check: str) -> Level:
        """Give the level of a check; KeyError for one that no policy knows."""
        return self.checks[check]

    @classmethod
    def named(cls, name: str) -> Policy:
        """Give a built-in policy. Raises `InputError` for a name that is none."""
        if name not in BUILT_IN:
            raise InputError(f"“{name}” is no validation policy. Use {', '.join(BUILT_IN)}.")
        return _built_in(name)


@cache
def _built_in(name: str) -> Policy:
    return _policy(_table(name))


def _table(name: str) -> dict[str, Any]:
    text = files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    base = table.pop("base", None)
    return table if base is None else _merged(_table(base), table)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both_tables = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merged(base[key], value) if both_tables else value
    return merged


def _policy(table: dict[str, Any]) -> Policy:
    seal = table["trusted_profile"]
    return Policy(
        name=table["name"],
        checks={check: Level(level) for check, level in table["checks"].items()},
        revocation_max_age_hours=table["revocation"]["max_age_hours"],
        revocation_before_period=table["revocation"]["before_period"],
        key_usage_any_of=tuple(table["key_usage"]["any_of"]),
        digests={name: _end(value) for name, value in table["digests"].items()},
        keys={
            name: tuple(sorted((int(size), _end(value)) for size, value in sizes.items()))
            for name, sizes in table["keys"].items()
        },
        trusted_profile=TrustedProfileSeal(
            tuple(seal["organization_identifiers"]), seal["common_name_contains"]
        ),
    )


def _end(value: date | str) -> datetime | None:
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else None
