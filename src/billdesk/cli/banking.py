"""`billdesk bank …`: statements in, and their lines matched."""

from __future__ import annotations

from typing import Annotated

import typer

from billdesk.cli.desk import BookOption, FileArgument, desk, guarded
from billdesk.cli.output import Exit
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import banking

app = typer.Typer(help="Bank statements and what their lines pay.", no_args_is_help=True)


@app.command("import")
@guarded
def import_statement(
    context: typer.Context,
    file: FileArgument,
    book: BookOption = "",
    account: Annotated[int | None, typer.Option(help="Bank account by id, when the file does not name it.")] = None,
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Show balances and lines; keep nothing.")] = False,
    accept_imbalance: Annotated[
        bool, typer.Option("--accept-imbalance", help="Take a statement whose balances do not add up.")
    ] = False,
) -> None:
    """Bring a statement in: CAMT.053, CODA, MT940, OFX, QIF or CSV."""
    output = desk(context).output
    accounts = {"": account} if account is not None else {}
    with desk(context).open(book) as opened:
        looked = opened.query(banking.preview_statement, file, accounts=accounts)
        output.table(
            looked.file_name,
            (_("Account"), _("Balance before"), _("Movement"), _("Balance after"), _("New lines"), _("Known lines")),
            ((s.account, s.opening, s.movement, s.closing, s.new, s.known) for s in looked.statements),
        )
        if preview:
            output.problems(looked.problems)
            output.result(looked)
            return
        done = opened.run(banking.import_statement, file, accounts=accounts, accept_imbalance=accept_imbalance).value
    output.problems(looked.problems)
    output.say(ngettext("{n} line added.", "{n} lines added.", done.added))
    output.result(done)


@app.command()
@guarded
def match(context: typer.Context, book: BookOption = "") -> None:
    """Accept every proposal that is the one clear winner for its line; the others wait for a person."""
    output = desk(context).output
    with desk(context).open(book) as opened, output.progress(_("Matching")) as progress:
        done = opened.run(banking.accept_unique_matches, None, progress=progress).value
    output.say(ngettext("{n} line matched.", "{n} lines matched.", done.accepted))
    output.say(ngettext("{n} line left for you.", "{n} lines left for you.", done.left))
    output.result(done)
    if done.skipped:
        output.problems([problem for _line, problem in done.skipped])
        raise typer.Exit(Exit.INPUT)


@app.command("accounts")
@guarded
def list_accounts(context: typer.Context, book: BookOption = "") -> None:
    """List bank accounts with their balance and what is left to match."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        cards = opened.query(banking.list_accounts)
    output.table(
        "",
        (_("Id"), _("Account"), _("IBAN"), _("Balance"), _("On"), _("To match")),
        (
            (c.account.id, c.account.name, c.account.iban or c.account.number, c.balance, c.balance_on, c.to_match)
            for c in cards
        ),
    )
    output.result(cards)
