"""Telling billing which contracts have other usage than before, and from which day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from billdesk.domain.local_days import local_day
from billdesk.storage import subscriptions
from billdesk.storage.database import Db
from billdesk.storage.usage import rollups
from billdesk.storage.usage.batches import Span


def touch(db: Db, spans: Iterable[Span]) -> None:
    """Let the next run look again at the contracts of these spans, from their first local day."""
    first: dict[int, int] = {}
    for span in spans:
        first[span.subscription_id] = min(span.first, first.get(span.subscription_id, span.first))
    zones = rollups.zones_of(db, first)
    since: dict[int, date] = {key: local_day(instant, zones[key]) for key, instant in first.items() if key in zones}
    subscriptions.touch(db, since)
