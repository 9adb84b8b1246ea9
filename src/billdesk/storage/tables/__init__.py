"""Tables of the book, one file per noun."""

from billdesk.storage.tables import (
    alerts,
    audit,
    banking,
    billing,
    catalog,
    customers,
    discounts,
    entities,
    imports,
    invoices,
    ledger,
    payments,
    settings,
    subscriptions,
    taxes,
    usage,
    wallets,
)
from billdesk.storage.tables.metadata import metadata

__all__ = [
    "alerts",
    "audit",
    "banking",
    "billing",
    "catalog",
    "customers",
    "discounts",
    "entities",
    "imports",
    "invoices",
    "ledger",
    "metadata",
    "payments",
    "settings",
    "subscriptions",
    "taxes",
    "usage",
    "wallets",
]
