"""The journal entry of a step: double entry in the entity's currency, with realised exchange differences."""

from __future__ import annotations

from typing import Final

from billdesk.domain.ledger import Account, EntrySource, JournalEntry, Posting
from billdesk.domain.payments.positions import Positions
from billdesk.domain.payments.records import (
    Allocation,
    AllocationKind,
    LineBooking,
    Payment,
    PaymentMethod,
    SettlementKind,
    Step,
)
from billdesk.kernel.money import Money

_DIFFERENCES: Final = {
    AllocationKind.WRITE_OFF: Account.WRITE_OFF,
    AllocationKind.BANK_FEE: Account.BANK_FEES,
    AllocationKind.CASH_DISCOUNT: Account.CASH_DISCOUNT,
    AllocationKind.ROUNDING: Account.ROUNDING,
}
_SOURCES: Final = {
    SettlementKind.BALANCE: EntrySource.ALLOCATION,
    SettlementKind.OFFSET: EntrySource.ALLOCATION,
    SettlementKind.WRITE_OFF: EntrySource.ALLOCATION,
    SettlementKind.REVERSAL: EntrySource.REVERSAL,
}


class _Sheet:
    """Postings being gathered; equal accounts of one customer and currency become one line."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str, int | None], tuple[int, int]] = {}

    def add(self, account: str, local: int, original: Money, customer_id: int | None = None) -> None:
        key = (account, original.currency, customer_id)
        minor, before = self._lines.get(key, (0, 0))
        self._lines[key] = (minor + local, before + original.minor)

    @property
    def imbalance(self) -> int:
        return sum(minor for minor, _ in self._lines.values())

    def postings(self) -> tuple[Posting, ...]:
        return tuple(
            Posting(account, minor, original, currency, customer_id)
            for (account, currency, customer_id), (minor, original) in self._lines.items()
            if minor or original
        )


def post_step(positions: Positions, step: Step) -> JournalEntry:
    """Take a step on the desk: open amounts and rests move, and its balanced entry comes back.

    What remains between receivables, money and balances at their own rates is the realised exchange gain or
    loss; a reversal takes it back on the account where it was.
    """
    sheet = _Sheet()
    for payment in step.payments:
        _post_payment(positions, sheet, payment)
    for allocation in step.allocations:
        _post_allocation(positions, sheet, allocation)
    for booking in step.bookings:
        _post_booking(sheet, booking)
    settlement = step.settlement
    reversal = settlement.kind is SettlementKind.REVERSAL
    if sheet.imbalance:
        account = _exchange_account(sheet.imbalance, reversal=reversal)
        sheet.add(account, -sheet.imbalance, Money(-sheet.imbalance, positions.currency))
    return JournalEntry(
        entity_id=settlement.entity_id,
        posted_on=settlement.settled_on,
        source=_SOURCES.get(settlement.kind, EntrySource.PAYMENT),
        source_id=settlement.id,
        text=settlement.note or _numbers(positions, step),
        postings=sheet.postings(),
    )


def _numbers(positions: Positions, step: Step) -> str:
    ids = dict.fromkeys(row.document_id for row in step.allocations if row.document_id is not None)
    return ", ".join(positions.receivable(document_id).number for document_id in ids)


def _exchange_account(imbalance: int, *, reversal: bool) -> Account:
    # A surplus of debits needs a credit, which is a gain.
    return Account.EXCHANGE_GAIN if (imbalance > 0) is not reversal else Account.EXCHANGE_LOSS


def _post_payment(positions: Positions, sheet: _Sheet, payment: Payment) -> None:
    positions.add(payment)
    sheet.add(_money_account(payment), payment.local_minor, payment.amount)
    sheet.add(Account.CUSTOMER_BALANCE, -payment.local_minor, -payment.amount, payment.customer_id)


def _money_account(payment: Payment) -> Account:
    if payment.statement_line_id is not None:
        return Account.BANK
    # What the bank has not reported yet is in transit until its line is matched with the noted payment.
    return Account.CASH if payment.method is PaymentMethod.CASH else Account.CLEARING


def _post_allocation(positions: Positions, sheet: _Sheet, allocation: Allocation) -> None:
    if allocation.payment_id is not None:
        payment = positions.rest(allocation.payment_id)
        local = positions.spend(payment.payment_id, allocation.payment_minor)
        used = Money(allocation.payment_minor, payment.currency)
        sheet.add(Account.CUSTOMER_BALANCE, local, used, payment.customer_id)
    if allocation.target_payment_id is not None:
        target = positions.rest(allocation.target_payment_id)
        local = positions.spend(target.payment_id, -allocation.amount.minor)
        sheet.add(Account.CUSTOMER_BALANCE, local, -allocation.amount, target.customer_id)
    if allocation.document_id is not None:
        _post_document(positions, sheet, allocation, allocation.document_id)


def _post_document(positions: Positions, sheet: _Sheet, allocation: Allocation, document_id: int) -> None:
    customer_id = positions.receivable(document_id).customer_id
    local = positions.settle(document_id, allocation.amount)
    sheet.add(Account.RECEIVABLES, -local, -allocation.amount, customer_id)
    if allocation.kind in _DIFFERENCES:
        sheet.add(_DIFFERENCES[allocation.kind], local, allocation.amount)
    elif allocation.kind is AllocationKind.EXCHANGE:
        account = _exchange_account(-local, reversal=allocation.reverses_id is not None)
        sheet.add(account, local, allocation.amount)


def _post_booking(sheet: _Sheet, booking: LineBooking) -> None:
    sheet.add(Account.BANK, booking.local_minor, booking.amount)
    sheet.add(booking.account, -booking.local_minor, -booking.amount)
