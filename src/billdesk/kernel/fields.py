"""Field specs: one description from which a form is built and a JSON value is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from billdesk.kernel.decimals import MAX_PLACES, from_text, to_text
from billdesk.kernel.errors import Place, Problem


class Kind(StrEnum):
    """What a field holds; its JSON form is in brackets."""

    TEXT = "text"  # string
    DECIMAL = "decimal"  # canonical decimal string
    INTEGER = "integer"  # number
    BOOLEAN = "boolean"  # true, false
    CHOICE = "choice"  # one of `choices`
    DATE = "date"  # ISO date string
    ROWS = "rows"  # list of objects described by `columns`


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a plugin's parameters. `label` and `help` are English msgids."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = True
    default: object = None
    choices: tuple[tuple[str, str], ...] = ()
    columns: tuple[Field, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    help: str = ""


_TYPES: Final[dict[Kind, type]] = {
    Kind.TEXT: str,
    Kind.DECIMAL: str,
    Kind.DATE: str,
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
    Kind.CHOICE: str,
    Kind.ROWS: list,
}


def check(fields: tuple[Field, ...], values: Mapping[str, object], where: str = "") -> list[Problem]:
    """Check JSON `values` against specs: unknown names, missing values, types, bounds, choices."""
    known = {field.name for field in fields}
    problems = [
        Problem("unknown_field", Place(field=f"{where}{name}"), str(value))
        for name, value in values.items()
        if name not in known
    ]
    for field in fields:
        problems += _check_one(field, values.get(field.name), where)
    return problems


def _check_one(field: Field, value: object, where: str) -> list[Problem]:
    place = Place(field=f"{where}{field.name}")
    if value is None or value == "":
        return [Problem("value_missing", place)] if field.required and field.default is None else []
    wanted = _TYPES[field.kind]
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        return [Problem("wrong_type", place, str(value), (("expected", field.kind.value),))]
    if field.kind is Kind.ROWS:
        return _check_rows(field, value, where)
    if field.kind is Kind.CHOICE and value not in {key for key, _label in field.choices}:
        allowed = ", ".join(key for key, _label in field.choices)
        return [Problem("not_a_choice", place, str(value), (("choices", allowed),))]
    if field.kind is Kind.DECIMAL:
        return _check_decimal(field, str(value), place)
    return []


def _check_rows(field: Field, rows: object, where: str) -> list[Problem]:
    problems: list[Problem] = []
    for number, row in enumerate(rows if isinstance(rows, list) else [], start=1):
        spot = f"{where}{field.name}[{number}]."
        if isinstance(row, dict):
            problems += check(field.columns, row, spot)
        else:
            problems.append(Problem("wrong_type", Place(field=spot), str(row), (("expected", "row"),)))
    return problems


def _check_decimal(field: Field, text: str, place: Place) -> list[Problem]:
    try:
        number = from_text(text)
    except ValueError:
        return [Problem("not_a_number", place, text)]
    if -number.as_tuple().exponent > MAX_PLACES:  # type: ignore[operator]  # finite, so an int
        return [Problem("too_many_decimals", place, text, (("places", str(MAX_PLACES)),))]
    if field.minimum is not None and number < field.minimum:
        return [Problem("too_small", place, text, (("minimum", str(field.minimum)),))]
    if field.maximum is not None and number > field.maximum:
        return [Problem("too_large", place, text, (("maximum", str(field.maximum)),))]
    return []


def canonical(fields: tuple[Field, ...], values: Mapping[str, object]) -> dict[str, object]:
    """Give values in the one form in which equal ones are equal: defaults written out, decimals written alike.

    `values` are those that `check` has nothing against; what is empty and has no default is left out.
    """
    found = {field.name: _canonical(field, values.get(field.name)) for field in fields}
    return {name: value for name, value in found.items() if value is not None}


def _canonical(field: Field, value: object) -> object:
    given = field.default if value in (None, "") else value
    if isinstance(given, list | tuple):
        return [canonical(field.columns, row) for row in given]
    return to_text(from_text(given)) if field.kind is Kind.DECIMAL and isinstance(given, str) else given
