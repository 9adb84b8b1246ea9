"""`billdesk invoice correct`, `invoice credit` and `invoice offset`: putting right what was issued."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.kernel.decimals import from_text
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.money import Money
from billdesk.services import invoices

Number = Annotated[str, typer.Argument(help="Number of the document.")]
Reason = Annotated[str, typer.Option(help="Printed on the credit note.")]
Day = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Today when left out.")]


@guarded
def correct(
    context: typer.Context, number: Number, book: BookOption = "", reason: Reason = "", date: Day = None
) -> None:
    """Take an invoice back by a credit note, and put a draft with the same lines in its place; payments move."""
    output = desk(context).output
    with desk(context).open(book) as opened:
        found = lookup.document(opened, number)
        day = date.date() if date else None
        made = opened.run(invoices.correct_document, found.id, reason, day=day).value
    words = {"number": made.credit_note_number, "draft": made.draft_id}
    output.say(_("{number} is issued; draft {draft} takes its place.", **words))
    output.result(made)


@guarded
def credit(
    context: typer.Context,
    number: Number,
    book: BookOption = "",
    reason: Reason = "",
    line: Annotated[
        list[str] | None, typer.Option(help="Position and amount before tax, such as 2=50.00; without any, all of it.")
    ] = None,
) -> None:
    """Draft a credit note that takes money off an invoice; its days stay billed."""
    output = desk(context).output
    with desk(context).open(book) as opened:
        document = opened.query(invoices.load_document, lookup.document(opened, number).id)
        ids = {str(one.position): one.id for one in document.lines}
        amounts = dict(_amount(text, ids, document.currency) for text in line or ())
        draft_id = opened.run(invoices.credit_document, document.id, reason, amounts or None).value
    output.say(_("Draft {draft} is made; issue it to credit the invoice.", draft=draft_id))
    output.result({"draft_id": draft_id})


def _amount(text: str, ids: dict[str, int], currency: str) -> tuple[int, Money]:
    position, _equals, amount = (part.strip() for part in text.partition("="))
    if position not in ids:
        raise InvalidValue(Problem("line_not_there", Place(field="line"), position))
    try:
        return ids[position], Money.of(from_text(amount), currency)
    except ValueError as error:
        raise InvalidValue(Problem("not_a_number", Place(field="line"), amount)) from error


@guarded
def offset(context: typer.Context, number: Number, book: BookOption = "") -> None:
    """Set a credit note off against the customer's open invoices: those it corrects first, then those due first."""
    output = desk(context).output
    with desk(context).open(book) as opened:
        settled = opened.run(invoices.offset_note, lookup.document(opened, number).id).value
    output.say(ngettext("Set off against {n} invoice.", "Set off against {n} invoices.", len(settled)))
    output.result({"steps": settled})
