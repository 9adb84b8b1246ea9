"""The forms of discounts, coupons and credit: their fields, and the records that their values make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from billdesk.domain.discounts import Coupon, Discount, DiscountFrequency, DiscountScope
from billdesk.kernel.decimals import from_text
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.money import Money
from billdesk.services.customer_offers import CouponChoices, OffersCard, ScopeChoice
from billdesk.services.wallets import USUAL_PRIORITY, Grant, WalletRow

_ALL: Final = "all"
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
    choices = _scope_choices(card.choices)
    return (
        Field("label", N_("Text on the document"), help=N_("Such as “Welcome discount”.")),
        Field("percent", N_("Percentage"), Kind.DECIMAL, required=False),
        Field("amount", N_("or an amount"), Kind.DECIMAL, required=False, help=_("in {code}", code=card.currency)),
        Field("frequency", N_("How often"), Kind.CHOICE, default=_FREQUENCIES[0][0], choices=_FREQUENCIES),
        Field("periods_left", N_("Number of periods"), Kind.INTEGER, required=False),
        Field("scope_ids", N_("On what"), Kind.CHOICE, default=_ALL, choices=((_ALL, N_("Everything")), *choices)),
        Field("since", N_("From"), Kind.DATE, required=False),
        Field("until", N_("Until"), Kind.DATE, required=False, help=N_("The first day without it.")),
    )


def to_discount(values: Mapping[str, object], card: OffersCard) -> Discount:
    """Give the discount of a form's JSON values."""
    terms = _terms(values, card.currency)
    since, until = _day(values.get("since")), _day(values.get("until"))
    return replace(terms, since=since, until=until, subscription_id=card.owner.subscription_id)


def coupon_fields(facts: CouponChoices) -> tuple[Field, ...]:
    """Give the fields of a coupon; its amount may be in any currency."""
    codes = tuple((code, code) for code in facts.currencies)
    choices = _scope_choices(facts.choices)
    return (
        Field("code", N_("Code"), help=N_("Capitals do not matter.")),
        Field("label", N_("Text on the document"), required=False, help=N_("The code when left empty.")),
        Field("percent", N_("Percentage"), Kind.DECIMAL, required=False),
        Field("amount", N_("or an amount"), Kind.DECIMAL, required=False),
        Field("currency", N_("Currency"), Kind.CHOICE, default=codes[0][0], choices=codes, help=N_("Of the amount.")),
        Field("scope_ids", N_("On what"), Kind.CHOICE, default=_ALL, choices=((_ALL, N_("Everything")), *choices)),
        Field("frequency", N_("How often"), Kind.CHOICE, default=_FREQUENCIES[0][0], choices=_FREQUENCIES),
        Field("periods_left", N_("Number of periods"), Kind.INTEGER, required=False),
        Field("since", N_("Can be used from"), Kind.DATE, required=False),
        Field("until", N_("Can be used until"), Kind.DATE, required=False, help=N_("The first day it is refused.")),
        Field("most_uses", N_("Uses in all"), Kind.INTEGER, required=False, help=N_("Empty: no limit.")),
        Field("most_per_customer", N_("Uses per customer"), Kind.INTEGER, required=False, help=N_("Empty: no limit.")),
        Field("first_time_only", N_("New customers only"), Kind.BOOLEAN, required=False, default=False),
    )


def to_coupon(values: Mapping[str, object]) -> Coupon:
    """Give the coupon of a form's JSON values."""
    terms = _terms(values, str(values.get("currency") or ""))
    return Coupon(
        id=0,
        code=str(values.get("code") or ""),
        discount=terms,
        since=_day(values.get("since")),
        until=_day(values.get("until")),
        most_uses=_integer(values.get("most_uses")),
        most_per_customer=_integer(values.get("most_per_customer")),
        first_time_only=bool(values.get("first_time_only")),
    )


def _scope_choices(choices: Iterable[ScopeChoice]) -> list[tuple[str, str]]:
    return [(f"{one.scope.value}:{one.id}", _(_KIND_WORDS[one.scope], name=one.name)) for one in choices]


def _terms(values: Mapping[str, object], currency: str) -> Discount:
    percent, frequency = values.get("percent"), DiscountFrequency(str(values.get("frequency") or "forever"))
    scope, _colon, key = str(values.get("scope_ids") or _ALL).partition(":")
    return Discount(
        id=0,
        label=str(values.get("label") or ""),
        percent=None if percent is None else from_text(str(percent)),
        amount=_money(values.get("amount"), currency),
        frequency=frequency,
        periods_left=_integer(values.get("periods_left")) if frequency is DiscountFrequency.PERIODS else None,
        scope=DiscountScope(scope),
        scope_ids=frozenset({int(key)}) if key else frozenset(),
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
