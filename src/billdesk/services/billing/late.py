"""Late usage that its price does not bill by itself: listed, billed or left out by a person (billing rules §14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from billdesk.domain.billing.records import LateState
from billdesk.domain.catalog import LateUsage
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.i18n import _
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.storage import late_usage as storage
from billdesk.storage import subscriptions
from billdesk.storage.database import Db
from billdesk.storage.late_usage import LateUsageRow

__all__ = ["LateState", "LateUsageRow"]


def list_late_usage(db: Db, *, offset: int = 0, limit: int = 100) -> list[LateUsageRow]:
    """Give late usage that is not billed, what was decided about it included."""
    return storage.list_rows(db, offset=offset, limit=limit)


def count_late_usage(db: Db) -> int:
    """Count late usage that waits for a person to decide."""
    return storage.count_waiting(db)


def late_state_text(row: LateUsageRow) -> str:
    """Say what becomes of late usage."""
    match row.state:
        case LateState.BILL:
            return _("on the next invoice")
        case LateState.LEAVE:
            return _("left out")
        case _:
            return _("waits for you") if row.policy is LateUsage.ASK else _("not billed by this price")


def decide_late_usage(db: Db, ids: Sequence[int], state: LateState) -> Result[int]:
    """Have the next run bill late usage, or leave it out, or let it wait again; gives how many there were.

    It is billed for the amount that was listed: usage that comes in later is asked about anew. Raises RuleBroken
    when none of it waits any more.
    """
    rows = storage.load_rows(db, ids)
    if not rows:
        raise RuleBroken("late_usage_gone", ())
    storage.decide(db, [row.id for row in rows], state)
    since: dict[int, date] = {}
    for row in rows:
        since[row.subscription_id] = min(row.period.start, since.get(row.subscription_id, row.period.start))
    subscriptions.touch(db, since)
    details = {"state": state.value, "contracts": sorted({row.contract for row in rows})}
    audit.record(db, command="decide_late_usage", noun=Noun.BILLING, subject=str(len(rows)), details=details)
    return Result(len(rows), frozenset({Noun.BILLING, Noun.USAGE, Noun.SUBSCRIPTIONS}))
