"""Discounts and credit in words, for the window and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from billdesk.domain.discount_use import Granted, periods_allowed, terms_left, used_minor, used_periods
from billdesk.domain.discounts import Coupon, CouponState, Discount, DiscountFrequency, DiscountScope
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services.wallets import WalletRow

COUPON_STATES: Final[Mapping[CouponState, str]] = {
    CouponState.OPEN: N_("Usable"),
    CouponState.PLANNED: N_("Not yet usable"),
    CouponState.EXPIRED: N_("Expired"),
    CouponState.USED_UP: N_("Used up"),
    CouponState.ENDED: N_("Ended"),
}


def worth_text(discount: Discount) -> str:
    """Say what a discount takes off: a percentage or an amount."""
    if discount.percent is not None:
        return current().percent(discount.percent)
    return current().money(discount.amount) if discount.amount is not None else ""


def terms_text(granted: Granted) -> str:
    """Say for how long a discount is given, on what, and what is left of it."""
    discount = granted.discount
    parts = [_frequency(granted), _scope(discount), _window(discount)]
    if discount.coupon_code:
        parts.append(_("coupon {code}", code=discount.coupon_code))
    return " · ".join(part for part in parts if part)


def _frequency(granted: Granted) -> str:
    discount = granted.discount
    if discount.frequency is DiscountFrequency.FOREVER:
        return _("every time")
    if discount.frequency is DiscountFrequency.ONCE:
        if discount.amount is None:
            return _("used") if granted.uses and not _is_left(granted) else _("once")
        rest = Money(discount.amount.minor - used_minor(granted), discount.amount.currency)
        return _("once, {rest} left", rest=current().money(rest)) if rest else _("used up")
    left = periods_allowed(discount) - used_periods(granted)
    whole = ngettext("{n} period", "{n} periods", periods_allowed(discount))
    return _("{periods}, {left} left", periods=whole, left=left) if left > 0 else _("{periods}, used up", periods=whole)


def _is_left(granted: Granted) -> bool:
    return any(one.frequency is not DiscountFrequency.FOREVER for one in terms_left(granted))


def _scope(discount: Discount) -> str:
    words = {
        DiscountScope.ALL: "",
        DiscountScope.PLANS: _("some plans only"),
        DiscountScope.PRODUCTS: _("some products only"),
        DiscountScope.METRICS: _("some meters only"),
        DiscountScope.PRICES: _("some prices only"),
    }
    return words[discount.scope]


def _window(discount: Discount) -> str:
    if discount.since is not None and discount.until is not None:
        since, until = current().day(discount.since), current().day(discount.until)
        return _("from {since} until {until}", since=since, until=until)
    if discount.since is not None:
        return _("from {since}", since=current().day(discount.since))
    return _("until {until}", until=current().day(discount.until)) if discount.until is not None else ""


def coupon_text(coupon: Coupon) -> str:
    """Say what a coupon gives, on what, who may use it, how often and when."""
    terms, words = coupon.discount, current()
    often = {
        DiscountFrequency.FOREVER: _("every time"),
        DiscountFrequency.ONCE: _("once"),
        DiscountFrequency.PERIODS: ngettext("{n} period", "{n} periods", periods_allowed(terms)),
    }
    most, each = coupon.most_uses, coupon.most_per_customer
    parts = [
        often[terms.frequency],
        _scope(terms),
        _("new customers only") if coupon.first_time_only else "",
        ngettext("{n} use in all", "{n} uses in all", most) if most is not None else "",
        ngettext("{n} per customer", "{n} per customer", each) if each is not None and each > 1 else "",
        _("any number per customer") if each is None else "",
        _("from {since}", since=words.day(coupon.since)) if coupon.since is not None else "",
        _("until {until}", until=words.day(coupon.until)) if coupon.until is not None else "",
    ]
    return " · ".join(part for part in parts if part)


def wallet_text(row: WalletRow, today: date) -> str:
    """Say of which grant a wallet is what is left, until when, and whether it was given away."""
    record = row.wallet
    parts = [_("of {amount}", amount=current().money(row.granted))]
    if record.units is not None:
        parts.append(_("{n} {unit} left", n=current().number(record.units), unit=row.unit_name or _("units")))
    if record.expires_on is not None:
        day = current().day(record.expires_on)
        parts.append(_("expired on {day}", day=day) if record.expires_on <= today else _("until {day}", day=day))
    if record.is_promotional:
        parts.append(_("given away"))
    if record.product_ids:
        parts.append(_("some products only"))
    return " · ".join(parts)
