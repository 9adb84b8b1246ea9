"""The command line: `billdesk GROUP COMMAND`, the same use cases as the window."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from billdesk.cli import (
    alerts,
    banking,
    billing,
    books,
    catalog,
    contracts,
    corrections,
    coupons,
    demo,
    discounts,
    imports,
    invoices,
    late_usage,
    reports,
    simulating,
    taxes,
    wallets,
)
from billdesk.cli.desk import Desk, OpenWindow, no_window
from billdesk.cli.output import Output
from billdesk.kernel.i18n import use_language


class OneValue(TyperGroup):
    """The root of all commands: with `--json`, a command line that is wrong gets its JSON value too."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer carries a context class of its own, which is private
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except TyperException as error:
            # The command may be unknown, so that `prepare` was not called yet.
            Output(as_json=bool(ctx.params.get("as_json"))).refusal("Usage", str(error))
            raise


app = typer.Typer(
    cls=OneValue,
    name="billdesk",
    help="Agile billing in one local file. Without a command the window opens.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(books.app, name="book")
app.add_typer(imports.app, name="import")
app.add_typer(billing.app, name="run")
app.add_typer(late_usage.app, name="late-usage")
app.add_typer(invoices.app, name="invoice")
invoices.app.command("correct")(corrections.correct)
invoices.app.command("credit")(corrections.credit)
invoices.app.command("offset")(corrections.offset)
app.add_typer(catalog.app, name="catalog")
app.add_typer(contracts.app, name="contract")
app.add_typer(discounts.app, name="discount")
app.add_typer(coupons.app, name="coupon")
app.add_typer(wallets.app, name="wallet")
app.add_typer(banking.app, name="bank")
app.add_typer(taxes.app, name="tax")
app.add_typer(alerts.app, name="alert")
app.add_typer(reports.app, name="report")
app.command("simulate")(simulating.simulate)
app.command("demo")(demo.demo)


@app.callback()
def prepare(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value, for scripts.")] = False,  # noqa: FBT002 - how typer makes a flag
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,  # noqa: FBT002 - the same
    language: Annotated[str, typer.Option("--language", help="en or nl.", envvar="BILLDESK_LANGUAGE")] = "en",
    user: Annotated[str | None, typer.Option("--user", help="Who acts, for the audit trail.")] = None,
) -> None:
    """Prepare what every command shares."""
    use_language(language)
    known = context.find_object(Desk) or Desk()
    context.obj = replace(known, output=Output(as_json=as_json, quiet=quiet), user=user)


def main(open_window: OpenWindow = no_window) -> None:
    """Run the command line with the process's arguments; `open_window` is how a command can end with the window."""
    app(obj=Desk(open_window=open_window))
