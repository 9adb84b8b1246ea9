"""The form of a customer: the data at the left, at the right what the next invoice makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from billdesk.domain.customers import Customer
from billdesk.kernel.errors import InvalidValue
from billdesk.kernel.i18n import LANGUAGES, _
from billdesk.services.customer_overview import FormFacts, NextInvoice
from billdesk.services.customers import check_customer, find_customers
from billdesk.ui.core.countries import country_choices, currency_choices
from billdesk.ui.core.editors import ChoiceEditor, Editor, IntegerEditor, ParagraphEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.record_form import RecordForm
from billdesk.ui.core.record_picker import Hit, RecordPicker
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import (
    Card,
    Fact,
    KeyValueList,
    PageHeader,
    StatusChip,
    boxed,
    button,
    column,
    label,
    primary,
    scrolled,
)
from billdesk.ui.core.widgets.elided import elide
from billdesk.ui.core.widgets.layouts import beside_buttons
from billdesk.ui.screens.customers.customer_values import (
    CHANNELS,
    CONTACT_FIELDS,
    GROUPINGS,
    KINDS,
    POLICIES,
    address_lines,
    blank,
    invoice_facts,
    next_invoice_text,
    to_record,
    to_values,
)

_PAUSE_MS: Final = 350
_PREVIEW_WIDTH: Final = 296
_TITLE: Final = 560
_VALUE: Final = 176
_CHECKED: Final = frozenset({"name", "number", "tax_id", "iban", "email", "payment_terms_days", "currency", "country"})
"""Fields that `check_customer` may name."""


class CustomerForm(RecordForm[Customer]):
    """Edits one customer; `submitted` carries the record, `left` says that nothing is wanted."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._facts: FormFacts | None = None
        self._shown: dict[str, object] = {}
        self._touched: set[str] = set()
        self._editors: dict[str, Editor] = {}
        self._grids = {name: FormGrid(2) for name in ("customer", "address", "billing", "contacts")}
        self._chip = StatusChip(_("Unsaved changes"), Tone.AMBER)
        self._header = PageHeader(_("New customer"), "", self._buttons())
        self._preview = Card(_("On the next invoice"))
        self._next = label("", "second", wrap=True)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._look)
        self._add_fields()
        self._build()

    def _buttons(self) -> list[QWidget]:
        self._save = primary(_("Save"), self.submit)
        return [beside_buttons(self._chip), button(_("Cancel"), self.leave), self._save]

    def _add_fields(self) -> None:
        customer, address = partial(self._add, "customer"), partial(self._add, "address")
        self._name = customer("name", _("Name"), TextEditor())
        customer("number", _("Number"), TextEditor())
        customer("legal_name", _("Legal name"), TextEditor(), hint=_("On documents, where it differs."))
        customer("kind", _("Kind"), ChoiceEditor(_translated(KINDS)))
        customer("tax_id", _("VAT number"), TextEditor())
        customer("company_number", _("Company number"), TextEditor())
        customer("language", _("Language of documents"), ChoiceEditor(list(LANGUAGES.items())))
        customer("tags", _("Tags"), TextEditor(), hint=_("Several are parted by a comma."))
        address("street", _("Street and number"), TextEditor(), is_wide=True)
        address("street2", _("Second line"), TextEditor(), is_wide=True)
        address("postcode", _("Postcode"), TextEditor())
        address("city", _("City"), TextEditor())
        address("region", _("Region"), TextEditor())
        address("country", _("Country"), ChoiceEditor(country_choices(), can_be_empty=True))
        self._add_billing_fields()
        grid = RowGrid(CONTACT_FIELDS, self._today)
        self._add("contacts", "email", "", grid, is_wide=True).name(_("Contacts"))
        self._add("contacts", "notes", _("Notes"), ParagraphEditor(), is_wide=True)

    def _add_billing_fields(self) -> None:
        billing = partial(self._add, "billing")
        billing("currency", _("Currency"), ChoiceEditor(currency_choices()), hint=_("Of new contracts."))
        terms = IntegerEditor(_("company's"))
        billing("payment_terms_days", _("Payment terms in days"), terms, hint=_("Empty takes the company's."))
        billing("channel", _("Send by"), ChoiceEditor(_translated(CHANNELS)))
        billing("grouping", _("Invoices"), ChoiceEditor(_translated(GROUPINGS)))
        billing("credit_policy", _("Credits"), ChoiceEditor(_translated(POLICIES)))
        billing("purchase_order", _("Purchase order"), TextEditor())
        billing("iban", _("Bank accounts (IBAN)"), TextEditor(), hint=_("Several are parted by a semicolon."))
        self._payer = RecordPicker(self._context.tasks, _find_payers, _("This customer"))
        billing("parent_id", _("Who pays"), self._payer, hint=_("Another customer who gets the invoices."))
        billing("tax_exempt_reason", _("Free of tax because"), TextEditor(), hint=_("Empty: taxed as usual."))
        self._entity = ChoiceEditor([])
        billing("entity", _("Company"), self._entity)

    def _add(self, grid: str, key: str, title: str, editor: Editor, **more: Any) -> Editor:  # noqa: ANN401 - of FormGrid.add
        self._editors[key] = editor
        editor.changed.connect(partial(self._edited, key))
        return self._grids[grid].add(key, title, editor, **more)

    def _build(self) -> None:
        left = QWidget()
        fields = QVBoxLayout(left)
        fields.setContentsMargins(0, 0, Space.ONE, 0)
        fields.setSpacing(Space.TWO)
        titles = (_("Customer"), _("Address"), _("Billing"), _("Contacts and notes"))
        for title, grid in zip(titles, self._grids.values(), strict=True):
            card = Card(title)
            card.body.addWidget(grid)
            fields.addWidget(card)
        fields.addStretch(1)
        self._address = label("", "medium", wrap=True)
        self._about = KeyValueList()
        inset = boxed(column(self._address, margins=(12, 10, 12, 10)), "inset")
        parts: tuple[QWidget, ...] = (inset, self._about, label(_("When"), "heading"), self._next)
        for part in parts:
            self._preview.body.addWidget(part)
        self._preview.setFixedWidth(_PREVIEW_WIDTH)
        below = QHBoxLayout()
        below.setSpacing(Space.TWO)
        below.addWidget(scrolled(left), 1)
        below.addLayout(column(self._preview, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.TWO)
        layout.addWidget(self._header)
        layout.addWidget(self._banner)
        layout.addLayout(below, 1)
        self.setFocusProxy(self._name.focus_target())

    def show_new(self, facts: FormFacts) -> None:
        """Begin with an empty customer."""
        self._show(blank(facts), facts, _("New customer"), _("What is left empty can be filled in later."))
        self._next.setText(_("Once a contract falls due."))

    def show_customer(self, record: Customer, parent: Customer | None, facts: FormFacts) -> None:
        """Begin with a customer as it is in the book."""
        self._show(record, facts, record.name, record.number)
        self._payer.set_value(Hit(str(parent.id), parent.name) if parent else None)
        self._shown = self._typed() or {}

    def show_next_invoice(self, found: NextInvoice) -> None:
        """Say when the next invoice comes, once that is worked out."""
        self._next.setText(next_invoice_text(found))

    @property
    def has_changes(self) -> bool:
        """Something was typed that is not saved."""
        return self._before is not None and self._typed() != self._shown

    def submit(self) -> None:
        """Announce the record, or show what is wrong with it."""
        problems = [problem for form in self._grids.values() for problem in form.problems()]
        record = self._record()
        if record is not None:
            problems += check_customer(record)
        if not self.show_problems(problems):
            self.submitted.emit(record)

    def _forms(self) -> list[FormGrid]:
        return list(reversed(self._grids.values()))

    def _show(self, record: Customer, facts: FormFacts, title: str, note: str) -> None:
        self._before, self._facts = record, facts
        self._entity.set_choices([(str(one.id), one.name) for one in facts.entities])
        values = to_values(record)
        for form in self._grids.values():
            form.set_values(values)
            form.show_problems([])
        for editor in self._editors.values():
            if isinstance(editor, TextEditor):
                editor.line.setCursorPosition(0)
        self._payer.set_value(None)
        self._header.show_title(elide(title, _TITLE, 22))
        self._header.show_note(note)
        self._banner.hide()
        self._touched.clear()
        self._shown = self._typed() or {}
        self._look()

    def _edited(self, key: str) -> None:
        self._touched.add(key)
        self._chip.setVisible(self.has_changes)
        self._timer.start()

    def _look(self) -> None:
        """Check what was touched and show what the record means for an invoice."""
        self._chip.setVisible(self.has_changes)
        record = self._record()
        if record is None:
            return
        found = {problem.place.field: problem for problem in reversed(check_customer(record))}
        for key in self._touched & _CHECKED:
            self._editors[key].show_problem(found.get(key))
        self._address.setText("\n".join(address_lines(record)) or _("Name and address"))
        self._about.show_facts([Fact(name, elide(value, _VALUE)) for name, value in invoice_facts(record, self._facts)])

    def _typed(self) -> dict[str, Any] | None:
        """Give all values, or None while one of them cannot be read."""
        try:
            return {key: value for form in self._grids.values() for key, value in form.values().items()}
        except InvalidValue:
            return None

    def _record(self) -> Customer | None:
        values = self._typed()
        return None if values is None or self._before is None else to_record(values, self._before)

    def _today(self) -> date:
        return self._facts.today if self._facts else date.min


def _translated(choices: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(str(key), _(word)) for key, word in choices]


def _find_payers(db: Any, text: str) -> list[Hit]:  # noqa: ANN401 - the lane's Db
    rows = find_customers(db, text, limit=12)
    return [Hit(str(row.id), row.name, " · ".join(filter(None, (row.number, row.city)))) for row in rows]
