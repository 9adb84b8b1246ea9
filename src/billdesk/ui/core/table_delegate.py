"""Paints the cells of a list: hairline, hover, soft selection with an accent bar, chips; no widget per row."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from billdesk.ui.core.chips import draw_chip
from billdesk.ui.core.table_columns import DASH, Column, Kind, Row
from billdesk.ui.core.table_model import RecordModel
from billdesk.ui.core.theme import tokens, ui_font
from billdesk.ui.core.tokens import Size, Tokens, Tone

PADDING: Final = 12
_BAR: Final = 3


class RowDelegate(QStyledItemDelegate):
    """Draws whole rows from cells that were written when their page arrived."""

    def __init__(self, view: QTableView, model: RecordModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self.hovered = -1
        self.first_column = 0
        self._plain = ui_font()
        self._medium = ui_font(13, QFont.Weight.Medium)
        self._strong = ui_font(13, QFont.Weight.DemiBold)
        self._colours = _Colours(tokens())
        self._fonts = [self._font(column) for column in model.columns]
        self._metrics = [QFontMetrics(font) for font in self._fonts]

    def take_theme(self) -> None:
        """Read the colours again."""
        self._colours = _Colours(tokens())

    def text_width(self, column: int, text: str) -> int:
        """Give the width of a text in the font of a column."""
        return self._metrics[column].horizontalAdvance(text)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, Size.ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        number, place = index.row(), index.column()
        self._paint_ground(
            painter, area, number, is_selected=bool(state & QStyle.StateFlag.State_Selected), place=place
        )
        row = self._model.want(number)
        inner = area.adjusted(PADDING, 0, -PADDING, 0)
        if row is None:
            self._paint_placeholder(painter, inner)
            return
        column = self._model.columns[place]
        tone = row.tones[place]
        if column.kind is Kind.STATUS:
            draw_chip(painter, QRectF(inner), row.cells[place], tone or Tone.GREY)
            return
        self._paint_text(painter, inner, row, place)

    def _paint_ground(self, painter: QPainter, area: QRect, number: int, *, is_selected: bool, place: int) -> None:
        colours = self._colours
        if is_selected:
            painter.fillRect(area, colours.soft)
        elif number == self.hovered:
            painter.fillRect(area, colours.raised)
        painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), colours.line)
        if is_selected and place == self.first_column:
            painter.fillRect(QRect(area.left(), area.top(), _BAR, area.height() - 1), colours.accent)
        if self._view.hasFocus() and number == self._view.currentIndex().row():
            painter.fillRect(QRect(area.left(), area.top(), area.width(), 1), colours.accent)
            painter.fillRect(QRect(area.left(), area.bottom(), area.width(), 1), colours.accent)

    def _paint_placeholder(self, painter: QPainter, inner: QRect) -> None:
        width = min(inner.width(), 90)
        painter.fillRect(QRect(inner.left(), inner.center().y() - 4, width, 8), self._colours.hover)

    def _paint_text(self, painter: QPainter, inner: QRect, row: Row[Any], place: int) -> None:
        column, text = self._model.columns[place], row.cells[place]
        painter.setFont(self._fonts[place])
        painter.setPen(self._pen(column, text, row.tones[place]))
        side = Qt.AlignmentFlag.AlignRight if column.is_right else Qt.AlignmentFlag.AlignLeft
        if self._metrics[place].horizontalAdvance(text) > inner.width():
            text = self._metrics[place].elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _pen(self, column: Column[Any], text: str, tone: Tone | None) -> QColor:
        if tone is not None:
            return self._colours.tones[tone]
        if text == DASH:
            return self._colours.text_faint
        if column.is_strong or column.stretch or column.is_right:
            return self._colours.text
        return self._colours.text_second

    def _font(self, column: Column[Any]) -> QFont:
        if column.is_strong:
            return self._strong
        return self._medium if column.stretch and column.kind is Kind.TEXT else self._plain


class _Colours:
    """The colours of a list as Qt objects; making one per cell would cost more than drawing it."""

    def __init__(self, theme: Tokens) -> None:
        self.soft = QColor(theme.soft)
        self.raised = QColor(theme.raised)
        self.hover = QColor(theme.hover)
        self.line = QColor(theme.line)
        self.accent = QColor(theme.accent)
        self.text = QColor(theme.text)
        self.text_second = QColor(theme.text_second)
        self.text_faint = QColor(theme.text_faint)
        self.tones = {tone: QColor(theme.tone(tone)[0]) for tone in Tone}
