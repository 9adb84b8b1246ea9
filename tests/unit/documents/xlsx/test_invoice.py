"""The formulas of an invoice workbook, computed exactly by an interpreter of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from billdesk.documents.xlsx import invoice_workbook
from billdesk.domain.explain import Step, StepKind, Trace, recompute
from billdesk.domain.invoices import DiscountShown, Document, ExchangeRate, LineKind, TaxPart
from billdesk.kernel.money import Money
from builders.invoices import VAT_6, VAT_21, a_credit_note, a_line, a_trace, an_invoice
from builders.workbooks import Workbook

MATCHES = "The formulas match the document"
K = StepKind


def trace(*steps: tuple[StepKind, Mapping[str, str]]) -> Trace:
    return Trace(tuple(Step(kind, values) for kind, values in steps))


def verdict(document: Document) -> str:
    book = Workbook(invoice_workbook(document))
    sheet = book.sheet_names[0]
    last = book.book[sheet].max_row
    return str(book.value(sheet, f"B{last}"))


def beside(book: Workbook, label: str, column: str) -> Fraction:
    sheet, cell = book.find(label)
    value = book.value(sheet, column + cell[1:])
    assert isinstance(value, Fraction)
    return value


def test_an_invoice_with_two_rates_and_a_discount_computes_itself() -> None:
    lines = (
        a_line(position=1, discount=1485, trace=a_trace()),
        a_line("Storage", position=2, quantity="12.5", unit_price=None, minor=98765, tax=VAT_6),
    )
    document = an_invoice(lines=lines, discounts=(DiscountShown("Loyalty 10 %", Money(1485, "EUR")),))
    book = Workbook(invoice_workbook(document))
    assert beside(book, "Total incl. VAT", "H") == Fraction("1208.63")  # 133.65 + 987.65 + 28.07 + 59.26
    assert beside(book, "Amount due", "H") == Fraction("1208.63")
    assert verdict(document) == MATCHES


def test_a_document_that_does_not_add_up_is_exposed() -> None:
    document = an_invoice(lines=(a_line(trace=a_trace()),))
    wrong = replace(document, total=document.total + Money(1, "EUR"))
    assert verdict(wrong) == "The formulas do not match the document"


def test_a_credit_note_is_positive_and_matches() -> None:
    credited = trace((K.CREDIT, {"billed": "148.5", "left": "148.5", "document": "2026-00042"}))
    line = a_line(quantity="-3", minor=-14850, kind=LineKind.CREDIT, trace=credited)
    document = a_credit_note(lines=(line,))
    assert beside(Workbook(invoice_workbook(document)), "Total incl. VAT", "H") == Fraction("179.69")
    assert verdict(document) == MATCHES


def test_credits_and_rounding_lead_to_the_amount_due() -> None:
    document = replace(an_invoice(), credits_used=Money(10000, "EUR"), cash_rounding=Money(1, "EUR"))
    assert beside(Workbook(invoice_workbook(document)), "Amount due", "H") == Fraction("79.70")
    assert verdict(document) == MATCHES


def test_tax_that_does_not_follow_from_its_base_is_taken_as_it_is() -> None:
    document = an_invoice(lines=(a_line(minor=14850),))
    per_line = replace(document.taxes[0], amount=Money(3118, "EUR"))
    document = replace(document, taxes=(per_line,), tax=Money(3118, "EUR"), total=Money(17968, "EUR"))
    assert verdict(document) == MATCHES


def test_a_rate_that_authorities_share_shows_each_part_beside_the_sum() -> None:
    parts = (TaxPart("State", Decimal("6.25"), Money(928, "USD")), TaxPart("City", Decimal("0.75"), Money(112, "USD")))
    line = a_line(currency="USD", tax=replace(VAT_21, percent=Decimal(7), parts=parts))
    document = an_invoice(lines=(line,), rate=ExchangeRate(Decimal("0.9213"), date(2026, 1, 30), "manual"))
    book = Workbook(invoice_workbook(document))
    assert (beside(book, "    State", "J"), beside(book, "    City", "J")) == (Fraction("9.28"), Fraction("1.12"))
    assert verdict(document) == MATCHES
    texts = [str(cell.value) for row in book.book.worksheets[0].iter_rows() for cell in row]
    assert any("rate set by the seller, 30\u00a0Jan\u00a02026" in text for text in texts)


def test_the_customers_number_stands_under_its_name() -> None:
    book = Workbook(invoice_workbook(an_invoice(language="nl")))
    assert book.value(book.sheet_names[0], "B4") == "K0042"
    assert book.value(book.sheet_names[0], "A4") == "Klantnummer"


def test_a_currency_without_decimals_is_rounded_to_whole_units() -> None:
    document = an_invoice(lines=(a_line(currency="JPY", minor=333, tax=VAT_21),))
    assert beside(Workbook(invoice_workbook(document)), "Total incl. VAT", "H") == Fraction(403)
    assert verdict(document) == MATCHES


def test_a_line_whose_tax_group_was_merged_is_tied_to_it_by_rate() -> None:
    line = a_line(tax=replace(VAT_21, country="BE"))
    document = an_invoice(lines=(line,))
    merged = replace(document.taxes[0], tax=VAT_21)
    assert verdict(replace(document, taxes=(merged,))) == MATCHES


FULL: tuple[StepKind, Mapping[str, str]] = (K.FULL, {})
ROUND: tuple[StepKind, Mapping[str, str]] = (K.ROUND, {})
THIRD = (K.PRORATE, {"days": "1", "of": "3"})
PART = (K.PART, {"quantity": "7", "unit_price": "33.333", "flat": "1.5", "tier": "0–100"})
TRACES = {
    "tiers": trace(PART, (K.PART, {"quantity": "2.5", "unit_price": "0.000125"}), FULL, ROUND),
    "no rounding step": trace(PART, FULL),
    "part of a period": trace(PART, FULL, (K.PRORATE, {"days": "10", "of": "31"}), ROUND),
    "percentage": trace((K.PERCENT, {"value": "1234.56", "rate": "2.9", "count": "12", "fixed": "0.25"}), FULL),
    "given by events": trace((K.GIVEN, {"given": "12.345"}), FULL, ROUND),
    "change of terms": trace(PART, FULL, (K.PART, {"quantity": "3", "unit_price": "33.333"}), (K.LESS, {}), ROUND),
    "two slices": trace(PART, FULL, THIRD, PART, FULL, (K.PRORATE, {"days": "1", "of": "7"})),
    "conversion": trace(PART, FULL, (K.CONVERT, {"rate": "0.921345"}), ROUND),
    "run of slices": trace(PART, FULL, (K.PRORATE, {"days": "10", "of": "31"}), (K.RUNNING, {"carry": "1/300"})),
    "minimum": trace(PART, FULL, ROUND, (K.LIMIT, {"limit": "minimum", "base": "200"})),
    "minimum not reached": trace((K.GIVEN, {"given": "300"}), FULL, (K.LIMIT, {"limit": "minimum", "base": "200"})),
    "maximum": trace(PART, FULL, (K.LIMIT, {"limit": "maximum", "base": "400"})),
    "billed before": trace(PART, FULL, ROUND, (K.BILLED, {"billed": "200.01"})),
    "credit": trace(PART, FULL, THIRD, (K.CREDIT, {"billed": "234.83", "left": "1000"})),
    "credit of what is left": trace((K.CREDIT, {"billed": "234.83", "left": "100"})),
    "credit of a negative line": trace((K.CREDIT, {"billed": "-50", "left": "-20"})),
    "long quantity": trace((K.PART, {"quantity": "1234567890123.456789", "unit_price": "0.01"}), FULL, ROUND),
    "nothing": trace((K.QUANTITY, {"quantity": "0", "source": "usage", "metric": "api", "events": "0"}), FULL),
    "prorate without a term": trace((K.PRORATE, {"days": "1", "of": "2"})),
}  # fmt: skip


@pytest.mark.parametrize("name", TRACES)
def test_the_steps_of_every_kind_compute_the_lines_amount(name: str) -> None:
    amount = recompute(TRACES[name], "EUR")
    line = a_line(minor=amount.minor, trace=TRACES[name], unit_price=None)
    book = Workbook(invoice_workbook(an_invoice(lines=(line,))))
    assert book.value(book.sheet_names[0], "H10") == Fraction(amount.major)
    assert verdict(an_invoice(lines=(line,))) == MATCHES


def test_every_formula_of_a_workbook_can_be_computed() -> None:
    book = Workbook(invoice_workbook(an_invoice()))
    assert all(isinstance(book.value(*place), Fraction | str) for place in book.formulas())


def test_a_description_that_looks_like_a_formula_is_a_text() -> None:
    document = an_invoice(lines=(a_line("=1+1", details="@x", trace=a_trace()),))
    book = Workbook(invoice_workbook(document)).book
    assert [book.worksheets[0][cell].data_type for cell in ("B10", "C10")] == ["s", "s"]
    assert book.worksheets[1]["B2"].data_type == "s"


def test_the_workbook_is_in_the_customers_language() -> None:
    book = Workbook(invoice_workbook(an_invoice(language="nl")))
    assert book.sheet_names == ["Factuur 2026-00042", "Berekening"]
    assert beside(book, "Totaal incl. btw", "H") == Fraction(Decimal("179.69"))


def test_excel_is_told_to_compute_on_opening() -> None:
    assert Workbook(invoice_workbook(an_invoice())).book.calculation.fullCalcOnLoad


def test_the_same_document_gives_the_same_bytes() -> None:
    assert invoice_workbook(an_invoice()) == invoice_workbook(an_invoice())
