"""The panel of one contract: what it costs, what is in force, its timeline, and its coming documents."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.invoices import Document
from billdesk.domain.subscriptions import SubscriptionState
from billdesk.kernel.i18n import _, current
from billdesk.ui.core.document_card import DocumentCard
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import (
    Fact,
    IconLabel,
    KeyValueList,
    MoneyLabel,
    StatusChip,
    avatar,
    column,
    label,
    link,
    row,
    rule,
)
from billdesk.ui.core.widgets.bars import RowButton
from billdesk.ui.core.widgets.elided import ElidedLabel
from billdesk.ui.screens.subscriptions.ahead_strip import AheadStrip
from billdesk.ui.screens.subscriptions.subscriptions_presenter import ContractState, Step


class ContractPanel(QWidget):
    """Announces what is clicked."""

    customer_asked = Signal(int)
    revoke_asked = Signal(object)
    move_asked = Signal(object)
    drag_asked = Signal(object, object)
    term_asked = Signal()
    renewal_asked = Signal()

    def __init__(self, state: ContractState, offers: QWidget | None = None) -> None:
        super().__init__()
        self._state = state
        self._offers = offers
        self._upcoming = QVBoxLayout()
        self._upcoming.setSpacing(0)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.ONE)
        self._build()

    def show_upcoming(self, documents: Sequence[Document]) -> None:
        """Show the documents of the coming months."""
        _empty(self._upcoming)
        for document in documents:
            self._upcoming.addWidget(_Upcoming(document))
        if not documents:
            self._upcoming.addWidget(label(_("Nothing is to be billed in the next twelve months."), "faint", wrap=True))

    def _build(self) -> None:
        state = self._state
        per_month = label(current().money(state.per_month), "display", selectable=True)
        self._layout.addLayout(row(per_month, label(_("per month"), "faint"), None))
        self._layout.addLayout(row(StatusChip(_(state.status.label), state.status.tone), None))
        self._layout.addWidget(self._customer())
        self._layout.addWidget(KeyValueList([Fact(name, text) for name, text in state.facts]))
        self._section(_("Contract term"))
        self._layout.addWidget(self._term())
        self._section(_("Prices in force"))
        self._layout.addWidget(KeyValueList([Fact(name, text, "") for name, text in state.terms]))
        if not state.terms:
            self._layout.addWidget(label(_("No price is in force today."), "faint"))
        if self._offers is not None:
            self._section(_("Discounts and credits"))
            self._layout.addWidget(self._offers)
        self._section(_("Timeline"))
        if any(step.is_future for step in state.steps):
            strip = AheadStrip(state.steps, state.today)
            strip.dragged.connect(self.drag_asked)
            self._layout.addWidget(strip)
        for step in state.steps:
            self._layout.addWidget(self._step(step))
        self._section(_("Next twelve months"))
        self._layout.addWidget(
            label(_("Worked out from contract and prices; usage as known today."), "faint", wrap=True)
        )
        self._upcoming.addWidget(label(_("Working it out…"), "faint"))
        self._layout.addLayout(self._upcoming)

    def _section(self, title: str) -> None:
        self._layout.addWidget(rule())
        self._layout.addWidget(label(title, "heading"))

    def _customer(self) -> RowButton:
        customer = self._state.card.customer
        note = " · ".join(part for part in (customer.number, customer.address.city) if part)
        inside = row(avatar(customer.name), spacing=Space.ONE_HALF, margins=(0, 4, 0, 4))
        inside.addLayout(column(ElidedLabel(customer.name, "strong"), ElidedLabel(note, "faint"), spacing=1), 1)
        go = lambda: self.customer_asked.emit(customer.id)  # noqa: E731 - handed on at once
        return RowButton(inside, _("Open customer {name}", name=customer.name), go)

    def _term(self) -> QWidget:
        agreed = self._state.agreed
        holder = QWidget()
        parts: list[QWidget] = [KeyValueList([Fact(name, text) for name, text in agreed])] if agreed else []
        parts += [] if agreed else [label(_("None: it may end on any day."), "faint")]
        inside = column(*parts, spacing=Space.ONE)
        actions = [link(_("Renew…"), self.renewal_asked.emit, "repeat")] if agreed else []
        words = _("Agree on another term…") if agreed else _("Agree on a term…")
        if self._state.card.standing.state is not SubscriptionState.ENDED:
            inside.addLayout(row(*actions, link(words, self.term_asked.emit, "pencil"), None))
        holder.setLayout(inside)
        return holder

    def _step(self, step: Step) -> QWidget:
        sign = "undo" if step.is_revoked else "clock" if step.is_future else "check"
        icon = IconLabel(sign, "accent" if step.is_future else "text_faint", 16)
        icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        text = label(step.text, "faint" if step.is_revoked else "medium", wrap=True)
        note = label(f"{step.day} · {step.note}" if step.note else step.day, "faint", wrap=True)
        parts: list[QWidget] = [text, note]
        holder = QWidget()
        words = column(*parts, spacing=1)
        if step.is_future:
            take_back = link(_("Take back…"), lambda: self.revoke_asked.emit(step), "undo")
            words.addLayout(row(take_back, link(_("Move…"), lambda: self.move_asked.emit(step), "calendar"), None))
        line = row(icon, spacing=Space.ONE, margins=(0, 3, 0, 3))
        line.addLayout(words, 1)
        holder.setLayout(line)
        return holder


class _Upcoming(QWidget):
    """One coming document: a line that unfolds to the document itself."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._card: QWidget | None = None
        day, total = current().day(document.issue_date), MoneyLabel(document.total, "medium")
        inside = row(label(day, ""), None, total, margins=(6, 4, 6, 4))
        name = _("{day}: {amount}, show its lines", day=day, amount=total.text())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(RowButton(inside, name, self._toggle, look="line-row"))

    def _toggle(self) -> None:
        if self._card is None:
            self._card = DocumentCard(self._document, show_head=False)
            holder = self.layout()
            if holder is not None:
                holder.addWidget(self._card)
            return
        self._card.setVisible(self._card.isHidden())


def _empty(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
