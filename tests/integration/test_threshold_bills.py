"""Unbilled usage that reaches a threshold is billed at once, as a draft (billing rules §6.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.alerts import Alert, AlertKind
from billdesk.domain.invoices import Document
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import alerts, billing, invoices, taxes, usage
from billdesk.services.check import check_book
from builders.book import TODAY
from builders.commands import as_json, run
from builders.usage import PROFILE, Meters, a_metered_book

APRIL = date(2026, 4, 1)


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Meters]:
    made = a_metered_book(tmp_path)
    made.add("S1", "S2")
    made.book.run(billing.run_billing, date(2026, 3, 1), progress=Progress())
    yield made
    assert made.book.query(check_book) == []
    made.book.close()


def watch(meters: Meters, contract_id: int | None = None) -> int:
    record = Alert(0, "Bill", AlertKind.UNBILLED, Decimal(10), currency="EUR", subscription_id=contract_id)
    return meters.book.run(alerts.save_alert, record).value


def calls(contract: str, day: int, quantity: int) -> str:
    return f"{contract},calls,2026-03-{day:02}T10:00:00Z,{quantity},{contract}-{day}-{quantity}"


def drafts(meters: Meters) -> list[Document]:
    return meters.book.query(invoices.load_documents, meters.book.query(invoices.list_draft_ids))


def nets(meters: Meters) -> list[int]:
    return sorted(one.net.minor for one in drafts(meters))


def issue(meters: Meters) -> None:
    ids = meters.book.query(invoices.list_draft_ids)
    meters.book.run(invoices.issue_documents, ids, TODAY, progress=Progress())


def test_usage_below_the_threshold_is_not_billed(meters: Meters) -> None:
    watch(meters)
    outcome = meters.bring(calls("S1", 5, 999))
    assert (outcome.bill, outcome.alerts, nets(meters)) == (None, 0, [])


def test_usage_that_reaches_the_threshold_is_drafted_with_the_import(meters: Meters) -> None:
    watch(meters)
    outcome = meters.bring(calls("S1", 5, 600), calls("S1", 6, 400), calls("S2", 6, 999))
    assert outcome.bill is not None
    assert (outcome.bill.documents, outcome.bill.totals) == (1, (Money(1210, "EUR"),))
    assert (nets(meters), outcome.alerts) == ([1000], 1)
    (row,) = meters.book.query(alerts.list_alert_events)
    assert (row.contract, row.event.level, row.event.batch_id) == ("S1", Decimal(10), outcome.batch_id)


def test_a_threshold_crossed_twice_bills_twice_and_the_month_takes_it_off(meters: Meters) -> None:
    watch(meters)
    found = []
    for day, quantity in ((5, 1000), (6, 700), (7, 500), (8, 30)):
        meters.bring(calls("S1", day, quantity))
        found.append(nets(meters))
        issue(meters)
    meters.book.run(billing.run_billing, APRIL, progress=Progress())
    assert [*found, nets(meters)] == [[1000], [], [1200], [], [30]]


def test_a_draft_that_was_not_issued_grows_with_further_usage(meters: Meters) -> None:
    watch(meters)
    meters.bring(calls("S1", 5, 1000))
    outcome = meters.bring(calls("S1", 6, 50))
    assert outcome.bill is not None
    assert (outcome.bill.documents, nets(meters)) == (1, [1050])


def test_an_ordinary_run_keeps_what_a_threshold_had_drafted(meters: Meters) -> None:
    watch(meters)
    meters.bring(calls("S1", 5, 1000), calls("S2", 5, 10))
    outcome = meters.book.run(billing.run_billing, TODAY, progress=Progress()).value
    assert (outcome.created, outcome.replaced, nets(meters)) == (0, 0, [1000])


def test_the_preview_of_a_run_bills_what_reached_a_threshold(meters: Meters) -> None:
    meters.bring(calls("S1", 5, 1000))
    watch(meters)
    found = meters.book.query(billing.preview_billing, TODAY, progress=Progress())
    assert found.totals["EUR"].net == Money(1000, "EUR")


def test_only_the_contract_that_a_threshold_names_is_billed(meters: Meters) -> None:
    watch(meters, 2)
    meters.bring(calls("S1", 5, 5000), calls("S2", 5, 1000))
    assert nets(meters) == [1000]


def test_looking_bills_what_a_new_threshold_finds_and_only_once(meters: Meters) -> None:
    meters.bring(calls("S1", 5, 1000))
    meters.book.run(billing.run_billing, TODAY, progress=Progress())
    watch(meters)
    found = [meters.book.run(alerts.look_at_alerts, progress=Progress()).value for _time in range(2)]
    assert [one.reached for one in found] == [1, 0]
    assert [one.bill is not None for one in found] == [True, False]
    assert nets(meters) == [1000]


def test_undoing_the_import_takes_the_draft_back(meters: Meters) -> None:
    watch(meters)
    batch_id = meters.bring(calls("S1", 5, 1000)).batch_id
    assert batch_id is not None
    assert meters.book.query(usage.preview_undo, batch_id).drafts == 1
    meters.book.run(usage.undo_usage_import, batch_id)
    assert nets(meters) == []
    assert [run.state for run in meters.book.query(billing.list_runs)] == ["undone"]


def test_undoing_one_of_two_imports_leaves_a_draft_of_the_other(meters: Meters) -> None:
    watch(meters)
    first = meters.bring(calls("S1", 5, 1000)).batch_id
    meters.bring(calls("S1", 6, 1500))
    assert first is not None
    meters.book.run(usage.undo_usage_import, first)
    assert nets(meters) == [1500]


def test_an_import_whose_bill_was_issued_is_undone_only_on_demand(meters: Meters) -> None:
    watch(meters)
    batch_id = meters.bring(calls("S1", 5, 1000)).batch_id or 0
    issue(meters)
    with pytest.raises(RuleBroken, match="usage_invoiced"):
        meters.book.run(usage.undo_usage_import, batch_id)


def test_a_paused_threshold_bills_nothing(meters: Meters) -> None:
    meters.book.run(alerts.pause_alert, watch(meters))
    assert meters.bring(calls("S1", 5, 1000)).bill is None


def test_waiting_usage_that_finds_its_contract_reaches_a_threshold_too(meters: Meters) -> None:
    watch(meters)
    meters.bring("S9,calls,2026-03-05T10:00:00Z,1000,a")
    meters.add("S9")
    outcome = meters.book.run(usage.rematch_unmatched).value
    assert (outcome.matched, outcome.drafts, nets(meters)) == (1, 1, [1000])


def test_who_cannot_be_billed_is_named(meters: Meters) -> None:
    watch(meters)
    for rate in meters.book.query(taxes.list_tax_rates, "BE"):
        meters.book.run(taxes.delete_tax_rate, rate.id)
    outcome = meters.bring(calls("S1", 5, 1000))
    assert outcome.bill is not None
    assert (outcome.bill.run_id, len(outcome.bill.left_out), outcome.alerts) == (None, 1, 0)


def test_a_preview_of_a_file_tells_of_the_bill_and_drafts_nothing(meters: Meters) -> None:
    path = meters.file(calls("S1", 5, 1000))
    assert meters.book.query(usage.preview_usage_import, path, PROFILE).bill is None
    watch(meters)
    bill = meters.book.query(usage.preview_usage_import, path, PROFILE).bill
    assert bill is not None
    assert (bill.run_id, bill.documents, bill.totals) == (None, 1, (Money(1210, "EUR"),))
    assert (nets(meters), meters.book.query(billing.list_runs)) == ([], [])


def test_the_command_line_tells_of_the_bill_and_its_run(tmp_path: Path) -> None:
    made = a_metered_book(tmp_path)
    made.add("S1")
    made.book.close()
    path = Path(made.book.location)
    run("alert", "add", "unbilled", "10", "--currency", "EUR", book=path)
    file = made.file("S1,calls,2026-03-05T10:00:00Z,1000,a")
    assert "would reach a threshold: 1 draft" in run("import", "usage", file, "--preview", book=path).output
    done = as_json("import", "usage", file, book=path)
    assert (done["bill"]["documents"], done["bill"]["run_id"]) == (1, 1)
    assert "threshold" in run("run", "list", book=path).output
    assert as_json("run", "undo", 1, book=path)["drafts"] == 1
