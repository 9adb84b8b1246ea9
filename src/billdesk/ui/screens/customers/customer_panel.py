"""The panel of one customer: what they owe, their contracts, invoices, contacts and history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.customers import Contact, Customer
from billdesk.domain.invoices import DocumentStatus
from billdesk.domain.subscriptions import SubscriptionState
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services.audit_words import describe_event
from billdesk.services.customer_overview import CustomerOverview, UpcomingDocument
from billdesk.ui.core.countries import country_name
from billdesk.ui.core.table_columns import Status
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import Fact, IconLabel, KeyValueList, StatusChip, avatar, column, label, link, row, rule
from billdesk.ui.core.widgets.bars import RowButton
from billdesk.ui.core.widgets.elided import ElidedLabel, elide

Go = Callable[[str, str], object]
"""Opens a record on a screen: name of the screen, key of the record."""

CONTRACT_STATES: Final = {
    SubscriptionState.FUTURE: Status(N_("Future"), Tone.GREY),
    SubscriptionState.TRIAL: Status(N_("Trial"), Tone.BLUE),
    SubscriptionState.ACTIVE: Status(N_("Active"), Tone.GREEN),
    SubscriptionState.PAUSED: Status(N_("Paused"), Tone.AMBER),
    SubscriptionState.ENDING: Status(N_("Ending"), Tone.AMBER),
    SubscriptionState.ENDED: Status(N_("Ended"), Tone.GREY),
}
INVOICE_STATES: Final = {
    DocumentStatus.DRAFT: Status(N_("Draft"), Tone.GREY),
    DocumentStatus.OPEN: Status(N_("Open"), Tone.BLUE),
    DocumentStatus.PARTLY_PAID: Status(N_("Partly paid"), Tone.AMBER),
    DocumentStatus.PAID: Status(N_("Paid"), Tone.GREEN),
    DocumentStatus.OVERDUE: Status(N_("Overdue"), Tone.RED),
    DocumentStatus.VOID: Status(N_("Void"), Tone.GREY),
    DocumentStatus.UNCOLLECTIBLE: Status(N_("Uncollectible"), Tone.GREY),
}
_CONTRACTS_SHOWN: Final = 12
_VALUE: Final = 220


class CustomerContent(QWidget):
    """What the panel shows of a customer; asks for the coming documents when a person does."""

    upcoming_asked = Signal()

    def __init__(self, overview: CustomerOverview, go: Go, offers: QWidget | None = None) -> None:
        super().__init__()
        self._overview = overview
        self._go = go
        self._upcoming = QWidget()
        inside = self._coming = QVBoxLayout(self._upcoming)
        inside.setContentsMargins(Space.HALF, 0, Space.HALF, 0)
        inside.setSpacing(Space.HALF)
        self._ask = link(_("Work out the documents to come"), self._ask_upcoming, "calendar")
        inside.addLayout(row(self._ask, None))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.ONE)
        self._layout.addLayout(self._head())
        self._layout.addWidget(KeyValueList(_facts(overview)))
        self._section(_("Open invoices"), self._open_items())
        self._section(_("Contracts"), self._contracts())
        self._section(_("Discounts and credits"), [offers] if offers is not None else [])
        self._section(_("Last invoices"), self._invoices())
        self._section(_("The next twelve months"), [self._upcoming])
        self._section(_("Contacts"), [_contact(one) for one in overview.card.customer.contacts])
        self._section(_("Belongs together"), self._family())
        self._section(_("Notes"), _paragraphs(overview.card.customer.notes))
        self._section(_("History"), self._history())

    def show_next_invoice(self, text: str) -> None:
        """Say when the next invoice comes, once that is worked out."""
        self._layout.insertWidget(2, label(text, "second", wrap=True, selectable=True))
        self._layout.insertWidget(2, label(_("Next invoice"), "heading"))

    def _ask_upcoming(self) -> None:
        self._ask.setEnabled(False)
        self.upcoming_asked.emit()

    def show_upcoming(self, found: Sequence[UpcomingDocument]) -> None:
        """Show the documents of the coming months, each with its contract where there are several."""
        self._ask.hide()
        several = len({one.contract for one in found}) > 1
        for one in found:
            words = current().day(one.on) + (f" · {one.contract}" if several else "")
            icon = IconLabel("file-text", "text_faint", 16)
            self._coming.addWidget(_boxed(icon, label(words, "second"), label(current().money(one.total), "strong")))
        if not found:
            self._coming.addWidget(label(_("No contract falls due."), "faint"))

    def _head(self) -> QVBoxLayout:
        customer = self._overview.card.customer
        where = " · ".join(filter(None, (customer.address.city, country_name(customer.address.country))))
        words = column(label(customer.number, "strong", selectable=True), ElidedLabel(where, "faint"), spacing=1)
        line = row(avatar(customer.name), words, spacing=Space.ONE_HALF)
        archived = [StatusChip(_("Archived"), Tone.GREY)] if customer.archived else []
        return column(line, *archived, Space.HALF)

    def _section(self, title: str, widgets: Sequence[QWidget]) -> None:
        if not widgets:
            return
        self._layout.addSpacing(Space.HALF)
        self._layout.addWidget(rule())
        self._layout.addWidget(label(title, "heading"))
        for widget in widgets:
            self._layout.addWidget(widget)

    def _open_items(self) -> list[QWidget]:
        return [
            self._line(
                aged.item.number,
                ngettext("{n} day late", "{n} days late", aged.days_overdue) if aged.days_overdue else _("not due"),
                (label(current().money(aged.item.open), "red" if aged.days_overdue else "strong"),),
                ("invoices", aged.item.document_id),
            )
            for aged in self._overview.open_items
        ]

    def _contracts(self) -> list[QWidget]:
        return [
            self._line(
                one.number,
                " · ".join(filter(None, (one.plan_name, current().money(Money(one.mrr_minor, one.currency))))),
                (_chip(CONTRACT_STATES[one.state]),),
                ("subscriptions", one.id),
            )
            for one in self._overview.card.subscriptions[:_CONTRACTS_SHOWN]
        ]

    def _invoices(self) -> list[QWidget]:
        return [
            self._line(
                one.number or _("Draft"),
                current().day(one.issue_date),
                (_chip(INVOICE_STATES[one.status]), label(current().money(one.total), "strong")),
                ("invoices", one.id),
            )
            for one in self._overview.last_invoices
        ]

    def _family(self) -> list[QWidget]:
        card = self._overview.card
        parent = [(card.parent.id, card.parent.name, _("receives and pays the invoices"))] if card.parent else []
        others = [(one.id, one.name, _("invoiced to this customer")) for one in card.children]
        return [self._line(name, note, (), ("customers", key)) for key, name, note in [*parent, *others]]

    def _history(self) -> list[QWidget]:
        lines = []
        for event in self._overview.history:
            words = describe_event(event)
            day = label(current().day(event.at.astimezone().date()), "faint")
            text = ElidedLabel(f"{words.title} · {event.user}" if event.user else words.title, "second")
            lines.append(_boxed(IconLabel("history", "text_faint", 16), text, day))
        return lines

    def _line(self, title: str, note: str, ends: Sequence[QWidget], target: tuple[str, int]) -> QWidget:
        words = column(ElidedLabel(title, "medium"), ElidedLabel(note, "faint"), spacing=1)
        layout = row(words, *ends, spacing=Space.ONE_HALF, margins=(Space.HALF, 3, Space.HALF, 3))
        layout.setStretch(0, 1)
        screen, key = target
        return RowButton(layout, f"{title}, {note}", partial(self._go, screen, str(key)), look="line-row")


def _facts(overview: CustomerOverview) -> list[Fact]:
    customer, card = overview.card.customer, overview.card
    zero = (Money.zero(customer.currency),)
    late = any(aged.days_overdue for aged in overview.open_items)
    mrr: dict[str, int] = {}
    for one in card.subscriptions:
        mrr[one.currency] = mrr.get(one.currency, 0) + one.mrr_minor
    recurring = tuple(Money(minor, code) for code, minor in mrr.items() if minor)
    return [
        Fact(_("Open balance"), _amounts(overview.open or zero), "red" if late else "strong"),
        Fact(_("Per month"), _amounts(recurring or zero)),
        *([Fact(_("Unused money"), _amounts(overview.unused), "green")] if overview.unused else []),
        Fact(_("Currency"), customer.currency),
        *_filled(customer),
    ]


def _filled(customer: Customer) -> list[Fact]:
    terms = customer.payment_terms_days
    pairs = (
        (_("VAT number"), customer.tax_id),
        (_("IBAN"), ", ".join(customer.ibans)),
        (_("Payment terms"), "" if terms is None else ngettext("{n} day", "{n} days", terms)),
        (_("Purchase order"), customer.purchase_order),
        (_("Tags"), ", ".join(customer.tags)),
    )
    return [Fact(name, elide(value, _VALUE)) for name, value in pairs if value]


def _amounts(found: Sequence[Money]) -> str:
    return " + ".join(current().money(amount) for amount in found)


def _chip(status: Status) -> StatusChip:
    return StatusChip(_(status.label), status.tone)


def _contact(contact: Contact) -> QWidget:
    role = ", ".join(filter(None, (contact.role, _("gets invoices") if contact.receives_invoices else "")))
    lines = [
        _selectable(ElidedLabel(text, look))
        for text, look in (
            (contact.name, "medium"),
            (contact.email, "second"),
            (contact.phone, "second"),
            (role, "faint"),
        )
        if text
    ]
    holder = QWidget()
    holder.setLayout(column(*lines, spacing=1))
    return holder


def _selectable(made: ElidedLabel) -> ElidedLabel:
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _paragraphs(text: str) -> list[QWidget]:
    return [label(text, "second", wrap=True, selectable=True)] if text else []


def _boxed(*parts: QWidget) -> QWidget:
    holder = QWidget()
    layout = row(*parts, spacing=Space.ONE)
    layout.setStretch(1, 1)
    holder.setLayout(layout)
    parts[0].setFixedWidth(20)
    return holder
