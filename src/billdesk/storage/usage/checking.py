"""Whether usage agrees with itself: every event has its contract and batch, and the rollup is the sum of events."""

from __future__ import annotations

from sqlalchemy import except_, func, select

from billdesk.domain.usage import BatchState
from billdesk.storage.database import Db
from billdesk.storage.tables.imports import import_batch
from billdesk.storage.tables.subscriptions import subscription
from billdesk.storage.tables.usage import usage_event, usage_rollup
from billdesk.storage.usage.rollups import BILLION


def events_without_contract(db: Db) -> list[int]:
    """Give the ids of contracts that events name but the book does not have."""
    known = select(subscription.c.id)
    query = select(usage_event.c.subscription_id).where(usage_event.c.subscription_id.not_in(known)).distinct()
    return sorted(db.connection.scalars(query))


def events_without_batch(db: Db) -> list[int]:
    """Give the batches that events name but that do not count, or are not there."""
    counting = select(import_batch.c.id).where(import_batch.c.state == BatchState.APPLIED)
    query = select(usage_event.c.batch_id).where(usage_event.c.batch_id.not_in(counting)).distinct()
    return sorted(db.connection.scalars(query))


def wrong_rollups(db: Db) -> list[tuple[int, int]]:
    """Give the subscriptions and metrics whose rollup is not the sum of their events."""
    e, r = usage_event.c, usage_rollup.c
    events = select(
        e.subscription_id, e.metric_id, func.count(), func.sum(e.quantity // BILLION), func.sum(e.quantity % BILLION)
    ).group_by(e.subscription_id, e.metric_id)
    rolled = select(
        r.subscription_id, r.metric_id, func.sum(r.events), func.sum(r.billions), func.sum(r.rest)
    ).group_by(r.subscription_id, r.metric_id)
    found = {
        (row[0], row[1])
        for one, other in ((events, rolled), (rolled, events))
        for row in db.connection.execute(except_(one, other))
    }
    return sorted(found)
