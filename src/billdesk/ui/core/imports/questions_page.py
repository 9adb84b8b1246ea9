"""The page that asks what a file leaves open, with what each answer would make of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _
from billdesk.ui.core.imports.records import Question
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Card, label, scrolled


class QuestionsPage(QWidget):
    """Announces each answer as sheet, header, kind and choice."""

    answered = Signal(str, str, str, str)

    def __init__(self) -> None:
        super().__init__()
        self._body = QVBoxLayout()
        self._body.setSpacing(Space.TWO)
        self._body.setContentsMargins(0, 0, Space.ONE, 0)
        self._shown: tuple[Question, ...] = ()
        holder = QWidget()
        holder.setLayout(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE)
        layout.addWidget(label(_("Some values can be read in two ways"), "heading"))
        words = _("BillDesk does not guess: choose the line on which the values read as they are meant.")
        layout.addWidget(label(words, "second", wrap=True))
        layout.addWidget(scrolled(holder), 1)

    def show_questions(self, questions: Sequence[Question]) -> None:
        """Show questions; the first open one takes the keyboard."""
        asked = tuple(replace(question, answer="") for question in questions)
        if self._shown == asked:
            return  # only an answer differs, and the buttons show it: the keyboard stays where it is
        self._shown = asked
        while self._body.count():
            item = self._body.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for question in questions:
            self._body.addWidget(self._card(question))
        self._body.addStretch(1)

    def _card(self, question: Question) -> Card:
        card = Card(question.text)
        group = QButtonGroup(card)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.THREE)
        grid.setColumnStretch(1, 1)
        for number, choice in enumerate(question.choices):
            button = QRadioButton(choice.label)
            button.setAccessibleName(f"{question.text} {choice.label}: {choice.reading}")
            button.setChecked(choice.value == question.answer)
            button.clicked.connect(lambda *_, value=choice.value: self._answer(question, value))
            group.addButton(button)
            grid.addWidget(button, number, 0)
            grid.addWidget(label(choice.reading, "second", selectable=True), number, 1)
        card.body.addLayout(grid)
        return card

    def _answer(self, question: Question, value: str) -> None:
        self.answered.emit(question.sheet, question.header, question.kind, value)
