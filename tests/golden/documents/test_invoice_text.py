"""What people read on an invoice, whole, in each language; refresh with --snapshot-update and read the difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from syrupy.assertion import SnapshotAssertion

from billdesk.documents.pdf import render_invoice
from billdesk.domain.invoices import DiscountShown, Document, ExchangeRate
from billdesk.kernel.money import Money
from builders.invoices import REVERSE_CHARGE, VAT_6, a_credit_note, a_line, a_trace, an_invoice, lines_of
from builders.pdfs import texts_of


def a_full_invoice(language: str) -> Document:
    lines = (
        a_line(position=1, discount=1485, trace=a_trace()),
        a_line("Storage", position=2, quantity="12.5", unit_code="E34", unit_price=None, minor=98765, tax=VAT_6),
        a_line("Workshop", position=3, quantity="8", unit_code="HUR", unit_price="95", minor=76000, period=None),
    )
    discount = DiscountShown("10 %", Money(1485, "EUR"))
    document = an_invoice(lines=lines, language=language, discounts=(discount,), notes="Merci.", purchase_order="PO-7")
    return replace(document, credits_used=Money(5000, "EUR"), footer="Acacia, member of the cooperative.")


@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
def test_an_invoice_reads_right(language: str, snapshot: SnapshotAssertion) -> None:
    assert "\f".join(texts_of(render_invoice(a_full_invoice(language), explain=True))) == snapshot


@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
def test_a_credit_note_reads_right(language: str, snapshot: SnapshotAssertion) -> None:
    assert "\f".join(texts_of(render_invoice(a_credit_note(language=language)))) == snapshot


def test_a_reverse_charge_invoice_in_dollars_reads_right(snapshot: SnapshotAssertion) -> None:
    rate = ExchangeRate(Decimal("0.9213"), date(2026, 1, 30), "ECB")
    line = a_line(currency="USD", tax=REVERSE_CHARGE)
    assert "\f".join(texts_of(render_invoice(an_invoice(lines=(line,), rate=rate)))) == snapshot


def test_an_invoice_in_yen_reads_right(snapshot: SnapshotAssertion) -> None:
    rate = ExchangeRate(Decimal("0.006135"), date(2026, 1, 30), "ECB")
    document = an_invoice(lines=lines_of(3, currency="JPY"), rate=rate, language="de")
    assert "\f".join(texts_of(render_invoice(document))) == snapshot
