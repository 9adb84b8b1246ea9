"""State of the list of documents: tab, words, period, and what a selection can do together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from billdesk.domain.invoices import DocumentKind, DocumentStatus
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services import invoices
from billdesk.services.invoices import DocumentFilter, DocumentRow, DocumentSort, Sums
from billdesk.ui.core.table_columns import Request, Summary

UNPAID: Final = frozenset({DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID, DocumentStatus.OVERDUE})

TABS: Final[Mapping[str, frozenset[DocumentStatus]]] = {
    "all": frozenset(),
    "open": UNPAID,
    "overdue": frozenset({DocumentStatus.OVERDUE}),
    "partly_paid": frozenset({DocumentStatus.PARTLY_PAID}),
    "paid": frozenset({DocumentStatus.PAID}),
    "draft": frozenset({DocumentStatus.DRAFT}),
}

TAB_WORDS: Final = {
    "all": N_("All"),
    "open": N_("Open"),
    "overdue": N_("Overdue"),
    "partly_paid": N_("Partly paid"),
    "paid": N_("Paid"),
    "draft": N_("Drafts"),
}

KIND_WORDS: Final = {
    "": N_("Invoices and credit notes"),
    DocumentKind.INVOICE.value: N_("Invoices only"),
    DocumentKind.CREDIT_NOTE.value: N_("Credit notes only"),
}

PERIOD_WORDS: Final = {
    "": N_("Any date"),
    "month": N_("This month"),
    "last_month": N_("Last month"),
    "quarter": N_("This quarter"),
    "year": N_("This year"),
    "last_year": N_("Last year"),
}


_DELIVERIES: Final = {"outbox": "queued", "failed": "failed"}
"""Presets of documents on their way, and the delivery they filter by."""


@dataclass(frozen=True, slots=True)
class Tab:
    """What a status tab adds up to; `amounts` are open amounts where something is open, else totals."""

    count: int
    amounts: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class DocumentSummary(Summary):
    """The footer of the list, with what each status tab holds."""

    tabs: Mapping[str, Tab] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListState:
    """What the person at the desk looks at."""

    tab: str = "all"
    text: str = ""
    kind: str = ""
    period: str = ""
    customer_id: int | None = None
    delivery: str = ""
    today: date = date.min

    def wanted(self) -> DocumentFilter:
        """Give the filter of these choices."""
        first, last = period_days(self.period, self.today)
        return DocumentFilter(
            statuses=TABS[self.tab],
            kind=DocumentKind(self.kind) if self.kind else None,
            text=self.text,
            customer_id=self.customer_id,
            delivery=self.delivery,
            issued_from=first,
            issued_until=last,
        )

    @property
    def narrows(self) -> int:
        """How many choices besides tab and words narrow the list."""
        return sum(map(bool, (self.kind, self.period, self.customer_id, self.delivery)))


def period_days(period: str, today: date) -> tuple[date | None, date | None]:
    """Give the first and last day of a named period."""
    if not period:
        return None, None
    month = today.replace(day=1)
    if period == "last_month":
        last = month - timedelta(days=1)
        return last.replace(day=1), last
    if period == "last_year":
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    starts = {
        "month": month,
        "quarter": month.replace(month=(month.month - 1) // 3 * 3 + 1),
        "year": date(today.year, 1, 1),
    }
    return starts[period], None


class InvoicesPresenter:
    """Holds the state of the list and changes it by one choice at a time."""

    def __init__(self, today: date) -> None:
        self.state = ListState(today=today)

    def choose(self, **choices: Any) -> DocumentFilter:  # noqa: ANN401 - the types of ListState's fields
        """Change some choices and give the filter that follows."""
        self.state = replace(self.state, **choices)
        return self.state.wanted()

    def view(self, name: str) -> DocumentFilter:
        """Show a preset: the name of a tab or status, `customer:ID`, `outbox` or `failed`."""
        word, _colon, key = name.partition(":")
        delivery = _DELIVERIES.get(word, "")
        if word == "customer" and key.isdigit():
            return self.choose(tab="all", text="", customer_id=int(key), kind="", period="", delivery="")
        known = {"drafts": "draft", "unpaid": "open"}.get(word, word)
        tab = known if known in TABS else "all"
        return self.choose(tab=tab, text="", customer_id=None, kind="", period="", delivery=delivery)


def fetch_documents(db: Any, request: Request[DocumentFilter]) -> Sequence[DocumentRow]:  # noqa: ANN401 - the lane's Db
    """Read one page of the list."""
    sort = DocumentSort(request.sort) if request.sort else DocumentSort.ISSUE_DATE
    return invoices.list_documents(
        db, request.filter, sort=sort, descending=request.descending, offset=request.offset, limit=request.limit
    )


def summarize_documents(db: Any, wanted: DocumentFilter) -> DocumentSummary:  # noqa: ANN401 - the lane's Db
    """Count and add up all tabs in one reading; the chosen tab is the footer."""
    by_status = invoices.sum_by_status(db, wanted)
    tabs = {key: _tab(by_status, statuses) for key, statuses in TABS.items()}
    chosen = wanted.statuses or frozenset(DocumentStatus)
    count = sum(sums.count for status in chosen for sums in by_status.get(status, {}).values())
    totals = _added(by_status, chosen, of_open=False)
    hidden = 0 if count else invoices.count_documents(db, DocumentFilter())
    return DocumentSummary(count, totals, hidden, tabs)


def _tab(by_status: Mapping[DocumentStatus, Mapping[str, Sums]], statuses: frozenset[DocumentStatus]) -> Tab:
    chosen = statuses or frozenset(DocumentStatus)
    count = sum(sums.count for status in chosen for sums in by_status.get(status, {}).values())
    return Tab(count, _added(by_status, chosen, of_open=bool(statuses) and statuses <= UNPAID))


def _added(
    by_status: Mapping[DocumentStatus, Mapping[str, Sums]], statuses: frozenset[DocumentStatus], *, of_open: bool
) -> tuple[Money, ...]:
    minors: dict[str, int] = {}
    for status in statuses:
        for currency, sums in by_status.get(status, {}).items():
            amount = sums.open if of_open else sums.total
            minors[currency] = minors.get(currency, 0) + amount.minor
    return tuple(Money(minor, currency) for currency, minor in sorted(minors.items()))


def note_of(summary: DocumentSummary, tab: str) -> str:
    """Give the line below the title: how many stand on the chosen tab, and what they come to."""
    chosen = summary.tabs[tab]
    count = ngettext("{n} document", "{n} documents", chosen.count)
    if tab != "all":
        return " · ".join([count, *(current().money(amount) for amount in chosen.amounts if amount.minor)])
    amounts = summary.tabs["open"].amounts
    parts = [_("{amount} open", amount=current().money(amount)) for amount in amounts[:1]]
    more = [ngettext("{n} more currency", "{n} more currencies", len(amounts) - 1)] if len(amounts) > 1 else []
    return " · ".join([count, *parts, *more])


def counts_of(summary: DocumentSummary) -> dict[str, str]:
    """Give the counts on the tabs as text; nothing stands on an empty tab."""
    return {key: current().number(tab.count) if tab.count else "" for key, tab in summary.tabs.items()}
