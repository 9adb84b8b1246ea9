"""The last page: what went in, and what a person may want to do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import DefinitionGrid, Fact, IconLabel, boxed, column, label, link, row

Action = tuple[str, str, Callable[[], object]]
"""Words, icon and what to do."""


class ResultPage(QWidget):
    """Shows a heading, figures and links."""

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._content: QWidget | None = None

    def show_result(
        self, heading: str, detail: str, facts: Sequence[tuple[str, str]], actions: Sequence[Action] = ()
    ) -> None:
        """Show what was done."""
        words = column(label(heading, "title"), label(detail, "second", wrap=True), spacing=Space.HALF)
        sign = IconLabel("circle-check", "green", 40)
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        figures = DefinitionGrid([Fact(name, value, "figure") for name, value in facts], columns=max(1, len(facts)))
        links = row(*(link(text, act, icon) for text, icon, act in actions), None, spacing=Space.TWO)
        head = row(sign, spacing=Space.TWO)
        head.addLayout(words, 1)
        inside = column(head, 8, figures, links, spacing=Space.TWO, margins=(24, 24, 24, 24))
        made = boxed(inside, "card")
        holder = boxed(column(made, None))
        if self._content is not None:
            self._layout.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self._layout.addWidget(holder)
        self._content = holder
