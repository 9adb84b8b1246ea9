"""The start screen: three ways to begin, the recent books, restore, and the language in the corner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from billdesk.kernel.i18n import LANGUAGES, N_, _, current
from billdesk.services.book import SUFFIX
from billdesk.services.company import NewCompany
from billdesk.ui.core.file_names import file_name, with_ending
from billdesk.ui.core.icons import pixmap
from billdesk.ui.core.languages import offered_languages
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.theme import set_look, tokens
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Card, IconLabel, avatar, column, icon_button, label, link, row, scrolled
from billdesk.ui.screens.start.company_dialog import CompanyDialog
from billdesk.ui.screens.start.start_presenter import BookLine, StartPresenter, facts_text

_WIDTH: Final = 760
_MARK: Final = 44
_STEPS: Final = (
    ("upload", N_("Bring in what you have"), N_("Customers, prices and contracts, from spreadsheets as they are.")),
    ("play", N_("See what is due"), N_("Each document to the cent, and what differs from last time.")),
    ("send", N_("Issue and send"), N_("Numbered PDF invoices, by mail or as files.")),
    ("landmark", N_("Match the bank"), N_("Statements say what is paid and what is still open.")),
)
"""What a person does with a book, in order, for somebody who has none yet."""


_NEW, _OPEN, _DEMO = "Ctrl+N", "Ctrl+Shift+O", "Ctrl+D"


class StartView(Screen):
    """Shown while no book is open."""

    help_text = N_(
        "A book is one file that holds everything of your company: customers, prices, invoices, bank. "
        "Make a new one, open one you have, or try the demo. Drop a book on this window to open it."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._presenter = StartPresenter(context.preferences, self.tasks)
        self._lines = QVBoxLayout()
        self._recent = Card(_("Recent books"))
        self._first = Card(_("How it goes"), _("in the demo too"))
        self._build()
        self._add_actions()

    def refresh(self) -> None:
        self._presenter.load(self._show_books)

    def _build(self) -> None:
        middle = QWidget()
        middle.setMaximumWidth(_WIDTH)
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(0, Space.FOUR, 0, Space.THREE)
        inside.setSpacing(Space.TWO)
        inside.addStretch(1)
        words = column(
            label("BillDesk", "display"),
            label(_("All of your billing in one file on this computer."), "second"),
            spacing=2,
        )
        inside.addLayout(row(_mark(), words, None, spacing=Space.TWO))
        inside.addSpacing(Space.ONE)
        ways = (
            _way("book-plus", (_("New book"), _("Begin with your company"), _NEW), self._create),
            _way("folder-open", (_("Open a book"), _("A file you have already"), _OPEN), self._open),
            _way("rocket", (_("Try the demo"), _("A company with a year of billing"), _DEMO), self._demo),
        )
        inside.addLayout(row(*ways, spacing=Space.TWO))
        self._begin = ways[0]
        self.setFocusProxy(self._begin)
        self._lines.setSpacing(0)
        self._recent.body.addLayout(self._lines)
        inside.addWidget(self._recent)
        self._first.body.addSpacing(Space.HALF)
        self._first.body.addLayout(_steps())
        inside.addWidget(self._first)
        hint = label(_("Or drop a book on this window."), "faint")
        inside.addLayout(row(link(_("Restore a backup…"), self._restore, "rotate-ccw"), None, hint))
        inside.addStretch(2)
        holder = QWidget()
        centred = QHBoxLayout(holder)
        centred.addStretch(1)
        centred.addWidget(middle, 100)
        centred.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.THREE, Space.TWO, Space.THREE, 0)
        outer.addLayout(row(None, self._language_corner()))
        outer.addWidget(scrolled(holder), 1)
        self._recent.hide()
        self._first.hide()

    def _add_actions(self) -> None:
        for text, keys, run in (
            (_("New book"), _NEW, self._create),
            (_("Open a book"), _OPEN, self._open),
            (_("Try the demo"), _DEMO, self._demo),
            (_("Restore a backup"), "Ctrl+Shift+R", self._restore),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.triggered.connect(run)
            self.addAction(action)

    def _language_corner(self) -> QToolButton:
        corner = icon_button("globe", _("Language"), lambda: None)
        corner.setText(f" {LANGUAGES[current().code]}")
        corner.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        corner.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(corner)
        for code, name in offered_languages().items():
            menu.addAction(name).triggered.connect(lambda *_, code=code: self.context.books.change_language(code))
        corner.setMenu(menu)
        return corner

    def _show_books(self) -> None:
        while self._lines.count():
            item = self._lines.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        rows = [self._book_row(line) for line in self._presenter.lines]
        for made in rows:
            self._lines.addWidget(made)
        there = (made for made, line in zip(rows, self._presenter.lines, strict=True) if line.is_there)
        self._begin_with(next(there, None))
        self._recent.setVisible(bool(self._presenter.lines))
        self._first.setVisible(not self._presenter.lines)

    def _begin_with(self, book: QWidget | None) -> None:
        """Let Enter open the book of last time, for whoever has one."""
        first = book.findChild(QPushButton) if book is not None else None
        taker = first or self._begin
        had_focus = self._begin.hasFocus()
        self.setFocusProxy(taker)
        if had_focus:
            taker.setFocus()

    def _book_row(self, line: BookLine) -> QWidget:
        holder = QWidget()
        open_it = _row_button(line)
        open_it.setEnabled(line.is_there)
        open_it.clicked.connect(lambda *_: self.context.books.open_book(Path(line.path)))
        forget = icon_button("x", _("Take off this list"), lambda: self._forget(line.path))
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.addWidget(open_it, 1)
        layout.addWidget(forget)
        return holder

    def _forget(self, path: str) -> None:
        self._presenter.forget(path)
        self._show_books()

    def _create(self) -> None:
        dialog = CompanyDialog(self)
        dialog.entered.connect(self._make)
        dialog.open()

    def _make(self, company: NewCompany) -> None:
        path = self._ask_new(_("Where to keep the new book"), f"{file_name(company.name)}{SUFFIX}")
        if path is not None:
            self.context.books.create_book(path, company)

    def _open(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self, _("Open a book"), _documents(), _book_filter())
        if chosen:
            self.context.books.open_book(Path(chosen))

    def _demo(self) -> None:
        self.context.books.create_demo(Path(_documents()) / "BillDesk demo")

    def _restore(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self, _("Choose a backup"), _documents(), "(*)")
        if not chosen:
            return
        target = self._ask_new(_("Where to keep the restored book"), f"{_('Restored')}{SUFFIX}")
        if target is not None:
            self.context.books.restore_backup(Path(chosen), target)

    def _ask_new(self, title: str, name: str) -> Path | None:
        place = str(Path(_documents()) / name)
        chosen, _filter = QFileDialog.getSaveFileName(self, title, place, _book_filter())
        return with_ending(chosen, SUFFIX) if chosen else None


def _mark() -> QLabel:
    """Make the mark of the program, as it stands in the rail."""
    made = QLabel()
    set_look(made, "mark")
    made.setFixedSize(_MARK, _MARK)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setPixmap(pixmap("receipt", tokens().on_accent, 26))
    return made


def _steps() -> QGridLayout:
    """Make the steps, two beside each other."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(Space.THREE)
    grid.setVerticalSpacing(Space.TWO)
    for place, (icon_name, title, detail) in enumerate(_STEPS):
        sign = IconLabel(icon_name, "accent", 20)
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        line = row(sign, spacing=Space.ONE_HALF)
        line.addLayout(column(label(f"{place + 1}. {_(title)}", "strong"), label(_(detail), "faint", wrap=True)), 1)
        grid.addLayout(line, *divmod(place, 2))
    for side in (0, 1):
        grid.setColumnStretch(side, 1)
    return grid


def _way(icon_name: str, words_of: tuple[str, str, str], run: Callable[[], object]) -> QPushButton:
    """Make one of the large buttons, from its title, its detail and its keys."""
    title, detail, keys = words_of
    made = QPushButton()
    set_look(made, "tile")
    made.setAccessibleName(title)
    made.setAccessibleDescription(detail)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    sign = IconLabel(icon_name, "accent", 26)
    sign.setAlignment(Qt.AlignmentFlag.AlignLeft)
    native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    head = row(sign, None, label(native, "faint"))
    words = column(head, 6, label(title, "heading"), label(detail, "faint", wrap=True))
    made.setLayout(words)
    words.setContentsMargins(Space.TWO, Space.TWO, Space.TWO, Space.TWO)
    words.setSpacing(Space.HALF)
    for child in made.findChildren(QWidget):
        child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    made.clicked.connect(lambda *_: run())
    return made


def _row_button(line: BookLine) -> QPushButton:
    """Make the row of one book."""
    made = QPushButton()
    set_look(made, "plain-row")
    made.setAccessibleName(_("Open {company}", company=line.company))
    made.setAccessibleDescription(f"{line.path}\n{facts_text(line, current())}")
    made.setToolTip(line.path)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    path = label(made.fontMetrics().elidedText(line.path, Qt.TextElideMode.ElideMiddle, 380), "faint")
    words = column(label(line.company, "strong"), path, spacing=1)
    facts = label(facts_text(line, current()), "faint")
    made.setLayout(row(avatar(line.company), words, None, facts, spacing=Space.ONE_HALF, margins=(8, 6, 8, 6)))
    for child in made.findChildren(QWidget):
        child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return made


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)


def _book_filter() -> str:
    return f"BillDesk (*{SUFFIX})"
