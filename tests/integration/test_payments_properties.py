"""Whatever people do with money, in any order, documents, payments, bank lines and ledger agree."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billdesk.domain.payments import AllocationKind, DocumentShare, LineState, Match, PaymentMethod
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import banking, payments, receivables
from billdesk.services.banking import LineFilter
from billdesk.services.book import Book
from billdesk.services.ledger import check_ledger
from billdesk.services.payments import PaymentFilter, PaymentInput
from billdesk.services.receivables import ReceivablesFilter
from billdesk.storage.invoices import open_items
from builders.banking import a_line, take_in
from builders.payments import BAKKER, LINDE, OKAPI, a_book, accounts, issue

FOREVER = date(2030, 1, 1)


class Desk:
    """A bookkeeper who does anything that is possible, and some things that are not."""

    def __init__(self, book: Book, dice: Random) -> None:
        self.book, self.dice, self.numbers = book, dice, 0
        self.settlements: list[int] = []

    def act(self) -> None:
        steps: tuple[Callable[[], None], ...] = (
            self.issue, self.line, self.match, self.match, self.part, self.unmatch, self.note, self.refund,
            self.balance, self.offset, self.write_off, self.take_back, self.release, self.bounce, self.bulk,
        )  # fmt: skip
        step = self.dice.choice(steps)
        with suppress(RuleBroken):
            step()

    def _amount(self, currency: str) -> Money:
        return Money(self.dice.choice((100, 333, 1000, 2599)), currency)

    def issue(self) -> None:
        self.numbers += 1
        currency, customer = self.dice.choice((("EUR", LINDE), ("EUR", BAKKER), ("USD", OKAPI), ("USD", LINDE)))
        amount = self._amount(currency)
        self.book.run(issue, f"2026-{self.numbers:05}", amount if self.dice.random() < 0.75 else -amount, customer)

    def line(self) -> None:
        self.numbers += 1
        day = date(2026, 3, self.dice.randint(1, 31))
        named = f"payment {self.numbers} for 2026-{self.dice.randint(1, 9):05}"
        sign = self.dice.choice(("", "", "-"))
        take_in(self.book, a_line(f"{sign}{self._amount('EUR').major}", named, day=day, return_reason="MS03"))

    def _line(self, state: LineState) -> int:
        rows = self.book.query(banking.list_lines, LineFilter(states=frozenset({state})))
        if not rows:
            raise RuleBroken("no line")
        return self.dice.choice(rows).id

    def match(self) -> None:
        line = self._line(LineState.OPEN)
        proposals = self.book.query(banking.propose_matches, [line]).get(line, ())
        match = self.dice.choice(proposals).match if proposals else Match(rest_to_customer_id=LINDE)
        self.book.run(banking.accept_match, line, match)

    def part(self) -> None:
        line, document = self._line(LineState.OPEN), self._document()
        amount = self.book.query(banking.load_line, line).line.line.amount
        foreign = document[1].currency != amount.currency
        share = DocumentShare(document[0], self._some(document[1]), paid=amount if foreign else None)
        fee = DocumentShare(document[0], self._some(document[1]), self.dice.choice(tuple(AllocationKind)))
        customer = self.dice.choice((LINDE, BAKKER, OKAPI))
        self.book.run(banking.accept_match, line, Match((share, fee), rest_to_customer_id=customer))

    def _some(self, amount: Money) -> Money:
        return Money(amount.minor // self.dice.randint(1, 3), amount.currency)

    def _document(self, *, credit: bool | None = None) -> tuple[int, Money]:
        items = self.book.query(open_items, entity_id=1)
        fitting = [item for item in items if credit is None or (item.open.minor < 0) is credit]
        if not fitting:
            raise RuleBroken("no document")
        item = self.dice.choice(fitting)
        return item.document_id, item.open

    def unmatch(self) -> None:
        self.book.run(banking.unmatch, self._line(LineState.MATCHED))

    def bounce(self) -> None:
        line = self._line(LineState.OPEN)
        rows = self.book.query(payments.list_payments, PaymentFilter())
        self.book.run(banking.accept_match, line, Match(returns_id=self.dice.choice(rows).id if rows else None))

    def bulk(self) -> None:
        self.book.run(banking.accept_unique_matches, progress=Progress())

    def note(self) -> None:
        currency = self.dice.choice(("EUR", "USD"))
        given = PaymentInput(1, LINDE, self._amount(currency), date(2026, 3, 9), PaymentMethod.CARD)
        self.settlements.append(self.book.run(payments.note_payment, given).value.settlement_id)

    def refund(self) -> None:
        given = PaymentInput(1, LINDE, self._amount("EUR"), date(2026, 3, 9), PaymentMethod.CASH)
        self.settlements.append(self.book.run(payments.refund_customer, given).value.settlement_id)

    def balance(self) -> None:
        self.settlements.append(self.book.run(payments.allocate_balance, self._document()[0]).value.settlement_id)

    def offset(self) -> None:
        invoice, credit = self._document(credit=False)[0], self._document(credit=True)[0]
        self.settlements.append(self.book.run(payments.offset_credit_note, invoice, credit).value.settlement_id)

    def write_off(self) -> None:
        document, amount = self._document()
        done = self.book.run(payments.write_off, document, self._some(amount), kind=AllocationKind.EXCHANGE)
        self.settlements.append(done.value.settlement_id)

    def take_back(self) -> None:
        if self.settlements:
            self.book.run(payments.take_back, self.dice.choice(self.settlements))

    def release(self) -> None:
        self.book.run(payments.release_document, self._document()[0])


def _agree(book: Book) -> None:
    assert book.query(payments.check_money) == []
    assert book.query(check_ledger) == []
    for customer in (LINDE, BAKKER, OKAPI):
        for currency in ("EUR", "USD"):
            account = book.query(receivables.load_statement_of_account, customer, currency, FOREVER, FOREVER)
            wanted = ReceivablesFilter(FOREVER, customer_id=customer, currency=currency)
            ageing = book.query(receivables.sum_ageing, wanted).get(currency)
            assert account.closing == (ageing.total if ageing else Money(0, currency))


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_whatever_is_done_with_money_everything_agrees(seed: int) -> None:
    with TemporaryDirectory() as folder, a_book(Path(folder)) as book:
        desk = Desk(book, Random(seed))
        for _step in range(40):
            desk.act()
        _agree(book)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_unmatching_every_line_leaves_bank_and_balances_empty(seed: int) -> None:
    with TemporaryDirectory() as folder, a_book(Path(folder)) as book:
        desk = Desk(book, Random(seed))
        for _step in range(25):
            desk.dice.choice((desk.issue, desk.line, desk.line, desk.bulk))()
        for _round in range(5):  # a payment that bounced is free once its return is
            for row in book.query(banking.list_lines, LineFilter(states=frozenset({LineState.MATCHED}))):
                with suppress(RuleBroken):
                    book.run(banking.unmatch, row.id)
        _agree(book)
        assert accounts(book).get("550000", 0) == accounts(book).get("460000", 0) == 0
