"""`billdesk simulate`: what the book comes to by a day to come, on a copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, Desk, desk, guarded, named
from billdesk.cli.output import Output
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.period import Interval, Unit
from billdesk.services import simulation
from billdesk.services.billing import EVERYBODY, Scope
from billdesk.services.simulation import PriceChange, Simulation, SimulationOptions
from billdesk.services.simulation_files import simulation_file


@guarded
def simulate(  # noqa: PLR0913 - each is an option of the command
    context: typer.Context,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day that is billed.")],
    book: BookOption = "",
    every: Annotated[str, typer.Option(help="How often to bill: month, week, or a number of days.")] = "month",
    keep: Annotated[Path | None, typer.Option(dir_okay=False, help="Keep the copy under this name.")] = None,
    publish: Annotated[
        list[int] | None, typer.Option(help="A plan version, by id, that goes live at once; may be repeated.")
    ] = None,
    raise_prices: Annotated[str, typer.Option(help="Change what contracts pay by this percentage.")] = "",
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The day prices change; today if left out.")
    ] = None,
    customer: Annotated[list[str] | None, typer.Option(help="Only this customer, by number; may be repeated.")] = None,
    repeat_usage: Annotated[  # noqa: FBT002 - how typer makes a flag
        bool, typer.Option("--repeat-usage", help="Suppose that last month's usage comes again each month.")
    ] = False,
    growth: Annotated[str, typer.Option(help="By which percentage repeated usage grows each month.")] = "",
    to: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write the months to this .xlsx or .csv file.")
    ] = None,
) -> None:
    """Bill and issue on a copy of the book, run after run, until a day to come; the book is only read."""
    found_desk = desk(context)
    change = _change(raise_prices, (since or found_desk.clock()).date())
    options = SimulationOptions(
        until.date(),
        _interval(every),
        tuple(publish or ()),
        change,
        scope=_scope(found_desk, book, customer or []),
        repeat_usage=repeat_usage or bool(growth),
        growth_percent=_percent(growth, "--growth") if growth else Decimal(0),
    )
    with found_desk.output.progress(_("Simulating")) as progress:
        done = simulation.simulate(named(book), options, clock=found_desk.clock, keep=keep, progress=progress)
    if to is not None:
        to.write_bytes(simulation_file(done, to.suffix))
        found_desk.output.say(_("Written to {path}.", path=to))
    _show(found_desk.output, done)


def _scope(found_desk: Desk, book: str, numbers: Sequence[str]) -> Scope:
    if not numbers:
        return EVERYBODY
    with found_desk.open(book, read_only=True) as opened:
        return Scope(customer_ids=frozenset(lookup.customer(opened, number).id for number in numbers))


def _interval(text: str) -> Interval:
    if text in {Unit.MONTH.value, Unit.WEEK.value, Unit.DAY.value}:
        return Interval(Unit(text))
    if text.isdecimal() and int(text):
        return Interval(Unit.DAY, int(text))
    raise typer.BadParameter(_("Write month, week, or a number of days."), param_hint="--every")


def _change(percent: str, since: date) -> PriceChange | None:
    if not percent:
        return None
    return PriceChange(_percent(percent, "--raise-prices"), since)


def _percent(text: str, option: str) -> Decimal:
    try:
        return Decimal(text.removesuffix("%").strip())
    except InvalidOperation as error:
        raise typer.BadParameter(_("Write a percentage such as 5 or -2.5."), param_hint=option) from error


def _show(output: Output, done: Simulation) -> None:
    output.table(
        ngettext("{n} document", "{n} documents", done.documents),
        (
            _("Month"), _("Currency"), _("Documents"), _("Revenue"), _("Tax"), _("Total"), _("MRR"),
            _("Receivables"), _("Falls due"),
        ),
        (
            (f"{m.month:%Y-%m}", m.currency, m.documents, m.revenue, m.tax, m.total, m.mrr, m.receivables, m.falls_due)
            for m in done.months
        ),
    )  # fmt: skip
    output.table(
        _("To look at"),
        (_("Why"), _("Customer"), _("Value")),
        ((finding.code, finding.customer_name, finding.value) for finding in done.findings),
    )
    output.result(done)
