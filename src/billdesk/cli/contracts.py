"""`billdesk contract …`: contracts, their timeline, and what they come to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from billdesk.cli import contract_changes, contract_terms, indexes, lookup
from billdesk.cli.contract_output import documents_json, show_card, show_documents, show_preview, show_saved
from billdesk.cli.contract_terms import TermOptions, term_of
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.domain.contract_terms import AfterTerm
from billdesk.domain.subscriptions import Subscription, SubscriptionState
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.money import Money
from billdesk.services import customers, subscriptions
from billdesk.services.billing import (
    preview_moved_entry,
    preview_new_contract,
    preview_revoked_entry,
    upcoming_documents,
)
from billdesk.services.subscriptions import Start, SubscriptionFilter

app = typer.Typer(help="Show, begin, change, renew and end contracts.", no_args_is_help=True)
app.add_typer(indexes.app, name="index")
contract_changes.register(app)
contract_terms.register(app)

Number = Annotated[str, typer.Argument(help="Number of the contract.")]
Preview = Annotated[bool, typer.Option("--preview", help="Only show the next document, to the cent.")]
_MOST = 10_000


@app.command("list")
@guarded
def list_all(
    context: typer.Context,
    book: BookOption = "",
    *,
    search: Annotated[str, typer.Option(help="Number, name, customer or plan.")] = "",
    state: Annotated[list[SubscriptionState] | None, typer.Option(help="May be given again.")] = None,
    notice_within: Annotated[int | None, typer.Option(help="Notice date within so many days.")] = None,
) -> None:
    """List contracts."""
    wanted = SubscriptionFilter(search=search, states=tuple(state or ()), notice_within=notice_within)
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(subscriptions.list_subscriptions, wanted, limit=_MOST)
    desk(context).output.table(
        ngettext("{n} contract", "{n} contracts", len(rows)),
        (_("Number"), _("Customer"), _("Plan"), _("State"), _("Per month"), _("Term ends before"), _("Notice by")),
        (
            (
                r.number,
                r.customer_name,
                r.plan_name,
                r.state.value,
                Money(r.mrr_minor, r.currency),
                r.term_end,
                r.notice_by,
            )
            for r in rows
        ),
    )
    desk(context).output.result({"contracts": rows})


@app.command()
@guarded
def show(context: typer.Context, number: Number, book: BookOption = "") -> None:
    """Show a contract, its term, its timeline and the documents of the next twelve months."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        row = lookup.contract(opened, number)
        card = opened.query(subscriptions.load_subscription_card, row.id)
        documents = opened.query(upcoming_documents, row.id)
    show_card(output, card)
    show_documents(output, documents)
    facts = {"number": row.number, "standing": card.standing, "term": card.term, "renewal": card.renewal}
    output.result(facts | {"timeline": card.timeline, "documents": documents_json(documents)})


@app.command()
@guarded
def start(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    customer: Annotated[str, typer.Option("--customer", help="Number of the customer.")],
    plan: Annotated[str, typer.Option("--plan", help="Code of the plan.")],
    book: BookOption = "",
    *,
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; today when left out.")] = None,
    number: Annotated[str, typer.Option(help="Number of the contract; the next one when left out.")] = "",
    quantity: contract_changes.Quantity = None,
    months: TermOptions.months = None,
    until: TermOptions.until = None,
    notice: TermOptions.notice = "",
    after: TermOptions.after = AfterTerm.RENEW,
    renewal_months: TermOptions.renewal_months = None,
    uplift: TermOptions.uplift = "",
    fee: TermOptions.fee = "",
    commit: TermOptions.commit = "",
    preview: Preview = False,
) -> None:
    """Begin a contract, with a term when one is agreed."""
    term = term_of(contract_terms.TermWords(months, until, None, notice, after, renewal_months, uplift, fee, commit))
    with desk(context).open(book, read_only=preview) as opened:
        party = opened.query(customers.load_customer, lookup.customer(opened, customer).id)
        day = date.date() if date else opened.query(contract_changes.today)
        version = contract_changes.plan_version(opened, plan, day)
        quantities = contract_changes.quantities_of(opened, quantity, version)
        record = Subscription(0, number, party.id, party.entity_id, party.currency, day, ())
        begin = Start(version.id, day, quantities, term=term)
        if preview:
            show_preview(desk(context).output, opened.query(preview_new_contract, record, begin))
            return
        made = opened.run(subscriptions.start_subscription, record, begin).value
        timeline = opened.query(subscriptions.load_timeline, made.id)
    show_saved(desk(context).output, made, timeline)


@app.command()
@guarded
def revoke(
    context: typer.Context,
    number: Number,
    entry: Annotated[int, typer.Argument(help="Id of the change, as `contract show` gives it.")],
    book: BookOption = "",
    *,
    reason: Annotated[str, typer.Option(help="Kept in the timeline.")] = "",
    preview: Preview = False,
) -> None:
    """Take a change back; what was billed for it is put right by the next document."""
    with desk(context).open(book, read_only=preview) as opened:
        row = lookup.contract(opened, number)
        if preview:
            show_preview(desk(context).output, opened.query(preview_revoked_entry, row.id, entry))
            return
        made = opened.run(subscriptions.revoke_entry, row.id, entry, reason=reason).value
        timeline = opened.query(subscriptions.load_timeline, row.id)
    show_saved(desk(context).output, made, timeline)


@app.command()
@guarded
def move(
    context: typer.Context,
    number: Number,
    entry: Annotated[int, typer.Argument(help="Id of the change, as `contract show` gives it.")],
    date: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day it takes effect instead.")],
    book: BookOption = "",
    *,
    preview: Preview = False,
) -> None:
    """Move a change that lies ahead to another day."""
    with desk(context).open(book, read_only=preview) as opened:
        row = lookup.contract(opened, number)
        if preview:
            show_preview(desk(context).output, opened.query(preview_moved_entry, row.id, entry, date.date()))
            return
        made = opened.run(subscriptions.move_entry, row.id, entry, date.date()).value
        timeline = opened.query(subscriptions.load_timeline, row.id)
    show_saved(desk(context).output, made, timeline)
