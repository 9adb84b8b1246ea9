"""`billdesk catalog book …`: price books, for whom they are, and what they charge from which day on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.cli.output import Output
from billdesk.domain.catalog import BookKind, PriceBook, PriceTerms, RunningPolicy, Validity
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import price_books
from billdesk.services.book import Book
from billdesk.services.book_holds import TermsChange
from billdesk.services.imports.contract_overrides import own_terms, read_parameters
from billdesk.services.price_books import BookCard, BookRow, Comparison

app = typer.Typer(help="Give customers, segments and regions other prices.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="Code of the price book.")]
Regions = Annotated[list[str] | None, typer.Option("--region", help="Country such as BE; may be repeated.")]
Segments = Annotated[list[str] | None, typer.Option("--segment", help="Tag of customers; may be repeated.")]
Customers = Annotated[list[str] | None, typer.Option("--customer", help="Customer by number; may be repeated.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day with it.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day without it.")]
Preview = Annotated[bool, typer.Option("--preview", help="Only show which contracts would cost otherwise.")]
BackDated = Annotated[
    bool, typer.Option("--back-dated", help="Also for days that are billed: they are credited and billed anew.")
]

Running = Annotated[
    RunningPolicy, typer.Option("--running", help="When contracts that run then take it: that day, renewing, never.")
]


@app.command()
@guarded
def add(  # noqa: PLR0913 - one option for each thing that a book has
    context: typer.Context,
    code: Code,
    name: Annotated[str, typer.Argument(help="How it is called; stands in the explanation of invoice lines.")],
    book: BookOption = "",
    region: Regions = None,
    segment: Segments = None,
    customer: Customers = None,
    priority: Annotated[int, typer.Option(help="Lower goes first; 0 takes the next one.")] = 0,
    since: Since = None,
    until: Until = None,
    note: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Make a price book for regions, segments or customers."""
    kind, reach = _reach(region, segment, customer)
    with desk(context).open(book) as opened:
        rank = priority or opened.query(price_books.next_priority, kind)
        record = PriceBook(0, code, name, kind, reach, rank, Validity(_day(since), _day(until)), note)
        made = opened.run(price_books.create_book, record).value
        card = opened.query(price_books.load_book_card, made.id)
    show_card(desk(context).output, card)


@app.command()
@guarded
def change(  # noqa: PLR0913 - one option for each thing that a book has
    context: typer.Context,
    code: Code,
    book: BookOption = "",
    name: Annotated[str, typer.Option(help="Another name.")] = "",
    region: Regions = None,
    segment: Segments = None,
    customer: Customers = None,
    priority: Annotated[int, typer.Option(help="Another priority, before its terms begin.")] = 0,
    since: Since = None,
    until: Until = None,
    *,
    preview: Preview = False,
    back_dated: BackDated = False,
) -> None:
    """Change whom a book is for, or when it holds: customers it newly reaches or leaves count from today."""
    with desk(context).open(book) as opened:
        record = opened.query(price_books.book_by_code, code)
        if region or segment or customer:
            kind, reach = _reach(region, segment, customer)
            record = replace(record, kind=kind, reach=reach)
        valid = Validity(_day(since) or record.valid.since, _day(until) or record.valid.until)
        record = replace(record, name=name or record.name, priority=priority or record.priority, valid=valid)
        found = opened.query(price_books.compare_book, record, back_dated=back_dated)
        if not preview:
            opened.run(price_books.update_book, record, back_dated=back_dated)
    _show_comparison(desk(context).output, found)


@app.command()
@guarded
def price(  # noqa: PLR0913 - one option for each thing that terms have
    context: typer.Context,
    code: Code,
    price: Annotated[str, typer.Argument(help="Code of the price.")],
    amount: Annotated[str, typer.Argument(help="Amount, price per unit or per package; empty with --end.")] = "",
    book: BookOption = "",
    currency: Annotated[str, typer.Option(help="Empty takes the price's first.")] = "",
    since: Since = None,
    until: Until = None,
    parameters: Annotated[str, typer.Option(help="JSON with other fields of the charge model, such as tiers.")] = "",
    minimum: Annotated[str, typer.Option(help="At least per period.")] = "",
    maximum: Annotated[str, typer.Option(help="At most per period.")] = "",
    *,
    always: Annotated[bool, typer.Option("--always", help="Without a first day.")] = False,
    end: Annotated[bool, typer.Option("--end", help="The book says nothing about the price from that day on.")] = False,
    running: Running = RunningPolicy.FROM_DATE,
    preview: Preview = False,
    back_dated: BackDated = False,
) -> None:
    """Give a price other terms in a book, from today or another day on."""
    with desk(context).open(book) as opened:
        found = opened.query(price_books.book_by_code, code)
        record = lookup.price(opened, price)
        unit = currency.upper() or (record.terms[0].currency if record.terms else "")
        terms = None
        if not end:
            wanted = lookup.number("amount", amount) if amount else None
            terms, _problems = own_terms(record, unit, wanted, _parameters(parameters))
            terms = _limited(terms, minimum, maximum)
        first = None if always else _day(since) or opened.query(price_books.today)
        made = TermsChange(record.id, unit, terms, first, _day(until))
        compared = _apply(opened, found.id, [made], preview=preview, back_dated=back_dated, running=running)
    _show_comparison(desk(context).output, compared)


@app.command()
@guarded
def fill(  # noqa: PLR0913 - one option for each choice
    context: typer.Context,
    code: Code,
    percent: Annotated[str, typer.Option(help="Such as 5, or -10 for ten percent less.")],
    book: BookOption = "",
    since: Since = None,
    price: Annotated[list[str] | None, typer.Option(help="Only this price, by code; may be repeated.")] = None,
    *,
    running: Running = RunningPolicy.FROM_DATE,
    preview: Preview = False,
    back_dated: BackDated = False,
) -> None:
    """Give prices their own amounts, so many percent higher or lower, in a book."""
    with desk(context).open(book) as opened:
        found = opened.query(price_books.book_by_code, code)
        ids = frozenset(lookup.price(opened, one).id for one in price or ())
        first = _day(since) or opened.query(price_books.today)
        changes = opened.query(
            price_books.fill_book, found.id, lookup.number("percent", percent), first, price_ids=ids
        )  # fmt: skip
        compared = _apply(opened, found.id, changes, preview=preview, back_dated=back_dated, running=running)
    _show_comparison(desk(context).output, compared)


def _apply(
    book: Book, book_id: int, changes: Sequence[TermsChange], *, preview: bool, back_dated: bool, running: RunningPolicy
) -> Comparison:
    options: dict[str, Any] = {"back_dated": back_dated, "running": running}
    compared = book.query(price_books.compare_book_terms, book_id, changes, **options)
    if not preview:
        book.run(price_books.change_book_terms, book_id, changes, **options)
    return compared


@app.command()
@guarded
def show(context: typer.Context, code: Code, book: BookOption = "") -> None:
    """Show a price book: its amounts by day, and the customers it reaches."""
    with desk(context).open(book, read_only=True) as opened:
        found = opened.query(price_books.book_by_code, code)
        card = opened.query(price_books.load_book_card, found.id)
    show_card(desk(context).output, card)


@app.command()
@guarded
def revoke(
    context: typer.Context,
    code: Code,
    terms: Annotated[int, typer.Argument(help="Id of terms that are yet to begin, as `show` gives it.")],
    book: BookOption = "",
) -> None:
    """Take planned terms back; what held before goes on."""
    with desk(context).open(book) as opened:
        found = opened.query(price_books.book_by_code, code)
        opened.run(price_books.revoke_book_terms, found.id, terms)
        card = opened.query(price_books.load_book_card, found.id)
    show_card(desk(context).output, card)


@app.command()
@guarded
def delete(context: typer.Context, code: Code, book: BookOption = "") -> None:
    """Delete a book whose terms never came into force."""
    with desk(context).open(book) as opened:
        opened.run(price_books.delete_book, opened.query(price_books.book_by_code, code).id)
    desk(context).output.say(_("Price book {code} is gone.", code=code))
    desk(context).output.result({"code": code})


def show_books(output: Output, rows: Sequence[BookRow]) -> None:
    """Show price books."""
    headers = (
        _("Code"), _("Name"), _("For"), _("Reaches"), _("Priority"), _("From"), _("Until"), _("Customers"), _("Prices"),
    )  # fmt: skip
    body = (
        (
            r.book.code, r.book.name, r.book.kind.value, ", ".join(r.book.reach), r.book.priority, r.book.valid.since,
            r.book.valid.until, r.customers, r.prices,
        )
        for r in rows
    )  # fmt: skip
    output.table(ngettext("{n} price book", "{n} price books", len(rows)), headers, body)
    output.result(rows)


def show_card(output: Output, card: BookCard) -> None:
    """Show one price book."""
    headers = (_("Id"), _("Price"), _("Currency"), _("From"), _("Until"), _("In the book"), _("Otherwise"))
    body = [
        (
            line.entry.id, line.price.code, line.entry.terms.currency, line.entry.valid.since, line.entry.valid.until,
            _words(line.entry.terms), _words(line.usual),
        )
        for line in card.lines
    ]  # fmt: skip
    output.table(card.book.name, headers, body)
    reached = ((one.number, one.name, one.since) for one in card.customers)
    title = ngettext("{n} customer", "{n} customers", len(card.customers))
    output.table(title, (_("Number"), _("Name"), _("Since")), reached)
    output.result(card)


def _show_comparison(output: Output, found: Comparison) -> None:
    rows = [(one.number, one.customer_name, one.on, one.before, one.after, one.difference) for one in found.repriced]
    title = ngettext("{n} contract costs otherwise", "{n} contracts cost otherwise", len(rows))
    headers = (_("Contract"), _("Customer"), _("From"), _("Per month now"), _("Then"), _("Difference"))
    output.table(title, headers, rows)
    if found.kept:
        output.say(ngettext("{n} contract keeps its price.", "{n} contracts keep their price.", found.kept))
    output.say(_("Compared on {day}, without usage.", day=found.day.isoformat()))
    output.result(found)


def _words(terms: PriceTerms | None) -> str:
    if terms is None:
        return ""
    limits = {"minimum": terms.minimum, "maximum": terms.maximum}
    facts = {**terms.parameters, **{name: to_text(limit) for name, limit in limits.items() if limit is not None}}
    return "; ".join(f"{name}: {value}" for name, value in facts.items() if value not in ("", None))


def _reach(
    region: Sequence[str] | None, segment: Sequence[str] | None, customer: Sequence[str] | None
) -> tuple[BookKind, tuple[str, ...]]:
    given = [
        (BookKind.REGION, tuple(code.upper() for code in region or ())),
        (BookKind.SEGMENT, tuple(segment or ())),
        (BookKind.CUSTOMER, tuple(customer or ())),
    ]
    found = [pair for pair in given if pair[1]]
    if len(found) != 1:
        raise InvalidValue(Problem("reach_of_one_kind", Place(field="reach")))
    return found[0]


def _parameters(text: str) -> dict[str, object]:
    values = read_parameters(text)
    if values is None:
        raise InvalidValue(Problem("not_json", Place(field="parameters"), text))
    return values


def _limited(terms: PriceTerms, minimum: str, maximum: str) -> PriceTerms:
    least = lookup.number("minimum", minimum) if minimum else terms.minimum
    return replace(terms, minimum=least, maximum=lookup.number("maximum", maximum) if maximum else terms.maximum)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
