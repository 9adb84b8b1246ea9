"""Tiles with one figure each; every tile is a link into the list behind the figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from billdesk.ui.core.charts.sparkline import Sparkline
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.elided import ElidedLabel
from billdesk.ui.core.widgets.texts import label


@dataclass(frozen=True, slots=True)
class Figure:
    """What a tile shows; `trend` is a signed word such as `+2.4 %`, good when `trend_is_good`."""

    value: str
    note: str = ""
    trend: str = ""
    trend_is_good: bool = True
    history: Sequence[Decimal] = ()
    series: int = 0


class FigureTile(QPushButton):
    """A figure with its title, a note and a sparkline; `clicked` follows the link."""

    def __init__(self, title: str, figure: Figure | None = None) -> None:
        super().__init__()
        set_look(self, "tile")
        self._title = title
        self._value = label("–", "figure")
        self._trend = label("", "green")
        self._note = ElidedLabel("", "faint")
        self._spark = Sparkline()
        self._outer = QVBoxLayout(self)
        self._build()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_figure(figure or Figure("–"))

    def show_figure(self, figure: Figure) -> None:
        """Show another figure."""
        self._value.setText(figure.value)
        self._note.show_text(figure.note)
        self._trend.setText(figure.trend)
        self._trend.setVisible(bool(figure.trend))
        set_look(self._trend, "green" if figure.trend_is_good else "red")
        self._spark.show_values(figure.history, figure.series)
        self._spark.setVisible(bool(figure.history))
        self.setAccessibleName(f"{self._title}: {figure.value}")
        self.setAccessibleDescription(f"{figure.trend} {figure.note}".strip())
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return self._outer.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._outer.minimumSize()

    def _build(self) -> None:
        outer = self._outer
        outer.setContentsMargins(18, Space.TWO, 18, Space.TWO)
        outer.setSpacing(Space.HALF)
        outer.addWidget(label(self._title, "second"))
        outer.addWidget(self._value)
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(self._trend)
        below.addWidget(self._note, 4)
        below.addWidget(self._spark, 1)
        holder = QWidget()
        holder.setLayout(below)
        below.setContentsMargins(0, 0, 0, 0)
        holder.setFixedHeight(34)
        outer.addWidget(holder)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
