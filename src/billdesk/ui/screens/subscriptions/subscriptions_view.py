"""The subscriptions: state tabs, search, monthly revenue, and one contract beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QAction

from billdesk.domain.invoices import Document
from billdesk.domain.subscriptions import EntryKind, Subscription
from billdesk.kernel.changes import Noun
from billdesk.kernel.i18n import N_, _
from billdesk.services.customer_offers import Owner
from billdesk.ui.core.editors import ChoiceEditor
from billdesk.ui.core.import_wizard import open_import_wizard
from billdesk.ui.core.offers.offers_section import OffersSection
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.table_columns import Source
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import PageHeader, SearchField, Segment, SlideOver, boxed, icon_button, primary, row
from billdesk.ui.core.widgets.bars import CountedTabs, FilterBar
from billdesk.ui.screens.subscriptions.change_dialog import ChangeDialog
from billdesk.ui.screens.subscriptions.change_presenter import ChangeOptions, ChangePresenter
from billdesk.ui.screens.subscriptions.contract_panel import ContractPanel
from billdesk.ui.screens.subscriptions.index_dialog import IndexDialog
from billdesk.ui.screens.subscriptions.move_dialog import MoveDialog
from billdesk.ui.screens.subscriptions.start_dialog import StartDialog
from billdesk.ui.screens.subscriptions.subscriptions_presenter import (
    ALL,
    COLUMNS,
    NOTICE_DAYS,
    STATUSES,
    ContractState,
    ListSummary,
    Step,
    SubscriptionsPresenter,
    fetch_subscriptions,
    note_of,
    segment_counts,
    summarize_subscriptions,
)


class SubscriptionsView(Screen):
    """Finds, begins and changes contracts."""

    nouns = frozenset({Noun.SUBSCRIPTIONS, Noun.CATALOG, Noun.CUSTOMERS, Noun.INVOICES})
    help_text = N_(
        "Contracts of your customers. The panel shows what is in force, what happened and will happen, and the "
        "documents of the next twelve months. A change shows the next document to the cent before you save it; a "
        "planned change can be taken back until its day comes. Drop a spreadsheet of contracts here to import it."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._presenter = SubscriptionsPresenter(self.tasks)
        self._changes = ChangePresenter(self.tasks)
        self._shown_id: int | None = None
        self._content: ContractPanel | None = None
        actions = [
            icon_button("trending-up", _("Price indexes"), self._open_indexes),
            icon_button("upload", _("Import subscriptions"), self._import),
            primary(_("New subscription"), self._start, "plus"),
        ]
        self._header = PageHeader(_("Subscriptions"), "", actions)
        segments = [Segment(ALL, _("All")), *(Segment(key, _(status.label)) for key, status in STATUSES.items())]
        self._tabs = CountedTabs(segments, _("State"))
        self._search = SearchField(_("Number, customer, plan…"))
        self._notice = ChoiceEditor(
            [("", _("Any notice date")), *((str(days), _("Notice within {n} days", n=days)) for days in NOTICE_DAYS)]
        )
        self._notice.name(_("Notice date"))
        self._bar = FilterBar(self._tabs, boxed(row(self._notice, self._search, spacing=Space.ONE)))
        self._list = self._make_list()
        self._side = SlideOver()
        self.build_page(self._header, self._bar, self._list, panel=self._side)
        self.setFocusProxy(self._list.table)
        self._connect()
        self._add_actions()

    def refresh(self) -> None:
        if self._list.model.request.filter is None:
            self._list.load(self._presenter.filter)
        else:
            self._list.reload()
        if self._shown_id is not None:
            self._load(self._shown_id)

    def open_record(self, key: str) -> None:
        self._load(int(key))

    def show_view(self, view: str) -> None:
        wanted = self._presenter.view(view)
        with QSignalBlocker(self._tabs):
            self._tabs.choose(view if view in STATUSES else ALL)
        self._search.clear()
        self._notice.set_value(wanted.notice_within)
        self._list.load(wanted)

    def drop(self, paths: Sequence[Path]) -> bool:
        open_import_wizard(self.context, paths, "subscriptions")
        return True

    def _make_list(self) -> TablePanel:
        empty = Empty(
            "repeat",
            _("No subscriptions yet"),
            _("A subscription says which plan a customer has since when. Import them, or begin the first one."),
            (_("New subscription"), self._start),
        )
        spec = ListSpec("subscriptions", _("Subscriptions"), COLUMNS, lambda r: r.id, empty, sort="number")
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_subscriptions, summarize_subscriptions), self.context.tasks)
        return made

    def _connect(self) -> None:
        self._tabs.chosen.connect(lambda key: self._list.load(self._presenter.choose_state(key)))
        self._notice.changed.connect(self._narrow)
        self._search.searched.connect(lambda text: self._list.load(self._presenter.search(text)))
        self._list.current_changed.connect(self._follow)
        self._list.opened.connect(lambda record: self._load(record.id))
        self._list.summarized.connect(self._show_summary)
        self._list.clear_asked.connect(partial(self.show_view, ALL))
        self._side.closed.connect(self._forget)

    def _add_actions(self) -> None:
        self.addAction(self._search.find_action())
        for text, keys, run in (
            (_("New subscription"), "Ctrl+N", self._start),
            (_("Change the subscription"), "Ctrl+E", self._change),
            (_("Renew the subscription"), "Ctrl+R", partial(self._change, EntryKind.RENEW)),
            (_("Price indexes"), "Ctrl+Shift+X", self._open_indexes),
            (_("Import subscriptions"), "Ctrl+I", self._import),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.triggered.connect(lambda *_, run=run: run())
            self.addAction(action)

    def _narrow(self) -> None:
        days = self._notice.value()
        self._list.load(self._presenter.narrow_to_notice(int(days) if days else None))

    def _show_summary(self, summary: ListSummary) -> None:
        self._header.show_note(note_of(summary))
        self._tabs.show_counts(segment_counts(summary))
        self._bar.fit()

    def _follow(self, record: object) -> None:
        identity = getattr(record, "id", None)
        if identity is None:
            self._side.close_panel()
        elif self._side.isVisible() and identity != self._shown_id:
            self._load(identity)

    def _load(self, subscription_id: int) -> None:
        self._shown_id = subscription_id
        self._presenter.load(subscription_id, self._show)

    def _forget(self) -> None:
        self._shown_id = None
        self._list.table.setFocus()

    def _show(self, state: ContractState) -> None:
        record = state.card.subscription
        self._content = ContractPanel(state, OffersSection(self.context, Owner(subscription_id=record.id)))
        self._content.customer_asked.connect(lambda key: self.context.navigate("customers", record=str(key)))
        self._content.revoke_asked.connect(self._ask_revoke)
        self._content.move_asked.connect(self._open_move)
        self._content.drag_asked.connect(self._open_move)
        self._content.term_asked.connect(partial(self._change, EntryKind.SET_TERM))
        self._content.renewal_asked.connect(partial(self._change, EntryKind.RENEW))
        self._side.show_content(record.number, self._content, (primary(_("Change…"), self._change, "pencil"),))
        self._presenter.load_upcoming(record.id, self._show_upcoming)

    def _show_upcoming(self, documents: tuple[Document, ...]) -> None:
        if self._content is not None:
            self._content.show_upcoming(documents)

    def _ask_revoke(self, step: Step) -> None:
        self.context.messages.confirm(
            _("Take this change back?"),
            f"{step.day}: {step.text}",
            _("It stays in the timeline, without effect."),
            yes=_("Take it back"),
            on_yes=partial(self._presenter.revoke, step.entry_id, self._revoked),
            is_dangerous=True,
        )

    def _revoked(self, _record: object) -> None:
        self.context.messages.note(_("The change was taken back."))

    def _change(self, kind: str = "") -> None:
        record = self._list.current_record()
        chosen = self._shown_id if self._shown_id is not None else getattr(record, "id", None)
        if chosen is not None:
            self._changes.load(chosen, partial(self._open_change, kind=kind))

    def _open_change(self, options: ChangeOptions, *, kind: str = "") -> None:
        if not options.kinds:
            self.context.messages.note(_("An ended contract cannot be changed; begin a new one."))
            return
        dialog = ChangeDialog(self, self.context, options)
        if kind in options.kinds:
            dialog.choose(kind)
        dialog.saved.connect(partial(self._changed, options.subscription))
        dialog.open()

    def _open_move(self, step: Step, day: date | None = None) -> None:
        if self._shown_id is not None:
            dialog = MoveDialog(self, self.context, self._shown_id, step, _today())
            if day is not None:
                dialog.choose(day)
            dialog.saved.connect(self._saved)
            dialog.open()

    def _open_indexes(self) -> None:
        IndexDialog(self, self.context, _today()).open()

    def _start(self) -> None:
        dialog = StartDialog(self, self.context, _today())
        dialog.saved.connect(self._saved)
        dialog.open()

    def _saved(self, record: Subscription) -> None:
        self.context.messages.note(_("{number} is saved.", number=record.number))
        self._load(record.id)

    def _changed(self, before: Subscription, record: Subscription) -> None:
        """Offer to take a change back at once while its day lies ahead; what is in force stays in the timeline."""
        known = {entry.id for entry in before.entries}
        made = [entry for entry in record.entries if entry.id not in known]
        undo = None
        if len(made) == 1 and made[0].effective > _today():
            undo = (_("Undo"), partial(self._presenter.revoke, made[0].id, self._revoked))
        self.context.messages.note(_("{number} is saved.", number=record.number), undo)
        self._load(record.id)

    def _import(self) -> None:
        open_import_wizard(self.context, (), "subscriptions")


def _today() -> date:
    return datetime.now(UTC).astimezone().date()
