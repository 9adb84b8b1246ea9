"""Settling a line by hand: shares of documents, differences, the rest; pure, each step gives a new state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from billdesk.domain.invoices import DocumentStatus
from billdesk.domain.payments import AccountShare, AllocationKind, DocumentShare, Match
from billdesk.kernel.i18n import current
from billdesk.kernel.money import Money, total
from billdesk.services import customers, invoices
from billdesk.services.invoices import DocumentFilter, DocumentRow
from billdesk.ui.core.record_picker import Hit

REST_NOTHING = ""
REST_BALANCE = "balance"
REST_ACCOUNT = "account"

_UNPAID = frozenset({DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID, DocumentStatus.OVERDUE})


@dataclass(frozen=True, slots=True)
class Part:
    """A document with what the line pays of it; `difference` settles what then stays open, None leaves it open.

    `paid` is what it takes of the line where the document has another currency.
    """

    document: DocumentRow
    amount: Money
    difference: AllocationKind | None = None
    paid: Money | None = None

    @property
    def taken(self) -> Money:
        """What it takes of the line's money."""
        return self.amount if self.paid is None else self.paid

    @property
    def left(self) -> Money:
        """What stays open on the document."""
        return self.document.open - self.amount


@dataclass(frozen=True, slots=True)
class Composition:
    """How a line is settled by hand; `rest` says where the remaining money goes."""

    amount: Money
    parts: tuple[Part, ...] = ()
    rest: str = REST_NOTHING
    account: str = ""
    text: str = ""
    customer_id: int | None = None
    note: str = ""

    @property
    def unused(self) -> Money:
        """What of the line's money no document takes."""
        return self.amount - total((part.taken for part in self.parts), self.amount.currency)

    @property
    def remaining(self) -> Money:
        """What still has to go somewhere; the line can be settled when it is nothing."""
        return Money.zero(self.amount.currency) if self._rest_has_a_place else self.unused

    @property
    def _rest_has_a_place(self) -> bool:
        if self.unused.minor * self.amount.minor < 0:
            return False  # documents take more than there is; no balance or account makes up for it
        if self.rest == REST_ACCOUNT:
            return bool(self.account)
        return self.rest == REST_BALANCE and self.customer_id is not None

    @property
    def is_ready(self) -> bool:
        """Whether every cent has its place, and nothing of another currency is settled for nothing."""
        is_even = all(part.paid is None or bool(part.paid) is bool(part.amount) for part in self.parts)
        return not self.remaining.minor and bool(self.parts or self.rest) and is_even

    def match(self) -> Match:
        """Give the match that the use case takes."""
        shares: list[DocumentShare] = []
        for part in self.parts:
            if part.amount.minor:
                shares.append(DocumentShare(part.document.id, part.amount, paid=part.paid))
            if part.difference is not None and part.left.minor:
                shares.append(DocumentShare(part.document.id, part.left, part.difference))
        to_account = self.rest == REST_ACCOUNT and self.unused.minor
        accounts = (AccountShare(self.account, self.unused, self.text),) if to_account else ()
        to_customer = self.customer_id if self.rest == REST_BALANCE and self.unused.minor else None
        return Match(tuple(shares), accounts, rest_to_customer_id=to_customer, note=self.note)

    def with_document(self, document: DocumentRow) -> Composition:
        """Add a document with as much of the line's money as it can take."""
        if any(part.document.id == document.id for part in self.parts):
            return self
        customer = self.customer_id or document.customer_id
        return replace(self, parts=(*self.parts, _part(document, self.amount, self.unused)), customer_id=customer)

    def without(self, document_id: int) -> Composition:
        """Take a document out again."""
        return replace(self, parts=tuple(part for part in self.parts if part.document.id != document_id))

    def changed(self, document_id: int, **values: Any) -> Composition:  # noqa: ANN401 - the types of Part's fields
        """Change what is paid of a document."""
        parts = (replace(part, **values) if part.document.id == document_id else part for part in self.parts)
        return replace(self, parts=tuple(parts))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether OK may be said, and what of the money still has no place."""

    is_ready: bool
    remaining: Money


def judge(amount: Money, chosen: Match | None, by_hand: Composition | None) -> Verdict:
    """Judge what a person is about to say OK to: what was composed by hand, else the chosen proposal."""
    if by_hand is not None:
        return Verdict(by_hand.is_ready, by_hand.remaining)
    return Verdict(chosen is not None, amount if chosen is None else Money.zero(amount.currency))


def _part(document: DocumentRow, amount: Money, unused: Money) -> Part:
    """Give a document as much of the money as is left; one of the other side, such as a credit note, adds to it."""
    is_same_side = document.open.minor * amount.minor > 0
    is_used_up = unused.minor * amount.minor <= 0
    nothing = Money.zero(document.open.currency)
    if document.open.currency != amount.currency:
        return (
            Part(document, nothing, paid=Money.zero(amount.currency))
            if is_used_up
            else Part(document, document.open, paid=unused)
        )
    if not is_same_side:
        return Part(document, document.open)
    least = min(document.open, unused, key=lambda money: abs(money.minor))
    return Part(document, nothing if is_used_up else least)


def compose(amount: Money, match: Match, documents: list[DocumentRow]) -> Composition:
    """Turn a proposal into parts that can be changed by hand."""
    known = {row.id: row for row in documents}
    parts: dict[int, Part] = {}
    for share in match.shares:
        row = known[share.document_id]
        before = parts.get(row.id)
        if share.kind is AllocationKind.PAYMENT:
            parts[row.id] = Part(row, share.amount, before.difference if before else None, share.paid)
        else:
            zero = Money.zero(row.open.currency)
            parts[row.id] = replace(before or Part(row, zero), difference=share.kind)
    account = match.accounts[0] if match.accounts else None
    rest = REST_ACCOUNT if account else REST_BALANCE if match.rest_to_customer_id else REST_NOTHING
    customer = match.rest_to_customer_id or next((row.customer_id for row in documents), None)
    return Composition(
        amount, tuple(parts.values()), rest, account.account if account else "", customer_id=customer, note=match.note
    )


def find_open(db: Any, text: str) -> list[Hit]:  # noqa: ANN401 - the lane's Db
    """Find open documents by number, customer, reference or amount."""
    rows = invoices.list_documents(db, DocumentFilter(statuses=_UNPAID, text=text), limit=12)
    return [Hit(str(row.id), row.number, f"{row.customer_name}   {current().money(row.open)}", row) for row in rows]


def find_people(db: Any, text: str) -> list[Hit]:  # noqa: ANN401 - the lane's Db
    """Find customers by name, number or city."""
    return [Hit(str(row.id), row.name, row.number, row) for row in customers.find_customers(db, text, limit=12)]


def load_documents(db: Any, ids: tuple[int, ...]) -> list[DocumentRow]:  # noqa: ANN401 - the lane's Db
    """Read the rows of documents."""
    return invoices.load_rows(db, ids)


def customer_hit(db: Any, customer_id: int) -> Hit:  # noqa: ANN401 - the lane's Db
    """Read a customer as a hit."""
    record = customers.load_customer(db, customer_id)
    return Hit(str(record.id), record.name, record.number, record)
