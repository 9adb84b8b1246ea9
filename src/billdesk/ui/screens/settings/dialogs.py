"""Small forms of the settings: a company, a bank account, an exchange rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from PySide6.QtWidgets import QWidget

from billdesk.domain.entities import Address, BankAccount, Entity
from billdesk.kernel.errors import BillDeskError, InvalidValue, Place, Problem, RowsRejected
from billdesk.kernel.i18n import _
from billdesk.services import entities, rates
from billdesk.ui.core.countries import country_choices, currency_choices
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor, DateEditor, DecimalEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FormDialog, column, label
from billdesk.ui.screens.settings.settings_presenter import SettingsState


class CommandDialog(FormDialog):
    """A form that runs a command; it closes when that worked, and shows problems at their fields when not."""

    def __init__(self, context: Context, parent: QWidget, heading: str, lines: Sequence[str] = ()) -> None:
        self.form = FormGrid(2)
        holder = QWidget()
        notes = [label(line, "second", wrap=True) for line in lines]
        holder.setLayout(column(*notes, self.form, spacing=Space.ONE_HALF))
        super().__init__(parent, heading, holder)
        self._context = context
        self._tasks = context.tasks.of(self)
        self._make: Callable[[dict[str, Any]], tuple[Any, ...]] = lambda _values: ()
        self.fields_by_code: Mapping[str, str] = {}
        self.on_submit(self._submit)

    def run(self, make: Callable[[dict[str, Any]], tuple[Any, ...]], *needed: str) -> None:
        """Set what Save runs: a use case with its arguments, made of the values; `needed` fields may not be empty."""
        self._make = make
        self._needed = needed

    def _submit(self) -> bool:
        problems = self.form.problems()
        values = {} if problems else self.form.values()
        problems += [
            Problem("value_missing", Place(field=key)) for key in self._needed if values and values[key] in (None, "")
        ]
        if problems:
            self.form.show_problems(problems)
            return False
        use_case, *arguments = self._make(values)
        self._tasks.command(use_case, *arguments, then=lambda _value: self.accept(), failed=self._refuse)
        return False

    def _refuse(self, error: BillDeskError) -> None:
        problems = [error.problem] if isinstance(error, InvalidValue) else []
        problems += error.problems if isinstance(error, RowsRejected) else ()
        placed = [
            replace(one, place=Place(field=self.fields_by_code.get(one.code, one.place.field))) for one in problems
        ]
        left = self.form.show_problems(placed)
        if left or not problems:
            self._context.messages.fail(error)


def company_dialog(context: Context, parent: QWidget) -> CommandDialog:
    """Ask for a further company of the book."""
    made = CommandDialog(context, parent, _("New company"))
    made.form.add("name", _("Name"), TextEditor())
    made.form.add("code", _("Code"), TextEditor(), hint=_("Short and unique, such as MAIN."))
    made.form.add("country", _("Country"), ChoiceEditor(country_choices()))
    made.form.add("currency", _("Currency of the books"), ChoiceEditor(currency_choices()))
    made.form.set_values({"country": "BE", "currency": "EUR"})

    def make(values: dict[str, Any]) -> tuple[Any, ...]:
        address = Address(country=values["country"] or "")
        record = Entity(0, values["code"] or "", values["name"] or "", values["currency"] or "", address=address)
        return entities.create_entity, record

    made.run(make, "name", "code")
    return made


def account_dialog(
    context: Context, parent: QWidget, state: SettingsState, before: BankAccount | None = None
) -> CommandDialog:
    """Ask for a bank account, or change one."""
    made = CommandDialog(context, parent, _("Bank account"))
    made.form.add("name", _("Name"), TextEditor())
    made.form.add("entity", _("Company"), ChoiceEditor([(str(one.id), one.name) for one in state.companies]))
    made.form.add("iban", _("IBAN"), TextEditor())
    made.form.add("number", _("Number, where there is no IBAN"), TextEditor())
    made.form.add("bic", _("BIC"), TextEditor())
    made.form.add("currency", _("Currency"), ChoiceEditor(currency_choices()))
    made.form.add("default", "", CheckEditor(_("Printed on invoices")))
    company = state.companies[0]
    made.form.set_values(
        {"entity": company.id, "currency": company.currency}
        if before is None
        else {
            "name": before.name,
            "entity": before.entity_id,
            "iban": before.iban,
            "number": before.number,
            "bic": before.bic,
            "currency": before.currency,
            "default": before.is_default,
        }
    )

    def make(values: dict[str, Any]) -> tuple[Any, ...]:
        record = BankAccount(
            before.id if before else 0,
            int(values["entity"]),
            values["name"] or "",
            values["currency"],
            iban=(values["iban"] or "").replace(" ", "").upper(),
            number=values["number"] or "",
            bic=values["bic"] or "",
            is_default=bool(values["default"]),
        )
        return (entities.change_bank_account if before else entities.add_bank_account), record

    made.run(make, "name", "entity", "currency")
    return made


def rate_dialog(context: Context, parent: QWidget, today: date) -> CommandDialog:
    """Ask for one exchange rate."""
    made = CommandDialog(context, parent, _("Exchange rate"))
    others = [(code, name) for code, name in currency_choices() if code != rates.EURO]
    made.form.add("currency", _("Currency"), ChoiceEditor(others))
    made.form.add("day", _("Day"), DateEditor(lambda: today))
    made.form.add("rate", _("One euro is"), DecimalEditor())
    made.form.set_values({"currency": others[0][0], "day": today})

    def make(values: dict[str, Any]) -> tuple[Any, ...]:
        return rates.set_rate, values["currency"], values["day"], values["rate"]

    made.run(make, "currency", "day", "rate")
    return made
