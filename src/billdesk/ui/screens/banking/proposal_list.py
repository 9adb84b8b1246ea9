"""The proposals for a line: cards of which one is chosen, each with its reasons and points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import StatusChip, label, row
from billdesk.ui.core.widgets.bars import RowButton
from billdesk.ui.core.widgets.elided import ElidedLabel
from billdesk.ui.screens.banking.line_state import ShownProposal

_REASONS_IN_LINE = 3


class ProposalList(QWidget):
    """Shows proposals, best first; the first is chosen, and keys or a click choose another."""

    chosen = Signal(int)
    adjust_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.ONE)
        self._cards: list[RowButton] = []
        self.setAccessibleName(_("Proposals"))

    @property
    def place(self) -> int:
        """The number of the chosen proposal, counted from 0; -1 without any."""
        return next((place for place, card in enumerate(self._cards) if card.isChecked()), -1)

    def show_proposals(self, proposals: Sequence[ShownProposal]) -> None:
        """Show other proposals and choose the first."""
        for card in self._cards:
            self._group.removeButton(card)
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [self._card(place, proposal) for place, proposal in enumerate(proposals)]
        for card in self._cards:
            self._group.addButton(card)
            self._layout.addWidget(card)
        self.choose(0)

    def choose(self, place: int) -> None:
        """Choose a proposal by its number; numbers without one do nothing."""
        if 0 <= place < len(self._cards):
            self._cards[place].setChecked(True)
            self.chosen.emit(place)

    def _card(self, place: int, proposal: ShownProposal) -> RowButton:
        inside = QVBoxLayout()
        inside.setContentsMargins(14, 10, 12, 10)
        inside.setSpacing(3)
        points = StatusChip(
            _("{n} points", n=sum(points for _reason, points in proposal.reasons)),
            Tone.GREEN if proposal.is_clear else Tone.AMBER,
        )
        head = row(label(f"{place + 1}", "key"))
        head.addWidget(ElidedLabel(proposal.title, "strong"), 1)
        head.addWidget(points)
        inside.addLayout(head)
        for line in (*proposal.lines, *filter(None, (proposal.rest,))):
            inside.addWidget(ElidedLabel(line, "medium"))
        reasons = [f"{reason} {points:+d}" for reason, points in proposal.reasons]
        for start in range(0, len(reasons), _REASONS_IN_LINE):
            inside.addWidget(label(" · ".join(reasons[start : start + _REASONS_IN_LINE]), "faint"))
        name = ", ".join((proposal.title, *proposal.lines, *reasons))
        made = RowButton(inside, name, partial(self.choose, place), look="choice-row")
        made.setCheckable(True)
        # The list of lines keeps the keyboard, so that Enter goes on to the next line.
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made
