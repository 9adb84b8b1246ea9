"""A document that is not in the book yet, to the cent: its lines, each with how it came about, taxes and total."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from billdesk.domain.invoices import Document, DocumentKind, Line
from billdesk.kernel.i18n import _, current
from billdesk.services.delivery.showing import Explained, explain_lines
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Fact, IconLabel, KeyValueList, MoneyLabel, column, label, row, rule
from billdesk.ui.core.widgets.bars import RowButton
from billdesk.ui.core.widgets.elided import ElidedLabel

_INSET: Final = 6
"""Room at both sides for the frame of the focus around a line, kept free above and below it too."""
_SIDES: Final = (_INSET, 0, _INSET, 0)


class DocumentCard(QWidget):
    """Shows one document; a click or Enter on a line unfolds the steps behind its amount."""

    def __init__(self, document: Document, *, show_head: bool = True) -> None:
        super().__init__()
        self._currency = document.currency
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.HALF)
        if show_head:
            layout.addLayout(_head(document))
        steps = explain_lines(document, current().code)
        for line, explained in zip(document.lines, steps, strict=True):
            layout.addWidget(_LineFold(line, explained))
        layout.addWidget(rule())
        totals = KeyValueList(totals_of(document))
        totals.setContentsMargins(_INSET, 0, _INSET, 0)
        layout.addWidget(totals)


def _head(document: Document) -> QVBoxLayout:
    word = _("Credit note") if document.kind is DocumentKind.CREDIT_NOTE else _("Invoice")
    day = label(_("on {day}", day=current().day(document.issue_date)), "faint")
    return column(row(label(word, "strong"), day, None, MoneyLabel(document.total)), spacing=2, margins=_SIDES)


def totals_of(document: Document) -> list[Fact]:
    """Give the sums below the lines of a document: what is taken off them stands first, so that they add up."""
    facts = [Fact(one.label, -one.amount, "") for one in document.discounts]
    facts.append(Fact(_("Subtotal"), document.net, ""))
    for group in document.taxes:
        name = _("VAT {percent}", percent=current().percent(group.tax.percent))
        facts.append(Fact(name, group.amount, ""))
    return [*facts, Fact(_("Total"), document.total, is_total=True)]


def line_note(line: Line) -> str:
    """Give the second line of a document's line: days, and quantity times price."""
    language = current()
    parts = [language.days(line.period.start, line.period.last_day)] if line.period else []
    if line.unit_price is not None:
        parts.append(f"{language.number(line.quantity)} × {language.number(line.unit_price, 2)}")
    elif line.quantity != 1:
        parts.append(language.number(line.quantity))
    return " · ".join(parts)


class _LineFold(QWidget):
    """A line with its steps folded away."""

    def __init__(self, line: Line, steps: Sequence[Explained]) -> None:
        super().__init__()
        self._steps = _slip(steps)
        self._steps.hide()
        self._sign = IconLabel("chevron-down", "text_faint", 14)
        words = column(ElidedLabel(line.description, "medium"), ElidedLabel(line_note(line), "faint"), spacing=1)
        inside = row(self._sign, margins=(_INSET, 5, _INSET, 5))
        inside.addLayout(words, 1)
        inside.addWidget(MoneyLabel(line.amount, "medium"))
        name = _("{line}: {amount}, show how it came about", line=line.description, amount=current().money(line.amount))
        made = RowButton(inside, name, self._toggle)
        made.setToolTip(_("How this amount came about"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(made)
        layout.addWidget(self._steps)

    def _toggle(self) -> None:
        self._steps.setVisible(self._steps.isHidden())


def _slip(steps: Sequence[Explained]) -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(Space.THREE, 2, 0, Space.ONE)
    grid.setHorizontalSpacing(Space.TWO)
    grid.setVerticalSpacing(Space.HALF)
    grid.setColumnStretch(0, 1)
    for number, step in enumerate(steps):
        text = f"{step.label}: {step.formula}" if step.formula else step.label
        grid.addWidget(label(text, "faint", wrap=True), number, 0)
        amount = label(step.amount, "faint")
        grid.addWidget(amount, number, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    return holder
