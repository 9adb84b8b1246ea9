"""A customer's documents and payments at the domain's desk: every step is planned, posted and counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from billdesk.domain.billing.taxing import to_local
from billdesk.domain.invoices import ExchangeRate
from billdesk.domain.ledger import Account
from billdesk.domain.payments import (
    Allocation,
    Desk,
    DocumentShare,
    Incoming,
    Match,
    PaymentMethod,
    PaymentPast,
    Positions,
    Receivable,
    SettlementKind,
    Step,
    plan_balance,
    plan_offset,
    plan_receipt,
    plan_refund,
    plan_return,
    post_step,
)
from billdesk.kernel.money import Money
from vectors.found import NotCovered

DAY = date(2026, 3, 1)
CUSTOMER = 1


def a_receivable(number: int, minor: int, currency: str) -> Receivable:
    """Give an issued document of which nothing is settled; a credit note is negative."""
    return Receivable(number, str(number), 1, CUSTOMER, currency, DAY, minor, Decimal(1), minor)


def a_till(currency: str, documents: Iterable[Receivable]) -> Till:
    """Put documents on a desk."""
    known = list(documents)
    return Till(currency, Positions(currency, known), receivables=sum(one.open_minor for one in known))


@dataclass
class Till:
    """The documents and payments of one customer, and what the journal says of them."""

    currency: str
    positions: Positions
    steps: list[Step] = field(default_factory=list)
    receivables: int = 0

    @property
    def desk(self) -> Desk:
        now = datetime(2026, 3, 1, tzinfo=UTC)
        return Desk(1, self.currency, None, now, DAY, "Ann", lambda amount, _day: amount.minor)

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    def take(self, step: Step) -> Step:
        entry = post_step(self.positions, step)
        assert entry.is_balanced
        self.receivables += sum(one.minor for one in entry.postings if one.account == Account.RECEIVABLES)
        self.steps.append(step)
        return step

    def open(self, document: int) -> int:
        return self.positions.receivable(document).open_minor

    def rests(self) -> int:
        return sum(rest.rest_minor for rest in self.positions.all_rests_of(CUSTOMER, self.currency))

    def uses(self, payment: int) -> tuple[Allocation, ...]:
        rows = (row for step in self.steps for row in step.allocations)
        return tuple(row for row in rows if row.payment_id == payment and row.document_id is not None)

    def incoming(self, minor: int, line: int | None = None) -> Incoming:
        kind = SettlementKind.MATCH if line else SettlementKind.MANUAL
        return Incoming(self.money(minor), DAY, PaymentMethod.TRANSFER, kind, statement_line_id=line)

    def pay(self, invoice: int, minor: int) -> int:
        """Note a payment of an invoice; what it does not need is the customer's balance. Gives its id."""
        share = min(minor, self.open(invoice))
        shares = (DocumentShare(invoice, self.money(share)),) if share else ()
        match = Match(shares=shares, rest_to_customer_id=CUSTOMER)
        return self.take(plan_receipt(self.desk, self.positions, self.incoming(minor), match)).payments[0].id

    def offset(self, invoice: int, credit: int, most: int) -> int:
        """Use a credit note for an invoice, and give how much."""
        part = min(most, self.open(invoice), -self.open(credit))
        if part > 0:
            self.take(plan_offset(self.desk, self.positions, invoice, credit, self.money(part)))
        return max(part, 0)

    def use_balance(self, invoice: int, most: int) -> None:
        part = min(most, self.open(invoice), self.rests())
        if part > 0:
            self.take(plan_balance(self.desk, self.positions, invoice, self.money(part), DAY))

    def give_back(self, credit: int | None, payments: Iterable[int], minor: int) -> None:
        """Pay money back: what is open on the credit note first, the rest undoes the payment."""
        paid_out = min(minor, -self.open(credit)) if credit is not None else 0
        if paid_out and credit is not None:
            match = Match(shares=(DocumentShare(credit, self.money(-paid_out)),))
            self.take(plan_refund(self.desk, self.positions, self.incoming(-paid_out), match, CUSTOMER))
        self.return_payment(payments, minor - paid_out)

    def return_payment(self, payments: Iterable[int], minor: int) -> None:
        """Let money of payments go back, so that what they paid is open again."""
        for payment in payments:
            gone = sum(row.amount.minor for step in self.steps for row in step.payments if row.returns_id == payment)
            part = min(minor, self.positions.rest(payment).amount_minor + gone)
            if part > 0:
                past = PaymentPast(self.uses(payment), (), gone)
                match = Match(returns_id=payment)
                self.take(plan_return(self.desk, self.positions, self.incoming(-part, line=1), match, past))
                minor -= part
        if minor:
            raise NotCovered("more money goes back than was paid")


LATER = date(2026, 3, 20)


def exchange_gain(amount: Money, functional: str, before: Decimal, after: Decimal, *, is_refund: bool) -> Money:
    """Give the realised gain of an invoice paid at another rate, or of money paid back at another rate."""
    rates = {DAY: before, LATER: after}

    def worth(money: Money, day: date) -> int:
        return to_local(money, ExchangeRate(rates[day], day, ""), functional).minor

    now = datetime(2026, 3, 20, tzinfo=UTC)
    desk = Desk(1, functional, None, now, LATER, "Ann", worth)
    minor = amount.minor
    invoice = Receivable(1, "1", 1, CUSTOMER, amount.currency, DAY, minor, before, minor)
    positions = Positions(functional, [] if is_refund else [invoice])
    if is_refund:
        received = Incoming(amount, DAY, PaymentMethod.TRANSFER)
        post_step(positions, plan_receipt(desk, positions, received, Match(rest_to_customer_id=CUSTOMER)))
        step = plan_refund(desk, positions, Incoming(-amount, LATER, PaymentMethod.TRANSFER), Match(), CUSTOMER)
    else:
        match = Match(shares=(DocumentShare(1, amount),))
        step = plan_receipt(desk, positions, Incoming(amount, LATER, PaymentMethod.TRANSFER), match)
    postings = post_step(positions, step).postings
    exchange = {Account.EXCHANGE_GAIN, Account.EXCHANGE_LOSS}
    return Money(-sum(one.minor for one in postings if one.account in exchange), functional)
