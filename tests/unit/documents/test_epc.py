from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from segno import helpers

from billdesk.documents.epc import epc_text
from billdesk.documents.pdf.payment import _matrix
from billdesk.domain.invoices import DocumentState
from builders.invoices import PAYMENT, a_credit_note, a_line, an_invoice


def test_an_invoice_in_euro_gives_the_guidelines_twelve_lines() -> None:
    assert epc_text(an_invoice()).split("\n") == [
        "BCD", "002", "1", "SCT", "KREDBEBB", "Acacia Cloud BV", "BE68539007547034", "EUR179.69", "", "",
        "+++090/9337/55493+++",
    ]  # fmt: skip


def test_the_printed_code_is_the_one_that_the_guideline_defines() -> None:
    drawn = _matrix(epc_text(an_invoice()))
    expected = helpers.make_epc_qr(
        name="Acacia Cloud BV",
        iban="BE68539007547034",
        amount=Decimal("179.69"),
        text="+++090/9337/55493+++",
        bic="KREDBEBB",
        encoding="utf-8",
    )
    assert drawn == tuple(expected.matrix)
    assert expected.designator == "6-M"


def test_an_iso_reference_has_a_field_of_its_own() -> None:
    invoice = an_invoice(payment=replace(PAYMENT, structured_reference="RF18 5390 0754 7034"))
    assert epc_text(invoice).split("\n")[9:] == ["RF18539007547034"]


def test_without_a_reference_the_number_is_the_text() -> None:
    invoice = an_invoice(payment=replace(PAYMENT, structured_reference="", account_name=""))
    assert epc_text(invoice).split("\n")[5] == "Acacia Cloud BV"
    assert epc_text(invoice).endswith("\n2026-00042")


def test_a_long_name_is_cut_at_seventy_characters() -> None:
    invoice = an_invoice(payment=replace(PAYMENT, account_name="é" * 90))
    assert epc_text(invoice).split("\n")[5] == "é" * 70


def test_there_is_no_code_where_it_could_not_be_used() -> None:
    no_iban = an_invoice(payment=replace(PAYMENT, iban="", account_number="123"))
    dollars = an_invoice(lines=(a_line(currency="USD"),))
    draft = an_invoice(state=DocumentState.DRAFT, number="")
    nothing_due = an_invoice(lines=(a_line(minor=0),))
    huge = an_invoice(lines=(a_line(minor=99_999_999_999),))
    for document in (no_iban, dollars, draft, nothing_due, huge, a_credit_note()):
        assert epc_text(document) == ""


def test_there_is_no_code_longer_than_the_guideline_allows() -> None:
    payment = replace(PAYMENT, account_name="€" * 70, structured_reference="€" * 140)
    assert epc_text(an_invoice(payment=payment)) == ""
