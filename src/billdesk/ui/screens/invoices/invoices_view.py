"""The invoices: status tabs, search, a list of any length, and one document beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from billdesk.kernel.changes import Noun
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.table_columns import Source
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Size
from billdesk.ui.core.widgets import (
    PageHeader,
    SearchField,
    Segment,
    SegmentedTabs,
    SlideOver,
    boxed,
    button,
    label,
    primary,
    row,
)
from billdesk.ui.core.widgets.bars import CountedTabs, FilterBar
from billdesk.ui.screens.invoices.columns import COLUMNS
from billdesk.ui.screens.invoices.deeds import Deeds
from billdesk.ui.screens.invoices.editor_view import EditorView
from billdesk.ui.screens.invoices.invoices_presenter import (
    KIND_WORDS,
    PERIOD_WORDS,
    TAB_WORDS,
    DocumentSummary,
    InvoicesPresenter,
    counts_of,
    fetch_documents,
    note_of,
    summarize_documents,
)
from billdesk.ui.screens.invoices.record import RecordState, load_record
from billdesk.ui.screens.invoices.record_panel import RecordContent, footer_of, tools_of

_ROOMY: Final = 900
_NARROW_PANEL: Final = 328
_WALK_MS: Final = 60
"""A held arrow key goes faster; only the document it stops at is shown."""


class InvoicesView(Screen):
    """Finds, issues, sends, corrects and collects documents; drafts are written in its editor."""

    nouns = frozenset({Noun.INVOICES, Noun.PAYMENTS, Noun.BANKING, Noun.CUSTOMERS})
    help_text = N_(
        "All invoices and credit notes. Type a number, a customer, a reference or an amount to find one. Enter opens "
        "it beside the list; the arrow keys go through the list while it stays open. A click on a line explains "
        "its amount. Select several rows to issue, send or export them together."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._presenter = InvoicesPresenter(datetime.now(UTC).astimezone().date())
        self._deeds = Deeds(context, self, self._edit)
        self._header = PageHeader(_("Invoices"), "", self._head_buttons())
        self._tabs = CountedTabs([Segment(key, _(word)) for key, word in TAB_WORDS.items()], _("Status"))
        self._search = SearchField(_("Number, customer, reference, amount…"))
        self._more = button(_("Filter"), lambda: None, "filter")
        self._bar = FilterBar(self._tabs, boxed(row(self._search, self._more)))
        self._list = self._make_list()
        self._bulk = self._make_bulk()
        self._side = SlideOver(Size.PANEL)
        self._tab = "overview"
        self._shown_id: int | None = None
        self._current_id: int | None = None
        self._wanted_id: int | None = None
        self._walk = QTimer(self, singleShot=True, interval=_WALK_MS)
        self._walk.timeout.connect(self._show_current)
        self._editor: EditorView | None = None
        self._pages = QStackedWidget()
        self._build()
        self._connect()
        self._add_actions()

    def refresh(self) -> None:
        if self._list.model.request.filter is None:
            self._list.load(self._presenter.state.wanted())
        else:
            self._list.reload()
        if self._shown_id is not None:
            self._show_record(self._shown_id)

    def open_record(self, key: str) -> None:
        if not self._may_leave_editor():
            return
        self._show_record(int(key))

    def show_view(self, view: str) -> None:
        if not self._may_leave_editor():
            return
        wanted = self._presenter.view(view)
        self._show_choices()
        self._list.load(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._side.setFixedWidth(Size.PANEL if self.width() >= _ROOMY else _NARROW_PANEL)

    def _head_buttons(self) -> list[QWidget]:
        self._export = button(_("Export"), self._export_all, "download")
        return [self._export, primary(_("New invoice"), self._new, "plus")]

    def _make_list(self) -> TablePanel:
        empty = Empty(
            "file-text",
            _("No invoices yet"),
            _("A billing run makes them from contracts and usage; a one-off invoice is written here."),
            (_("New invoice"), self._new),
        )
        spec = ListSpec(
            "invoices", _("Invoices"), COLUMNS, lambda record: record.id, empty, sort="issue_date", descending=True
        )
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_documents, summarize_documents), self.context.tasks)
        return made

    def _make_bulk(self) -> QWidget:
        self._chosen = label("", "medium")
        parts = (
            self._chosen,
            None,
            button(_("Issue…"), partial(self._with_rows, self._deeds.issue_many), "check"),
            button(_("Send…"), partial(self._with_rows, self._deeds.send_many), "send"),
            button(_("Export…"), partial(self._with_rows, self._deeds.export_many), "download"),
        )
        made = boxed(row(*parts, margins=(14, 8, 8, 8)), "banner-blue")
        made.hide()
        return made

    def _build(self) -> None:
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(16)
        for part in (self._header, self._bar, self._bulk):
            inside.addWidget(part)
        inside.addWidget(self._list, 1)
        self._pages.addWidget(page)
        self.build_page(self._pages, panel=self._side)
        self.setFocusProxy(self._list.table)
        self._more.setMenu(self._make_menu())

    def _make_menu(self) -> QMenu:
        menu = QMenu(self._more)
        self._choices: dict[str, dict[str, QAction]] = {}
        for name, words in (("period", PERIOD_WORDS), ("kind", KIND_WORDS)):
            group = QActionGroup(menu)
            self._choices[name] = {}
            for key, word in words.items():
                action = menu.addAction(_(word))
                action.setCheckable(True)
                action.setChecked(not key)
                group.addAction(action)
                action.triggered.connect(lambda *_, name=name, key=key: self._choose(**{name: key}))
                self._choices[name][key] = action
            menu.addSeparator()
        menu.addAction(_("Show all rows")).triggered.connect(lambda *_: self._clear())
        return menu

    def _connect(self) -> None:
        self._tabs.chosen.connect(lambda key: self._choose(tab=key))
        self._search.searched.connect(lambda text: self._choose(text=text))
        self._list.clear_asked.connect(self._clear)
        self._list.summarized.connect(self._show_summary)
        self._list.opened.connect(lambda record: self._show_record(record.id))
        self._list.current_changed.connect(self._follow)
        self._list.selection_changed.connect(self._show_bulk)
        self._list.model.loaded.connect(self._stand_on_wanted)
        self._side.closed.connect(self._closed)

    def _add_actions(self) -> None:
        self.addAction(self._search.find_action())
        for text, keys, run in (
            (_("New invoice"), "Ctrl+N", self._new),
            (_("Issue the selected drafts"), "Ctrl+I", partial(self._with_rows, self._deeds.issue_many)),
            (_("Send the selected documents"), "Ctrl+M", partial(self._with_rows, self._deeds.send_many)),
            (_("Export the selected documents"), "Ctrl+E", partial(self._with_rows, self._deeds.export_many)),
            (_("Record a payment"), "Ctrl+P", lambda: self._do_current("pay")),
            (_("Edit the draft"), "Ctrl+T", lambda: self._do_current("edit")),
            (_("Correct the invoice"), "Ctrl+Shift+K", lambda: self._do_current("correct")),
            (_("Save the PDF"), "Ctrl+Shift+S", lambda: self._do_current("pdf")),
        ):
            self._add_action(text, keys, run)

    def _add_action(self, text: str, keys: str, run: Callable[[], object]) -> None:
        action = QAction(text, self)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda *_: run())
        self.addAction(action)

    def _choose(self, **choices: Any) -> None:  # noqa: ANN401 - the types of ListState's fields
        self._list.load(self._presenter.choose(**choices))
        self._show_choices()

    def _clear(self) -> None:
        self.show_view("all")

    def _show_choices(self) -> None:
        state = self._presenter.state
        for part, text in ((self._tabs, state.tab), (self._search, state.text)):
            part.blockSignals(True)
            part.choose(text) if isinstance(part, SegmentedTabs) else part.setText(text)
            part.blockSignals(False)
        self._choices["period"][state.period].setChecked(True)
        self._choices["kind"][state.kind].setChecked(True)
        self._more.set_text(f"{_('Filter')} · {state.narrows}" if state.narrows else _("Filter"))
        self._bar.fit()

    def _show_summary(self, summary: DocumentSummary) -> None:
        self._header.show_note(note_of(summary, self._presenter.state.tab))
        self._tabs.show_counts(counts_of(summary))
        self._bar.fit()

    def _show_bulk(self) -> None:
        count = self._list.table.selected_count()
        self._bulk.setVisible(count > 1)
        self._chosen.setText(ngettext("{n} document selected", "{n} documents selected", count))

    def _follow(self, record: object) -> None:
        """Show the document one walks to, while the panel is open; a list that was read again moves nothing."""
        walked_to = None if record is None else record.id  # type: ignore[attr-defined]  # the rows are documents
        is_elsewhere = walked_to not in {None, self._current_id}
        self._current_id = walked_to
        if self._side.isVisible() and is_elsewhere:
            self._walk.start()

    def _show_current(self) -> None:
        if self._current_id is not None:
            self._show_record(self._current_id)

    def _show_record(self, document_id: int) -> None:
        self.tasks.query(load_record, document_id, current().code, then=self._show_state, latest="record")

    def _show_state(self, state: RecordState) -> None:
        self._shown_id = state.row.id
        content = RecordContent(self.context, state, self._tab)
        content.tab_changed.connect(self._keep_tab)
        content.memo_changed.connect(partial(self._deeds.change_memo, state))
        content.customer_asked.connect(lambda key: self.context.navigate("customers", record=str(key)))
        content.retry_asked.connect(self._deeds.retry)
        content.take_back_asked.connect(self._deeds.take_back)
        do = partial(self._deeds.do, state)
        self._side.show_content(state.title, content, footer_of(state, do), tools_of(state, do))

    def _stand_on_wanted(self) -> None:
        """After the list was read: stand on the document that was just saved, if it is on this page."""
        self._show_bulk()
        if self._wanted_id is not None:
            self._current_id = self._wanted_id
            self._list.table.select_key(self._wanted_id)
            self._wanted_id = None

    def _keep_tab(self, tab: str) -> None:
        self._tab = tab

    def _closed(self) -> None:
        self._shown_id = None
        self._list.table.setFocus()

    def _do_current(self, deed: str) -> None:
        record = self._list.current_record()
        if record is not None and self._editor is None:
            self.tasks.query(
                load_record,
                record.id,  # type: ignore[attr-defined]  # the list's rows are documents
                current().code,
                then=lambda state: self._deeds.do_if_possible(state, deed),
                latest="deed",
            )

    def _with_rows(self, deed: Callable[[list[Any]], object]) -> None:
        """Hand the selected documents to a deed, whether they are loaded or not."""
        table = self._list.table
        if self._editor is not None:
            return  # the selection is behind the editor, where nobody sees it
        self._deeds.with_rows(self._list.model, table.ranges(), self._presenter.state.wanted(), deed)

    def _export_all(self) -> None:
        self._deeds.with_all(self._presenter.state.wanted(), self._deeds.export_many)

    def _new(self) -> None:
        self._edit(None)

    def _edit(self, document_id: int | None) -> None:
        if not self._may_leave_editor():
            return
        self._side.close_panel()
        self._editor = EditorView(self.context, document_id, self._presenter.state.today)
        self._editor.left.connect(self._leave_editor)
        self._editor.saved.connect(self._saved)
        self._pages.addWidget(self._editor)
        self._pages.setCurrentWidget(self._editor)

    def _saved(self, document_id: int) -> None:
        self._leave_editor()
        self._wanted_id = document_id
        self._show_record(document_id)

    @property
    def has_unsaved(self) -> bool:
        return self._editor is not None and self._editor.is_changed

    def _may_leave_editor(self) -> bool:
        """Put the editor away, unless it holds what is not saved: then ask, and stay for now."""
        if self._editor is not None and self._editor.is_changed:
            self._editor.ask_to_leave()
            return False
        self._leave_editor()
        return True

    def _leave_editor(self) -> None:
        if self._editor is not None:
            self._pages.removeWidget(self._editor)
            self._editor.deleteLater()
            self._editor = None
            self._list.table.setFocus()

    def keyPressEvent(self, event: Any) -> None:  # noqa: ANN401 - Qt's event
        if event.key() == Qt.Key.Key_Escape and self._editor is not None:
            self._editor.ask_to_leave()
            return
        super().keyPressEvent(event)
