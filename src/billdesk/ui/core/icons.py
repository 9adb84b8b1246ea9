"""Lucide icons, tinted and rendered at the screen's pixel ratio."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from billdesk.kernel.paths import resource
from billdesk.ui.core.tokens import Size

STROKE = "1.75"


@cache
def _source(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def svg_text(name: str, colour: str) -> str:
    """Give an icon's SVG in one colour; QtSvg ignores CSS `currentColor`, so it is replaced in the text."""
    return _source(name).replace("currentColor", colour).replace('stroke-width="2"', f'stroke-width="{STROKE}"')


def pixel_ratio() -> float:
    """Give the highest pixel ratio of the screens, for which pictures are rendered."""
    return max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)


@cache
def _pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    edge = round(size * ratio)
    picture = QPixmap(QSize(edge, edge))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg_text(name, colour).encode())).render(painter, QRectF(0, 0, edge, edge))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def pixmap(name: str, colour: str, size: int = Size.ICON) -> QPixmap:
    """Give an icon as a sharp picture of `size` logical pixels."""
    return _pixmap(name, colour, size, pixel_ratio())


def icon(name: str, colour: str, *, checked: str = "", size: int = Size.ICON) -> QIcon:
    """Give an icon in one colour, and in another while its button is checked."""
    result = QIcon(pixmap(name, colour, size))
    if checked:
        result.addPixmap(pixmap(name, checked, size), QIcon.Mode.Normal, QIcon.State.On)
        result.addPixmap(pixmap(name, checked, size), QIcon.Mode.Active, QIcon.State.On)
    return result
