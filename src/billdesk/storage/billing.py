"""What billing reads and keeps: who is due, what issued documents say, which days are charged, and runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Text, cast, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError

from billdesk.domain.billing.records import BilledLine, SettledState
from billdesk.domain.invoices import DocumentState, LineKind
from billdesk.kernel.errors import InvariantBroken, NotFound
from billdesk.kernel.period import Period
from billdesk.kernel.records import quick
from billdesk.storage import bulk, subscriptions
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples
from billdesk.storage.invoices.reading import line_tax
from billdesk.storage.invoices.writing import delete_drafts
from billdesk.storage.schema import DAY_CHARGED_TWICE
from billdesk.storage.tables.billing import billed_slice, billing_run
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.invoices import document, document_line
from billdesk.storage.tables.subscriptions import subscription

_CHUNK: Final = 500
_charge_line: Final = document_line.alias("charge")
_SLICE: Final = ("subscription_id", "price_id", "start_day", "end_day", "line_id")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a run bills; an empty field does not limit."""

    entity_id: int | None = None
    customer_ids: frozenset[int] = frozenset()
    subscription_ids: frozenset[int] = frozenset()


EVERYBODY: Final = Scope()
BY_THRESHOLD: Final = "threshold"
"""The key in the scope of a run that a threshold asked for: the import that reached it, or true."""


@quick
@dataclass(frozen=True, slots=True)
class ChargedDays:
    """Days of a subscription's price that an issued line charges, `[start, end)`."""

    subscription_id: int
    price_id: int
    start: date
    end: date
    line_id: int


@dataclass(frozen=True, slots=True)
class CreditedDays:
    """Days that a credit takes back from an issued line, `[start, end)`."""

    line_id: int
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class RunRow:
    """A billing run as the book remembers it; `totals` and `findings` are JSON values."""

    id: int
    as_of: date
    scope: Mapping[str, Any]
    state: str
    created_at: datetime
    user: str
    documents: int
    lines: int
    subscriptions: int
    totals: Sequence[Any]
    findings: Sequence[Any]

    @property
    def is_by_threshold(self) -> bool:
        """Whether unbilled usage that reached a threshold asked for it."""
        return BY_THRESHOLD in self.scope


def due_payers(db: Db, as_of: date, scope: Scope) -> list[int]:
    """Give the customers who would receive documents: payers of contracts that changed or have something due."""
    payer = func.coalesce(customer.c.parent_id, customer.c.id).label("payer")
    due = or_(subscription.c.needs_billing, subscription.c.next_due <= as_of)
    query = (
        select(payer)
        .select_from(subscription.join(customer, customer.c.id == subscription.c.customer_id))
        .where(due, *_scope(scope))
    )
    return sorted({*db.connection.execute(query).scalars(), *_with_outdated_drafts(db, scope)})


def _with_outdated_drafts(db: Db, scope: Scope) -> Iterable[int]:
    """Give customers who were changed since a run made their drafts: address and taxes may be others now."""
    columns = document.c
    query = (
        select(columns.customer_id)
        .join(billing_run, billing_run.c.id == columns.run_id)
        .join(customer, customer.c.id == columns.customer_id)
        .where(columns.status == DocumentState.DRAFT.value, customer.c.changed_at > billing_run.c.created_at)
    )
    if scope != EVERYBODY:
        owners = select(func.coalesce(customer.c.parent_id, customer.c.id)).join(
            subscription, subscription.c.customer_id == customer.c.id
        )
        query = query.where(columns.customer_id.in_(owners.where(*_scope(scope))))
    return db.connection.execute(query).scalars()


def _scope(scope: Scope) -> Iterable[ColumnElement[bool]]:
    if scope.entity_id is not None:
        yield subscription.c.entity_id == scope.entity_id
    if scope.customer_ids:
        yield subscription.c.customer_id.in_(sorted(scope.customer_ids))
    if scope.subscription_ids:
        yield subscription.c.id.in_(sorted(scope.subscription_ids))


def due_subscriptions(db: Db, payers: Sequence[int], as_of: date, scope: Scope) -> dict[int, int]:
    """Give the contracts of these payers that changed or have something due, each with its payer."""
    payer = func.coalesce(customer.c.parent_id, customer.c.id).label("payer")
    due = or_(subscription.c.needs_billing, subscription.c.next_due <= as_of)
    query = (
        select(subscription.c.id, payer)
        .select_from(subscription.join(customer, customer.c.id == subscription.c.customer_id))
        .where(or_(customer.c.id.in_(payers), customer.c.parent_id.in_(payers)), due, *_scope(scope))
        .order_by(subscription.c.id)
    )
    return {row.id: row.payer for row in db.connection.execute(query)}


def settled_states(db: Db, ids: Iterable[int]) -> dict[int, SettledState]:
    """Give how far contracts were settled; those never settled are left out."""
    table = subscription.c
    query = select(table.id, table.settled_through, table.touched_from).where(table.settled_through.is_not(None))
    rows = bulk.rows_in(db, query, table.id, ids)
    return {row.id: SettledState(row.settled_through, row.touched_from) for row in rows}


def _parts(ids: Iterable[int]) -> Iterable[Sequence[int]]:
    ordered = sorted(set(ids))
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))


def pending_drafts(db: Db) -> dict[int, list[int]]:
    """Give the drafts that runs made, by customer."""
    columns = document.c
    query = select(columns.id, columns.customer_id).where(
        columns.status == DocumentState.DRAFT.value, columns.run_id.is_not(None)
    )
    result: dict[int, list[int]] = {}
    for row in db.connection.execute(query.order_by(columns.id)):
        result.setdefault(row.customer_id, []).append(row.id)
    return result


def draft_subscriptions(db: Db, draft_ids: Iterable[int]) -> dict[int, date]:
    """Give the contracts on these drafts, each with the first day that a line of it is about."""
    line = document_line.c
    query = select(line.subscription_id, func.min(line.period_start).label("first")).where(
        line.subscription_id.is_not(None), line.period_start.is_not(None)
    )
    result: dict[int, date] = {}
    for part in _parts(draft_ids):
        rows = db.connection.execute(query.where(line.document_id.in_(part)).group_by(line.subscription_id))
        for row in rows:
            result[row.subscription_id] = min(row.first, result.get(row.subscription_id, row.first))
    return result


def waiting_subscriptions(db: Db) -> dict[int, date]:
    """Give the contracts on drafts that people made, such as corrections: a run leaves them alone meanwhile."""
    columns = document.c
    query = select(columns.id).where(columns.status == DocumentState.DRAFT.value, columns.run_id.is_(None))
    return draft_subscriptions(db, db.connection.execute(query).scalars())


def look_again(db: Db, customer_ids: Iterable[int]) -> None:
    """Have the next run make the drafts of these receivers anew, because what they are given changed."""
    drafts = pending_drafts(db)
    subscriptions.touch(db, draft_subscriptions(db, [key for one in customer_ids for key in drafts.get(one, ())]))


def forget_drafts(db: Db, ids: Sequence[int]) -> None:
    """Delete drafts and have the next run look again at the days they were about."""
    subscriptions.touch(db, draft_subscriptions(db, ids))
    delete_drafts(db, ids)


def load_billed(db: Db, since: Mapping[int, date | None]) -> dict[int, list[BilledLine]]:
    """Give what issued documents say about contracts.

    That is each line that ends after the contract's day in `since`, and every line that corrects one of those.
    """
    result: dict[int, list[BilledLine]] = {key: [] for key in since}
    for part in _parts(since):
        days = [since[key] for key in part]
        first = None if any(day is None for day in days) else min(day for day in days if day is not None)
        kept: set[int] = set()
        for row in _billed_rows(db, part, first):
            start = since[row.subscription_id]
            if start is None or row.period_end > start or row.corrects_line_id in kept:
                kept.add(row.id)
                result[row.subscription_id].append(_billed(row))
    return result


def _billed_rows(db: Db, ids: Sequence[int], first: date | None) -> Iterable[Row[Any]]:
    """Give issued lines by id, so that a line comes before those that correct it."""
    line = document_line
    query = (
        select(line, document.c.number, document.c.currency)
        .join(document, document.c.id == line.c.document_id)
        .where(document.c.state != DocumentState.DRAFT, line.c.period_end.is_not(None))
    )
    recent = line.c.subscription_id.in_(ids)
    if first is None:
        return db.connection.execute(query.where(recent).order_by(line.c.id)).all()
    charge = _charge_line.c
    corrected = select(charge.id).where(charge.subscription_id.in_(ids), charge.period_end > first)
    rows = {row.id: row for row in db.connection.execute(query.where(recent, line.c.period_end > first))}
    corrections = query.where(line.c.corrects_line_id.in_(corrected), line.c.period_end <= first)
    rows |= {row.id: row for row in db.connection.execute(corrections)}
    return [rows[key] for key in sorted(rows)]


def _billed(row: Row[Any]) -> BilledLine:
    return BilledLine(
        line_id=row.id,
        document_id=row.document_id,
        document_number=row.number,
        kind=row.kind,
        price_id=row.price_id,
        period=Period(row.period_start, row.period_end),
        amount=row.amount_minor,
        quantity=row.quantity,
        terms=row.terms,
        tax=line_tax(row, row.currency),
        discount=row.discount_minor,
        unit_price=row.unit_price,
        corrects_line_id=row.corrects_line_id,
        of_days=row.of_days,
    )


def charge_days(db: Db, charged: Sequence[ChargedDays]) -> None:
    """Mark days as charged; raises InvariantBroken when one of them is charged already."""
    rows = [
        (one.subscription_id, one.price_id, one.start.isoformat(), one.end.isoformat(), one.line_id) for one in charged
    ]
    try:
        insert_tuples(db, billed_slice, _SLICE, rows)
    except DBAPIError as error:
        # SQLite reports a trigger's refusal as a broken constraint, PostgreSQL as an error of the program.
        if DAY_CHARGED_TWICE not in str(error.orig):
            raise
        contracts = tuple(sorted({str(one.subscription_id) for one in charged}))
        raise InvariantBroken("no_day_charged_twice", contracts) from error


def free_days(db: Db, credited: Sequence[CreditedDays]) -> None:
    """Take days back from the lines that charged them; what is left of a charge stays charged."""
    table = billed_slice
    slices: dict[int, list[ChargedDays]] = {}
    for part in _parts(one.line_id for one in credited):
        for row in db.connection.execute(select(table).where(table.c.line_id.in_(part))):
            kept = ChargedDays(row.subscription_id, row.price_id, row.start_day, row.end_day, row.line_id)
            slices.setdefault(row.line_id, []).append(kept)
    for one in credited:
        slices[one.line_id] = [rest for kept in slices.get(one.line_id, ()) for rest in _without(kept, one)]
    for part in _parts(slices):
        db.connection.execute(delete(table).where(table.c.line_id.in_(part)))
    charge_days(db, [kept for group in slices.values() for kept in group])


def free_lines(db: Db, line_ids: Iterable[int]) -> None:
    """Take all days back from lines of which nothing is left to pay."""
    for part in _parts(line_ids):
        db.connection.execute(delete(billed_slice).where(billed_slice.c.line_id.in_(part)))


def run_drafts_about(db: Db, subscription_ids: Iterable[int]) -> list[int]:
    """Give the drafts of runs that bill these contracts."""
    query = select(document.c.id).distinct().join(document_line, document_line.c.document_id == document.c.id)
    query = query.where(document.c.status == DocumentState.DRAFT.value, document.c.run_id.is_not(None))
    rows = (
        key
        for part in _parts(subscription_ids)
        for key in db.connection.execute(query.where(document_line.c.subscription_id.in_(part))).scalars()
    )
    return sorted(set(rows))


def threshold_drafts(db: Db, subscription_ids: Iterable[int]) -> dict[int, int]:
    """Give the drafts about these contracts that a threshold asked for, each with its run."""
    query = select(document.c.id, document.c.run_id).join(billing_run, billing_run.c.id == document.c.run_id)
    query = query.where(cast(billing_run.c.scope, Text).contains(f'"{BY_THRESHOLD}":'))
    rows = bulk.rows_in(db, query, document.c.id, run_drafts_about(db, subscription_ids))
    return {row.id: row.run_id for row in rows}


def runs_with_documents(db: Db, run_ids: Iterable[int]) -> set[int]:
    """Give those of some runs that made a document which is still there."""
    query = select(document.c.run_id).distinct()
    return {row.run_id for row in bulk.rows_in(db, query, document.c.run_id, run_ids)}


def _without(kept: ChargedDays, gone: CreditedDays) -> Iterable[ChargedDays]:
    spans = ((kept.start, min(kept.end, gone.start)), (max(kept.start, gone.end), kept.end))
    for start, end in spans:
        if start < end:
            yield ChargedDays(kept.subscription_id, kept.price_id, start, end, kept.line_id)


def insert_run(db: Db, as_of: date, scope: Mapping[str, Any]) -> int:
    """Begin a run and give its id."""
    values = {"as_of": as_of, "scope": scope, "state": "drafted", "created_at": db.now, "user": db.user}
    values |= {"documents": 0, "lines": 0, "subscriptions": 0, "totals": [], "findings": []}
    return int(db.connection.execute(insert(billing_run).values(values).returning(billing_run.c.id)).scalar_one())


def update_run(db: Db, run_id: int, **values: object) -> None:
    """Write how a run ended, or that it was undone."""
    db.connection.execute(update(billing_run).where(billing_run.c.id == run_id).values(**values))


def delete_run(db: Db, run_id: int) -> None:
    """Forget a run that made nothing."""
    db.connection.execute(delete(billing_run).where(billing_run.c.id == run_id))


def list_runs(db: Db, *, offset: int = 0, limit: int = 100) -> list[RunRow]:
    """Give runs, newest first."""
    query = select(billing_run).order_by(billing_run.c.id.desc()).offset(offset).limit(limit)
    return [_run(row) for row in db.connection.execute(query)]


def load_run(db: Db, run_id: int) -> RunRow:
    """Give one run; raises NotFound."""
    row = db.connection.execute(select(billing_run).where(billing_run.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFound("billing", str(run_id))
    return _run(row)


def _run(row: Row[Any]) -> RunRow:
    return RunRow(**row._mapping)


def last_documents(db: Db, customer_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """Give the net of each customer's last issued invoice from a run, by customer and currency.

    Each is one look-up from the newest document backwards, so that years of invoices cost nothing.
    """
    payer = func.coalesce(customer.c.parent_id, customer.c.id).label("payer")
    one = document.alias("one")
    newest = (
        select(one.c.id)
        .where(
            one.c.customer_id == payer,
            one.c.currency == subscription.c.currency,
            one.c.state != DocumentState.DRAFT,
            one.c.kind == "invoice",
            one.c.run_id.is_not(None),
        )
        .order_by(one.c.issue_date.desc(), one.c.id.desc())
        .limit(1)
        .correlate(customer, subscription)
        .scalar_subquery()
    )
    owned = subscription.join(customer, customer.c.id == subscription.c.customer_id)
    pairs = select(newest.label("newest")).select_from(owned).distinct()
    columns = document.c
    query = select(columns.customer_id, columns.currency, columns.net_minor)
    result: dict[tuple[int, str], int] = {}
    for part in _parts(customer_ids):
        theirs = or_(customer.c.id.in_(part), customer.c.parent_id.in_(part))
        ids = [key for key in db.connection.execute(pairs.where(theirs)).scalars() if key is not None]
        for row in db.connection.execute(query.where(columns.id.in_(ids))):
            result[row.customer_id, row.currency] = row.net_minor
    return result


def customers_billed(db: Db, customer_ids: Iterable[int]) -> set[int]:
    """Give those customers who have an issued document."""
    columns = document.c
    issued = exists().where(columns.customer_id == customer.c.id, columns.state != DocumentState.DRAFT)
    query = select(customer.c.id).where(issued)
    return {row.id for row in bulk.rows_in(db, query, customer.c.id, customer_ids)}


def charges_days(kind: LineKind) -> bool:
    """Whether lines of a kind charge whole days, which may not be charged twice; usage may be added to."""
    return kind is LineKind.CHARGE
