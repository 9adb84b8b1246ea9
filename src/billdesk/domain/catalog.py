"""What is sold: products, prices with terms per currency, plans and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from billdesk.domain.contract_terms import PriceIndex
from billdesk.domain.usage import Metric
from billdesk.kernel.period import Interval


class Recognition(StrEnum):
    """When revenue of a product counts as earned."""

    OVER_PERIOD = "over_period"
    AT_ONCE = "at_once"
    AS_USED = "as_used"


@dataclass(frozen=True, slots=True)
class Product:
    """What a line is about. `names` holds translations by language; `unit_code` is UN/ECE Rec 20."""

    id: int
    code: str
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    tax_class: str = "standard"
    unit_code: str = "C62"
    revenue_account: str = "700000"
    recognition: Recognition = Recognition.OVER_PERIOD
    archived: bool = False
    version: int = 1


class Timing(StrEnum):
    """When a price falls due: as its period starts or once it has ended."""

    ADVANCE = "advance"
    ARREARS = "arrears"


class QuantitySource(StrEnum):
    """Where a price's quantity comes from."""

    ONE = "one"
    SUBSCRIPTION = "subscription"
    USAGE = "usage"


class Proration(StrEnum):
    """How a part of a period is charged (billing rules §6.1)."""

    BY_DAY = "by_day"
    NONE = "none"
    THIRTY_360 = "30_360"
    ACTUAL_360 = "actual_360"
    FIXED_DAYS = "fixed_days"


class Alignment(StrEnum):
    """Where the billing grid of a subscription is anchored (billing rules §1.2)."""

    ANNIVERSARY = "anniversary"
    CALENDAR = "calendar"
    DAY = "day"


class LateUsage(StrEnum):
    """What happens with usage that arrives after its period was billed (billing rules §14)."""

    NEXT_INVOICE = "next_invoice"
    CORRECTIVE = "corrective"
    ASK = "ask"
    IGNORE = "ignore"


class Ending(StrEnum):
    """How amounts converted from another currency end; currencies without decimals know whole amounts only."""

    WHOLE = ".00"
    NINETY = ".90"
    NINETY_FIVE = ".95"
    NINETY_NINE = ".99"


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a price does in a currency without terms: its `base` terms at the rate of the period's first day."""

    base: str
    ending: Ending = Ending.WHOLE


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """The parameters of a charge model in one currency; amounts are major units as decimal text.

    `minimum` and `maximum` are amounts per whole grid period. With a `conversion` all amounts are still those of
    its base currency. `origin` says in a trace where terms come from that are not the price's own.
    """

    currency: str
    parameters: Mapping[str, object]
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    conversion: Conversion | None = None
    origin: tuple[tuple[str, str], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Price:
    """How a product is charged: model, rhythm, timing, quantity and terms per currency.

    `interval` None is a one-off price, due when the term starts. `days_before` bills a period in advance that
    many days before it starts. `tiers_restart`: a change of terms inside a period starts counting anew. Without a
    `conversion` a currency that has no terms is an error.
    """

    id: int
    code: str
    product_id: int
    name: str
    model: str
    interval: Interval | None
    timing: Timing
    quantity_source: QuantitySource
    terms: tuple[PriceTerms, ...]
    metric_id: int | None = None
    proration: Proration = Proration.BY_DAY
    proration_days: int = 30
    tax_inclusive: bool = False
    skip_zero: bool = False
    bill_in_trial: bool = False
    grace_days: int = 0
    late_usage: LateUsage = LateUsage.NEXT_INVOICE
    names: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    days_before: int = 0
    tiers_restart: bool = False
    conversion: Conversion | None = None

    def terms_in(self, currency: str) -> PriceTerms | None:
        """Give the terms in a currency, or None when the price is not sold in it."""
        return next((terms for terms in self.terms if terms.currency == currency), None)

    def is_sold_in(self, currency: str) -> bool:
        """Whether the price has an amount in a currency, or converts one."""
        return self.conversion is not None or self.terms_in(currency) is not None


class VersionState(StrEnum):
    """Life of a plan version; a live version never changes."""

    DRAFT = "draft"
    APPROVED = "approved"
    LIVE = "live"
    RETIRED = "retired"


class RunningPolicy(StrEnum):
    """What a new plan version does to running subscriptions (billing rules §2)."""

    KEEP = "keep"
    AT_RENEWAL = "at_renewal"
    FROM_DATE = "from_date"


@dataclass(frozen=True, slots=True)
class PlanItem:
    """A price in a plan version, with the quantity a new subscription starts with."""

    price_id: int
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Commitment:
    """A least amount per interval, by currency, for all lines of a subscription before discounts."""

    interval: Interval
    amounts: tuple[tuple[str, Decimal], ...]

    def amount_in(self, currency: str) -> Decimal | None:
        """Give the amount in a currency, or None when nothing is committed in it."""
        return next((amount for code, amount in self.amounts if code == currency), None)


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """The prices of a plan from an effective date on."""

    id: int
    plan_id: int
    number: int
    state: VersionState
    effective: date
    items: tuple[PlanItem, ...]
    running_policy: RunningPolicy = RunningPolicy.KEEP
    trial_days: int = 0
    owner: str = ""
    approver: str = ""
    note: str = ""
    commitment: Commitment | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A set of prices sold together."""

    id: int
    code: str
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    archived: bool = False
    version: int = 1


class BookKind(StrEnum):
    """Whom a price book is for, in the order in which books are asked."""

    CUSTOMER = "customer"
    SEGMENT = "segment"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Validity:
    """Days from `since` (None: always) up to, not including, `until` (None: open)."""

    since: date | None = None
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def overlaps(self, other: Validity) -> bool:
        """Whether the two have a day in common."""
        starts = max(self.since or date.min, other.since or date.min)
        return starts < min(self.until or date.max, other.until or date.max)


ALWAYS: Final = Validity()


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Other amounts for some prices, for customers named, with a tag, or in a country.

    `reach` holds customer numbers, tags or country codes as the kind says. Among books of one kind a lower
    `priority` goes first.
    """

    id: int
    code: str
    name: str
    kind: BookKind
    reach: tuple[str, ...]
    priority: int = 1
    valid: Validity = ALWAYS
    note: str = ""
    version: int = 1

    @property
    def rank(self) -> tuple[int, int]:
        """Where a book stands: the least goes first."""
        return (list(BookKind).index(self.kind), self.priority)


@dataclass(frozen=True, slots=True)
class BookTerms:
    """Terms that a book gives a price on some days."""

    id: int
    book_id: int
    price_id: int
    terms: PriceTerms
    valid: Validity = ALWAYS


@dataclass(frozen=True, slots=True)
class Reach:
    """The days on which a book reaches a customer, as they were known: a new tag counts from its day on."""

    book_id: int
    valid: Validity = ALWAYS


Quotes = tuple[tuple[date, Decimal], ...]
"""What one euro was worth by day, in date order."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Price books as the engine looks them up, and the rates by which prices are converted.

    `reached` is by customer id; customers whom the same books reach share one tuple.
    """

    books: Mapping[int, PriceBook] = field(default_factory=dict)
    terms: Mapping[tuple[int, int, str], tuple[BookTerms, ...]] = field(default_factory=dict)
    reached: Mapping[int, tuple[Reach, ...]] = field(default_factory=dict)
    rates: Mapping[str, Quotes] = field(default_factory=dict)


NO_BOOKS: Final = Shelf()


@dataclass(frozen=True, slots=True)
class Catalog:
    """A frozen look-up of all that is sold, by id; it keeps compiled tariffs, so share one per run."""

    prices: Mapping[int, Price] = field(default_factory=dict)
    products: Mapping[int, Product] = field(default_factory=dict)
    plan_versions: Mapping[int, PlanVersion] = field(default_factory=dict)
    metrics: Mapping[int, Metric] = field(default_factory=dict)
    plans: Mapping[int, Plan] = field(default_factory=dict)
    shelf: Shelf = NO_BOOKS
    indexes: Mapping[str, PriceIndex] = field(default_factory=dict)
    compiled: dict[object, object] = field(default_factory=dict, compare=False, repr=False)
