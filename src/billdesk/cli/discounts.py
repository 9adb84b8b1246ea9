"""`billdesk discount …`: what customers and contracts get off their documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.domain.discounts import Discount, DiscountFrequency
from billdesk.kernel.decimals import from_text
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.money import Money
from billdesk.services import discounts
from billdesk.services.book import Book
from billdesk.services.discounts import DiscountRow
from billdesk.services.offer_words import terms_text, worth_text

app = typer.Typer(help="Give, list and end discounts.", no_args_is_help=True)

Customer = Annotated[str, typer.Option("--customer", help="Number of the customer who receives the documents.")]
Contract = Annotated[str, typer.Option("--contract", help="Number of the contract.")]
Percent = Annotated[str, typer.Option("--percent", help="Such as 20 or 12.5.")]
Amount = Annotated[str, typer.Option("--amount", help="Instead of a percentage.")]
Currency = Annotated[str, typer.Option("--currency", help="Of the amount.")]
Once = Annotated[bool, typer.Option("--once", help="On one document; what an amount leaves stays for the next.")]
Periods = Annotated[int, typer.Option("--periods", help="For so many periods.")]
Plans = Annotated[
    list[str] | None, typer.Option("--plan", help="Only on lines of this plan, by code; may be repeated.")
]
Products = Annotated[
    list[str] | None, typer.Option("--product", help="Only on lines of this product, by code; may be repeated.")
]
Metrics = Annotated[
    list[str] | None, typer.Option("--metric", help="Only on usage of this meter, by code; may be repeated.")
]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day with it.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day without it.")]


def terms_of(label: str, percent: str, amount: str, currency: str, *, often: tuple[bool, int]) -> Discount:
    """Give what a discount or coupon gives, from the options of a command; raises InvalidValue."""
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
        customer_id, subscription_id = owner_of(opened, customer, contract)
        rows = opened.query(discounts.list_discounts, customer_id=customer_id, subscription_id=subscription_id)
    show_discounts(context, rows)


def show_discounts(context: typer.Context, rows: list[DiscountRow]) -> None:
    """Show discounts with what is left of them."""
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


def owner_of(book: Book, customer: str, contract: str) -> tuple[int | None, int | None]:
    """Give the ids of the customer or contract that a command names."""
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
    since: Since = None,
    until: Until = None,
    plan: Plans = None,
    product: Products = None,
    metric: Metrics = None,
    reason: Annotated[str, typer.Option(help="Stands in the history.")] = "",
) -> None:
    """Give a customer or a contract a discount."""
    with desk(context).open(book) as opened:
        customer_id, subscription_id = owner_of(opened, customer, contract)
        scope, ids = lookup.scope(opened, plan or (), product or (), metric or ())
        record = replace(
            terms_of(label, percent, amount, currency, often=(once, periods)),
            subscription_id=subscription_id,
            scope=scope,
            scope_ids=ids,
            since=since.date() if since is not None else None,
            until=until.date() if until is not None else None,
        )
        made = opened.run(discounts.create_discount, record, customer_id=customer_id, reason=reason).value
    show_discounts(context, [made])


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
    show_discounts(context, [made])


@app.command()
@guarded
def resume(
    context: typer.Context,
    discount: Annotated[int, typer.Argument(help="Id, as `discount list` shows it.")],
    book: BookOption = "",
    until: Until = None,
) -> None:
    """Take the end of a discount back, or move it to a later day."""
    with desk(context).open(book) as opened:
        opened.run(discounts.resume_discount, discount, until.date() if until else None)
        made = opened.query(discounts.load_discount, discount)
    show_discounts(context, [made])
