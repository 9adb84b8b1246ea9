"""Which contracts may owe something that no invoice says yet, by who pays for them."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func, or_, select

from billdesk.domain.subscriptions import SubscriptionState
from billdesk.storage.database import Db
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.subscriptions import subscription


def contracts_by_payer(db: Db) -> dict[int, list[int]]:
    """Give the contracts that have not ended, or have something due, by the customer who receives their documents."""
    columns = subscription.c
    payer = func.coalesce(customer.c.parent_id, customer.c.id).label("payer")
    open_ones = or_(
        columns.state != SubscriptionState.ENDED, columns.needs_billing.is_(True), columns.next_due <= db.today
    )
    query = select(columns.id, payer).join(customer, customer.c.id == columns.customer_id).where(open_ones)
    found: dict[int, list[int]] = defaultdict(list)
    for row in db.connection.execute(query.order_by(columns.id)):
        found[row.payer].append(row.id)
    return dict(found)


def count_contracts(db: Db) -> int:
    """Count the contracts that have not ended."""
    query = select(func.count()).where(subscription.c.state != SubscriptionState.ENDED)
    return int(db.connection.execute(query).scalar_one())
