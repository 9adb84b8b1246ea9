"""The panel of a price book: whom it reaches, what it charges from which day on, and what can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.catalog import Validity
from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services.price_books import BookCard, BookLine, Reached
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import (
    Fact,
    KeyValueList,
    StatusChip,
    boxed,
    button,
    column,
    danger,
    label,
    row,
    rule,
)
from billdesk.ui.screens.catalog.book_words import book_text, line_text, validity_text
from billdesk.ui.screens.catalog.catalog_presenter import Facts
from billdesk.ui.screens.catalog.catalog_words import full_name

_SHOWN: Final = 12

LineDeed = Callable[[BookLine], object]


@dataclass(frozen=True, slots=True)
class BookDeeds:
    """What can be done with a line of a book, and with the book."""

    change: LineDeed
    end: LineDeed
    revoke: LineDeed
    delete: Callable[[], object]


class BookContent(QWidget):
    """What the panel shows of a book."""

    def __init__(self, card: BookCard, facts: Facts, deeds: BookDeeds) -> None:
        super().__init__()
        self._facts, self._deeds, self._valid = facts, deeds, card.book.valid
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE_HALF)
        layout.addWidget(label(f"{card.book.code} · {book_text(card.book)}", "second", wrap=True, selectable=True))
        if card.book.note:
            layout.addWidget(label(card.book.note, "faint", wrap=True))
        for line in card.lines:
            layout.addWidget(self._line(line))
        if not card.lines:
            layout.addWidget(
                label(_("No prices yet: add one, or fill the book with all of them."), "second", wrap=True)
            )
        layout.addWidget(rule())
        title = ngettext("Reaches {n} customer", "Reaches {n} customers", len(card.customers))
        layout.addWidget(label(title, "label"))
        layout.addWidget(KeyValueList([_reached(one) for one in card.customers[:_SHOWN]]))
        rest = len(card.customers) - _SHOWN
        if rest > 0:
            layout.addWidget(label(_("{n} more", n=rest), "faint"))
        layout.addLayout(row(None, danger(_("Delete the book"), deeds.delete)))

    def _line(self, line: BookLine) -> QWidget:
        valid, today = line.entry.valid, self._facts.today
        begins, is_over = _begins(valid, today), _is_over(valid, today)
        # A line is in force only while its book is: a book for next year charges nothing today.
        book_begins, book_is_over = _begins(self._valid, today), _is_over(self._valid, today)
        name = f"{line.price.code} · {full_name(line.price, self._facts.products)}"
        head = row(label(name, "strong", wrap=True), None, _chip(begins or book_begins, is_over or book_is_over))
        parts: list[QWidget] = [label(line_text(line), "second", wrap=True)]
        when = " · ".join(filter(None, (line.entry.terms.currency, validity_text(valid))))
        parts.append(label(when, "faint", wrap=True))
        deeds: list[QWidget] = []
        if begins:
            deeds.append(danger(_("Take back"), partial(self._deeds.revoke, line)))
        elif not is_over:
            deeds.append(button(_("End today…"), partial(self._deeds.end, line)))
        if not is_over:
            deeds.append(button(_("Change…"), partial(self._deeds.change, line)))
        foot = [row(None, *deeds)] if deeds else []
        return boxed(column(head, *parts, *foot, spacing=6, margins=(14, 12, 14, 12)), "inset")


def _begins(valid: Validity, today: date) -> bool:
    return valid.since is not None and valid.since > today


def _is_over(valid: Validity, today: date) -> bool:
    return valid.until is not None and valid.until <= today


def _chip(begins: bool, is_over: bool) -> StatusChip:  # noqa: FBT001 - two claims about one line
    if is_over:
        return StatusChip(_("Ended"), Tone.GREY)
    return StatusChip(_("Planned"), Tone.BLUE) if begins else StatusChip(_("In force"), Tone.GREEN)


def _reached(one: Reached) -> Fact:
    since = one.since
    return Fact(f"{one.number}  {one.name}", "" if since is None or since == date.min else current().day(since))
