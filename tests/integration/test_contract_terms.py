from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.catalog import PlanItem, RunningPolicy
from billdesk.domain.contract_terms import AfterTerm, ContractTerm, EarlyFee, FeeKind, PriceIndex, Uplift
from billdesk.domain.explain import recompute
from billdesk.domain.invoices import Document, DocumentKind
from billdesk.domain.subscriptions import EntryKind, Subscription, SubscriptionState
from billdesk.kernel.errors import NotFound, RowsRejected, RuleBroken, StaleRecord
from billdesk.kernel.progress import Progress
from billdesk.services import billing, catalog, customers, indexes, invoices, subscriptions
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.entities import create_entity
from billdesk.services.home import load_overview
from billdesk.services.simulation import SimulationOptions, simulate
from billdesk.services.subscriptions import Change, Start, SubscriptionFilter, When
from billdesk.services.taxes import seed_tax_rates
from builders.book import an_entity
from builders.catalog import Sold, a_catalog, a_version
from builders.customers import a_customer

NEW_YEAR = date(2026, 1, 1)
TERM = ContractTerm(months=12, notice_months=3, uplift=Uplift(Decimal(3)),
                    fee=EarlyFee(FeeKind.PERCENT, percent=Decimal(50)))  # fmt: skip


@dataclass
class Desk:
    """A book with a contract for 50.00 and four seats of 10.00 a month, and a clock that tests move."""

    book: Book
    sold: Sold
    customer_id: int
    day: date = NEW_YEAR

    def start(self, term: ContractTerm | None = TERM, *, yearly: bool = False) -> Subscription:
        empty = Subscription(0, "", self.customer_id, 1, "EUR", NEW_YEAR, ())
        plan = self.sold.pro if yearly else self.sold.basic
        begin = Start(plan, NEW_YEAR, {self.sold.seats: Decimal(4)}, term=term)
        return self.book.run(subscriptions.start_subscription, empty, begin).value

    def change(self, record: Subscription, kind: EntryKind, **wish: object) -> Subscription:
        change = Change(kind, **wish)  # type: ignore[arg-type]  # the fields of Change
        return self.book.run(subscriptions.change_subscription, record.id, change).value

    def on(self, day: date) -> list[Document]:
        """Go to a day, bill it and issue what is due."""
        self.day = day
        self.book.run(subscriptions.refresh_due_standings)
        outcome = self.book.run(billing.run_billing, day, progress=Progress()).value
        if outcome.run_id is None:
            return []
        issued = self.book.run(invoices.issue_run, outcome.run_id, day, progress=Progress()).value
        return [self.book.query(invoices.load_document, key) for key in issued.ids]

    def row(self) -> subscriptions.SubscriptionRow:
        return self.book.query(subscriptions.list_subscriptions)[0]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    days: list[Desk] = []

    def clock() -> datetime:
        return datetime.combine(days[0].day if days else NEW_YEAR, datetime.min.time(), UTC).replace(hour=12)

    with Book.create(tmp_path / "terms.billdesk", clock=clock, user="Ann") as book:
        book.run(create_entity, an_entity())
        book.run(seed_tax_rates)
        customer = book.run(customers.create_customer, a_customer()).value
        days.append(Desk(book, a_catalog(book), customer.id))
        yield days[0]
        assert book.query(check_book) == []


def shown(documents: list[Document]) -> list[list[tuple[str, int]]]:
    return [[(line.kind.value, line.amount.minor) for line in document.lines] for document in documents]


def test_lists_show_when_a_term_ends_and_until_when_notice_may_be_given(desk: Desk) -> None:
    desk.start()
    assert (desk.row().term_end, desk.row().notice_by) == (date(2027, 1, 1), date(2026, 9, 30))
    desk.day = date(2026, 10, 1)
    desk.book.run(subscriptions.refresh_due_standings)
    assert desk.row().notice_by == date(2027, 9, 30)


def test_home_counts_contracts_near_their_notice_date(desk: Desk) -> None:
    desk.start()
    assert desk.book.query(load_overview).figures.notices == 0
    desk.day = date(2026, 9, 5)
    assert desk.book.query(load_overview).figures.notices == 1
    found = desk.book.query(subscriptions.count_notices, (30, 10))
    assert found == {30: 1, 10: 0}


def test_the_run_after_a_renewal_bills_the_raised_prices_without_any_step(desk: Desk) -> None:
    desk.start()
    desk.on(date(2026, 12, 1))
    (document,) = desk.on(date(2027, 1, 1))
    assert [(line.kind.value, line.amount.minor) for line in document.lines] == [("charge", 5150), ("charge", 4120)]
    assert desk.row().mrr_minor == 9270


def test_a_cancellation_in_the_minimum_term_is_charged_and_taken_back(desk: Desk) -> None:
    record = desk.start()
    desk.on(date(2026, 3, 1))
    desk.day = date(2026, 4, 1)
    ended = desk.change(record, EntryKind.CANCEL)
    assert ended.entries[-1].effective == date(2026, 4, 1)
    (fee,) = desk.on(date(2026, 4, 1))
    assert shown([fee]) == [[("termination_fee", 40500)]]
    assert fee.lines[0].details == "1 apr 2026 · 9 of 12 months left" or "9" in fee.lines[0].details
    assert recompute(fee.lines[0].trace, "EUR") == fee.lines[0].amount
    desk.book.run(subscriptions.revoke_entry, record.id, ended.entries[-1].id)
    (back,) = desk.on(date(2026, 4, 2))
    assert back.kind is DocumentKind.CREDIT_NOTE
    assert sorted(shown([back])[0]) == [("charge", 4000), ("charge", 5000), ("credit", -40500)]
    assert back.corrects_numbers == (fee.number,)
    assert desk.on(date(2026, 4, 2)) == []


def test_an_annual_plan_paused_over_its_renewal_goes_on_at_the_raised_price(desk: Desk) -> None:
    record = desk.start(yearly=True)
    desk.on(NEW_YEAR)
    desk.day = date(2026, 12, 1)
    desk.change(record, EntryKind.PAUSE, when=When.NOW, resume_on=date(2027, 2, 1))
    desk.on(date(2026, 12, 1))
    (document,) = desk.on(date(2027, 2, 1))
    # 1,236.00 a year for 334 of 365 days, and 4 seats of 10.30.
    assert shown([document]) == [[("charge", 113102), ("charge", 4120)]]


def test_a_fixed_term_ends_by_itself_and_may_be_renewed_before(desk: Desk) -> None:
    record = desk.start(replace(TERM, after=AfterTerm.END))
    desk.on(date(2026, 12, 1))
    assert desk.row().state is SubscriptionState.ENDING
    desk.change(record, EntryKind.RENEW, when=When.TERM_END)
    assert (desk.row().state, desk.row().ended) == (SubscriptionState.ACTIVE, date(2028, 1, 1))
    assert desk.on(date(2027, 1, 1))[0].net.minor == 9270


def test_an_index_figure_that_comes_late_bills_the_difference(desk: Desk) -> None:
    desk.book.run(indexes.save_index, PriceIndex(0, "health", "Health", {date(2025, 12, 1): Decimal(100)}))
    desk.start(replace(TERM, uplift=Uplift(index="health")))
    desk.on(date(2027, 1, 1))
    desk.book.run(indexes.set_figures, "health", {date(2026, 12, 1): Decimal(102)})
    (document,) = desk.on(date(2027, 1, 5))
    assert document.net.minor == 180
    assert desk.on(date(2027, 1, 5)) == []


def test_a_missing_figure_is_told_in_the_run(desk: Desk) -> None:
    desk.book.run(indexes.save_index, PriceIndex(0, "health", "Health", {date(2025, 12, 1): Decimal(100)}))
    desk.start(replace(TERM, uplift=Uplift(index="health")))
    preview = desk.book.query(billing.preview_billing, date(2027, 1, 1), progress=Progress())
    assert [(one.code, one.value) for one in preview.findings if one.value == "index_figure_missing"] == [
        ("problem", "index_figure_missing")]  # fmt: skip


def test_a_simulation_knows_the_renewal(desk: Desk) -> None:
    desk.start()
    assert desk.book.path is not None
    options = SimulationOptions(date(2027, 2, 1))
    clock = desk.book.clock
    found = simulate(desk.book.path, options, clock=clock, progress=Progress())
    assert [month.revenue.minor for month in found.months][-3:] == [9000, 9270, 9270]


def test_a_version_for_the_next_renewal_waits_for_the_end_of_the_term(desk: Desk) -> None:
    record = desk.start()
    plan_id = desk.book.query(catalog.load_version, desk.sold.basic).plan_id
    draft = desk.book.run(catalog.create_version, a_version(plan_id, PlanItem(desk.sold.base))).value
    desk.book.run(catalog.change_version, replace(draft, running_policy=RunningPolicy.AT_RENEWAL))
    desk.book.run(catalog.approve_version, draft.id)
    desk.day = draft.effective
    desk.book.run(catalog.publish_version, draft.id)
    last = desk.book.query(subscriptions.load_subscription, record.id).entries[-1]
    assert (last.kind, last.effective) == (EntryKind.CHANGE_PLAN, date(2027, 1, 1))


def test_a_term_of_later_comes_with_the_day_it_was_agreed_and_can_be_taken_back(desk: Desk) -> None:
    record = desk.start(None)
    made = desk.change(record, EntryKind.SET_TERM, term=TERM)
    assert desk.row().term_end == date(2027, 1, 1)
    desk.book.run(subscriptions.revoke_entry, record.id, made.entries[-1].id)
    assert (desk.row().term_end, desk.row().notice_by) == (None, None)


@pytest.mark.parametrize(
    ("kind", "wish", "rule"),
    [
        (EntryKind.RENEW, {}, "renewal_without_term"),
        (EntryKind.RENEW, {"when": When.TERM_END}, "renewal_without_term"),
        (EntryKind.SET_TERM, {}, "renewal_without_term"),
        (EntryKind.CANCEL, {"fee_waived": True, "reason": " "}, "waiver_without_reason"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, kind: EntryKind, wish: dict[str, object], rule: str) -> None:
    record = desk.start(None)
    with pytest.raises(RuleBroken) as caught:
        desk.change(record, kind, **wish)
    assert caught.value.rule == rule


def test_a_wrong_term_and_an_unknown_index_are_refused(desk: Desk) -> None:
    with pytest.raises(RowsRejected) as caught:
        desk.start(replace(TERM, months=0))
    assert [problem.code for problem in caught.value.problems] == ["too_small"]
    with pytest.raises(RowsRejected) as caught:
        desk.start(replace(TERM, uplift=Uplift(index="nothing")))
    assert [problem.code for problem in caught.value.problems] == ["index_unknown"]


def test_what_lies_ahead_is_moved_and_what_is_past_is_not(desk: Desk) -> None:
    record = desk.start()
    desk.change(
        record,
        EntryKind.CHANGE_QUANTITY,
        when=When.DATE,
        day=date(2026, 5, 1),
        quantities={desk.sold.seats: Decimal(9)},
    )
    start, ahead = desk.book.query(subscriptions.load_subscription, record.id).entries
    moved = desk.book.run(subscriptions.move_entry, record.id, ahead.id, date(2026, 4, 1)).value
    assert [(one.effective, one.revoked) for one in moved.entries[1:]] == [
        (date(2026, 4, 1), False), (date(2026, 5, 1), True)]  # fmt: skip
    for entry_id, rule in ((start.id, "start_stays"), (moved.entries[1].id, "entry_not_ahead")):
        desk.day = date(2026, 4, 2)
        with pytest.raises(RuleBroken) as caught:
            desk.book.run(subscriptions.move_entry, record.id, entry_id, date(2026, 6, 1))
        assert caught.value.rule == rule
    with pytest.raises(NotFound):
        desk.book.run(subscriptions.move_entry, record.id, ahead.id, date(2026, 6, 1))


def test_an_index_is_renamed_once_and_goes_when_nobody_uses_it(desk: Desk) -> None:
    made = desk.book.run(indexes.save_index, PriceIndex(0, "health", "Health")).value
    desk.book.run(indexes.save_index, replace(made, name="Health index"))
    with pytest.raises(StaleRecord):
        desk.book.run(indexes.save_index, made)
    with pytest.raises(RowsRejected):
        desk.book.run(indexes.save_index, PriceIndex(0, "HEALTH", "Again"))
    with pytest.raises(RowsRejected):
        desk.book.run(indexes.set_figures, "health", {NEW_YEAR: Decimal(0)})
    desk.book.run(indexes.set_figures, "health", {NEW_YEAR: Decimal(131)})
    assert desk.book.run(indexes.set_figures, "health", {NEW_YEAR: None}).value.values == {}
    desk.book.run(indexes.delete_index, "health")
    with pytest.raises(NotFound):
        desk.book.query(indexes.load_index, "health")


def test_contracts_are_filtered_by_their_notice_date(desk: Desk) -> None:
    desk.start()
    desk.start(None)
    desk.day = date(2026, 9, 20)
    found = desk.book.query(subscriptions.list_subscriptions, SubscriptionFilter(notice_within=30))
    assert [row.number for row in found] == ["S00001"]
