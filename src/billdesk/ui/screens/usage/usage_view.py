"""The usage screen: drop a file, see the meters, work the queue, take imports back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from billdesk.domain.usage import BatchState, ImportBatch
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.services.alerts import AlertEventFilter
from billdesk.services.usage import MeterRow, RematchOutcome, UndoPreview
from billdesk.ui.core.editors import TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.table_columns import Source
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import (
    FormDialog,
    PageHeader,
    SearchField,
    Segment,
    SlideOver,
    boxed,
    button,
    danger,
    primary,
    row,
)
from billdesk.ui.core.widgets.bars import CountedTabs, FilterBar
from billdesk.ui.screens.usage.alert_pages import ReachedPage, ThresholdsPage, unseen_text
from billdesk.ui.screens.usage.meter_panel import MeterPanel
from billdesk.ui.screens.usage.metric_strip import MetricStrip
from billdesk.ui.screens.usage.usage_lists import (
    BATCH_COLUMNS,
    METER_COLUMNS,
    WAITING_COLUMNS,
    UsageSummary,
    fetch_batches,
    fetch_meters,
    fetch_waiting,
    summarize_batches,
    summarize_meters,
    summarize_waiting,
)
from billdesk.ui.screens.usage.usage_presenter import UsagePresenter, rematch_words, undo_words
from billdesk.ui.screens.usage.usage_wizard import open_usage_wizard

METERS, WAITING, IMPORTS, ALERTS, THRESHOLDS = "meters", "waiting", "imports", "alerts", "thresholds"
_PARTS = (METERS, WAITING, IMPORTS, ALERTS, THRESHOLDS)
_PANEL_WIDTH = 476


class UsageView(Screen):
    """Shows usage and takes it in."""

    nouns = frozenset({Noun.USAGE, Noun.SUBSCRIPTIONS, Noun.CUSTOMERS})
    help_text = N_(
        "What your customers use. Drop a file of events anywhere here: you see what it would bring before it counts, "
        "and the same file never counts twice. Rows that match no contract wait in the queue until a contract claims "
        "them. Every import can be taken back. Thresholds tell you in time of much usage, of credit that runs out and "
        "of commitments that fall short."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._presenter = UsagePresenter(self.tasks, datetime.now(UTC).astimezone().date())
        self._meter: MeterRow | None = None
        self._content: MeterPanel | None = None
        self._header = PageHeader(_("Usage"), "", [primary(_("Import usage"), self._import, "upload")])
        words = [Segment(METERS, _("Meters")), Segment(WAITING, _("Waiting")), Segment(IMPORTS, _("Imports"))]
        words += [Segment(ALERTS, _("Reached")), Segment(THRESHOLDS, _("Thresholds"))]
        self._tabs = CountedTabs(words, _("Parts of usage"))
        self._search = SearchField(_("Customer, contract, key…"))
        self._bar = FilterBar(self._tabs, self._search)
        self._meters, self._queue, self._batches = self._make_meters(), self._make_queue(), self._make_batches()
        self._reached, self._thresholds = ReachedPage(context), ThresholdsPage(context)
        self._strip = MetricStrip()
        self._pages = QStackedWidget()
        self._side = SlideOver(_PANEL_WIDTH)
        self._build()
        self._connect()
        self._add_actions()

    def refresh(self) -> None:
        self._presenter.compare(self._strip.show_metrics)
        if self._meters.model.request.filter is None:
            self._meters.load(self._presenter.meters)
            self._queue.load(self._presenter.waiting)
            self._batches.load(())
            self._reached.panel.load(AlertEventFilter())
            self._thresholds.panel.load(())
        else:
            for panel in (self._meters, self._queue, self._batches, self._reached.panel, self._thresholds.panel):
                panel.reload()

    def show_view(self, view: str) -> None:
        self._search.clear()
        self._tabs.choose(view if view in _PARTS else METERS)

    def drop(self, paths: Sequence[Path]) -> bool:
        open_usage_wizard(self.context, paths, self.ask_undo)
        return True

    def ask_undo(self, batch_id: int) -> None:
        """Show what taking an import back touches, and ask."""
        self._presenter.preview_undo(batch_id, self._confirm_undo)

    def _make_meters(self) -> TablePanel:
        empty = Empty(
            "gauge",
            _("No usage yet"),
            _("Drop a file of events here: CSV, Excel, Parquet or JSON lines, one event per row."),
            (_("Import usage"), self._import),
        )
        spec = ListSpec(
            "meters", _("Meters"), METER_COLUMNS, lambda r: (r.subscription_id, r.metric_id), empty, sort="customer"
        )
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_meters, summarize_meters), self.context.tasks)
        return made

    def _make_queue(self) -> TablePanel:
        empty = Empty(
            "circle-check", _("Nothing waits"), _("Rows of usage files that match no contract would stand here.")
        )
        spec = ListSpec("usage-waiting", _("Waiting usage"), WAITING_COLUMNS, lambda r: r.id, empty)
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_waiting, summarize_waiting), self.context.tasks)
        return made

    def _make_batches(self) -> TablePanel:
        empty = Empty("history", _("No usage file was imported yet"), "", (_("Import usage"), self._import))
        spec = ListSpec("usage-imports", _("Usage imports"), BATCH_COLUMNS, lambda r: r.id, empty)
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_batches, summarize_batches), self.context.tasks)
        return made

    def _build(self) -> None:
        self._discard = danger(_("Discard…"), self._ask_discard, "trash-2")
        self._undo = button(_("Undo…"), self._undo_current, "undo")
        queue_bar = row(button(_("Try all again"), self._rematch, "rotate-ccw"), self._discard, None)
        self._pages.addWidget(_page(self._strip, self._meters))
        self._pages.addWidget(_page(boxed(queue_bar), self._queue))
        self._pages.addWidget(_page(boxed(row(self._undo, None)), self._batches))
        self._pages.addWidget(self._reached)
        self._pages.addWidget(self._thresholds)
        self.build_page(self._header, self._bar, self._pages, panel=self._side)
        self.setFocusProxy(self._meters.table)
        self._discard.setEnabled(False)
        self._undo.setEnabled(False)

    def _connect(self) -> None:
        self._tabs.chosen.connect(self._choose)
        self._search.searched.connect(self._find)
        self._meters.summarized.connect(self._show_summary)
        self._meters.clear_asked.connect(self._show_all_meters)
        self._meters.current_changed.connect(self._follow)
        self._meters.opened.connect(self._open)
        self._strip.chosen.connect(self._choose_metric)
        self._queue.summarized.connect(self._show_waiting)
        self._queue.clear_asked.connect(self._search.clear)
        self._queue.selection_changed.connect(self._enable)
        self._batches.selection_changed.connect(self._enable)
        self._batches.opened.connect(self._undo_batch)
        self._reached.counted.connect(self._show_unseen)
        self._side.closed.connect(self._forget)

    def _add_actions(self) -> None:
        self.addAction(self._search.find_action())
        for text, keys, run in (
            (_("Import usage"), "Ctrl+I", self._import),
            (_("Try waiting usage again"), "Ctrl+Shift+M", self._rematch),
            (_("New threshold"), "Ctrl+Shift+T", self._thresholds.ask_new),
            (_("Look at thresholds now"), "Ctrl+Shift+A", self._thresholds.look),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.triggered.connect(run)
            self.addAction(action)

    def _choose(self, key: str) -> None:
        self._pages.setCurrentIndex(_PARTS.index(key))
        self._search.setVisible(key in {METERS, WAITING})
        texts = {METERS: self._presenter.meters.text, WAITING: self._presenter.waiting.text}
        with QSignalBlocker(self._search):
            self._search.setText(texts.get(key, ""))
        self._side.close_panel()

    def _find(self, text: str) -> None:
        if self._tabs.key == WAITING:
            self._queue.load(self._presenter.search_waiting(text))
        else:
            self._meters.load(self._presenter.search_meters(text))

    def _show_all_meters(self) -> None:
        with QSignalBlocker(self._search):
            self._search.clear()
        self._meters.load(self._presenter.clear_meters())

    def _choose_metric(self, metric_id: int) -> None:
        self._meters.load(self._presenter.narrow_metric(metric_id))

    def _show_summary(self, summary: UsageSummary) -> None:
        self._header.show_note(ngettext("{n} meter", "{n} meters", summary.count))
        self._show_waiting(summary)

    def _show_waiting(self, summary: UsageSummary) -> None:
        self._tabs.show_counts({WAITING: current().number(summary.waiting)})
        self._bar.fit()

    def _show_unseen(self, count: int) -> None:
        self._tabs.show_counts({ALERTS: unseen_text(count)})
        self._bar.fit()

    def _enable(self) -> None:
        self._discard.setEnabled(bool(self._queue.selected_records()))
        batch = self._batches.current_record()
        self._undo.setEnabled(isinstance(batch, ImportBatch) and batch.state is BatchState.APPLIED)

    def _follow(self, record: object) -> None:
        if record is None:
            self._side.close_panel()
        elif self._side.isVisible() and record != self._meter:
            self._open(record)

    def _open(self, record: object) -> None:
        if not isinstance(record, MeterRow):
            return
        self._meter = record
        self._content = MeterPanel(self.context, record)
        self._content.month_asked.connect(self._load_month)
        self._side.show_content(record.name, self._content)
        self._content.begin()

    def _load_month(self, months_ago: int) -> None:
        if self._meter is not None and self._content is not None:
            self._presenter.load_days(self._meter, months_ago, self._content.show_days)

    def _forget(self) -> None:
        self._meter = self._content = None
        self._meters.table.setFocus()

    def _import(self) -> None:
        open_usage_wizard(self.context, (), self.ask_undo)

    def _rematch(self) -> None:
        self._presenter.rematch(self._rematched)

    def _rematched(self, outcome: RematchOutcome) -> None:
        self.context.messages.note(rematch_words(outcome))

    def _ask_discard(self) -> None:
        records = self._queue.selected_records()
        form = FormGrid()
        reason = TextEditor()
        form.add("reason", _("Reason"), reason, hint=_("Kept in the audit trail."))
        title = ngettext("Discard {n} row for good?", "Discard {n} rows for good?", len(records))
        dialog = FormDialog(self, title, form, yes=_("Discard"))

        def submit() -> bool:
            if not reason.value():
                form.show_problems([Problem("value_missing", Place(field="reason"))])
                return False
            self._presenter.discard([one.id for one in records], str(reason.value()), self._discarded)
            return True

        dialog.on_submit(submit)
        dialog.open()
        reason.focus_target().setFocus()

    def _discarded(self, count: int) -> None:
        self.context.messages.note(ngettext("{n} row was discarded.", "{n} rows were discarded.", count))

    def _undo_current(self) -> None:
        self._undo_batch(self._batches.current_record())

    def _undo_batch(self, batch: object) -> None:
        if isinstance(batch, ImportBatch) and batch.state is BatchState.APPLIED:
            self.ask_undo(batch.id)

    def _confirm_undo(self, preview: UndoPreview) -> None:
        self.context.messages.confirm(
            _("Take the import of {file} back?", file=preview.batch.file_name),
            *undo_words(preview),
            yes=_("Undo the import"),
            on_yes=partial(self._presenter.undo, preview, self._undone),
            is_dangerous=True,
        )

    def _undone(self, preview: UndoPreview) -> None:
        self.context.messages.note(_("The import of {file} was taken back.", file=preview.batch.file_name))


def _page(bar: QWidget, panel: QWidget) -> QWidget:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(Space.ONE_HALF)
    layout.addWidget(bar)
    layout.addWidget(panel, 1)
    return holder
