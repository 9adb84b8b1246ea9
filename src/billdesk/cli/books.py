"""`billdesk book …`: making, checking, backing up and restoring books."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from billdesk.cli.desk import BookOption, desk, guarded, named
from billdesk.cli.output import Exit, worded
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import backups
from billdesk.services.book import system_clock
from billdesk.services.check import check_book
from billdesk.services.company import NewCompany, create_book

app = typer.Typer(help="Make, check, back up and restore books.", no_args_is_help=True)


@app.command()
@guarded
def create(  # noqa: PLR0913 - one option for each thing a company has
    context: typer.Context,
    path: Annotated[str, typer.Argument(help="The new file, such as company.billdesk.")],
    company: Annotated[str, typer.Option(help="Name of the company that issues invoices.")],
    *,
    country: Annotated[str, typer.Option(help="Its country, such as BE.")] = "BE",
    currency: Annotated[str, typer.Option(help="Its currency, such as EUR.")] = "EUR",
    vat: Annotated[str, typer.Option(help="Its VAT number.")] = "",
    iban: Annotated[str, typer.Option(help="Its bank account.")] = "",
    language: Annotated[str, typer.Option(help="Its language.")] = "en",
) -> None:
    """Make a new book for a company; an existing file is never replaced."""
    new = NewCompany(company, country, currency, language=language, vat=vat, iban=iban)
    with create_book(path, new, user=desk(context).user) as book:
        desk(context).output.say(_("Made {path}.", path=book.location))
        desk(context).output.result({"path": book.location})


@app.command()
@guarded
def check(context: typer.Context, book: BookOption = "") -> None:
    """Check that everything that must always be true is true."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        problems = opened.query(check_book)
    output.result({"problems": worded(problems)})
    if problems:
        output.problems(problems)
        raise typer.Exit(Exit.BUG)
    output.say(_("The book is sound."))


@app.command()
@guarded
def backup(
    context: typer.Context,
    book: BookOption = "",
    folder: Annotated[Path | None, typer.Option(file_okay=False, help="Where to; default beside the book.")] = None,
) -> None:
    """Copy the book, read the copy back and check it."""
    output = desk(context).output
    with output.progress(_("Backing up")) as progress:
        made = backups.back_up(Path(named(book)), system_clock(), folder=folder, progress=progress)
    output.say(_("Verified backup: {path}", path=made.path))
    output.result(made)


@app.command("backups")
@guarded
def list_all(context: typer.Context, book: BookOption = "") -> None:
    """List the verified backups beside a book."""
    output = desk(context).output
    found = backups.list_backups(backups.backup_folder(Path(named(book))))
    output.table(
        ngettext("{n} backup", "{n} backups", len(found)),
        (_("Made"), _("Kind"), _("Size"), _("File")),
        ((item.made_at, item.kind, item.size, item.path) for item in found),
    )
    output.result(found)


@app.command()
@guarded
def restore(
    context: typer.Context,
    backup_file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The backup.")],
    target: Annotated[Path, typer.Argument(help="The new book; an existing file is never replaced.")],
) -> None:
    """Write a backup out as a new book."""
    output = desk(context).output
    with output.progress(_("Restoring")) as progress:
        path = backups.restore(backup_file, target, progress)
    output.say(_("Restored as {path}.", path=path))
    output.result({"path": path})
