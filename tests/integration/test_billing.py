from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from billdesk.domain.billing import check_billed
from billdesk.domain.entities import Address
from billdesk.domain.invoices import DocumentKind
from billdesk.domain.subscriptions import EntryKind, Subscription
from billdesk.kernel.errors import InvariantBroken, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.kernel.progress import Progress
from billdesk.services import billing, customers, invoices, subscriptions
from billdesk.services.billing import RunOutcome, RunPreview, Scope
from billdesk.services.book import Book
from billdesk.services.entities import create_entity
from billdesk.services.invoices import DocumentFilter, Issued
from billdesk.services.ledger import check_ledger, recognise_revenue, trial_balance
from billdesk.services.result import Result
from billdesk.services.subscriptions import Change, Start, When
from billdesk.services.taxes import seed_tax_rates
from billdesk.storage.billing import ChargedDays, charge_days, load_billed
from billdesk.storage.database import Db
from builders.book import NOW, an_entity
from builders.catalog import Sold, a_catalog
from builders.customers import a_customer

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


@dataclass
class Clock:
    """Time that a test moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Desk:
    """A book with a customer, a catalogue, and a clerk who bills it."""

    book: Book
    sold: Sold
    customer_id: int
    clock: Clock

    def start(
        self, day: date = JANUARY, *, seats: int = 4, currency: str = "EUR", customer_id: int = 0
    ) -> Subscription:
        empty = Subscription(0, "", customer_id or self.customer_id, 1, currency, day, ())
        begin = Start(self.sold.basic, day, {self.sold.seats: Decimal(seats)})
        return self.book.run(subscriptions.start_subscription, empty, begin).value

    def seats(self, record: Subscription, day: date, quantity: int) -> None:
        change = Change(EntryKind.CHANGE_QUANTITY, When.DATE, day, quantities={self.sold.seats: Decimal(quantity)})
        self.book.run(subscriptions.change_subscription, record.id, change)

    def preview(self, day: date, scope: Scope = billing.EVERYBODY) -> RunPreview:
        return self.book.query(billing.preview_billing, day, scope, progress=Progress())

    def run(self, day: date, scope: Scope = billing.EVERYBODY) -> RunOutcome:
        return self.book.run(billing.run_billing, day, scope, progress=Progress()).value

    def issue(self, outcome: RunOutcome, day: date | None = None) -> Issued:
        assert outcome.run_id is not None
        return self.book.run(invoices.issue_run, outcome.run_id, day, progress=Progress()).value

    def bill(self, day: date) -> Issued:
        return self.issue(self.run(day))

    def lines(self, document_id: int) -> list[tuple[str, int]]:
        document = self.book.query(invoices.load_document, document_id)
        return [(line.kind.value, line.amount.minor) for line in document.lines]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = Clock()
    with Book.create(tmp_path / "billing.billdesk", clock=clock, user="Ann") as book:
        book.run(create_entity, an_entity())
        book.run(seed_tax_rates)
        customer = book.run(customers.create_customer, a_customer()).value
        yield Desk(book, a_catalog(book), customer.id, clock)
        assert book.query(check_ledger) == []


def test_a_run_drafts_what_is_due_with_tax(desk: Desk) -> None:
    desk.start()
    outcome = desk.run(JANUARY)
    (row,) = outcome.preview.rows
    assert (row.lines, row.net.minor, row.tax.minor, row.total.minor) == (2, 9000, 1890, 10890)
    assert outcome.created == 1


def test_the_preview_is_what_the_run_makes(desk: Desk) -> None:
    desk.start()
    preview = desk.preview(MARCH)
    made = desk.run(MARCH).preview
    assert preview.totals == made.totals
    assert [row.total for row in preview.rows] == [row.total for row in made.rows]


def test_a_preview_writes_nothing(desk: Desk) -> None:
    desk.start()
    desk.preview(MARCH)
    assert desk.book.query(invoices.count_documents, DocumentFilter()) == 0


def test_a_second_run_for_the_day_makes_nothing(desk: Desk) -> None:
    desk.start()
    desk.run(JANUARY)
    again = desk.run(JANUARY)
    assert (again.run_id, again.created, again.replaced) == (None, 0, 0)


def test_a_second_run_after_issue_makes_nothing(desk: Desk) -> None:
    desk.start()
    desk.bill(JANUARY)
    assert desk.run(JANUARY).created == 0


def test_catching_up_bills_every_missed_month_once(desk: Desk) -> None:
    desk.start()
    (key,) = desk.bill(MARCH).ids
    assert [amount for _kind, amount in desk.lines(key)] == [5000, 5000, 5000, 4000, 4000, 4000]


def test_a_later_run_replaces_the_drafts_of_an_earlier_one(desk: Desk) -> None:
    desk.start()
    desk.run(JANUARY)
    later = desk.run(FEBRUARY)
    assert (later.created, later.replaced) == (1, 1)
    assert desk.book.query(invoices.count_documents, DocumentFilter()) == 1
    assert later.preview.totals["EUR"].net == Money(18000, "EUR")


def test_more_seats_in_the_month_credit_and_charge_the_days_left(desk: Desk) -> None:
    record = desk.start()
    desk.bill(JANUARY)
    desk.seats(record, date(2026, 1, 17), 10)
    (key,) = desk.bill(date(2026, 1, 17)).ids
    assert sorted(desk.lines(key)) == [("charge", 4838), ("credit", -1935)]


def test_fewer_seats_give_a_credit_note_that_names_the_invoice(desk: Desk) -> None:
    record = desk.start(seats=10)
    desk.bill(JANUARY)
    desk.seats(record, date(2026, 1, 17), 4)
    (key,) = desk.bill(date(2026, 1, 17)).ids
    note = desk.book.query(invoices.load_document, key)
    assert (note.kind, note.number, note.corrects_numbers) == (
        DocumentKind.CREDIT_NOTE,
        "CN2026-00001",
        ("2026-00001",),
    )


def test_issued_lines_satisfy_the_engines_own_invariants(desk: Desk) -> None:
    record = desk.start()
    desk.bill(JANUARY)
    desk.seats(record, date(2026, 1, 17), 10)
    desk.bill(date(2026, 1, 17))
    billed = desk.book.query(load_billed, {record.id: None})[record.id]
    check_billed(billed)
    assert sum(line.amount for line in billed) == 5000 + 4000 - 1935 + 4838


def test_the_database_refuses_to_charge_a_day_twice(desk: Desk) -> None:
    record = desk.start()
    desk.bill(JANUARY)
    twice = ChargedDays(record.id, desk.sold.base, date(2026, 1, 31), date(2026, 2, 2), 1)
    with pytest.raises(InvariantBroken) as broken:
        desk.book.run(_charge, twice)
    assert broken.value.invariant == "no_day_charged_twice"


def _charge(db: Db, days: ChargedDays) -> Result[None]:
    charge_days(db, [days])
    return Result(None)


def test_a_run_can_be_undone_and_made_again_alike(desk: Desk) -> None:
    desk.start()
    first = desk.run(MARCH)
    assert first.run_id is not None
    assert desk.book.run(billing.undo_run, first.run_id).value == 1
    assert desk.book.query(billing.load_run, first.run_id).state == "undone"
    assert desk.run(MARCH).preview.totals == first.preview.totals


def test_an_issued_run_cannot_be_undone(desk: Desk) -> None:
    desk.start()
    outcome = desk.run(JANUARY)
    desk.issue(outcome)
    with pytest.raises(RuleBroken) as refused:
        desk.book.run(billing.undo_run, outcome.run_id or 0)
    assert refused.value.rule == "run_has_no_drafts"


def test_a_voided_draft_is_due_again(desk: Desk) -> None:
    desk.start()
    (row,) = desk.run(JANUARY).preview.rows
    desk.book.run(invoices.void_drafts, [row.document_id or 0])
    assert desk.run(JANUARY).created == 1


def test_a_customer_with_a_problem_is_named_and_the_others_are_billed(desk: Desk) -> None:
    desk.start()
    other = desk.book.run(customers.create_customer, a_customer(number="C2", name="Kyoto KK", currency="JPY")).value
    desk.start(currency="JPY", customer_id=other.id)
    outcome = desk.run(JANUARY)
    problems = [finding for finding in outcome.preview.findings if finding.code == "problem"]
    assert outcome.created == 1
    assert [(one.customer_name, one.value) for one in problems] == [("Kyoto KK", "exchange_rate_missing")]


def test_a_customer_left_out_is_billed_once_the_problem_is_solved(desk: Desk) -> None:
    desk.start(currency="JPY")
    assert desk.run(JANUARY).created == 0
    desk.book.run(_yen)
    assert desk.run(JANUARY).preview.totals["JPY"].total == Money(17424, "JPY")


def _yen(db: Db) -> Result[None]:
    values = "('JPY', '2025-12-31', '160', 'ECB')"
    db.connection.execute(text(f"INSERT INTO exchange_rate (currency, day, rate, source) VALUES {values}"))
    return Result(None)


def test_first_invoices_and_large_changes_are_pointed_out(desk: Desk) -> None:
    record = desk.start()
    assert [finding.code for finding in desk.preview(JANUARY).findings] == ["first_invoice"]
    desk.bill(JANUARY)
    desk.seats(record, FEBRUARY, 40)
    (finding,) = desk.preview(FEBRUARY).findings
    assert (finding.code, finding.value) == ("changed", "400")


def test_a_scope_bills_only_whom_it_names(desk: Desk) -> None:
    desk.start()
    other = desk.book.run(customers.create_customer, a_customer(number="C2", name="Okapi")).value
    desk.start(customer_id=other.id)
    outcome = desk.run(JANUARY, Scope(customer_ids=frozenset({other.id})))
    assert [row.customer_name for row in outcome.preview.rows] == ["Okapi"]


def test_a_child_is_billed_to_its_parent_and_named_on_the_line(desk: Desk) -> None:
    child = desk.book.run(
        customers.create_customer, a_customer(number="C2", name="Linde Gent", parent_id=desk.customer_id)
    ).value
    desk.start(customer_id=child.id)
    (row,) = desk.run(JANUARY).preview.rows
    document = desk.book.query(invoices.load_document, row.document_id or 0)
    assert row.customer_id == desk.customer_id
    assert "Linde Gent" in document.lines[0].details


def test_correcting_an_invoice_does_not_bill_its_days_again(desk: Desk) -> None:
    record = desk.start()
    (key,) = desk.bill(JANUARY).ids
    made = desk.book.run(invoices.correct_document, key, "wrong address", day=JANUARY).value
    assert desk.run(JANUARY).created == 0
    desk.book.run(invoices.issue_documents, [made.draft_id], progress=Progress())
    assert desk.run(JANUARY).created == 0
    check_billed(desk.book.query(load_billed, {record.id: None})[record.id])


def test_correcting_an_invoice_with_credits_charges_them_back(desk: Desk) -> None:
    record = desk.start()
    desk.bill(JANUARY)
    desk.seats(record, date(2026, 1, 17), 10)
    (key,) = desk.bill(date(2026, 1, 17)).ids
    made = desk.book.run(invoices.correct_document, key, "wrong address", day=date(2026, 1, 17)).value
    assert sorted(desk.lines(made.credit_note_id)) == [("charge", 1935), ("credit", -4838)]
    desk.book.run(invoices.issue_documents, [made.draft_id], progress=Progress())
    assert desk.run(date(2026, 1, 17)).created == 0
    check_billed(desk.book.query(load_billed, {record.id: None})[record.id])


def test_revenue_is_recognised_by_day_and_adds_up(desk: Desk) -> None:
    desk.start()
    desk.bill(JANUARY)
    desk.book.run(recognise_revenue, date(2026, 1, 11), progress=Progress())
    assert desk.book.query(trial_balance, 1)["700000"] == -(1613 + 1290)
    desk.book.run(recognise_revenue, MARCH, progress=Progress())
    assert desk.book.query(trial_balance, 1) == {"400000": 10890, "451000": -1890, "493000": 0, "700000": -9000}


def test_every_draft_line_recomputes_from_its_trace(desk: Desk) -> None:
    desk.start(date(2026, 1, 17))
    for key in desk.bill(MARCH).ids:
        assert desk.book.query(invoices.recompute_and_compare, key).agrees


def test_a_customer_changed_after_the_run_has_the_draft_made_anew(desk: Desk) -> None:
    desk.start()
    desk.run(JANUARY)
    record = desk.book.query(customers.load_customer, desk.customer_id)
    abroad = replace(record, address=Address("Dam 1", "", "1012", "Amsterdam", "", "NL"), tax_id="NL004495445B01")
    desk.clock.now += timedelta(minutes=1)
    desk.book.run(customers.update_customer, abroad)
    again = desk.run(JANUARY)
    assert (again.created, again.replaced) == (1, 1)
    assert again.preview.totals["EUR"].tax == Money(0, "EUR")


def test_correcting_an_invoice_that_an_upgrade_cut_short_bills_only_its_remaining_days(desk: Desk) -> None:
    record = desk.start()
    (key,) = desk.bill(JANUARY).ids
    desk.seats(record, date(2026, 1, 17), 10)
    desk.bill(date(2026, 1, 17))
    made = desk.book.run(invoices.correct_document, key, "wrong address", day=date(2026, 1, 20)).value
    assert sorted(desk.lines(made.credit_note_id)) == [("credit", -5000), ("credit", -2065)]
    draft = desk.book.query(invoices.load_document, made.draft_id)
    seats = next(line for line in draft.lines if line.price_id == desk.sold.seats)
    assert (seats.amount.minor, seats.period, seats.days, seats.of_days) == (
        2065,
        Period(JANUARY, date(2026, 1, 17)),
        16,
        31,
    )
    desk.book.run(invoices.issue_documents, [made.draft_id], progress=Progress())
    assert desk.run(date(2026, 1, 20)).created == 0
    check_billed(desk.book.query(load_billed, {record.id: None})[record.id])


def test_a_credit_drafted_before_a_correction_is_not_issued_on_top_of_it(desk: Desk) -> None:
    desk.start()
    (key,) = desk.bill(JANUARY).ids
    stale = desk.book.run(invoices.credit_document, key, "late", day=JANUARY).value
    desk.book.run(invoices.correct_document, key, "wrong address", day=JANUARY)
    with pytest.raises(RuleBroken) as refused:
        desk.book.run(invoices.issue_documents, [stale], progress=Progress())
    assert refused.value.rule == "credit_outdated"


def test_a_correction_discards_what_a_run_drafted_against_the_invoice(desk: Desk) -> None:
    record = desk.start()
    (key,) = desk.bill(JANUARY).ids
    desk.seats(record, date(2026, 1, 17), 10)
    desk.run(date(2026, 1, 17))
    made = desk.book.run(invoices.correct_document, key, "wrong address", day=date(2026, 1, 17)).value
    assert desk.book.query(invoices.list_draft_ids) == [made.draft_id]
    desk.book.run(invoices.issue_documents, [made.draft_id], progress=Progress())
    (row,) = desk.run(date(2026, 1, 17)).preview.rows
    assert row.net == Money(4838 - 1935, "EUR")


def test_days_given_back_in_full_may_be_charged_anew_after_a_change(desk: Desk) -> None:
    record = desk.start()
    (key,) = desk.bill(JANUARY).ids
    note = desk.book.run(invoices.credit_document, key, "goodwill", day=JANUARY).value
    desk.book.run(invoices.issue_documents, [note], progress=Progress())
    assert desk.run(JANUARY).created == 0
    desk.seats(record, date(2026, 1, 17), 10)
    (later,) = desk.bill(date(2026, 1, 17)).ids
    assert desk.lines(later) == [("charge", 4838)]
    check_billed(desk.book.query(load_billed, {record.id: None})[record.id])


def test_the_garbage_collector_is_patient_while_a_run_or_an_issue_goes_on(desk: Desk) -> None:
    desk.start()
    usual, seen = gc.get_threshold(), set()
    watching = Progress(lambda _step: seen.add(gc.get_threshold()[0]))
    outcome = desk.book.run(billing.run_billing, FEBRUARY, progress=watching).value
    desk.book.query(billing.preview_billing, MARCH, progress=watching)
    desk.book.run(invoices.issue_run, outcome.run_id or 0, progress=watching)
    assert min(seen) > usual[0]
    assert gc.get_threshold() == usual
