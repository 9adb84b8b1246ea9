"""Granting prepaid credit, adding to it, taking it back, and letting it expire (billing rules §7.4).

What was paid for stands in the ledger as a liability until invoices use it; its money is booked on the clearing
account when it comes in. What was given away stands nowhere until it is used, and then lowers revenue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from billdesk.domain.wallets import MovementKind, Wallet
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import InvalidValue, Place, Problem, RowsRejected, RuleBroken
from billdesk.kernel.money import Money
from billdesk.services import audit, ledger
from billdesk.services.discounts import require_receiver
from billdesk.services.identifiers import currencies
from billdesk.services.rates import rate_on
from billdesk.services.result import Result
from billdesk.services.wallets.moving import CHANGED, done, move
from billdesk.storage import catalog, entities
from billdesk.storage import wallets as storage
from billdesk.storage.database import Db
from billdesk.storage.wallets import Movement, WalletRow

HIGHEST_PRIORITY: Final = 0
LOWEST_PRIORITY: Final = 100
USUAL_PRIORITY: Final = 50


@dataclass(frozen=True, slots=True)
class Grant:
    """Credit to be granted: `amount` in money, or `units` of `unit_value` each.

    A lower priority is used first. `expires_on` is the first day on which it pays nothing more; `product_ids` limits
    it to lines of these products.
    """

    customer_id: int
    entity_id: int
    label: str
    amount: Money | None = None
    units: int | None = None
    unit_value: Money | None = None
    unit_name: str = ""
    priority: int = USUAL_PRIORITY
    expires_on: date | None = None
    is_promotional: bool = False
    product_ids: frozenset[int] = frozenset()
    day: date | None = None
    reason: str = ""

    @property
    def worth(self) -> Money | None:
        """What is granted in money, None while it is not known."""
        if self.amount is not None:
            return self.amount
        if self.units is None or self.unit_value is None:
            return None
        return Money(self.units * self.unit_value.minor, self.unit_value.currency)


def check_grant(given: Grant, today: date) -> list[Problem]:
    """Say what is wrong with a grant, without looking into the book."""
    worth, day = given.worth, given.day or today
    problems = [Problem("value_missing", Place(field="label"))] if not given.label.strip() else []
    if worth is None or (given.amount is not None and given.units is not None):
        problems.append(Problem("grant_amount_or_units", Place(field="amount")))
    elif given.units and given.unit_value is not None and not given.unit_value:
        problems.append(Problem("unit_value_too_small", Place(field="unit_value")))
    elif worth.minor <= 0 or (given.unit_value is not None and given.unit_value.minor <= 0):
        problems.append(Problem("amount_not_positive", Place(field="amount"), str(worth)))
    if worth is not None and worth.currency not in currencies():
        code = "unknown_currency" if worth.currency else "value_missing"
        problems.append(Problem(code, Place(field="currency"), worth.currency))
    if given.expires_on is not None and given.expires_on <= day:
        problems.append(Problem("validity_ends_before_start", Place(field="expires_on"), given.expires_on.isoformat()))
    return problems + _check_priority(given.priority)


def _check_priority(priority: int) -> list[Problem]:
    place = Place(field="priority")
    if priority < HIGHEST_PRIORITY:
        return [Problem("too_small", place, str(priority), (("minimum", str(HIGHEST_PRIORITY)),))]
    if priority > LOWEST_PRIORITY:
        return [Problem("too_large", place, str(priority), (("maximum", str(LOWEST_PRIORITY)),))]
    return []


@dataclass(frozen=True, slots=True)
class TopUp:
    """What is added to a grant: `amount` in its currency, or `units` where it counts them."""

    amount: Money | None = None
    units: int | None = None
    reason: str = ""
    day: date | None = None


def grant_wallet(db: Db, given: Grant) -> Result[WalletRow]:
    """Grant credit to the receiver of documents, which pays its invoices from now on.

    Raises RowsRejected when the grant is wrong, RuleBroken in a closed period or when another customer receives
    the documents.
    """
    made = open_wallet(db, given)
    day = made.wallet.granted_on
    move(db, [(made, Movement(made.wallet.id, MovementKind.GRANT, made.granted, day, reason=given.reason))])
    details = {"amount": str(made.granted), "customer": made.customer_id}
    return done(db, made.wallet.id, "grant_wallet", details)


def open_wallet(db: Db, given: Grant) -> WalletRow:
    """Write a grant with nothing on it yet, as part of another step that fills it; raises as `grant_wallet`."""
    problems = check_grant(given, db.today)
    unknown = sorted(given.product_ids - set(catalog.load_products(db, given.product_ids)))
    problems += [Problem("scope_unknown", Place(field="product_ids"), str(key)) for key in unknown]
    worth = given.worth
    if problems or worth is None:
        raise RowsRejected(tuple(problems))
    customer = require_receiver(db, given.customer_id)
    entity = entities.load_entity(db, given.entity_id)
    day = given.day or db.today
    ledger.require_open(entity.lock_date, day)
    row = WalletRow(
        wallet=_wallet(given, worth, day),
        customer_id=customer.id,
        customer_name=customer.name,
        entity_id=entity.id,
        granted=worth,
        unit_name=given.unit_name.strip(),
        rate=rate_on(db, worth.currency, entity.currency, day).rate,
        local_currency=entity.currency,
        created_at=db.now,
        created_by=db.user,
    )
    return storage.load_row(db, storage.insert_wallet(db, row))


def _wallet(given: Grant, worth: Money, day: date) -> Wallet:
    return Wallet(
        id=0,
        label=given.label.strip(),
        balance=Money.zero(worth.currency),
        granted_on=day,
        priority=given.priority,
        expires_on=given.expires_on,
        is_promotional=given.is_promotional,
        product_ids=given.product_ids,
        unit_value=given.unit_value if given.amount is None else None,
    )


def top_up_wallet(db: Db, wallet_id: int, given: TopUp) -> Result[WalletRow]:
    """Add credit to a grant, on the same terms; raises InvalidValue, or RuleBroken when the grant has expired."""
    row = storage.load_row(db, wallet_id)
    day, wallet = given.day or db.today, row.wallet
    if wallet.expires_on is not None and wallet.expires_on <= day:
        raise RuleBroken("wallet_expired", (("label", wallet.label), ("date", wallet.expires_on.isoformat())))
    added = _added(row, given)
    ledger.require_open(entities.load_entity(db, row.entity_id).lock_date, day)
    move(db, [(row, Movement(wallet_id, MovementKind.TOP_UP, added, day, reason=given.reason))])
    return done(db, wallet_id, "top_up_wallet", {"amount": str(added), "reason": given.reason})


def _added(row: WalletRow, given: TopUp) -> Money:
    unit, currency = row.wallet.unit_value, row.granted.currency
    if (given.amount is None) is (given.units is None):
        raise InvalidValue(Problem("grant_amount_or_units", Place(field="amount")))
    if given.amount is not None:
        added = given.amount
    elif unit is None:
        raise InvalidValue(Problem("wallet_without_units", Place(field="units"), row.wallet.label))
    else:
        added = Money((given.units or 0) * unit.minor, currency)
    if added.currency != currency:
        raise InvalidValue(
            Problem("wallet_other_currency", Place(field="currency"), added.currency, (("currency", currency),))
        )
    if added.minor <= 0:
        raise InvalidValue(Problem("amount_not_positive", Place(field="amount"), str(added)))
    return added


def withdraw_wallet(db: Db, wallet_id: int, amount: Money | None = None, *, reason: str) -> Result[WalletRow]:
    """Take back what is left of a grant, or a part of it; raises RuleBroken when that is more than is left."""
    row = storage.load_row(db, wallet_id)
    taken = amount or row.wallet.balance
    if taken.currency != row.granted.currency or not 0 < taken.minor <= row.wallet.balance.minor:
        raise RuleBroken("wallet_too_small", (("label", row.wallet.label), ("left", str(row.wallet.balance))))
    move(db, [(row, Movement(wallet_id, MovementKind.WITHDRAW, -taken, db.today, reason=reason))])
    return done(db, wallet_id, "withdraw_wallet", {"amount": str(taken), "reason": reason})


def expire_wallets(db: Db, day: date | None = None) -> Result[int]:
    """Write off what is left of the grants that expired by a day (today), and give how many there were.

    Expired credit pays nothing anyway; this moves what was paid for it from the liability to income. It is run
    whenever a book is opened or billed, and does nothing the second time; a company whose books are closed for the
    day waits until they are open.
    """
    day = day or db.today
    locked = {one.id for one in entities.list_entities(db) if one.lock_date is not None and day <= one.lock_date}
    rows = [row for row in storage.expired_rows(db, day) if row.entity_id not in locked]
    move(db, [(row, Movement(row.wallet.id, MovementKind.EXPIRE, -row.wallet.balance, day)) for row in rows])
    if rows:
        details = {"day": day.isoformat(), "wallets": [row.wallet.id for row in rows]}
        audit.record(db, command="expire_wallets", noun=Noun.BILLING, details=details)
    return Result(len(rows), CHANGED if rows else frozenset())
