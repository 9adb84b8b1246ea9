"""The demo company: its spreadsheets go through the same imports, runs and matching as everybody's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from billdesk.documents.lists import invoice_lines, invoice_list
from billdesk.documents.xlsx import table_workbook
from billdesk.domain.entities import Address
from billdesk.kernel.i18n import _, current
from billdesk.kernel.money import Money
from billdesk.kernel.paths import resource
from billdesk.kernel.progress import Progress
from billdesk.services import banking, billing, delivery, entities, invoices, rates, usage
from billdesk.services.book import SUFFIX, Book
from billdesk.services.check import check_book
from billdesk.services.company import NewCompany, set_up_company
from billdesk.services.imports import ImportRequest, apply_import
from billdesk.services.ledger import tie_out
from billdesk.services.usage.preparing import prepare_usage
from billdesk.storage.database import Db
from billdesk.storage.invoices import DocumentFilter

NAME: Final = "Noordbrug Cloud"
MASTERS: Final = ("klanten.xlsx", "catalogus.xlsx", "contracten.xlsx")
USAGE: Final = ("verbruik-2026-08-09.csv", "verbruik-2026-10.xlsx")
RATES: Final = "eurofxref-hist.csv"
PDF_FOLDER: Final = "PDF"
WORKBOOK: Final = "facturen.xlsx"
MONTHS: Final = tuple(date(2026, month, 1) for month in range(1, 12))
"""Days on which the demo is billed; the statement of a month follows its run."""

COMPANY: Final = NewCompany(
    name="Noordbrug Cloud BV",
    country="BE",
    currency="EUR",
    language="nl",
    vat="BE0671650665",
    iban="BE68539007547034",
    bic="TRIOBEBB",
    address=Address("Sluizeken 14", "", "9000", "Gent", "", "BE"),
    email="facturatie@noordbrug.example",
    phone="+32 9 000 00 00",
    website="noordbrug.example",
    company_number="0671.650.665",
    footer="RPR Gent, afdeling Gent",
)


@dataclass(frozen=True, slots=True)
class MonthDone:
    """What one month of the demo did."""

    day: date
    documents: int
    totals: tuple[Money, ...]
    statement_lines: int
    matched: int


@dataclass(frozen=True, slots=True)
class CurrencySum:
    """Issued documents of one currency."""

    currency: str
    count: int
    total: Money
    open: Money


@dataclass(frozen=True, slots=True)
class TiedOut:
    """The totals of the company in its currency, as they must agree."""

    currency: str
    issued: Money
    receivables: Money
    settled: Money
    open_items: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class Demo:
    """The finished demo: where it is, what it holds, and that it ties out."""

    book: Path
    documents_folder: Path
    workbook: Path
    files: int
    sums: tuple[CurrencySum, ...]
    tie_out: TiedOut
    is_sound: bool


Say = Callable[[str], None]


def _silent(_text: str) -> None:
    """Say nothing."""


def statement_file(day: date) -> str:
    """Give the name of the statement of a month."""
    return f"rekening-{day:%Y-%m}.xml"


def make_demo(folder: Path, *, progress: Progress) -> Path:
    """Build the demo in a folder and give its book; a demo that is already there is kept."""
    book = demo_book(folder)
    return book if book.exists() else build_demo(folder, progress=progress).book


def demo_book(folder: Path) -> Path:
    """Give the path of the demo's book in a folder."""
    return folder / f"{NAME}{SUFFIX}"


def build_demo(folder: Path, *, progress: Progress, say: Say = _silent) -> Demo:
    """Build the demo: import, bill the months, write documents, reconcile. The book appears when all is done."""
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / "in progress"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    path = demo_book(folder)
    with Book.create(work / path.name) as book:
        fill_book(book, progress, say)
        for day in MONTHS:
            do_month(book, day, progress, say)
        _write_documents(book, folder, progress, say)
    (work / path.name).replace(path)
    shutil.rmtree(work)
    with Book.open(path, read_only=True) as book:
        return read_demo(book, folder)


def read_demo(book: Book, folder: Path) -> Demo:
    """Tell what a finished demo holds, and check it."""
    pdf_folder = folder / PDF_FOLDER
    return Demo(
        book=demo_book(folder),
        documents_folder=pdf_folder,
        workbook=folder / WORKBOOK,
        files=sum(1 for _file in pdf_folder.glob("*.pdf")),
        sums=tuple(
            CurrencySum(currency, sums.count, sums.total, sums.open)
            for currency, sums in sorted(book.query(invoices.sum_documents, DocumentFilter()).items())
        ),
        tie_out=book.query(_tied_out),
        is_sound=not book.query(check_book),
    )


def fill_book(book: Book, progress: Progress, say: Say) -> None:
    """Bring in the company and all that its bookkeeper has in spreadsheets."""
    book.run(set_up_company, COMPANY)
    rates_done = book.run(rates.import_rates, resource("demo", RATES), progress=progress).value
    say(_("{file}: {n} exchange rates", file=RATES, n=rates_done.added))
    for name in MASTERS:
        outcome = book.run(apply_import, resource("demo", name), ImportRequest(), progress=progress).value
        say(_("{file}: {n} records", file=name, n=outcome.counts.added))
    for name in USAGE:
        path = resource("demo", name)
        profile = prepare_usage(path).profile
        done = book.run(usage.import_usage, path, profile, progress=progress).value
        say(_("{file}: {n} events, {m} waiting", file=name, n=done.added, m=done.unmatched))


def do_month(book: Book, day: date, progress: Progress, say: Say) -> MonthDone:
    """Bill and issue what is due on a day, then reconcile the month's statement."""
    outcome = bill_month(book, day, progress)
    statement = resource("demo", statement_file(day))
    lines = matched = 0
    if statement.exists():
        lines = book.run(banking.import_statement, statement).value.added
        matched = book.run(banking.accept_unique_matches, None, progress=progress).value.accepted
    done = MonthDone(day, outcome.documents, outcome.totals, lines, matched)
    totals = ", ".join(current().money(amount) for amount in done.totals)
    say(
        _(
            "{day}: {n} documents, {totals}; bank: {m} of {lines} lines matched",
            day=day.isoformat(), n=done.documents, totals=totals, m=matched, lines=lines,
        )
    )  # fmt: skip
    return done


@dataclass(frozen=True, slots=True)
class Billed:
    """What a month's run issued."""

    documents: int
    totals: tuple[Money, ...]


def bill_month(book: Book, day: date, progress: Progress) -> Billed:
    """Run billing as of a day and issue its drafts with that date."""
    outcome = book.run(billing.run_billing, day, progress=progress).value
    if outcome.run_id is None:
        return Billed(0, ())
    # The year before counts as sent; the last month waits in the outbox.
    is_last = day == MONTHS[-1]
    issued = book.run(invoices.issue_run, outcome.run_id, day, deliver=is_last, progress=progress).value
    return Billed(len(issued.numbers), issued.totals)


def _write_documents(book: Book, folder: Path, progress: Progress, say: Say) -> None:
    ids = book.query(invoices.list_ids, DocumentFilter())
    bundle = book.query(delivery.load_bundle, ids)
    processes = min(2, os.cpu_count() or 1)
    paths = delivery.export_documents(bundle, folder / PDF_FOLDER, processes=processes, progress=progress)
    tables = (invoice_list(bundle.documents, "nl"), invoice_lines(bundle.documents, "nl"))
    (folder / WORKBOOK).write_bytes(table_workbook(tables))
    say(_("{n} PDF files and the workbook {name} written to {folder}", n=len(paths), name=WORKBOOK, folder=folder))


def _tied_out(db: Db) -> TiedOut:
    figures = tie_out(db, entities.list_entities(db)[0].id)
    amounts = {
        name: Money(getattr(figures, name), figures.currency)
        for name in ("issued", "receivables", "settled", "open_items", "balance")
    }
    return TiedOut(figures.currency, **amounts)
