from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.catalog import Commitment
from billdesk.domain.contract_terms import ContractTerm
from billdesk.kernel.errors import RowsRejected
from billdesk.kernel.period import Interval, Unit
from billdesk.services import catalog, imports, subscriptions
from billdesk.services.book import Book
from builders.masters import a_filled_book
from builders.sheets import a_csv

PLANS = ("Plancode", "Naam", "Versie", "Geldig vanaf", "Prijscode", "Afnameverplichting", "Afnameverplichting per")
CONTRACTS = ("Contractnummer", "Klantnummer", "Actie", "Datum", "Plancode", "Looptijd (maanden)", "Afnameverplichting")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_filled_book(tmp_path) as book:
        yield book


def a_price(book: Book) -> str:
    return next(iter(book.query(catalog.load_catalog).prices.values())).code


def committed(book: Book) -> Commitment | None:
    sold = book.query(catalog.load_catalog)
    (plan,) = [one.id for one in sold.plans.values() if one.code == "COMMIT"]
    return next(one.commitment for one in sold.plan_versions.values() if one.plan_id == plan)


def bring(book: Book, folder: Path, *cells: object) -> None:
    row = ("COMMIT", "Committed", 1, date(2026, 1, 1), a_price(book), *cells)
    book.run(imports.apply_import, a_csv(folder / "plannen.csv", (PLANS, row)))


def test_a_plan_comes_with_what_it_commits_to_and_goes_out_with_it(book: Book, tmp_path: Path) -> None:
    bring(book, tmp_path, "EUR 200 | GBP 180,50", "kwartaal")
    expected = Commitment(Interval(Unit.QUARTER), (("EUR", Decimal(200)), ("GBP", Decimal("180.50"))))
    assert committed(book) == expected
    (tmp_path / "uit.xlsx").write_bytes(book.query(imports.export_workbook, ["plans"]))
    again = book.run(imports.apply_import, tmp_path / "uit.xlsx").value
    assert (again.counts.added, again.counts.changed) == (0, 0)


@pytest.mark.parametrize("cells", [("EUR", "kwartaal"), ("EUR -5", "kwartaal"), ("EUR 5", None)])
def test_a_commitment_that_makes_no_sense_is_refused_at_its_cell(
    book: Book, tmp_path: Path, cells: tuple[object, ...]
) -> None:
    with pytest.raises(RowsRejected) as refused:
        bring(book, tmp_path, *cells)
    assert {problem.place.row for problem in refused.value.problems} == {2}


def test_a_contract_comes_with_what_its_term_commits_to(book: Book, tmp_path: Path) -> None:
    row = ("S8", "K1", None, date(2026, 1, 1), "SMALL", 12, "1200,50")
    book.run(imports.apply_import, a_csv(tmp_path / "contracten.csv", (CONTRACTS, row)))
    rows = book.query(subscriptions.list_subscriptions, subscriptions.SubscriptionFilter(search="S8"))
    entry = book.query(subscriptions.load_subscription, rows[0].id).entries[0]
    assert entry.term == ContractTerm(12, commitment=Decimal("1200.50"))
