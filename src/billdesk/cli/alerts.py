"""`billdesk alert …`: thresholds on usage, spend, wallets and commitments, and which ones were reached."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.cli.threshold_output import tell_alerts
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import alerts
from billdesk.services.alerts import Alert, AlertEventFilter, AlertKind

app = typer.Typer(help="Tell when usage, spend, a wallet or a commitment reaches a threshold.", no_args_is_help=True)

SHOWN = 200
Id = Annotated[int, typer.Argument(help="By id.")]


@app.command("list")
@guarded
def list_all(context: typer.Context, book: BookOption = "") -> None:
    """List what is watched."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(alerts.list_alerts)
    output.table(
        ngettext("{n} alert", "{n} alerts", len(rows)),
        (
            _("Id"), _("Name"), _("Watches"), _("Threshold"), _("Of"), _("Customer"), _("Contract"), _("Reached"),
            _("State"),
        ),
        (
            (
                r.alert.id, r.alert.name, r.alert.kind.value, r.alert.threshold, r.unit, r.customer_name, r.contract,
                r.events, _("watching") if r.alert.is_active else _("paused"),
            )
            for r in rows
        ),
    )  # fmt: skip
    output.result(rows)


@app.command()
@guarded
def add(  # noqa: PLR0913 - one option for each thing that an alert has
    context: typer.Context,
    kind: Annotated[AlertKind, typer.Argument(help="What is watched.")],
    threshold: Annotated[str, typer.Argument(help="Units, an amount of money, or a percentage of what is committed.")],
    book: BookOption = "",
    name: Annotated[str, typer.Option(help="How the alert is called.")] = "",
    metric: Annotated[str, typer.Option(help="Metric by code, for usage.")] = "",
    currency: Annotated[str, typer.Option(help="For spend, wallets and unbilled usage.")] = "",
    customer: Annotated[str, typer.Option(help="Only of this customer, by number.")] = "",
    contract: Annotated[str, typer.Option(help="Only of this contract, by number.")] = "",
    days_before: Annotated[int, typer.Option(help="For a shortfall: so many days before the commitment ends.")] = 0,
) -> None:
    """Watch something; it is told once per period: a billing period, a month for wallets, or a committed period.

    `unbilled` drafts a bill each time so much usage of a contract is unbilled.
    """
    output = desk(context).output
    with desk(context).open(book) as opened:
        record = Alert(
            0,
            name or " ".join(filter(None, (kind.value, metric or currency, threshold))),
            kind,
            _number(threshold),
            currency=currency.upper(),
            metric_id=lookup.metric(opened, metric).id if metric else None,
            customer_id=lookup.customer(opened, customer).id if customer else None,
            subscription_id=lookup.contract(opened, contract).id if contract else None,
            days_before=days_before,
        )
        alert_id = opened.run(alerts.save_alert, record).value
    output.say(_("Alert {id} watches from now on.", id=alert_id))
    output.result({"id": alert_id})


@app.command()
@guarded
def change(
    context: typer.Context,
    alert: Id,
    book: BookOption = "",
    name: Annotated[str, typer.Option(help="Another name.")] = "",
    threshold: Annotated[str, typer.Option(help="Another threshold.")] = "",
    days_before: Annotated[int | None, typer.Option(help="For a shortfall: other days before the end.")] = None,
) -> None:
    """Change what an alert is called and when it tells."""
    with desk(context).open(book) as opened:
        record = opened.query(alerts.load_alert, alert)
        changed = replace(
            record,
            name=name or record.name,
            threshold=_number(threshold) if threshold else record.threshold,
            days_before=record.days_before if days_before is None else days_before,
        )
        opened.run(alerts.save_alert, changed)
    _done(context, alert, _("Alert {id} is changed.", id=alert))


@app.command()
@guarded
def pause(context: typer.Context, alert: Id, book: BookOption = "") -> None:
    """Stop watching for a while."""
    with desk(context).open(book) as opened:
        opened.run(alerts.pause_alert, alert)
    _done(context, alert, _("Alert {id} is paused.", id=alert))


@app.command()
@guarded
def resume(context: typer.Context, alert: Id, book: BookOption = "") -> None:
    """Watch again after a pause."""
    with desk(context).open(book) as opened:
        opened.run(alerts.pause_alert, alert, paused=False)
    _done(context, alert, _("Alert {id} watches again.", id=alert))


@app.command()
@guarded
def remove(context: typer.Context, alert: Id, book: BookOption = "") -> None:
    """Delete an alert; what it told stays, and `alert restore` brings it back."""
    with desk(context).open(book) as opened:
        opened.run(alerts.delete_alert, alert)
    _done(context, alert, _("Alert {id} is gone.", id=alert))


@app.command()
@guarded
def restore(context: typer.Context, alert: Id, book: BookOption = "") -> None:
    """Bring an alert back that was deleted."""
    with desk(context).open(book) as opened:
        opened.run(alerts.restore_alert, alert)
    _done(context, alert, _("Alert {id} watches again.", id=alert))


def _done(context: typer.Context, alert: int, text: str) -> None:
    desk(context).output.say(text)
    desk(context).output.result({"id": alert})


@app.command()
@guarded
def check(context: typer.Context, book: BookOption = "") -> None:
    """Look at everything that is watched, now; a run and an import do so by themselves."""
    output = desk(context).output
    with desk(context).open(book) as opened, output.progress(_("Looking at thresholds")) as progress:
        looked = opened.run(alerts.look_at_alerts, progress=progress).value
    if not looked.reached:
        output.say(ngettext("{n} threshold reached.", "{n} thresholds reached.", 0))
    tell_alerts(output, looked)
    output.result(looked)


@app.command()
@guarded
def reached(
    context: typer.Context,
    book: BookOption = "",
    *,
    unseen: Annotated[bool, typer.Option("--unseen", help="Only those nobody has seen.")] = False,
    seen: Annotated[bool, typer.Option("--seen", help="Note afterwards that all were seen.")] = False,
) -> None:
    """List thresholds that were reached, newest first."""
    output = desk(context).output
    with desk(context).open(book, read_only=not seen) as opened:
        rows = opened.query(alerts.list_alert_events, AlertEventFilter(only_unseen=unseen), limit=SHOWN)
        if seen:
            opened.run(alerts.mark_alerts_seen)
    output.table(
        ngettext("{n} threshold reached", "{n} thresholds reached", len(rows)),
        (_("On"), _("Alert"), _("Customer"), _("Contract"), _("From"), _("Until"), _("Level"), _("Threshold"), _("Of")),
        (
            (
                r.event.raised_at, r.alert.name, r.customer_name, r.contract, r.event.period.start,
                r.event.period.last_day, r.event.level, r.alert.threshold, r.unit,
            )
            for r in rows
        ),
    )  # fmt: skip
    output.result(rows)


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise InvalidValue(Problem("not_a_number", Place(field="threshold"), text))
    return value
