"""State of the customers screen: the list and its filter, the customer beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from billdesk.domain.customers import Customer
from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services.customer_overview import (
    CustomerLine,
    CustomerOverview,
    FormFacts,
    NextInvoice,
    UpcomingDocument,
    list_customer_lines,
    load_customer_overview,
    load_form_facts,
    preview_next_invoice,
    upcoming_of_customer,
)
from billdesk.services.customers import (
    CustomerFilter,
    CustomerSort,
    archive_customer,
    count_customers,
    create_customer,
    update_customer,
)
from billdesk.ui.core.countries import country_name
from billdesk.ui.core.table_columns import Column, Kind, Request, Summary
from billdesk.ui.core.tasks import OwnedTasks

Failed = Callable[[BillDeskError], object]

SEGMENTS: Final[dict[str, bool | None]] = {"active": False, "archived": True, "all": None}
"""Which customers each tab shows: the value of the filter's `archived`."""


def amounts(found: Sequence[Money]) -> Money | str | None:
    """Give what a money column shows of amounts in several currencies: they are never added up."""
    if len(found) > 1:
        return " + ".join(current().money(amount) for amount in found)
    return found[0] if found else None


def _recurring(line: CustomerLine) -> Money | str | None:
    return amounts([Money(minor, currency) for currency, minor in line.row.mrr_minor])


def selection_text(lines: Sequence[CustomerLine]) -> str:
    """Say what selected customers owe and pay a month, each currency for itself."""
    owed = _added(amount for line in lines for amount in line.open)
    monthly = _added(Money(minor, currency) for line in lines for currency, minor in line.row.mrr_minor)
    texts = (
        _("{amounts} open", amounts=owed) if owed else "",
        _("{amounts} a month", amounts=monthly) if monthly else "",
    )
    count = ngettext("{n} customer selected", "{n} customers selected", len(lines))
    return " · ".join(text for text in (count, *texts) if text)


def _added(found: Iterable[Money]) -> str:
    sums: dict[str, int] = {}
    for amount in found:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return " + ".join(current().money(Money(minor, currency)) for currency, minor in sorted(sums.items()))


COLUMNS: Final[tuple[Column[CustomerLine], ...]] = (
    Column("number", N_("Number"), lambda r: r.row.number, Kind.MUTED),
    Column("name", N_("Name"), lambda r: r.row.name, stretch=3, is_strong=True),
    Column("city", N_("City"), lambda r: r.row.city, rank=2),
    Column("country", N_("Country"), lambda r: country_name(r.row.country), rank=4),
    Column("currency", N_("Currency"), lambda r: r.row.currency, Kind.MUTED, rank=5),
    Column("subscriptions", N_("Contracts"), lambda r: r.row.subscriptions, Kind.NUMBER, rank=3, is_sortable=False),
    Column("mrr", N_("Per month"), _recurring, Kind.MONEY, rank=1, is_sortable=False),
    Column("open", N_("Open balance"), lambda r: amounts(r.open), Kind.MONEY, is_sortable=False),
    Column("tax_id", N_("VAT number"), lambda r: r.row.tax_id, Kind.MUTED, is_optional=True, is_sortable=False),
    Column("email", N_("E-mail"), lambda r: r.row.email, is_optional=True, is_sortable=False),
    Column("tags", N_("Tags"), lambda r: ", ".join(r.row.tags), is_optional=True, is_sortable=False),
)


def fetch_customers(db: Any, request: Request[CustomerFilter]) -> Sequence[CustomerLine]:  # noqa: ANN401 - the lane's Db
    """Give one page of the list."""
    return list_customer_lines(
        db,
        request.filter,
        sort=CustomerSort(request.sort or "name"),
        descending=request.descending,
        offset=request.offset,
        limit=request.limit,
    )


def summarize_customers(db: Any, wanted: CustomerFilter) -> Summary:  # noqa: ANN401 - the lane's Db
    """Count the rows that pass and those that the filter hides."""
    count = count_customers(db, wanted)
    return Summary(count, hidden=count_customers(db, CustomerFilter(archived=None)) - count)


def _count_segments(db: Any) -> dict[str, int]:  # noqa: ANN401 - the lane's Db
    return {key: count_customers(db, CustomerFilter(archived=kept)) for key, kept in SEGMENTS.items()}


class CustomersPresenter:
    """Asks for counts, the panel and the form, and gives the commands of the screen."""

    def __init__(self, tasks: OwnedTasks) -> None:
        self._tasks = tasks
        self.filter = CustomerFilter()
        self.counts: dict[str, int] = {}
        self.overview: CustomerOverview | None = None
        self.next_invoice: NextInvoice | None = None
        self.facts: FormFacts | None = None

    def choose_segment(self, key: str) -> None:
        """Show active, archived or all customers."""
        self.filter = replace(self.filter, archived=SEGMENTS[key])

    def search(self, words: str) -> None:
        """Show customers in which these words are found."""
        self.filter = replace(self.filter, search=words)

    def note(self, selected: Sequence[CustomerLine], count: int) -> str:
        """Give the line below the title: how many rows there are, or what the selection comes to."""
        if len(selected) > 1:
            return selection_text(selected)
        return ngettext("{n} customer", "{n} customers", count)

    def load_counts(self, then: Callable[[], object]) -> None:
        """Count the rows of each tab."""

        def take(found: dict[str, int]) -> None:
            self.counts = found
            then()

        self._tasks.query(_count_segments, then=take, latest="counts")

    def load_overview(self, customer_id: int, then: Callable[[], object]) -> None:
        """Read one customer with all that the panel shows."""

        def take(found: CustomerOverview) -> None:
            self.overview = found
            then()

        self._tasks.query(load_customer_overview, customer_id, then=take, latest="overview")

    def load_form(self, customer_id: int | None, then: Callable[[], object]) -> None:
        """Read what the form needs: its choices and, of a known customer, the record as it is now."""

        def take_facts(found: FormFacts) -> None:
            self.facts = found
            if customer_id is None:
                then()
            else:
                self.load_overview(customer_id, then)

        self._tasks.query(load_form_facts, then=take_facts, latest="facts")

    def load_next_invoice(self, customer_id: int, then: Callable[[NextInvoice], object]) -> None:
        """Work out what the next invoice of a customer will be."""
        self._tasks.query(preview_next_invoice, customer_id, then=then, latest="next invoice")

    def load_upcoming(self, customer_id: int, then: Callable[[tuple[UpcomingDocument, ...]], object]) -> None:
        """Work out the documents of the next twelve months."""
        self._tasks.query(upcoming_of_customer, customer_id, then=then, latest="upcoming")

    def save(
        self, record: Customer, then: Callable[[Customer], object], failed: Callable[[BillDeskError], object]
    ) -> None:
        """Enter a new customer (id 0), or change one."""
        command = update_customer if record.id else create_customer
        self._tasks.command(command, record, then=then, failed=failed)

    def archive(self, customer_id: int, then: Callable[[Customer], object], *, archived: bool = True) -> None:
        """Hide a customer from lists, or show them again."""
        self._tasks.command(archive_customer, customer_id, archived=archived, then=then)
