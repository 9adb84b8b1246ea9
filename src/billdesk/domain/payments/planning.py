"""Steps that settle: what each kind of step writes, and the rules that refuse one before anything is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NoReturn

from billdesk.domain.ledger import Account
from billdesk.domain.payments.positions import Positions
from billdesk.domain.payments.records import (
    Allocation,
    AllocationKind,
    LineBooking,
    Payment,
    PaymentPast,
    PaymentRest,
    Settlement,
    SettlementKind,
    Step,
)
from billdesk.domain.payments.requests import Desk, DocumentShare, Incoming, Match
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money


def plan_receipt(desk: Desk, positions: Positions, incoming: Incoming, match: Match) -> Step:
    """Use one bank line or noted payment for documents, accounts, noted payments and a customer's balance.

    Raises RuleBroken when something remains without an owner, or a document would be settled beyond what is open.
    """
    draft = _Draft(desk, positions, incoming.kind, incoming.day)
    draft.line_id, draft.note = incoming.statement_line_id, match.note
    _check_shares(desk, positions, match.shares, incoming.amount.currency)
    amounts = _amount_per_customer(positions, match, incoming)
    payments = {customer: draft.pay(customer, money, incoming) for customer, money in amounts.items() if money}
    for share in match.shares:
        payer = payments.get(positions.receivable(share.document_id).customer_id)
        draft.settle(share, payer)
    _book_accounts(draft, positions, incoming, match)
    _net_out(draft)
    return draft.step()


def plan_return(desk: Desk, positions: Positions, incoming: Incoming, match: Match, past: PaymentPast) -> Step:
    """Take back an earlier payment that bounced, or a part: its documents are open again, its unused rest is gone.

    What the bank charges on top must be a share of the accounts.
    """
    draft = _Draft(desk, positions, incoming.kind, incoming.day)
    draft.line_id, draft.note = incoming.statement_line_id, match.note
    original = positions.rest(_required(match.returns_id))
    came_back = incoming.amount.minor - sum(share.amount.minor for share in match.accounts)
    left = original.amount_minor + past.returned_minor
    if _nearer_zero(-came_back, left) != -came_back or came_back == 0:
        _refuse("return_not_payment", returned=Money(came_back, original.currency), payment=_amount(original))
    money = Money(came_back, original.currency)
    payment = draft.pay(original.customer_id, money, incoming, returns_id=original.payment_id)
    _book_accounts(draft, positions, incoming, match)
    still = _take_rest(draft, positions, payment, original.payment_id)
    _take_documents(draft, payment, still, past.uses)
    if came_back == -original.amount_minor:
        _take_differences(draft, past.differences)
    _net_out(draft)
    return draft.step()


def plan_refund(desk: Desk, positions: Positions, incoming: Incoming, match: Match, customer_id: int) -> Step:
    """Give money back to a customer (a negative amount): from credit notes in `match`, else from the balance."""
    draft = _Draft(desk, positions, SettlementKind.REFUND, incoming.day)
    draft.note = match.note
    _check_shares(desk, positions, match.shares, incoming.amount.currency)
    payment = draft.pay(customer_id, incoming.amount, incoming)
    for share in match.shares:
        draft.settle(share, payment)
    missing = _use_opposite_rests(draft, positions, payment)
    if missing:
        _refuse("refund_more_than_balance", missing=Money(abs(missing), incoming.amount.currency))
    return draft.step()


def plan_balance(desk: Desk, positions: Positions, document_id: int, amount: Money, day: date) -> Step:
    """Settle a document from what its customer has left of earlier payments, oldest first."""
    draft = _Draft(desk, positions, SettlementKind.BALANCE, day)
    _check_shares(desk, positions, (DocumentShare(document_id, amount),), amount.currency)
    customer_id = positions.receivable(document_id).customer_id
    missing = amount.minor
    for rest in positions.rests_of(customer_id, amount.currency, positive=amount.minor > 0):
        part = _nearer_zero(missing, rest.rest_minor)
        if part:
            draft.allocate(AllocationKind.PAYMENT, Money(part, amount.currency), document_id, (rest.payment_id, part))
            missing -= part
    if missing:
        _refuse("balance_too_small", missing=Money(missing, amount.currency))
    return draft.step()


def plan_offset(
    desk: Desk, positions: Positions, invoice_id: int, credit_id: int, amount: Money, *, day: date | None = None
) -> Step:
    """Use a credit note for an invoice of the same customer and currency."""
    draft = _Draft(desk, positions, SettlementKind.OFFSET, day or desk.today)
    invoice, credit = positions.receivable(invoice_id), positions.receivable(credit_id)
    if (invoice.customer_id, invoice.currency) != (credit.customer_id, credit.currency):
        _refuse("offset_not_same", invoice=invoice.number, credit_note=credit.number)
    shares = (DocumentShare(invoice_id, amount), DocumentShare(credit_id, -amount))
    _check_shares(desk, positions, shares, amount.currency)
    for share, other in zip(shares, (credit_id, invoice_id), strict=True):
        draft.allocate(AllocationKind.CREDIT_NOTE, share.amount, share.document_id, credit_id=other)
    return draft.step()


def plan_write_off(desk: Desk, positions: Positions, share: DocumentShare, day: date) -> Step:
    """Settle a part of a document without money: write-off, fee, discount, exchange or rounding difference."""
    draft = _Draft(desk, positions, SettlementKind.WRITE_OFF, day)
    if share.kind in {AllocationKind.PAYMENT, AllocationKind.CREDIT_NOTE}:
        _refuse("write_off_kind", kind=share.kind)
    _check_shares(desk, positions, (share,), share.amount.currency)
    draft.settle(share, None)
    return draft.step()


def plan_reversal(desk: Desk, positions: Positions, step: Step, *, later: Sequence[Allocation] = ()) -> Step:
    """Take a step back as a whole: every row again with the other sign; nothing is deleted.

    `step` holds only what was not taken back before; `later` are live allocations that other steps made from its
    payments, which fall with them. The reversal counts on the day of the step unless the books are closed there.
    """
    draft = _Draft(desk, positions, SettlementKind.REVERSAL, step.settlement.settled_on)
    draft.line_id, draft.reverses_id = step.settlement.statement_line_id, step.settlement.id
    for payment in step.payments:
        draft.payments.append(
            replace(
                payment,
                id=positions.new_id(),
                settlement_id=draft.id,
                amount=-payment.amount,
                local_minor=-payment.local_minor,
                returns_id=None,
                reverses_id=payment.id,
            )
        )
    draft.allocations.extend(draft.negated(allocation) for allocation in (*later, *step.allocations))
    _check_bounds(positions, draft.allocations)
    for payment, opposite in zip(step.payments, draft.payments, strict=True):
        draft.move(payment.id, opposite.id, payment.amount)
    draft.bookings.extend(
        replace(
            booking,
            id=positions.new_id(),
            settlement_id=draft.id,
            amount=-booking.amount,
            local_minor=-booking.local_minor,
            reverses_id=booking.id,
        )
        for booking in step.bookings
    )
    _net_out(draft)
    return draft.step()


def plan_release(desk: Desk, positions: Positions, allocations: Sequence[Allocation], day: date) -> Step:
    """Take back what settled a document, and nothing else of those steps: the money becomes the customer's balance."""
    draft = _Draft(desk, positions, SettlementKind.REVERSAL, day)
    draft.allocations.extend(draft.negated(allocation) for allocation in allocations)
    _check_bounds(positions, draft.allocations)
    _net_out(draft)
    return draft.step()


class _Draft:
    """A step being put together; its rows get provisional ids."""

    def __init__(self, desk: Desk, positions: Positions, kind: SettlementKind, day: date) -> None:
        self.desk, self.positions, self.kind, self.note = desk, positions, kind, ""
        self.id = positions.new_id()
        self.line_id: int | None = None
        self.reverses_id: int | None = None
        # What falls in a closed period is booked on the first open day.
        self.day = day if desk.lock_date is None else max(day, desk.lock_date + timedelta(days=1))
        self.payments: list[Payment] = []
        self.allocations: list[Allocation] = []
        self.bookings: list[LineBooking] = []

    def pay(self, customer_id: int, amount: Money, incoming: Incoming, *, returns_id: int | None = None) -> Payment:
        payment = Payment(
            id=self.positions.new_id(),
            settlement_id=self.id,
            entity_id=self.desk.entity_id,
            customer_id=customer_id,
            received_on=incoming.day,
            amount=amount,
            local_minor=self.desk.to_local(amount, incoming.day),
            method=incoming.method,
            bank_account_id=incoming.bank_account_id,
            statement_line_id=incoming.statement_line_id,
            reference=incoming.reference,
            note=self.note,
            returns_id=returns_id,
        )
        self.payments.append(payment)
        return payment

    def settle(self, share: DocumentShare, payment: Payment | None) -> None:
        source = None
        if share.kind is AllocationKind.PAYMENT and payment is not None:
            source = (payment.id, (share.paid or share.amount).minor)
        self.allocate(share.kind, share.amount, share.document_id, source, note=share.note)

    def allocate(
        self,
        kind: AllocationKind,
        amount: Money,
        document_id: int,
        source: tuple[int, int] | None = None,
        *,
        credit_id: int | None = None,
        note: str = "",
    ) -> None:
        payment_id, payment_minor = source or (None, 0)
        row = Allocation(
            self.positions.new_id(),
            self.id,
            kind,
            amount,
            self.day,
            document_id=document_id,
            payment_id=payment_id,
            payment_minor=payment_minor,
            credit_document_id=credit_id,
            note=note,
        )
        self.allocations.append(row)

    def move(self, payment_id: int, target_id: int, amount: Money) -> None:
        row = Allocation(
            self.positions.new_id(),
            self.id,
            AllocationKind.PAYMENT,
            amount,
            self.day,
            payment_id=payment_id,
            payment_minor=amount.minor,
            target_payment_id=target_id,
        )
        self.allocations.append(row)

    def book(self, account: str, amount: Money, local: int, *, payment_id: int | None = None, text: str = "") -> None:
        line_id = _required(self.line_id)
        row_id = self.positions.new_id()
        self.bookings.append(
            LineBooking(row_id, self.id, line_id, account, amount, local, payment_id=payment_id, text=text)
        )

    def negated(self, allocation: Allocation) -> Allocation:
        return replace(
            allocation,
            id=self.positions.new_id(),
            settlement_id=self.id,
            amount=-allocation.amount,
            payment_minor=-allocation.payment_minor,
            allocated_on=self.day,
            reverses_id=allocation.id,
        )

    def step(self) -> Step:
        settlement = Settlement(
            id=self.id,
            entity_id=self.desk.entity_id,
            kind=self.kind,
            settled_on=self.day,
            made_at=self.desk.now,
            made_by=self.desk.user,
            statement_line_id=self.line_id,
            reverses_id=self.reverses_id,
            note=self.note,
        )
        return Step(settlement, tuple(self.payments), tuple(self.allocations), tuple(self.bookings))


def _check_shares(desk: Desk, positions: Positions, shares: Iterable[DocumentShare], currency: str) -> None:
    planned: Counter[int] = Counter()
    for share in shares:
        document = positions.receivable(share.document_id)
        still_open = Money(document.open_minor - planned[share.document_id], document.currency)
        if not document.is_issued:
            _refuse("document_not_issued", number=document.number or str(document.document_id))
        if document.entity_id != desk.entity_id:
            _refuse("other_entity", number=document.number)
        if share.kind is AllocationKind.CREDIT_NOTE:
            _refuse("share_is_credit_note", number=document.number)
        if share.amount.currency != document.currency:
            _refuse("share_wrong_currency", number=document.number, currency=document.currency)
        if _paid(share).currency != currency and share.kind is AllocationKind.PAYMENT:
            _refuse("share_needs_paid", number=document.number, currency=currency)
        if not 0 < share.amount.minor * _sign(still_open.minor) <= abs(still_open.minor):
            _refuse("more_than_open", number=document.number, amount=share.amount, open=still_open)
        planned[share.document_id] += share.amount.minor


def _amount_per_customer(positions: Positions, match: Match, incoming: Incoming) -> dict[int, Money]:
    currency = incoming.amount.currency
    per_customer: defaultdict[int, int] = defaultdict(int)
    for share in match.shares:
        if share.kind is AllocationKind.PAYMENT:
            per_customer[positions.receivable(share.document_id).customer_id] += _paid(share).minor
    noted = sum(positions.rest(payment_id).amount_minor for payment_id in match.noted_payment_ids)
    elsewhere = noted + sum(share.amount.minor for share in match.accounts)
    remaining = incoming.amount.minor - elsewhere - sum(per_customer.values())
    if remaining and match.rest_to_customer_id is None:
        _refuse("line_not_settled", remaining=Money(remaining, currency))
    if remaining and match.rest_to_customer_id is not None:
        per_customer[match.rest_to_customer_id] += remaining
    return {customer: Money(minor, currency) for customer, minor in per_customer.items()}


def _book_accounts(draft: _Draft, positions: Positions, incoming: Incoming, match: Match) -> None:
    for share in match.accounts:
        local = draft.desk.to_local(share.amount, incoming.day)
        draft.book(share.account, share.amount, local, text=share.text)
    for payment_id in match.noted_payment_ids:
        noted = positions.rest(payment_id)
        if noted.currency != incoming.amount.currency:
            _refuse("noted_wrong_currency", amount=_amount(noted))
        draft.book(Account.CLEARING, _amount(noted), noted.local_minor, payment_id=payment_id)


def _use_opposite_rests(draft: _Draft, positions: Positions, payment: Payment) -> int:
    """Let what is left of a payment meet what earlier payments of the customer owe or have left; gives the rest."""
    used = sum(row.payment_minor for row in draft.allocations if row.payment_id == payment.id)
    left = payment.amount.minor - used
    for rest in positions.rests_of(payment.customer_id, payment.amount.currency, positive=left < 0):
        part = _nearer_zero(-left, rest.rest_minor)
        if part:
            draft.move(rest.payment_id, payment.id, Money(part, rest.currency))
            left += part
    return left


def _net_out(draft: _Draft) -> None:
    """Let money that customers have left meet what they owe from refunds and returns, oldest first.

    After every step the rests of a customer in one currency have one sign, so that nobody spends twice what was
    given back.
    """
    changes: Counter[int] = Counter()
    for row in draft.allocations:
        if row.payment_id is not None:
            changes[row.payment_id] -= row.payment_minor
        if row.target_payment_id is not None:
            changes[row.target_payment_id] += row.amount.minor
    fresh = {payment.id: payment for payment in draft.payments}
    owners = {(payment.customer_id, payment.amount.currency) for payment in draft.payments}
    stored = [draft.positions.rest(key) for key in changes if key not in fresh]
    owners |= {(rest.customer_id, rest.currency) for rest in stored}
    for customer_id, currency in sorted(owners):
        known = draft.positions.all_rests_of(customer_id, currency)
        rests = [(rest.payment_id, rest.rest_minor + changes[rest.payment_id]) for rest in known]
        rests += [
            (payment.id, payment.amount.minor + changes[payment.id])
            for payment in draft.payments
            if (payment.customer_id, payment.amount.currency) == (customer_id, currency)
        ]
        _pair_off(draft, rests, currency)


def _pair_off(draft: _Draft, rests: Sequence[tuple[int, int]], currency: str) -> None:
    have = [[key, minor] for key, minor in rests if minor > 0]
    for owing, minor in rests:
        missing = -minor
        for source in have if missing > 0 else ():
            part = min(missing, source[1])
            if part:
                draft.move(source[0], owing, Money(part, currency))
                source[1] -= part
                missing -= part


def _take_rest(draft: _Draft, positions: Positions, payment: Payment, original_id: int) -> int:
    """Take what is unused of the bounced payment; gives what is still to be taken from its documents."""
    rest = positions.rest(original_id)
    part = _nearer_zero(-payment.amount.minor, rest.rest_minor)
    if part:
        draft.move(original_id, payment.id, Money(part, rest.currency))
    return -payment.amount.minor - part


def _take_documents(draft: _Draft, payment: Payment, still: int, uses: Sequence[Allocation]) -> None:
    used: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in uses:
        document_id = _required(row.document_id)
        used[document_id][0] += row.payment_minor
        used[document_id][1] += row.amount.minor
    # The latest use is taken back first: what was settled first stays settled after a part comes back.
    for document_id, (payment_minor, amount_minor) in reversed(used.items()):
        part = _nearer_zero(still, payment_minor)
        if part:
            taken = amount_minor if part == payment_minor else amount_minor * part // payment_minor
            money = Money(-taken, draft.positions.receivable(document_id).currency)
            draft.allocate(AllocationKind.PAYMENT, money, document_id, (payment.id, -part))
            still -= part


def _take_differences(draft: _Draft, differences: Sequence[Allocation]) -> None:
    # A discount or write-off was given because the money came; without the money it falls too.
    draft.allocations.extend(draft.negated(row) for row in differences)


def _check_bounds(positions: Positions, allocations: Iterable[Allocation]) -> None:
    changes: Counter[int] = Counter()
    for row in allocations:
        if row.document_id is not None:
            changes[row.document_id] += row.amount.minor
    for document_id, minor in changes.items():
        document = positions.receivable(document_id)
        after = document.open_minor - minor
        if after * _sign(document.total_minor) < 0:
            _refuse("settled_since", number=document.number, open=Money(document.open_minor, document.currency))


def _paid(share: DocumentShare) -> Money:
    return share.paid or share.amount


def _amount(rest: PaymentRest) -> Money:
    return Money(rest.amount_minor, rest.currency)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _nearer_zero(wanted: int, available: int) -> int:
    """Give what of `wanted` can be had from `available` of the same sign."""
    if wanted > 0:
        return max(min(wanted, available), 0)
    return min(max(wanted, available), 0)


def _required(value: int | None) -> int:
    if value is None:
        msg = "a part for an account needs a bank line, a use a document"
        raise ValueError(msg)
    return value


def _refuse(rule: str, **details: object) -> NoReturn:
    raise RuleBroken(rule, tuple((name, str(value)) for name, value in details.items()))
