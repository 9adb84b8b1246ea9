"""What a run says of itself: the documents it makes, totals, and what a person should look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from billdesk.domain.customers import DeliveryChannel
from billdesk.domain.invoices import DocumentKind
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.kernel.records import quick


@quick
@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a customer's billing that a person should look at.

    Codes: `first_invoice`, `changed` (value: percent against the last run's invoice), `negative`, `zero`,
    `missing_usage` (value: metric code), `held`, `draft_waiting`, `distance_passed`, and `problem` (value: the
    problem's code) for what kept a customer out of the run.
    """

    code: str
    customer_id: int
    customer_name: str
    subscription_id: int | None = None
    value: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A document as a run proposes it; `document_id` is None in a preview."""

    document_id: int | None
    customer_id: int
    customer_name: str
    kind: DocumentKind
    period: Period | None
    lines: int
    net: Money
    tax: Money
    total: Money
    channel: DeliveryChannel
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CurrencyTotals:
    """Documents of one currency added up; credit notes are negative."""

    currency: str
    documents: int
    net: Money
    tax: Money
    total: Money


@dataclass(frozen=True, slots=True)
class RunPreview:
    """What a run makes: totals of all by currency, the first `ROWS_SHOWN` documents, and all findings."""

    as_of: date
    documents: int
    lines: int
    subscriptions: int
    totals: Mapping[str, CurrencyTotals]
    rows: tuple[DraftRow, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run did: drafts it made, drafts of earlier runs it replaced, and drafts that stayed as they were."""

    run_id: int | None
    created: int
    replaced: int
    unchanged: int
    preview: RunPreview


@dataclass(frozen=True, slots=True)
class ThresholdBill:
    """What was drafted because unbilled usage reached a threshold; `left_out` could not be billed, by name.

    `run_id` is None where nothing was drafted, and in a preview.
    """

    run_id: int | None
    documents: int
    contracts: int
    totals: tuple[Money, ...]
    left_out: tuple[str, ...] = ()
