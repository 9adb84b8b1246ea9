"""What using a usage file brought, as screens and scripts show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billdesk.domain.usage import ImportBatch
from billdesk.kernel.errors import Problem
from billdesk.kernel.period import Period
from billdesk.services.billing.records import ThresholdBill


@dataclass(frozen=True, slots=True)
class UsageOptions:
    """How a file is taken in.

    `properties` are headers whose values go along with events; `skip_bad_rows` lets the good rows in; with
    `replace` the file is the corrected truth of these local days for the contracts and metrics in it.
    `corrections` replaces the text of cells, by row as the spreadsheet counts and header.
    """

    properties: tuple[str, ...] = ()
    skip_bad_rows: bool = False
    replace: Period | None = None
    corrections: Mapping[tuple[int, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricTotal:
    """What a file brings for one metric; `before` is the total of as many days just before, in a preview."""

    metric_id: int
    code: str
    name: str
    unit: str
    events: int
    quantity: Decimal
    subscriptions: int
    first: date
    last: date
    before: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class UsageOutcome:
    """What became of the rows of a file; `already` is the batch that brought the very same file before.

    `alerts` counts thresholds that it reached for the first time in their period, which a preview does not look at;
    `bill` is what those on unbilled usage had drafted, in a preview what they would.
    """

    file_name: str
    rows_read: int
    batch_id: int | None = None
    added: int = 0
    duplicates: int = 0
    conflicts: int = 0
    unmatched: int = 0
    rejected: int = 0
    replaced: int = 0
    problems: tuple[Problem, ...] = ()
    totals: tuple[MetricTotal, ...] = ()
    already: ImportBatch | None = None
    alerts: int = 0
    bill: ThresholdBill | None = None
