"""What a payment typed beside a document does, computed before it is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.i18n import _, current
from billdesk.kernel.money import Money
from billdesk.services.invoices import DocumentRow
from billdesk.services.payments import DocumentShare, PaymentInput, PaymentMethod


@dataclass(frozen=True, slots=True)
class Paid:
    """What was typed: a positive amount, its day and how it came or went."""

    amount: Money
    day: date
    method: PaymentMethod
    reference: str = ""

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Paid:
        """Take the values of a form that has no problems."""
        amount, day = values["amount"], values["day"]
        if not isinstance(amount, Money) or not isinstance(day, date):
            raise TypeError(values)
        return cls(amount, day, PaymentMethod(str(values["method"])), str(values["reference"] or ""))


@dataclass(frozen=True, slots=True)
class RowMoney:
    """A document as money sees it; its open amount is negative on a credit note."""

    document: DocumentRow

    @property
    def open(self) -> Money:
        """What is open, without its sign."""
        return self.document.open if self.document.open.minor > 0 else -self.document.open

    def effect(self, amount: Money | None) -> str:
        """Say what an amount does."""
        if amount is None or amount.minor <= 0:
            return ""
        rest = self.open - amount
        if not rest.minor:
            return _("Settles the document in full.")
        if rest.minor > 0:
            return _("{amount} stays open.", amount=current().money(rest))
        return _("{amount} too much becomes the customer's balance.", amount=current().money(-rest))

    def payment(self, paid: Paid) -> PaymentInput:
        """Give what the use case notes: the document first, the rest to the balance."""
        used = Money(min(paid.amount.minor, self.open.minor), paid.amount.currency)
        share = used if self.document.open.minor > 0 else -used
        return PaymentInput(
            self.document.entity_id,
            self.document.customer_id,
            paid.amount,
            paid.day,
            paid.method,
            (DocumentShare(self.document.id, share),),
            reference=paid.reference,
        )


def paid_problem(values: Mapping[str, object]) -> list[Problem]:
    """Give what is missing in a form without reading problems."""
    needed = ("amount", "day") if values else ()
    missing = [Problem("value_missing", Place(field=key)) for key in needed if values[key] is None]
    amount = values.get("amount")
    if isinstance(amount, Money) and amount.minor <= 0:
        zero = (("minimum", current().amount(Money(1, amount.currency))),)
        missing.append(Problem("too_small", Place(field="amount"), current().amount(amount), zero))
    return missing


def credit_amounts(values: Mapping[str, object]) -> dict[int, Money] | None:
    """Give the amounts per line id, None for everything that is left."""
    if values["all"]:
        return None
    lines = {key.removeprefix("line_"): value for key, value in values.items() if key.startswith("line_")}
    return {int(key): value for key, value in lines.items() if isinstance(value, Money)}
