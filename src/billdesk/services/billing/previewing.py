"""What a contract comes to, as it is or as it would be: the documents that a run would make, one day after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Final

from billdesk.domain.billing import BilledLine, SettledState
from billdesk.domain.contract_changes import Change
from billdesk.domain.invoices import Document, Line
from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.period import Period, add_months
from billdesk.kernel.progress import Progress
from billdesk.services import taxes
from billdesk.services.billing.computing import (
    Desk,
    cases_of,
    compute_payers,
    documents_of,
    look_back,
    settle_cases,
    settled_states,
)
from billdesk.services.billing.offers import Offers
from billdesk.services.billing.running_usage import usage_prices
from billdesk.services.subscriptions import Start, preview_change, preview_move, preview_revoke, preview_start
from billdesk.storage import billing as storage
from billdesk.storage import subscriptions
from billdesk.storage.billing import EVERYBODY, Scope
from billdesk.storage.database import Db

YEAR: Final = 12
"""Months that are looked ahead."""
_STEPS: Final = 40
_FIRST_LINE: Final = 1 << 60
"""Line ids that no stored line has."""


@dataclass(frozen=True, slots=True)
class ContractPreview:
    """A contract as it would be, its next documents, and the next ones it has without the change.

    Where the change lies beyond the next document, the first one from its day on follows.
    """

    subscription: Subscription
    documents: tuple[Document, ...]
    unchanged: tuple[Document, ...] = ()


def preview_changed_contract(db: Db, subscription_id: int, change: Change) -> ContractPreview:
    """Give what a change of a contract comes to; raises RuleBroken."""
    before = subscriptions.load(db, subscription_id)
    after = preview_change(db, subscription_id, change)
    return _compared(db, before, after)


def preview_moved_entry(db: Db, subscription_id: int, entry_id: int, day: date) -> ContractPreview:
    """Give what moving a change that lies ahead to another day comes to; raises RuleBroken."""
    before = subscriptions.load(db, subscription_id)
    after = preview_move(db, subscription_id, entry_id, day)
    return _compared(db, before, after)


def preview_revoked_entry(db: Db, subscription_id: int, entry_id: int) -> ContractPreview:
    """Give what taking a change back comes to; raises RuleBroken."""
    before = subscriptions.load(db, subscription_id)
    after = preview_revoke(db, subscription_id, entry_id)
    return _compared(db, before, after)


def preview_new_contract(db: Db, record: Subscription, start: Start) -> ContractPreview:
    """Give what a contract that is not stored yet comes to first; raises RuleBroken."""
    made = preview_start(db, record, start)
    return ContractPreview(made, _next(db, made))


def upcoming_documents(db: Db, subscription_id: int, *, months: int = YEAR) -> tuple[Document, ...]:
    """Give the documents of the coming months for a contract alone, with usage as it is known now.

    Each is worked out as if those before it were issued; its issue date is the day on which it falls due.
    """
    record = subscriptions.load(db, subscription_id)
    return tuple(document for step in _steps(db, record, add_months(db.today, months)) for document in step)


def preview_documents(db: Db, as_of: date, customer_id: int, *, running_usage: bool = False) -> tuple[Document, ...]:
    """Give the documents that a run as of a day would make for one customer, those of contracts it pays for too."""
    desk = Desk.open(db, as_of, EVERYBODY)
    if running_usage:
        desk = replace(desk, progressive=usage_prices(desk.catalog))
    chunks = compute_payers(desk, [customer_id], Progress())
    return tuple(one.document for chunk in chunks for one in chunk.computed)


def _compared(db: Db, before: Subscription, after: Subscription) -> ContractPreview:
    days = [entry.effective for entry in after.entries if entry not in before.entries]
    day = min(days, default=db.today)
    return ContractPreview(after, _next(db, after, day), _next(db, before, day))


def _next(db: Db, record: Subscription, day: date | None = None) -> tuple[Document, ...]:
    """Give the next documents, and with a later `day` the first ones from then on too: a change shows in those."""
    found: list[Document] = []
    for documents in _steps(db, record, add_months(db.today, YEAR)):
        is_late = day is None or any(document.issue_date >= day for document in documents)
        if documents and (is_late or not found):
            found += documents
        if documents and is_late:
            break
    return tuple(found)


def _steps(db: Db, record: Subscription, until: date) -> Iterator[tuple[Document, ...]]:
    """Bill today, then on each day on which anything falls due."""
    desk = Desk.open(db, db.today, Scope(subscription_ids=frozenset({record.id})))
    state = _state(desk, record)
    states = {record.id: state} if state else {}
    cases = cases_of(desk, {record.id: record}, states)
    billed = list(storage.load_billed(db, look_back(cases))[record.id])
    numbers = count(_FIRST_LINE)
    offers: Mapping[int, Offers] | None = None
    for _step in range(_STEPS):
        batch = settle_cases(desk, cases, {record.id: billed}, offers=offers)
        documents = documents_of(desk, batch, batch.payer_of[record.id], [record.id])
        offers = {payer: left.after(documents) for payer, left in batch.offers.items()}
        taxes.count_sales(desk.counters, documents)
        yield tuple(documents)
        lines = [(line, line.period) for document in documents for line in document.lines]
        billed += [_billed(line, period, next(numbers)) for line, period in lines if period is not None]
        due = batch.settlements[record.id].next_due
        if due is None or not desk.as_of < due <= until:
            return
        states = {record.id: SettledState(desk.as_of, None)}
        desk = replace(desk, as_of=due, rates={})
        cases = cases_of(desk, {record.id: record}, states)
        billed = _in_sight(look_back(cases)[record.id], billed)


def _state(desk: Desk, record: Subscription) -> SettledState | None:
    """Give how far a contract is settled; what is drafted or changed since is not."""
    if not record.id:
        return None
    drafts = storage.draft_subscriptions(desk.db, [key for keys in desk.pending.values() for key in keys])
    known = {entry.id: entry.revoked for entry in subscriptions.load(desk.db, record.id).entries}
    open_days = [entry.effective for entry in record.entries if known.get(entry.id) is not entry.revoked]
    open_days += [drafts[record.id]] if record.id in drafts else []
    first = {record.id: min(open_days)} if open_days else {}
    return settled_states(desk.db, [record.id], first).get(record.id)


def _in_sight(since: date | None, billed: Sequence[BilledLine]) -> list[BilledLine]:
    kept = {line.line_id for line in billed if since is None or line.period.end > since}
    return [line for line in billed if line.line_id in kept or line.corrects_line_id in kept]


def _billed(line: Line, period: Period, line_id: int) -> BilledLine:
    """Give a line of a preview as if it were issued."""
    return BilledLine(
        line_id=line_id,
        document_id=line_id,
        document_number="",
        kind=line.kind,
        price_id=line.price_id,
        period=period,
        amount=line.amount.minor,
        quantity=line.quantity,
        terms=line.terms,
        tax=line.tax,
        discount=line.discount.minor,
        unit_price=line.unit_price,
        corrects_line_id=line.corrects_line_id,
        of_days=line.of_days,
    )
