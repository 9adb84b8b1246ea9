"""The page on which a file is checked: counts, the grid, what is wrong with the cell, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services.imports import Outcome
from billdesk.ui.core.imports.check_grid import CheckGrid, CheckModel
from billdesk.ui.core.imports.records import OUTCOMES, CheckSheet
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import Banner, Segment, SegmentedTabs, column, label, link, row

_ALL: Final = "all"


class CheckPage(QWidget):
    """Announces corrections as sheet, row, column and text."""

    corrected = Signal(str, int, str, str)
    skip_changed = Signal()
    list_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sheets: tuple[CheckSheet, ...] = ()
        self._sheet = ""
        self._wanted = ""
        self._model = CheckModel()
        self._grid = CheckGrid(self._model)
        self._sheet_bar = QVBoxLayout()
        self._tabs = SegmentedTabs(_segments(), _("Result"))
        self._problem = label("", "problem", wrap=True, selectable=True)
        self._skip = QCheckBox("")
        self._list = link(_("Save the list of problems…"), self.list_asked.emit, "download")
        self.banner = Banner("", Tone.AMBER, can_close=False)
        self._layout = QVBoxLayout(self)
        self._build()

    @property
    def skips_bad_rows(self) -> bool:
        """Whether the good rows go in without the others."""
        return self._skip.isChecked()

    def show_sheets(self, sheets: Sequence[CheckSheet]) -> None:
        """Show what would become of each row; the sheet, filter and cell that were chosen stay."""
        names = tuple(sheet.name for sheet in sheets)
        is_new = names != tuple(sheet.name for sheet in self._sheets)
        self._sheets = tuple(sheets)
        if is_new:
            self._show_sheet_bar()
            self._sheet = next((s.name for s in sheets if s.counts[Outcome.REJECTED]), names[0] if names else "")
            self._wanted = Outcome.REJECTED if self._now().counts[Outcome.REJECTED] else _ALL
        self._show()
        if is_new:
            self.go_to_problem()

    def go_to_problem(self) -> None:
        """Make the first wrong cell current."""
        for line in self._model.rows:
            place = min((place for place in line.bad if place >= 0), default=None)
            if place is not None:
                self._grid.go_to(line.number, place)
                return

    def _build(self) -> None:
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.ONE_HALF)
        self._layout.addWidget(self.banner)
        self.banner.hide()
        self._layout.addLayout(self._sheet_bar)
        self._layout.addLayout(row(self._tabs, None))
        self._layout.addWidget(self._grid, 1)
        self._layout.addLayout(column(self._problem, row(self._skip, None, self._list), spacing=Space.ONE))
        self._tabs.chosen.connect(self._filter)
        self._model.edited.connect(lambda number, name, text: self.corrected.emit(self._sheet, number, name, text))
        self._grid.current_moved.connect(self._tell)
        self._skip.toggled.connect(lambda *_: self.skip_changed.emit())

    def _show_sheet_bar(self) -> None:
        while self._sheet_bar.count():
            item = self._sheet_bar.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if len(self._sheets) > 1:
            bar = SegmentedTabs([Segment(sheet.name, sheet.label) for sheet in self._sheets], _("Sheet"))
            bar.show_counts({sheet.name: current().number(sum(sheet.counts.values())) for sheet in self._sheets})
            bar.chosen.connect(self._choose_sheet)
            self._sheet_bar.addWidget(bar)

    def _now(self) -> CheckSheet:
        return next(sheet for sheet in self._sheets if sheet.name == self._sheet)

    def _choose_sheet(self, name: str) -> None:
        self._sheet = name
        self._show()

    def _filter(self, key: str) -> None:
        self._wanted = key
        self._show()

    def _show(self) -> None:
        if not self._sheets:
            return
        sheet = self._now()
        total = {_ALL: sum(sheet.counts.values())}
        self._tabs.show_counts({key: current().number(count) for key, count in (total | dict(sheet.counts)).items()})
        with QSignalBlocker(self._tabs):
            self._tabs.choose(self._wanted)
        rows = [line for line in sheet.rows if self._wanted in {_ALL, line.outcome}]
        self._model.show_rows(sheet.columns, rows)
        rejected = sum(one.counts[Outcome.REJECTED] for one in self._sheets)
        self._skip.setText(ngettext("Leave {n} rejected row out", "Leave {n} rejected rows out", rejected))
        for part in (self._skip, self._list):
            part.setVisible(bool(rejected))
        self._tell()

    def _tell(self) -> None:
        index = self._grid.currentIndex()
        found = self._model.rows[index.row()].bad if index.isValid() and index.row() < len(self._model.rows) else {}
        text = found.get(index.column() - 1) or next(iter(found.values()), "")
        self._problem.setText(text)
        self._problem.setVisible(bool(text))


def _segments() -> list[Segment]:
    words = [Segment(outcome.value, _(word)) for outcome, (word, _tone) in OUTCOMES.items()]
    return [Segment(_ALL, _("All rows")), *words]
