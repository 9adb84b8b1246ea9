"""The sections of the settings that are lists: accounts, numbers, tax rates, exchange rates, and the window itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services import rates
from billdesk.services.rates import QuotedRate, RatesImported
from billdesk.ui.core.countries import currency_choices
from billdesk.ui.core.editors import ChoiceEditor
from billdesk.ui.core.form import FieldForm, FormGrid
from billdesk.ui.core.languages import offered_languages
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.theme import ThemeChoice
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets import Card, button, column, label, primary, row
from billdesk.ui.screens.settings.dialogs import account_dialog, rate_dialog
from billdesk.ui.screens.settings.settings_presenter import (
    RATE_COLUMNS,
    SettingsState,
    account_columns,
    fields_of,
    list_quotes,
    series_columns,
)


class AccountsSection(QWidget):
    """The bank accounts of all companies."""

    def __init__(self, context: Context, state: SettingsState) -> None:
        super().__init__()
        self._context, self._state = context, state
        empty = Empty(
            "landmark", _("No bank account yet"), _("Invoices say where to pay."), (_("Add account"), self.add)
        )
        columns = account_columns(state.company_name)
        spec = ListSpec("settings_accounts", _("Bank accounts"), columns, lambda one: one.id, empty)
        self._list = TablePanel(spec, context.preferences)
        self._list.show_records(state.accounts)
        self._list.opened.connect(lambda one: account_dialog(context, self, state, one).open())
        head = row(label(_("Enter changes an account."), "second"), None, primary(_("Add account"), self.add, "plus"))
        self.setLayout(column(head, self._list, spacing=Space.ONE_HALF))

    def add(self) -> None:
        """Ask for a new account."""
        account_dialog(self._context, self, self._state).open()


class NumbersSection(QWidget):
    """How documents are numbered, and the series in use."""

    submitted = Signal(object)

    def __init__(self, context: Context, state: SettingsState) -> None:
        super().__init__()
        self._form = FieldForm(fields_of("numbers"), lambda: state.today, columns=2)
        self._form.set_json(dict(state.values))
        card = Card(_("Patterns"))
        words = _("{{year}} and {{number:05}} are filled in; a series starts anew with each year and has no gaps.")
        card.body.addWidget(label(words.replace("{{", "{").replace("}}", "}"), "second", wrap=True))
        card.body.addWidget(self._form)
        card.body.addLayout(row(None, primary(_("Save"), self._save)))
        empty = Empty(
            "receipt", _("No document is issued yet"), _("A series begins with the first document of a year.")
        )
        spec = ListSpec("settings_series", _("Series"), series_columns(state.company_name), lambda one: one, empty)
        series = TablePanel(spec, context.preferences)
        series.show_records(state.series)
        self.setLayout(column(card, series, spacing=Space.TWO))

    def _save(self) -> None:
        problems = self._form.problems()
        self._form.show_problems(problems)
        if not problems:
            self.submitted.emit(self._form.json())


class RatesSection(QWidget):
    """Exchange rates of the European Central Bank and those entered by hand."""

    def __init__(self, context: Context, state: SettingsState) -> None:
        super().__init__()
        self._context, self._state = context, state
        self._tasks = context.tasks.of(self)
        self._currency = ChoiceEditor([("", _("All currencies")), *currency_choices()])
        self._currency.name(_("Currency"))
        empty = Empty(
            "globe",
            _("No exchange rate yet"),
            _("Import the file eurofxref of the European Central Bank, or enter a rate by hand."),
            (_("Import file"), self._choose),
        )
        spec = ListSpec(
            "settings_rates",
            _("Exchange rates"),
            RATE_COLUMNS,
            lambda one: (one.currency, one.day),
            empty,
            row_height=Size.ROW_COMPACT,
        )
        self._list = TablePanel(spec, context.preferences)
        self._list.show_records(state.quotes)
        head = row(
            self._currency,
            None,
            button(_("Enter a rate…"), lambda: rate_dialog(context, self, state.today).open(), "pencil"),
            primary(_("Import file"), self._choose, "upload"),
        )
        self.setLayout(column(head, self._list, spacing=Space.ONE_HALF))
        self._currency.changed.connect(self._read)

    def _read(self) -> None:
        self._tasks.query(list_quotes, self._currency.value() or "", then=self._show, latest="quotes")

    def _show(self, quotes: Sequence[QuotedRate]) -> None:
        self._list.show_records(quotes)

    def _choose(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self, _("Exchange rates"), "", "ECB (*.csv *.zip *.xml)")
        if chosen:
            path = Path(chosen)
            self._tasks.command(
                rates.import_rates, path, label=_("Importing {name}", name=path.name), then=self._imported
            )

    def _imported(self, outcome: RatesImported) -> None:
        added = ngettext("{n} new rate", "{n} new rates", outcome.added)
        days = " – ".join(current().day(day) for day in (outcome.first, outcome.last) if day)
        self._context.messages.note(f"{added} · {days}")


class GeneralSection(QWidget):
    """How the window looks, and what belongs to no other section."""

    submitted = Signal(object)

    def __init__(self, context: Context, state: SettingsState) -> None:
        super().__init__()
        self._context = context
        window, work = Card(_("Appearance")), Card(_("Work"))
        window.body.addWidget(self._window_form())
        window.body.addWidget(label(_("These are of this computer, not of the book."), "faint"))
        self._form = FieldForm(fields_of("general"), lambda: state.today, columns=2)
        self._form.set_json(dict(state.values))
        work.body.addWidget(self._form)
        work.body.addLayout(row(None, primary(_("Save"), self._save)))
        self.setLayout(column(window, work, None, spacing=Space.TWO))

    def _window_form(self) -> FormGrid:
        form = FormGrid(2)
        words = {ThemeChoice.SYSTEM: _("As the system"), ThemeChoice.LIGHT: _("Light"), ThemeChoice.DARK: _("Dark")}
        theme = ChoiceEditor([(choice.value, word) for choice, word in words.items()])
        language = ChoiceEditor(list(offered_languages().items()))
        form.add("theme", _("Colours"), theme)
        form.add("language", _("Language of the window"), language)
        form.set_values({"theme": self._context.theme.choice.value, "language": current().code})
        theme.changed.connect(lambda: self._choose_theme(ThemeChoice(theme.value() or "system")))
        language.changed.connect(lambda: self._context.books.change_language(language.value() or "en"))
        return form

    def _choose_theme(self, choice: ThemeChoice) -> None:
        self._context.theme.choose(choice)
        self._context.preferences.change(theme=choice.value)

    def _save(self) -> None:
        problems = self._form.problems()
        self._form.show_problems(problems)
        if not problems:
            self.submitted.emit(self._form.json())
