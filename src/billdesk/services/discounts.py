"""Discounts and coupons: give one, end it, use a code, see what is left (billing rules §7.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from billdesk.domain.customers import Customer
from billdesk.domain.discount_use import Granted, is_overused
from billdesk.domain.discounts import (
    Coupon,
    CouponFacts,
    Discount,
    DiscountScope,
    check_coupon,
    check_discount,
)
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.errors import InvalidValue, NotFound, Place, Problem, RowsRejected, RuleBroken
from billdesk.services import audit
from billdesk.services.identifiers import currencies
from billdesk.services.result import Result
from billdesk.storage import billing, catalog, customers, subscriptions
from billdesk.storage import discounts as storage
from billdesk.storage.database import Db
from billdesk.storage.discounts import CouponRow, DiscountRow
from billdesk.storage.usage.metrics import list_metrics

__all__ = ["CouponRow", "DiscountRow"]

_CHANGED: Final[Changes] = frozenset({Noun.BILLING, Noun.CUSTOMERS, Noun.SUBSCRIPTIONS})


def create_discount(
    db: Db, discount: Discount, *, customer_id: int | None = None, reason: str = ""
) -> Result[DiscountRow]:
    """Give a discount to the receiver of documents, or to the contract that it names.

    `periods_left` is for how many periods. Raises RowsRejected when it is wrong, RuleBroken when the customer's
    documents go to another one.
    """
    record = replace(discount, id=0, label=discount.label.strip(), left=None)
    _require(db, record)
    _require_owner(db, record, customer_id)
    granted = Granted(record, customer_id)
    discount_id = storage.insert_discount(db, granted, reason=reason)
    return _given(db, discount_id, "create_discount")


def _given(db: Db, discount_id: int, command: str) -> Result[DiscountRow]:
    made = storage.load_row(db, discount_id)
    billing.look_again(db, _receivers(db, made.granted))
    terms = made.granted.discount
    details = {"label": terms.label, "percent": f"{terms.percent:f}" if terms.percent else str(terms.amount)}
    whose: dict[str, object] = {"customer": made.granted.customer_id, "contract": made.subscription_number}
    audit.record(db, command=command, noun=Noun.BILLING, subject=str(discount_id), details=details | whose)
    return Result(made, _CHANGED)


def _receivers(db: Db, granted: Granted) -> list[int]:
    """Give who receives the documents that have a discount."""
    if granted.customer_id is not None:
        return [granted.customer_id]
    record = subscriptions.load(db, granted.discount.subscription_id or 0)
    owner = customers.load(db, record.customer_id)
    return [owner.parent_id or owner.id]


def check_terms(discount: Discount) -> list[Problem]:
    """Say what is wrong with the terms of a discount, without looking into the book."""
    problems = check_discount(discount)
    if not discount.label.strip():
        problems.append(Problem("value_missing", Place(field="label")))
    if discount.amount is not None and discount.amount.currency not in currencies():
        code = "unknown_currency" if discount.amount.currency else "value_missing"
        problems.append(Problem(code, Place(field="currency"), discount.amount.currency))
    if discount.scope is not DiscountScope.ALL and not discount.scope_ids:
        problems.append(Problem("value_missing", Place(field="scope_ids")))
    return problems


def _require(db: Db, discount: Discount) -> None:
    problems = check_terms(discount)
    unknown = sorted(discount.scope_ids - _in_scope(db, discount.scope))
    problems += [Problem("scope_unknown", Place(field="scope_ids"), str(key)) for key in unknown]
    if problems:
        raise RowsRejected(tuple(problems))


def _in_scope(db: Db, scope: DiscountScope) -> frozenset[int]:
    match scope:
        case DiscountScope.PLANS:
            return frozenset(catalog.load_plans(db))
        case DiscountScope.PRODUCTS:
            return frozenset(catalog.load_products(db))
        case DiscountScope.METRICS:
            return frozenset(metric.id for metric in list_metrics(db))
        case DiscountScope.PRICES:
            return frozenset(catalog.load_prices(db))
        case _:
            return frozenset()


def _require_owner(db: Db, discount: Discount, customer_id: int | None) -> None:
    if (customer_id is None) is (discount.subscription_id is None):
        raise InvalidValue(Problem("discount_for_one", Place(field="subscription")))
    if customer_id is None:
        known = {subscriptions.load(db, discount.subscription_id or 0).currency}
    else:
        customer = require_receiver(db, customer_id)
        known = {customer.currency, *storage.currencies_billed(db, customer_id)}
    if discount.amount is not None and discount.amount.currency not in known:
        details = (("currencies", ", ".join(sorted(known))),)
        problem = Problem("discount_other_currency", Place(field="currency"), discount.amount.currency, details)
        raise InvalidValue(problem)


def require_receiver(db: Db, customer_id: int) -> Customer:
    """Give a customer who receives its own documents; raises RuleBroken when another one does."""
    customer = customers.load(db, customer_id)
    if customer.parent_id is not None:
        parent = customers.load(db, customer.parent_id)
        raise RuleBroken("receiver_is_other", (("customer", customer.name), ("receiver", parent.name)))
    return customer


def end_discount(db: Db, discount_id: int, day: date | None = None, *, version: int | None = None) -> Result[None]:
    """Give a discount no more for what falls due from a day on (today); what was issued keeps it.

    Raises StaleRecord, or RuleBroken when it ended before.
    """
    row, day = storage.load_row(db, discount_id), day or db.today
    terms = row.granted.discount
    if terms.until is not None and terms.until <= day:
        raise RuleBroken("discount_ended", (("label", terms.label), ("date", terms.until.isoformat())))
    storage.end_discount(db, discount_id, day, row.version if version is None else version)
    billing.look_again(db, _receivers(db, row.granted))
    details = {"label": terms.label, "until": day.isoformat()}
    audit.record(db, command="end_discount", noun=Noun.BILLING, subject=str(discount_id), details=details)
    return Result(None, _CHANGED)


def resume_discount(db: Db, discount_id: int, until: date | None = None) -> Result[None]:
    """Take the end of a discount back, or move it to a later day; what falls due next has it again.

    Raises RuleBroken when it does not end, or would not end later.
    """
    row = storage.load_row(db, discount_id)
    terms = row.granted.discount
    if terms.until is None or (until is not None and until <= terms.until):
        raise RuleBroken("discount_not_ended", (("label", terms.label),))
    storage.end_discount(db, discount_id, until, row.version)
    billing.look_again(db, _receivers(db, row.granted))
    details = {"label": terms.label, "until": until.isoformat() if until else None}
    audit.record(db, command="resume_discount", noun=Noun.BILLING, subject=str(discount_id), details=details)
    return Result(None, _CHANGED)


def list_discounts(
    db: Db, *, customer_id: int | None = None, subscription_id: int | None = None, offset: int = 0, limit: int = 100
) -> list[DiscountRow]:
    """Give discounts in the order in which they are taken: of a customer, of a contract with its customer's, or all."""
    return storage.list_rows(db, customer_id=customer_id, subscription_id=subscription_id, offset=offset, limit=limit)


def load_discount(db: Db, discount_id: int) -> DiscountRow:
    """Give one discount with what was used of it; raises NotFound."""
    return storage.load_row(db, discount_id)


# Coupons


def normal_code(code: str) -> str:
    """Give a coupon's code as the book keeps it: upper case, without spaces."""
    return "".join(code.split()).upper()


def create_coupon(db: Db, coupon: Coupon) -> Result[CouponRow]:
    """Add a code that gives a discount; raises RowsRejected when it is wrong or the code is taken."""
    code = normal_code(coupon.code)
    terms = replace(coupon.discount, id=0, label=coupon.discount.label.strip() or code, subscription_id=None)
    problems = check_terms(terms) + _check_limits(coupon)
    if not code:
        problems.append(Problem("value_missing", Place(field="code")))
    elif storage.find_coupon(db, code) is not None:
        problems.append(Problem("already_used", Place(field="code"), code))
    if problems:
        raise RowsRejected(tuple(problems))
    _require(db, terms)
    storage.insert_coupon(db, replace(coupon, code=code, discount=terms))
    audit.record(db, command="create_coupon", noun=Noun.BILLING, subject=code, details={"label": terms.label})
    return Result(find_coupon(db, code), frozenset({Noun.BILLING}))


def _check_limits(coupon: Coupon) -> list[Problem]:
    limits = (("most_uses", coupon.most_uses), ("most_per_customer", coupon.most_per_customer))
    problems = [
        Problem("too_small", Place(field=name), str(limit), (("minimum", "1"),))
        for name, limit in limits
        if limit is not None and limit < 1
    ]
    if coupon.since is not None and coupon.until is not None and coupon.until <= coupon.since:
        problems.append(Problem("validity_ends_before_start", Place(field="until"), coupon.until.isoformat()))
    return problems


def archive_coupon(db: Db, code: str, *, archived: bool = True) -> Result[None]:
    """Close a coupon to new uses, or open it again; discounts that it gave go on."""
    row = find_coupon(db, code)
    storage.archive_coupon(db, row.coupon.id, row.version, archived=archived)
    command = "archive_coupon" if archived else "restore_coupon"
    audit.record(db, command=command, noun=Noun.BILLING, subject=row.coupon.code)
    return Result(None, frozenset({Noun.BILLING}))


def list_coupons(db: Db, *, archived: bool = False, offset: int = 0, limit: int = 100) -> list[CouponRow]:
    """Give coupons by code, with how often each was used."""
    return storage.list_coupons(db, archived=archived, offset=offset, limit=limit)


def find_coupon(db: Db, code: str) -> CouponRow:
    """Give the coupon with a code, however it is typed; raises NotFound."""
    found = storage.find_coupon(db, normal_code(code))
    if found is None:
        raise NotFound("coupons", code)
    return found


def redeem_coupon(
    db: Db, code: str, *, customer_id: int | None = None, subscription_id: int | None = None, day: date | None = None
) -> Result[DiscountRow]:
    """Use a code for a customer or a contract: its discount is theirs from now on.

    Raises RowsRejected with each reason why it cannot be used: window, limits, currency, first time only.
    """
    row = find_coupon(db, code)
    coupon = row.coupon
    record = replace(coupon.discount, subscription_id=subscription_id, coupon_code=coupon.code)
    if subscription_id is not None:
        contract = subscriptions.load(db, subscription_id)
        owner_id, currency = contract.customer_id, contract.currency
    else:
        owner = require_receiver(db, customer_id or 0)
        owner_id, currency = owner.id, owner.currency
    facts = CouponFacts(
        day=day or db.today,
        currency=currency,
        uses=row.uses,
        uses_of_customer=storage.uses_of_customer(db, coupon.id, owner_id),
        has_been_billed=bool(billing.customers_billed(db, [owner_id])),
    )
    problems = check_coupon(coupon, facts)
    if problems:
        raise RowsRejected(tuple(problems))
    granted = Granted(record, None if subscription_id is not None else customer_id)
    made = storage.insert_discount(db, granted, reason="", coupon_id=coupon.id, redeemed_by_id=owner_id)
    return _given(db, made, "redeem_coupon")


def check_discounts(db: Db) -> list[Problem]:
    """Name each discount of which documents took more than was agreed, for the book's self-test."""
    rows = storage.limited_discounts(db)
    return [Problem("discount_overused", value=granted.discount.label) for granted in rows if is_overused(granted)]
