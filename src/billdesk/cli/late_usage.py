"""`billdesk late-usage …`: usage that came after its period was billed, where a person decides."""

from __future__ import annotations

from typing import Annotated

import typer

from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import billing
from billdesk.services.billing import LateState

app = typer.Typer(help="Decide about usage that came after its period was billed.", no_args_is_help=True)

SHOWN = 1_000
IdsArgument = Annotated[list[int], typer.Argument(help="By id, as listed.")]


@app.command("list")
@guarded
def list_all(context: typer.Context, book: BookOption = "") -> None:
    """List late usage that is not billed, and what was decided about it."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(billing.list_late_usage, limit=SHOWN)
    output.table(
        ngettext("{n} period with late usage", "{n} periods with late usage", len(rows)),
        (_("Id"), _("Customer"), _("Contract"), _("Price"), _("From"), _("Until"), _("Not billed"), _("State")),
        (
            (
                r.id, r.customer_name, r.contract, r.price_name, r.period.start, r.period.last_day, r.lacks,
                billing.late_state_text(r),
            )
            for r in rows
        ),
    )  # fmt: skip
    output.result(rows)


@app.command()
@guarded
def bill(context: typer.Context, ids: IdsArgument, book: BookOption = "") -> None:
    """Have the next run bill it, for the amount that is listed."""
    _decide(context, ids, book, LateState.BILL)


@app.command()
@guarded
def leave(context: typer.Context, ids: IdsArgument, book: BookOption = "") -> None:
    """Leave it out."""
    _decide(context, ids, book, LateState.LEAVE)


@app.command()
@guarded
def reopen(context: typer.Context, ids: IdsArgument, book: BookOption = "") -> None:
    """Take the decision back; it waits again."""
    _decide(context, ids, book, LateState.OPEN)


def _decide(context: typer.Context, ids: list[int], book: str, state: LateState) -> None:
    output = desk(context).output
    with desk(context).open(book) as opened:
        count = opened.run(billing.decide_late_usage, ids, state).value
    output.say(ngettext("Decided about {n} period.", "Decided about {n} periods.", count))
    output.result({"decided": count, "state": state.value})
