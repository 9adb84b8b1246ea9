"""Lago's credit notes, wallets and prepaid credits in ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billdesk.domain.billing import BilledLine
from billdesk.domain.billing.taxing import Taxed, tax_lines
from billdesk.domain.catalog import PriceTerms
from billdesk.domain.invoices import Line, LineKind
from billdesk.domain.rating import amount_of
from billdesk.domain.usage import UsageTotal
from billdesk.domain.wallets import OpenCredit, Purse, Wallet, use_credits
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit
from builders.contracts import Clerk, a_catalog, a_price, a_subscription, cancelled, started
from vectors.found import Answer, Case, compared, known
from vectors.lago import CENT, ENTITY, RATE, a_line
from vectors.till import a_receivable, a_till

WHOLE = date(2024, 1, 1)
USED_ON = date(2024, 6, 1)


def taxed(lines: Iterable[Line]) -> Taxed:
    """Tax lines at prices without tax, in groups."""
    found = list(lines)
    return tax_lines(found, [False] * len(found), RATE, ENTITY)


def credit_notes(case: Case) -> Answer:
    """Answer by what is given: notes to apply, items to credit, or a plan to cancel."""
    given, expected = case["inputs"], case["expected"]
    if "available_notes_minor" in given:
        known(given, "invoice_total_minor", "available_notes_minor")
        return compared(_applied(given), expected)
    if "items" in given:
        known(given, "items", "previous_tax_rounding_minor")
        return compared(_noted(given["items"]), expected)
    known(given, "plan_amount_minor", "period_days", "unused_days", "last_fee_minor", "fee_coupon_minor",
          "already_credited_items_minor", "tax_percent", "on_termination", "invoice_paid_minor", "used_days",
          "fee_share_of_invoice")  # fmt: skip
    # `item_precise_minor` is an unrounded amount that they show and do not bill.
    return compared(_unused(given), {key: value for key, value in expected.items() if key != "item_precise_minor"})


def _noted(items: list[Case]) -> dict[str, str]:
    """Credit amounts of lines; the discount goes back in the same share."""
    lines = [
        a_line(number, -int(item["amount_minor"]), -_coupon(item), item["tax_percent"])
        for number, item in enumerate(items, 1)
    ]
    note = taxed(lines)
    return {
        "net_minor": str(-note.net.minor), "tax_minor": str(-note.tax.minor),
        "total_minor": str(-(note.net + note.tax).minor),
        "coupon_minor": str(sum(-line.discount.minor for line in lines)),
    }  # fmt: skip


def _coupon(item: Case) -> int:
    share = Fraction(item.get("fee_coupon_minor", 0)) * int(item["amount_minor"]) / int(item["fee_minor"])
    return round_ratio(*share.as_integer_ratio())


def _applied(given: Case) -> dict[str, object]:
    notes = tuple(
        OpenCredit(number, f"CN{number}", Money(int(left), "EUR"), date(2024, 1, number))
        for number, left in enumerate(given["available_notes_minor"], 1)
    )
    total = Money(int(given["invoice_total_minor"]), "EUR")
    uses, purse = use_credits(Purse(credits=notes), total, (), USED_ON)
    return {
        "applied_minor": [str(use.amount.minor) for use in uses],
        "due_minor": str(total.minor - sum(use.amount.minor for use in uses)),
        "first_note_left_minor": str(purse.credits[0].left.minor),
    }


def _unused(given: Case) -> dict[str, str]:
    """Cancel a contract whose period was billed, less what was credited and discounted before, and settle the note."""
    clerk = _billed_part(given)
    days, unused = given["period_days"], given["unused_days"]
    clerk.know(cancelled(WHOLE + timedelta(days=days - unused)))
    lines = clerk.look(WHOLE + timedelta(days=days - 1)).lines
    discount = sum(one.discount.minor for one in lines if one.discount is not None)
    note = taxed([a_line(1, sum(one.amount.minor for one in lines), discount, given["tax_percent"])])
    total = -(note.net + note.tax).minor
    found = {"net_minor": str(-note.net.minor), "tax_minor": str(-note.tax.minor), "total_minor": str(total)}
    return found | _settled(given, total)


def _billed_part(given: Case) -> Clerk:
    """Bill the last days of a period, as many as the last fee is for."""
    days, amount, fee = given["period_days"], int(given["plan_amount_minor"]), int(given["last_fee_minor"])
    start = WHOLE + timedelta(days=days - round(Decimal(fee) * days / amount))
    price = a_price(1, "flat", {"amount": f"{Decimal(amount) * CENT:f}"}, interval=Interval(Unit.DAY, days))
    clerk = Clerk(a_catalog((price,)), a_subscription(started(start), anchor=WHOLE))
    clerk.bill(start)
    line = clerk.billed[0]
    clerk.billed[0] = replace(line, discount=int(given["fee_coupon_minor"]))
    already = int(given["already_credited_items_minor"])
    if already:
        clerk.billed.append(_money_off(line, already))
    return clerk


def _money_off(line: BilledLine, minor: int) -> BilledLine:
    return replace(line, line_id=99, kind=LineKind.ADJUSTMENT, amount=-minor, corrects_line_id=line.line_id)


def _settled(given: Case, total: int) -> dict[str, str]:
    """Set the note off against what is open on its invoice; what is left is paid back, or stays where nothing was paid.

    The invoice holds the fee of the days that are used and unused, and other lines besides.
    """
    if "invoice_paid_minor" not in given:
        return {"credit_minor": str(total)}
    billed = Fraction(
        int(given["plan_amount_minor"]) * (given["used_days"] + given["unused_days"]), given["period_days"]
    )
    gross = billed * (100 + Fraction(given["tax_percent"])) / 100 / Fraction(given["fee_share_of_invoice"])
    invoice = a_receivable(1, round_ratio(*gross.as_integer_ratio()), "EUR")
    till = a_till("EUR", [invoice, a_receivable(2, -total, "EUR")])
    payment = till.pay(1, int(given["invoice_paid_minor"]))
    offset = till.offset(1, 2, total)
    refund = -till.open(2)
    till.give_back(2, [payment], refund)
    assert till.receivables == till.open(1) + till.open(2)
    return {"refund_minor": str(refund), "offset_minor": str(offset), "credit_minor": str(offset)}


def wallets(case: Case) -> Answer:
    """Answer by what is given."""
    given, expected = case["inputs"], case["expected"]
    if "wallets_in_creation_order" in given:
        known(given, "wallets_in_creation_order", "fees", "invoice_total_minor", "invoice_currency")
        return _from_wallets(given), {key: int(value) for key, value in expected["allocation_minor"].items()}
    if "invoices_net_minor" in given:
        known(given, "wallet_balance_minor", "tax_percent", "invoices_net_minor")
        return _prepaid(given), expected["steps"]
    if "fees_minor" in given:
        known(given, "wallet_balance_minor", "fees_minor", "tax_percent")
        return compared(_capped(given), expected)
    known(given, "currency", "rate_amount", "paid_credits", "granted_credits")
    # Before it is paid there is no grant, so there is no balance to ask for.
    return compared(_topped_up(given), {k: v for k, v in expected.items() if k != "balance_minor_before_payment"})


def _topped_up(given: Case) -> dict[str, str]:
    """Sell or give credits at so much each; the grant is money, rounded once."""
    units = UsageTotal(Decimal(given.get("paid_credits") or given["granted_credits"]))
    terms = PriceTerms(given["currency"], {"unit_price": given["rate_amount"]})
    worth = amount_of("per_unit", terms, units)[0]
    minor = str(worth.minor)
    return {
        "credit_amount": f"{worth.major:f}", "invoice_total_minor": minor, "balance_minor_after_payment": minor,
        "balance_minor": minor,
    }  # fmt: skip


def _product(products: dict[str, int], name: str) -> int:
    return products.setdefault(name, len(products) + 1)


def _from_wallets(given: Case) -> dict[str, int]:
    """Let each kind of fee, and each metric, be a product; a wallet of all charges holds every metric's."""
    currency = given.get("invoice_currency", "EUR")
    fees = given.get("fees", [])
    metrics = {fee.get("metric", "") for fee in fees if fee["type"] == "charge"}
    products: dict[str, int] = {}
    granted = []
    for number, wallet in enumerate(given["wallets_in_creation_order"], 1):
        known(wallet, "id", "balance_minor", "currency", "priority", "fee_types", "metrics")
        names = [f"charge {metric}" for metric in wallet.get("metrics", [])]
        for kind in wallet.get("fee_types", []):
            names += [f"charge {metric}" for metric in sorted(metrics)] or ["charge"] if kind == "charge" else [kind]
        ids = frozenset(_product(products, name) for name in names)
        balance = Money(int(wallet["balance_minor"]), wallet.get("currency", "EUR"))
        granted.append(Wallet(number, wallet["id"], balance, date(2024, 1, number), wallet.get("priority", 50),
                              product_ids=ids))  # fmt: skip
    lines = []
    for number, fee in enumerate(fees, 1):
        name = f"charge {fee.get('metric', '')}" if fee["type"] == "charge" else fee["type"]
        lines.append(replace(a_line(number, int(fee["amount_minor"]), 0, "0"), product_id=_product(products, name)))
    total = Money(int(given["invoice_total_minor"]), currency)
    uses, _left = use_credits(Purse(tuple(granted)), total, lines, USED_ON)
    return {use.label: use.amount.minor for use in uses}


def _purse(minor: str) -> Purse:
    return Purse((Wallet(1, "w", Money(int(minor), "EUR"), date(2024, 1, 1)),))


def _prepaid(given: Case) -> list[dict[str, str]]:
    purse, steps = _purse(given["wallet_balance_minor"]), []
    for net in given["invoices_net_minor"]:
        found, purse = _paid_from(purse, [a_line(1, int(net), 0, given["tax_percent"])])
        steps.append({"total_minor": found["total_before_credits_minor"],
                      "prepaid_used_minor": found["prepaid_used_minor"], "due_minor": found["total_due_minor"],
                      "balance_minor": found["wallet_balance_minor"]})  # fmt: skip
    return steps


def _capped(given: Case) -> dict[str, str]:
    lines = [a_line(number, int(fee), 0, given["tax_percent"]) for number, fee in enumerate(given["fees_minor"], 1)]
    return _paid_from(_purse(given["wallet_balance_minor"]), lines)[0]


def _paid_from(purse: Purse, lines: list[Line]) -> tuple[dict[str, str], Purse]:
    bill = taxed(lines)
    total = bill.net + bill.tax
    uses, left = use_credits(purse, total, bill.lines, USED_ON)
    used = sum(use.amount.minor for use in uses)
    found: dict[str, Any] = {
        "fees_total_minor": bill.net.minor, "tax_total_minor": bill.tax.minor,
        "total_before_credits_minor": total.minor,
        "prepaid_used_minor": used, "total_due_minor": total.minor - used,
        "wallet_balance_minor": left.wallets[0].balance.minor,
    }  # fmt: skip
    return {name: str(minor) for name, minor in found.items()}, left
