from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from billdesk.domain.catalog import LateUsage
from billdesk.domain.invoices import Document
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.progress import Progress
from billdesk.services import billing, invoices
from billdesk.services.billing import LateState, RunOutcome
from billdesk.services.check import check_book
from billdesk.services.result import Result
from billdesk.storage.database import Db
from builders.commands import as_json, run
from builders.usage import Meters, a_metered_book

FEBRUARY, LATER, MARCH = date(2026, 2, 1), date(2026, 2, 10), date(2026, 3, 1)


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Meters]:
    made = a_metered_book(tmp_path)
    made.add("S1")
    yield made
    assert made.book.query(check_book) == []
    made.book.close()


def use(meters: Meters, policy: LateUsage) -> None:
    def choose(db: Db) -> Result[None]:
        db.connection.execute(text("UPDATE price SET late_usage = :policy"), {"policy": policy.value})
        return Result(None)

    meters.book.run(choose)


def drafted(meters: Meters, day: date, *, running_usage: bool = False) -> RunOutcome:
    return meters.book.run(billing.run_billing, day, running_usage=running_usage, progress=Progress()).value


def billed(meters: Meters, day: date, *, running_usage: bool = False) -> list[Document]:
    outcome = drafted(meters, day, running_usage=running_usage)
    if outcome.run_id is None:
        return []
    issued = meters.book.run(invoices.issue_run, outcome.run_id, progress=Progress()).value
    return meters.book.query(invoices.load_documents, issued.ids)


def amounts(documents: list[Document]) -> list[int]:
    return [document.net.minor for document in documents]


def a_late_month(meters: Meters, policy: LateUsage) -> None:
    """Bill 10.00 of January, then bring 5.00 more of it."""
    use(meters, policy)
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    assert amounts(billed(meters, FEBRUARY)) == [1000]
    meters.bring("S1,calls,2026-01-06T10:00:00Z,500,late")


def listed(meters: Meters) -> list[tuple[int, LateState]]:
    return [(row.lacks.minor, row.state) for row in meters.book.query(billing.list_late_usage)]


def decide(meters: Meters, state: LateState) -> None:
    ids = [row.id for row in meters.book.query(billing.list_late_usage)]
    meters.book.run(billing.decide_late_usage, ids, state)


@pytest.mark.parametrize("policy", [LateUsage.ASK, LateUsage.IGNORE])
def test_late_usage_that_is_not_billed_stays_on_the_list_month_after_month(meters: Meters, policy: LateUsage) -> None:
    a_late_month(meters, policy)
    assert amounts(billed(meters, LATER)) == []
    assert amounts(billed(meters, MARCH)) == []
    assert listed(meters) == [(500, LateState.OPEN)]
    assert meters.book.query(billing.count_late_usage) == (1 if policy is LateUsage.ASK else 0)


def test_the_run_that_finds_late_usage_says_so(meters: Meters) -> None:
    a_late_month(meters, LateUsage.ASK)
    found = drafted(meters, LATER).preview.findings
    assert "late_usage_ask" in [finding.value for finding in found]


def test_late_usage_that_a_person_wants_billed_is_on_the_next_invoice(meters: Meters) -> None:
    a_late_month(meters, LateUsage.ASK)
    billed(meters, LATER)
    decide(meters, LateState.BILL)
    assert listed(meters) == [(500, LateState.BILL)]
    assert drafted(meters, LATER).created == 1
    assert amounts(billed(meters, LATER)) == []  # the same drafts: nothing new
    ids = meters.book.query(invoices.list_draft_ids)
    meters.book.run(invoices.issue_documents, ids, progress=Progress())
    assert listed(meters) == []
    assert amounts(billed(meters, MARCH)) == []


def test_a_decision_can_be_taken_back_until_it_is_issued(meters: Meters) -> None:
    a_late_month(meters, LateUsage.ASK)
    billed(meters, LATER)
    decide(meters, LateState.BILL)
    drafted(meters, LATER)
    decide(meters, LateState.LEAVE)
    drafted(meters, LATER)
    assert meters.book.query(invoices.list_draft_ids) == []
    assert listed(meters) == [(500, LateState.LEAVE)]


def test_more_late_usage_is_asked_about_anew(meters: Meters) -> None:
    a_late_month(meters, LateUsage.ASK)
    billed(meters, LATER)
    decide(meters, LateState.BILL)
    meters.bring("S1,calls,2026-01-07T10:00:00Z,200,later")
    assert amounts(billed(meters, LATER)) == []
    assert listed(meters) == [(700, LateState.OPEN)]


def test_late_usage_that_is_taken_out_again_leaves_the_list(meters: Meters) -> None:
    a_late_month(meters, LateUsage.ASK)
    billed(meters, LATER)
    stale = [row.id for row in meters.book.query(billing.list_late_usage)]
    meters.bring("S1,calls,2026-01-08T10:00:00Z,-500,back")
    billed(meters, LATER)
    assert listed(meters) == []
    with pytest.raises(RuleBroken, match="late_usage_gone"):
        meters.book.run(billing.decide_late_usage, stale, LateState.BILL)


@pytest.mark.parametrize("policy", list(LateUsage))
def test_running_billing_again_before_issue_bills_the_month_as_before(meters: Meters, policy: LateUsage) -> None:
    use(meters, policy)
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    drafted(meters, FEBRUARY)
    assert drafted(meters, FEBRUARY).created == 0
    meters.bring("S1,calls,2026-01-06T10:00:00Z,500,b")
    assert amounts(billed(meters, LATER)) == [1500]


@pytest.mark.parametrize(
    ("policy", "months"),
    [(LateUsage.NEXT_INVOICE, [[1000, 500]]), (LateUsage.CORRECTIVE, [[500], [1000]])],
)
def test_late_usage_stands_on_the_next_invoice_or_on_one_of_its_own(
    meters: Meters, policy: LateUsage, months: list[list[int]]
) -> None:
    a_late_month(meters, policy)
    meters.bring("S1,calls,2026-02-06T10:00:00Z,1000,feb")
    found = [sorted(line.amount.minor for line in one.lines) for one in billed(meters, MARCH)]
    assert sorted(found) == sorted(sorted(month) for month in months)


@pytest.mark.parametrize("policy", [LateUsage.NEXT_INVOICE, LateUsage.ASK])
def test_a_threshold_crossed_twice_bills_twice_and_the_month_takes_it_off(meters: Meters, policy: LateUsage) -> None:
    use(meters, policy)
    found = []
    for day, quantity in ((5, 1000), (15, 1200), (25, 50)):
        meters.bring(f"S1,calls,2026-01-{day:02}T10:00:00Z,{quantity},k{day}")
        if quantity > 100:
            found += amounts(billed(meters, date(2026, 1, day), running_usage=True))
    assert [*found, *amounts(billed(meters, FEBRUARY))] == [1000, 1200, 50]
    assert drafted(meters, LATER, running_usage=True).created == 0


def test_unbilled_now_counts_running_usage_of_prices_that_ask_but_no_late_usage(meters: Meters) -> None:
    use(meters, LateUsage.ASK)
    meters.bring("S1,calls,2026-02-20T10:00:00Z,1000,a")
    assert amounts(billed(meters, MARCH)) == [1000]
    meters.bring("S1,calls,2026-02-21T10:00:00Z,500,late", "S1,calls,2026-03-01T09:00:00Z,300,march")
    found = meters.book.query(billing.unbilled_now, 1)
    assert [net.minor for net in found.net] == [300]


def test_late_usage_is_decided_on_from_the_command_line(meters: Meters) -> None:
    a_late_month(meters, LateUsage.ASK)
    billed(meters, LATER)
    meters.book.close()
    path = Path(meters.book.location)
    (row,) = as_json("late-usage", "list", book=path)
    assert row["lacks"]["amount"] == "5.00"
    for command, words in (("leave", "left out"), ("reopen", "waits for you"), ("bill", "on the next invoice")):
        assert as_json("late-usage", command, row["id"], book=path)["decided"] == 1
        assert words in run("late-usage", "list", book=path).output
    meters.book = type(meters.book).open(str(path))
    assert amounts(billed(meters, LATER)) == [500]
