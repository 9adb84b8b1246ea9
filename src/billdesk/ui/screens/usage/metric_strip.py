"""What all contracts used together, a tile per meter: this month against the same days of the last one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from billdesk.kernel.i18n import _, current
from billdesk.services.usage import MetricComparison
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Figure, FigureTile
from billdesk.ui.screens.usage.usage_lists import change_words, is_outlier

_BESIDE: Final = 4
MOST: Final = 8
"""More meters than this are compared in the list alone."""


class MetricStrip(QWidget):
    """Announces the meter that was clicked, by id."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(Space.TWO)
        self.tiles: list[FigureTile] = []
        self.hide()

    def show_metrics(self, found: Sequence[MetricComparison]) -> None:
        """Show other figures; nothing where there are none, or too many."""
        for tile in self.tiles:
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        shown = found if len(found) <= MOST else ()
        self.tiles = [self._tile(one) for one in shown]
        for place, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, place // _BESIDE, place % _BESIDE)
        self.setVisible(bool(self.tiles))

    def _tile(self, one: MetricComparison) -> FigureTile:
        number = current().number
        name = f"{one.metric.name} ({one.metric.unit})" if one.metric.unit else one.metric.name
        note = _("{n} up to {day}", n=number(one.same_days), day=current().day(one.until))
        is_usual = not is_outlier(one.change)
        figure = Figure(number(one.current), note, change_words(one.change), is_usual, history=one.months)
        tile = FigureTile(name, figure)
        tile.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        tile.setToolTip(_("All of last month: {n}", n=number(one.previous)))
        tile.clicked.connect(partial(self._choose, one.metric.id))
        return tile

    def _choose(self, metric_id: int, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt's `clicked`
        self.chosen.emit(metric_id)
