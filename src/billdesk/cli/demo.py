"""`billdesk demo`: the demo company's book, built from its spreadsheets."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from billdesk.cli.desk import desk, guarded
from billdesk.cli.output import Exit, Output
from billdesk.kernel.i18n import _
from billdesk.services.book import Book
from billdesk.services.demo import Demo, build_demo, demo_book, read_demo


@guarded
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--folder", "-f", file_okay=False, help="Where the demo goes.")] = Path(
        "BillDesk demo"
    ),
    *,
    open_window: Annotated[bool, typer.Option("--open", help="Open the window on the demo book afterwards.")] = False,
) -> None:
    """Build the demo company's book: import, bill the months, write documents, reconcile, and check the totals."""
    output = desk(context).output
    book = demo_book(folder)
    if book.exists():
        output.say(_("The demo is there already: {path}", path=book))
        with Book.open(book, read_only=True) as opened:
            done = read_demo(opened, folder)
    else:
        output.say(_("Building the demo in {folder}", folder=folder))
        with output.progress(_("Building the demo")) as progress:
            done = build_demo(folder, progress=progress, say=output.say)
    _show(output, done)
    output.result(done)
    if not done.is_sound:
        raise typer.Exit(Exit.BUG)
    if open_window and not _has_display():
        output.say(_("There is no display here, so the window stays closed. Everything else is done."))
    elif open_window:
        raise typer.Exit(desk(context).open_window(str(book)))


def _show(output: Output, done: Demo) -> None:
    output.table(
        _("What was billed and paid"),
        (_("Currency"), _("Documents"), _("Issued"), _("Open")),
        ((sums.currency, sums.count, sums.total, sums.open) for sums in done.sums),
    )
    figures = done.tie_out
    output.table(
        _("The totals tie out, in {currency}", currency=figures.currency),
        (_("What"), _("Amount")),
        (
            (_("Issued"), figures.issued),
            (_("= receivables"), figures.receivables),
            (_("+ received, credited and written off"), figures.settled),
            (_("Open items"), figures.open_items),
            (_("Sum of all postings"), figures.balance),
        ),
    )
    output.say(_("Book: {path}", path=done.book))
    output.say(_("PDF files: {folder} ({n} files)", folder=done.documents_folder, n=done.files))
    output.say(_("Workbook: {path}", path=done.workbook))


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
