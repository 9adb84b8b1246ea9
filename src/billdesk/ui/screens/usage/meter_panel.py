"""The panel of one meter: two months, their days as bars, and the events with file and row."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.kernel.i18n import _, current
from billdesk.services.usage import MeterRow
from billdesk.ui.core.charts import Bar, StackedBars
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_columns import Source
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets import Segment, SegmentedTabs, column, label, row
from billdesk.ui.screens.usage.usage_lists import EVENT_COLUMNS, fetch_events, summarize_events
from billdesk.ui.screens.usage.usage_presenter import MeterDays

_CHART_HEIGHT = 190
_EVENTS_HEIGHT = 330
_MONTHS = {"0": 0, "1": 1, "2": 2}


class MeterPanel(QWidget):
    """Announces which month is wanted, as months ago."""

    month_asked = Signal(int)

    def __init__(self, context: Context, meter: MeterRow) -> None:
        super().__init__()
        self._meter = meter
        self._tabs = SegmentedTabs(
            [Segment("0", _("This month")), Segment("1", _("Last month")), Segment("2", _("The one before"))],
            _("Month"),
        )
        self._tabs.chosen.connect(lambda key: self.month_asked.emit(_MONTHS[key]))
        self._total = label("", "display")
        self._note = label("", "faint")
        self._chart = StackedBars()
        self._chart.setFixedHeight(_CHART_HEIGHT)
        empty = Empty("gauge", _("No events in this month"))
        spec = ListSpec(
            "usage-events",
            _("Events"),
            EVENT_COLUMNS,
            lambda r: (r.batch_id, r.row, r.instant),
            empty,
            Size.ROW_COMPACT,
        )
        self._events = TablePanel(spec, context.preferences)
        self._events.use_source(Source(fetch_events, summarize_events), context.tasks)
        self._events.setFixedHeight(_EVENTS_HEIGHT)
        self._build()

    def begin(self) -> None:
        """Show this month, or the last one while this one is empty."""
        self._tabs.choose("0" if self._meter.current else "1")

    def show_days(self, found: MeterDays) -> None:
        """Show a month."""
        total = sum((amount for _day, amount in found.days), Decimal(0))
        self._total.setText(current().number(total))
        self._note.setText(f"{self._meter.unit}, {current().days(found.period.start, found.period.last_day)}")
        bars = [Bar(str(day.day), (amount,)) for day, amount in found.days]
        self._chart.show_bars(self._meter.name, [self._meter.name], bars, label=_short, full=current().number)
        self._events.load(found.events)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE)
        words = column(
            label(self._meter.customer, "strong", wrap=True), label(self._meter.contract, "faint"), spacing=1
        )
        layout.addLayout(words)
        layout.addLayout(row(self._tabs, None))
        layout.addLayout(row(self._total, self._note, None))
        layout.addWidget(self._chart)
        layout.addWidget(label(_("Events"), "heading"))
        layout.addWidget(self._events)


def _short(value: Decimal) -> str:
    """Write a tick of the axis without decimals that say nothing."""
    return current().number(value.normalize() if value != value.to_integral_value() else value.quantize(Decimal(1)))
