"""Asks for the company of a new book: only what the first invoice needs."""

from __future__ import annotations

from typing import Final

from babel.numbers import get_territory_currencies
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.i18n import LANGUAGES, _, current
from billdesk.services.company import NewCompany
from billdesk.ui.core.editors import ChoiceEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.widgets import FormDialog

_NEAR: Final = ("BE", "NL", "DE", "FR", "LU", "AT", "GB", "IE", "ES", "IT", "CH", "US")
_NO_COUNTRIES: Final = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
_MONEY: Final = ("EUR", "GBP", "USD", "CHF", "JPY")


class CompanyDialog(FormDialog):
    """Gives a `NewCompany`; everything can be changed later in the settings."""

    entered = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        self._form = FormGrid(2)
        super().__init__(parent, _("Your company"), self._form, yes=_("Make the book"))
        self._name = TextEditor()
        self._country = ChoiceEditor(countries())
        self._currency = ChoiceEditor(currencies())
        self._form.add("name", _("Name"), self._name, is_wide=True)
        self._form.add("country", _("Country"), self._country)
        self._form.add("currency", _("Currency"), self._currency)
        self._form.add("vat", _("VAT number"), TextEditor(), hint=_("May be left out."))
        self._form.add("iban", _("Bank account (IBAN)"), TextEditor(), hint=_("May be left out."))
        self._form.add("language", _("Language of documents"), ChoiceEditor(list(LANGUAGES.items())))
        self._form.add("email", _("E-mail"), TextEditor())
        self._form.set_values({"country": _NEAR[0], "currency": _MONEY[0], "language": current().code})
        self._country.changed.connect(self._follow_country)
        self.on_submit(self._submit)
        self._name.focus_target().setFocus()

    def _follow_country(self) -> None:
        found = get_territory_currencies(str(self._country.value()))
        if found:
            self._currency.set_value(found[0])

    def _submit(self) -> bool:
        texts = {key: str(value or "") for key, value in self._form.values().items()}
        if not texts["name"]:
            self._form.show_problems([Problem("value_missing", Place(field="name"))])
            return False
        company = NewCompany(
            texts["name"],
            texts["country"],
            texts["currency"],
            texts["language"],
            vat=texts["vat"].replace(" ", ""),
            iban=texts["iban"].replace(" ", ""),
            email=texts["email"],
        )
        self.entered.emit(company)
        return True


def countries() -> list[tuple[str, str]]:
    """Give countries by name, the near ones first."""
    names = {code: name for code, name in current().locale.territories.items() if _is_country(code)}
    near = [(code, names[code]) for code in _NEAR]
    return near + sorted(((c, n) for c, n in names.items() if c not in _NEAR), key=lambda pair: pair[1])


def currencies() -> list[tuple[str, str]]:
    """Give the currencies in use, the common ones first."""
    names = current().locale.currencies
    used = {code for country, _name in countries() for code in get_territory_currencies(country)}
    order = [*_MONEY, *sorted(used - set(_MONEY))]
    return [(code, f"{code}  {names.get(code, '')}") for code in order]


def _is_country(code: str) -> bool:
    # CLDR also lists continents, as numbers, and a few areas that are no country.
    return code.isalpha() and code not in _NO_COUNTRIES
