"""`billdesk contract index …`: the figures by month that indexed contracts rise with."""

from __future__ import annotations

from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import indexes
from billdesk.services.indexes import PriceIndex

app = typer.Typer(help="Keep price indexes, such as the health index.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="Code of the index.")]


@app.command("list")
@guarded
def list_all(context: typer.Context, book: BookOption = "") -> None:
    """List indexes and their newest figures."""
    with desk(context).open(book, read_only=True) as opened:
        found = opened.query(indexes.list_indexes)
    desk(context).output.table(
        ngettext("{n} index", "{n} indexes", len(found)),
        (_("Code"), _("Name"), _("Months"), _("Newest"), _("Figure")),
        (
            (
                one.code,
                one.name,
                len(one.values),
                max(one.values).isoformat()[:7] if one.values else "",
                one.values[max(one.values)] if one.values else None,
            )
            for one in found
        ),
    )
    desk(context).output.result({"indexes": found})


@app.command()
@guarded
def show(context: typer.Context, code: Code, book: BookOption = "") -> None:
    """Show the figures of an index."""
    with desk(context).open(book, read_only=True) as opened:
        found = opened.query(indexes.load_index, code)
    _show(context, found)


def _show(context: typer.Context, index: PriceIndex) -> None:
    desk(context).output.table(
        f"{index.code} · {index.name}",
        (_("Month"), _("Figure")),
        ((month.isoformat()[:7], value) for month, value in sorted(index.values.items())),
    )
    desk(context).output.result(index)


@app.command()
@guarded
def add(
    context: typer.Context,
    code: Code,
    name: Annotated[str, typer.Argument(help="Its name for people.")],
    book: BookOption = "",
) -> None:
    """Add an index."""
    with desk(context).open(book) as opened:
        made = opened.run(indexes.save_index, PriceIndex(0, code, name)).value
    _show(context, made)


@app.command("set")
@guarded
def set_figures(
    context: typer.Context,
    code: Code,
    figures: Annotated[list[str], typer.Argument(help="Such as 2026-01=131.2; 2026-01= takes the figure out.")],
    book: BookOption = "",
) -> None:
    """Enter figures; contracts that rose with them are billed the difference by the next run."""
    pairs = [text.partition("=") for text in figures]
    wanted = {
        indexes.read_month(month): lookup.number("figure", value) if value else None for month, _equals, value in pairs
    }
    with desk(context).open(book) as opened:
        made = opened.run(indexes.set_figures, code, wanted).value
    _show(context, made)


@app.command()
@guarded
def delete(context: typer.Context, code: Code, book: BookOption = "") -> None:
    """Take out an index that no contract uses."""
    with desk(context).open(book) as opened:
        opened.run(indexes.delete_index, code)
    desk(context).output.say(_("The index {code} is gone.", code=code))
    desk(context).output.result({"code": code})
