"""Metering: metrics, usage events and the batches they came in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Context, Decimal
from enum import StrEnum
from typing import Final

from billdesk.kernel.period import Period
from billdesk.kernel.records import quick

# Values have up to 19 digits and rates 12 decimals: more than Python's default context keeps.
_EXACT: Final = Context(prec=60)
_ZERO: Final = Decimal(0)


class Aggregation(StrEnum):
    """How the events of a period become one quantity (billing rules §4)."""

    SUM = "sum"
    COUNT = "count"
    COUNT_UNIQUE = "count_unique"
    MAX = "max"
    LATEST = "latest"
    WEIGHTED_SUM = "weighted_sum"
    PERCENTILE = "percentile"


class RoundingMode(StrEnum):
    """How an aggregated quantity is rounded."""

    NONE = "none"
    ROUND = "round"
    CEIL = "ceil"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured. Quantities are stored as integers at `decimals` places, frozen once events exist."""

    id: int
    code: str
    name: str
    unit: str = ""
    decimals: int = 0
    aggregation: Aggregation = Aggregation.SUM
    rounding: RoundingMode = RoundingMode.NONE
    rounding_places: int = 0
    percentile: Decimal | None = None
    unique_property: str = ""
    recurring: bool = False
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """One measured event as read from a file; `instant` is UTC, `scaled` is quantity × 10**decimals."""

    subscription_id: int
    metric_id: int
    key: str
    instant: datetime
    scaled: int
    properties: Mapping[str, str] = field(default_factory=dict)
    row: int = 0


class WaitReason(StrEnum):
    """Why a row of a usage file waits in the queue instead of counting."""

    UNKNOWN_CONTRACT = "unknown_contract"
    NOT_ACTIVE = "not_active"
    SEVERAL_CONTRACTS = "several_contracts"
    CONFLICT = "conflict"


class BatchState(StrEnum):
    """Whether an import batch counts or was undone."""

    APPLIED = "applied"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One import of one file: what it was, who did it, and what it brought."""

    id: int
    kind: str
    file_name: str
    file_sha256: str
    imported_at: datetime
    user: str
    state: BatchState
    rows_read: int
    rows_added: int
    rows_changed: int
    rows_duplicate: int
    rows_rejected: int
    rows_unmatched: int = 0


@dataclass(frozen=True, slots=True)
class EventFee:
    """A fee that is computed for each event: `value × rate ÷ 100 + fixed`, at least `minimum`, at most `maximum`.

    The first `free_events` events, up to `free_value` of value, cost nothing, counted in order of instant (then
    key) from the start of the grid period; a limit of zero is none. Amounts are major units.
    """

    rate: Decimal
    fixed: Decimal = Decimal(0)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    free_events: int = 0
    free_value: Decimal = Decimal(0)

    def of(self, value: Decimal) -> Decimal:
        """Give the fee of one event whose value is not free, exactly."""
        amount = _EXACT.add(_EXACT.multiply(value, self.rate).scaleb(-2, _EXACT), self.fixed)
        if self.minimum is not None:
            amount = max(amount, self.minimum)
        return amount if self.maximum is None else min(amount, self.maximum)


@quick
@dataclass(frozen=True, slots=True)
class UsageWindow:
    """Usage that the engine asks for: a metric's total over local days `period` of one subscription.

    `counted_from` is the start of the grid period, from which free allowances of `fee` are counted;
    `dimensions` are event properties to group by, `amount_property` one to add up. `counted_until` is the end of
    the grid period over which a level is averaged; without it that is the window itself.
    """

    subscription_id: int
    metric_id: int
    price_id: int
    period: Period
    counted_from: date
    dimensions: tuple[str, ...] = ()
    fee: EventFee | None = None
    amount_property: str = ""
    counted_until: date | None = None

    def __hash__(self) -> int:
        """Hash what tells windows of a run apart; equality looks at all fields."""
        return hash((self.subscription_id, self.price_id, self.period.start))


@quick
@dataclass(frozen=True, slots=True)
class UsageTotal:
    """What was measured in a window: the aggregated quantity, in the metric's unit, rounded as the metric says.

    `cells` are quantities by the values of the window's dimensions, `fees` Σ of its fee, `amount` Σ of
    its amount property, both exact major units.
    """

    quantity: Decimal
    events: int = 0
    cells: tuple[tuple[tuple[str, ...], Decimal], ...] = ()
    fees: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)


NO_USAGE = UsageTotal(Decimal(0))


def each_fee(fee: EventFee, values: Iterable[Decimal]) -> Iterator[Decimal]:
    """Give the fee of each event, in order of instant from the start of the grid period.

    The allowance lasts while both of its limits do (a limit of zero is none); an event that is free as a whole
    pays no fixed amount and no minimum.
    """
    left = fee.free_value
    limited = fee.free_events > 0 or fee.free_value > 0
    for number, value in enumerate(values, 1):
        in_events = not fee.free_events or number <= fee.free_events
        if not limited or not in_events or (fee.free_value and not left):
            yield fee.of(value)
            continue
        free = max(_ZERO, min(value, left)) if fee.free_value else value
        left -= free
        yield _ZERO if free == value else fee.of(value - free)
