"""Frozen records to JSON values and back, so that an import can be undone."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from billdesk.kernel.decimals import from_text, to_text

R = TypeVar("R")


def to_json(value: object) -> Any:  # noqa: ANN401 - JSON
    """Give JSON values for a record: decimals as canonical text, days and instants as ISO text."""
    if is_dataclass(value) and not isinstance(value, type):
        given = (field.name for field in fields(value) if field.init)
        return {name: to_json(getattr(value, name)) for name in given}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def from_json(kind: type[R], stored: Mapping[str, Any]) -> R:
    """Read a record of a class back from `to_json`."""
    hints = _hints(cast("Hashable", kind))
    return kind(**{name: _read(hints[name], value) for name, value in stored.items() if name in hints})


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(hint: Any, value: Any) -> Any:  # noqa: ANN401 - types and JSON
    if value is None:
        return None
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _read(next(part for part in get_args(hint) if part is not type(None)), value)
    if origin is tuple:
        return tuple(_read(get_args(hint)[0], item) for item in value)
    if origin is not None:
        key, item = get_args(hint)
        return {_read(key, name): _read(item, one) for name, one in value.items()}
    return _read_plain(hint, value)


def _read_plain(hint: Any, value: Any) -> Any:  # noqa: ANN401 - types and JSON
    if is_dataclass(hint) and isinstance(hint, type):
        return from_json(hint, value)
    if hint is Decimal:
        return from_text(value)
    if hint in (date, datetime):
        return hint.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, (Enum, int)) and not isinstance(value, bool):
        return hint(value)
    return value
