"""What is open on documents and left of payments while steps are taken one after another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from billdesk.domain.payments.records import Payment, PaymentRest, Receivable
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.errors import NotFound
from billdesk.kernel.money import Money


def _part(local: int, part: int, whole: int) -> int:
    """Give the share of `local` that belongs to `part` of `whole` (not zero), rounded half away from zero."""
    return round_ratio(local * part, whole) if whole > 0 else round_ratio(-local * part, -whole)


class Positions:
    """Open amounts of documents and rests of payments; every change also tells its worth in local currency.

    The local worth of what is open is always that amount at the document's frozen rate, rounded once, so a
    document that is settled in parts leaves not one cent of the entity's currency behind.
    """

    def __init__(
        self, currency: str, receivables: Iterable[Receivable] = (), rests: Iterable[PaymentRest] = ()
    ) -> None:
        self.currency = currency
        self._receivables = {record.document_id: record for record in receivables}
        self._rests = {record.payment_id: record for record in rests}
        self._next_id = 0
        self.opens: dict[int, int] = {}
        self.moved_payments: set[int] = set()

    def new_id(self) -> int:
        """Give a provisional id for a row that is not stored yet; these are negative."""
        self._next_id -= 1
        return self._next_id

    def receivable(self, document_id: int) -> Receivable:
        """Give a document as it stands now; raises NotFound."""
        if document_id not in self._receivables:
            raise NotFound("invoices", str(document_id))
        return self._receivables[document_id]

    def rest(self, payment_id: int) -> PaymentRest:
        """Give a payment as it stands now; raises NotFound."""
        if payment_id not in self._rests:
            raise NotFound("payments", str(payment_id))
        return self._rests[payment_id]

    def rests_of(self, customer_id: int, currency: str, *, positive: bool = True) -> list[PaymentRest]:
        """Give a customer's payments with something left, oldest first; with `positive` false those that owe."""
        sign = 1 if positive else -1
        return [rest for rest in self.all_rests_of(customer_id, currency) if rest.rest_minor * sign > 0]

    def all_rests_of(self, customer_id: int, currency: str) -> list[PaymentRest]:
        """Give all payments of a customer that are on the desk, oldest first."""
        found = [rest for rest in self._rests.values() if rest.customer_id == customer_id and rest.currency == currency]
        # Provisional ids count downwards and are younger than all others.
        return sorted(found, key=lambda rest: (rest.received_on, rest.payment_id < 0, abs(rest.payment_id)))

    def changed_rests(self) -> list[PaymentRest]:
        """Give the payments whose rest was touched."""
        return [self._rests[payment_id] for payment_id in sorted(self.moved_payments)]

    def add(self, payment: Payment) -> None:
        """Put a new payment on the desk, all of it unused."""
        amount = payment.amount
        self._rests[payment.id] = PaymentRest(
            payment_id=payment.id,
            entity_id=payment.entity_id,
            customer_id=payment.customer_id,
            currency=amount.currency,
            received_on=payment.received_on,
            amount_minor=amount.minor,
            local_minor=payment.local_minor,
            rest_minor=amount.minor,
        )
        self.moved_payments.add(payment.id)

    def settle(self, document_id: int, amount: Money) -> int:
        """Settle a part of a document; gives the receivable it frees, in local minor units."""
        before = self.receivable(document_id)
        after = replace(before, open_minor=before.open_minor - amount.minor)
        self._receivables[document_id] = after
        self.opens[document_id] = after.open_minor
        return local_open(before, self.currency) - local_open(after, self.currency)

    def spend(self, payment_id: int, minor: int) -> int:
        """Use a part of a payment; gives its worth in local minor units."""
        before = self.rest(payment_id)
        after = replace(before, rest_minor=before.rest_minor - minor)
        self._rests[payment_id] = after
        self.moved_payments.add(payment_id)
        return local_rest(before) - local_rest(after)


def local_open(receivable: Receivable, currency: str) -> int:
    """Give what is open on a document in the entity's currency, as the ledger has it."""
    if receivable.currency == currency:
        return receivable.open_minor
    return Money.of(Money(receivable.open_minor, receivable.currency).major * receivable.rate, currency).minor


def local_rest(rest: PaymentRest) -> int:
    """Give what is left of a payment in the entity's currency, as the ledger has it."""
    return _part(rest.local_minor, rest.rest_minor, rest.amount_minor)
