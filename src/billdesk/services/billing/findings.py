"""What a person should look at before drafts are issued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from billdesk.domain.billing import Settlement
from billdesk.domain.catalog import Catalog
from billdesk.domain.customers import Customer
from billdesk.domain.invoices import Document, DocumentKind
from billdesk.domain.usage import UsageTotal, UsageWindow
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.errors import Problem
from billdesk.services.billing.records import Finding

_HUNDRED = 100


def of_document(
    document: Document, customer: Customer, *, is_known: bool, last_net: int | None, warn_percent: int
) -> list[Finding]:
    """Give what is remarkable about a draft, against the customer's last invoice from a run."""
    found = []
    if document.hold:
        found.append(Finding("held", customer.id, customer.name))
    if document.kind is DocumentKind.CREDIT_NOTE:
        found.append(Finding("negative", customer.id, customer.name, value=str(document.total)))
    if not document.total and document.lines:
        found.append(Finding("zero", customer.id, customer.name))
    if not is_known:
        found.append(Finding("first_invoice", customer.id, customer.name))
    change = _change(document, last_net)
    if change is not None and abs(change) > warn_percent:
        found.append(Finding("changed", customer.id, customer.name, value=str(change)))
    return found


def _change(document: Document, last_net: int | None) -> int | None:
    if not last_net or document.kind is not DocumentKind.INVOICE:
        return None
    return round_ratio((document.net.minor - last_net) * _HUNDRED, last_net) if last_net > 0 else None


def of_settlement(settlement: Settlement, customer: Customer) -> list[Finding]:
    """Give the engine's own remarks about a contract."""
    return [of_problem(problem, customer, settlement.subscription_id) for problem in settlement.warnings]


def of_problem(problem: Problem, customer: Customer, subscription_id: int | None = None) -> Finding:
    """Give a problem that the engine or a rule found."""
    details = (*problem.details, ("field", problem.place.field), ("value", problem.value))
    shown = tuple((name, value) for name, value in details if value)
    return Finding("problem", customer.id, customer.name, subscription_id, problem.code, shown)


def of_distance_sales(customer: Customer) -> Finding:
    """Tell that with a customer's document the threshold of distance sales is passed: other rates apply from here."""
    return Finding("distance_passed", customer.id, customer.name)


def missing_usage(
    windows: Iterable[UsageWindow], usage: Mapping[UsageWindow, UsageTotal], customer: Customer, catalog: Catalog
) -> list[Finding]:
    """Name the meters of a contract that say nothing at all for the days that are billed now."""
    silent: dict[tuple[int, int], bool] = {}
    for window in windows:
        key = (window.subscription_id, window.metric_id)
        total = usage.get(window)
        has_events = total is not None and total.events > 0
        silent[key] = silent.get(key, True) and not has_events
    return [
        Finding("missing_usage", customer.id, customer.name, subscription_id, catalog.metrics[metric_id].code)
        for (subscription_id, metric_id), is_silent in silent.items()
        if is_silent and metric_id in catalog.metrics
    ]
