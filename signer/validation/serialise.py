"""Facts and reports as plain JSON values, and facts back from them.

Octets become lowercase hex, times ISO 8601 in UTC with ``Z``, enumerations their value. Reading
goes by the types that the dataclasses declare and refuses what does not fit.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Fact = TypeVar("Fact")


def to_json(value: object) -> Any:
    """Give a dataclass tree as dictionaries, lists, texts, numbers and None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_json(getattr(value, name)) for name in _field_names(type(value))}
    if isinstance(value, tuple | list):
        return [to_json(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return _time_text(value)
    return value.hex() if isinstance(value, bytes) else value


def from_json(kind: type[Fact], value: Any) -> Fact:
    """Read a dataclass tree back. Raises ValueError or TypeError for what does not fit."""
    return cast("Fact", _reader(kind)(value))


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _time_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _reader(kind: Any) -> Callable[[Any], object]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = next(argument for argument in arguments if argument is not type(None))
        return lambda value: None if value is None else _reader(inner)(value)
    if origin is tuple:
        return lambda value: _tuple(arguments, value)
    if is_dataclass(kind):
        return lambda value: _dataclass(cast("type", kind), value)
    return _LEAVES.get(kind) or kind if isinstance(kind, type) else _refuse


def _tuple(arguments: tuple[Any, ...], values: list[Any]) -> tuple[object, ...]:
    if arguments[-1] is Ellipsis:
        read = _reader(arguments[0])
        return tuple(read(value) for value in values)
    pairs = zip(arguments, values, strict=True)
    return tuple(_reader(argument)(value) for argument, value in pairs)


def _dataclass(kind: type, values: dict[str, Any]) -> object:
    hints = _hints(kind)
    unknown = values.keys() - hints.keys()
    if unknown:
        raise ValueError(f"{kind.__name__} has no field {sorted(unknown)[0]}")
    return kind(**{name: _reader(hints[name])(value) for name, value in values.items()})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _exact(kind: type) -> Callable[[Any], object]:
    def read(value: Any) -> object:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return value

    return read


def _refuse(value: Any) -> object:
    raise TypeError(f"{value!r} cannot be read")


_LEAVES: dict[type, Callable[[Any], object]] = {
    str: _exact(str),
    int: _exact(int),
    bool: _exact(bool),
    bytes: bytes.fromhex,
    datetime: datetime.fromisoformat,
}
