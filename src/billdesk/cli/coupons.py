"""`billdesk coupon …`: codes that give a discount to whoever may use them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.cli.discounts import (
    Amount,
    Contract,
    Currency,
    Customer,
    Metrics,
    Once,
    Percent,
    Periods,
    Plans,
    Products,
    owner_of,
    show_discounts,
    terms_of,
)
from billdesk.domain.discounts import Coupon
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import discounts
from billdesk.services.discounts import CouponRow
from billdesk.services.offer_words import COUPON_STATES, coupon_text, worth_text

app = typer.Typer(help="Make, list, end and use coupons.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="As the customer types it.")]


@app.command("list")
@guarded
def list_all(
    context: typer.Context,
    book: BookOption = "",
    ended: Annotated[bool, typer.Option("--ended", help="Those too that were ended.")] = False,  # noqa: FBT002 - how typer makes a flag
) -> None:
    """List coupons and how often they were used."""
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(discounts.list_coupons, archived=ended)
    _show(context, rows)


def _show(context: typer.Context, rows: list[CouponRow]) -> None:
    output = desk(context).output
    output.table(
        ngettext("{n} coupon", "{n} coupons", len(rows)),
        (_("Code"), _("Discount"), _("Worth"), _("Terms"), _("Used"), _("State")),
        (
            (
                row.coupon.code,
                row.coupon.discount.label,
                worth_text(row.coupon.discount),
                coupon_text(row.coupon),
                row.uses,
                _(COUPON_STATES[row.state]),
            )
            for row in rows
        ),
    )
    output.result({"coupons": rows})


@app.command()
@guarded
def create(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="What customers type.")],
    book: BookOption = "",
    label: Annotated[str, typer.Option(help="The text on the document; the code when left out.")] = "",
    percent: Percent = "",
    amount: Amount = "",
    currency: Currency = "",
    once: Once = False,  # noqa: FBT002 - how typer makes a flag
    periods: Periods = 0,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day it can be used.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day it is refused.")] = None,
    most_uses: Annotated[int, typer.Option(help="How often it may be used by all together; 0 is no limit.")] = 0,
    per_customer: Annotated[int, typer.Option(help="How often one customer may use it; 0 is no limit.")] = 1,
    first_time_only: Annotated[bool, typer.Option("--first-time-only", help="New customers only.")] = False,  # noqa: FBT002 - the same
    plan: Plans = None,
    product: Products = None,
    metric: Metrics = None,
) -> None:
    """Make a coupon."""
    with desk(context).open(book) as opened:
        scope, ids = lookup.scope(opened, plan or (), product or (), metric or ())
        terms = replace(terms_of(label, percent, amount, currency, often=(once, periods)), scope=scope, scope_ids=ids)
        record = Coupon(
            id=0,
            code=code,
            discount=terms,
            since=_day(since),
            until=_day(until),
            most_uses=most_uses or None,
            most_per_customer=per_customer or None,
            first_time_only=first_time_only,
        )
        made = opened.run(discounts.create_coupon, record).value
    desk(context).output.say(_("The coupon {code} can be used.", code=made.coupon.code))
    _show(context, [made])


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


@app.command()
@guarded
def end(context: typer.Context, code: Code, book: BookOption = "") -> None:
    """Close a coupon to new uses; discounts that it gave go on."""
    _archive(context, book, code, archived=True)


@app.command()
@guarded
def reopen(context: typer.Context, code: Code, book: BookOption = "") -> None:
    """Open a coupon again that was ended."""
    _archive(context, book, code, archived=False)


def _archive(context: typer.Context, book: str, code: str, *, archived: bool) -> None:
    with desk(context).open(book) as opened:
        opened.run(discounts.archive_coupon, code, archived=archived)
        made = opened.query(discounts.find_coupon, code)
    _show(context, [made])


@app.command()
@guarded
def redeem(
    context: typer.Context, code: Code, book: BookOption = "", customer: Customer = "", contract: Contract = ""
) -> None:
    """Use a coupon for a customer or a contract."""
    with desk(context).open(book) as opened:
        customer_id, subscription_id = owner_of(opened, customer, contract)
        made = opened.run(discounts.redeem_coupon, code, customer_id=customer_id, subscription_id=subscription_id).value
    show_discounts(context, [made])
