"""`billdesk wallet …`: prepaid credit of customers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.kernel.decimals import from_text
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.money import Money
from billdesk.services import wallets
from billdesk.services.customer_offers import Owner, load_offers
from billdesk.services.wallets import USUAL_PRIORITY, Grant, WalletRow

app = typer.Typer(help="Grant prepaid credit and see what is left of it.", no_args_is_help=True)

Customer = Annotated[str, typer.Option("--customer", help="Number of the customer who receives the documents.")]


@app.command("list")
@guarded
def list_all(
    context: typer.Context,
    book: BookOption = "",
    customer: Customer = "",
    spent: Annotated[bool, typer.Option("--spent", help="Those too on which nothing is left.")] = False,  # noqa: FBT002 - how typer makes a flag
) -> None:
    """List grants with what is left: all, or of a customer."""
    with desk(context).open(book, read_only=True) as opened:
        customer_id = lookup.customer(opened, customer).id if customer else None
        rows = opened.query(wallets.list_wallets, customer_id=customer_id, spent=spent)
    _show(context, rows)


def _show(context: typer.Context, rows: list[WalletRow]) -> None:
    output = desk(context).output
    output.table(
        ngettext("{n} grant", "{n} grants", len(rows)),
        (_("Id"), _("Customer"), _("Text"), _("Granted"), _("Left"), _("Until")),
        (
            (row.wallet.id, row.customer_name, row.wallet.label, row.granted, row.wallet.balance, row.wallet.expires_on)
            for row in rows
        ),
    )
    output.result({"wallets": rows})


@app.command()
@guarded
def grant(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="Number of the customer who receives the documents.")],
    amount: Annotated[str, typer.Argument(help="Such as 250.00.")],
    book: BookOption = "",
    label: Annotated[str, typer.Option(help="The text on the document.")] = "",
    currency: Annotated[str, typer.Option(help="The customer's when left out.")] = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day on which it pays nothing.")
    ] = None,
    priority: Annotated[int, typer.Option(help="The lowest is used first.")] = USUAL_PRIORITY,
    promotional: Annotated[bool, typer.Option("--promotional", help="Given away, not paid for.")] = False,  # noqa: FBT002 - how typer makes a flag
) -> None:
    """Grant a customer credit, which pays its invoices from now on."""
    try:
        major = from_text(amount)
    except ValueError as error:
        raise InvalidValue(Problem("not_a_number", Place(field="amount"), amount)) from error
    with desk(context).open(book) as opened:
        found = lookup.customer(opened, customer)
        card = opened.query(load_offers, Owner(customer_id=found.id))
        given = Grant(
            customer_id=found.id,
            entity_id=card.entity_id,
            label=label or _("Prepaid credit"),
            amount=Money.of(major, currency or found.currency),
            priority=priority,
            expires_on=until.date() if until is not None else None,
            is_promotional=promotional,
        )
        made = opened.run(wallets.grant_wallet, given).value
    _show(context, [made])


@app.command()
@guarded
def withdraw(
    context: typer.Context,
    wallet: Annotated[int, typer.Argument(help="Id, as `wallet list` shows it.")],
    book: BookOption = "",
    reason: Annotated[str, typer.Option(help="Stands in the history.")] = "",
) -> None:
    """Take back what is left of a grant."""
    with desk(context).open(book) as opened:
        made = opened.run(wallets.withdraw_wallet, wallet, reason=reason).value
    _show(context, [made])


@app.command()
@guarded
def expire(context: typer.Context, book: BookOption = "") -> None:
    """Write off what is left of grants that expired."""
    output = desk(context).output
    with desk(context).open(book) as opened:
        count = opened.run(wallets.expire_wallets).value
    output.say(ngettext("{n} grant expired.", "{n} grants expired.", count))
    output.result({"expired": count})
