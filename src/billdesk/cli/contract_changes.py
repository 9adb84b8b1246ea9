"""`billdesk contract change`, `price`, `phases`, `pause`, `resume`, `convert`, `cancel`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import typer

from billdesk.cli import lookup
from billdesk.cli.contract_output import say_ending, show_preview, show_saved
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.domain.catalog import PlanVersion, Price, PriceTerms, QuantitySource, VersionState
from billdesk.domain.contract_changes import Phase
from billdesk.domain.price_changes import changed_terms
from billdesk.domain.subscriptions import EntryKind, Override, PauseKind
from billdesk.domain.timeline import Term
from billdesk.kernel.errors import InvalidValue, NotFound, Place, Problem
from billdesk.services import subscriptions
from billdesk.services.billing import preview_changed_contract
from billdesk.services.book import Book
from billdesk.services.catalog import load_catalog
from billdesk.services.contract_prices import with_amount
from billdesk.services.subscriptions import Change, SubscriptionRow, When

Number = Annotated[str, typer.Argument(help="Number of the contract.")]
Preview = Annotated[bool, typer.Option("--preview", help="Only show the next document, to the cent.")]
Reason = Annotated[str, typer.Option(help="Kept in the timeline and the audit trail.")]
Quantity = Annotated[
    list[str] | None, typer.Option("--quantity", help="Such as 5, or SEAT=5 for one price; may be given again.")
]
Moment = Annotated[
    str, typer.Option("--when", help="now, upgrade_now, period_end, term_end, earliest, or a day such as 2026-07-01.")
]
PriceCode = Annotated[str, typer.Option("--price", help="Code of the price.")]
_ALL: Final = "*"


def today(db: Any) -> date:  # noqa: ANN401 - the open transaction, which is the services' to know
    """Give the person's day."""
    day: date = db.today
    return day


def moment(text: str) -> tuple[When, date | None]:
    """Read when a change takes effect; raises InvalidValue."""
    known = {when.value: when for when in When if when is not When.DATE}
    if text.replace("-", "_") in known:
        return known[text.replace("-", "_")], None
    try:
        return When.DATE, date.fromisoformat(text)
    except ValueError as error:
        raise InvalidValue(Problem("not_a_date", Place(field="when"), text)) from error


def plan_version(book: Book, code: str, day: date) -> PlanVersion:
    """Give the live version of a plan on a day, or the one that `PLAN:2` names; raises NotFound."""
    name, _colon, number = code.partition(":")
    versions = [one for one in lookup.plan(book, name).versions if one.state is VersionState.LIVE]
    named = [one for one in versions if str(one.number) == number] if number else versions
    begun = [one for one in named if one.effective <= day] or named
    if not begun:
        raise NotFound("catalog", code)
    return max(begun, key=lambda one: one.effective)


def quantities_of(book: Book, texts: Sequence[str] | None, version: PlanVersion | None) -> dict[int, Decimal]:
    """Read quantities: one for all seats of the plan, or by price; raises InvalidValue and NotFound."""
    catalog, found = book.query(load_catalog), {}
    for text in texts or ():
        code, equals, amount = text.rpartition("=")
        if equals:
            found[lookup.price(book, code).id] = lookup.number("quantity", amount)
            continue
        items = version.items if version else ()
        seats = [i.price_id for i in items if catalog.prices[i.price_id].quantity_source is QuantitySource.SUBSCRIPTION]
        found |= dict.fromkeys(seats, lookup.number("quantity", text))
    return found


def carry_out(context: typer.Context, book: Book, row: SubscriptionRow, change: Change, *, preview: bool) -> None:
    """Show what a change comes to, or make it."""
    output = desk(context).output
    if preview:
        show_preview(output, book.query(preview_changed_contract, row.id, change))
        return
    made = book.run(subscriptions.change_subscription, row.id, change).value
    show_saved(output, made, book.query(subscriptions.load_timeline, row.id))


@guarded
def change(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    number: Number,
    book: BookOption = "",
    *,
    plan: Annotated[str, typer.Option("--plan", help="Code of the new plan, with :2 for a version of it.")] = "",
    quantity: Quantity = None,
    when: Moment = When.UPGRADE_NOW.value,
    reason: Reason = "",
    preview: Preview = False,
) -> None:
    """Change the plan or the quantity of a contract."""
    with desk(context).open(book, read_only=preview) as opened:
        row, (at, day) = lookup.contract(opened, number), moment(when)
        card = opened.query(subscriptions.load_subscription_card, row.id)
        version = plan_version(opened, plan, day or opened.query(today)) if plan else None
        quantities = quantities_of(opened, quantity, version or card.version)
        if version is None and not quantities:
            raise InvalidValue(Problem("value_missing", Place(field="quantity")))
        kind = EntryKind.CHANGE_PLAN if version else EntryKind.CHANGE_QUANTITY
        wish = Change(kind, at, day, version.id if version else None, quantities, reason=reason)
        carry_out(context, opened, row, wish, preview=preview)


@guarded
def price(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    number: Number,
    price_code: PriceCode,
    amount: Annotated[str, typer.Option("--amount", help="Such as 80, or -50% of what is in force.")],
    book: BookOption = "",
    *,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day without it.")] = None,
    when: Moment = When.PERIOD_END.value,
    reason: Reason = "",
    preview: Preview = False,
) -> None:
    """Agree on an own price."""
    with desk(context).open(book, read_only=preview) as opened:
        row, (at, day) = lookup.contract(opened, number), moment(when)
        known, terms = _in_force(opened, row, price_code)
        own = Override(known.id, _terms(known, terms, amount), reason, until.date() if until else None)
        wish = Change(EntryKind.OVERRIDE_PRICE, at, day, override=own, reason=reason)
        carry_out(context, opened, row, wish, preview=preview)


def _in_force(book: Book, row: SubscriptionRow, code: str) -> tuple[Price, PriceTerms]:
    """Give a price and its terms for a contract today, or as it is sold; raises NotFound."""
    known = lookup.price(book, code)
    terms: tuple[Term, ...] = book.query(subscriptions.load_subscription_card, row.id).terms
    own = next((term.terms for term in terms if term.price.id == known.id), known.terms_in(row.currency))
    if own is None:
        raise InvalidValue(Problem("price_currency_missing", Place(field="price"), code, (("currency", row.currency),)))
    return known, own


def _terms(known: Price, terms: PriceTerms, text: str) -> PriceTerms:
    """Read an amount, or a percentage by which it changes; raises InvalidValue."""
    if text.endswith("%"):
        return changed_terms(terms, lookup.number("amount", text.removesuffix("%").removeprefix("+")))
    made = with_amount(known.model, terms, lookup.number("amount", text))
    if made is None:
        raise InvalidValue(Problem("price_without_amount", Place(field="amount"), known.code))
    return made


@guarded
def phases(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    number: Number,
    price_code: PriceCode,
    phase: Annotated[
        list[str],
        typer.Option(help="MONTHS:AMOUNT such as 12:100 or 3:-50%, *:120 for all months after; once per phase."),
    ],
    book: BookOption = "",
    *,
    when: Moment = When.NOW.value,
    reason: Reason = "",
    preview: Preview = False,
) -> None:
    """Agree on prices that follow one another: a price per year, three months at half price."""
    with desk(context).open(book, read_only=preview) as opened:
        row, (at, day) = lookup.contract(opened, number), moment(when)
        known, terms = _in_force(opened, row, price_code)
        steps = tuple(_phase(known, terms, text) for text in phase)
        own = Override(known.id, terms, reason)
        wish = Change(EntryKind.OVERRIDE_PRICE, at, day, override=own, reason=reason, phases=steps)
        carry_out(context, opened, row, wish, preview=preview)


def _phase(known: Price, terms: PriceTerms, text: str) -> Phase:
    months, _colon, amount = text.partition(":")
    length = None if months == _ALL else int(lookup.number("phase", months))
    return Phase(length, _terms(known, terms, amount) if amount else None)


@guarded
def pause(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    number: Number,
    book: BookOption = "",
    *,
    kind: Annotated[PauseKind, typer.Option(help="What pauses.")] = PauseKind.SERVICE,
    resume_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it resumes.")] = None,
    when: Moment = When.NOW.value,
    reason: Reason = "",
    preview: Preview = False,
) -> None:
    """Pause a contract, or only its billing."""
    with desk(context).open(book, read_only=preview) as opened:
        row, (at, day) = lookup.contract(opened, number), moment(when)
        ends = resume_on.date() if resume_on else None
        wish = Change(EntryKind.PAUSE, at, day, pause_kind=kind, resume_on=ends, reason=reason)
        carry_out(context, opened, row, wish, preview=preview)


@guarded
def resume(
    context: typer.Context,
    number: Number,
    book: BookOption = "",
    *,
    when: Moment = When.NOW.value,
    reason: Reason = "",
    preview: Preview = False,
) -> None:
    """Resume a paused contract."""
    _simple(context, number, book, Change(EntryKind.RESUME, reason=reason), when=when, preview=preview)


@guarded
def convert(
    context: typer.Context,
    number: Number,
    book: BookOption = "",
    *,
    when: Moment = When.NOW.value,
    reason: Reason = "",
    preview: Preview = False,
) -> None:
    """End a trial and start paying."""
    _simple(context, number, book, Change(EntryKind.CONVERT, reason=reason), when=when, preview=preview)


def _simple(
    context: typer.Context, number: str, book: str, wish: Change, *, when: str, preview: bool
) -> None:  # fmt: skip
    at, day = moment(when)
    with desk(context).open(book, read_only=preview) as opened:
        row = lookup.contract(opened, number)
        carry_out(context, opened, row, replace(wish, when=at, day=day), preview=preview)


@guarded
def cancel(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    number: Number,
    book: BookOption = "",
    *,
    when: Moment = When.EARLIEST.value,
    no_credit: Annotated[bool, typer.Option("--no-credit", help="Keep what was billed.")] = False,
    waive_fee: Annotated[bool, typer.Option("--waive-fee", help="Let it go before its term without the fee.")] = False,
    reason: Reason = "",
    preview: Preview = False,
) -> None:
    """End a contract: on the first day that its term allows, or sooner with the fee that was agreed."""
    at, day = moment(when)
    with desk(context).open(book, read_only=preview) as opened:
        row = lookup.contract(opened, number)
        say_ending(desk(context).output, opened.query(subscriptions.load_ending, row.id, day=day))
        wish = Change(EntryKind.CANCEL, at, day, credit_unused=not no_credit, fee_waived=waive_fee, reason=reason)
        carry_out(context, opened, row, wish, preview=preview)


def register(app: typer.Typer) -> None:
    """Add these commands to those of contracts."""
    for command in (change, price, phases, pause, resume, convert, cancel):
        app.command()(command)
