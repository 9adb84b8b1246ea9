"""Tables of the book, one file per noun."""

from billdesk.storage.tables import audit, entities, settings
from billdesk.storage.tables.metadata import metadata

__all__ = ["audit", "entities", "metadata", "settings"]
