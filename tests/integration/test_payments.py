from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billdesk.domain.payments import AllocationKind, DocumentShare, PaymentMethod
from billdesk.kernel.errors import NotFound, RuleBroken
from billdesk.services import payments
from billdesk.services.book import Book
from billdesk.services.ledger import check_ledger
from billdesk.services.payments import PaymentFilter, PaymentInput, PaymentSort
from billdesk.services.result import Result
from billdesk.storage.database import Db
from billdesk.storage.invoices.upkeep import mark_uncollectible
from builders.payments import LINDE, OKAPI, a_book, accounts, balance, eur, issue, opens, usd

MARCH_20 = date(2026, 3, 20)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        yield book
        assert book.query(check_ledger) == []
        assert book.query(payments.check_money) == []


def _cash(amount: str, *shares: DocumentShare) -> PaymentInput:
    return PaymentInput(1, LINDE, eur(amount), MARCH_20, PaymentMethod.CASH, shares)


def test_a_part_payment_leaves_the_rest_open(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("121.00")).value
    settled = book.run(payments.note_payment, _cash("21.00", DocumentShare(invoice, eur("21.00")))).value
    assert str(settled.documents[0].open) == "100.00 EUR"
    assert opens(book, invoice) == ["100.00 EUR"]
    assert accounts(book) == {"400000": 10000, "570000": 2100, "700000": -12100}


def test_an_overpayment_is_the_customers_balance_until_it_pays_the_next_invoice(book: Book) -> None:
    first = book.run(issue, "2026-1", eur("100.00")).value
    second = book.run(issue, "2026-2", eur("80.00")).value
    book.run(payments.note_payment, _cash("150.00", DocumentShare(first, eur("100.00"))))
    assert balance(book) == ["50.00 EUR"]
    book.run(payments.allocate_balance, second)
    assert opens(book, first, second) == ["0.00 EUR", "30.00 EUR"]
    assert balance(book) == []
    assert accounts(book) == {"400000": 3000, "570000": 15000, "700000": -18000}


def test_money_of_a_customer_or_for_an_account_that_does_not_exist_is_refused(book: Book) -> None:
    with pytest.raises(NotFound) as refused:
        book.run(payments.note_payment, replace(_cash("10.00"), customer_id=999))
    assert (refused.value.noun, refused.value.key) == ("customers", "999")
    for command in (payments.note_payment, payments.refund_customer):
        with pytest.raises(NotFound, match="banking"):
            book.run(command, replace(_cash("10.00"), bank_account_id=999))
    with pytest.raises(NotFound):
        book.run(payments.note_payment, replace(_cash("10.00"), entity_id=999))


def test_more_than_is_open_is_refused_with_both_amounts(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    with pytest.raises(RuleBroken) as refused:
        book.run(payments.note_payment, _cash("150.00", DocumentShare(invoice, eur("150.00"))))
    assert refused.value.rule == "more_than_open"
    assert dict(refused.value.details) == {"number": "2026-1", "amount": "150.00 EUR", "open": "100.00 EUR"}


def test_taking_back_a_payment_reopens_the_invoice_and_empties_the_balance(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    settled = book.run(payments.note_payment, _cash("150.00", DocumentShare(invoice, eur("100.00")))).value
    book.run(payments.take_back, settled.settlement_id)
    assert opens(book, invoice) == ["100.00 EUR"]
    assert balance(book) == []
    assert accounts(book) == {"400000": 10000, "700000": -10000}


def test_taking_back_a_payment_also_takes_back_what_its_balance_paid_later(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    settled = book.run(payments.note_payment, _cash("60.00")).value
    book.run(payments.allocate_balance, invoice)
    book.run(payments.take_back, settled.settlement_id)
    assert opens(book, invoice) == ["100.00 EUR"]
    assert balance(book) == []


def test_a_step_is_taken_back_only_once(book: Book) -> None:
    settled = book.run(payments.note_payment, _cash("60.00")).value
    book.run(payments.take_back, settled.settlement_id)
    with pytest.raises(RuleBroken, match="already_taken_back"):
        book.run(payments.take_back, settled.settlement_id)


def test_a_refund_empties_the_balance_and_never_goes_below_it(book: Book) -> None:
    book.run(payments.note_payment, _cash("60.00"))
    book.run(payments.refund_customer, _cash("45.00"))
    assert balance(book) == ["15.00 EUR"]
    with pytest.raises(RuleBroken) as refused:
        book.run(payments.refund_customer, _cash("20.00"))
    assert dict(refused.value.details) == {"missing": "5.00 EUR"}


def test_a_refund_can_pay_out_a_credit_note(book: Book) -> None:
    credit = book.run(issue, "CN2026-1", eur("-40.00")).value
    book.run(payments.refund_customer, _cash("40.00", DocumentShare(credit, eur("-40.00"))))
    assert opens(book, credit) == ["0.00 EUR"]
    assert accounts(book) == {"570000": -4000, "700000": 4000}


def test_a_credit_note_pays_a_part_of_an_invoice(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    credit = book.run(issue, "CN2026-1", eur("-40.00")).value
    book.run(payments.offset_credit_note, invoice, credit)
    assert opens(book, invoice, credit) == ["60.00 EUR", "0.00 EUR"]
    assert [line.credit_number for line in book.query(payments.list_document_settlements, invoice)] == ["CN2026-1"]


def test_a_write_off_closes_the_invoice_as_a_loss(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    book.run(payments.write_off, invoice, note="bankrupt")
    assert opens(book, invoice) == ["0.00 EUR"]
    assert accounts(book) == {"642000": 10000, "700000": -10000}


def test_part_payment_discount_and_write_off_go_in_one_step(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    shares = (
        DocumentShare(invoice, eur("90.00")),
        DocumentShare(invoice, eur("2.00"), AllocationKind.CASH_DISCOUNT),
        DocumentShare(invoice, eur("0.03"), AllocationKind.ROUNDING),
    )
    book.run(payments.note_payment, _cash("90.00", *shares))
    assert opens(book, invoice) == ["7.97 EUR"]
    assert accounts(book) == {"400000": 797, "570000": 9000, "657000": 200, "658000": 3, "700000": -10000}


def test_a_dollar_payment_at_a_better_rate_is_an_exchange_gain(book: Book) -> None:
    invoice = book.run(issue, "2026-1", usd("1000.00"), OKAPI).value  # 800.00 EUR at its frozen rate 0.8
    given = PaymentInput(
        1, OKAPI, usd("600.00"), MARCH_20, PaymentMethod.CASH, (DocumentShare(invoice, usd("600.00")),)
    )
    book.run(payments.note_payment, given)  # 600 ÷ 1.20 = 500.00 EUR for 480.00 EUR of receivables
    assert opens(book, invoice) == ["400.00 USD"]
    assert accounts(book) == {"400000": 32000, "570000": 50000, "700000": -80000, "754000": -2000}


def test_a_dollar_invoice_paid_in_euro_settles_it_and_books_the_loss(book: Book) -> None:
    invoice = book.run(issue, "2026-1", usd("1000.00"), OKAPI).value
    share = DocumentShare(invoice, usd("1000.00"), paid=eur("795.50"))
    book.run(payments.note_payment, PaymentInput(1, OKAPI, eur("795.50"), MARCH_20, PaymentMethod.CASH, (share,)))
    assert opens(book, invoice) == ["0.00 USD"]
    assert accounts(book) == {"570000": 79550, "654000": 450, "700000": -80000}


def test_taking_back_a_foreign_payment_leaves_no_exchange_difference(book: Book) -> None:
    invoice = book.run(issue, "2026-1", usd("1000.00"), OKAPI).value
    share = DocumentShare(invoice, usd("1000.00"), paid=eur("795.50"))
    given = PaymentInput(1, OKAPI, eur("795.50"), MARCH_20, PaymentMethod.CASH, (share,))
    book.run(payments.take_back, book.run(payments.note_payment, given).value.settlement_id)
    assert accounts(book) == {"400000": 80000, "700000": -80000}


def test_releasing_a_document_makes_its_money_the_customers_balance(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    credit = book.run(issue, "CN2026-1", eur("-40.00")).value
    book.run(payments.offset_credit_note, invoice, credit)
    book.run(payments.note_payment, _cash("60.00", DocumentShare(invoice, eur("60.00"))))
    book.run(payments.release_document, invoice)
    assert opens(book, invoice, credit) == ["100.00 EUR", "-40.00 EUR"]
    assert balance(book) == ["60.00 EUR"]


def test_credits_are_used_in_bulk_at_issue(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    credit = book.run(issue, "CN2026-1", eur("-40.00")).value
    book.run(payments.note_payment, _cash("25.00"))
    uses = [payments.CreditToUse(invoice, eur("40.00"), credit), payments.CreditToUse(invoice, eur("25.00"))]
    book.run(payments.use_credits, uses, MARCH_20)
    assert opens(book, invoice, credit) == ["35.00 EUR", "0.00 EUR"]


def test_the_list_of_payments_names_documents_and_hides_what_was_taken_back(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    book.run(payments.note_payment, _cash("60.00", DocumentShare(invoice, eur("50.00"))))
    wrong = book.run(payments.note_payment, _cash("7.00")).value
    book.run(payments.take_back, wrong.settlement_id)
    rows = book.query(payments.list_payments, PaymentFilter(text="linde"), sort=PaymentSort.AMOUNT)
    assert [(str(row.amount), str(row.rest), row.numbers) for row in rows] == [("60.00 EUR", "10.00 EUR", ("2026-1",))]
    sums = book.query(payments.sum_payments, PaymentFilter(with_rest=True))["EUR"]
    assert (sums.count, str(sums.amount), str(sums.rest)) == (1, "60.00 EUR", "10.00 EUR")


def test_a_payment_or_refund_is_more_than_nothing(book: Book) -> None:
    for command in (payments.note_payment, payments.refund_customer):
        with pytest.raises(RuleBroken, match="payment_not_positive"):
            book.run(command, _cash("-1.00"))


def test_an_amount_can_be_chosen_for_balance_and_offset(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    credit = book.run(issue, "CN2026-1", eur("-40.00")).value
    book.run(payments.note_payment, _cash("60.00"))
    book.run(payments.allocate_balance, invoice, eur("10.00"))
    book.run(payments.offset_credit_note, invoice, credit, eur("5.00"))
    assert opens(book, invoice, credit) == ["85.00 EUR", "-35.00 EUR"]


def test_without_balance_or_credits_there_is_nothing_to_use(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    with pytest.raises(RuleBroken, match="balance_too_small"):
        book.run(payments.allocate_balance, invoice)
    assert book.run(payments.use_credits, [], MARCH_20).value == ()
    assert book.run(payments.release_document, invoice).value is None
    with pytest.raises(NotFound):
        book.run(payments.allocate_balance, 99)
    with pytest.raises(NotFound):
        book.run(payments.take_back, 99)


def test_payments_are_filtered_by_customer_method_and_days(book: Book) -> None:
    book.run(payments.note_payment, _cash("60.00"))
    day = MARCH_20
    wanted = PaymentFilter("", 1, LINDE, "EUR", PaymentMethod.CASH, received_from=day, received_until=day)
    assert len(book.query(payments.list_payments, wanted)) == 1
    assert book.query(payments.list_payments, PaymentFilter(method=PaymentMethod.CARD)) == []


def test_a_write_off_that_is_taken_back_makes_an_uncollectible_invoice_open_again(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    settled = book.run(payments.write_off, invoice).value
    book.run(_give_up, invoice)
    book.run(payments.take_back, settled.settlement_id)
    assert opens(book, invoice) == ["100.00 EUR"]


def _give_up(db: Db, invoice: int) -> Result[None]:
    mark_uncollectible(db, invoice)
    return Result(None)
