"""The nouns of the house, used to say which kinds of data a use case touched."""

from __future__ import annotations

from enum import StrEnum


class Noun(StrEnum):
    """One word per concept; the same word is the file name in every layer."""

    ENTITIES = "entities"
    CUSTOMERS = "customers"
    CATALOG = "catalog"
    SUBSCRIPTIONS = "subscriptions"
    USAGE = "usage"
    BILLING = "billing"
    INVOICES = "invoices"
    BANKING = "banking"
    PAYMENTS = "payments"
    COLLECTIONS = "collections"
    LEDGER = "ledger"
    QUOTES = "quotes"
    REPORTS = "reports"
    MIGRATION = "migration"
    AUDIT = "audit"
    SETTINGS = "settings"


Changes = frozenset[Noun]
"""What a use case touched; the change bus hands it to every screen once."""

NOTHING: Changes = frozenset()
