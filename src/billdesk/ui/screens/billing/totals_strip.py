"""Totals of a run, a tile per currency; a click shows the documents of that currency."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services.billing import CurrencyTotals, RunPreview
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Figure, FigureTile

_SHOWN = 4


class TotalsStrip(QWidget):
    """Announces the currency to show, empty for all."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._currency = ""
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.TWO)
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
        for sums in totals:
            tile = FigureTile(sums.currency, _figure(sums))
            tile.clicked.connect(lambda *_, code=sums.currency: self._choose(code))
            self._layout.addWidget(tile)
        self.setVisible(bool(totals))

    def _choose(self, currency: str) -> None:
        self._currency = "" if currency == self._currency else currency
        self.chosen.emit(self._currency)


def _figure(sums: CurrencyTotals) -> Figure:
    language = current()
    count = ngettext("{n} document", "{n} documents", sums.documents)
    note = _("{count} · net {net}", count=count, net=language.money(sums.net))
    return Figure(language.money(sums.total), note)
