"""What a person does with price books in the catalog: open, make, change, compare and confirm, take back, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from billdesk.domain.catalog import BookKind, PriceBook, RunningPolicy
from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import _
from billdesk.services import price_books
from billdesk.services.book_holds import TermsChange
from billdesk.services.price_books import BookCard, BookLine, BookRow, Comparison
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tasks import OwnedTasks
from billdesk.ui.core.widgets import SlideOver, button, primary
from billdesk.ui.core.widgets.elided import elide
from billdesk.ui.screens.catalog.book_dialogs import (
    BookDialog,
    BookEntered,
    BookTermsDialog,
    CompareDialog,
    FillDialog,
    TermsEntered,
)
from billdesk.ui.screens.catalog.book_panel import BookContent, BookDeeds
from billdesk.ui.screens.catalog.catalog_presenter import CatalogPresenter
from billdesk.ui.screens.catalog.plan_dialogs import RecordDialog

_TITLE = 336


class BookDesk:
    """Carries price books between the panel, the dialogs and the book; every change is compared before it is made."""

    def __init__(self, view: QWidget, context: Context, tasks: OwnedTasks, presenter: CatalogPresenter) -> None:
        self._view, self._context, self._tasks, self._presenter = view, context, tasks, presenter
        self._card: BookCard | None = None

    def open(self, book_id: int, side: SlideOver) -> None:
        """Show a book in the panel."""
        self._tasks.query(price_books.load_book_card, book_id, then=lambda card: self._read(card, side), latest="book")

    def new(self) -> None:
        """Ask for a new book, with the next free priority."""
        self._tasks.query(price_books.next_priority, BookKind.REGION, then=self._ask_new)

    def edit(self, row: BookRow) -> None:
        """Ask how a book changes."""
        self._presenter.load_facts(partial(self._ask, row.book))

    def _read(self, card: BookCard, side: SlideOver) -> None:
        self._presenter.load_facts(partial(self._show, card, side))

    def _show(self, card: BookCard, side: SlideOver) -> None:
        self._card = card
        content = BookContent(
            card, self._presenter.facts, BookDeeds(self._ask_terms, self._end, self._revoke, self._delete)
        )
        footer = (
            button(_("Edit"), partial(self._ask, card.book)),
            button(_("Fill…"), self._ask_fill),
            primary(_("Add a price"), self._ask_terms, "plus"),
        )
        side.show_content(elide(card.book.name, _TITLE, 14), content, footer)

    # The book itself

    def _ask_new(self, priority: int) -> None:
        self._ask(PriceBook(0, "", "", BookKind.REGION, (), priority))

    def _ask(self, book: PriceBook) -> None:
        dialog = BookDialog(self._view, book, self._presenter.facts)
        dialog.entered.connect(lambda made: self._enter(dialog, made))
        dialog.open()

    def _enter(self, dialog: BookDialog, made: BookEntered) -> None:
        if not made.book.id:
            self._tasks.command(price_books.create_book, made.book, then=dialog.taken, failed=dialog.refused)
            return
        self._compare(
            dialog, price_books.compare_book, price_books.update_book, (made.book,), back_dated=made.back_dated
        )

    def _delete(self) -> None:
        if self._card is None:
            return
        self._context.messages.confirm(
            _("Delete {book}?", book=self._card.book.name),
            _("Its terms never came into force; nothing that is billed changes."),
            yes=_("Delete"),
            on_yes=partial(self._tasks.command, price_books.delete_book, self._card.book.id),
            is_dangerous=True,
        )

    # Its terms

    def _ask_terms(self, line: BookLine | None = None) -> None:
        if self._card is None:
            return
        dialog = BookTermsDialog(self._view, self._card, self._presenter.facts, line)
        dialog.entered.connect(lambda made: self._enter_terms(dialog, made))
        dialog.open()

    def _ask_fill(self) -> None:
        if self._card is None:
            return
        dialog = FillDialog(self._view, self._card, self._presenter.facts)
        dialog.entered.connect(lambda values: self._fill(dialog, values))
        dialog.open()

    def _fill(self, dialog: FillDialog, values: dict[str, Any]) -> None:
        def enter(changes: Sequence[TermsChange]) -> None:
            self._enter_terms(dialog, TermsEntered(tuple(changes), running=RunningPolicy(values["running"])))

        if self._card is not None:
            asked = (self._card.book.id, values["percent"], values["since"])
            self._tasks.query(price_books.fill_book, *asked, then=enter, failed=dialog.refused)

    def _enter_terms(self, dialog: RecordDialog, made: TermsEntered) -> None:
        if self._card is not None:
            asked = (self._card.book.id, made.changes)
            self._compare(
                dialog, price_books.compare_book_terms, price_books.change_book_terms, asked,
                back_dated=made.back_dated, running=made.running,
            )  # fmt: skip

    def _end(self, line: BookLine) -> None:
        """Let a book say nothing about a price from today on, after its comparison."""
        change = TermsChange(line.price.id, line.entry.terms.currency, None, self._presenter.facts.today)
        asked = (line.entry.book_id, (change,))

        def confirm(found: Comparison) -> None:
            asking = CompareDialog(self._view, self._context, found)
            asking.accepted.connect(lambda: self._tasks.command(price_books.change_book_terms, *asked))
            asking.open()

        self._tasks.query(price_books.compare_book_terms, *asked, then=confirm)

    def _revoke(self, line: BookLine) -> None:
        self._context.messages.confirm(
            _("Take back the planned price?"),
            _("What holds before goes on. Nothing of it is billed yet."),
            yes=_("Take back"),
            on_yes=partial(self._tasks.command, price_books.revoke_book_terms, line.entry.book_id, line.entry.id),
            is_dangerous=True,
        )

    def _compare(
        self,
        dialog: RecordDialog,
        preview: Callable[..., Any],
        command: Callable[..., Any],
        asked: tuple[Any, ...],
        **options: Any,  # noqa: ANN401 - what preview and command take alike
    ) -> None:
        """Show what a change moves, and make it when that is wanted."""

        def make() -> None:
            self._tasks.command(command, *asked, then=dialog.taken, failed=dialog.refused, **options)

        def confirm(found: Comparison) -> None:
            asking = CompareDialog(dialog, self._context, found)
            asking.accepted.connect(make)
            asking.open()

        def refuse(error: BillDeskError) -> None:
            dialog.refused(error)

        self._tasks.query(preview, *asked, then=confirm, failed=refuse, **options)
