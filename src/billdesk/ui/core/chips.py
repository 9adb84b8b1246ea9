"""Status chips: a word with a dot on a soft ground, painted once per text, tone and pixel ratio."""

from __future__ import annotations

from functools import cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from billdesk.ui.core.theme import tokens, ui_font
from billdesk.ui.core.tokens import Tone

HEIGHT: Final = 22
_PADDING: Final = 9
_DOT: Final = 6
_GAP: Final = 5


def chip_font() -> QFont:
    """Give the font of the word in a chip."""
    return ui_font(12, QFont.Weight.DemiBold)


def chip_width(text: str) -> int:
    """Give the width a chip needs."""
    return round(QFontMetricsF(chip_font()).horizontalAdvance(text) + 2 * _PADDING + _DOT + _GAP + 1)


def draw_chip(painter: QPainter, area: QRectF, text: str, tone: Tone) -> None:
    """Draw a chip at the left of `area`, in its middle, never wider than it."""
    colour, ground = tokens().tone(tone)
    width = min(chip_width(text), int(area.width()))
    picture = _picture(text, colour, ground, width, painter.device().devicePixelRatioF())
    painter.drawPixmap(QPointF(round(area.left()), round(area.center().y() - HEIGHT / 2)), picture)


@cache
def _picture(text: str, colour: str, ground: str, width: int, ratio: float) -> QPixmap:
    picture = QPixmap(round(width * ratio), round(HEIGHT * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(QRectF(0, 0, width, HEIGHT), HEIGHT / 2, HEIGHT / 2)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QRectF(_PADDING, (HEIGHT - _DOT) / 2, _DOT, _DOT))
    painter.setPen(QColor(colour))
    font = chip_font()
    painter.setFont(font)
    room = QRectF(_PADDING + _DOT + _GAP, 0, width - 2 * _PADDING - _DOT - _GAP + 2, HEIGHT)
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.end()
    return picture
