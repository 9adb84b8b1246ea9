"""What is sold: products, prices with terms per currency, plans and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """The parameters of a charge model in one currency; amounts are major units as decimal text.

    `minimum` and `maximum` are amounts per whole grid period.
    """

    currency: str
    parameters: Mapping[str, object]
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """How a product is charged: model, rhythm, timing, quantity and terms per currency.

    `interval` None is a one-off price, due when the term starts. `days_before` bills a period in advance that
    many days before it starts. `tiers_restart`: a change of terms inside a period starts counting anew.
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

    def terms_in(self, currency: str) -> PriceTerms | None:
        """Give the terms in a currency, or None when the price is not sold in it."""
        return next((terms for terms in self.terms if terms.currency == currency), None)


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


@dataclass(frozen=True, slots=True)
class Catalog:
    """A frozen look-up of all that is sold, by id; it keeps compiled tariffs, so share one per run."""

    prices: Mapping[int, Price] = field(default_factory=dict)
    products: Mapping[int, Product] = field(default_factory=dict)
    plan_versions: Mapping[int, PlanVersion] = field(default_factory=dict)
    metrics: Mapping[int, Metric] = field(default_factory=dict)
    plans: Mapping[int, Plan] = field(default_factory=dict)
    compiled: dict[object, object] = field(default_factory=dict, compare=False, repr=False)
