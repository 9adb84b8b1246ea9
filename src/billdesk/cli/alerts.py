"""`billdesk alert …`: thresholds on usage, spend and wallets, and which ones were reached."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import alerts, usage
from billdesk.services.alerts import Alert, AlertEventFilter, AlertKind
from billdesk.services.book import Book
from billdesk.services.customers import CustomerFilter, list_customers
from billdesk.services.subscriptions import SubscriptionFilter, list_subscriptions

app = typer.Typer(help="Tell when usage, spend or a wallet reaches a threshold.", no_args_is_help=True)

SHOWN = 200


@app.command("list")
@guarded
def list_all(context: typer.Context, book: BookOption = "") -> None:
    """List what is watched."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        rows = opened.query(alerts.list_alerts)
    output.table(
        ngettext("{n} alert", "{n} alerts", len(rows)),
        (_("Id"), _("Name"), _("Watches"), _("Threshold"), _("Of"), _("Customer"), _("Contract"), _("Reached")),
        (
            (
                r.alert.id, r.alert.name, r.alert.kind.value, r.alert.threshold, r.metric_name or r.alert.currency,
                r.customer_name, r.contract, r.events,
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
    threshold: Annotated[str, typer.Argument(help="Units of the metric, or an amount of money.")],
    book: BookOption = "",
    name: Annotated[str, typer.Option(help="How the alert is called.")] = "",
    metric: Annotated[str, typer.Option(help="Metric by code, for usage.")] = "",
    currency: Annotated[str, typer.Option(help="For spend and wallets.")] = "",
    customer: Annotated[str, typer.Option(help="Only of this customer, by number.")] = "",
    contract: Annotated[str, typer.Option(help="Only of this contract, by number.")] = "",
) -> None:
    """Watch something; it is told once per billing period (a wallet: per month)."""
    output = desk(context).output
    with desk(context).open(book) as opened:
        record = Alert(
            0,
            name or " ".join(filter(None, (kind.value, metric or currency, threshold))),
            kind,
            _number(threshold),
            currency=currency.upper(),
            metric_id=_metric(opened, metric),
            customer_id=_customer(opened, customer),
            subscription_id=_contract(opened, contract),
        )
        alert_id = opened.run(alerts.save_alert, record).value
    output.say(_("Alert {id} watches from now on.", id=alert_id))
    output.result({"id": alert_id})


@app.command()
@guarded
def remove(context: typer.Context, alert: Annotated[int, typer.Argument(help="By id.")], book: BookOption = "") -> None:
    """Stop watching, and forget what was told."""
    with desk(context).open(book) as opened:
        opened.run(alerts.delete_alert, alert)
    desk(context).output.say(_("Alert {id} is gone.", id=alert))
    desk(context).output.result({"id": alert})


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


def _metric(book: Book, code: str) -> int | None:
    found = [metric.id for metric in book.query(usage.list_metrics) if metric.code == code]
    return _one(code, "unknown_metric", "metric", found)


def _customer(book: Book, number: str) -> int | None:
    rows = book.query(list_customers, CustomerFilter(search=number)) if number else []
    return _one(number, "unknown_customer", "customer", [row.id for row in rows if row.number == number])


def _contract(book: Book, number: str) -> int | None:
    rows = book.query(list_subscriptions, SubscriptionFilter(search=number)) if number else []
    return _one(number, "unknown_contract", "contract", [row.id for row in rows if row.number == number])


def _one(text: str, code: str, field: str, found: list[int]) -> int | None:
    if text and not found:
        raise InvalidValue(Problem(code, Place(field=field), text, ((field, text),)))
    return found[0] if text else None
