"""`billdesk catalog version …`: plan versions from draft to live, compared and previewed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.domain.catalog import PlanItem, PlanVersion, Price, RunningPolicy
from billdesk.kernel.errors import NotFound
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import catalog
from billdesk.services.book import Book
from billdesk.services.catalog import PlanCard
from billdesk.services.plan_preview import Publication, preview_publication

app = typer.Typer(help="Draft, approve, publish and retire versions of plans.", no_args_is_help=True)

PlanCode = Annotated[str, typer.Argument(help="Code of the plan.")]
Number = Annotated[int, typer.Argument(help="Number of the version.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day from which it is sold.")]
Prices = Annotated[list[str] | None, typer.Option(help="CODE or CODE=QUANTITY to add or change; may be repeated.")]
Without = Annotated[list[str] | None, typer.Option(help="Code of a price to leave out; may be repeated.")]
Policy = Annotated[RunningPolicy | None, typer.Option(help="What happens to running contracts.")]


@app.command()
@guarded
def draft(  # noqa: PLR0913 - one option for each thing that a version has
    context: typer.Context,
    plan: PlanCode,
    book: BookOption = "",
    effective: Day = None,
    price: Prices = None,
    without: Without = None,
    running: Policy = None,
    trial: Annotated[int | None, typer.Option(help="Days of trial.")] = None,
    note: Annotated[str, typer.Option(help="Why; stands in the history of each contract.")] = "",
) -> None:
    """Draft the next version of a plan from the live one."""
    with desk(context).open(book) as opened:
        card = lookup.plan(opened, plan)
        base = opened.query(catalog.next_draft, card.plan.id)
        made = replace(
            base,
            effective=effective.date() if effective else base.effective,
            items=_items(opened, base.items, price or (), without or ()),
            running_policy=running or base.running_policy,
            trial_days=base.trial_days if trial is None else trial,
            note=note,
        )
        stored = opened.run(catalog.create_version, made).value
    desk(context).output.say(_("Version {number} of {plan} is a draft.", number=stored.number, plan=card.plan.code))
    desk(context).output.result(stored)


def _items(
    book: Book, before: Iterable[PlanItem], wanted: Iterable[str], without: Iterable[str]
) -> tuple[PlanItem, ...]:
    items = {item.price_id: item for item in before}
    for code in without:
        items.pop(lookup.price(book, code).id, None)
    for text in wanted:
        code, _equals, quantity = text.partition("=")
        price = lookup.price(book, code)
        items[price.id] = PlanItem(price.id, lookup.number("price", quantity) if quantity else Decimal(1))
    return tuple(items.values())


@app.command()
@guarded
def approve(context: typer.Context, plan: PlanCode, number: Number, book: BookOption = "") -> None:
    """Mark a draft as seen and agreed by you."""
    with desk(context).open(book) as opened:
        done = opened.run(catalog.approve_version, _version(lookup.plan(opened, plan), number).id).value
    desk(context).output.say(_("Version {number} is approved by {user}.", number=number, user=done.approver))
    desk(context).output.result(done)


@app.command()
@guarded
def publish(
    context: typer.Context,
    plan: PlanCode,
    number: Number,
    book: BookOption = "",
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Only show which contracts would change.")] = False,
) -> None:
    """Make an approved version live; running contracts change as it says."""
    output = desk(context).output
    with desk(context).open(book) as opened:
        version = _version(lookup.plan(opened, plan), number)
        found = opened.query(preview_publication, version.id)
        if not preview:
            opened.run(catalog.publish_version, version.id)
    _show_publication(context, found)
    if not preview:
        output.say(_("Version {number} is live.", number=number))
    output.result(found)


def _show_publication(context: typer.Context, found: Publication) -> None:
    headers = (_("Contract"), _("Customer"), _("Changes on"), _("Per month now"), _("Then"), _("Difference"))
    rows = [(one.number, one.customer_name, one.on, one.before, one.after, one.difference) for one in found.moved]
    title = ngettext("{n} contract changes", "{n} contracts change", len(rows))
    desk(context).output.table(title, headers, rows)
    desk(context).output.say(ngettext("{n} contract keeps its version.", "{n} contracts keep theirs.", found.kept))


@app.command()
@guarded
def retire(context: typer.Context, plan: PlanCode, number: Number, book: BookOption = "") -> None:
    """Stop selling a live version; contracts on it keep it."""
    with desk(context).open(book) as opened:
        done = opened.run(catalog.retire_version, _version(lookup.plan(opened, plan), number).id).value
    desk(context).output.say(_("Version {number} is no longer sold.", number=number))
    desk(context).output.result(done)


@app.command()
@guarded
def delete(context: typer.Context, plan: PlanCode, number: Number, book: BookOption = "") -> None:
    """Throw a draft away."""
    with desk(context).open(book) as opened:
        opened.run(catalog.delete_version, _version(lookup.plan(opened, plan), number).id)
    desk(context).output.say(_("Version {number} is gone.", number=number))
    desk(context).output.result({"number": number})


@app.command()
@guarded
def diff(
    context: typer.Context,
    plan: PlanCode,
    before: Annotated[int, typer.Argument(help="Number of the earlier version.")],
    after: Annotated[int, typer.Argument(help="Number of the later version.")],
    book: BookOption = "",
) -> None:
    """Show what differs between two versions of a plan."""
    with desk(context).open(book, read_only=True) as opened:
        card, prices = lookup.plan(opened, plan), opened.query(catalog.load_catalog).prices
    changes = catalog.diff_versions(_version(card, before), _version(card, after))
    headers = (_("What"), _("Price"), _("Before"), _("After"))
    rows = [(one.what, _code(prices, one.price_id), one.before, one.after) for one in changes]
    desk(context).output.table(ngettext("{n} difference", "{n} differences", len(rows)), headers, rows)
    desk(context).output.result(changes)


def _code(prices: Mapping[int, Price], price_id: int | None) -> str:
    return prices[price_id].code if price_id is not None and price_id in prices else ""


def _version(card: PlanCard, number: int) -> PlanVersion:
    for version in card.versions:
        if version.number == number:
            return version
    raise NotFound("catalog", f"{card.plan.code} {number}")
