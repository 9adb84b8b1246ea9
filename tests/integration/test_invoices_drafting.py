from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billdesk.domain.entities import Address
from billdesk.domain.invoices import DocumentKind, DocumentStatus
from billdesk.kernel.errors import InvalidValue, RuleBroken, StaleRecord
from billdesk.kernel.money import Money
from billdesk.services import customers, invoices, payments
from billdesk.services.book import Book
from billdesk.services.invoices import DocumentFilter, DraftInput, DraftLine
from billdesk.services.ledger import check_ledger
from billdesk.services.payments import DocumentShare, PaymentInput
from billdesk.services.taxes import seed_tax_rates
from builders.billing import FEBRUARY_1, a_book, a_draft, issue

MARCH_16 = date(2026, 3, 16)
WORK = DraftLine("Migration work", Decimal("7.5"), Decimal(120))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        book.run(seed_tax_rates)
        yield book
        assert book.query(check_ledger) == []


def _typed(*lines: DraftLine, kind: DocumentKind = DocumentKind.INVOICE) -> DraftInput:
    return DraftInput(1, 1, "EUR", MARCH_16, lines or (WORK,), kind)


def test_a_draft_shows_its_totals_before_it_is_stored(book: Book) -> None:
    shown = book.query(invoices.preview_draft, _typed())
    assert (shown.net.minor, shown.tax.minor, shown.total.minor) == (90000, 18900, 108900)
    assert book.query(invoices.count_documents, DocumentFilter()) == 0


def test_a_typed_draft_is_issued_like_any_other(book: Book) -> None:
    key = book.run(invoices.create_draft, _typed()).value
    assert issue(book, key).totals == (Money(108900, "EUR"),)
    assert book.query(invoices.recompute_and_compare, key).agrees


def test_a_discount_on_a_line_lowers_the_tax_base(book: Book) -> None:
    shown = book.query(invoices.preview_draft, _typed(replace(WORK, discount=Decimal(100))))
    assert (shown.net.minor, shown.tax.minor) == (80000, 16800)
    assert [discount.amount.minor for discount in shown.discounts] == [10000]


def test_a_change_of_somebody_else_is_not_overwritten(book: Book) -> None:
    key = book.run(invoices.create_draft, _typed()).value
    book.run(invoices.update_draft, key, 1, _typed(replace(WORK, quantity=Decimal(8))))
    with pytest.raises(StaleRecord):
        book.run(invoices.update_draft, key, 1, _typed())
    assert book.query(invoices.load_document, key).net == Money(96000, "EUR")


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        (_typed(replace(WORK, quantity=Decimal(0))), "draft_line_is_zero"),
        (_typed(replace(WORK, discount=Decimal(901))), "discount_exceeds_line"),
        (_typed(replace(WORK, quantity=Decimal(-1))), "invoice_negative"),
        (replace(_typed(), lines=()), "draft_without_lines"),
        (replace(_typed(), currency="USD"), "exchange_rate_missing"),
    ],
)
def test_impossible_drafts_are_refused_with_the_rule(book: Book, typed: DraftInput, rule: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        book.run(invoices.create_draft, typed)
    assert refused.value.rule == rule


def test_a_voided_draft_is_gone_and_takes_no_number(book: Book) -> None:
    book.run(invoices.void_drafts, [book.run(invoices.create_draft, _typed()).value])
    assert book.query(invoices.count_documents, DocumentFilter()) == 0
    assert issue(book, a_draft(book)).numbers == ("2026-00001",)


def test_correcting_makes_credit_note_and_new_draft_in_one_step(book: Book) -> None:
    issue(book, a_draft(book))
    made = book.run(invoices.correct_document, 1, "wrong address").value
    rows = {row.id: row for row in book.query(invoices.list_documents, DocumentFilter())}
    assert made.credit_note_number == "CN2026-00001"
    assert [rows[1].status, rows[made.credit_note_id].status] == [DocumentStatus.PAID, DocumentStatus.PAID]
    assert rows[made.credit_note_id].total == Money(-17969, "EUR")
    assert (rows[made.draft_id].status, rows[made.draft_id].total) == (DocumentStatus.DRAFT, Money(17969, "EUR"))


def test_the_credit_note_of_a_correction_names_the_invoice(book: Book) -> None:
    issue(book, a_draft(book))
    made = book.run(invoices.correct_document, 1, "wrong address").value
    credit = book.query(invoices.load_document, made.credit_note_id)
    assert (credit.corrects_numbers, credit.notes) == (("2026-00001",), "wrong address")
    assert book.query(invoices.recompute_and_compare, made.credit_note_id).agrees
    assert [one.number for one in book.query(invoices.load_view, 1).related] == ["CN2026-00001", ""]


def test_correcting_moves_the_payment_to_the_new_invoice(book: Book) -> None:
    issue(book, a_draft(book))
    share = DocumentShare(1, Money(17969, "EUR"))
    book.run(payments.note_payment, PaymentInput(1, 1, Money(17969, "EUR"), MARCH_16, shares=(share,)))
    made = book.run(invoices.correct_document, 1, "wrong address").value
    issue(book, made.draft_id)
    rows = book.query(invoices.list_documents, DocumentFilter())
    assert {row.status for row in rows} == {DocumentStatus.PAID}


def test_a_partial_credit_takes_money_off_one_line(book: Book) -> None:
    issue(book, a_draft(book))
    (line,) = book.query(invoices.load_document, 1).lines
    key = book.run(invoices.credit_document, 1, "late", {line.id: Money(5000, "EUR")}).value
    issue(book, key)
    assert book.query(invoices.load_document, key).total == Money(-6050, "EUR")
    assert book.query(invoices.recompute_and_compare, key).agrees


def test_more_than_is_left_of_a_line_cannot_be_credited(book: Book) -> None:
    issue(book, a_draft(book))
    (line,) = book.query(invoices.load_document, 1).lines
    issue(book, book.run(invoices.credit_document, 1, "late", {line.id: Money(10000, "EUR")}).value)
    with pytest.raises(InvalidValue) as refused:
        book.run(invoices.credit_document, 1, "again", {line.id: Money(4851, "EUR")})
    assert refused.value.problem.code == "more_than_left"
    assert dict(refused.value.problem.details) == {"left": "48.50 EUR"}


def test_what_was_credited_before_is_not_credited_again_by_a_correction(book: Book) -> None:
    issue(book, a_draft(book))
    (line,) = book.query(invoices.load_document, 1).lines
    issue(book, book.run(invoices.credit_document, 1, "late", {line.id: Money(10000, "EUR")}).value)
    made = book.run(invoices.correct_document, 1, "wrong address").value
    assert book.query(invoices.load_document, made.credit_note_id).net == Money(-4850, "EUR")


def test_an_uncollectible_invoice_is_written_off(book: Book) -> None:
    issue(book, a_draft(book))
    book.run(invoices.mark_uncollectible, 1, "bankrupt")
    (row,) = book.query(invoices.list_documents, DocumentFilter())
    assert (row.status, row.open.minor) == (DocumentStatus.UNCOLLECTIBLE, 0)


def test_a_credit_note_is_not_corrected(book: Book) -> None:
    issue(book, book.run(invoices.create_draft, _typed(kind=DocumentKind.CREDIT_NOTE)).value)
    with pytest.raises(RuleBroken) as refused:
        book.run(invoices.correct_document, 1, "why not")
    assert refused.value.rule == "only_invoices_corrected"


def test_the_memo_is_kept_and_guarded_by_its_version(book: Book) -> None:
    issue(book, a_draft(book, issue_date=FEBRUARY_1))
    book.run(invoices.change_memo, 1, "called them", 1)
    assert book.query(invoices.load_view, 1).memo == "called them"
    with pytest.raises(StaleRecord):
        book.run(invoices.change_memo, 1, "again", 1)


def _move(book: Book, **changes: Any) -> None:
    record = book.query(customers.load_customer, 1)
    book.run(customers.update_customer, replace(record, **changes))


def test_an_address_changed_before_issue_is_on_the_invoice(book: Book) -> None:
    key = book.run(invoices.create_draft, _typed()).value
    _move(book, legal_name="Brouwerij De Linde Groep NV")
    issue(book, key)
    assert book.query(invoices.load_document, key).buyer.name == "Brouwerij De Linde Groep NV"
    (row,) = book.query(invoices.list_documents, DocumentFilter(text="groep"))
    assert row.customer_name == "Brouwerij De Linde Groep NV"


def test_a_draft_whose_buyer_moved_abroad_is_not_issued_with_old_taxes(book: Book) -> None:
    key = book.run(invoices.create_draft, _typed()).value
    _move(book, address=Address("Dam 1", "", "1012", "Amsterdam", "", "NL"), tax_id="NL004495445B01")
    with pytest.raises(RuleBroken) as refused:
        issue(book, key)
    assert refused.value.rule == "draft_outdated"
    (line,) = book.query(invoices.load_document, key).lines
    book.run(invoices.update_draft, key, 1, _typed(replace(WORK, line_id=line.id)))
    issue(book, key)
    assert book.query(invoices.load_document, key).tax == Money(0, "EUR")


def test_a_correction_has_the_taxes_of_the_corrected_customer(book: Book) -> None:
    issue(book, a_draft(book))
    _move(book, address=Address("Dam 1", "", "1012", "Amsterdam", "", "NL"), tax_id="NL004495445B01")
    made = book.run(invoices.correct_document, 1, "wrong VAT number").value
    assert book.query(invoices.load_document, made.credit_note_id).total == Money(-17969, "EUR")
    again = book.query(invoices.load_document, made.draft_id)
    assert (again.total, again.taxes[0].tax.category.value) == (Money(14850, "EUR"), "AE")
