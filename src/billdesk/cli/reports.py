"""`billdesk report …`: the numbers, as a table, JSON, or a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.kernel.i18n import _
from billdesk.services import reports

app = typer.Typer(help="Reports: ageing, revenue, VAT, MRR, usage.", no_args_is_help=True)


@app.command("list")
@guarded
def list_all(context: typer.Context) -> None:
    """List the reports and their parameters."""
    output = desk(context).output
    found = reports.list_reports()
    output.table(
        "",
        (_("Report"), _("What"), _("Parameters")),
        ((info.key, _(info.label), ", ".join(field.name for field in info.fields)) for info in found),
    )
    output.result([{"key": info.key, "label": info.label, "fields": info.fields} for info in found])


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise typer.BadParameter(_("A parameter looks like first=2026-01-01."))
    return name, value


@app.command()
@guarded
def run(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="See `report list`.")],
    book: BookOption = "",
    parameter: Annotated[
        list[str] | None, typer.Option("--with", help="A parameter, such as first=2026-01-01; may be repeated.")
    ] = None,
    to: Annotated[Path | None, typer.Option(dir_okay=False, help="Write it to this .xlsx or .csv file.")] = None,
) -> None:
    """Run a report."""
    output = desk(context).output
    parameters = dict(map(_parameter, parameter or []))
    with desk(context).open(book, read_only=True) as opened:
        table = opened.query(reports.run_report, key, parameters)
    if to is not None:
        to.write_bytes(reports.to_file(table, title=key, extension=to.suffix))
        output.say(_("Written to {path}.", path=to))
    output.table(key, [_(column.title) for column in table.columns], table.rows)
    output.result(table)
