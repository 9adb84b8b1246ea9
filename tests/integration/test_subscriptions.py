from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.catalog import PlanItem, PriceTerms, RunningPolicy
from billdesk.domain.subscriptions import EntryKind, Override, PauseKind, Subscription, SubscriptionState
from billdesk.kernel.errors import NotFound, RowsRejected, RuleBroken, StaleRecord
from billdesk.services import catalog, customers, subscriptions
from billdesk.services.book import Book
from billdesk.services.result import Result
from billdesk.services.subscriptions import Change, Start, SubscriptionFilter, SubscriptionRow, When
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db
from billdesk.storage.subscriptions import Settled
from builders.book import TODAY, a_book
from builders.catalog import Sold, a_catalog, a_live_plan, a_price
from builders.customers import a_customer


@dataclass(frozen=True)
class Desk:
    """A book with a customer and a catalogue."""

    book: Book
    sold: Sold
    customer_id: int

    def start(self, day: date = TODAY, *, seats: int = 4, currency: str = "EUR") -> Subscription:
        """Begin a contract on BASIC."""
        empty = Subscription(0, "", self.customer_id, 1, currency, day, ())
        begin = Start(self.sold.basic, day, {self.sold.seats: Decimal(seats)})
        return self.book.run(subscriptions.start_subscription, empty, begin).value

    def change(self, record: Subscription, kind: EntryKind, **wish: object) -> Subscription:
        """Change a contract."""
        change = Change(kind, **wish)  # type: ignore[arg-type]  # the fields of Change
        return self.book.run(subscriptions.change_subscription, record.id, change).value

    def row(self) -> SubscriptionRow:
        """Give the only contract as lists show it."""
        return self.book.query(subscriptions.list_subscriptions)[0]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_book(tmp_path, lock_date=date(2026, 1, 1)) as book:
        sold = a_catalog(book)
        yield Desk(book, sold, book.run(customers.create_customer, a_customer()).value.id)


def test_a_started_contract_shows_its_state_plan_and_monthly_revenue(desk: Desk) -> None:
    desk.start()
    row = desk.row()
    assert (row.number, row.state, row.plan_code, row.mrr_minor) == ("S00001", SubscriptionState.ACTIVE, "BASIC", 9000)
    assert (row.started, row.needs_billing, row.customer_name) == (TODAY, True, "Brouwerij De Linde")


def test_a_yearly_price_counts_for_a_twelfth(desk: Desk) -> None:
    record = desk.start()
    desk.change(record, EntryKind.CHANGE_PLAN, plan_version_id=desk.sold.pro)
    assert desk.row().mrr_minor == 10000 + 4 * 1000


def test_an_upgrade_is_at_once_and_a_downgrade_waits_for_the_end_of_the_period(desk: Desk) -> None:
    record = desk.start(date(2026, 3, 1))
    up = desk.change(record, EntryKind.CHANGE_PLAN, plan_version_id=desk.sold.pro, when=When.UPGRADE_NOW)
    assert up.entries[-1].effective == TODAY
    assert up.entries[-1].quantities == {desk.sold.seats: Decimal(4)}
    down = desk.change(record, EntryKind.CHANGE_PLAN, plan_version_id=desk.sold.basic, when=When.UPGRADE_NOW)
    assert down.entries[-1].effective == date(2027, 3, 1)


def test_a_future_start_earns_nothing_until_it_has_come(desk: Desk) -> None:
    desk.start(date(2026, 5, 1))
    assert (desk.row().state, desk.row().mrr_minor) == (SubscriptionState.FUTURE, 0)


def test_days_that_pass_change_what_lists_show(tmp_path: Path, desk: Desk) -> None:
    desk.start(date(2026, 5, 1))
    desk.book.close()
    later = datetime(2026, 5, 2, 8, tzinfo=UTC)
    with Book.open(desk.book.location, clock=lambda: later, user="Bob") as book:
        assert book.run(subscriptions.refresh_due_standings).value == 1
        assert book.query(subscriptions.list_subscriptions)[0].mrr_minor == 9000
        assert book.run(subscriptions.refresh_due_standings).value == 0


def test_a_pause_with_a_known_end_makes_both_entries(desk: Desk) -> None:
    record = desk.start()
    paused = desk.change(record, EntryKind.PAUSE, pause_kind=PauseKind.SERVICE, resume_on=date(2026, 4, 10))
    assert [(e.kind, e.effective) for e in paused.entries[1:]] == [
        (EntryKind.PAUSE, TODAY),
        (EntryKind.RESUME, date(2026, 4, 10)),
    ]
    assert (desk.row().state, desk.row().mrr_minor) == (SubscriptionState.PAUSED, 0)


def test_cancelling_at_the_end_of_the_period_leaves_it_ending(desk: Desk) -> None:
    record = desk.start(date(2026, 3, 1))
    ended = desk.change(record, EntryKind.CANCEL, when=When.PERIOD_END, credit_unused=False)
    assert ended.entries[-1].effective == date(2026, 4, 1)
    assert (desk.row().state, desk.row().ended) == (SubscriptionState.ENDING, date(2026, 4, 1))


def test_an_ended_contract_takes_no_change(desk: Desk) -> None:
    record = desk.start()
    desk.change(record, EntryKind.CANCEL)
    with pytest.raises(RuleBroken, match="contract_state"):
        desk.change(record, EntryKind.CHANGE_QUANTITY, quantities={desk.sold.seats: Decimal(9)})


def test_nothing_is_entered_before_the_lock_date(desk: Desk) -> None:
    record = desk.start(date(2026, 1, 1))
    wish = Change(EntryKind.CANCEL, When.DATE, day=date(2025, 12, 31))
    with pytest.raises(RuleBroken, match="before_lock_date"):
        desk.book.run(subscriptions.change_subscription, record.id, wish)
    with pytest.raises(RuleBroken, match="before_lock_date"):
        desk.start(date(2025, 12, 31))


def test_an_entry_taken_back_stays_in_the_timeline_without_effect(desk: Desk) -> None:
    record = desk.start()
    cancelled = desk.change(record, EntryKind.CANCEL, when=When.PERIOD_END, reason="Closing down")
    desk.book.run(subscriptions.revoke_entry, record.id, cancelled.entries[-1].id, reason="They stay")
    assert desk.row().state is SubscriptionState.ACTIVE
    items = desk.book.query(subscriptions.load_timeline, record.id)
    assert [(item.text, item.revoked, item.is_future) for item in items] == [
        ("Started on Basic plan, version 1 with 4 × SEATS-M price", False, False),
        ("Ended: unused days are credited", True, True),
    ]


def test_a_start_that_others_build_on_cannot_be_taken_back(desk: Desk) -> None:
    record = desk.start()
    desk.change(record, EntryKind.CANCEL)
    with pytest.raises(RuleBroken, match="start_has_followers"):
        desk.book.run(subscriptions.revoke_entry, record.id, record.entries[0].id)


def test_a_currency_the_plan_is_not_sold_in_is_refused(desk: Desk) -> None:
    with pytest.raises(RowsRejected) as caught:
        desk.start(currency="GBP")
    assert {(p.code, p.value) for p in caught.value.problems} == {
        ("price_currency_missing", "BASE-M"),
        ("price_currency_missing", "SEATS-M"),
    }


def test_monthly_revenue_is_added_per_currency(desk: Desk) -> None:
    desk.start()
    desk.start(seats=1)
    desk.start(currency="JPY")
    found = desk.book.query(subscriptions.monthly_revenue)
    assert {(one.currency, one.count, one.mrr_minor) for one in found} == {("EUR", 2, 15000), ("JPY", 1, 14400)}
    by_plan = desk.book.query(subscriptions.monthly_revenue_by_plan)
    assert {(one.key, one.currency, one.count) for one in by_plan} == {("BASIC", "EUR", 2), ("BASIC", "JPY", 1)}


def test_billing_gets_what_changed_in_keyset_chunks_and_settles_it(desk: Desk) -> None:
    records = [desk.start(), desk.start(), desk.start()]
    book, horizon = desk.book, date(2026, 4, 1)
    first = book.query(storage.load_due, horizon, 0, 2)
    rest = book.query(storage.load_due, horizon, first[-1].subscription.id, 2)
    assert [due.subscription for due in (*first, *rest)] == records
    assert book.query(storage.load_due, horizon)[0].settled is None
    book.run(_settle, [Settled(r.id, TODAY, date(2026, 4, 16)) for r in records])
    assert book.query(storage.load_due, horizon) == []
    desk.change(records[0], EntryKind.CANCEL)
    (again,) = book.query(storage.load_due, horizon)
    assert again.settled is not None
    assert (again.settled.through, again.settled.touched) == (TODAY, TODAY)


def _begin(desk: Desk, **changes: object) -> None:
    record = replace(Subscription(0, "S1", desk.customer_id, 1, "EUR", TODAY, ()), **changes)  # type: ignore[arg-type]
    desk.book.run(subscriptions.start_subscription, record, Start(desk.sold.basic, TODAY))


@pytest.mark.parametrize(("changes", "code"), [({"customer_id": 99}, "unknown_customer"), ({}, "already_used")])
def test_a_contract_that_cannot_start(desk: Desk, changes: dict[str, object], code: str) -> None:
    _begin(desk)
    with pytest.raises(RowsRejected, match=code):
        _begin(desk, **changes)


def test_an_archived_customer_takes_no_new_contract(desk: Desk) -> None:
    desk.book.run(customers.archive_customer, desk.customer_id)
    with pytest.raises(RowsRejected, match="customer_archived"):
        _begin(desk)


def test_a_customer_with_a_running_contract_is_not_archived(desk: Desk) -> None:
    _begin(desk)
    with pytest.raises(RuleBroken, match="customer_has_contracts"):
        desk.book.run(customers.archive_customer, desk.customer_id)
    assert desk.book.query(customers.list_customers)[0].mrr_minor == (("EUR", 6000),)


def test_quantities_are_not_negative(desk: Desk) -> None:
    with pytest.raises(RowsRejected, match="too_small"):
        desk.start(seats=-1)


def test_a_contract_starts_on_versions_that_are_sold(desk: Desk) -> None:
    plan_id = desk.book.query(catalog.load_version, desk.sold.basic).plan_id
    draft = desk.book.run(catalog.copy_version, plan_id).value
    record = Subscription(0, "", desk.customer_id, 1, "EUR", TODAY, ())
    with pytest.raises(RuleBroken, match="version_state"):
        desk.book.query(subscriptions.preview_start, record, Start(draft.id, TODAY))
    with pytest.raises(NotFound):
        desk.book.query(subscriptions.preview_start, record, Start(99, TODAY))


def test_trial_days_of_the_version_count_from_the_start(desk: Desk) -> None:
    plan_id = desk.book.query(catalog.load_version, desk.sold.basic).plan_id
    draft = desk.book.run(catalog.copy_version, plan_id).value
    desk.book.run(catalog.change_version, replace(draft, trial_days=14))
    desk.book.run(catalog.approve_version, draft.id)
    desk.book.run(catalog.publish_version, draft.id)
    record = Subscription(0, "", desk.customer_id, 1, "EUR", TODAY, ())
    made = desk.book.run(subscriptions.start_subscription, record, Start(draft.id, TODAY)).value
    assert (made.entries[0].trial_until, desk.row().state) == (date(2026, 3, 30), SubscriptionState.TRIAL)
    desk.change(made, EntryKind.CONVERT)
    assert desk.row().state is SubscriptionState.ACTIVE


def test_every_kind_of_entry_is_told_in_words(desk: Desk) -> None:
    record = desk.start(date(2026, 3, 1))
    own = Override(desk.sold.base, PriceTerms("EUR", {"amount": "40"}), "Loyal", date(2026, 9, 1))
    desk.change(record, EntryKind.OVERRIDE_PRICE, override=own)
    desk.change(record, EntryKind.OVERRIDE_PRICE, override=replace(own, until=None))
    desk.change(record, EntryKind.CHANGE_QUANTITY, quantities={desk.sold.seats: Decimal("2.5")})
    desk.change(record, EntryKind.CHANGE_PLAN, plan_version_id=desk.sold.pro)
    desk.change(record, EntryKind.RESET_ANCHOR, new_anchor=date(2026, 3, 20))
    desk.change(record, EntryKind.PAUSE, pause_kind=PauseKind.BILLING_SKIP, resume_on=date(2026, 4, 1))
    desk.change(record, EntryKind.CANCEL, when=When.DATE, day=date(2026, 6, 1), credit_unused=False)
    texts = [item.text for item in desk.book.query(subscriptions.load_timeline, record.id)]
    assert texts == [
        "Started on Basic plan, version 1 with 4 × SEATS-M price",
        "Own price for BASE-M price until 1 Sept 2026",
        "Own price for BASE-M price",
        "Quantity changed to 2.5 × SEATS-M price",
        "Changed to Pro plan, version 1 with 2.5 × SEATS-M price",
        "Periods counted from 20 Mar 2026",
        "Billing paused: these days are not charged",
        "Resumed",
        "Ended without credit",
    ]


def test_a_change_to_a_plan_that_is_not_sold_in_the_currency_is_refused(desk: Desk) -> None:
    record = desk.start(currency="JPY")
    euro_only = desk.book.run(catalog.create_price, a_price(desk.sold.product, "EURO")).value
    version = a_live_plan(desk.book, "EURO", PlanItem(euro_only.id))
    with pytest.raises(RowsRejected, match="price_currency_missing"):
        desk.change(record, EntryKind.CHANGE_PLAN, plan_version_id=version)


def test_only_an_entry_that_counts_can_be_taken_back(desk: Desk) -> None:
    record = desk.start()
    with pytest.raises(NotFound):
        desk.book.run(subscriptions.revoke_entry, record.id, 99)
    with pytest.raises(NotFound):
        desk.book.query(subscriptions.load_subscription, 99)


def _settle(db: Db, settled: list[Settled]) -> Result[None]:
    storage.settle(db, settled)
    return Result(None)


def test_a_preview_writes_nothing(desk: Desk) -> None:
    record = desk.start()
    seen = desk.book.query(subscriptions.preview_change, record.id, Change(EntryKind.CANCEL))
    assert [entry.kind for entry in seen.entries] == [EntryKind.START, EntryKind.CANCEL]
    assert desk.book.query(subscriptions.load_subscription, record.id) == record


def test_own_fields_change_with_a_version_check(desk: Desk) -> None:
    record = desk.start()
    desk.book.run(subscriptions.update_subscription, replace(record, purchase_order="PO 7"))
    with pytest.raises(StaleRecord):
        desk.book.run(subscriptions.update_subscription, replace(record, purchase_order="PO 8"))
    card = desk.book.query(subscriptions.load_subscription_card, record.id)
    assert (card.subscription.purchase_order, card.plan_name, len(card.terms)) == ("PO 7", "Basic plan", 2)


def test_contracts_are_found_by_customer_number_and_state(desk: Desk) -> None:
    desk.start()
    for wanted in (SubscriptionFilter(search="linde"), SubscriptionFilter(states=(SubscriptionState.ACTIVE,))):
        assert desk.book.query(subscriptions.count_subscriptions, wanted) == 1
    assert desk.book.query(subscriptions.count_states) == {SubscriptionState.ACTIVE: 1}
    assert desk.book.query(subscriptions.count_subscriptions, SubscriptionFilter(to_bill=True)) == 1


def test_a_contract_is_found_by_the_new_name_of_its_customer(desk: Desk) -> None:
    desk.start()
    record = desk.book.query(customers.load_customer, desk.customer_id)
    desk.book.run(customers.update_customer, replace(record, name="De Eik"))
    assert desk.book.query(subscriptions.count_subscriptions, SubscriptionFilter(search="eik s00001")) == 1


def test_a_new_version_at_renewal_waits_for_the_end_of_the_period(desk: Desk) -> None:
    record = desk.start(date(2026, 3, 10))
    plan_id = desk.book.query(catalog.load_version, desk.sold.basic).plan_id
    draft = desk.book.run(catalog.copy_version, plan_id).value
    desk.book.run(catalog.change_version, replace(draft, running_policy=RunningPolicy.AT_RENEWAL))
    desk.book.run(catalog.approve_version, draft.id)
    desk.book.run(catalog.publish_version, draft.id)
    assert desk.book.query(subscriptions.load_subscription, record.id).entries[-1].effective == date(2026, 4, 10)


def test_a_new_version_from_a_date_moves_running_contracts(desk: Desk) -> None:
    record = desk.start()
    plan_id = desk.book.query(catalog.load_version, desk.sold.basic).plan_id
    draft = desk.book.run(catalog.copy_version, plan_id).value
    moved = replace(draft, effective=date(2026, 4, 1), running_policy=RunningPolicy.FROM_DATE)
    desk.book.run(catalog.change_version, moved)
    desk.book.run(catalog.approve_version, draft.id)
    desk.book.run(catalog.publish_version, draft.id)
    entry = desk.book.query(subscriptions.load_subscription, record.id).entries[-1]
    assert (entry.kind, entry.effective, entry.plan_version_id) == (EntryKind.CHANGE_PLAN, date(2026, 4, 1), draft.id)
    assert entry.quantities == {desk.sold.seats: Decimal(4)}
