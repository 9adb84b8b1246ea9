"""Receivables: what is open on any day, how old it is, and a customer's account over a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billdesk.domain.payments import OpenItem
from billdesk.kernel.money import Money, total
from billdesk.storage.database import Db
from billdesk.storage.payments import receivables as storage
from billdesk.storage.payments.receivables import BUCKET_DAYS, AccountEntry, AgedSums, ReceivablesFilter


@dataclass(frozen=True, slots=True)
class AgedItem:
    """An open document with its age; `bucket` counts from 0 (not due) to 4 (more than 90 days)."""

    item: OpenItem
    days_overdue: int
    bucket: int


@dataclass(frozen=True, slots=True)
class CustomerAgeing:
    """What a customer owes in one currency by age; `credits` (open credit notes, unused money) is negative."""

    customer_id: int
    customer_name: str
    buckets: tuple[Money, ...]
    credits: Money
    total: Money


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A movement with the balance after it."""

    entry: AccountEntry
    balance: Money


@dataclass(frozen=True, slots=True)
class StatementOfAccount:
    """A customer's account in one currency: opening balance, movements, closing balance."""

    customer_id: int
    currency: str
    first: date
    last: date
    opening: Money
    lines: tuple[AccountLine, ...]
    closing: Money


def list_open_items(db: Db, wanted: ReceivablesFilter, *, offset: int = 0, limit: int = 1000) -> list[AgedItem]:
    """Give documents that were open at the end of a day, oldest due first."""
    items = storage.list_open_items(db, wanted, offset=offset, limit=limit)
    return [_aged(item, wanted.as_of) for item in items]


def _aged(item: OpenItem, as_of: date) -> AgedItem:
    days = max((as_of - item.due_date).days, 0)
    return AgedItem(item, days, sum(days > edge for edge in BUCKET_DAYS))


def list_ageing(db: Db, wanted: ReceivablesFilter) -> list[CustomerAgeing]:
    """Give what customers owed at the end of a day by age, one row per customer and currency."""
    return [_ageing(sums) for sums in storage.age(db, wanted)]


def _ageing(sums: AgedSums) -> CustomerAgeing:
    buckets = tuple(Money(minor, sums.currency) for minor in sums.buckets)
    left = Money(sums.credits, sums.currency)
    return CustomerAgeing(sums.customer_id, sums.customer_name, buckets, left, total((*buckets, left), sums.currency))


def sum_ageing(db: Db, wanted: ReceivablesFilter) -> dict[str, CustomerAgeing]:
    """Add the rows of `list_ageing` up by currency."""
    result: dict[str, CustomerAgeing] = {}
    for row in list_ageing(db, wanted):
        currency = row.total.currency
        known = result.get(currency)
        if known is None:
            result[currency] = CustomerAgeing(0, "", row.buckets, row.credits, row.total)
        else:
            buckets = tuple(one + other for one, other in zip(known.buckets, row.buckets, strict=True))
            result[currency] = CustomerAgeing(0, "", buckets, known.credits + row.credits, known.total + row.total)
    return result


def load_statement_of_account(db: Db, customer_id: int, currency: str, first: date, last: date) -> StatementOfAccount:
    """Give a customer's account over a period, both days inside; positive balances are owed by the customer."""
    entries = storage.list_account_entries(db, customer_id, currency, last)
    before = total((entry.amount for entry in entries if entry.day < first), currency)
    balance, lines = before, []
    for entry in entries:
        if entry.day >= first:
            balance = balance + entry.amount
            lines.append(AccountLine(entry, balance))
    return StatementOfAccount(customer_id, currency, first, last, before, tuple(lines), balance)


__all__ = [
    "AccountEntry",
    "AccountLine",
    "AgedItem",
    "CustomerAgeing",
    "ReceivablesFilter",
    "StatementOfAccount",
    "list_ageing",
    "list_open_items",
    "load_statement_of_account",
    "sum_ageing",
]
