"""The lines of the home screen: each is a button that goes where it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _, current
from billdesk.services.home import Beginnings
from billdesk.services.invoices import DocumentRow
from billdesk.ui.core.theme import set_look, text_width
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import Card, IconLabel, StatusChip, column, label
from billdesk.ui.core.widgets.elided import ElidedLabel
from billdesk.ui.screens.home.home_presenter import FirstStep, Link, Waiting, first_steps

Go = Callable[[Link], None]

_ROW_HEIGHT: Final = 36
_STEPS_WIDTH: Final = 640


class _Rows(QWidget):
    """Lines below one another that are replaced whole."""

    def __init__(self, go: Go) -> None:
        super().__init__()
        self._go = go
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)

    def _replace(self, widgets: Sequence[QWidget]) -> None:
        while self._layout.count():
            item = self._layout.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for widget in widgets:
            self._layout.addWidget(widget)

    def _line(self, name: str, target: Link, parts: Sequence[QWidget], *, height: int = _ROW_HEIGHT) -> QPushButton:
        made = _LinkRow(height)
        made.setAccessibleName(name)
        layout = QHBoxLayout(made)
        layout.setContentsMargins(Space.ONE, 0, Space.ONE, 0)
        layout.setSpacing(Space.ONE_HALF)
        for part in parts:
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(part)
        made.clicked.connect(partial(self._follow, target))
        return made

    def _follow(self, target: Link, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt's `clicked`
        self._go(target)


class _LinkRow(QPushButton):
    """A button over a whole line."""

    def __init__(self, height: int) -> None:
        super().__init__()
        set_look(self, "line-row" if height == _ROW_HEIGHT else "plain-row")
        self.setFixedHeight(height)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class WaitingRows(_Rows):
    """What waits for somebody today."""

    def show_lines(self, lines: Sequence[Waiting]) -> None:
        """Show other lines; none says that all is done."""
        self._replace([self._waiting(line) for line in lines] or [_all_done(_("Nothing waits. All is done."))])

    def _waiting(self, line: Waiting) -> QWidget:
        tone = "red" if line.is_urgent else "text_second"
        words = ElidedLabel(line.text, "medium")
        count = _sized(label(line.count, "strong"), text_width(line.count), right=True)
        parts = (_icon(line.icon, tone, 18), words, count, _arrow())
        return self._line(f"{line.text}: {line.count}", line.link, parts)


class UnbilledFigure(WaitingRows):
    """What no invoice says yet: a figure below what waits, for it is no work to be done."""

    def show_line(self, line: Waiting) -> None:
        """Show another figure."""
        self._replace([self._waiting(line)])


class OverdueRows(_Rows):
    """The documents that became overdue last."""

    def show_documents(self, rows: Sequence[DocumentRow]) -> None:
        """Show other documents; none says so."""
        language = current()
        texts = [(row.number, language.day(row.due_date), language.money(row.open)) for row in rows]
        widths = [max(text_width(text[place]) for text in texts) for place in range(3)] if texts else []
        made = [self._document(row, text, widths) for row, text in zip(rows, texts, strict=True)]
        self._replace(made or [_all_done(_("No invoice is overdue."))])

    def _document(self, row: DocumentRow, texts: tuple[str, str, str], widths: Sequence[int]) -> QWidget:
        number, day, amount = texts
        parts = (
            _sized(label(number, "second"), widths[0]),
            ElidedLabel(row.customer_name, "strong"),
            _sized(label(day, "second"), widths[1]),
            StatusChip(_("Overdue"), Tone.RED),
            _sized(label(amount, "strong"), widths[2], right=True),
        )
        name = ", ".join((number, row.customer_name, _("due {day}", day=day), amount))
        return self._line(name, Link("invoices", record=str(row.id)), parts)


class FirstSteps(_Rows):
    """The way from an empty book to the first money, ticked off as one goes."""

    def show_beginnings(self, found: Beginnings | None) -> None:
        """Show which steps were taken."""
        card = Card(_("First steps"), _("A new book, in the order that works best"))
        card.setMaximumWidth(_STEPS_WIDTH)
        for step in first_steps(found) if found else ():
            card.body.addWidget(self._step(step))
        self._replace([card])
        self._layout.addStretch(1)

    def _step(self, step: FirstStep) -> QWidget:
        sign = _icon("circle-check" if step.is_done else "arrow-right", "green" if step.is_done else "accent", 20)
        words = QWidget()
        words.setLayout(column(label(step.title, "strong"), label(step.detail, "faint"), spacing=1))
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        done = label(_("Done") if step.is_done else "", "green")
        name = f"{step.title}. {step.detail}. {done.text()}"
        return self._line(name, step.link, (sign, words, done, _arrow()), height=56)


def _all_done(text: str) -> QWidget:
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(Space.ONE, Space.ONE, Space.ONE, Space.ONE)
    layout.addWidget(_icon("circle-check", "green", 18))
    layout.addWidget(label(text, "second"), 1)
    return holder


def _arrow() -> QWidget:
    return _icon("chevron-right", "text_faint", 16)


def _icon(name: str, colour: str, size: int) -> IconLabel:
    made = IconLabel(name, colour, size)
    made.setFixedWidth(size + 4)
    return made


def _sized(made: QLabel, width: int, *, right: bool = False) -> QLabel:
    made.setFixedWidth(width + 2)
    if right:
        made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made
