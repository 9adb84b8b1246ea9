"""Rows, columns and cards on the 8-pixel grid."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets.elided import ElidedLabel
from billdesk.ui.core.widgets.texts import label

Item = QWidget | QLayout | int | None
"""A widget, a layout, a distance in pixels, or None for a stretch."""


def _fill(layout: QBoxLayout, items: tuple[Item, ...], margins: tuple[int, int, int, int], spacing: int) -> None:
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addSpacing(item)


def row(*items: Item, spacing: int = Space.ONE, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """Put items side by side."""
    layout = QHBoxLayout()
    _fill(layout, items, margins, spacing)
    return layout


def column(*items: Item, spacing: int = Space.ONE, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """Put items below one another."""
    layout = QVBoxLayout()
    _fill(layout, items, margins, spacing)
    return layout


def boxed(layout: QLayout, look: str = "clear") -> QFrame:
    """Put a layout into a frame with a look."""
    frame = QFrame()
    set_look(frame, look)
    frame.setLayout(layout)
    return frame


def scrolled(content: QWidget) -> QScrollArea:
    """Let content scroll down when it is taller than its place."""
    area = QScrollArea()
    set_look(content, "clear")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


def beside_buttons(small: QWidget) -> QFrame:
    """Put something lower than a button, such as a chip, at the middle of a row of buttons."""
    frame = boxed(row(small))
    frame.setFixedHeight(Size.CONTROL)
    return frame


class Card(QFrame):
    """A white surface with a heading; add content to `body`, small things to `head`."""

    def __init__(self, heading: str = "", note: str = "") -> None:
        super().__init__()
        set_look(self, "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(18, Space.TWO, 18, Space.TWO)
        self.body.setSpacing(Space.ONE)
        self.head = QHBoxLayout()
        self.head.setSpacing(Space.ONE)
        self._heading = label(heading, "heading")
        self._note = ElidedLabel(note, "faint")
        self._note.setVisible(bool(note))
        if heading:
            self.setAccessibleName(heading)
            self._heading.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
            self.head.addWidget(self._heading)
            # In a narrow window the note gives way, never what stands right of it.
            self.head.addWidget(self._note, 100)
            self.head.addStretch(1)
            self.body.addLayout(self.head)

    def set_note(self, note: str) -> None:
        """Show a small note beside the heading."""
        self._note.show_text(note)
        self._note.setVisible(bool(note))

    def set_heading(self, heading: str) -> None:
        """Change the heading."""
        self._heading.setText(heading)
