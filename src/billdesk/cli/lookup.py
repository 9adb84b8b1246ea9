"""Finding customers and contracts by the number that people know them by."""

from __future__ import annotations

from billdesk.kernel.errors import NotFound
from billdesk.services.book import Book
from billdesk.services.customers import CustomerFilter, CustomerRow, list_customers
from billdesk.services.subscriptions import SubscriptionFilter, SubscriptionRow, list_subscriptions


def customer(book: Book, number: str) -> CustomerRow:
    """Give the customer with a number; raises NotFound."""
    rows = book.query(list_customers, CustomerFilter(search=number, archived=None))
    found = next((row for row in rows if row.number.casefold() == number.casefold()), None)
    if found is None:
        raise NotFound("customers", number)
    return found


def contract(book: Book, number: str) -> SubscriptionRow:
    """Give the contract with a number; raises NotFound."""
    rows = book.query(list_subscriptions, SubscriptionFilter(search=number))
    found = next((row for row in rows if row.number.casefold() == number.casefold()), None)
    if found is None:
        raise NotFound("subscriptions", number)
    return found
