from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from billdesk.cli.output import Exit
from billdesk.domain.alerts import Alert, AlertKind
from billdesk.domain.catalog import Commitment, Plan, PlanItem
from billdesk.domain.contract_terms import AfterTerm, ContractTerm
from billdesk.domain.invoices import Document, LineKind
from billdesk.domain.subscriptions import EntryKind, Subscription
from billdesk.kernel.errors import BillDeskError, RowsRejected
from billdesk.kernel.period import Interval, Unit
from billdesk.kernel.progress import Progress
from billdesk.services import alerts, catalog, subscriptions
from billdesk.services.book import Book
from billdesk.services.catalog import diff_versions
from billdesk.services.result import Result
from billdesk.services.subscriptions import Change, Start, When, start_subscription
from billdesk.storage.database import Db
from builders.catalog import a_version
from builders.commands import run
from builders.offers import FEBRUARY, JANUARY, OffersDesk, an_offers_desk, an_open_desk

QUARTER, YEAR = Interval(Unit.QUARTER), Interval(Unit.YEAR)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OffersDesk]:
    with an_offers_desk(tmp_path) as opened:
        yield opened


def committed(interval: Interval, **amounts: str) -> Commitment:
    return Commitment(interval, tuple((currency, Decimal(amount)) for currency, amount in amounts.items()))


def a_plan(desk: OffersDesk, commitment: Commitment) -> int:
    """Sell seats only, 10.00 each per month, with a commitment."""
    plan = desk.book.run(catalog.create_plan, Plan(0, "SEATS", "Seats")).value
    draft = replace(a_version(plan.id, PlanItem(desk.sold.seats)), commitment=commitment)
    key = desk.book.run(catalog.create_version, draft).value.id
    desk.book.run(catalog.approve_version, key)
    return desk.book.run(catalog.publish_version, key).value.id


def true_ups(documents: list[Document]) -> list[int]:
    lines = [line for document in documents for line in document.lines]
    return [line.amount.minor for line in lines if line.kind is LineKind.COMMITMENT]


def test_what_lacks_to_a_quarters_commitment_is_billed_at_its_end(desk: OffersDesk) -> None:
    desk.start(plan=a_plan(desk, committed(QUARTER, EUR="200", JPY="30000")))
    found = [true_ups(desk.bill(date(2026, month, 1))) for month in range(1, 6)]
    # Three months of 5 seats are 150.00.
    assert found == [[], [], [], [5000], []]


def test_a_term_of_a_year_is_committed_as_a_whole(desk: OffersDesk) -> None:
    desk.start(plan=a_plan(desk, committed(YEAR, EUR="1000", JPY="150000")))
    found = [true_ups(desk.bill(date(2026 + month // 12, month % 12 + 1, 1))) for month in range(13)]
    assert found == [[]] * 12 + [[40000]]


def test_a_stub_owes_its_share_of_the_commitment(desk: OffersDesk) -> None:
    contract = desk.start(plan=a_plan(desk, committed(QUARTER, EUR="900", JPY="30000")))
    desk.bill(JANUARY)
    desk.cancel(contract.id, FEBRUARY)
    # 31 of 90 days of 900.00 are 310.00, of which 50.00 is billed.
    assert true_ups(desk.bill(FEBRUARY)) == [26000]


def test_a_second_run_after_the_true_up_makes_nothing(desk: OffersDesk) -> None:
    desk.start(plan=a_plan(desk, committed(QUARTER, EUR="200", JPY="30000")))
    desk.bill(date(2026, 4, 1))
    assert desk.run(date(2026, 4, 1)).run_id is None


def test_more_than_was_committed_owes_nothing(desk: OffersDesk) -> None:
    desk.start(seats=50, plan=a_plan(desk, committed(QUARTER, EUR="200", JPY="30000")))
    assert true_ups(desk.bill(date(2026, 4, 1))) == []


@pytest.mark.parametrize(
    ("commitment", "code"),
    [
        (committed(QUARTER, EUR="200"), "commitment_currency_missing"),
        (committed(QUARTER), "commitment_without_amount"),
        (committed(QUARTER, EUR="0", JPY="1"), "too_small"),
    ],
)
def test_a_wrong_commitment_is_refused(desk: OffersDesk, commitment: Commitment, code: str) -> None:
    with pytest.raises(RowsRejected) as refused:
        a_plan(desk, commitment)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_changed_commitment_shows_in_the_diff() -> None:
    before = replace(a_version(1), commitment=committed(QUARTER, EUR="200"))
    (change,) = diff_versions(before, replace(before, commitment=None))
    assert (change.what, change.before, change.after) == ("commitment", "EUR 200 / 1 quarter", "")


def test_the_commitment_of_a_live_version_never_changes(desk: OffersDesk) -> None:
    key = a_plan(desk, committed(QUARTER, EUR="200", JPY="30000"))

    def waive(db: Db) -> Result[None]:
        db.connection.execute(text("UPDATE plan_version SET commitment = 'null' WHERE id = :id"), {"id": key})
        return Result(None)

    with pytest.raises(DBAPIError):
        desk.book.run(waive)


def watch(desk: OffersDesk, kind: AlertKind, percent: int, days_before: int = 0) -> None:
    desk.book.run(alerts.save_alert, Alert(0, "Commitment", kind, Decimal(percent), days_before=days_before))


def told(desk: OffersDesk) -> list[tuple[str, Decimal, str]]:
    desk.book.run(alerts.look_at_alerts, progress=Progress())
    rows = desk.book.query(alerts.list_alert_events)
    return [(row.contract, row.event.level, row.unit) for row in rows]


def test_a_commitment_that_is_nearly_reached_is_told_once(desk: OffersDesk) -> None:
    desk.start(plan=a_plan(desk, committed(QUARTER, EUR="170", JPY="30000")))
    watch(desk, AlertKind.COMMITMENT, 80)
    desk.bill(JANUARY)
    desk.bill(FEBRUARY)
    # On 16 March three months of 50.00 are charged or due, of 170.00: 88.23 %.
    assert told(desk) == [("S00001", Decimal("88.23"), "%")]
    assert len(told(desk)) == 1


def test_a_commitment_that_falls_short_is_told_before_its_end(desk: OffersDesk) -> None:
    desk.start(plan=a_plan(desk, committed(QUARTER, EUR="200", JPY="30000")))
    watch(desk, AlertKind.SHORTFALL, 80, days_before=15)
    assert told(desk) == []
    desk.clock.now = datetime(2026, 3, 17, 12, tzinfo=UTC)
    assert told(desk) == [("S00001", Decimal(75), "%")]


def test_contracts_without_a_commitment_fall_short_of_nothing(desk: OffersDesk) -> None:
    desk.start()
    watch(desk, AlertKind.SHORTFALL, 100, days_before=400)
    assert told(desk) == []


def test_a_contract_commits_to_an_amount_for_its_term_from_the_command_line(tmp_path: Path) -> None:
    made = an_open_desk(tmp_path)
    made.start()
    made.book.close()
    path = Path(made.book.location)
    words = ("contract", "term", "S00001", "--months", "3", "--when", "2026-01-01")
    assert run(*words, "--commit", "500/x", book=path).exit_code == Exit.INPUT
    assert run(*words, "--commit", "500", book=path).exit_code == Exit.DONE
    assert "at least 500.00 for the term" in run("contract", "show", "S00001", book=path).output
    with Book.open(str(path), clock=made.clock) as book:
        again = replace(made, book=book)
        found = [true_ups(again.bill(date(2026, month, 1))) for month in range(1, 5)]
    # Three months of 50.00 and 5 seats are 300.00.
    assert found == [[], [], [], [20000]]


@pytest.mark.parametrize(
    "term", [ContractTerm(after=AfterTerm.CONTINUE, commitment=Decimal(5)), ContractTerm(3, commitment=Decimal(-5))]
)
def test_a_commitment_without_a_term_or_below_nothing_is_refused(desk: OffersDesk, term: ContractTerm) -> None:
    contract = desk.start()
    change = Change(EntryKind.SET_TERM, When.DATE, JANUARY, term=term)
    with pytest.raises(BillDeskError):
        desk.book.run(subscriptions.change_subscription, contract.id, change)


def test_a_commitment_of_a_contracts_term_is_watched_too(desk: OffersDesk) -> None:
    empty = Subscription(0, "", 1, 1, "EUR", JANUARY, ())
    term = ContractTerm(months=12, commitment=Decimal(1000))
    begin = Start(desk.sold.basic, JANUARY, {desk.sold.seats: Decimal(5)}, term=term)
    desk.book.run(start_subscription, empty, begin)
    watch(desk, AlertKind.COMMITMENT, 30)
    # Three months of 100.00 are due, of 1,000.00.
    assert told(desk) == [("S00001", Decimal(30), "%")]
