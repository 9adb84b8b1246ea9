"""The right pane of the bank screen: the line, its proposals or what a person composes, and OK."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _, current
from billdesk.services.banking import Match
from billdesk.services.invoices import DocumentRow
from billdesk.ui.core.screen import Context
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import (
    Card,
    EmptyState,
    Fact,
    KeyValueList,
    MoneyLabel,
    Segment,
    SegmentedTabs,
    button,
    column,
    label,
    link,
    primary,
    row,
    scrolled,
)
from billdesk.ui.screens.banking.composer import Composer
from billdesk.ui.screens.banking.composition import Composition, compose, judge, load_documents
from billdesk.ui.screens.banking.line_state import LineDetail
from billdesk.ui.screens.banking.proposal_list import ProposalList

_LEAST_WIDTH = 404


class MatchPane(Card):
    """Shows one line; `accepted` carries the line and its match once a person said OK."""

    accepted = Signal(object, object)
    not_customer_asked = Signal(object)
    unmatch_asked = Signal(object)
    rule_asked = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._tasks = context.tasks.of(self)
        self._detail: LineDetail | None = None
        self._composition: Composition | None = None
        self.setMinimumWidth(_LEAST_WIDTH)
        self._head = QVBoxLayout()
        self._head.setSpacing(Space.HALF)
        self._tabs = SegmentedTabs(
            [Segment("proposals", _("Proposals")), Segment("compose", _("By hand"))], _("How to settle the line")
        )
        self._proposals = ProposalList()
        self._composer = Composer(context)
        self._settled = KeyValueList()
        self._none = label("", "second", wrap=True)
        self._pages = QStackedWidget()
        self._remaining = label("", "strong")
        self._build()

    def show_nothing(self, text: str, detail: str) -> None:
        """Show that no line is chosen."""
        self._detail = None
        self._replace_empty(text, detail)
        self._body.hide()
        self._empty.show()

    def show_line(self, detail: LineDetail) -> None:
        """Show a line, with the best proposal chosen."""
        self._detail = detail
        self._empty.hide()
        self._body.show()
        self._show_head(detail)
        self._tabs.setVisible(detail.is_open)
        self._open_buttons.setVisible(detail.is_open)
        self._settled_buttons.setVisible(not detail.is_open)
        self._composition = Composition(detail.line.line.amount)
        self._proposals.show_proposals(detail.proposals)
        self._none.setVisible(detail.is_open and not detail.proposals)
        self._settled.show_facts([Fact(name, amount) for name, amount in detail.settled])
        self._composer.show_composition(self._composition)
        self._choose("proposals" if detail.is_open else "settled")

    @property
    def is_ready(self) -> bool:
        """Whether OK would settle the line."""
        return self._ok.isEnabled() and self._detail is not None and self._detail.is_open

    def accept(self) -> None:
        """Say OK to the chosen proposal or to what was composed."""
        match = self._match()
        if self._detail is not None and match is not None and self.is_ready:
            self._ok.setEnabled(False)
            self.accepted.emit(self._detail.line, match)

    def choose_proposal(self, place: int) -> None:
        """Choose a proposal by its number."""
        self._tabs.choose("proposals")
        self._proposals.choose(place)

    def compose_by_hand(self) -> None:
        """Go to the search for documents, with what the chosen proposal says."""
        if self._detail is not None and self._detail.is_open:
            self._adjust()
            self._composer.focus_search()

    def ask_not_customer(self) -> None:
        """Ask for the ledger account of a line that is no customer's payment."""
        if self._detail is not None and self._detail.is_open:
            self.not_customer_asked.emit(self._detail)

    def wait(self) -> None:
        """Take no OK while another line is being read: a quick second Enter must not settle the wrong one."""
        self._ok.setEnabled(False)

    def allow_again(self) -> None:
        """Take OK once more, after a step was refused."""
        self._show_remaining()

    def _build(self) -> None:
        self.body.setContentsMargins(0, 0, 0, 0)
        self._body = QWidget()
        inside = QVBoxLayout(self._body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(18, Space.TWO, 18, Space.ONE)
        head.setSpacing(Space.ONE_HALF)
        head.addLayout(self._head)
        head.addWidget(self._tabs)
        inside.addLayout(head)
        self._fill_pages()
        inside.addWidget(self._pages, 1)
        inside.addWidget(self._footer())
        self._empty_place = QVBoxLayout()
        self._empty: QWidget = QWidget()
        self._empty_place.addWidget(self._empty)
        self.body.addLayout(self._empty_place)
        self.body.addWidget(self._body)
        self._tabs.chosen.connect(self._choose)
        self._proposals.chosen.connect(lambda _place: self._show_remaining())
        self._composer.changed.connect(self._take)
        self.show_nothing(_("No line is chosen"), _("Choose a line at the left to see what it pays."))

    def _fill_pages(self) -> None:
        self._none.setText(
            _("Nothing fits this line. Find what it pays by hand, or say that it is no customer's payment.")
        )
        adjust = link(_("Settle by hand"), self.compose_by_hand, "pencil")
        pages = {
            "proposals": column(self._none, self._proposals, row(adjust, None), None, margins=(18, 4, 18, 12)),
            "compose": column(self._composer, margins=(18, 4, 18, 12)),
            "settled": column(label(_("Settled as"), "label"), self._settled, None, margins=(18, 4, 18, 12)),
        }
        self._places = {}
        for key, layout in pages.items():
            page = QWidget()
            page.setLayout(layout)
            self._places[key] = self._pages.addWidget(scrolled(page))

    def _footer(self) -> QFrame:
        frame = QFrame()
        set_look(frame, "footer")
        self._ok = primary(_("OK"), self.accept, "check")
        self._ok.setToolTip(_("Enter in the list does the same"))
        no = button(_("Not a customer…"), self.ask_not_customer)
        self._open_buttons = QWidget()
        self._open_buttons.setLayout(row(self._remaining, None, no, self._ok))
        self._settled_buttons = QWidget()
        take_back = button(_("Take the match back"), self._ask_unmatch, "undo")
        self._settled_buttons.setLayout(row(None, take_back))
        frame.setLayout(column(self._open_buttons, self._settled_buttons, margins=(18, 10, 14, 12)))
        return frame

    def _replace_empty(self, text: str, detail: str) -> None:
        old = self._empty
        self._empty = EmptyState("landmark", text, detail)
        self._empty_place.replaceWidget(old, self._empty)
        old.hide()
        old.deleteLater()

    def _show_head(self, detail: LineDetail) -> None:
        while self._head.count():
            item = self._head.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        top = QWidget()
        rule = link(_("Rule…"), partial(self.rule_asked.emit, detail), "filter")
        heading = label(detail.heading, "heading", wrap=True, selectable=True)
        words = row(spacing=Space.ONE)
        words.addWidget(heading, 1)
        words.addWidget(rule)
        top.setLayout(words)
        self._head.addWidget(top)
        amount = MoneyLabel(detail.line.line.amount, "figure")
        holder = QWidget()
        holder.setLayout(row(amount, None))
        self._head.addWidget(holder)
        for name, text in detail.facts:
            self._head.addWidget(label(f"{name}: {text}", "second", wrap=True, selectable=True))

    def _choose(self, key: str) -> None:
        self._pages.setCurrentIndex(self._places[key])
        self._show_remaining()

    def _is_composing(self) -> bool:
        return self._tabs.key == "compose"

    def _adjust(self) -> None:
        """Take the chosen proposal apart, so that its amounts can be changed."""
        self._tabs.choose("compose")
        proposal = self._chosen()
        if proposal is not None:
            ids = tuple(dict.fromkeys(share.document_id for share in proposal.shares))
            self._tasks.query(load_documents, ids, then=partial(self._take_apart, proposal), latest="documents")

    def _take_apart(self, match: Match, documents: list[DocumentRow]) -> None:
        if self._detail is not None:
            self._take(compose(self._detail.line.line.amount, match, documents))
            if self._composition is not None:
                self._composer.show_composition(self._composition)

    def _chosen(self) -> Match | None:
        place = self._proposals.place
        return self._detail.proposals[place].match if self._detail and place >= 0 else None

    def _match(self) -> Match | None:
        if self._is_composing():
            return self._composition.match() if self._composition else None
        return self._chosen()

    def _take(self, composition: Composition) -> None:
        self._composition = composition
        self._show_remaining()

    def _show_remaining(self) -> None:
        if self._detail is None or self._composition is None:
            return
        by_hand = self._composition if self._is_composing() else None
        verdict = judge(self._detail.line.line.amount, self._chosen(), by_hand)
        self._ok.setEnabled(verdict.is_ready)
        self._remaining.setText(_("Remaining {amount}", amount=current().money(verdict.remaining)))
        set_look(self._remaining, "green" if not verdict.remaining else "strong")

    def _ask_unmatch(self) -> None:
        self.unmatch_asked.emit(self._detail)
