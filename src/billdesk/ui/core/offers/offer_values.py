"""The forms of discounts, coupons and credit: their fields, and the records that their values make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.domain.discounts import Discount, DiscountFrequency, DiscountScope
from billdesk.kernel.decimals import from_text
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.money import Money
from billdesk.services.customer_offers import OffersCard
from billdesk.services.wallets import USUAL_PRIORITY, Grant, WalletRow

_ALL: Final = "all"
_HUNDRED: Final = Decimal(100)
_KIND_WORDS: Final = {
    DiscountScope.PLANS: N_("Plan {name}"),
    DiscountScope.PRODUCTS: N_("Product {name}"),
    DiscountScope.METRICS: N_("Meter {name}"),
}
_FREQUENCIES: Final = (
    (DiscountFrequency.FOREVER.value, N_("Every time")),
    (DiscountFrequency.PERIODS.value, N_("For a number of periods")),
    (DiscountFrequency.ONCE.value, N_("Once")),
)
COUPON_FIELDS: Final = (Field("coupon", N_("Code")),)


def discount_fields(card: OffersCard) -> tuple[Field, ...]:
    """Give the fields of a discount for an owner; amounts are in its currency."""
    choices = [(f"{one.scope.value}:{one.id}", _(_KIND_WORDS[one.scope], name=one.name)) for one in card.choices]
    return (
        Field("label", N_("Text on the document"), help=N_("Such as “Welcome discount”.")),
        Field("percent", N_("Percentage"), Kind.DECIMAL, required=False, minimum=Decimal(0), maximum=_HUNDRED),
        Field("amount", N_("or an amount"), Kind.DECIMAL, required=False, help=_("in {code}", code=card.currency)),
        Field("frequency", N_("How often"), Kind.CHOICE, default=_FREQUENCIES[0][0], choices=_FREQUENCIES),
        Field("periods_left", N_("Number of periods"), Kind.INTEGER, required=False),
        Field("scope_ids", N_("On what"), Kind.CHOICE, default=_ALL, choices=((_ALL, N_("Everything")), *choices)),
        Field("since", N_("From"), Kind.DATE, required=False),
        Field("until", N_("Until"), Kind.DATE, required=False, help=N_("The first day without it.")),
    )


def to_discount(values: Mapping[str, object], card: OffersCard) -> Discount:
    """Give the discount of a form's JSON values."""
    amount, percent = values.get("amount"), values.get("percent")
    scope, _colon, key = str(values.get("scope_ids") or _ALL).partition(":")
    frequency = DiscountFrequency(str(values.get("frequency") or DiscountFrequency.FOREVER.value))
    return Discount(
        id=0,
        label=str(values.get("label") or ""),
        percent=None if percent is None else from_text(str(percent)),
        amount=None if amount is None else Money.of(from_text(str(amount)), card.currency),
        scope=DiscountScope(scope),
        scope_ids=frozenset({int(key)}) if key else frozenset(),
        frequency=frequency,
        periods_left=_integer(values.get("periods_left")) if frequency is DiscountFrequency.PERIODS else None,
        since=_day(values.get("since")),
        until=_day(values.get("until")),
        subscription_id=card.owner.subscription_id,
    )


def grant_fields(card: OffersCard) -> tuple[Field, ...]:
    """Give the fields of a grant; its amount is in the owner's currency, and units are those of a meter."""
    products = tuple((str(one.id), one.name) for one in card.choices if one.scope is DiscountScope.PRODUCTS)
    meters = tuple((str(one.id), one.name) for one in card.choices if one.scope is DiscountScope.METRICS)
    money = _("in {code}", code=card.currency)
    return (
        Field("label", N_("Text on the document"), help=N_("Such as “Prepaid credit 2026”.")),
        Field("amount", N_("Amount"), Kind.DECIMAL, required=False, help=money),
        Field("units", N_("or a number of units"), Kind.INTEGER, required=False),
        Field("unit_value", N_("One unit is worth"), Kind.DECIMAL, required=False, help=money),
        Field("unit_name", N_("Units of"), Kind.CHOICE, required=False, choices=meters),
        Field("product_ids", N_("Only for"), Kind.CHOICE, required=False, choices=products),
        Field("expires_on", N_("Until"), Kind.DATE, required=False, help=N_("The first day on which it pays nothing.")),
        Field("priority", N_("Priority"), Kind.INTEGER, default=USUAL_PRIORITY, help=N_("The lowest is used first.")),
        Field("reason", N_("Why"), required=False),
        Field("is_promotional", N_("Given away, not paid for"), Kind.BOOLEAN, required=False, default=False),
    )


def to_grant(values: Mapping[str, object], card: OffersCard) -> Grant:
    """Give the grant of a form's JSON values."""
    priority, product = _integer(values.get("priority")), _integer(values.get("product_ids"))
    return Grant(
        customer_id=card.receiver_id,
        entity_id=card.entity_id,
        label=str(values.get("label") or ""),
        amount=_money(values.get("amount"), card.currency),
        units=_integer(values.get("units")),
        unit_value=_money(values.get("unit_value"), card.currency),
        unit_name=_unit(values.get("unit_name"), card),
        priority=USUAL_PRIORITY if priority is None else priority,
        expires_on=_day(values.get("expires_on")),
        is_promotional=bool(values.get("is_promotional")),
        product_ids=frozenset() if product is None else frozenset({product}),
        reason=str(values.get("reason") or ""),
    )


def _unit(metric_id: object, card: OffersCard) -> str:
    meters = (one for one in card.choices if one.scope is DiscountScope.METRICS)
    return next((one.unit for one in meters if str(one.id) == metric_id), "")


def top_up_fields(row: WalletRow) -> tuple[Field, ...]:
    """Give the fields of adding to a grant: an amount, or units where it counts them."""
    money = _("in {code}", code=row.granted.currency)
    counts = row.wallet.unit_value is not None
    units = (Field("units", N_("or a number of units"), Kind.INTEGER, required=False, help=row.unit_name),)
    return (
        Field("amount", N_("Amount"), Kind.DECIMAL, required=not counts, help=money),
        *(units if counts else ()),
        Field("reason", N_("Why"), required=False),
    )


def withdraw_fields(row: WalletRow) -> tuple[Field, ...]:
    """Give the fields of taking credit back; without an amount all that is left goes."""
    left = current().money(row.wallet.balance)
    return (
        Field(
            "amount", N_("Amount"), Kind.DECIMAL, required=False, help=_("Empty: all of the {left} left.", left=left)
        ),
        Field("reason", N_("Why"), required=False),
    )


def _money(value: object, currency: str) -> Money | None:
    return None if value is None else Money.of(from_text(str(value)), currency)


def _integer(value: object) -> int | None:
    return None if value is None else int(str(value))


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(str(value))
