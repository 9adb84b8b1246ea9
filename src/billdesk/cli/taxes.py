"""`billdesk tax …`: rates, a percent that follows from a date, distance sales, and how amounts are rounded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer

from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.domain.entities import Entity, TaxRounding
from billdesk.domain.invoices import TaxPart
from billdesk.domain.taxes import STANDARD_CLASS, TaxRate
from billdesk.kernel.decimals import from_text
from billdesk.kernel.errors import InvalidValue, NotFound, Place, Problem
from billdesk.kernel.i18n import _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services import entities, taxes
from billdesk.services.book import Book
from billdesk.services.taxes import RateChange

app = typer.Typer(help="Tax rates and their changes, distance sales, rounding.", no_args_is_help=True)

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Today when left out.")]
Since = Annotated[datetime, typer.Option("--since", formats=["%Y-%m-%d"], help="The first day of the new percent.")]
Country = Annotated[str, typer.Option(help="Only this country, such as CH.")]
TaxClass = Annotated[str, typer.Option("--class", help="Only this class, such as standard or reduced.")]
Company = Annotated[str, typer.Option("--company", help="Code of the company; the only one when left out.")]


@app.command("list")
@guarded
def list_all(context: typer.Context, book: BookOption = "", country: Country = "", day: Day = None) -> None:
    """List the rates of a country or all; with a day those that hold on it."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        rates = opened.query(taxes.list_tax_rates, country)
    shown = [rate for rate in rates if day is None or rate.holds_on(day.date())]
    output.table(ngettext("{n} rate", "{n} rates", len(shown)), _headers(), map(_row, shown))
    output.result({"rates": shown})


def _headers() -> tuple[str, ...]:
    return _("Id"), _("Country"), _("Region"), _("Class"), _("Percent"), _("From"), _("Until"), _("Shared by")


def _row(rate: TaxRate) -> tuple[object, ...]:
    percent = current().percent
    parts = ", ".join(f"{part.name} {percent(part.percent)}" for part in rate.parts)
    return rate.id, rate.country, rate.region, rate.tax_class, percent(rate.percent), rate.since, rate.until, parts


@app.command()
@guarded
def add(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    country: Annotated[str, typer.Argument(help="Such as US.")],
    percent: Annotated[str, typer.Argument(help="Such as 8.875.")],
    since: Since,
    book: BookOption = "",
    region: Annotated[str, typer.Option(help="A state or the beginning of postcodes.")] = "",
    tax_class: Annotated[str, typer.Option("--class", help="The class of products.")] = STANDARD_CLASS,
    part: Annotated[list[str] | None, typer.Option(help="What an authority gets, such as City=4.5; repeat it.")] = None,
) -> None:
    """Add a rate, with the parts that authorities share where there are several."""
    shares = tuple(_part(text) for text in part or ())
    rate = TaxRate(0, country.upper(), _percent(percent), since.date(), tax_class, parts=shares, region=region)
    with desk(context).open(book) as opened:
        opened.run(taxes.save_tax_rate, rate)
    desk(context).output.say(
        _("{country}: {percent} from {day}.", country=rate.country, percent=percent, day=rate.since)
    )
    desk(context).output.result({"rate": rate})


def _part(text: str) -> TaxPart:
    name, _equals, percent = text.partition("=")
    return TaxPart(name.strip(), _percent(percent.strip()))


def _percent(text: str) -> Decimal:
    try:
        return from_text(text)
    except ValueError as error:
        raise InvalidValue(Problem("not_a_number", Place(field="percent"), text)) from error


@app.command()
@guarded
def change(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    percent: Annotated[str, typer.Argument(help="The new percent, such as 8.1.")],
    since: Since,
    book: BookOption = "",
    country: Country = "",
    tax_class: TaxClass = "",
    old: Annotated[str, typer.Option("--from", help="Only rates of this percent, such as 7.7.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only show what it touches.")] = False,  # noqa: FBT002 - how typer makes a flag
) -> None:
    """Let another percent follow on a day, for all chosen rates at once, after showing what that touches."""
    output = desk(context).output
    before = _percent(old) if old else None
    with desk(context).open(book, read_only=preview) as opened:
        chosen = opened.query(taxes.find_rates, since.date(), country=country, tax_class=tax_class, percent=before)
        if not chosen or not (country or tax_class or old):
            raise InvalidValue(Problem("no_rate_chosen", Place(field="country")))
        wanted = RateChange(tuple(rate.id for rate in chosen), _percent(percent), since.date())
        reach = opened.query(taxes.preview_rate_change, wanted)
        new_ids = () if preview else opened.run(taxes.change_tax_rates, wanted).value
    output.table("", _headers(), map(_row, reach.before))
    for line in taxes.describe_change(reach):
        output.say(line)
    output.result({"preview": reach, "new_ids": new_ids})


@app.command()
@guarded
def revoke(
    context: typer.Context,
    ids: Annotated[list[int], typer.Argument(help="Rates that followed, by id.")],
    book: BookOption = "",
) -> None:
    """Take rates that followed from a date out again, so that those before go on."""
    with desk(context).open(book) as opened:
        count = opened.run(taxes.revoke_rate_change, ids).value
    desk(context).output.say(ngettext("{n} rate taken back.", "{n} rates taken back.", count))
    desk(context).output.result({"revoked": count})


@app.command()
@guarded
def distance(context: typer.Context, book: BookOption = "", day: Day = None) -> None:
    """Say how far each company is with its sales to consumers in other EU countries, and which rates apply."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        standings = opened.query(taxes.list_standings, day.date() if day else None)
    for standing in standings:
        output.say(f"{standing.entity.code}: {taxes.describe_standing(standing)}")
    names = ("year", "sold", "sold_last_year", "threshold", "percent", "taxed", "passed")
    rows = [{"company": one.entity.code, **{name: getattr(one, name) for name in names}} for one in standings]
    output.result({"standings": rows})


@app.command()
@guarded
def rounding(
    context: typer.Context,
    book: BookOption = "",
    company: Company = "",
    coin: Annotated[str, typer.Option(help="The smallest coin, such as 0.05; 0 rounds nothing.")] = "",
    tax: Annotated[TaxRounding | None, typer.Option(help="Where tax is rounded.")] = None,
) -> None:
    """Show or change how a company rounds the amount due and its tax."""
    output = desk(context).output
    with desk(context).open(book, read_only=not (coin or tax)) as opened:
        record = _company(opened, company)
        if coin:
            record = replace(record, cash_rounding_minor=Money.of(_percent(coin), record.currency).minor)
        if tax is not None:
            record = replace(record, tax_rounding=tax)
        if coin or tax:
            opened.run(entities.change_entity, record)
    shown = Money(record.cash_rounding_minor, record.currency)
    output.say(
        _("{name}: amounts due to {coin}, tax {tax}.", name=record.name, coin=shown, tax=record.tax_rounding.value)
    )
    output.result({"company": record.code, "coin": shown, "tax": record.tax_rounding.value})


def _company(opened: Book, code: str) -> Entity:
    known = opened.query(entities.list_entities)
    found = [one for one in known if code.casefold() in {"", one.code.casefold()}]
    if len(found) != 1:
        raise NotFound("entities", code)
    return found[0]
