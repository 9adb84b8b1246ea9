"""A statement line as JSON and back, without loss: only what the bank said is kept, empty fields are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from billdesk.domain.banking import LineDetail, ReferenceType, StatementLine
from billdesk.kernel.money import Money

_OWN_COLUMNS: Final = frozenset({"amount", "booked_on", "occurrence"})


def encode(line: StatementLine) -> dict[str, Any]:
    """Give everything of a line that has no column of its own, as JSON values."""
    return {
        field.name: _plain(getattr(line, field.name))
        for field in fields(line)
        if field.name not in _OWN_COLUMNS and getattr(line, field.name) != field.default
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field of a line
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal | date):
        return str(value)
    if isinstance(value, LineDetail):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if getattr(value, f.name) != f.default}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def decode(content: Mapping[str, Any], amount: Money, booked_on: date, occurrence: int) -> StatementLine:
    """Give the line back from its columns and what `encode` made."""
    values = {name: _READERS.get(name, _same)(value) for name, value in content.items()}
    return StatementLine(amount=amount, booked_on=booked_on, occurrence=occurrence, **values)


def _same(value: Any) -> Any:  # noqa: ANN401 - any field of a line
    return value


def _detail(content: Mapping[str, Any]) -> LineDetail:
    return LineDetail(**{name: _READERS.get(name, _same)(value) for name, value in content.items()})


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "value_on": date.fromisoformat,
    "texts": tuple,
    "reference_type": ReferenceType,
    "amount": Decimal,
    "charges": Decimal,
    "original_amount": Decimal,
    "exchange_rate": Decimal,
    "balance_after": Decimal,
    "details": lambda items: tuple(_detail(item) for item in items),
    "raw": lambda items: tuple((name, text) for name, text in items),
}
