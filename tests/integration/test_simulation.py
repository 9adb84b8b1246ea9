from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.catalog import RunningPolicy
from billdesk.kernel.errors import InvalidValue, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit
from billdesk.kernel.progress import Progress
from billdesk.services import billing, catalog, invoices
from billdesk.services.billing import Scope
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.invoices import DocumentFilter
from billdesk.services.simulation import PriceChange, Simulation, SimulationOptions, simulate
from billdesk.services.simulation_files import simulation_file
from builders.book import NOW
from builders.desk_book import a_desk_book
from builders.usage import a_metered_book

UNTIL = date(2026, 6, 30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with a_desk_book(tmp_path) as book:
        assert book.path is not None
        return book.path


def _simulate(path: Path, until: date = UNTIL, keep: Path | None = None, **options: object) -> Simulation:
    chosen = SimulationOptions(until, **options)  # type: ignore[arg-type]
    return simulate(path, chosen, clock=lambda: NOW, keep=keep, progress=Progress())


def _in_euro(found: Simulation) -> list[tuple[str, int, int]]:
    return [(m.month.isoformat()[:7], m.documents, m.revenue.minor) for m in found.months if m.currency == "EUR"]


def test_each_month_says_what_is_issued_and_what_is_owed(path: Path) -> None:
    found = _simulate(path)
    assert _in_euro(found) == [
        ("2026-03", 1, 57798),
        ("2026-04", 1, 12920),
        ("2026-05", 1, 12920),
        ("2026-06", 1, 12920),
    ]
    june = found.months[-2]
    assert (june.mrr, june.receivables) == (Money(12920, "EUR"), Money(116835, "EUR"))
    may = found.months[-4]
    assert (may.month, may.falls_due) == (date(2026, 5, 1), Money(31266, "EUR"))


def test_two_simulations_give_the_same(path: Path) -> None:
    assert _simulate(path) == _simulate(path)


def test_the_original_is_byte_identical_after(path: Path) -> None:
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    _simulate(path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_the_preview_of_today_is_the_invoice_that_the_simulation_issues(path: Path, tmp_path: Path) -> None:
    with Book.open(path, read_only=True, clock=lambda: NOW) as book:
        (preview,) = book.query(billing.preview_documents, NOW.date(), 1)
    kept = tmp_path / "kept.billdesk"
    _simulate(path, keep=kept)
    with Book.open(kept, read_only=True) as book:
        first = min(book.query(invoices.list_ids, DocumentFilter(customer_id=1)))
        issued = book.query(invoices.load_document, first)
    assert (issued.total, issued.net) == (preview.total, preview.net)
    assert [(one.description, one.amount, one.trace) for one in issued.lines] == [
        (one.description, one.amount, one.trace) for one in preview.lines
    ]


def test_upcoming_documents_are_those_that_the_simulation_issues(path: Path, tmp_path: Path) -> None:
    with Book.open(path, read_only=True, clock=lambda: NOW) as book:
        upcoming = book.query(billing.upcoming_documents, 1, months=3)
    kept = tmp_path / "kept.billdesk"
    _simulate(path, date(2026, 6, 16), keep=kept)
    with Book.open(kept, read_only=True) as book:
        ids = sorted(book.query(invoices.list_ids, DocumentFilter(customer_id=1)))
        issued = [book.query(invoices.load_document, key) for key in ids]
    assert [one.total for one in upcoming] == [one.total for one in issued]


def test_the_kept_copy_is_a_sound_book(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.billdesk"
    _simulate(path, date(2028, 3, 16), keep=kept)
    with Book.open(kept, read_only=True) as book:
        assert book.query(check_book) == []
        assert book.query(invoices.count_documents, DocumentFilter()) == 35


def test_more_runs_bring_the_same_money(path: Path) -> None:
    monthly, daily = _simulate(path), _simulate(path, every=Interval(Unit.DAY, 7))
    assert (monthly.runs, daily.runs) == (5, 17)
    assert sum(m.revenue.minor for m in daily.months if m.currency == "EUR") == 96558
    assert sum(n for _month, _documents, n in _in_euro(monthly)) == 96558


def test_prices_that_rise_in_mid_april_are_charged_from_then_on(path: Path) -> None:
    change = PriceChange(Decimal(10), date(2026, 4, 16), frozenset({1}))
    found = _simulate(path, price_change=change)
    # 50.00 becomes 55.00, and April, half at each, costs 52.50.
    assert _in_euro(found)[1:] == [("2026-04", 1, 13170), ("2026-05", 1, 13420), ("2026-06", 1, 13420)]
    assert found.contracts_changed == 2


def test_a_version_that_is_only_a_draft_can_be_tried(path: Path) -> None:
    with Book.open(path, clock=lambda: NOW) as book:
        draft = book.run(catalog.copy_version, 1).value
        fewer = replace(
            draft, items=draft.items[:1], running_policy=RunningPolicy.FROM_DATE, effective=date(2026, 5, 1)
        )
        book.run(catalog.change_version, fewer)
    found = _simulate(path, publish=(draft.id,))
    assert _in_euro(found)[1:] == [("2026-04", 1, 12920), ("2026-05", 1, 5000), ("2026-06", 1, 5000)]


def test_a_simulation_cannot_go_back(path: Path) -> None:
    with pytest.raises(InvalidValue, match="period_ends_before_start"):
        _simulate(path, date(2026, 3, 15))


def test_a_simulation_never_replaces_a_file(path: Path) -> None:
    with pytest.raises(InvalidValue, match="file_exists"):
        _simulate(path, keep=path)


def test_a_book_on_a_server_is_not_copied() -> None:
    with pytest.raises(RuleBroken, match="simulation_needs_file"):
        simulate("postgresql+psycopg://host/book", SimulationOptions(UNTIL), progress=Progress())


def test_only_some_customers_can_be_looked_at(path: Path) -> None:
    found = _simulate(path, scope=Scope(customer_ids=frozenset({2})))
    assert {month.currency for month in found.months} == {"GBP"}
    assert found.documents == sum(m.documents for m in _simulate(path).months if m.currency == "GBP") == 5


@pytest.mark.parametrize("growth", ["-101", "101"])
def test_usage_that_grows_beyond_reason_is_refused(path: Path, growth: str) -> None:
    with pytest.raises(InvalidValue, match="growth_out_of_range"):
        _simulate(path, growth_percent=Decimal(growth))


def _metered(folder: Path) -> Path:
    """A book with 1,000 calls at 0.01 on 3 February, 280 of them again on the 28th, and 10 on 2 March."""
    made = a_metered_book(folder)
    made.add("S1")
    made.bring(
        "S1,calls,2026-02-03T10:00:00Z,1000,a",
        "S1,calls,2026-02-28T10:00:00Z,280,b",
        "S1,calls,2026-03-02T10:00:00Z,10,c",
    )
    made.book.close()
    return Path(made.book.location)


def test_without_a_supposition_usage_is_what_the_book_knows(tmp_path: Path) -> None:
    assert _in_euro(_simulate(_metered(tmp_path)))[1:] == [("2026-04", 1, 10), ("2026-05", 0, 0), ("2026-06", 0, 0)]


def test_usage_of_last_month_repeats_from_now_on(tmp_path: Path) -> None:
    path = _metered(tmp_path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    found = _simulate(path, repeat_usage=True)
    # March has its own 10 and, from today on, the 280 of the 28th; then each month has 1,280.
    assert _in_euro(found)[1:] == [("2026-04", 1, 290), ("2026-05", 1, 1280), ("2026-06", 1, 1280)]
    assert found.repeated_events == 7
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_repeated_usage_grows_month_by_month(tmp_path: Path) -> None:
    found = _simulate(_metered(tmp_path), repeat_usage=True, growth_percent=Decimal(10))
    # 280 × 1.1 = 308 and 10; 1,280 × 1.21 = 1,548.8; 1,280 × 1.331 = 1,703.68.
    assert _in_euro(found)[1:] == [("2026-04", 1, 318), ("2026-05", 1, 1549), ("2026-06", 1, 1704)]


def test_a_kept_copy_with_repeated_usage_is_sound(tmp_path: Path) -> None:
    kept = tmp_path / "kept.billdesk"
    _simulate(_metered(tmp_path), keep=kept, repeat_usage=True, every=Interval(Unit.DAY, 7))
    with Book.open(kept, read_only=True) as book:
        assert book.query(check_book) == []


def test_a_simulation_is_written_as_a_file(path: Path) -> None:
    found = _simulate(path)
    assert simulation_file(found, ".xlsx").startswith(b"PK")
    assert "2026-04-01" in simulation_file(found, ".csv").decode("utf-8-sig")


def test_prices_that_fall_by_more_than_all_of_them_are_refused(path: Path) -> None:
    with pytest.raises(InvalidValue, match="too_small"):
        _simulate(path, price_change=PriceChange(Decimal(-120), date(2026, 4, 1)))
