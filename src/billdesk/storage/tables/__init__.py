"""Tables of the book, one file per noun."""

from billdesk.storage.tables import audit, catalog, customers, entities, imports, settings, subscriptions
from billdesk.storage.tables.metadata import metadata

__all__ = ["audit", "catalog", "customers", "entities", "imports", "metadata", "settings", "subscriptions"]
