"""`billdesk run …`: what should be billed, as a preview or for real."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.cli.output import Output
from billdesk.cli.threshold_output import tell_alerts
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.messages import describe
from billdesk.services import billing
from billdesk.services.alerts import look_at_alerts
from billdesk.services.billing import Finding, RunPreview, RunRow
from billdesk.services.unbilled_totals import sum_unbilled
from billdesk.services.wallets import expire_wallets

app = typer.Typer(help="Bill what is due.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `run` a group, so that more runs can stand beside billing."""


@app.command("billing")
@guarded
def bill(
    context: typer.Context,
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Bill what is due up to this day.")],
    book: BookOption = "",
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Show what the run would make; keep nothing.")] = False,
    running_usage: Annotated[
        bool, typer.Option("--running-usage", help="Bill the usage so far of periods that still run, too.")
    ] = False,
) -> None:
    """Make drafts of all that is due; a second run for the same day makes nothing."""
    output = desk(context).output
    day = as_of.date()
    with desk(context).open(book, read_only=preview) as opened, output.progress(_("Billing")) as progress:
        if preview:
            found = opened.query(billing.preview_billing, day, running_usage=running_usage, progress=progress)
            output.result(found)
        else:
            opened.run(expire_wallets)
            outcome = opened.run(billing.run_billing, day, running_usage=running_usage, progress=progress).value
            found = outcome.preview
            output.result(outcome)
            output.say(ngettext("{n} draft made.", "{n} drafts made.", outcome.created))
            tell_alerts(output, opened.run(look_at_alerts, progress=progress).value)
    _show(output, found)


@app.command("list")
@guarded
def list_all(context: typer.Context, book: BookOption = "") -> None:
    """List billing runs, newest first."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(billing.list_runs)
    output.table(
        "",
        (_("Run"), _("Billed up to"), _("Made"), _("Who"), _("Because of"), _("Documents"), _("State")),
        ((r.id, r.as_of, r.created_at, r.user, _cause(r), r.documents, r.state) for r in rows),
    )
    output.result(rows)


def _cause(run: RunRow) -> str:
    return _("threshold") if run.is_by_threshold else _("billing run")


@app.command("undo")
@guarded
def undo(
    context: typer.Context,
    run: Annotated[int, typer.Argument(help="See `run list`.")],
    book: BookOption = "",
) -> None:
    """Delete the drafts of a run that were not issued; the next run makes them again."""
    with desk(context).open(book) as opened:
        count = opened.run(billing.undo_run, run).value
    desk(context).output.say(ngettext("{n} draft deleted.", "{n} drafts deleted.", count))
    desk(context).output.result({"run": run, "drafts": count})


@app.command("unbilled")
@guarded
def unbilled(
    context: typer.Context,
    book: BookOption = "",
    customer: Annotated[str, typer.Option(help="Only this customer, by number.")] = "",
) -> None:
    """Show what no invoice says yet, usage of running periods included."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened, output.progress(_("Looking")) as progress:
        found = opened.query(sum_unbilled, progress=progress)
        wanted = lookup.customer(opened, customer).id if customer else None
    rows = [row for row in found.rows if wanted in {None, row.customer_id}]
    output.table(
        _("Unbilled now"),
        (_("Customer"), _("Net"), _("Total")),
        ((row.name, row.net, row.total) for row in rows),
    )
    if not customer:
        output.table(_("Totals"), (_("Currency"), _("Net")), ((one.currency, one) for one in found.net))
        output.table(_("Left out"), (_("Customer"),), ((name,) for name in found.left_out))
    output.result({"unbilled": rows, "left_out": found.left_out})


def _show(output: Output, found: RunPreview) -> None:
    output.table(
        _("Totals"),
        (_("Currency"), _("Documents"), _("Net"), _("Tax"), _("Total")),
        ((t.currency, t.documents, t.net, t.tax, t.total) for t in found.totals.values()),
    )
    output.table(
        _("To look at"),
        (_("Why"), _("Customer"), _("Value")),
        (_shown(finding) for finding in found.findings),
    )


def _shown(finding: Finding) -> tuple[str, str, str]:
    """Give a finding in words; a problem is told by its own sentence."""
    if finding.code != "problem":
        return finding.code, finding.customer_name, finding.value
    value = dict(finding.details).get("value", "")
    return (
        finding.code,
        finding.customer_name,
        str(describe(Problem(finding.value, value=value, details=finding.details))),
    )
