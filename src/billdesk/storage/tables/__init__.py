"""Tables of the book, one file per noun."""

from billdesk.storage.tables import audit, banking, catalog, customers, entities, imports, settings, subscriptions
from billdesk.storage.tables.metadata import metadata

__all__ = ["audit", "banking", "catalog", "customers", "entities", "imports", "metadata", "settings", "subscriptions"]
