"""`billdesk discount …`: discounts and coupons."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.domain.discounts import Coupon, Discount, DiscountFrequency
from billdesk.kernel.decimals import from_text
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.money import Money
from billdesk.services import discounts
from billdesk.services.book import Book
from billdesk.services.discounts import DiscountRow
from billdesk.services.offer_words import terms_text, worth_text

app = typer.Typer(help="Give and end discounts, make and use coupons.", no_args_is_help=True)

Customer = Annotated[str, typer.Option("--customer", help="Number of the customer who receives the documents.")]
Contract = Annotated[str, typer.Option("--contract", help="Number of the contract.")]
Percent = Annotated[str, typer.Option("--percent", help="Such as 20 or 12.5.")]
Amount = Annotated[str, typer.Option("--amount", help="Instead of a percentage.")]
Currency = Annotated[str, typer.Option("--currency", help="Of the amount.")]
Once = Annotated[bool, typer.Option("--once", help="On one document; what an amount leaves stays for the next.")]
Periods = Annotated[int, typer.Option("--periods", help="For so many periods.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day without it.")]


def _terms(label: str, percent: str, amount: str, currency: str, *, often: tuple[bool, int]) -> Discount:
    once, periods = often
    frequency = DiscountFrequency.PERIODS if periods else DiscountFrequency.FOREVER
    return Discount(
        id=0,
        label=label,
        percent=_number("percent", percent) if percent else None,
        amount=Money.of(_number("amount", amount), currency) if amount else None,
        frequency=DiscountFrequency.ONCE if once else frequency,
        periods_left=periods or None,
    )


def _number(field: str, text: str) -> Decimal:
    try:
        return from_text(text)
    except ValueError as error:
        raise InvalidValue(Problem("not_a_number", Place(field=field), text)) from error


@app.command("list")
@guarded
def list_all(context: typer.Context, book: BookOption = "", customer: Customer = "", contract: Contract = "") -> None:
    """List discounts: all, or of a customer or contract."""
    with desk(context).open(book, read_only=True) as opened:
        customer_id, subscription_id = _owner(opened, customer, contract)
        rows = opened.query(discounts.list_discounts, customer_id=customer_id, subscription_id=subscription_id)
    _show(context, rows)


def _show(context: typer.Context, rows: list[DiscountRow]) -> None:
    output = desk(context).output
    output.table(
        ngettext("{n} discount", "{n} discounts", len(rows)),
        (_("Id"), _("Customer"), _("Contract"), _("Discount"), _("Worth"), _("Terms")),
        (
            (
                row.granted.discount.id,
                row.customer_name,
                row.subscription_number,
                row.granted.discount.label,
                worth_text(row.granted.discount),
                terms_text(row.granted),
            )
            for row in rows
        ),
    )
    output.result({"discounts": rows})


def _owner(book: Book, customer: str, contract: str) -> tuple[int | None, int | None]:
    customer_id = lookup.customer(book, customer).id if customer else None
    return customer_id, lookup.contract(book, contract).id if contract else None


@app.command()
@guarded
def create(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    label: Annotated[str, typer.Argument(help="The text on the document.")],
    book: BookOption = "",
    customer: Customer = "",
    contract: Contract = "",
    percent: Percent = "",
    amount: Amount = "",
    currency: Currency = "",
    once: Once = False,  # noqa: FBT002 - how typer makes a flag
    periods: Periods = 0,
    until: Until = None,
) -> None:
    """Give a customer or a contract a discount."""
    with desk(context).open(book) as opened:
        customer_id, subscription_id = _owner(opened, customer, contract)
        terms = _terms(label, percent, amount, currency, often=(once, periods))
        record = replace(terms, subscription_id=subscription_id, until=until.date() if until is not None else None)
        made = opened.run(discounts.create_discount, record, customer_id=customer_id).value
    _show(context, [made])


@app.command()
@guarded
def end(
    context: typer.Context,
    discount: Annotated[int, typer.Argument(help="Id, as `discount list` shows it.")],
    book: BookOption = "",
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day without it.")] = None,
) -> None:
    """End a discount; what was issued keeps it."""
    with desk(context).open(book) as opened:
        opened.run(discounts.end_discount, discount, date.date() if date else None)
        made = opened.query(discounts.load_discount, discount)
    _show(context, [made])


@app.command()
@guarded
def coupon(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="What customers type.")],
    book: BookOption = "",
    label: Annotated[str, typer.Option(help="The text on the document; the code when left out.")] = "",
    percent: Percent = "",
    amount: Amount = "",
    currency: Currency = "",
    once: Once = False,  # noqa: FBT002 - how typer makes a flag
    periods: Periods = 0,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day it is refused.")] = None,
    most_uses: Annotated[int, typer.Option(help="How often it may be used by all together.")] = 0,
    first_time_only: Annotated[bool, typer.Option("--first-time-only", help="New customers only.")] = False,  # noqa: FBT002 - the same
) -> None:
    """Make a coupon."""
    terms = _terms(label, percent, amount, currency, often=(once, periods))
    last = until.date() if until is not None else None
    record = Coupon(0, code, terms, until=last, most_uses=most_uses or None, first_time_only=first_time_only)
    with desk(context).open(book) as opened:
        made = opened.run(discounts.create_coupon, record).value
    desk(context).output.say(_("The coupon {code} can be used.", code=made.coupon.code))
    desk(context).output.result(made)


@app.command()
@guarded
def coupons(context: typer.Context, book: BookOption = "") -> None:
    """List coupons and how often they were used."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(discounts.list_coupons)
    output.table(
        ngettext("{n} coupon", "{n} coupons", len(rows)),
        (_("Code"), _("Discount"), _("Worth"), _("Used"), _("Until")),
        (
            (row.coupon.code, row.coupon.discount.label, worth_text(row.coupon.discount), row.uses, row.coupon.until)
            for row in rows
        ),
    )
    output.result({"coupons": rows})


@app.command()
@guarded
def redeem(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="As the customer types it.")],
    book: BookOption = "",
    customer: Customer = "",
    contract: Contract = "",
) -> None:
    """Use a coupon for a customer or a contract."""
    with desk(context).open(book) as opened:
        customer_id, subscription_id = _owner(opened, customer, contract)
        made = opened.run(discounts.redeem_coupon, code, customer_id=customer_id, subscription_id=subscription_id).value
    _show(context, [made])
