"""Asks what to watch: a metric's usage, what usage costs, or what is left in wallets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from billdesk.domain.usage import Metric
from billdesk.kernel.errors import BillDeskError, RowsRejected
from billdesk.kernel.i18n import N_, _
from billdesk.services.alerts import Alert, AlertKind, save_alert
from billdesk.services.identifiers import currencies
from billdesk.ui.core.editors import ChoiceEditor, DecimalEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets import FormDialog

_KINDS: Final = (
    (AlertKind.USAGE, N_("Usage of a meter, per contract and period")),
    (AlertKind.SPEND, N_("What usage costs, per contract and period")),
    (AlertKind.WALLET, N_("What is left in a customer's wallets, per month")),
)
_FIRST: Final = ("EUR", "USD", "GBP")


class AlertDialog(FormDialog):
    """Makes a threshold for everybody's contracts; calls `then` once it is saved."""

    def __init__(
        self, parent: QWidget, context: Context, metrics: Sequence[Metric], then: Callable[[], object]
    ) -> None:
        codes = [*_FIRST, *sorted(set(currencies()) - set(_FIRST))]
        self._form = FormGrid()
        self._name, self._threshold = TextEditor(), DecimalEditor()
        self._kind = ChoiceEditor([(kind.value, _(words)) for kind, words in _KINDS])
        self._metric = ChoiceEditor([(str(one.id), one.name) for one in metrics], can_be_empty=True)
        self._currency = ChoiceEditor([(code, code) for code in codes])
        super().__init__(parent, _("New threshold"), self._form, yes=_("Watch"))
        self._tasks = context.tasks.of(self)
        self._messages = context.messages
        self._then = then
        self._form.add("name", _("Name"), self._name)
        self._form.add("kind", _("Watch"), self._kind)
        self._form.add("metric", _("Meter"), self._metric, hint=_("For usage."))
        self._form.add("currency", _("Currency"), self._currency, hint=_("For spend and wallets."))
        self._form.add("threshold", _("Threshold"), self._threshold)
        self.on_submit(self._submit)
        self._kind.changed.connect(self._show_kind)
        self._show_kind()
        self._name.focus_target().setFocus()

    def record(self) -> Alert:
        """Give what is entered."""
        kind = AlertKind(str(self._kind.value()))
        metric: Any = self._metric.value()
        return Alert(
            0,
            str(self._name.value() or ""),
            kind,
            self._threshold.value() or Decimal(0),
            currency=str(self._currency.value()) if kind.is_money else "",
            metric_id=int(metric) if metric and not kind.is_money else None,
        )

    def _show_kind(self) -> None:
        is_money = AlertKind(str(self._kind.value())).is_money
        self._metric.setEnabled(not is_money)
        self._currency.setEnabled(is_money)

    def _submit(self) -> bool:
        problems = self._form.problems()
        if problems:
            self._form.show_problems(problems)
        else:
            self._tasks.command(save_alert, self.record(), then=self._saved, failed=self._failed)
        return False

    def _saved(self, _alert_id: int) -> None:
        self.accept()
        self._then()

    def _failed(self, error: BillDeskError) -> None:
        if not isinstance(error, RowsRejected) or self._form.show_problems(list(error.problems)):
            self._messages.fail(error)
