"""`billdesk wallet …`: prepaid credit of customers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.domain.usage import Metric
from billdesk.kernel.decimals import from_text
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.money import Money
from billdesk.services import wallets
from billdesk.services.customer_offers import Owner, load_offers
from billdesk.services.wallets import USUAL_PRIORITY, Grant, RefundTerms, TopUp, WalletRow

app = typer.Typer(
    help="Grant prepaid credit, add to it, refund into it, and see what is left of it.", no_args_is_help=True
)

Wallet = Annotated[int, typer.Argument(help="Id, as `wallet list` shows it.")]
Priority = Annotated[int, typer.Option(help="The lowest is used first.")]
Reason = Annotated[str, typer.Option(help="Stands in the history.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day on which it pays nothing.")]
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
        (_("Id"), _("Customer"), _("Text"), _("Granted"), _("Left"), _("Units left"), _("Priority"), _("Until")),
        (
            (
                row.wallet.id,
                row.customer_name,
                row.wallet.label,
                row.granted,
                row.wallet.balance,
                "" if row.wallet.units is None else f"{row.wallet.units} {row.unit_name}".strip(),
                row.wallet.priority,
                row.wallet.expires_on,
            )
            for row in rows
        ),
    )
    output.result({"wallets": rows})


@app.command()
@guarded
def grant(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="Number of the customer who receives the documents.")],
    amount: Annotated[str, typer.Argument(help="Such as 250.00; left out where units are granted.")] = "",
    book: BookOption = "",
    label: Annotated[str, typer.Option(help="The text on the document.")] = "",
    currency: Annotated[str, typer.Option(help="The customer's when left out.")] = "",
    units: Annotated[int | None, typer.Option(help="Instead of an amount: how many units.")] = None,
    unit_value: Annotated[str, typer.Option(help="What one unit is worth, such as 0.05.")] = "",
    metric: Annotated[str, typer.Option(help="The meter whose units are granted, by code.")] = "",
    product: Annotated[
        list[str] | None, typer.Option(help="Only for lines of this product, by code; may be repeated.")
    ] = None,
    until: Until = None,
    priority: Priority = USUAL_PRIORITY,
    promotional: Annotated[bool, typer.Option("--promotional", help="Given away, not paid for.")] = False,  # noqa: FBT002 - how typer makes a flag
    reason: Reason = "",
) -> None:
    """Grant a customer credit, in money or in units, which pays its invoices from now on."""
    with desk(context).open(book) as opened:
        found = lookup.customer(opened, customer)
        code = currency or found.currency
        given = Grant(
            customer_id=found.id,
            entity_id=opened.query(load_offers, Owner(customer_id=found.id)).entity_id,
            label=label or _("Prepaid credit"),
            amount=Money.of(_number("amount", amount), code) if amount else None,
            units=units,
            unit_value=Money.of(_number("unit_value", unit_value), code) if unit_value else None,
            unit_name=_unit(lookup.metric(opened, metric)) if metric else "",
            priority=priority,
            expires_on=until.date() if until is not None else None,
            is_promotional=promotional,
            product_ids=lookup.scope(opened, products=product or ())[1],
            reason=reason,
        )
        made = opened.run(wallets.grant_wallet, given).value
    _show(context, [made])


def _unit(metric: Metric) -> str:
    return metric.unit or metric.name


def _number(field: str, text: str) -> Decimal:
    try:
        return from_text(text)
    except ValueError as error:
        raise InvalidValue(Problem("not_a_number", Place(field=field), text)) from error


@app.command("top-up")
@guarded
def top_up(
    context: typer.Context,
    wallet: Wallet,
    amount: Annotated[str, typer.Argument(help="Such as 250.00; left out where units are added.")] = "",
    book: BookOption = "",
    units: Annotated[int | None, typer.Option(help="Instead of an amount: how many units.")] = None,
    reason: Reason = "",
) -> None:
    """Add credit to a grant, on the terms that it has."""
    with desk(context).open(book) as opened:
        currency = opened.query(wallets.load_wallet, wallet).granted.currency
        added = Money.of(_number("amount", amount), currency) if amount else None
        made = opened.run(wallets.top_up_wallet, wallet, TopUp(added, units, reason)).value
    _show(context, [made])


@app.command()
@guarded
def withdraw(
    context: typer.Context,
    wallet: Wallet,
    book: BookOption = "",
    amount: Annotated[str, typer.Option(help="All that is left when left out.")] = "",
    reason: Reason = "",
) -> None:
    """Take back what is left of a grant, or a part of it."""
    with desk(context).open(book) as opened:
        currency = opened.query(wallets.load_wallet, wallet).granted.currency
        taken = Money.of(_number("amount", amount), currency) if amount else None
        made = opened.run(wallets.withdraw_wallet, wallet, taken, reason=reason).value
    _show(context, [made])


@app.command()
@guarded
def refund(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of an issued credit note with something open on it.")],
    book: BookOption = "",
    amount: Annotated[str, typer.Option(help="All that is open when left out.")] = "",
    label: Annotated[str, typer.Option(help="The text on the document.")] = "",
    until: Until = None,
    priority: Priority = USUAL_PRIORITY,
    reason: Reason = "",
) -> None:
    """Turn an open credit note into prepaid credit."""
    with desk(context).open(book) as opened:
        note = lookup.document(opened, number)
        wanted = Money.of(_number("amount", amount), note.total.currency) if amount else None
        terms = RefundTerms(label, wanted, priority, until.date() if until else None, reason=reason)
        made = opened.run(wallets.refund_into_wallet, note.id, terms).value
    _show(context, [made])


@app.command("refund-contract")
@guarded
def refund_contract(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    contract: Annotated[str, typer.Argument(help="Number of a contract that was ended or made smaller.")],
    book: BookOption = "",
    label: Annotated[str, typer.Option(help="The text on the document.")] = "",
    until: Until = None,
    priority: Priority = USUAL_PRIORITY,
    reason: Reason = "",
) -> None:
    """Credit what a contract gives back today, and keep it as prepaid credit."""
    output = desk(context).output
    terms = RefundTerms(label, None, priority, until.date() if until else None, reason=reason)
    with desk(context).open(book) as opened, output.progress(_("Billing")) as progress:
        key = lookup.contract(opened, contract).id
        made = opened.run(wallets.refund_contract_into_wallet, key, terms, progress=progress).value
    _show(context, list(made))


@app.command("undo-refund")
@guarded
def undo_refund(context: typer.Context, wallet: Wallet, book: BookOption = "") -> None:
    """Take credit back that came from a credit note, and open the note again."""
    with desk(context).open(book) as opened:
        made = opened.run(wallets.undo_refund_into_wallet, wallet).value
    _show(context, [made])


@app.command()
@guarded
def statement(
    context: typer.Context,
    wallet: Annotated[int | None, typer.Argument(help="Id, as `wallet list` shows it.")] = None,
    book: BookOption = "",
    customer: Customer = "",
    to: Annotated[Path | None, typer.Option(dir_okay=False, help="Write it to this .xlsx or .csv file.")] = None,
) -> None:
    """Show each movement of a grant, or of all grants of a customer, with what was left after it."""
    if (wallet is None) is not bool(customer):
        raise typer.BadParameter(_("Name a grant or a customer."))
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        if wallet is not None:
            found = [opened.query(wallets.load_statement, wallet)]
        else:
            found = list(opened.query(wallets.load_statements, lookup.customer(opened, customer).id))
    if to is not None:
        to.write_bytes(wallets.statement_file(found, to.suffix))
        output.say(_("Written to {path}.", path=to))
    for one in found:
        output.table(
            one.row.wallet.label,
            (_("Date"), _("What"), _("Amount"), _("Balance"), _("Reason")),
            (
                (line.movement.day, line.words, line.movement.amount, line.balance, line.movement.reason)
                for line in one.lines
            ),
        )
    output.result({"statements": found})


@app.command()
@guarded
def expire(context: typer.Context, book: BookOption = "") -> None:
    """Write off what is left of grants that expired."""
    output = desk(context).output
    with desk(context).open(book) as opened:
        count = opened.run(wallets.expire_wallets).value
    output.say(ngettext("{n} grant expired.", "{n} grants expired.", count))
    output.result({"expired": count})
