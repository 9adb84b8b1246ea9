"""What a charge model promises: parameters as field specs, checks, and an exact amount with its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from functools import lru_cache
from typing import Final, Protocol

from billdesk.domain.explain import Step, StepKind
from billdesk.domain.usage import EventFee, UsageTotal
from billdesk.kernel.decimals import MAX_PLACES, from_text, to_text
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_
from billdesk.kernel.records import quick

EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
"""The context in which all rating runs: nothing is ever rounded silently."""

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

Parameters = Mapping[str, object]
NO_MORE: Final[Mapping[str, str]] = {}


@quick
@dataclass(frozen=True, slots=True)
class Rated:
    """An exact amount in major units, the steps that made it, and the unit price where one applies to all units."""

    amount: Decimal
    steps: tuple[Step, ...]
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What a tariff wants to know of usage besides the quantity (see `UsageWindow`).

    `whole_quantity`: one tier prices all units, so a part of a period needs the quantity of the whole.
    """

    dimensions: tuple[str, ...] = ()
    fee: EventFee | None = None
    amount_property: str = ""
    whole_quantity: bool = False


NO_NEEDS: Final = Needs()
NEEDS_WHOLE: Final = Needs(whole_quantity=True)


class Tariff(Protocol):
    """Compiled parameters of one price in one currency."""

    @property
    def needs(self) -> Needs:
        """What must be measured besides the quantity."""

    def rate(self, usage: UsageTotal) -> Rated:
        """Give the exact amount of a whole period for what was used or ordered."""


class ChargeModel(Protocol):
    """A plugin of the kind `charge_models`: one file in `domain/charges/`."""

    @property
    def key(self) -> str:
        """Stable name, stored in prices."""

    @property
    def label(self) -> str:
        """English name for people."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The specs of its parameters."""

    def check(self, parameters: Parameters) -> list[Problem]:
        """Say what the field specs alone cannot: parameters that contradict each other."""

    def compile(self, parameters: Parameters) -> Tariff:
        """Read checked parameters once, so that rating is quick."""


def number(parameters: Parameters, name: str, default: str = "0") -> Decimal:
    """Read a decimal parameter, empty or missing as its default."""
    return from_text(str(parameters.get(name) or default))


def optional(parameters: Parameters, name: str) -> Decimal | None:
    """Read a decimal parameter that may be left out."""
    text = parameters.get(name)
    return None if text in {None, ""} else from_text(str(text))


def part(
    quantity: Decimal, unit_price: Decimal, flat: Decimal = ZERO, more: Mapping[str, str] = NO_MORE
) -> tuple[Decimal, Step]:
    """Give `quantity × unit_price + flat` with its step; empty and zero values are left out."""
    amount = quantity * unit_price + flat
    values = {"quantity": exact_text(quantity), "unit_price": exact_text(unit_price)} if quantity or not flat else {}
    if flat:
        values["flat"] = exact_text(flat)
    return amount, Step(StepKind.PART, {**values, **more}, exact_text(amount))


def exact_text(amount: Decimal) -> str:
    """Give the canonical text of an exact amount, with as many decimals as it has."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


@dataclass(frozen=True, slots=True)
class Tier:
    """A price step: units above the tier before and up to `up_to`, included; None is open.

    With a `size` its units are sold in begun packages of that many, at `unit_price` each.
    """

    up_to: Decimal | None
    unit_price: Decimal
    flat: Decimal
    size: Decimal | None = None

    def label(self, above: Decimal) -> str:
        """Give the range for people: 0–10, or 10+."""
        return _range(above, self.up_to)


@lru_cache(maxsize=1_000)
def _range(above: Decimal, up_to: Decimal | None) -> str:
    return f"{to_text(above)}+" if up_to is None else f"{to_text(above)}–{to_text(up_to)}"


UP_TO: Final = Field("up_to", N_("Up to"), Kind.DECIMAL, required=False, help=N_("Empty in the last tier"))


def tiers_field(*columns: Field) -> tuple[Field, ...]:
    """Give the spec of a table of tiers with these columns after "up to"."""
    return (Field("tiers", N_("Tiers"), Kind.ROWS, columns=(UP_TO, *columns)),)


SMALLEST: Final = Decimal(1).scaleb(-MAX_PLACES)
"""The smallest package: one step of the finest quantity."""

PRICED_TIERS: Final = tiers_field(
    Field("unit_price", N_("Price per unit"), Kind.DECIMAL, default="0"),
    Field("flat", N_("Flat fee"), Kind.DECIMAL, default="0"),
    Field("size", N_("Units per package"), Kind.DECIMAL, required=False, minimum=SMALLEST),
)


def tier_rows(parameters: Parameters) -> Sequence[Parameters]:
    """Give the rows of the tier table."""
    rows = parameters.get("tiers")
    return rows if isinstance(rows, list | tuple) else ()


def check_tiers(parameters: Parameters) -> list[Problem]:
    """Refuse a table without tiers, with edges that do not rise, or whose last tier is closed."""
    rows = tier_rows(parameters)
    if not rows:
        return [Problem("tiers_missing", Place(field="tiers"))]
    problems, below = [], ZERO
    for position, row in enumerate(rows, start=1):
        spot, edge, is_last = Place(field=f"tiers[{position}].up_to"), optional(row, "up_to"), position == len(rows)
        if edge is None:
            problems += [] if is_last else [Problem("tier_open_inside", spot)]
        elif is_last:
            problems.append(Problem("last_tier_closed", spot, to_text(edge)))
        elif edge <= below:
            problems.append(Problem("tiers_not_rising", spot, to_text(edge), (("before", to_text(below)),)))
        below = below if edge is None else edge
    return problems


def compile_tiers(parameters: Parameters, unit: str = "unit_price") -> tuple[Tier, ...]:
    """Read the tier table; `unit` names the column of what a unit costs."""
    return tuple(
        Tier(optional(row, "up_to"), number(row, unit), number(row, "flat"), optional(row, "size"))
        for row in tier_rows(parameters)
    )


def split_by_tier(tiers: tuple[Tier, ...], quantity: Decimal) -> list[tuple[Tier, Decimal, Decimal]]:
    """Give (tier, lower edge, units inside) for each tier reached; zero reaches the first."""
    split, below = [], ZERO
    for tier in tiers:
        top = quantity if tier.up_to is None or tier.up_to >= quantity else tier.up_to
        split.append((tier, below, top - below))
        if tier.up_to is None or tier.up_to >= quantity:
            break
        below = tier.up_to
    return split


def holding_tier(tiers: tuple[Tier, ...], quantity: Decimal) -> tuple[Tier, Decimal]:
    """Give the tier that holds the quantity, and its lower edge."""
    tier, below, _inside = split_by_tier(tiers, quantity)[-1]
    return tier, below


def rate_each(tiers: tuple[Tier, ...], quantity: Decimal) -> Rated:
    """Price each unit at its own tier and add the flat fee of each tier reached."""
    total, steps = ZERO, []
    for tier, below, inside in split_by_tier(tiers, quantity):
        amount, step = _part_of_tier(tier, inside, below)
        total += amount
        steps.append(step)
    return Rated(total, tuple(steps))


def rate_all(tiers: tuple[Tier, ...], quantity: Decimal) -> Rated:
    """Price all units at the tier that holds the quantity, with that tier's flat fee."""
    tier, below = holding_tier(tiers, quantity)
    amount, step = _part_of_tier(tier, quantity, below)
    return Rated(amount, (step,), None if tier.flat or tier.size else tier.unit_price)


def _part_of_tier(tier: Tier, units: Decimal, below: Decimal) -> tuple[Decimal, Step]:
    """Price some units at a tier, by the begun package where it has a size."""
    label = {"tier": tier.label(below)}
    if tier.size is None:
        return part(units, tier.unit_price, tier.flat, label)
    return part(begun(units, tier.size), tier.unit_price, tier.flat, {**label, "package": to_text(tier.size)})


def begun(units: Decimal, size: Decimal) -> Decimal:
    """Give how many packages of a size some units begin."""
    packages, rest = divmod(units, size)
    return packages + ONE if rest else packages


def rate_packages(size: Decimal, price: Decimal, quantity: Decimal, more: Mapping[str, str] = NO_MORE) -> Rated:
    """Price begun packages of a size."""
    amount, step = part(begun(quantity, size), price, ZERO, {"package": to_text(size), **more})
    return Rated(amount, (step,))


@dataclass(frozen=True, slots=True)
class TieredTariff:
    """Compiled tiers and how they price a quantity."""

    tiers: tuple[Tier, ...]
    rate_tiers: Callable[[tuple[Tier, ...], Decimal], Rated]
    needs: Needs = NO_NEEDS

    def rate(self, usage: UsageTotal) -> Rated:
        """Price the quantity; zero units still cost the first tier's flat fee."""
        return self.rate_tiers(self.tiers, usage.quantity)


@dataclass(frozen=True, slots=True)
class TieredModel:
    """A charge model over a table of priced tiers; models differ in how the tiers price a quantity."""

    key: str
    label: str
    rate_tiers: Callable[[tuple[Tier, ...], Decimal], Rated]
    fields: tuple[Field, ...] = PRICED_TIERS
    needs: Needs = NO_NEEDS

    def check(self, parameters: Parameters) -> list[Problem]:
        """Refuse tiers that do not rise or do not end open."""
        return check_tiers(parameters)

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the tiers."""
        return TieredTariff(compile_tiers(parameters), self.rate_tiers, self.needs)
