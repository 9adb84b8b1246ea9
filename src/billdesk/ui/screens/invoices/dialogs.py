"""The small questions before something happens to a document: how much, when, why, where to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import N_, _, current
from billdesk.services.invoices import DocumentRow
from billdesk.services.payments import PaymentMethod
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor, DateEditor, MoneyEditor, ParagraphEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FormDialog, label, scrolled
from billdesk.ui.screens.invoices.payments import Paid, RowMoney, credit_amounts, paid_problem
from billdesk.ui.screens.invoices.record import RecordState

METHODS: Final[Mapping[PaymentMethod, str]] = {
    PaymentMethod.TRANSFER: N_("Transfer"),
    PaymentMethod.DIRECT_DEBIT: N_("Direct debit"),
    PaymentMethod.CARD: N_("Card"),
    PaymentMethod.CASH: N_("Cash"),
    PaymentMethod.OTHER: N_("Other"),
}


class PaymentDialog(FormDialog):
    """Asks what was paid; says at once what remains open or becomes the customer's balance."""

    entered = Signal(object)

    def __init__(self, parent: QWidget, document: DocumentRow, today: date, heading: str) -> None:
        self._form = FormGrid(2)
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.TWO)
        self._effect = label("", "second", wrap=True)
        layout.addWidget(label(f"{document.number} · {document.customer_name}", "second", wrap=True))
        layout.addWidget(self._form)
        layout.addWidget(self._effect)
        super().__init__(parent, heading, holder, yes=heading)
        self._money = RowMoney(document)
        self._amount = MoneyEditor(document.open.currency)
        self._form.add("amount", _("Amount"), self._amount)
        self._form.add("day", _("Received on"), DateEditor(lambda: today))
        self._form.add("method", _("How"), ChoiceEditor([(key, _(word)) for key, word in METHODS.items()]))
        self._form.add("reference", _("Reference"), TextEditor())
        self._form.set_values({"amount": self._money.open, "day": today, "method": PaymentMethod.TRANSFER})
        self._form.changed.connect(self._show_effect)
        self._show_effect()
        self.on_submit(self._submit)
        self._amount.focus_target().setFocus()
        self._amount.line.selectAll()

    def _show_effect(self) -> None:
        try:
            self._effect.setText(self._money.effect(self._amount.value()))
        except InvalidValue:
            self._effect.setText("")

    def _submit(self) -> bool:
        problems = self._form.problems()
        values = {} if problems else self._form.values()
        problems += paid_problem(values)
        if problems:
            self._form.show_problems(problems)
            return False
        self.entered.emit(Paid.of(values))
        return True


class ReasonDialog(FormDialog):
    """Asks why, and says first what will happen."""

    entered = Signal(str)

    def __init__(self, parent: QWidget, heading: str, lines: tuple[str, ...], *, yes: str, text: str = "") -> None:
        self._form = FormGrid()
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE_HALF)
        for line in lines:
            layout.addWidget(label(line, "second", wrap=True))
        layout.addWidget(self._form)
        super().__init__(parent, heading, holder, yes=yes)
        self._is_needed = True
        self._reason = ParagraphEditor(3)
        self._form.add("reason", _("Reason"), self._reason)
        self._reason.set_value(text)
        self.on_submit(self._submit)
        self._reason.focus_target().setFocus()

    def allow_empty(self, title: str) -> None:
        """Take an empty text too; `title` is what the field is then called."""
        self._is_needed = False
        self._reason.name(title)

    def _submit(self) -> bool:
        text = self._reason.value() or ""
        if not text and self._is_needed:
            self._form.show_problems([Problem("value_missing", Place(field="reason"))])
            return False
        self.entered.emit(text)
        return True


class CreditDialog(FormDialog):
    """Asks what to take off an invoice: all that is left, or an amount per line."""

    entered = Signal(str, object)

    def __init__(self, parent: QWidget, state: RecordState) -> None:
        self._form = FormGrid()
        super().__init__(
            parent, _("Credit {number}", number=state.title), scrolled(self._form), yes=_("Draft credit note")
        )
        self.setMinimumHeight(420)
        self._lines = {line.id: line for line in state.view.document.lines}
        self._all = CheckEditor(_("Everything that is left"))
        self._form.add("all", "", self._all, hint=_("Else fill in amounts before tax; an empty one takes nothing off."))
        self._all.set_value(value=True)
        for line in state.view.document.lines:
            editor = MoneyEditor(line.net.currency)
            title = f"{line.description} · {current().money(line.net)}"
            self._form.add(f"line_{line.id}", title, editor)
            editor.setEnabled(False)
        self._form.add("reason", _("Reason, printed on the credit note"), ParagraphEditor(2))
        self._all.changed.connect(self._switch)
        self.on_submit(self._submit)

    def _switch(self) -> None:
        for key in self._lines:
            self._form.editor(f"line_{key}").setEnabled(not self._all.value())

    def _submit(self) -> bool:
        problems = self._form.problems()
        if problems:
            self._form.show_problems(problems)
            return False
        values = self._form.values()
        self.entered.emit(str(values["reason"] or ""), credit_amounts(values))
        return True


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What was asked for: formats, folder, and whether PDFs show how each amount came about."""

    formats: tuple[str, ...]
    folder: str
    explain: bool


class ExportDialog(FormDialog):
    """Asks for the formats of a batch of files."""

    entered = Signal(object)

    def __init__(self, parent: QWidget, lines: list[str], ask_folder: Callable[[], str]) -> None:
        self._form = FormGrid()
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE_HALF)
        for line in lines:
            layout.addWidget(label(line, "second", wrap=True))
        layout.addWidget(
            label(_("One file per document and format, named by number and customer."), "faint", wrap=True)
        )
        layout.addWidget(self._form)
        super().__init__(parent, _("Export documents"), holder, yes=_("Choose a folder…"))
        self._ask_folder = ask_folder
        self._form.add("pdf", "", CheckEditor(_("PDF")))
        self._form.add("explain", "", CheckEditor(_("with an appendix that shows how each amount came about")))
        self._form.add("xlsx", "", CheckEditor(_("Spreadsheet (XLSX)")))
        self._form.set_values({"pdf": True})
        self.on_submit(self._submit)

    def _submit(self) -> bool:
        values = self._form.values()
        explain = bool(values.pop("explain"))
        formats = tuple(key for key, wanted in values.items() if wanted)
        folder = self._ask_folder() if formats else ""
        if not folder:
            return False
        self.entered.emit(ExportChoice(formats, folder, explain))
        return True
