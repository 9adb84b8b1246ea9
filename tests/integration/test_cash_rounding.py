"""Coins in business words: what is to be paid is rounded, taxes and sales are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.entities import Address, Entity, TaxRounding
from billdesk.domain.invoices import Document, DocumentStatus
from billdesk.domain.ledger import Account
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import customers, delivery, entities, invoices, ledger, payments
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.invoices import DraftInput, DraftLine
from billdesk.services.payments import DocumentShare, PaymentInput
from billdesk.services.rates import set_rate
from billdesk.services.taxes import seed_tax_rates
from billdesk.storage.ledger import balances
from builders.billing import issue
from builders.book import NOW, TODAY
from builders.customers import a_customer
from builders.pdfs import texts_of
from builders.workbooks import Workbook

WORK = DraftLine("Beratung", Decimal(1), Decimal("9.29"))
BERN = Address("Bundesplatz 1", "", "3011", "Bern", "", "CH")


def _a_book(folder: Path, currency: str, country: str, coin: int) -> Book:
    book = Book.create(folder / "coins.billdesk", clock=lambda: NOW, user="Ann")
    seller = Entity(0, "CO", "Coins", currency, address=Address(country=country), cash_rounding_minor=coin)
    book.run(entities.create_entity, seller)
    book.run(seed_tax_rates)
    address = replace(BERN, country=country)
    buyer = a_customer(currency=currency, address=address, tax_id="", language="de", ibans=())
    book.run(customers.create_customer, buyer)
    return book


@pytest.fixture
def swiss(tmp_path: Path) -> Iterator[Book]:
    with _a_book(tmp_path, "CHF", "CH", 5) as book:
        yield book
        assert book.query(check_book) == []
        assert book.query(ledger.tie_out, 1).holds


def _sell(book: Book, currency: str = "CHF", line: DraftLine = WORK) -> Document:
    key = book.run(invoices.create_draft, DraftInput(1, 1, currency, TODAY, (line,))).value
    issue(book, key)
    return book.query(invoices.load_document, key)


def _pay(book: Book, document: Document) -> DocumentStatus:
    share = DocumentShare(document.id, document.amount_due)
    book.run(payments.note_payment, PaymentInput(1, 1, document.amount_due, TODAY, shares=(share,)))
    return book.query(invoices.load_view, document.id).row.status


def test_an_invoice_of_ten_francs_and_four_is_paid_with_ten_and_a_nickel(swiss: Book) -> None:
    document = _sell(swiss)
    assert (document.net.minor, document.tax.minor, document.total.minor) == (929, 75, 1004)
    assert (document.cash_rounding, document.amount_due) == (Money(1, "CHF"), Money(1005, "CHF"))
    assert _pay(swiss, document) is DocumentStatus.PAID
    assert swiss.query(balances, 1)[Account.ROUNDING.value] == -1
    assert swiss.query(invoices.recompute_and_compare, document.id).agrees


def test_the_rounding_stands_by_itself_on_page_and_workbook(swiss: Book, tmp_path: Path) -> None:
    bundle = swiss.query(delivery.load_bundle, [_sell(swiss).id])
    pdf, xlsx = delivery.export_documents(bundle, tmp_path / "out", ("pdf", "xlsx"), progress=Progress())
    page = texts_of(pdf.read_bytes())[0].replace("\u00a0", " ")
    assert "Rundung CHF 0.01" in page or "Rundung 0,01 CHF" in page
    book = Workbook(xlsx.read_bytes())
    sheet, cell = book.find("Rundung")
    assert book.value(sheet, f"H{cell[1:]}") == Decimal("0.01")


def test_taking_the_invoice_back_takes_the_rounding_back(swiss: Book) -> None:
    document = _sell(swiss)
    made = swiss.run(invoices.correct_document, document.id, "price").value
    credit = swiss.query(invoices.load_document, made.credit_note_id)
    assert (credit.total, credit.amount_due) == (Money(-1004, "CHF"), Money(-1005, "CHF"))
    draft = swiss.query(invoices.load_document, made.draft_id)
    assert draft.amount_due == Money(1005, "CHF")
    assert swiss.query(balances, 1).get(Account.ROUNDING.value, 0) == 0


def test_what_is_left_after_a_credit_is_rounded_anew_on_the_corrected_draft(swiss: Book) -> None:
    document = _sell(swiss)
    (line,) = document.lines
    issue(swiss, swiss.run(invoices.credit_document, document.id, "late", {line.id: Money(100, "CHF")}).value)
    made = swiss.run(invoices.correct_document, document.id, "price").value
    draft = swiss.query(invoices.load_document, made.draft_id)
    # 8.29 and 8.1 % of it are 8.96, paid with 8.95
    assert (draft.total, draft.amount_due) == (Money(896, "CHF"), Money(895, "CHF"))


def test_swedes_pay_whole_kronor(tmp_path: Path) -> None:
    with _a_book(tmp_path, "SEK", "SE", 100) as book:
        document = _sell(book, "SEK", replace(WORK, unit_price=Decimal("79.60")))
        assert (document.total, document.amount_due) == (Money(9950, "SEK"), Money(10000, "SEK"))
        assert _pay(book, document) is DocumentStatus.PAID


def test_an_invoice_in_another_currency_is_not_rounded(swiss: Book) -> None:
    swiss.run(set_rate, "CHF", date(2026, 1, 1), Decimal("0.95"))
    assert _sell(swiss, "EUR").cash_rounding is None


def test_a_company_that_rounds_tax_otherwise_now_still_proves_its_old_documents(swiss: Book) -> None:
    lines = tuple(replace(WORK, unit_price=Decimal("0.31")) for _number in range(3))
    key = swiss.run(invoices.create_draft, DraftInput(1, 1, "CHF", TODAY, lines)).value
    issue(swiss, key)
    # 8.1 % of 0.93 is 0.08; line by line it would be three times 0.03
    assert swiss.query(invoices.load_document, key).tax == Money(8, "CHF")
    company = swiss.query(entities.load_entity, 1)
    swiss.run(entities.change_entity, replace(company, tax_rounding=TaxRounding.PER_LINE))
    assert swiss.query(invoices.recompute_and_compare, key).agrees
