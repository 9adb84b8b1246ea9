"""`billdesk catalog …`: what is sold, at what price, and the curve of a price."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final

import typer

from billdesk.cli import catalog_books, catalog_versions, lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.cli.output import Output
from billdesk.domain.catalog import Plan, Price, PriceTerms, Product
from billdesk.domain.curves import price_lines
from billdesk.kernel.decimals import to_text
from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services import catalog, price_books
from billdesk.services.book import Book
from billdesk.services.catalog import EVERYTHING, Page, PlanCard, PriceCard

app = typer.Typer(help="List and show what is sold; draft, approve and publish versions; price books.",
                  no_args_is_help=True)  # fmt: skip
app.add_typer(catalog_versions.app, name="version")
app.add_typer(catalog_books.app, name="book")

_ALL: Final = Page(limit=10_000)


@app.command()
@guarded
def products(context: typer.Context, book: BookOption = "") -> None:
    """List products."""
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(catalog.list_products, EVERYTHING, _ALL)
    headers = (_("Code"), _("Name"), _("Tax class"), _("Unit"), _("Revenue account"), _("Prices"))
    body = ((r.code, r.name, r.tax_class, r.unit_code, r.revenue_account, r.prices) for r in rows)
    desk(context).output.table(ngettext("{n} product", "{n} products", len(rows)), headers, body)
    desk(context).output.result(rows)


@app.command()
@guarded
def prices(context: typer.Context, book: BookOption = "") -> None:
    """List prices."""
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(catalog.list_prices, EVERYTHING, _ALL)
    headers = (_("Code"), _("Name"), _("Product"), _("Charged"), _("Billed per"), _("Currencies"), _("In plans"))
    body = (
        (
            r.code, r.name, r.product_code, r.model,
            f"{r.interval.count} {r.interval.unit.value}" if r.interval else _("once"),
            ", ".join(r.currencies), ", ".join(r.plans),
        )
        for r in rows
    )  # fmt: skip
    desk(context).output.table(ngettext("{n} price", "{n} prices", len(rows)), headers, body)
    desk(context).output.result(rows)


@app.command()
@guarded
def plans(context: typer.Context, book: BookOption = "") -> None:
    """List plans with the version in force."""
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(catalog.list_plans, EVERYTHING, _ALL)
    headers = (_("Code"), _("Name"), _("Version"), _("State"), _("Effective"), _("Contracts"))
    body = ((r.code, r.name, r.number, r.state.value if r.state else "", r.effective, r.subscriptions) for r in rows)
    desk(context).output.table(ngettext("{n} plan", "{n} plans", len(rows)), headers, body)
    desk(context).output.result(rows)


@app.command()
@guarded
def books(context: typer.Context, book: BookOption = "") -> None:
    """List price books in the order in which they are asked."""
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(price_books.list_books)
    catalog_books.show_books(desk(context).output, rows)


@app.command()
@guarded
def show(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Of a plan, price, product or price book.")],
    book: BookOption = "",
) -> None:
    """Show a plan, price, product or price book by its code."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        found = _find(opened, code)
        if isinstance(found, Plan):
            card = opened.query(catalog.load_plan_card, found.id)
            return _show_plan(output, card, opened.query(catalog.load_catalog).prices)
        if isinstance(found, Price):
            return _show_price(output, opened.query(catalog.load_price_card, found.id))
        if isinstance(found, Product):
            output.table(found.name, (_("Code"), _("Tax class"), _("Unit"), _("Revenue account")),
                         [(found.code, found.tax_class, found.unit_code, found.revenue_account)])  # fmt: skip
            return output.result(found)
        record = opened.query(price_books.book_by_code, code)
        catalog_books.show_card(output, opened.query(price_books.load_book_card, record.id))
    return None


def _find(book: Book, code: str) -> Plan | Price | Product | None:
    known = book.query(catalog.load_catalog)
    sold: list[Plan | Price | Product] = [*known.plans.values(), *known.prices.values(), *known.products.values()]
    return next((one for one in sold if one.code.casefold() == code.casefold()), None)


def _show_plan(output: Output, card: PlanCard, prices: Mapping[int, Price]) -> None:
    rows = [
        (
            version.number, version.state.value, version.effective, version.running_policy.value,
            version.owner, version.approver, card.on_version[version.id],
            ", ".join(f"{prices[item.price_id].code} × {to_text(item.quantity)}" for item in version.items),
        )
        for version in card.versions
    ]  # fmt: skip
    headers = (
        _("Version"), _("State"), _("Effective"), _("Running contracts"), _("Owner"), _("Approver"), _("Contracts"),
        _("Prices"),
    )  # fmt: skip
    output.table(card.plan.name, headers, rows)
    output.result(card)


def _show_price(output: Output, card: PriceCard) -> None:
    price = card.price
    rows = [(terms.currency, _parameters(terms), terms.minimum, terms.maximum) for terms in price.terms]
    output.table(price.name, (_("Currency"), _("Amounts"), _("At least"), _("At most")), rows)
    if price.conversion is not None:
        facts = {"base": price.conversion.base, "ending": price.conversion.ending.value}
        output.say(_("Other currencies are converted from {base}, to {ending}.", **facts))
    if card.books:
        output.say(_("Price books with other amounts: {books}.", books=", ".join(card.books)))
    output.result(card)


def _parameters(terms: PriceTerms) -> str:
    return "; ".join(f"{name}: {value}" for name, value in terms.parameters.items() if value not in ("", None))


@app.command()
@guarded
def curve(
    context: typer.Context,
    price: Annotated[str, typer.Argument(help="Code of the price.")],
    book: BookOption = "",
    currency: Annotated[str, typer.Option(help="Empty takes the price's first.")] = "",
    at: Annotated[list[str] | None, typer.Option(help="A quantity; may be repeated. Empty takes telling ones.")] = None,
) -> None:
    """Show what a whole period of a price costs by quantity, and warn where buying more costs less."""
    output = desk(context).output
    quantities = [lookup.number("at", text) for text in at or ()]
    with desk(context).open(book, read_only=True) as opened:
        record = lookup.price(opened, price)
        code = currency.upper() or record.terms[0].currency
        terms = opened.query(catalog.terms_today, record.id, code)
    lines = price_lines(record, terms, quantities)
    if not lines:
        output.say(_("No curve: the amount depends on the events themselves."))
    positions = [quantity for quantity, _amount in lines[0].points] if lines else []
    amounts = [dict(line.points) for line in lines]
    headers = (_("Value") if lines and lines[0].is_value else _("Quantity"),
               *(line.label or _("Amount") for line in lines))  # fmt: skip
    body = ((quantity, *(one[quantity] for one in amounts)) for quantity in positions)
    output.table(_("{name} in {currency}", name=record.name, currency=code), headers, body)
    for dip in (dip for line in lines for dip in line.dips):
        output.say(_dip_text(dip.above, dip.below, current().money(dip.less), current().money(dip.more)))
    output.result({"price": record.code, "currency": code, "terms": terms, "lines": lines})


def _dip_text(above: Decimal, below: Decimal, less: str, more: str) -> str:
    facts = {"above": current().number(above), "below": current().number(below), "less": less, "more": more}
    return _("Buying more costs less: {above} cost {less}, but {below} cost {more}.", **facts)
