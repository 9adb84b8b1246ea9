"""Shows what the book comes to by a day to come: a copy of it is billed month by month, the book is only read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

from babel.dates import format_date
from PySide6.QtWidgets import QHBoxLayout, QWidget

from billdesk.kernel.errors import BillDeskError, Cancelled, InvalidValue
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.period import Interval, Unit, add_months
from billdesk.services.billing import EVERYBODY, Scope
from billdesk.services.customers import find_customers
from billdesk.services.simulation import (
    DraftedVersion,
    PriceChange,
    SimulatedMonth,
    Simulation,
    SimulationOptions,
    book_location,
    list_drafted_versions,
    simulate,
)
from billdesk.services.simulation_files import simulation_file
from billdesk.ui.core.busy_bar import BusyBar
from billdesk.ui.core.charts import Bar, Legend, StackedBars
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor, DateEditor, DecimalEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.record_picker import Hit, RecordPicker
from billdesk.ui.core.saving import save_file
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_columns import Column, Kind
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tasks import Job
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets import FormDialog, Segment, SegmentedTabs, boxed, button, column, label, row

_YEARS_AHEAD: Final = 24
_WIDTH, _HEIGHT = 1080, 720
_CHART_HEIGHT: Final = 128
_COLUMNS: Final = 4
_EVERY: Final = ((Unit.MONTH, N_("Every month")), (Unit.WEEK, N_("Every week")), (Unit.DAY, N_("Every day")))


def month_words(month: date) -> str:
    """Write a month with its year, short enough for an axis."""
    return str(format_date(month, "LLL yy", locale=current().locale))


COLUMNS: Final[tuple[Column[SimulatedMonth], ...]] = (
    Column("month", N_("Month"), lambda m: month_words(m.month), stretch=1, is_strong=True, is_sortable=False),
    Column("documents", N_("Documents"), lambda m: m.documents, Kind.NUMBER, is_sortable=False),
    Column("revenue", N_("Revenue"), lambda m: m.revenue, Kind.MONEY, is_strong=True, is_sortable=False),
    Column("tax", N_("VAT"), lambda m: m.tax, Kind.MONEY, rank=3, is_sortable=False),
    Column("mrr", N_("MRR"), lambda m: m.mrr, Kind.MONEY, rank=1, is_sortable=False),
    Column("due", N_("Falls due"), lambda m: m.falls_due, Kind.MONEY, is_sortable=False),
    Column("open", N_("Open at the end"), lambda m: m.receivables, Kind.MONEY, rank=2, is_sortable=False),
)


def bars_of(months: Sequence[SimulatedMonth]) -> list[Bar]:
    """Give a bar per month: what recurs of its revenue, and what comes on top."""
    found = []
    for one in months:
        recurring = max(Decimal(0), min(one.mrr.major, one.revenue.major))
        found.append(Bar(month_words(one.month), (recurring, max(Decimal(0), one.revenue.major - recurring))))
    return found


def words_of(found: Simulation) -> str:
    """Say what was done, and who is not in the figures."""
    documents = ngettext("{n} document", "{n} documents", found.documents)
    runs = ngettext("{n} run", "{n} runs", found.runs)
    if found.repeated_events:
        told = _("{documents} in {runs}; nobody pays, and last month's usage repeats.", documents=documents, runs=runs)
    else:
        told = _(
            "{documents} in {runs}; nobody pays, and usage is what the book knows.", documents=documents, runs=runs
        )
    left_out = {one.customer_id for one in found.findings}
    if not left_out:
        return told
    missing = ngettext("{n} customer could not be billed.", "{n} customers could not be billed.", len(left_out))
    return f"{told} {missing}"


def find_customer_hits(db: Any, words: str) -> list[Hit]:  # noqa: ANN401 - the lane's Db
    """Find customers for the picker."""
    return [Hit(str(row.id), row.name, row.number) for row in find_customers(db, words)]


class SimulationDialog(FormDialog):
    """Asks how far to look, works it out on a copy, and shows the months of a currency."""

    def __init__(self, parent: QWidget, context: Context, today: date) -> None:
        self._form = FormGrid(columns=_COLUMNS)
        self._until, self._since = DateEditor(lambda: today), DateEditor(lambda: today)
        self._every = ChoiceEditor([(unit.value, _(words)) for unit, words in _EVERY])
        self._percent, self._growth = DecimalEditor(), DecimalEditor()
        self._repeat = CheckEditor(_("Last month's comes again"))
        self._customer = RecordPicker(context.tasks, find_customer_hits, _("Everybody"))
        self._version = ChoiceEditor([], can_be_empty=True)
        self._save = button(_("Save as…"), self._save_as, "download")
        self._note = label("", "second", wrap=True)
        self._tabs = SegmentedTabs([], _("Currency"))
        self._place = QHBoxLayout()
        self._chart = StackedBars()
        self._busy = BusyBar(context.tasks, "inset", 0)
        empty = Empty("chart-column", _("Nothing worked out yet"), _("Choose a day and press Simulate."))
        spec = ListSpec("simulation", _("Months"), COLUMNS, lambda m: (m.month, m.currency), empty, Size.ROW_COMPACT)
        self._table = TablePanel(spec, context.preferences)
        super().__init__(parent, _("Simulate the months to come"), self._content(), yes=_("Simulate"))
        self.resize(_WIDTH, _HEIGHT)
        self._context = context
        self._tasks = context.tasks.of(self)
        self._messages = context.messages
        self._today = today
        self._job: Job | None = None
        self._found: Simulation | None = None
        self._every.set_value(Unit.MONTH.value)
        self._until.set_value(add_months(today, _YEARS_AHEAD))
        self._since.set_value(today)
        self._save.setEnabled(False)
        self._tabs.hide()
        self._table.show_records(())
        self._repeat.changed.connect(self._show_growth)
        self._show_growth()
        self._tasks.query(list_drafted_versions, then=self._offer_versions)
        self.on_submit(self._submit)
        self.finished.connect(self._stop)
        self._until.focus_target().setFocus()

    def options(self) -> SimulationOptions:
        """Give what is entered."""
        percent, since = self._percent.value(), self._since.value() or self._today
        customer, version = self._customer.value(), self._version.value()
        return SimulationOptions(
            self._until.value() or self._today,
            Interval(Unit(str(self._every.value()))),
            publish=(int(str(version)),) if version else (),
            price_change=PriceChange(percent, since) if percent else None,
            scope=Scope(customer_ids=frozenset({int(customer)})) if customer else EVERYBODY,
            repeat_usage=bool(self._repeat.value()),
            growth_percent=(self._growth.value() or Decimal(0)) if self._repeat.value() else Decimal(0),
        )

    def _show_growth(self) -> None:
        self._growth.setEnabled(bool(self._repeat.value()))

    def _offer_versions(self, found: Sequence[DraftedVersion]) -> None:
        self._version.set_choices([(str(one.id), one.name) for one in found])
        self._version.setEnabled(bool(found))

    def _save_as(self) -> None:
        if self._found is not None:
            save_file(self, self._context, _("Simulation"), partial(simulation_file, self._found))

    def _content(self) -> QWidget:
        self._form.add("until", _("Until"), self._until)
        self._form.add("every", _("Bill"), self._every)
        self._form.add("percent", _("Change prices by (%)"), self._percent, hint=_("Empty: prices stay."))
        self._form.add("since", _("Prices change from"), self._since)
        self._form.add("version", _("Publish at once"), self._version, hint=_("A version that is a draft."))
        self._form.add("customer", _("Only the customer"), self._customer)
        self._form.add("usage", _("Usage"), self._repeat)
        self._form.add("growth", _("Growth per month (%)"), self._growth)
        self._chart.setFixedHeight(_CHART_HEIGHT)
        self._place.addWidget(self._tabs)
        names = row(self._place, None, Legend([_("Recurring"), _("Usage and one-off")], (0, 1)), self._save)
        return boxed(
            column(self._form, self._busy, self._note, names, self._chart, self._table, spacing=Space.ONE_HALF)
        )

    def _submit(self) -> bool:
        problems = self._form.problems()
        if problems:
            self._form.show_problems(problems)
        elif self._job is None:
            self.save_button.setEnabled(False)
            self._tasks.query(book_location, then=self._start, failed=self._failed)
        return False

    def _start(self, location: str) -> None:
        work = _("Simulating")
        self._job = self._tasks.files(
            simulate, location, self.options(), label=work, then=self._show, failed=self._failed
        )
        self._busy.watch(self._job, work)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.progress.cancel()

    def _done(self) -> None:
        self._job = None
        self._busy.settle()
        self.save_button.setEnabled(True)

    def _failed(self, error: BillDeskError) -> None:
        self._done()
        if isinstance(error, Cancelled):
            self._note.setText(_("Stopped. Nothing was changed."))
        elif not isinstance(error, InvalidValue) or self._form.show_problems([error.problem]):
            self._messages.fail(error)

    def _show(self, found: Simulation) -> None:
        self._done()
        self._found = found
        self._save.setEnabled(True)
        self._note.setText(words_of(found))
        self._offer(found.currencies)
        self._show_currency(self._tabs.key)

    def _offer(self, currencies: Sequence[str]) -> None:
        """Give a tab per currency, of which the amounts are never added."""
        old = self._tabs
        self._tabs = SegmentedTabs([Segment(code, code) for code in currencies], _("Currency"))
        self._tabs.chosen.connect(self._show_currency)
        self._place.replaceWidget(old, self._tabs)
        self._tabs.setVisible(len(currencies) > 1)
        old.hide()
        old.deleteLater()

    def _show_currency(self, currency: str) -> None:
        months = [one for one in (self._found.months if self._found else ()) if one.currency == currency]
        names = (_("Recurring"), _("Usage and one-off"))
        number = current().number
        self._chart.show_bars(
            _("Revenue per month"), names, bars_of(months), label=lambda value: number(round(value)), full=number
        )
        self._table.show_records(months)
