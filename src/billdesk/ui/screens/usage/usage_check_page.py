"""The page on which a usage file is checked: figures, totals against the days before, and what is wrong."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.ui.core.preferences import PreferenceStore
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Size, Space, Tone
from billdesk.ui.core.widgets import Banner, DefinitionGrid, Fact, Segment, SegmentedTabs, boxed, column, link, row
from billdesk.ui.screens.usage.bill_words import preview_words
from billdesk.ui.screens.usage.wizard_state import PROBLEM_COLUMNS, TOTAL_COLUMNS, UsageState, figures_of

_TOTALS, _PROBLEMS = "totals", "problems"


class UsageCheckPage(QWidget):
    """Announces what is decided about bad rows and about replacing."""

    skip_changed = Signal()
    replace_changed = Signal(bool)
    list_asked = Signal()
    cell_asked = Signal(object)

    def __init__(self, preferences: PreferenceStore) -> None:
        super().__init__()
        self._figures = DefinitionGrid()
        self._banner = Banner("", Tone.AMBER, can_close=False)
        self._tabs = SegmentedTabs(
            [Segment(_TOTALS, _("Totals per meter")), Segment(_PROBLEMS, _("Problems"))], _("What the file has")
        )
        nothing = Empty("gauge", _("Nothing in this file counts"), _("See the problems for the reason."))
        fine = Empty("circle-check", _("Nothing is wrong"))
        totals = ListSpec(
            "usage-totals", _("Totals per meter"), TOTAL_COLUMNS, lambda r: r.total.code, nothing, Size.ROW_COMPACT
        )
        problems = ListSpec(
            "usage-problems",
            _("Problems"),
            PROBLEM_COLUMNS,
            lambda r: (r.row, r.column, r.what),
            fine,
            Size.ROW_COMPACT,
        )
        self._totals = TablePanel(totals, preferences)
        self._problems = TablePanel(problems, preferences)
        self._skip = QCheckBox("")
        self._replace = QCheckBox("")
        self._list = link(_("Save the list of problems…"), self.list_asked.emit, "download")
        self._build()

    @property
    def skips_bad_rows(self) -> bool:
        """Whether the good rows go in without the others."""
        return self._skip.isChecked()

    def show_state(self, state: UsageState) -> None:
        """Show what importing would do."""
        found = state.preview
        if found is None:
            return
        facts = [Fact(name, value, "figure") for name, value in figures_of(found)]
        self._figures.show_facts(facts)
        self._totals.show_records(state.totals)
        self._problems.show_records(state.problems)
        self._tabs.show_counts({_PROBLEMS: current().number(len(state.problems))})
        bad = found.rejected + found.conflicts
        self._skip.setText(ngettext("Leave {n} bad row out", "Leave {n} bad rows out", bad))
        self._skip.setVisible(bool(bad))
        self._list.setVisible(bool(state.problems))
        self._show_replace(state)
        self._show_banner(state)

    def go_to_problem(self, *, has_problems: bool) -> None:
        """Show first what needs a person."""
        self._tabs.choose(_PROBLEMS if has_problems else _TOTALS)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE_HALF)
        self._figures.setMinimumHeight(56)
        layout.addWidget(boxed(column(self._figures, margins=(18, 12, 18, 4)), "card"))
        layout.addWidget(self._banner)
        layout.addLayout(row(self._tabs, None, self._list))
        layout.addWidget(self._totals, 1)
        layout.addWidget(self._problems, 1)
        layout.addLayout(column(self._skip, self._replace, spacing=2))
        self._tabs.chosen.connect(self._choose)
        self._problems.opened.connect(self.cell_asked)
        self._skip.toggled.connect(lambda *_: self.skip_changed.emit())
        self._replace.clicked.connect(self.replace_changed)
        self._choose(_TOTALS)

    def _choose(self, key: str) -> None:
        shown, other = (self._totals, self._problems) if key == _TOTALS else (self._problems, self._totals)
        # Hidden first: while both stand below one another the window grows for them, and stays so.
        other.hide()
        shown.show()

    def _show_replace(self, state: UsageState) -> None:
        period = state.period
        self._replace.setVisible(period is not None)
        if period is not None:
            days = current().days(period.start, period.last_day)
            text = _("This file is the corrected truth of {days}: replace what its contracts have there", days=days)
            self._replace.setText(text)
            self._replace.setChecked(state.replaces)

    def _show_banner(self, state: UsageState) -> None:
        already = state.preview.already if state.preview else None
        bills = preview_words(state.preview.bill if state.preview else None)
        self._banner.setVisible(already is not None or bool(bills))
        if bills:
            self._banner.show_text(bills)
        if already is not None:
            day = current().day(already.imported_at.astimezone().date())
            words = _(
                "This very file was imported on {day} by {user}; it is not counted twice.", day=day, user=already.user
            )
            self._banner.show_text(words)
