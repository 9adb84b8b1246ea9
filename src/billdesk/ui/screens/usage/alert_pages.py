"""The pages of thresholds: which ones were reached, and which ones are watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.usage import Metric
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.services.alerts import (
    Alert,
    AlertEventFilter,
    AlertEventRow,
    AlertKind,
    AlertRow,
    Looked,
    count_alert_events,
    delete_alert,
    list_alert_events,
    list_alerts,
    look_at_alerts,
    mark_alerts_seen,
    pause_alert,
    restore_alert,
)
from billdesk.services.usage import list_metrics
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_columns import Column, Kind, Request, Source, Status, Summary
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import boxed, button, row
from billdesk.ui.screens.usage.alert_dialog import AlertChoices, AlertDialog
from billdesk.ui.screens.usage.bill_words import bill_words

_WATCHED: Final = {
    AlertKind.USAGE: N_("Usage"),
    AlertKind.SPEND: N_("Spend"),
    AlertKind.WALLET: N_("Wallets"),
    AlertKind.COMMITMENT: N_("Commitment"),
    AlertKind.SHORTFALL: N_("Commitment falls short"),
    AlertKind.UNBILLED: N_("Unbilled usage, billed at once"),
}
_SEEN: Final = {"new": Status(N_("New"), Tone.AMBER), "seen": Status(N_("Seen"), Tone.GREY)}
_STATES: Final = {"on": Status(N_("Watching"), Tone.GREEN), "off": Status(N_("Paused"), Tone.GREY)}


def watched_words(alert: Alert, metric_name: str) -> str:
    """Say what a threshold looks at."""
    words = _(_WATCHED[alert.kind])
    if alert.kind is AlertKind.SHORTFALL:
        return ngettext("{what}, {n} day before", "{what}, {n} days before", alert.days_before, what=words)
    return metric_name if alert.kind is AlertKind.USAGE and metric_name else words


def _whose(found: AlertRow) -> str:
    return " · ".join(filter(None, (found.customer_name, found.contract))) or _("everybody's")


EVENT_COLUMNS: Final[tuple[Column[AlertEventRow], ...]] = (
    Column("alert", N_("Threshold"), lambda r: r.alert.name, stretch=1, is_strong=True, is_sortable=False),
    Column("customer", N_("Customer"), lambda r: r.customer_name, stretch=1, is_sortable=False),
    Column("contract", N_("Contract"), lambda r: r.contract, Kind.MUTED, rank=2, is_sortable=False),
    Column(
        "what", N_("Watches"), lambda r: watched_words(r.alert, r.metric_name), Kind.MUTED, rank=5, is_sortable=False
    ),
    Column("period", N_("Period from"), lambda r: r.event.period.start, Kind.DATE, rank=1, is_sortable=False),
    Column("level", N_("Reached"), lambda r: r.event.level, Kind.NUMBER, is_strong=True, is_sortable=False),
    Column("threshold", N_("Limit"), lambda r: r.alert.threshold, Kind.NUMBER, rank=3, is_sortable=False),
    Column("unit", N_("Unit"), lambda r: r.unit, Kind.MUTED, rank=3, is_sortable=False),
    Column("raised", N_("Told on"), lambda r: r.event.raised_at.astimezone(), Kind.DATE, rank=4, is_sortable=False),
    Column(
        "seen", N_("State"), lambda r: "seen" if r.event.seen_at else "new", Kind.STATUS, statuses=_SEEN,
        is_sortable=False,
    ),
)  # fmt: skip
ALERT_COLUMNS: Final[tuple[Column[AlertRow], ...]] = (
    Column("name", N_("Threshold"), lambda r: r.alert.name, stretch=1, is_strong=True, is_sortable=False),
    Column("what", N_("Watches"), lambda r: watched_words(r.alert, r.metric_name), stretch=1, is_sortable=False),
    Column("whose", N_("Whose"), _whose, Kind.MUTED, stretch=1, rank=1, is_sortable=False),
    Column("threshold", N_("Limit"), lambda r: r.alert.threshold, Kind.NUMBER, is_strong=True, is_sortable=False),
    Column("unit", N_("Unit"), lambda r: r.unit, Kind.MUTED, rank=3, is_sortable=False),
    Column("events", N_("Times reached"), lambda r: r.events, Kind.NUMBER, rank=2, is_sortable=False),
    Column(
        "state", N_("State"), lambda r: "on" if r.alert.is_active else "off", Kind.STATUS, statuses=_STATES,
        is_sortable=False,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AlertSummary(Summary):
    """Adds to the count how many nobody has seen."""

    unseen: int = 0


def fetch_events(db: Any, request: Request[AlertEventFilter]) -> Sequence[AlertEventRow]:  # noqa: ANN401
    """Give one page of thresholds that were reached."""
    return list_alert_events(db, request.filter, offset=request.offset, limit=request.limit)


def summarize_events(db: Any, wanted: AlertEventFilter) -> AlertSummary:  # noqa: ANN401
    """Count thresholds that were reached."""
    unseen = count_alert_events(db, AlertEventFilter(only_unseen=True))
    return AlertSummary(count_alert_events(db, wanted), unseen=unseen)


def fetch_alerts(db: Any, request: Request[None]) -> Sequence[AlertRow]:  # noqa: ANN401
    """Give one page of what is watched."""
    return list_alerts(db)[request.offset : request.offset + request.limit]


def summarize_alerts(db: Any, _wanted: None) -> Summary:  # noqa: ANN401
    """Count what is watched."""
    return Summary(len(list_alerts(db)))


class _Page(QWidget):
    """A bar of buttons above a list."""

    def __init__(self, context: Context, panel: TablePanel) -> None:
        super().__init__()
        self.context = context
        self.tasks = context.tasks.of(self)
        self.panel = panel
        self.bar = row()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE_HALF)
        layout.addWidget(boxed(self.bar))
        layout.addWidget(panel, 1)


class ReachedPage(_Page):
    """Which thresholds were reached, what crossed and when; announces how many nobody has seen."""

    counted = Signal(int)

    def __init__(self, context: Context) -> None:
        empty = Empty(
            "bell",
            _("No threshold was reached"),
            _("Thresholds on usage, spend, wallets and commitments are told here, once each per period."),
        )
        spec = ListSpec("usage-alerts", _("Thresholds reached"), EVENT_COLUMNS, lambda r: r.event.id, empty)
        super().__init__(context, TablePanel(spec, context.preferences))
        self.panel.use_source(Source(fetch_events, summarize_events), context.tasks)
        self._seen = button(_("Seen"), self.mark, "eye")
        self._all = button(_("All seen"), self.mark_all, "check")
        self._customer = button(_("Customer"), self._open_customer, "users")
        for one in (self._seen, self._all, self._customer):
            self.bar.addWidget(one)
        self.bar.addStretch(1)
        self.panel.selection_changed.connect(self._enable)
        self.panel.model.loaded.connect(self._enable)
        self.panel.opened.connect(self._open_customer)
        self.panel.summarized.connect(self._summarized)
        self._enable()

    def mark(self) -> None:
        """Note that the selected ones were seen."""
        ids = [one.event.id for one in self.panel.selected_records()]
        if ids:
            self.tasks.command(mark_alerts_seen, ids)

    def mark_all(self) -> None:
        """Note that all were seen."""
        self.tasks.command(mark_alerts_seen)

    def _open_customer(self, _record: object = None) -> None:
        found = self.panel.current_record()
        if isinstance(found, AlertEventRow):
            self.context.navigate("customers", record=str(found.event.customer_id))

    def _enable(self) -> None:
        records = self.panel.selected_records()
        self._seen.setEnabled(any(one.event.seen_at is None for one in records))
        self._customer.setEnabled(bool(records))

    def _summarized(self, summary: AlertSummary) -> None:
        self._all.setEnabled(bool(summary.unseen))
        self.counted.emit(summary.unseen)


class ThresholdsPage(_Page):
    """What is watched: make, change, pause, delete with undo, and look now."""

    def __init__(self, context: Context) -> None:
        empty = Empty(
            "bell",
            _("Nothing is watched yet"),
            _("A threshold tells you in time: of much usage, an empty wallet, a commitment that falls short."),
            (_("New threshold…"), self.ask_new),
        )
        spec = ListSpec("thresholds", _("Thresholds"), ALERT_COLUMNS, lambda r: r.alert.id, empty)
        super().__init__(context, TablePanel(spec, context.preferences))
        self.panel.use_source(Source(fetch_alerts, summarize_alerts), context.tasks)
        self._change = button(_("Change…"), self._ask_change, "pencil")
        self._pause = button(_("Pause"), self._toggle, "clock")
        self._delete = button(_("Delete"), self.delete, "trash-2")
        look = button(_("Look now"), self.look, "eye")
        for one in (button(_("New threshold…"), self.ask_new, "plus"), self._change, self._pause, self._delete, look):
            self.bar.addWidget(one)
        self.bar.addStretch(1)
        self.panel.selection_changed.connect(self._enable)
        # A row that stays selected may have changed.
        self.panel.model.loaded.connect(self._enable)
        self.panel.opened.connect(self._ask_change)
        self._enable()

    def ask_new(self) -> None:
        """Ask for a new threshold."""
        self.tasks.query(list_metrics, then=partial(self._ask, None))

    def _ask_change(self, _record: object = None) -> None:
        found = self._current()
        if found is not None:
            self.tasks.query(list_metrics, then=partial(self._ask, found))

    def _ask(self, found: AlertRow | None, metrics: Sequence[Metric]) -> None:
        told = partial(self.context.messages.note, _("The threshold is watched from now on."))
        AlertDialog(self, self.context, AlertChoices(metrics, found), told).open()

    def _toggle(self) -> None:
        found = self._current()
        if found is not None:
            self.tasks.command(pause_alert, found.alert.id, paused=found.alert.is_active)

    def delete(self) -> None:
        """Delete the selected threshold, and offer to bring it back."""
        found = self._current()
        if found is not None:
            self.tasks.command(delete_alert, found.alert.id, then=partial(self._deleted, found.alert))

    def _deleted(self, alert: Alert, _nothing: None) -> None:
        undo = partial(self.tasks.command, restore_alert, alert.id)
        self.context.messages.note(_("{name} is deleted; what it told stays.", name=alert.name), (_("Undo"), undo))

    def look(self) -> None:
        """Look at everything that is watched, now."""
        self.tasks.command(look_at_alerts, label=_("Looking at thresholds"), then=self._looked)

    def _looked(self, looked: Looked) -> None:
        text = ngettext("{n} threshold was reached.", "{n} thresholds were reached.", looked.reached)
        lines = [text if looked.reached else _("No other threshold was reached."), bill_words(looked.bill)]
        self.context.messages.note(" ".join(filter(None, lines)))

    def _current(self) -> AlertRow | None:
        found = self.panel.current_record()
        return found if isinstance(found, AlertRow) else None

    def _enable(self) -> None:
        found = self._current()
        for one in (self._change, self._pause, self._delete):
            one.setEnabled(found is not None)
        is_paused = found is not None and not found.alert.is_active
        self._pause.set_text(_("Watch again") if is_paused else _("Pause"))


def unseen_text(count: int) -> str:
    """Write how many nobody has seen, nothing for none."""
    return current().number(count) if count else ""
