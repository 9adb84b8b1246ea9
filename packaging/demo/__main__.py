"""Usage: PYTHONPATH=packaging python -m demo — writes resources/demo anew."""

from __future__ import annotations

import random
import tempfile
from datetime import date, timedelta
from pathlib import Path

from billdesk.kernel.period import Interval, Unit, boundary
from billdesk.kernel.progress import Progress
from billdesk.services import banking
from billdesk.services.book import Book
from billdesk.services.demo import MONTHS, bill_month, fill_book, statement_file
from demo import sheets, statements
from demo.people import Person, customers

LAST_DAY = date(2026, 11, 24)
FOLDER = Path(__file__).resolve().parents[2] / "resources" / "demo"


def write_spreadsheets(folder: Path) -> list[Person]:
    """Write everything but the bank statements, which need the invoices first."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(20260101)  # noqa: S311 - the same company every time
    people = customers(dice)
    rows = sheets.contracts(dice, people)
    sheets.write_workbook(folder / "klanten.xlsx", {"Klanten": sheets.customer_rows(people)})
    sheets.write_workbook(
        folder / "catalogus.xlsx",
        {
            "Artikelen": sheets.product_rows(),
            "Meters": sheets.meter_rows(),
            "Prijzen": sheets.price_rows(),
            "Formules": sheets.plan_rows(),
        },
    )
    sheets.write_workbook(folder / "contracten.xlsx", {"Contracten": sheets.contract_rows(rows)})
    early = sheets.usage(dice, rows, date(2026, 8, 1), date(2026, 9, 30), 134_000)
    sheets.write_usage_csv(folder / "verbruik-2026-08-09.csv", early)
    late = sheets.usage(dice, rows, date(2026, 10, 1), date(2026, 10, 31), 66_000)
    sheets.write_workbook(folder / "verbruik-2026-10.xlsx", {"Verbruik": sheets.usage_rows(late)})
    sheets.write_rates(folder / "eurofxref-hist.csv", dice, date(2025, 12, 15), date(2026, 11, 24))
    return people


def write_statements(folder: Path, people: list[Person]) -> None:
    """Bill month after month and write what the customers then pay."""
    payers = statements.Payers({person.name: person for person in people}, random.Random(5))  # noqa: S311 - the same payments every time
    balance, progress = statements.OPENING, Progress()
    with tempfile.TemporaryDirectory() as place, Book.create(Path(place) / "demo.billdesk") as book:
        fill_book(book, progress, print)
        for number, day in enumerate(MONTHS, start=1):
            billed = bill_month(book, day, progress)
            last = min(boundary(day, Interval(Unit.MONTH), 1) - timedelta(days=1), LAST_DAY)
            rows = statements.entries_of(book, payers, day, last)
            path = folder / statement_file(day)
            balance = statements.write_statement(path, number, (day, last), balance, rows)
            book.run(banking.import_statement, path)
            matched = book.run(banking.accept_unique_matches, None, progress=progress).value
            print(day, billed.documents, "documents,", matched.accepted, "of", len(rows), "lines matched")


if __name__ == "__main__":
    write_statements(FOLDER, write_spreadsheets(FOLDER))
