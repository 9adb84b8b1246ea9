"""`billdesk simulate`: what the book comes to by a day to come, on a copy."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from billdesk.cli.desk import BookOption, desk, guarded, named
from billdesk.cli.output import Output
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.period import Interval, Unit
from billdesk.services import simulation
from billdesk.services.simulation import PriceChange, Simulation, SimulationOptions


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
) -> None:
    """Bill and issue on a copy of the book, run after run, until a day to come; the book is only read."""
    found_desk = desk(context)
    change = _change(raise_prices, (since or found_desk.clock()).date())
    options = SimulationOptions(until.date(), _interval(every), tuple(publish or ()), change)
    with found_desk.output.progress(_("Simulating")) as progress:
        done = simulation.simulate(named(book), options, clock=found_desk.clock, keep=keep, progress=progress)
    _show(found_desk.output, done)


def _interval(text: str) -> Interval:
    if text in {Unit.MONTH.value, Unit.WEEK.value, Unit.DAY.value}:
        return Interval(Unit(text))
    if text.isdecimal() and int(text):
        return Interval(Unit.DAY, int(text))
    raise typer.BadParameter(_("Write month, week, or a number of days."), param_hint="--every")


def _change(percent: str, since: date) -> PriceChange | None:
    if not percent:
        return None
    try:
        return PriceChange(Decimal(percent.removesuffix("%").strip()), since)
    except InvalidOperation as error:
        raise typer.BadParameter(_("Write a percentage such as 5 or -2.5."), param_hint="--raise-prices") from error


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
