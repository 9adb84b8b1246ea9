"""Totals of a run by currency, in one line so that the list has the room; a click shows that currency alone."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services.billing import CurrencyTotals, RunPreview
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import column, label
from billdesk.ui.core.widgets.bars import RowButton

_SHOWN = 4


class TotalsStrip(QFrame):
    """Announces the currency to show, empty for all."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._currency = ""
        self._parts: list[RowButton] = []
        self._layout = QHBoxLayout(self)
        set_look(self, "card")
        self._layout.setContentsMargins(Space.ONE, Space.HALF, Space.ONE, Space.HALF)
        self._layout.setSpacing(Space.HALF)
        self.hide()

    def show_totals(self, preview: RunPreview | None, currency: str) -> None:
        """Show the totals of a run; the strip hides when there are none."""
        self._currency = currency
        while self._layout.count():
            item = self._layout.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        totals = sorted(preview.totals.values(), key=lambda sums: -sums.documents)[:_SHOWN] if preview else []
        self._parts = [self._part(sums) for sums in totals]
        for part in self._parts:
            self._layout.addWidget(part)
        self.setVisible(bool(totals))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show as many currencies as there is room for, whole: an amount that is cut would be another amount."""
        room = self.width() - 2 * Space.ONE
        for part in self._parts:
            room -= part.sizeHint().width() + Space.HALF
            part.setVisible(room >= 0)

    def _part(self, sums: CurrencyTotals) -> RowButton:
        language = current()
        count = ngettext("{n} document", "{n} documents", sums.documents)
        note = label(f"{sums.currency} · {count}", "faint")
        amount = label(language.money(sums.total), "heading")
        net, tax = language.money(sums.net), language.money(sums.tax)
        inside = column(note, amount, spacing=1, margins=(Space.ONE, 4, Space.ONE, 4))
        name = _("{amount} in {count}, show them", amount=amount.text(), count=count)
        made = RowButton(inside, name, lambda: self._choose(sums.currency))
        made.setToolTip(_("net {net}, VAT {tax}", net=net, tax=tax))
        return made

    def _choose(self, currency: str) -> None:
        self._currency = "" if currency == self._currency else currency
        self.chosen.emit(self._currency)
