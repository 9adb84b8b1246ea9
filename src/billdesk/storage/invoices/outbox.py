"""The outbox: what is to be sent, what the server answered, and when to try again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Select, func, select, update

from billdesk.domain.customers import DeliveryChannel
from billdesk.kernel.errors import NotFound
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples
from billdesk.storage.invoices.writing import to_json
from billdesk.storage.tables.invoices import delivery, document
from billdesk.storage.types import to_micros


class DeliveryState(StrEnum):
    """How far a document is on its way; `sent` means that the server took it."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ToQueue:
    """A message for a document that is about to be queued."""

    document_id: int
    channel: DeliveryChannel
    recipients: tuple[str, ...]
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in the outbox; `answer` is what the server said last."""

    id: int
    document_id: int
    number: str
    customer_name: str
    channel: DeliveryChannel
    recipients: tuple[str, ...]
    subject: str
    body: str
    state: DeliveryState
    attempts: int
    queued_at: datetime
    next_attempt_at: datetime
    sent_at: datetime | None
    message_id: str
    answer: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, for `save_outcome`; `retry_at` None means not to try again by itself."""

    state: DeliveryState
    answer: str
    message_id: str = ""
    retry_at: datetime | None = None


_COLUMNS: Final = (
    "document_id channel recipients subject body state attempts queued_at next_attempt_at message_id answer"
).split()


def queue(db: Db, messages: Sequence[ToQueue]) -> None:
    """Put messages in the outbox and say so on their documents."""
    now = to_micros(db.now)
    rows = [
        (
            one.document_id,
            one.channel.value,
            to_json(list(one.recipients)),
            one.subject,
            one.body,
            DeliveryState.QUEUED.value,
            0,
            now,
            now,
            "",
            "",
        )
        for one in messages
    ]
    insert_tuples(db, delivery, _COLUMNS, rows)
    _show(db, [one.document_id for one in messages], DeliveryState.QUEUED)


def _show(db: Db, document_ids: Sequence[int], state: DeliveryState) -> None:
    for start in range(0, len(document_ids), 500):
        part = document_ids[start : start + 500]
        db.connection.execute(update(document).where(document.c.id.in_(part)).values(delivery_state=state.value))


def _query() -> Select[Any]:
    return select(delivery, document.c.number, document.c.customer_name).join(
        document, document.c.id == delivery.c.document_id
    )


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)
    values |= {
        "channel": DeliveryChannel(row.channel),
        "state": DeliveryState(row.state),
        "recipients": tuple(row.recipients),
    }
    return Delivery(**values)


def load(db: Db, delivery_id: int) -> Delivery:
    """Give one message; raises NotFound."""
    row = db.connection.execute(_query().where(delivery.c.id == delivery_id)).one_or_none()
    if row is None:
        raise NotFound("invoices", str(delivery_id))
    return _delivery(row)


def list_deliveries(
    db: Db, *, state: DeliveryState | None = None, document_id: int | None = None, offset: int = 0, limit: int = 100
) -> list[Delivery]:
    """Give messages, newest first."""
    query = _query().order_by(delivery.c.id.desc()).offset(offset).limit(limit)
    if state is not None:
        query = query.where(delivery.c.state == state.value)
    if document_id is not None:
        query = query.where(delivery.c.document_id == document_id)
    return [_delivery(row) for row in db.connection.execute(query)]


def count_by_state(db: Db) -> dict[DeliveryState, int]:
    """Give how many messages are in each state."""
    query = select(delivery.c.state, func.count()).group_by(delivery.c.state)
    return {DeliveryState(state): count for state, count in db.connection.execute(query)}


def next_due(db: Db, channel: DeliveryChannel) -> Delivery | None:
    """Give the message that waits longest and may be tried now, None when there is none."""
    query = _query().where(
        delivery.c.state == DeliveryState.QUEUED.value,
        delivery.c.next_attempt_at <= db.now,
        delivery.c.channel == channel.value,
    )
    row = db.connection.execute(query.order_by(delivery.c.next_attempt_at, delivery.c.id).limit(1)).one_or_none()
    return None if row is None else _delivery(row)


def mark_sending(db: Db, delivery_id: int) -> bool:
    """Take a queued message for one attempt; False when somebody else took it."""
    taken = update(delivery).where(delivery.c.id == delivery_id, delivery.c.state == DeliveryState.QUEUED.value)
    values = {"state": DeliveryState.SENDING.value, "attempts": delivery.c.attempts + 1}
    return db.connection.execute(taken.values(values)).rowcount == 1


def save_outcome(db: Db, delivery_id: int, outcome: Outcome) -> None:
    """Write how an attempt ended, on the message and on its document."""
    values: dict[str, object] = {"state": outcome.state.value, "answer": outcome.answer}
    if outcome.message_id:
        values["message_id"] = outcome.message_id
    if outcome.state is DeliveryState.SENT:
        values["sent_at"] = db.now
    if outcome.retry_at is not None:
        values["next_attempt_at"] = outcome.retry_at
    change = update(delivery).where(delivery.c.id == delivery_id).values(values).returning(delivery.c.document_id)
    _show(db, [db.connection.execute(change).scalar_one()], outcome.state)


def requeue_interrupted(db: Db) -> int:
    """Put back messages that were being sent when the program stopped, as failed: the server may have them."""
    query = select(delivery.c.id).where(delivery.c.state == DeliveryState.SENDING.value)
    ids = list(db.connection.execute(query).scalars())
    for key in ids:
        save_outcome(db, key, Outcome(DeliveryState.FAILED, "interrupted"))
    return len(ids)
