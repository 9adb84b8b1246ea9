from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billdesk.domain.catalog import BookKind, Conversion, Ending, PriceTerms, Validity
from billdesk.kernel.errors import RowsRejected, UndoBlocked
from billdesk.kernel.progress import Progress
from billdesk.services import billing, catalog, imports, invoices, price_books
from billdesk.services.book import Book
from billdesk.services.imports import ImportOutcome
from billdesk.services.price_books import BookCard
from billdesk.services.taxes import seed_tax_rates
from builders.masters import a_filled_book
from builders.sheets import Rows, a_csv, a_workbook

HEADER = ("Prijslijst", "Naam prijslijst", "Voor", "Bereikt", "Voorrang", "Prijscode", "Munt", "Bedrag", "Vanaf",
          "Schijf tot", "Staffelprijs")  # fmt: skip
BOOKS: Rows = (
    HEADER,
    ("BE", "België", "regio", "BE", 1, "BASE", "EUR", 45, "2026-04-01", None, None),
    ("BE", "België", "regio", "BE", 1, "CALLS", "EUR", None, "2026-04-01", 500, 0.02),
    ("BE", "België", "regio", "BE", 1, "CALLS", "EUR", None, "2026-04-01", None, 0.004),
    ("LINDE", "De Linde", "klant", "K1", 1, "SEAT", "EUR", 8, None, None, None),
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_filled_book(tmp_path) as opened:
        yield opened


def apply(book: Book, path: Path, **options: Any) -> ImportOutcome:
    return book.run(imports.apply_import, path, progress=Progress(), **options).value


def card(book: Book, code: str) -> BookCard:
    return book.query(price_books.load_book_card, book.query(price_books.book_by_code, code).id)


def refused(book: Book, folder: Path, *rows: tuple[object, ...]) -> list[tuple[str, str]]:
    with pytest.raises(RowsRejected) as caught:
        apply(book, a_workbook(folder / "wrong.xlsx", {"Prijslijsten": (HEADER, *rows)}))
    return [(problem.code, problem.place.column) for problem in caught.value.problems]


def test_books_go_in_with_tiers_on_rows_of_their_own(book: Book, tmp_path: Path) -> None:
    done = apply(book, a_workbook(tmp_path / "b.xlsx", {"Prijslijsten": BOOKS}))
    assert (done.kinds, done.counts.added) == (("price_books",), 4)
    base, calls = card(book, "BE").lines
    assert (base.price.code, base.entry.terms.parameters, base.entry.valid) == (
        "BASE", {"amount": "45"}, Validity(date(2026, 4, 1)),
    )  # fmt: skip
    assert calls.entry.terms.parameters["tiers"] == [{"up_to": "500", "unit_price": "0.02"}, {"unit_price": "0.004"}]
    own = card(book, "LINDE")
    assert (own.book.kind, [one.number for one in own.customers]) == (BookKind.CUSTOMER, ["K1"])


def test_what_is_exported_goes_in_again_without_a_change(book: Book, tmp_path: Path) -> None:
    apply(book, a_workbook(tmp_path / "b.xlsx", {"Prijslijsten": BOOKS}))
    (tmp_path / "out.xlsx").write_bytes(book.query(imports.export_workbook, ("price_books",)))
    again = apply(book, tmp_path / "out.xlsx")
    assert (again.batch_id, again.counts.unchanged) == (None, 4)


def test_a_later_amount_ends_the_earlier_one_and_an_undo_brings_it_back(book: Book, tmp_path: Path) -> None:
    apply(book, a_workbook(tmp_path / "b.xlsx", {"Prijslijsten": BOOKS}))
    row = ("BE", None, None, None, None, "BASE", "EUR", 40, "2026-06-01", None, None)
    done = apply(book, a_workbook(tmp_path / "c.xlsx", {"Prijslijsten": (HEADER, row)}))
    amounts = [(line.entry.terms.parameters.get("amount"), line.entry.valid.until) for line in card(book, "BE").lines]
    assert amounts[:2] == [("45", date(2026, 6, 1)), ("40", None)]
    assert apply(book, tmp_path / "b.xlsx").counts.unchanged == 4
    assert done.batch_id is not None
    book.run(imports.undo_import, done.batch_id)
    assert [line.entry.valid.until for line in card(book, "BE").lines] == [None, None]


def test_an_import_of_books_that_is_billed_is_not_undone(book: Book, tmp_path: Path) -> None:
    book.run(seed_tax_rates)
    done = apply(book, a_workbook(tmp_path / "b.xlsx", {"Prijslijsten": BOOKS}))
    rows = book.run(billing.run_billing, date(2026, 1, 31), progress=Progress()).value.preview.rows
    ids = [row.document_id for row in rows if row.document_id is not None]
    book.run(invoices.issue_documents, ids, deliver=False, progress=Progress())
    assert done.batch_id is not None
    with pytest.raises(UndoBlocked):
        book.run(imports.undo_import, done.batch_id)


def test_wrong_rows_are_named_by_their_cells(book: Book, tmp_path: Path) -> None:
    usual = ("BE", "België", "regio", "BE", 1)
    assert refused(book, tmp_path, (*usual, "NONE", "EUR", 1, None, None, None)) == [("unknown_price", "Prijscode")]
    assert refused(book, tmp_path, ("X", "X", "klant", "K404", 1, "BASE", "EUR", 1, None, None, None)) == [
        ("unknown_customer", "Bereikt")
    ]
    closed = (*usual, "CALLS", "EUR", None, None, 500, 0.02)
    assert refused(book, tmp_path, closed) == [("last_tier_closed", "Schijf tot")]
    assert refused(book, tmp_path, (*usual, "BASE", "EUR", None, None, None, None)) == [("value_missing", "Bedrag")]
    rivals = [("A", "A", "label", "a", 1, "BASE", "EUR", 1, None, None, None),
              ("B", "B", "label", "b", 1, "BASE", "EUR", 2, None, None, None)]  # fmt: skip
    assert refused(book, tmp_path, *rivals) == [("book_conflict", "Voorrang")]


def test_a_conversion_goes_through_sheets(book: Book, tmp_path: Path) -> None:
    rows = (
        ("Prijscode", "Productcode", "Prijsmodel", "Periode", "Munt", "Bedrag", "Omgerekend uit", "Eindigt op"),
        ("CONV", "HOST", "flat", "maandelijks", "EUR", 49, "EUR", "0.90"),
    )
    apply(book, a_csv(tmp_path / "p.csv", rows))
    price = next(one for one in book.query(catalog.load_catalog).prices.values() if one.code == "CONV")
    assert price.conversion == Conversion("EUR", Ending.NINETY)
    (tmp_path / "out.xlsx").write_bytes(book.query(imports.export_workbook, ("prices",)))
    assert apply(book, tmp_path / "out.xlsx").batch_id is None


def test_a_sold_price_keeps_its_conversion_through_sheets(book: Book, tmp_path: Path) -> None:
    base = next(one for one in book.query(catalog.load_catalog).prices.values() if one.code == "BASE")
    book.run(catalog.update_price, replace(base, conversion=Conversion("EUR")))
    rows = (
        ("Prijscode", "Productcode", "Prijsmodel", "Periode", "Munt", "Bedrag"),
        ("BASE", "HOST", "flat", "maandelijks", "USD", 55),
    )
    with pytest.raises(RowsRejected, match="currency_converted"):
        apply(book, a_csv(tmp_path / "p.csv", rows))
    assert PriceTerms("EUR", {"amount": "50"}).parameters["amount"] == str(Decimal(50))
