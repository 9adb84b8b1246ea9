"""`billdesk invoice …`: issuing, exporting, sending and looking at documents."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.cli.output import Exit
from billdesk.domain.invoices import DocumentStatus
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import delivery, invoices
from billdesk.services.invoices import DocumentFilter

app = typer.Typer(help="Issue, export and send invoices and credit notes.", no_args_is_help=True)

LIST_LIMIT: Final = 100
DRAFTS: Final = DocumentFilter(statuses=frozenset({DocumentStatus.DRAFT}))


class Format(StrEnum):
    """Kinds of file a document is written as."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


Status = Annotated[list[DocumentStatus] | None, typer.Option(help="Only documents in this status; may be repeated.")]
Text = Annotated[str, typer.Option("--find", help="Number, customer, reference or amount.")]


@app.command("list")
@guarded
def list_all(context: typer.Context, book: BookOption = "", status: Status = None, find: Text = "") -> None:
    """List documents, newest first."""
    output = desk(context).output
    wanted = DocumentFilter(statuses=frozenset(status or ()), text=find)
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(invoices.list_documents, wanted, limit=LIST_LIMIT)
        count = opened.query(invoices.count_documents, wanted)
    output.table(
        ngettext("{n} document", "{n} documents", count),
        (_("Number"), _("Customer"), _("Date"), _("Due"), _("Status"), _("Open"), _("Total")),
        ((r.number, r.customer_name, r.issue_date, r.due_date, r.status.value, r.open, r.total) for r in rows),
    )
    output.result({"count": count, "documents": rows})


@app.command()
@guarded
def issue(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(help="Drafts by id; without any, all drafts.")] = None,
    book: BookOption = "",
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date on the documents.")] = None,
) -> None:
    """Give drafts their numbers; from then on they never change."""
    output = desk(context).output
    with desk(context).open(book) as opened, output.progress(_("Issuing")) as progress:
        drafts = ids or opened.query(invoices.list_ids, DRAFTS)
        day = date.date() if date else None
        issued = opened.run(invoices.issue_documents, drafts, day, progress=progress).value
    output.say(ngettext("{n} document issued.", "{n} documents issued.", len(issued.numbers)))
    output.result(issued)


@app.command()
@guarded
def export(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--folder", "-f", file_okay=False, help="Where the files go.")],
    book: BookOption = "",
    formats: Annotated[list[Format] | None, typer.Option("--format", help="May be repeated.")] = None,
    status: Status = None,
    find: Text = "",
    explain: Annotated[bool, typer.Option("--explain", help="Show in PDFs how each amount came about.")] = False,  # noqa: FBT002 - how typer makes a flag
) -> None:
    """Write documents as files named by number and customer."""
    output = desk(context).output
    wanted = DocumentFilter(statuses=frozenset(status or ()), text=find)
    with desk(context).open(book, read_only=True) as opened, output.progress(_("Writing")) as progress:
        bundle = opened.query(delivery.load_bundle, opened.query(invoices.list_ids, wanted), explain=explain)
        keys = tuple(f"invoice_{name.value}" for name in formats or (Format.PDF,))
        paths = delivery.export_documents(bundle, folder, keys, progress=progress)
    output.say(ngettext("{n} file written to {folder}.", "{n} files written to {folder}.", len(paths), folder=folder))
    output.result({"files": paths})


@app.command()
@guarded
def send(
    context: typer.Context,
    book: BookOption = "",
    drafts_folder: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write .eml drafts here instead of sending.")
    ] = None,
) -> None:
    """Send what waits in the outbox; sent means that the server took it."""
    output = desk(context).output
    with desk(context).open(book) as opened, output.progress(_("Sending")) as progress:
        outcome = delivery.send_outbox(opened, drafts_folder=drafts_folder, progress=progress)
    output.say(ngettext("{n} message sent.", "{n} messages sent.", outcome.sent))
    if outcome.failed:
        output.say(ngettext("{n} message failed.", "{n} messages failed.", outcome.failed))
    output.result(outcome)


@app.command()
@guarded
def verify(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(help="Documents by id; without any, all issued ones.")] = None,
    book: BookOption = "",
) -> None:
    """Compute issued documents again from their own explanations, and name those that come to something else."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened, output.progress(_("Computing again")) as progress:
        found = opened.query(invoices.verify_documents, ids or (), progress=progress)
    output.say(
        _(
            "{documents} documents, {lines} lines, {traces} of them explained: {n} differ.",
            documents=found.documents, lines=found.lines, traces=found.traces, n=len(found.differing),
        )
    )  # fmt: skip
    output.table(
        "",
        (_("Number"), _("Difference")),
        ((one.number, text) for one in found.differing for text in one.differences),
    )
    output.result(found)
    if not found.agrees:
        raise typer.Exit(Exit.INPUT)
