"""A bar above a list that takes a second line when the window is narrow, and rows that are one large button."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLayout, QPushButton, QSizePolicy, QStyledItemDelegate, QWidget

from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.choices import ChoiceBox
from billdesk.ui.core.widgets.filters import Segment, SegmentedTabs


class CountedTabs(SegmentedTabs):
    """Status tabs that leave their counts out where there is no room for them, and else become one list."""

    def __init__(self, segments: Sequence[Segment], name: str) -> None:
        super().__init__(segments, name)
        self._counts = {segment.key: segment.count for segment in segments}
        self._words = {segment.key: segment.label for segment in segments}
        self._is_compact = False
        self._is_folded = False
        self._box = ChoiceBox(self)
        self._box.setAccessibleName(name)
        self._box.setItemDelegate(QStyledItemDelegate(self._box))
        for segment in segments:
            self._box.addItem(segment.label, segment.key)
        self._box.hide()
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self._box)
        self._box.activated.connect(lambda place: self.choose(self._box.itemData(place)))
        self.chosen.connect(self._follow)

    def choose(self, key: str) -> None:
        self._follow(key)
        super().choose(key)

    def show_counts(self, counts: dict[str, str]) -> None:
        """Write counts behind the words, as far as there is room."""
        self._counts |= counts
        super().show_counts(dict.fromkeys(self._counts, "") if self._is_compact else self._counts)
        for key, word in self._words.items():
            self._box.setItemText(self._box.findData(key), f"{word}  {self._counts[key]}".strip())

    def fit(self, width: int) -> None:
        """Take at most this width: the counts go first, then the tabs, for a list of them."""
        self._is_compact = False
        self.show_counts({})
        if self.tabs_width() > width:
            self._is_compact = True
            self.show_counts({})
        self._fold(on=self.tabs_width() > width)

    def _follow(self, key: str) -> None:
        self._box.setCurrentIndex(self._box.findData(key))

    def _fold(self, *, on: bool) -> None:
        if on != self._is_folded:
            self._is_folded = on
            set_look(self, "clear" if on else "segments")
            self.show_tabs(on=not on)
            self._box.setVisible(on)


class FilterBar(QWidget):
    """Puts status tabs, or fields, left and the search right; below one another where both do not fit."""

    def __init__(self, left: QWidget, right: QWidget) -> None:
        super().__init__()
        self._left, self._right = left, right
        self._is_stacked = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.TWO)
        self._grid.setVerticalSpacing(Space.ONE)
        self._grid.setColumnStretch(1, 1)
        # A bar that may fold must not hold the window as wide as its unfolded form.
        self._grid.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._place()

    def sizeHint(self) -> QSize:
        heights = (self._left.sizeHint().height(), 0 if self._is_alone() else self._right.sizeHint().height())
        height = sum(heights) + Space.ONE if self._is_stacked else max(heights)
        return QSize(self._needed(), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Look again whether both fit, as after the counts on the tabs have changed."""
        if isinstance(self._left, CountedTabs):
            self._left.fit(self.width())
        is_stacked = self.width() < self._needed() and not self._is_alone()
        if is_stacked != self._is_stacked:
            self._is_stacked = is_stacked
            self._place()
            self.updateGeometry()

    def _is_alone(self) -> bool:
        """Whether the search was hidden by its screen; one that is not shown yet does not count as hidden."""
        return self._right.isHidden() and self._right.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)

    def _needed(self) -> int:
        left = max(self._left.sizeHint().width(), self._left.minimumSizeHint().width())
        right = max(self._right.minimumSizeHint().width(), self._right.minimumWidth())
        return left + right + Space.TWO

    def _place(self) -> None:
        side = Qt.AlignmentFlag.AlignLeft if self._is_stacked else Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(self._left, 0, 0, Qt.AlignmentFlag.AlignLeft)
        if self._is_stacked:
            self._grid.addWidget(self._right, 1, 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
        else:
            self._grid.addWidget(self._right, 0, 1, side)


class RowButton(QPushButton):
    """A row of widgets that is one button, as tall as its layout asks."""

    def __init__(self, layout: QLayout, name: str, on_click: Callable[[], object], *, look: str = "plain-row") -> None:
        super().__init__()
        set_look(self, look)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._inside = layout
        self.setLayout(layout)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(lambda *_: on_click())

    def sizeHint(self) -> QSize:
        return self._inside.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._inside.sizeHint().height())
