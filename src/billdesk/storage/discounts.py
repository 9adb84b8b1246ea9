"""Discounts and coupons between their tables and their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, insert, or_, select, update

from billdesk.domain.discount_use import Granted, Use
from billdesk.domain.discounts import Coupon, CouponState, Discount, DiscountFrequency, coupon_state
from billdesk.domain.invoices import DocumentStatus, LineKind
from billdesk.kernel.errors import NotFound, StaleRecord
from billdesk.kernel.money import Money
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.invoices.reading import discounted_periods
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.discounts import coupon, discount, discount_use
from billdesk.storage.tables.invoices import document, document_discount, document_line
from billdesk.storage.tables.subscriptions import subscription

_CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """A discount as lists show it: what is left is in `granted`, whom it is for in words."""

    granted: Granted
    customer_name: str
    subscription_number: str
    version: int
    created_at: datetime
    created_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CouponRow:
    """A coupon with how often it was used, and whether it can be used today."""

    coupon: Coupon
    uses: int
    version: int
    state: CouponState = CouponState.OPEN


@dataclass(frozen=True, slots=True)
class NewUse:
    """What a document took of a discount, or gave back."""

    discount_id: int
    document_id: int
    use: Use


def has_discounts(db: Db) -> bool:
    """Whether the book has any discount at all."""
    return db.connection.execute(select(discount.c.id).limit(1)).first() is not None


def _values(record: Discount) -> dict[str, object]:
    amount = record.amount
    return {
        "label": record.label,
        "percent": record.percent,
        "amount_minor": None if amount is None else amount.minor,
        "currency": "" if amount is None else amount.currency,
        "scope": record.scope,
        "scope_ids": sorted(record.scope_ids),
        "frequency": record.frequency,
        "periods": record.periods_left if record.frequency is DiscountFrequency.PERIODS else None,
        "since": record.since,
        "until": record.until,
    }


def _discount(row: Row[Any], **more: Any) -> Discount:  # noqa: ANN401 - fields of Discount
    amount = None if row.amount_minor is None else Money(row.amount_minor, row.currency)
    return Discount(
        id=row.id,
        label=row.label,
        percent=row.percent,
        amount=amount,
        scope=row.scope,
        scope_ids=frozenset(row.scope_ids),
        frequency=row.frequency,
        periods_left=row.periods,
        since=row.since,
        until=row.until,
        **more,
    )


def currencies_billed(db: Db, customer_id: int) -> set[str]:
    """Give the currencies of the contracts that a customer receives documents for."""
    query = (
        select(subscription.c.currency)
        .distinct()
        .join(customer, customer.c.id == subscription.c.customer_id)
        .where(or_(customer.c.id == customer_id, customer.c.parent_id == customer_id))
    )
    return set(db.connection.execute(query).scalars())


def insert_discount(
    db: Db, granted: Granted, *, reason: str, coupon_id: int | None = None, redeemed_by_id: int | None = None
) -> int:
    """Write a discount and give its id; it comes after the others of its customer or contract."""
    record = granted.discount
    owner = discount.c.customer_id == granted.customer_id
    if granted.customer_id is None:
        owner = discount.c.subscription_id == record.subscription_id
    last = db.connection.execute(select(func.max(discount.c.position)).where(owner)).scalar()
    values = _values(record) | {
        "customer_id": granted.customer_id,
        "subscription_id": record.subscription_id,
        "position": record.position or (last or 0) + 1,
        "coupon_id": coupon_id,
        "redeemed_by_id": redeemed_by_id,
        "reason": reason,
        "version": 1,
        "created_at": db.now,
        "created_by": db.user,
    }
    return int(db.connection.execute(insert(discount).values(values).returning(discount.c.id)).scalar_one())


def end_discount(db: Db, discount_id: int, until: date | None, version: int) -> None:
    """Write the first day on which a discount is given no more, None for no end; raises StaleRecord."""
    matching = (discount.c.id == discount_id) & (discount.c.version == version)
    change = update(discount).where(matching).values(until=until, version=version + 1)
    if db.connection.execute(change).rowcount != 1:
        raise StaleRecord("discounts", str(discount_id), "?", "?")


def _rows(db: Db, query: Select[Any]) -> list[DiscountRow]:
    rows = db.connection.execute(query).all()
    counted = [row.id for row in rows if row.frequency is not DiscountFrequency.FOREVER]
    uses = load_uses(db, counted)
    return [_discount_row(row, uses.get(row.id, ())) for row in rows]


def _discount_row(row: Row[Any], uses: Sequence[Use]) -> DiscountRow:
    record = _discount(
        row, subscription_id=row.subscription_id, position=row.position, coupon_code=row.coupon_code or ""
    )
    return DiscountRow(
        granted=Granted(record, row.customer_id, tuple(uses)),
        customer_name=row.customer_name,
        subscription_number=row.subscription_number or "",
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
        reason=row.reason,
    )


def _wide() -> Select[Any]:
    owner = func.coalesce(discount.c.customer_id, subscription.c.customer_id)
    joined = (
        discount.outerjoin(subscription, subscription.c.id == discount.c.subscription_id)
        .join(customer, customer.c.id == owner)
        .outerjoin(coupon, coupon.c.id == discount.c.coupon_id)
    )
    columns = (
        customer.c.name.label("customer_name"),
        subscription.c.number.label("subscription_number"),
        coupon.c.code.label("coupon_code"),
    )
    return select(discount, *columns).select_from(joined).order_by(discount.c.position, discount.c.id)


def list_rows(
    db: Db, *, customer_id: int | None = None, subscription_id: int | None = None, offset: int = 0, limit: int = 100
) -> list[DiscountRow]:
    """Give discounts in their order: of a customer with its contracts, of a contract with its customer, or all."""
    query = _wide()
    if subscription_id is not None:
        owner = select(subscription.c.customer_id).where(subscription.c.id == subscription_id).scalar_subquery()
        query = query.where(or_(discount.c.subscription_id == subscription_id, discount.c.customer_id == owner))
    elif customer_id is not None:
        query = query.where(customer.c.id == customer_id)
    return _rows(db, query.offset(offset).limit(limit))


def load_row(db: Db, discount_id: int) -> DiscountRow:
    """Give one discount; raises NotFound."""
    found = _rows(db, _wide().where(discount.c.id == discount_id))
    if not found:
        raise NotFound("discounts", str(discount_id))
    return found[0]


def load_granted(
    db: Db, customer_ids: Iterable[int], subscription_ids: Iterable[int], *, since: date | None = None
) -> list[Granted]:
    """Give the discounts of these receivers and contracts with what issued documents used, in few queries.

    What drafts made by hand show counts as used: a run must not give it a second time. Of amounts that every period
    has, for ever, the periods that reach beyond `since` are read only, so that a long history costs nothing.
    """
    query = select(discount)
    rows = {row.id: row for row in bulk.rows_in(db, query, discount.c.customer_id, customer_ids)}
    rows |= {row.id: row for row in bulk.rows_in(db, query, discount.c.subscription_id, subscription_ids)}
    counted = [key for key, row in rows.items() if row.frequency is not DiscountFrequency.FOREVER]
    uses = load_uses(db, counted)
    lasting = [key for key, row in rows.items() if row.percent is None and key not in counted] if since else []
    uses |= load_uses(db, lasting, since=since)
    for key, held in _held_by_hand(db, [*counted, *lasting]).items():
        uses.setdefault(key, []).extend(held)
    return [
        Granted(
            _discount(row, subscription_id=row.subscription_id, position=row.position),
            row.customer_id,
            tuple(uses.get(key, ())),
        )
        for key, row in sorted(rows.items())
    ]


def load_counted(db: Db, ids: Iterable[int]) -> list[Granted]:
    """Give those discounts that are limited or amounts, with what issued documents used of them."""
    rows = [
        row
        for row in bulk.rows_in(db, select(discount), discount.c.id, ids)
        if row.frequency is not DiscountFrequency.FOREVER or row.percent is None
    ]
    uses = load_uses(db, [row.id for row in rows])
    return [Granted(_discount(row), row.customer_id, tuple(uses.get(row.id, ()))) for row in rows]


def limited_discounts(db: Db) -> list[Granted]:
    """Give every discount that is limited, with what issued documents used of it."""
    query = select(discount.c.id).where(discount.c.frequency != DiscountFrequency.FOREVER)
    return load_counted(db, db.connection.execute(query).scalars().all())


def load_uses(db: Db, discount_ids: Iterable[int], *, since: date | None = None) -> dict[int, list[Use]]:
    """Give what documents took of discounts less what they gave back, by discount and day.

    With `since` only for periods that reach beyond that day.
    """
    table = discount_use.c
    query = select(
        table.discount_id,
        table.day,
        func.max(table.until).label("until"),
        func.sum(table.amount_minor).label("minor"),
        func.sum(table.times).label("times"),
    )
    if since is not None:
        query = query.where(or_(table.until > since, table.day >= since))
    found: dict[int, list[Use]] = defaultdict(list)
    for part in bulk.chunks(discount_ids, _CHUNK):
        wanted = query.where(table.discount_id.in_(part)).group_by(table.discount_id, table.day)
        for row in db.connection.execute(wanted.order_by(table.discount_id, table.day)):
            found[row.discount_id].append(Use(row.day, row.until, int(row.minor), int(row.times)))
    return found


def _held_by_hand(db: Db, discount_ids: Sequence[int]) -> dict[int, list[Use]]:
    shown = document_discount.c
    query = (
        select(shown.discount_id, shown.amount_minor, shown.days)
        .join(document, document.c.id == shown.document_id)
        .where(document.c.status == DocumentStatus.DRAFT, document.c.run_id.is_(None))
    )
    found: dict[int, list[Use]] = {}
    if not discount_ids:
        return found
    wanted = set(discount_ids)
    for row in db.connection.execute(query.where(shown.discount_id.is_not(None))):
        if row.discount_id in wanted:
            periods = discounted_periods(row.days, row.amount_minor)
            held = [Use(period.day, period.until, period.minor) for period in periods]
            found.setdefault(row.discount_id, []).extend(held)
    return found


def discounted_drafts(db: Db, document_ids: Iterable[int]) -> list[int]:
    """Give those documents that show a discount which counts."""
    query = select(document_discount.c.document_id).where(document_discount.c.discount_id.is_not(None))
    rows = bulk.rows_in(db, query, document_discount.c.document_id, document_ids)
    return sorted({row.document_id for row in rows})


def amounts_shown(db: Db, document_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """Give what documents show of each discount, in minor units: by document, then by discount."""
    shown = document_discount.c
    query = select(shown.document_id, shown.discount_id, shown.amount_minor).where(shown.discount_id.is_not(None))
    found: dict[int, dict[int, int]] = {}
    for row in bulk.rows_in(db, query, shown.document_id, document_ids):
        amounts = found.setdefault(row.document_id, {})
        amounts[row.discount_id] = amounts.get(row.discount_id, 0) + row.amount_minor
    return found


@dataclass(frozen=True, slots=True)
class DiscountReturned:
    """What credits on a document return of the discounts of another one, for days from `day` on."""

    document_id: int
    corrected_id: int
    day: date
    minor: int


def discounts_credited(db: Db, document_ids: Iterable[int]) -> list[DiscountReturned]:
    """Give what credits on these documents return of discounts, by corrected document and day."""
    line, charge = document_line, document_line.alias("charge")
    total = func.sum(-line.c.discount_minor).label("minor")
    query = (
        select(line.c.document_id, charge.c.document_id.label("corrected"), line.c.period_start, total)
        .join(charge, charge.c.id == line.c.corrects_line_id)
        .where(line.c.kind == LineKind.CREDIT, line.c.discount_minor < 0)
        .group_by(line.c.document_id, charge.c.document_id, line.c.period_start)
    )
    rows = bulk.rows_in(db, query, line.c.document_id, document_ids)
    return [DiscountReturned(row.document_id, row.corrected, row.period_start, int(row.minor)) for row in rows]


def insert_uses(db: Db, uses: Sequence[NewUse]) -> None:
    """Write what documents took of discounts or gave back."""
    rows = [
        {
            "discount_id": one.discount_id,
            "document_id": one.document_id,
            "day": one.use.day,
            "until": one.use.until,
            "amount_minor": one.use.minor,
            "times": one.use.times,
        }
        for one in uses
    ]
    bulk.insert_rows(db, discount_use, rows)


def uses_of_document(db: Db, document_id: int) -> list[NewUse]:
    """Give what a document took of discounts."""
    table = discount_use.c
    rows = db.connection.execute(select(discount_use).where(table.document_id == document_id).order_by(table.id))
    return [NewUse(row.discount_id, document_id, Use(row.day, row.until, row.amount_minor, row.times)) for row in rows]


def insert_coupon(db: Db, record: Coupon) -> int:
    """Write a coupon and give its id."""
    values = _values(record.discount) | {
        "code": record.code,
        "since": record.since,
        "until": record.until,
        "most_uses": record.most_uses,
        "most_per_customer": record.most_per_customer,
        "first_time_only": record.first_time_only,
        "archived": record.archived,
        "version": 1,
        "created_at": db.now,
        "created_by": db.user,
    }
    return int(db.connection.execute(insert(coupon).values(values).returning(coupon.c.id)).scalar_one())


def archive_coupon(db: Db, coupon_id: int, version: int, *, archived: bool) -> None:
    """Close a coupon to new uses, or open it again; raises StaleRecord."""
    matching = (coupon.c.id == coupon_id) & (coupon.c.version == version)
    change = update(coupon).where(matching).values(archived=archived, version=version + 1)
    if db.connection.execute(change).rowcount != 1:
        raise StaleRecord("discounts", str(coupon_id), "?", "?")


def list_coupons(db: Db, *, archived: bool = False, offset: int = 0, limit: int = 100) -> list[CouponRow]:
    """Give coupons by code with how often they were used; with `archived` those too."""
    query = select(coupon).order_by(coupon.c.code).offset(offset).limit(limit)
    return _coupons(db, query if archived else query.where(coupon.c.archived.is_(False)))


def find_coupon(db: Db, code: str) -> CouponRow | None:
    """Give the coupon with a code, None when there is none."""
    found = _coupons(db, select(coupon).where(coupon.c.code == code))
    return found[0] if found else None


def _coupons(db: Db, query: Select[Any]) -> list[CouponRow]:
    rows = db.connection.execute(query).all()
    counts = select(discount.c.coupon_id, func.count().label("uses")).group_by(discount.c.coupon_id)
    used = {row.coupon_id: row.uses for row in bulk.rows_in(db, counts, discount.c.coupon_id, [r.id for r in rows])}
    return [_coupon_row(row, used.get(row.id, 0), db.today) for row in rows]


def _coupon_row(row: Any, uses: int, today: date) -> CouponRow:  # noqa: ANN401 - a row of SQLAlchemy
    found = Coupon(
        id=row.id,
        code=row.code,
        discount=replace(_discount(row, coupon_code=row.code), id=0, since=None, until=None),
        since=row.since,
        until=row.until,
        most_uses=row.most_uses,
        most_per_customer=row.most_per_customer,
        first_time_only=row.first_time_only,
        archived=row.archived,
    )
    return CouponRow(found, uses, row.version, coupon_state(found, today, uses))


def uses_of_customer(db: Db, coupon_id: int, customer_id: int) -> int:
    """Give how often a customer used a coupon."""
    query = select(func.count()).where(discount.c.coupon_id == coupon_id, discount.c.redeemed_by_id == customer_id)
    return int(db.connection.execute(query).scalar_one())
