from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billdesk.documents.printed import Printed, grouped
from billdesk.domain.entities import Address
from billdesk.domain.invoices import DocumentState, ExchangeRate, LineTax, TaxCategory
from billdesk.kernel.period import Period
from builders.invoices import JANUARY, REVERSE_CHARGE, a_credit_note, a_line, an_invoice


@pytest.mark.parametrize(
    ("language", "invoice", "credit_note"),
    [
        ("en", "Invoice", "Credit note"),
        ("nl", "Factuur", "Creditnota"),
        ("fr", "Facture", "Note de crédit"),
        ("de", "Rechnung", "Gutschrift"),
    ],
)
def test_a_document_is_called_what_the_law_calls_it(language: str, invoice: str, credit_note: str) -> None:
    assert Printed.of(an_invoice(language=language)).title == invoice
    assert Printed.of(a_credit_note(language=language)).title == credit_note


def test_another_language_can_be_asked_for() -> None:
    assert Printed.of(an_invoice(language="nl"), "fr").title == "Facture"


def test_a_draft_says_so_in_its_title_and_tag() -> None:
    printed = Printed.of(an_invoice(state=DocumentState.DRAFT, number=""))
    assert (printed.full_title, printed.tag) == ("Invoice draft", "DRAFT")


def test_a_void_document_says_so() -> None:
    assert Printed.of(an_invoice(state=DocumentState.VOID, language="nl")).tag == "GEANNULEERD"


def test_a_credit_note_is_printed_positive() -> None:
    credit = a_credit_note()
    printed = Printed.of(credit)
    assert printed.money(credit.total) == "€179.69"
    assert printed.quantity(credit.lines[0]) == "3"


def test_a_charge_on_a_credit_note_is_printed_negative() -> None:
    charge = a_line(quantity="1", minor=5000)
    printed = Printed.of(a_credit_note(lines=(a_line(minor=-14850), charge)))
    assert (printed.amount(charge.amount), printed.quantity(charge)) == ("-50.00", "-1")


def test_a_credit_line_on_an_invoice_shows_a_negative_quantity() -> None:
    assert Printed.of(an_invoice()).quantity(a_line(quantity="3", minor=-14850)) == "-3"


@pytest.mark.parametrize(
    ("unit", "shown"),
    [("C62", "3"), ("HUR", "3 h"), ("E34", "3 GB"), ("DAY", "3 Tage"), ("MON", "3 Monate"), ("ANN", "3 Jahre")],
)
def test_a_quantity_has_its_unit(unit: str, shown: str) -> None:
    assert Printed.of(an_invoice(), "de").quantity(a_line(unit_code=unit)).replace("\u00a0", " ") == shown


def test_a_lines_period_is_printed_only_when_it_is_not_the_documents() -> None:
    printed = Printed.of(an_invoice())
    assert printed.line_details(a_line(period=JANUARY, details="note")) == "note"
    february = a_line(period=Period(date(2026, 2, 1), date(2026, 3, 1)), details="note")
    assert printed.line_details(february).replace("\u00a0", " ") == "1–28 Feb 2026 · note"


def test_a_part_of_a_period_says_how_many_days() -> None:
    line = replace(a_line(), days=15, of_days=31)
    assert Printed.of(an_invoice()).line_details(line) == "15 of 31 days"


def test_a_period_and_share_that_the_details_name_already_are_not_repeated() -> None:
    printed = Printed.of(an_invoice())
    details = "1–28\u2009Feb\u2009\u20092026 · 15 of 31 days · corrects 2026-00007"
    february = replace(a_line(details=details), period=Period(date(2026, 2, 1), date(2026, 3, 1)), days=15, of_days=31)
    assert printed.line_details(february) == details


def test_the_documents_own_period_is_taken_out_of_the_details() -> None:
    line = a_line(details="1–31 Jan 2026 · for Ann")
    assert Printed.of(an_invoice()).line_details(line) == "for Ann"


def test_a_graduated_line_has_no_unit_price() -> None:
    assert Printed.of(an_invoice()).unit_price(a_line(unit_price=None)) == ""


def test_what_is_outside_the_scope_of_vat_has_no_rate() -> None:
    line = a_line(tax=LineTax(TaxCategory.OUTSIDE, Decimal(0)))
    assert Printed.of(an_invoice()).tax_label(line) == "–"


def test_the_legal_text_of_a_zero_rate_is_printed_once() -> None:
    printed = Printed.of(an_invoice(lines=(a_line(tax=REVERSE_CHARGE), a_line(tax=REVERSE_CHARGE))))
    assert printed.legal_texts == [REVERSE_CHARGE.reason]


def test_foreign_currency_states_the_tax_in_the_sellers_with_rate_day_and_source() -> None:
    rate = ExchangeRate(Decimal("0.9213"), date(2026, 1, 30), "ECB")
    printed = Printed.of(an_invoice(lines=(a_line(currency="USD"),), rate=rate))
    assert printed.local_tax.replace("\u00a0", " ") == "VAT in EUR: €28.74 (1 USD = 0.9213 EUR, ECB, 30 Jan 2026)"


def test_the_own_currency_needs_no_second_tax() -> None:
    assert Printed.of(an_invoice()).local_tax == ""
    assert Printed.of(replace(an_invoice(), taxes=())).local_tax == ""


def test_an_address_names_a_foreign_country_in_the_documents_language() -> None:
    address = Address("1 Infinite Loop", "", "95014", "Cupertino", "CA", "US")
    printed = Printed.of(an_invoice(), "nl")
    assert printed.address_lines(address, home="BE") == ["1 Infinite Loop", "Cupertino CA 95014", "Verenigde Staten"]
    assert printed.address_lines(address, home="US")[-1] == "Cupertino CA 95014"


def test_an_iban_is_written_in_groups_of_four() -> None:
    assert grouped("BE68 539007547034") == "BE68\u00a05390\u00a00754\u00a07034"


def test_the_company_states_who_it_is() -> None:
    facts = Printed.of(an_invoice()).company_facts
    assert facts[0] == "Acacia Cloud BV"
    assert "VAT BE0417497106" in facts
    assert "Company number 0417.497.106" in facts


def test_a_company_without_numbers_or_account_states_only_its_name() -> None:
    document = an_invoice()
    bare = replace(document, seller=replace(document.seller, tax_id="", company_number="", address=Address()))
    facts = Printed.of(replace(bare, payment=replace(document.payment, iban=""))).company_facts
    assert facts == ["Acacia Cloud BV"]


def test_tax_inclusive_lines_are_recognised() -> None:
    line = replace(a_line(), included_tax=a_line().discount)
    assert Printed.of(an_invoice(lines=(line,))).is_tax_inclusive
    assert not Printed.of(an_invoice()).is_tax_inclusive
