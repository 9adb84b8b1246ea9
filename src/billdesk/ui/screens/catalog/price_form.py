"""The form of a price: fields of its charge model per currency, with the live curve beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from billdesk.domain.catalog import Ending, Price
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _
from billdesk.services.catalog import list_charge_models
from billdesk.ui.core.countries import currency_choices
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor, DecimalEditor, IntegerEditor, TextEditor
from billdesk.ui.core.form import FieldForm, FormGrid
from billdesk.ui.core.messages import words
from billdesk.ui.core.record_form import RecordForm
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import (
    Card,
    PageHeader,
    StatusChip,
    button,
    column,
    label,
    link,
    primary,
    row,
    scrolled,
)
from billdesk.ui.core.widgets.elided import elide
from billdesk.ui.core.widgets.layouts import beside_buttons
from billdesk.ui.screens.catalog.catalog_presenter import Facts
from billdesk.ui.screens.catalog.catalog_words import INTERVALS, LATE, PRORATIONS, SOURCES, TIMINGS, offered, price_text
from billdesk.ui.screens.catalog.price_curve import PriceCurve
from billdesk.ui.screens.catalog.price_values import (
    NO_CONVERSION,
    TermsValues,
    own_problems,
    terms_of,
    to_record,
    to_values,
)

_PAUSE_MS: Final = 250
_CURVE_WIDTH: Final = 384
_TITLE: Final = 560
_LIMITS: Final = ("minimum", "maximum")


class PriceForm(RecordForm[Price]):
    """Edits one price; `submitted` carries the record, `left` says that nothing is wanted."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._facts = Facts()
        self._terms: dict[str, TermsValues] = {}
        self._currency = ""
        self._shown: Price | None = None
        self._chip = StatusChip(_("Unsaved changes"), Tone.AMBER)
        self._save = primary(_("Save"), self.submit)
        self._header = PageHeader(
            _("New price"), "", [beside_buttons(self._chip), button(_("Cancel"), self.leave), self._save]
        )
        self._price, self._details = FormGrid(2), FormGrid(2)
        self._choices: dict[str, ChoiceEditor] = {}
        self._currencies = ChoiceEditor([])
        self._limits = FormGrid(2)
        self._charge: FieldForm | None = None
        self._charge_place = QVBoxLayout()
        self._curve = PriceCurve()
        self._words = label("", "second", wrap=True)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._look)
        self._add_fields()
        self._build()

    def _add_fields(self) -> None:
        self._name = self._price.add("name", _("Name"), TextEditor(), hint=_("Stands on invoices."))
        self._price.add("code", _("Code"), TextEditor())
        self._choice(self._price, "product_id", _("Product"), [])
        models = [(model.key, _(model.label)) for model in list_charge_models()]
        self._choice(self._price, "model", _("Charged"), models)
        self._choice(self._price, "quantity_source", _("Quantity"), offered(SOURCES))
        self._choice(self._price, "metric", _("Metric"), [], can_be_empty=True)
        self._price.add("count", _("Billed every"), IntegerEditor())
        self._choice(self._price, "interval", _("Unit of time"), offered(INTERVALS))
        self._choice(self._price, "timing", _("When"), offered(TIMINGS))
        self._choice(self._details, "proration", _("Parts of a period"), offered(PRORATIONS))
        self._details.add("proration_days", _("Fixed number of days"), IntegerEditor())
        self._choice(self._details, "late_usage", _("Usage that comes late"), offered(LATE))
        self._details.add("grace_days", _("Days to wait for usage"), IntegerEditor())
        self._details.add("days_before", _("Days before the period"), IntegerEditor())
        self._choice(self._details, "convert_from", _("A missing currency"), [])
        self._choice(self._details, "ending", _("Converted amounts end in"), [(one.value, one.value) for one in Ending])
        self._details.add("tax_inclusive", "", CheckEditor(_("Tax is included")))
        self._details.add("skip_zero", "", CheckEditor(_("Leave out lines of zero")))
        self._details.add("bill_in_trial", "", CheckEditor(_("Billed during a trial")))
        self._details.add("tiers_restart", "", CheckEditor(_("Tiers start anew when terms change")))
        for name, title in zip(_LIMITS, (_("At least per period"), _("At most per period")), strict=True):
            self._limits.add(name, title, DecimalEditor())
        self._choices["model"].changed.connect(self._change_model)
        self._currencies.name(_("Currency"))
        self._currencies.changed.connect(self._change_currency)
        for form in (self._price, self._details, self._limits):
            form.changed.connect(self._edited)

    def _choice(
        self, form: FormGrid, key: str, title: str, choices: list[tuple[str, str]], *, can_be_empty: bool = False
    ) -> None:
        made = ChoiceEditor(choices, can_be_empty=can_be_empty)
        self._choices[key] = made
        form.add(key, title, made)

    def _build(self) -> None:
        charge = Card(_("What it costs"))
        self._add_currency = ChoiceEditor([], can_be_empty=True)
        self._add_currency.name(_("Add a currency"))
        self._add_currency.changed.connect(self._take_currency)
        self._drop_link = link(_("Remove this currency"), self._drop_currency)
        one = column(label(_("Currency"), "label"), self._currencies, spacing=Space.HALF)
        other = column(label(_("Add a currency"), "label"), self._add_currency, spacing=Space.HALF)
        currencies = row(one, other, spacing=Space.TWO)
        for place in range(2):
            currencies.setStretch(place, 1)
        charge.body.addLayout(currencies)
        charge.body.addLayout(self._charge_place)
        charge.body.addWidget(self._limits)
        charge.body.addLayout(row(self._drop_link, None))
        left = QWidget()
        fields = QVBoxLayout(left)
        fields.setContentsMargins(0, 0, Space.ONE, 0)
        fields.setSpacing(Space.TWO)
        for card, grid in ((Card(_("Price")), self._price), (charge, None), (Card(_("Details")), self._details)):
            if grid is not None:
                card.body.addWidget(grid)
            fields.addWidget(card)
        fields.addStretch(1)
        live = Card(_("What it charges"))
        live.body.addWidget(self._curve)
        live.body.addWidget(self._words)
        live.setFixedWidth(_CURVE_WIDTH)
        below = QHBoxLayout()
        below.setSpacing(Space.TWO)
        below.addWidget(scrolled(left), 1)
        below.addLayout(column(live, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.TWO)
        layout.addWidget(self._header)
        layout.addWidget(self._banner)
        layout.addLayout(below, 1)
        self.setFocusProxy(self._name.focus_target())

    def show_price(self, record: Price, facts: Facts) -> None:
        """Begin with a price as it is in the book, or with a new one (id 0)."""
        self._before, self._facts = record, facts
        self._offer_conversion(terms_of(record))
        self._choices["product_id"].set_choices(
            [(str(k), one.name) for k, one in facts.products.items() if not one.archived]
        )
        self._choices["metric"].set_choices([(str(key), one.name) for key, one in facts.metrics.items()])
        self._price.set_values(to_values(record))
        self._details.set_values(to_values(record))
        self._terms = terms_of(record) or {(facts.currencies or ("EUR",))[0]: TermsValues({})}
        self._header.show_title(elide(record.name or _("New price"), _TITLE, 22))
        self._header.show_note(
            _("A live plan sells it: make a new price to charge otherwise.") if record.id in facts.sold else record.code
        )
        self._show_currency(next(iter(self._terms)))
        for form in (self._price, self._details, self._limits):
            form.show_problems([])
        self._banner.hide()
        self._shown = self._record()
        self._look()

    def _offer_conversion(self, currencies: Iterable[str]) -> None:
        """Offer what may happen in a currency without an amount: an error, or conversion from one that has it."""
        converted = [(code, _("is converted from {currency}", currency=code)) for code in currencies]
        self._choices["convert_from"].set_choices([(NO_CONVERSION, _("is an error")), *converted])

    @property
    def has_changes(self) -> bool:
        """Something was typed that is not saved."""
        return self._before is not None and self._record() != self._shown

    def submit(self) -> None:
        """Announce the record, or show what is wrong with it."""
        record = self._record()
        problems = self._unread()
        if record is not None:
            problems += self._missing(record)
            problems += [one for code in self._terms for one in own_problems(record, code)]
        if not self.show_problems(problems):
            self.submitted.emit(record)

    def _forms(self) -> list[FormGrid]:
        return [self._price, *([self._charge] if self._charge else []), self._limits, self._details]

    def _unread(self) -> list[Problem]:
        """Give problems of fields that cannot be read."""
        return [problem for form in self._forms() for problem in form.problems()]

    def _missing(self, record: Price) -> list[Problem]:
        wanted = (("product_id", record.product_id), ("name", record.name), ("code", record.code))
        return [Problem("value_missing", Place(field=name)) for name, value in wanted if not value]

    def _show_currency(self, currency: str) -> None:
        self._currency = currency
        self._currencies.set_choices([(code, code) for code in self._terms])
        self._currencies.set_value(currency)
        self._offer_conversion(self._terms)
        self._add_currency.set_choices([pair for pair in currency_choices() if pair[0] not in self._terms])
        self._drop_link.setVisible(len(self._terms) > 1)
        terms = self._terms[currency]
        self._limits.set_values({"minimum": terms.minimum, "maximum": terms.maximum})
        self._replace_charge(str(self._choices["model"].value()), dict(terms.parameters))

    def _replace_charge(self, model: str, parameters: dict[str, object]) -> None:
        plugin = next((one for one in list_charge_models() if one.key == model), None)
        old = self._charge
        self._charge = FieldForm(plugin.fields if plugin else (), self._today, columns=2)
        known = {one.name for one in plugin.fields} if plugin else set()
        self._charge.set_json({name: value for name, value in parameters.items() if name in known})
        self._charge.changed.connect(self._edited)
        self._charge_place.addWidget(self._charge)
        if old is not None:
            self._charge_place.removeWidget(old)
            old.hide()
            old.deleteLater()

    def _change_model(self) -> None:
        """Keep what both models have in common, such as tiers."""
        self._keep_terms()
        self._show_currency(self._currency)

    def _change_currency(self) -> None:
        self._keep_terms()
        self._show_currency(str(self._currencies.value()))
        self._look()

    def _take_currency(self) -> None:
        code = self._add_currency.value()
        self._keep_terms()
        if code:
            self._terms[code] = TermsValues({})
            self._show_currency(code)
            self._edited()

    def _drop_currency(self) -> None:
        del self._terms[self._currency]
        self._show_currency(next(iter(self._terms)))
        self._edited()

    def _keep_terms(self) -> None:
        """Keep what the fields say of the currency on screen, as far as it can be read."""
        try:
            parameters = self._charge.json() if self._charge else {}
            limits: dict[str, Any] = self._limits.values()
        except InvalidValue:
            return
        self._terms[self._currency] = TermsValues(parameters, limits["minimum"], limits["maximum"])

    def _edited(self) -> None:
        self._timer.start()

    def _look(self) -> None:
        """Show the curve of what is typed, and say what is wrong with it."""
        self._chip.setVisible(self.has_changes)
        record = self._record()
        if record is None:
            return
        self._curve.show_price(record, self._currency)
        shown = replace(record, terms=tuple(one for one in record.terms if one.currency == self._currency))
        problems = [one for one in own_problems(record, self._currency) if one.place.field != "metric"]
        self._words.setText(words(problems[0]) if problems else price_text(shown, self._currency))

    def _record(self) -> Price | None:
        """Give the price as typed, or None while a field cannot be read."""
        if self._before is None:
            return None
        try:
            values = {**self._price.values(), **self._details.values()}
            parameters = self._charge.json() if self._charge else {}
            limits: dict[str, Any] = self._limits.values()
        except InvalidValue:
            return None
        here = TermsValues(parameters, limits["minimum"], limits["maximum"])
        return to_record(values, {**self._terms, self._currency: here}, self._before)

    def _today(self) -> date:
        return self._facts.today


def copy_of(record: Price) -> Price:
    """Give a new price that begins like another one, which a live plan still sells."""
    return replace(record, id=0, code=f"{record.code}-2", version=1)
