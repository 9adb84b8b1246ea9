"""Column types that never lose a digit or a microsecond, on every engine."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import BigInteger, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from billdesk.kernel.decimals import from_text, to_text

Id: Final[TypeEngine[int]] = BigInteger().with_variant(Integer, "sqlite")
"""Keys: BIGINT, and on SQLite INTEGER, which alone can be a rowid."""

Minor: Final = BigInteger
"""Money in minor units; the currency stands in a column beside it."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Give microseconds since 1970 UTC; raises ValueError for an instant without a zone."""
    if instant.tzinfo is None:
        msg = f"instant without a time zone: {instant}"
        raise ValueError(msg)
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Give the UTC instant of a number of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """A UTC instant, kept as whole microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal of at most 12 places as canonical text; refuses float, NaN and exponents. Never aggregated in SQL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            msg = f"not a Decimal: {value!r}"
            raise TypeError(msg)
        return to_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_text(value)


class Json(TypeDecorator[Any]):
    """A JSON value as canonical text: equal values are equal texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401
        # Most JSON that is read says that there is nothing.
        return None if value is None or value == "null" else json.loads(value)


E = TypeVar("E", bound=StrEnum)


class Choice(TypeDecorator[E], Generic[E]):
    """A StrEnum as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, enum: type[E]) -> None:
        super().__init__()
        self.enum = enum
        self._members = {member.value: member for member in enum}

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.enum(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        # Looking a member up in the enum itself takes five times as long, eight times per contract of a run.
        return None if value is None else self._members.get(value) or self.enum(value)
