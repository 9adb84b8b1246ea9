"""The billing screen: choose a day, look at what is remarkable, make drafts, issue them; earlier runs beside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QWidget

from billdesk.domain.invoices import Document
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.errors import BillDeskError, Cancelled
from billdesk.kernel.i18n import N_, _, current
from billdesk.services.billing import LateState, LateUsageRow, RunOutcome, RunRow, late_state_text
from billdesk.services.invoices import Issued
from billdesk.ui.core.busy_bar import BusyBar
from billdesk.ui.core.document_card import DocumentCard
from billdesk.ui.core.editors import CheckEditor, DateEditor, IntegerEditor
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.table_columns import Source
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tasks import Job
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import (
    Banner,
    Fact,
    FilterChips,
    KeyValueList,
    PageHeader,
    SearchField,
    Segment,
    SlideOver,
    boxed,
    button,
    column,
    danger,
    label,
    primary,
    row,
)
from billdesk.ui.core.widgets.bars import CountedTabs, FilterBar
from billdesk.ui.screens.billing import late_rows
from billdesk.ui.screens.billing.billing_presenter import (
    BillingPresenter,
    RunState,
    Stage,
    issued_words,
    outcome_words,
    stage_words,
    waiting_words,
)
from billdesk.ui.screens.billing.billing_rows import (
    COLUMNS,
    REMARKS,
    RUN_COLUMNS,
    RUN_STATES,
    BillRow,
    count_words,
    fetch_runs,
    run_cause,
    summarize_runs,
)
from billdesk.ui.screens.billing.issue_dialog import IssueDialog
from billdesk.ui.screens.billing.simulation_dialog import SimulationDialog
from billdesk.ui.screens.billing.totals_strip import TotalsStrip

LOOK, EVERY, LATE, RUNS = "look", "all", "late", "runs"
_DAY_WIDTH = 150
_PERCENT_WIDTH = 76


class BillingView(Screen):
    """Bills what is due."""

    nouns = frozenset({Noun.BILLING, Noun.INVOICES, Noun.SUBSCRIPTIONS, Noun.USAGE, Noun.CATALOG, Noun.CUSTOMERS})
    help_text = N_(
        "Everything that is due up to a day becomes drafts. Before anything is made you see each document to the "
        "cent, and first those that differ from last time. Drafts can be made again and taken back as often as you "
        "like; issuing gives them their numbers. A second run for the same day finds nothing to do."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._today = datetime.now(UTC).astimezone().date()
        self._presenter = BillingPresenter(self.tasks, self._today)
        self._is_working = False
        self._looks_above = 0
        self._day = DateEditor(lambda: self._today)
        self._running = CheckEditor(_("Usage of periods that still run, too"))
        self._go = primary(_("Make drafts"), self._advance, "play")
        ahead = button(_("Simulate…"), self._simulate, "trending-up")
        self._header = PageHeader(_("Billing"), "", [ahead, self._go])
        self._totals = TotalsStrip()
        self._busy = BusyBar(context.tasks, "card", Space.TWO)
        self._banner = Banner("", Tone.BLUE)
        go = partial(context.navigate, "invoices", view="draft")
        self._waiting = Banner("", Tone.AMBER, (_("Show the drafts"), go), can_close=False)
        words = {LOOK: _("To look at"), EVERY: _("All documents"), LATE: _("Late usage"), RUNS: _("Earlier runs")}
        self._tabs = CountedTabs([Segment(key, word) for key, word in words.items()], _("What the run makes"))
        self._search = SearchField(_("Customer…"))
        self._percent = IntegerEditor()
        self._kinds = FilterChips([(key, _(word)) for key, word in REMARKS], _("What to look at"))
        self._list, self._late, self._runs = self._make_list(), self._make_late(), self._make_runs()
        self._pages = QStackedWidget()
        self._side = SlideOver()
        self._build()
        self._connect()
        self._add_actions()

    def handle_changes(self, changes: Changes) -> None:
        # What this screen does itself is on it already; a new preview would take its drafts away.
        if not self._is_working:
            super().handle_changes(changes)

    def refresh(self) -> None:
        self._presenter.load_percent(self._show_percent)
        self._runs.load(())
        self._late.load(())
        if self._presenter.state.stage is not Stage.DRAFTS:
            self._preview()

    def open_record(self, key: str) -> None:
        self._tabs.choose(RUNS)
        self._presenter.load_run(int(key), self._show_run)

    def show_view(self, view: str) -> None:
        self._tabs.choose(view if view in {LOOK, EVERY, LATE, RUNS} else LOOK)

    def _day_bar(self) -> QWidget:
        words = label(_("Due up to"), "label")
        self._day.setFixedWidth(_DAY_WIDTH)
        self._day.name(_("Everything due up to"))
        self._day.set_value(self._today)
        self._percent.setFixedWidth(_PERCENT_WIDTH)
        self._percent.name(_("Look at documents that changed by more than so many percent"))
        above = label(_("Look at changes above (%)"), "label")
        preview = button(_("Preview"), self._preview_day, "eye")
        run = boxed(row(words, self._day, preview, self._running))
        return FilterBar(run, boxed(row(above, self._percent)))

    def _make_list(self) -> TablePanel:
        empty = Empty(
            "circle-check",
            _("Nothing here"),
            _("Documents out of the ordinary stand here; all that the run makes stand in the next tab."),
        )
        spec = ListSpec("billing", _("Documents of the run"), COLUMNS, lambda r: r.key, empty)
        return TablePanel(spec, self.context.preferences)

    def _make_late(self) -> TablePanel:
        words = _("Usage that came after its period was billed stands here when its price asks you, or leaves it out.")
        spec = ListSpec(
            "late-usage", _("Late usage"), late_rows.COLUMNS, lambda r: r.id, Empty("clock", _("No late usage"), words)
        )
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(late_rows.fetch_late, late_rows.summarize_late), self.context.tasks)
        return made

    def _make_runs(self) -> TablePanel:
        empty = Empty("history", _("No billing run yet"), _("Runs stand here, with what they made."))
        spec = ListSpec("billing-runs", _("Earlier runs"), RUN_COLUMNS, lambda r: r.id, empty)
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_runs, summarize_runs), self.context.tasks)
        return made

    def _build(self) -> None:
        self._banner.hide()
        self._waiting.hide()
        self._pages.addWidget(self._list)
        self._pages.addWidget(self._late)
        self._pages.addWidget(self._runs)
        self._bar = FilterBar(self._tabs, self._search)
        parts = (
            self._header,
            self._day_bar(),
            self._busy,
            self._banner,
            self._waiting,
            self._totals,
            self._bar,
            self._kinds,
            self._pages,
        )
        self.build_page(*parts, panel=self._side)
        self.setFocusProxy(self._list.table)

    def _connect(self) -> None:
        self._day.line.returnPressed.connect(self._preview_day)
        self._percent.line.editingFinished.connect(self._change_percent)
        self._kinds.changed.connect(lambda _kinds: self._show_rows())
        self._totals.chosen.connect(self._narrow)
        self._tabs.chosen.connect(self._choose)
        self._search.searched.connect(self._find)
        self._list.opened.connect(self._open)
        self._list.clear_asked.connect(self._show_every_row)
        self._list.current_changed.connect(self._follow)
        self._running.changed.connect(self._preview_day)
        self._late.opened.connect(self._open)
        self._late.current_changed.connect(self._follow)
        self._late.summarized.connect(lambda _summary: self._show_counts())
        self._runs.opened.connect(self._open)
        self._runs.current_changed.connect(self._follow)
        self._side.closed.connect(self._return_focus)

    def _add_actions(self) -> None:
        self.addAction(self._search.find_action())
        for text, keys, run in (
            (_("Preview the billing run"), "Ctrl+P", self._preview_day),
            (_("Make drafts or issue them"), "Ctrl+Return", self._advance),
            (_("Simulate the months to come"), "Ctrl+Shift+S", self._simulate),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.triggered.connect(run)
            self.addAction(action)

    def _simulate(self) -> None:
        SimulationDialog(self, self.context, self._today).open()

    def _return_focus(self) -> None:
        self._page_of(self._tabs.key).table.setFocus()

    def _page_of(self, key: str) -> TablePanel:
        return {RUNS: self._runs, LATE: self._late}.get(key, self._list)

    def _preview_day(self) -> None:
        problem = self._day.problem()
        self._day.show_problem(problem)
        day = None if problem else self._day.value()
        if day is not None:
            self._banner.hide()
            self._presenter.choose_day(day, running_usage=self._running.value())
            self._preview()

    def _change_percent(self) -> None:
        """Keep another percentage in the book, and look again."""
        problem = self._percent.problem()
        self._percent.show_problem(problem)
        percent = None if problem else self._percent.value()
        if percent is not None and percent != self._looks_above:
            self._looks_above = percent
            self._presenter.change_percent(percent, self._preview_day)

    def _show_percent(self, percent: int) -> None:
        self._looks_above = percent
        self._percent.set_value(percent)

    def _preview(self) -> None:
        self._watch(self._presenter.preview(self._show_all, self._failed), _("Working out what is due"))

    def _watch(self, job: Job, doing: str) -> None:
        self._busy.watch(job, doing)
        self._go.setEnabled(False)

    def _failed(self, error: BillDeskError) -> None:
        self._is_working = False
        self._show_all()
        if not isinstance(error, Cancelled):
            self.context.messages.fail(error)
            return
        self._banner.show_text(_("Stopped. Nothing was changed."))

    def _show_all(self) -> None:
        state = self._presenter.state
        self._busy.settle()
        self._totals.show_totals(state.preview, state.currency)
        self._waiting.show_text(waiting_words(state.waiting))
        self._waiting.setVisible(bool(state.waiting))
        self._show_counts()
        self._header.show_note(stage_words(state))
        self._go.set_text(_(_STEPS[state.stage]))
        self._go.setEnabled(state.stage in {Stage.PREVIEW, Stage.DRAFTS})
        self._show_rows()

    def _show_counts(self) -> None:
        state, summary = self._presenter.state, self._late.model.summary
        counts = {LOOK: state.remarkable, EVERY: state.preview.documents if state.preview else 0}
        counts[LATE] = summary.count if summary else 0
        self._tabs.show_counts({key: current().number(count) for key, count in counts.items()})
        self._bar.fit()

    def _show_rows(self) -> None:
        state, is_look = self._presenter.state, self._tabs.key == LOOK
        rows = state.shown(only_remarkable=is_look, kinds=self._kinds.keys)
        every = state.remarkable if is_look else len(state.rows)
        self._list.show_records(rows, hidden=every - len(rows))

    def _show_every_row(self) -> None:
        """Take the search, the chips and the currency away, which hid rows."""
        self._search.clear()
        self._kinds.choose(frozenset())
        self._presenter.narrow(currency="", text="")
        self._totals.show_totals(self._presenter.state.preview, "")
        self._show_rows()

    def _choose(self, key: str) -> None:
        self._pages.setCurrentWidget(self._page_of(key))
        self._search.setVisible(key in {LOOK, EVERY})
        self._kinds.setVisible(key == LOOK)
        self._bar.fit()
        self._side.close_panel()
        self._show_rows()

    def _find(self, text: str) -> None:
        self._presenter.narrow(text=text)
        self._show_rows()

    def _narrow(self, currency: str) -> None:
        self._presenter.narrow(currency=currency)
        with QSignalBlocker(self._tabs):
            self._tabs.choose(EVERY if currency else self._tabs.key)
        self._pages.setCurrentWidget(self._list)
        self._show_rows()

    def _follow(self, record: object) -> None:
        if record is None:
            self._side.close_panel()
        elif self._side.isVisible():
            self._open(record)

    def _open(self, record: object) -> None:
        if isinstance(record, BillRow):
            self._presenter.load_documents(record, partial(self._show_documents, record))
        elif isinstance(record, LateUsageRow):
            self._show_late(record)
        elif isinstance(record, RunRow):
            self._presenter.load_run(record.id, self._show_run)

    def _show_documents(self, record: BillRow, documents: tuple[Document, ...]) -> None:
        inside = column(spacing=Space.ONE_HALF)
        for remark in record.remarks:
            inside.addWidget(label(remark, "problem" if record.is_blocked else "medium", wrap=True))
        for document in documents:
            inside.addWidget(DocumentCard(document))
        customer = str(record.customer_id)
        footer: list[QWidget] = [
            button(_("Customer"), lambda: self.context.navigate("customers", record=customer), "users")
        ]
        stored = record.draft.document_id if record.draft else None
        if stored is not None:
            go = partial(self.context.navigate, "invoices", record=str(stored))
            footer.append(primary(_("Open the draft"), go, "file-text"))
        self._side.show_content(record.customer, boxed(inside), tuple(footer))

    def _show_late(self, record: LateUsageRow) -> None:
        language = current()
        facts = [
            Fact(_("Contract"), record.contract),
            Fact(_("Price"), record.price_name),
            Fact(_("Period"), language.days(record.period.start, record.period.last_day)),
            Fact(_("Billed"), language.money(record.comes_to - record.lacks)),
            Fact(_("Not billed"), language.money(record.lacks)),
            Fact(_("State"), late_state_text(record)),
        ]
        choices = {
            LateState.OPEN: button(_("Decide later"), lambda: self._decide(LateState.OPEN), "undo"),
            LateState.LEAVE: button(_("Leave it out"), lambda: self._decide(LateState.LEAVE), "x"),
            LateState.BILL: primary(_("Bill it"), lambda: self._decide(LateState.BILL), "check"),
        }
        footer = tuple(made for state, made in choices.items() if state is not record.state)
        self._side.show_content(record.customer_name, KeyValueList(facts), footer)

    def _decide(self, state: LateState) -> None:
        self._presenter.decide(self._late.selected_records(), state, partial(self._decided, state))

    def _decided(self, state: LateState, count: int) -> None:
        self._side.close_panel()
        self.context.messages.note(late_rows.decided_words(count, state))

    def _show_run(self, state: RunState) -> None:
        run, language = state.run, current()
        facts = [
            Fact(_("Billed up to"), language.day(run.as_of)),
            Fact(_("Made"), f"{language.day(run.created_at.astimezone().date())}, {run.user}"),
            Fact(_("Because of"), run_cause(run)),
            Fact(_("State"), _(RUN_STATES[run.state].label) if run.state in RUN_STATES else run.state),
            Fact(_("Documents"), language.number(run.documents)),
            Fact(_("Drafts left"), language.number(state.drafts)),
        ]
        undo = danger(_("Take back…"), lambda: self._ask_undo(state), "undo")
        issue = primary(_("Issue…"), lambda: self._ask_issue_earlier(state), "check")
        for made in (undo, issue):
            made.setEnabled(bool(state.drafts))
        title = _("Run of {day}", day=language.day(run.as_of))
        self._side.show_content(title, KeyValueList(facts), (undo, issue))

    def _advance(self) -> None:
        state = self._presenter.state
        if self._busy.is_busy:
            return
        if state.stage is Stage.PREVIEW:
            self._is_working = True
            self._watch(self._presenter.run(self._made, self._failed), _("Making drafts"))
        elif state.stage is Stage.DRAFTS:
            what = count_words(len(state.to_issue))
            IssueDialog(self, what, self._today, self._issue).open()

    def _made(self, outcome: RunOutcome) -> None:
        self._is_working = False
        self._side.close_panel()
        self._banner.show_text(outcome_words(outcome))
        self._runs.reload()
        self._show_all()

    def _issue(self, day: date | None, deliver: bool) -> None:  # noqa: FBT001 - an answer of the dialog
        self._is_working = True
        job = self._presenter.issue(day, self._issued, self._failed, deliver=deliver)
        self._watch(job, _("Issuing"))

    def _issued(self, issued: Issued) -> None:
        self._is_working = False
        self._presenter.forget()
        self._side.close_panel()
        self._banner.show_text(issued_words(issued))
        self._preview()

    def _ask_issue_earlier(self, state: RunState) -> None:
        def answer(day: date | None, deliver: bool) -> None:  # noqa: FBT001 - an answer of the dialog
            self._presenter.issue_earlier(state.run.id, day, self._issued, deliver=deliver)

        IssueDialog(self, count_words(state.drafts), self._today, answer).open()

    def _ask_undo(self, state: RunState) -> None:
        self.context.messages.confirm(
            _("Take the run of {day} back?", day=current().day(state.run.as_of)),
            _("Drafts that are deleted: {n}", n=current().number(state.drafts)),
            _("Issued documents stay. The next run makes the drafts again."),
            yes=_("Delete the drafts"),
            on_yes=partial(self._presenter.undo, state.run.id, self._undone),
            is_dangerous=True,
        )

    def _undone(self, count: int) -> None:
        self._presenter.forget()
        self._side.close_panel()
        self.context.messages.note(_("Taken back: {documents}", documents=count_words(count)))


_STEPS: Final[Mapping[Stage, str]] = {
    Stage.EMPTY: N_("Make drafts"),
    Stage.PREVIEW: N_("Make drafts"),
    Stage.DRAFTS: N_("Issue…"),
    Stage.NOTHING: N_("Make drafts"),
}
