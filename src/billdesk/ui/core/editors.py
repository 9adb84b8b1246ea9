"""Typed fields: each reads strictly, shows what it understood while one types, and gives a value or a problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Generic, TypeVar

from babel.numbers import format_decimal
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QStyledItemDelegate, QVBoxLayout, QWidget

from billdesk.kernel.decimals import MAX_PLACES, to_text
from billdesk.kernel.errors import InvalidValue, Problem
from billdesk.kernel.i18n import current
from billdesk.kernel.money import Money
from billdesk.ui.core.messages import words
from billdesk.ui.core.parsing import read_date, read_money, read_number
from billdesk.ui.core.theme import repolish
from billdesk.ui.core.widgets.choices import ChoiceBox
from billdesk.ui.core.widgets.texts import label

T = TypeVar("T")

_CHOICES_SHOWN: Final = 12


class Editor(QWidget):
    """A field with room below it for what was understood or what is wrong."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._hint = label("", "read", wrap=True)
        self._hint.hide()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(3)

    def value(self) -> object:
        """Give the value, None when empty; raises InvalidValue."""
        raise NotImplementedError

    def set_value(self, value: object) -> None:
        """Show a value."""
        raise NotImplementedError

    def name(self, text: str) -> None:
        """Give the field its spoken name."""
        self.focus_target().setAccessibleName(text)

    def focus_target(self) -> QWidget:
        """Give the widget that takes the keyboard."""
        return self

    def show_problem(self, problem: Problem | None) -> None:
        """Say what is wrong below the field, or nothing."""
        self._say("problem" if problem else "read", words(problem) if problem else "")
        self.focus_target().setProperty("state", "problem" if problem else "")
        repolish(self.focus_target())

    def problem(self) -> Problem | None:
        """Give what is wrong with the text as typed."""
        try:
            self.value()
        except InvalidValue as error:
            return error.problem
        return None

    def _say(self, look: str, text: str) -> None:
        self._hint.setProperty("look", look)
        self._hint.setText(text)
        self._hint.setVisible(bool(text))
        repolish(self._hint)
        self._fit_hint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_hint()

    def _fit_hint(self) -> None:
        """Reserve the lines that the hint needs: a grid inside a card does not ask wrapped labels for theirs."""
        if self._hint.text():
            self._hint.setMinimumHeight(self._hint.heightForWidth(self.width()))

    def _adopt(self, field: QWidget) -> None:
        self._layout.addWidget(field)
        self._layout.addWidget(self._hint)
        self.setFocusProxy(field)


class _Line(QLineEdit):
    """A line whose numpad decimal key types the decimal mark of the language."""

    left = Signal()

    def __init__(self, *, is_number: bool) -> None:
        super().__init__()
        self._is_number = is_number
        if is_number:
            self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_pad = bool(event.modifiers() & Qt.KeyboardModifier.KeypadModifier)
        if self._is_number and is_pad and event.text() in {".", ","}:
            self.insert(current().locale.number_symbols["latn"]["decimal"])
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class LineEditor(Editor, Generic[T]):
    """A field of one line over a type `T`; leaving it writes the value in its full form."""

    def __init__(self, *, is_number: bool = False, prompt: str = "") -> None:
        super().__init__()
        self.line = _Line(is_number=is_number)
        self.line.setPlaceholderText(prompt)
        self._adopt(self.line)
        self.line.textEdited.connect(self._edited)
        self.line.left.connect(self._left)

    def read(self, text: str) -> T:
        """Read what was typed; raises InvalidValue."""
        raise NotImplementedError

    def write(self, value: T) -> str:
        """Write a value in full."""
        raise NotImplementedError

    def understood(self, text: str) -> str:
        """Give the words that show how the text is understood; empty where it is plain."""
        return ""

    def value(self) -> T | None:
        text = self.line.text().strip()
        return self.read(text) if text else None

    def set_value(self, value: T | None) -> None:  # type: ignore[override]  # narrower on purpose: one type per editor
        self.line.setText("" if value is None else self.write(value))
        self.show_problem(None)

    def focus_target(self) -> QWidget:
        return self.line

    def _edited(self) -> None:
        self.show_problem(None)
        text = self.line.text().strip()
        if text and self.problem() is None:
            self._say("read", self.understood(text))
        self.changed.emit()

    def _left(self) -> None:
        problem = self.problem()
        if problem is not None or self.line.property("state") != "problem":
            # What the book refused stays until it is typed over: looking at another field mends nothing.
            self.show_problem(problem)
        value = None if problem else self.value()
        if value is not None and self.line.text() != self.write(value) and not self.line.isReadOnly():
            # Replaced as an edit, not by setText, so that Ctrl+Z brings back what was typed.
            self.line.selectAll()
            self.line.insert(self.write(value))
            self.line.deselect()


class TextEditor(LineEditor[str]):
    """One line of text."""

    def read(self, text: str) -> str:
        return text

    def write(self, value: str) -> str:
        return value


class DecimalEditor(LineEditor[Decimal]):
    """An exact number, or a small sum that is worked out."""

    def __init__(self, prompt: str = "") -> None:
        super().__init__(is_number=True, prompt=prompt)

    def read(self, text: str) -> Decimal:
        reading = read_number(text, current())
        rounded = round(reading.value, MAX_PLACES)
        if rounded != reading.value and not reading.is_worked_out:
            raise InvalidValue(Problem("too_many_decimals", value=text, details=(("places", str(MAX_PLACES)),)))
        return Decimal(to_text(rounded))

    def write(self, value: Decimal) -> str:
        return current().number(value)

    def understood(self, text: str) -> str:
        reading = read_number(text, current())
        if not (reading.is_worked_out or reading.is_interpreted):
            return ""
        value = self.read(text)
        # A lone group mark is shown with a decimal, or "1.234" would be explained by "1.234".
        shown = format_decimal(value, format="#,##0.0", locale=current().locale) if value == int(value) else ""
        return f"= {shown or self.write(value)}"


class IntegerEditor(LineEditor[int]):
    """A whole number."""

    def __init__(self, prompt: str = "") -> None:
        super().__init__(is_number=True, prompt=prompt)

    def read(self, text: str) -> int:
        value = read_number(text, current()).value
        if value != int(value):
            raise InvalidValue(Problem("too_many_decimals", value=text, details=(("places", "0"),)))
        return int(value)

    def write(self, value: int) -> str:
        return current().number(value)

    def understood(self, text: str) -> str:
        reading = read_number(text, current())
        return f"= {self.write(self.read(text))}" if reading.is_worked_out or reading.is_interpreted else ""


class MoneyEditor(LineEditor[Money]):
    """An amount in one currency; its code stands in the empty field."""

    def __init__(self, currency: str) -> None:
        super().__init__(is_number=True, prompt=currency)
        self._currency = currency

    def set_currency(self, currency: str) -> None:
        """Read and write another currency from now on."""
        self._currency = currency
        self.line.setPlaceholderText(currency)

    def read(self, text: str) -> Money:
        return read_money(text, self._currency, current())[0]

    def write(self, value: Money) -> str:
        return current().amount(value)

    def understood(self, text: str) -> str:
        amount, reading = read_money(text, self._currency, current())
        return f"= {current().money(amount)}" if reading.is_worked_out or reading.is_interpreted else ""


class DateEditor(LineEditor[date]):
    """A day; `today` is asked when something relative is typed."""

    def __init__(self, today: Callable[[], date], prompt: str = "") -> None:
        super().__init__(prompt=prompt)
        self._today = today

    def read(self, text: str) -> date:
        return read_date(text, self._today(), current())

    def write(self, value: date) -> str:
        return current().short_day(value)

    def understood(self, text: str) -> str:
        day = self.read(text)
        return "" if text == self.write(day) else f"= {current().day(day)}"


class ParagraphEditor(Editor):
    """Text of several lines."""

    def __init__(self, lines: int = 4) -> None:
        super().__init__()
        self._text = QPlainTextEdit()
        self._text.setTabChangesFocus(True)
        self._text.setFixedHeight(22 * lines + 14)
        self._text.textChanged.connect(self.changed)
        self._adopt(self._text)

    def value(self) -> str | None:
        return self._text.toPlainText().strip() or None

    def set_value(self, value: object) -> None:
        self._text.setPlainText("" if value is None else str(value))

    def focus_target(self) -> QWidget:
        return self._text


class ChoiceEditor(Editor):
    """One of several values; typing letters finds one. `choices` are pairs of key and word."""

    def __init__(self, choices: Sequence[tuple[str, str]], *, can_be_empty: bool = False) -> None:
        super().__init__()
        self._box = ChoiceBox()
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        # The style's own list covers the screen and ignores the stylesheet; this one hangs below the field.
        self._box.setItemDelegate(QStyledItemDelegate(self._box))
        self._box.setMaxVisibleItems(_CHOICES_SHOWN)
        self._can_be_empty = can_be_empty
        self.set_choices(choices)
        self._adopt(self._box)
        self._box.activated.connect(self._chosen)

    def _chosen(self) -> None:
        self.show_problem(None)
        self.changed.emit()

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer other values; the chosen one is kept if it is still there."""
        kept = self.value() if self._box.count() else None
        self._box.clear()
        if self._can_be_empty:
            self._box.addItem("–", "")
        for key, word in choices:
            self._box.addItem(word, key)
        if kept is not None:
            self.set_value(kept)
        elif self._hint.text():
            self.show_problem(None)

    def value(self) -> str | None:
        key = self._box.currentData()
        return str(key) if key else None

    def set_value(self, value: object) -> None:
        self._box.setCurrentIndex(self._box.findData("" if value is None else str(value)))
        if self._hint.text():
            self.show_problem(None)

    def focus_target(self) -> QWidget:
        return self._box


class CheckEditor(Editor):
    """Yes or no."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._box = QCheckBox(text)
        self._box.clicked.connect(lambda *_: self.changed.emit())
        self._adopt(self._box)

    def value(self) -> bool:
        return self._box.isChecked()

    def set_value(self, value: object) -> None:
        self._box.setChecked(bool(value))

    def focus_target(self) -> QWidget:
        return self._box
