"""Asks what to watch: a metric's usage, what usage costs, what is left in wallets, or a commitment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from billdesk.domain.usage import Metric
from billdesk.kernel.errors import BillDeskError, InvalidValue, Problem, RowsRejected
from billdesk.kernel.i18n import N_, _
from billdesk.services.alerts import Alert, AlertKind, AlertRow, save_alert
from billdesk.services.customers import find_customers
from billdesk.services.identifiers import currencies
from billdesk.services.subscriptions import SubscriptionFilter, list_subscriptions
from billdesk.ui.core.editors import ChoiceEditor, DecimalEditor, IntegerEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.record_picker import Hit, RecordPicker
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets import FormDialog

KINDS: Final = {
    AlertKind.USAGE: N_("Usage of a meter, per contract and period"),
    AlertKind.SPEND: N_("What usage costs, per contract and period"),
    AlertKind.WALLET: N_("What is left in a customer's wallets, per month"),
    AlertKind.COMMITMENT: N_("A commitment that is nearly reached, in percent"),
    AlertKind.SHORTFALL: N_("A commitment that falls short before its end, in percent"),
    AlertKind.UNBILLED: N_("Usage that is not billed yet, per contract: drafts a bill"),
}
_FIRST: Final = ("EUR", "USD", "GBP")
_USUAL_DAYS: Final = 30
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class AlertChoices:
    """What the dialog needs: the meters there are, and the threshold that is changed, if one is."""

    metrics: Sequence[Metric]
    row: AlertRow | None = None


def find_customer_hits(db: Any, words: str) -> list[Hit]:  # noqa: ANN401 - the lane's Db
    """Find customers for the picker."""
    return [Hit(str(row.id), row.name, row.number) for row in find_customers(db, words)]


def find_contract_hits(db: Any, words: str) -> list[Hit]:  # noqa: ANN401 - the lane's Db
    """Find contracts for the picker."""
    rows = list_subscriptions(db, SubscriptionFilter(search=words), limit=_SHOWN)
    return [Hit(str(row.id), row.number, row.customer_name) for row in rows]


class AlertDialog(FormDialog):
    """Makes a threshold or changes one; calls `then` once it is saved."""

    def __init__(self, parent: QWidget, context: Context, choices: AlertChoices, then: Callable[[], object]) -> None:
        codes = [*_FIRST, *sorted(set(currencies()) - set(_FIRST))]
        self._row = choices.row
        self._form = FormGrid(columns=2)
        self._name, self._threshold, self._days = TextEditor(), DecimalEditor(), IntegerEditor()
        self._kind = ChoiceEditor([(kind.value, _(words)) for kind, words in KINDS.items()])
        self._metric = ChoiceEditor([(str(one.id), one.name) for one in choices.metrics], can_be_empty=True)
        self._currency = ChoiceEditor([(code, code) for code in codes])
        self._customer = RecordPicker(context.tasks, find_customer_hits, _("All customers"))
        self._contract = RecordPicker(context.tasks, find_contract_hits, _("All contracts"))
        title = _("Change the threshold") if choices.row else _("New threshold")
        super().__init__(parent, title, self._form, yes=_("Save") if choices.row else _("Watch"))
        self._tasks = context.tasks.of(self)
        self._messages = context.messages
        self._then = then
        self._build()
        self.on_submit(self._submit)
        self._kind.changed.connect(self._show_kind)
        self._fill()
        self._show_kind()
        self._name.focus_target().setFocus()

    def record(self) -> Alert:
        """Give what is entered; raises InvalidValue for a customer or contract that was not chosen."""
        kind, old = self._chosen(), self._row.alert if self._row else None
        metric: Any = self._metric.value()
        customer, contract = self._customer.value(), self._contract.value()
        found = Alert(
            0,
            str(self._name.value() or ""),
            kind,
            self._threshold.value() or Decimal(0),
            currency=str(self._currency.value()) if kind.is_money else "",
            metric_id=int(metric) if metric and kind is AlertKind.USAGE else None,
            customer_id=int(customer) if customer else None,
            subscription_id=int(contract) if contract and kind is not AlertKind.WALLET else None,
            days_before=(self._days.value() or 0) if kind is AlertKind.SHORTFALL else 0,
        )
        return replace(found, id=old.id, version=old.version, is_active=old.is_active) if old else found

    def _chosen(self) -> AlertKind:
        return AlertKind(str(self._kind.value()))

    def _build(self) -> None:
        form = self._form
        form.add("name", _("Name"), self._name, is_wide=True)
        form.add("kind", _("Watch"), self._kind, is_wide=True)
        form.add("metric", _("Meter"), self._metric, hint=_("For usage."))
        form.add("currency", _("Currency"), self._currency, hint=_("For amounts of money."))
        form.add("threshold", _("Threshold"), self._threshold, hint=_("Units, an amount, or percent."))
        form.add("days_before", _("Days before the end"), self._days, hint=_("For a commitment that falls short."))
        form.add("customer", _("Only of the customer"), self._customer)
        form.add("subscription", _("Only of the contract"), self._contract)

    def _fill(self) -> None:
        self._days.set_value(_USUAL_DAYS)
        if self._row is None:
            return
        alert, row = self._row.alert, self._row
        self._name.set_value(alert.name)
        self._kind.set_value(alert.kind.value)
        self._threshold.set_value(alert.threshold)
        self._metric.set_value(str(alert.metric_id) if alert.metric_id else None)
        if alert.currency:
            self._currency.set_value(alert.currency)
        if alert.days_before:
            self._days.set_value(alert.days_before)
        if alert.customer_id:
            self._customer.set_value(Hit(str(alert.customer_id), row.customer_name))
        if alert.subscription_id:
            self._contract.set_value(Hit(str(alert.subscription_id), row.contract))

    def _show_kind(self) -> None:
        kind = self._chosen()
        self._metric.setEnabled(kind is AlertKind.USAGE)
        self._currency.setEnabled(kind.is_money)
        self._days.setEnabled(kind is AlertKind.SHORTFALL)
        self._contract.setEnabled(kind is not AlertKind.WALLET)

    def _submit(self) -> bool:
        problems: list[Problem] = self._form.problems()
        if problems:
            self._form.show_problems(problems)
        else:
            self._tasks.command(save_alert, self.record(), then=self._saved, failed=self._failed)
        return False

    def _saved(self, _alert_id: int) -> None:
        self.accept()
        self._then()

    def _failed(self, error: BillDeskError) -> None:
        problems: list[Problem] = [error.problem] if isinstance(error, InvalidValue) else []
        problems += error.problems if isinstance(error, RowsRejected) else ()
        if not problems or self._form.show_problems(problems):
            self._messages.fail(error)
