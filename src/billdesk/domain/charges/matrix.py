"""Matrix: a price table by one or two event properties; a row without values is the default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from billdesk.domain.explain import Step
from billdesk.domain.tariffs import (
    ZERO,
    Needs,
    Parameters,
    Rated,
    Tariff,
    Tier,
    number,
    part,
    rate_all,
    rate_each,
    rate_packages,
)
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.decimals import MAX_PLACES, from_text, to_scaled, to_text
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_

_MODELS: Final = (
    ("per_unit", N_("Price per unit")),
    ("flat", N_("Flat amount")),
    ("package", N_("Packages")),
    ("graduated", N_("Graduated tiers")),
    ("volume", N_("Volume tiers")),
)
_TIERED: Final = frozenset({"graduated", "volume"})
Key = tuple[str, ...]


class TiersUnreadable(ValueError):
    """A row's tiers are not written as `up to: price + flat | … | price + flat`."""


def read_tiers(text: str) -> tuple[Tier, ...]:
    """Read tiers written on one line: `100: 1.00 + 5 | 500: 0.80 | 0.60`; the last one has no edge."""
    tiers: list[Tier] = []
    try:
        for piece in text.split("|"):
            edge, colon, price = piece.rpartition(":")
            unit, _plus, flat = price.partition("+")
            up_to = from_text(edge.strip()) if colon else None
            tiers.append(Tier(up_to, from_text(unit.strip()), from_text(flat.strip() or "0")))
    except ValueError as error:
        raise TiersUnreadable(text) from error
    edges = [tier.up_to for tier in tiers[:-1]]
    closed = [edge for edge in edges if edge is not None]
    if tiers[-1].up_to is not None or len(closed) < len(edges) or closed != sorted(set(closed)) or min(
        [*closed, Decimal(1)]
    ) <= ZERO:  # fmt: skip
        raise TiersUnreadable(text)
    return tuple(tiers)


def write_tiers(tiers: Iterable[Tier]) -> str:
    """Write tiers the way `read_tiers` reads them."""
    return " | ".join(_tier_text(tier) for tier in tiers)


def _tier_text(tier: Tier) -> str:
    edge = "" if tier.up_to is None else f"{to_text(tier.up_to)}: "
    flat = f" + {to_text(tier.flat)}" if tier.flat else ""
    return f"{edge}{to_text(tier.unit_price)}{flat}"


def map_tiers(text: str, change: Callable[[Decimal], Decimal]) -> str:
    """Give tiers written on one line with their amounts changed; raises TiersUnreadable."""
    return write_tiers(Tier(tier.up_to, change(tier.unit_price), change(tier.flat)) for tier in read_tiers(text))


@dataclass(frozen=True, slots=True)
class Cell:
    """What the units of one row cost."""

    model: str
    price: Decimal
    size: Decimal
    tiers: tuple[Tier, ...]

    def rate(self, quantity: Decimal, label: str) -> Rated:
        """Give the amount of some units, each step labelled with the row."""
        if self.model in _TIERED:
            rated = rate_each(self.tiers, quantity) if self.model == "graduated" else rate_all(self.tiers, quantity)
        elif self.model == "package":
            rated = rate_packages(self.size, self.price, quantity)
        elif self.model == "flat":
            rated = Rated(*_alone(part(ZERO, ZERO, self.price)))
        else:
            rated = Rated(*_alone(part(quantity, self.price)))
        steps = tuple(Step(step.kind, {**step.values, "label": label}, step.amount) for step in rated.steps)
        return Rated(rated.amount, steps)


def _alone(found: tuple[Decimal, Step]) -> tuple[Decimal, tuple[Step, ...]]:
    return found[0], (found[1],)


@dataclass(frozen=True, slots=True)
class MatrixTariff:
    """Compiled rows by the values of the properties."""

    rows: dict[Key, Cell]
    default: Cell | None
    needs: Needs

    def rate(self, usage: UsageTotal) -> Rated:
        """Price the units of each row on their own; units of no row and without a default cost nothing.

        The default row has the units of all other values. They are added up and not taken from the whole, which a
        peak, a level or a count of different users is not the sum of.
        """
        total = ZERO
        steps: list[Step] = []
        rest = ZERO if usage.cells else usage.quantity
        for values, quantity in usage.cells:
            cell = self.rows.get(values)
            if cell is None:
                rest += quantity
                continue
            rated = cell.rate(quantity, " / ".join(values))
            total += rated.amount
            steps += rated.steps
        if self.default is not None and rest:
            rated = self.default.rate(rest, "*")
            total += rated.amount
            steps += rated.steps
        return Rated(total, tuple(steps))


@dataclass(frozen=True, slots=True)
class Matrix:
    """The plugin."""

    key: str = "matrix"
    label: str = N_("Price table by properties")
    fields: tuple[Field, ...] = (
        Field("first", N_("Event property")),
        Field("second", N_("Second event property"), required=False),
        Field(
            "rows",
            N_("Prices"),
            Kind.ROWS,
            columns=(
                Field("value", N_("Value"), required=False, help=N_("Empty for all other values")),
                Field("value2", N_("Second value"), required=False),
                Field("model", N_("Charged as"), Kind.CHOICE, choices=_MODELS, default="per_unit"),
                Field("price", N_("Price"), Kind.DECIMAL, default="0"),
                Field("size", N_("Units per package"), Kind.DECIMAL, required=False, minimum=ZERO),
                Field("tiers", N_("Tiers"), required=False, help=N_("100: 1.00 + 5 | 500: 0.80 | 0.60")),
            ),
        ),
    )

    def check(self, parameters: Parameters) -> list[Problem]:
        """Refuse rows twice, packages without a size, and tiers that cannot be read or do not end open."""
        problems, seen = [], set()
        for position, row in enumerate(_rows(parameters), start=1):
            spot, key = f"rows[{position}].", _key(parameters, row)
            if key in seen:
                problems.append(Problem("row_twice", Place(field=f"{spot}value"), " / ".join(key)))
            seen.add(key)
            if row.get("model") == "package" and number(row, "size") <= ZERO:
                problems.append(Problem("value_missing", Place(field=f"{spot}size")))
            if row.get("model") in _TIERED:
                problems += _check_tiers(str(row.get("tiers") or ""), Place(field=f"{spot}tiers"))
        return problems or ([] if seen else [Problem("value_missing", Place(field="rows"))])

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the rows."""
        rows = {_key(parameters, row): _cell(row) for row in _rows(parameters)}
        names = (str(parameters["first"]), str(parameters.get("second") or ""))
        dimensions = tuple(name for name in names if name)
        default = rows.pop(("",) * len(dimensions), None)
        return MatrixTariff(rows, default, Needs(dimensions=dimensions))


def _rows(parameters: Parameters) -> Sequence[Parameters]:
    rows = parameters.get("rows")
    return rows if isinstance(rows, list | tuple) else ()


def _key(parameters: Parameters, row: Parameters) -> Key:
    first = str(row.get("value") or "")
    return (first, str(row.get("value2") or "")) if parameters.get("second") else (first,)


def _cell(row: Parameters) -> Cell:
    model = str(row.get("model") or "per_unit")
    tiers = read_tiers(str(row.get("tiers") or "")) if model in _TIERED else ()
    return Cell(model, number(row, "price"), number(row, "size"), tiers)


def _check_tiers(text: str, place: Place) -> list[Problem]:
    try:
        tiers = read_tiers(text)
    except TiersUnreadable:
        return [Problem("tiers_unreadable", place, text)]
    try:
        for tier in tiers:
            to_scaled(tier.unit_price, MAX_PLACES)
    except ValueError:
        return [Problem("too_many_decimals", place, text, (("places", str(MAX_PLACES)),))]
    return []


PLUGIN = Matrix()
