"""The history: who did what, imports that can be undone, backups, and the check of the book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from billdesk.domain.usage import ImportBatch
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import BillDeskError, Problem
from billdesk.kernel.i18n import N_, _, ngettext
from billdesk.kernel.messages import describe
from billdesk.services.audit_words import noun_word
from billdesk.services.backups import Backup, verify
from billdesk.services.book import SUFFIX
from billdesk.services.check import check_book
from billdesk.ui.core.editors import ChoiceEditor
from billdesk.ui.core.file_names import with_ending
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.table_columns import Source
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets import (
    Card,
    IconLabel,
    PageHeader,
    Segment,
    SegmentedTabs,
    button,
    column,
    label,
    primary,
    row,
)
from billdesk.ui.screens.history.history_presenter import (
    BACKUP_COLUMNS,
    BATCH_COLUMNS,
    EVENT_COLUMNS,
    NOUNS,
    UndoPlan,
    back_up_now,
    fetch_batches,
    fetch_events,
    last_backup_text,
    list_backups_of,
    plan_undo,
    summarize_batches,
    summarize_events,
)

_PROBLEMS_SHOWN = 200


class HistoryView(Screen):
    """Shows that nothing is lost: every action, every import, every backup."""

    nouns = frozenset(Noun)
    help_text = N_(
        "Actions lists everything that was done in this book; the entries are chained, so that none can be taken out "
        "unseen. An import can be undone as a whole: what that would touch is shown first. A backup is read back and "
        "checked before it counts, and is restored as a new file, never over your book."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._path = context.books.path
        tabs = {"actions": _("Actions"), "imports": _("Imports"), "backups": _("Backups"), "check": _("Check book")}
        self._tabs = SegmentedTabs([Segment(key, word) for key, word in tabs.items()], _("Parts of the history"))
        self._noun = ChoiceEditor([("", _("All kinds")), *((noun.value, noun_word(noun)) for noun in NOUNS)])
        self._noun.name(_("Kind of data"))
        self._events = self._make_events()
        self._batches = self._make_batches()
        self._backups = self._make_backups()
        self._last = label("", "second")
        self._result = Card(_("Check of the book"))
        self._results = QVBoxLayout()
        self._pages = QStackedWidget()
        self._places: dict[str, int] = {}
        self._build()
        self._add_actions()

    def refresh(self) -> None:
        if self._events.model.request.filter is None:
            self._events.load("")
            self._batches.load("")
        else:
            self._events.reload()
            self._batches.reload()
        self._read_backups()

    def show_view(self, view: str) -> None:
        if view in self._places:
            self._tabs.choose(view)

    def _make_events(self) -> TablePanel:
        empty = Empty("history", _("Nothing was done yet"), _("Every change of the book is written down here."))
        spec = ListSpec("events", _("Actions"), EVENT_COLUMNS, lambda r: r.id, empty, row_height=Size.ROW_COMPACT)
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_events, summarize_events), self.context.tasks)
        made.clear_asked.connect(self._show_all_events)
        return made

    def _make_batches(self) -> TablePanel:
        empty = Empty(
            "upload", _("Nothing was imported yet"), _("Files are imported on their screens, and undone here.")
        )
        spec = ListSpec("batches", _("Imports"), BATCH_COLUMNS, lambda r: r.id, empty)
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_batches, summarize_batches), self.context.tasks)
        made.opened.connect(self._ask_undo)
        return made

    def _make_backups(self) -> TablePanel:
        text = _("Backups lie in a folder beside the book.")
        empty = Empty("shield-check", _("No backup yet"), text, (_("Back up now"), self._back_up))
        spec = ListSpec("backups", _("Backups"), BACKUP_COLUMNS, lambda r: r.path, empty)
        return TablePanel(spec, self.context.preferences)

    def _build(self) -> None:
        undo = button(_("Undo this import…"), lambda: self._with(self._batches, self._ask_undo), "undo")
        verify_it = button(_("Verify"), lambda: self._with(self._backups, self._verify), "shield-check")
        restore = button(_("Restore as a new book…"), lambda: self._with(self._backups, self._restore), "rotate-ccw")
        pages = {
            "actions": column(row(label(_("Kind of data"), "second"), self._noun, None), self._events),
            "imports": column(row(label(_("Choose an import to undo it."), "second"), None, undo), self._batches),
            "backups": column(
                row(self._last, None, verify_it, restore, primary(_("Back up now"), self._back_up, "shield-check")),
                self._backups,
            ),
            "check": self._check_page(),
        }
        for key, layout in pages.items():
            page = QWidget()
            layout.setSpacing(Space.ONE_HALF)
            page.setLayout(layout)
            self._places[key] = self._pages.addWidget(page)
        self.build_page(PageHeader(_("History"), _("What was done, and what keeps it safe")), self._tabs, self._pages)
        self._tabs.chosen.connect(lambda key: self._pages.setCurrentIndex(self._places[key]))
        self._noun.changed.connect(lambda: self._events.load(self._noun.value() or ""))
        self.setFocusProxy(self._events.table)

    def _check_page(self) -> QVBoxLayout:
        words = _(
            "Adds everything up again: the chain of actions, the ledger, receivables, payments, numbers and usage."
        )
        self._result.body.addWidget(label(words, "second", wrap=True))
        self._result.body.addLayout(row(primary(_("Check now"), self._check, "shield-check"), None))
        self._results.setSpacing(Space.ONE)
        self._result.body.addLayout(self._results)
        return column(self._result, None)

    def _add_actions(self) -> None:
        for text, keys, run in (
            (_("Back up now"), "Ctrl+B", self._back_up),
            (_("Check the book"), "Ctrl+Shift+B", self._show_check),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda *_, run=run: run())
            self.addAction(action)

    def _show_all_events(self) -> None:
        self._noun.set_value("")
        self._events.load("")

    def _with(self, panel: TablePanel, run: Callable[[Any], object]) -> None:
        record = panel.current_record()
        if record is None:
            self.context.messages.note(_("Choose a row first."))
        else:
            run(record)

    def _ask_undo(self, batch: ImportBatch) -> None:
        self.tasks.query(plan_undo, batch, then=self._confirm_undo, latest="undo")

    def _confirm_undo(self, plan: UndoPlan) -> None:
        if plan.run is None:
            self.context.messages.inform(_("{name} cannot be undone", name=plan.batch.file_name), *plan.lines)
            return
        self.context.messages.confirm(
            _("Undo the import of {name}?", name=plan.batch.file_name),
            *plan.lines,
            yes=_("Undo the rest") if plan.is_partial else _("Undo the import"),
            on_yes=partial(self._undo, plan.run, plan.batch),
            is_dangerous=True,
        )

    def _undo(self, run: Callable[..., Any], batch: ImportBatch) -> None:
        said = _("{name} is undone.", name=batch.file_name)
        self.tasks.command(
            run, batch.id, label=_("Undoing {name}", name=batch.file_name),
            then=lambda _value: self.context.messages.note(said),
        )  # fmt: skip

    def _read_backups(self) -> None:
        if self._path is not None:
            self.tasks.files(list_backups_of, self._path, then=self._show_backups, latest="backups")

    def _show_backups(self, found: Sequence[Backup]) -> None:
        self._backups.show_records(found)
        self._last.setText(last_backup_text(found))

    def _back_up(self) -> None:
        if self._path is not None:
            self.tasks.files(back_up_now, self._path, label=_("Backing up"), then=self._backed_up)

    def _backed_up(self, backup: Backup) -> None:
        self.context.messages.note(_("{name} is written and checked.", name=backup.path.name))
        self._read_backups()

    def _verify(self, backup: Backup) -> None:
        self.tasks.files(
            verify, backup.path, label=_("Checking {name}", name=backup.path.name),
            then=partial(self._verified, backup), failed=self.context.messages.fail,
        )  # fmt: skip

    def _verified(self, backup: Backup, problems: Sequence[Problem]) -> None:
        heading = _("The backup has problems") if problems else _("The backup is sound")
        texts = [str(describe(problem)) for problem in problems[:_PROBLEMS_SHOWN]]
        self.context.messages.inform(heading, backup.path.name, *texts)

    def _restore(self, backup: Backup) -> None:
        name = str(backup.path.parent.parent / f"{_('Restored')} {backup.book}{SUFFIX}")
        chosen, _filter = QFileDialog.getSaveFileName(
            self, _("Where to keep the restored book"), name, f"BillDesk (*{SUFFIX})"
        )
        if chosen:
            self.context.books.restore_backup(backup.path, with_ending(chosen, SUFFIX))

    def _show_check(self) -> None:
        self._tabs.choose("check")
        self._check()

    def _check(self) -> None:
        self._show_results([("clock", _("Checking…"), "second")])
        self.tasks.query(check_book, then=self._checked, failed=self._not_checked, latest="check")

    def _checked(self, problems: Sequence[Problem]) -> None:
        lines = [("circle-alert", str(describe(problem)), "red") for problem in problems[:_PROBLEMS_SHOWN]]
        counted = ngettext("{n} problem was found.", "{n} problems were found.", len(problems))
        head = (
            (("circle-alert", counted, "strong"),)
            if problems
            else (("circle-check", _("The book is sound."), "green"),)
        )
        self._show_results([*head, *lines])

    def _not_checked(self, error: BillDeskError) -> None:
        self._show_results([])
        self.context.messages.fail(error)

    def _show_results(self, lines: Sequence[tuple[str, str, str]]) -> None:
        while self._results.count():
            item = self._results.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for icon, text, look in lines:
            holder = QWidget()
            words = label(text, look, wrap=True, selectable=True)
            tone = "green" if look == "green" else "text_faint" if look == "second" else "red"
            inside = row(IconLabel(icon, tone), spacing=Space.ONE_HALF)
            inside.addWidget(words, 1)
            holder.setLayout(inside)
            self._results.addWidget(holder)
