from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from billdesk.domain.settings import SETTINGS
from billdesk.services.book import Book
from billdesk.services.taxes import seed_tax_rates
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_panel import TablePanel
from billdesk.ui.core.theme import ThemeChoice
from billdesk.ui.screens.settings.dialogs import CommandDialog
from billdesk.ui.screens.settings.mail_section import MailSection
from billdesk.ui.screens.settings.sections import GeneralSection, NumbersSection
from billdesk.ui.screens.settings.settings_presenter import fields_of
from billdesk.ui.screens.settings.settings_view import SettingsView
from billdesk.ui.screens.settings.tax_dialogs import ChangeDialog, SalesDialog
from billdesk.ui.screens.settings.tax_section import TaxSection
from builders.book import a_book
from ui.books import idle, press, show, words


@dataclass
class Desk:
    view: SettingsView
    qtbot: QtBot
    context: Context

    def idle(self) -> None:
        idle(self.qtbot, self.context)

    def go(self, section: str) -> None:
        self.view.show_view(section)
        self.idle()

    def press(self, text: str) -> None:
        press(self.view, text)
        self.idle()

    def dialog(self) -> CommandDialog:
        return next(one for one in self.view.findChildren(CommandDialog) if one.isVisible())

    def cells(self, column: int) -> list[str]:
        model = self.panel().model
        return [str(model.index(row, column).data()) for row in range(model.rowCount())]

    def panel(self) -> TablePanel:
        return next(one for one in self.view.findChildren(TablePanel) if one.isVisible())

    def enter(self, **values: object) -> None:
        """Fill in the open dialog and save it."""
        dialog = self.dialog()
        dialog.form.set_values(values)
        press(dialog, "Save")
        self.idle()


def _book(folder: Path) -> Book:
    book = a_book(folder)
    book.run(seed_tax_rates)
    return book


@pytest.fixture
def desk(qtbot: QtBot, context: Context, tmp_path: Path) -> Desk:
    view, _went = show(qtbot, context, SettingsView, lambda: _book(tmp_path))
    return Desk(view, qtbot, context)


def test_a_company_is_changed_and_shown_again(desk: Desk) -> None:
    form = desk.view._company
    assert form is not None
    form._who.set_values({"name": "Acacia Cloud NV"})
    form._registrations.set_value([{"country": "BE", "tax_id": "BE0417497106", "scheme": "standard"}])
    desk.press("Save")
    again = desk.view._company
    assert again is not None
    assert again._who.values()["name"] == "Acacia Cloud NV"
    assert again._registrations.value()[0]["tax_id"] == "BE0417497106"


def test_a_company_without_a_name_is_refused_at_its_field(desk: Desk) -> None:
    form = desk.view._company
    assert form is not None
    form._who.set_values({"name": None})
    desk.press("Save")
    assert "A value is missing." in words(desk.view)


def test_a_lock_date_never_goes_back(desk: Desk) -> None:
    for day in (date(2026, 2, 28), date(2026, 1, 31)):
        form = desk.view._company
        assert form is not None
        form._terms.set_values({"lock_date": day})
        desk.press("Save")
    dialogs = desk.context.messages._window.findChildren(QDialog)
    assert "28 Feb 2026" in "".join(map(words, dialogs))


def test_a_logo_is_previewed(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    desk.view.grab().save(str(path))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    form = desk.view._company
    assert form is not None
    press(form, "Choose a picture…")
    assert not form._picture.pixmap().isNull()
    record = form.record()
    assert record is not None
    assert record.logo == path.read_bytes()


def test_a_bank_account_is_added_changed_and_keeps_its_currency(desk: Desk) -> None:
    desk.go("accounts")
    press(desk.panel(), "Add account")
    desk.enter(name="Main", iban="be68 5390 0754 7034", default=True)
    assert desk.cells(1) == ["BE68 5390 0754 7034"]
    desk.panel().opened.emit(desk.panel().model.row(0).record)  # type: ignore[union-attr]  # the list has a row
    desk.enter(currency="USD")
    assert "The account stays in EUR" in words(desk.dialog())
    desk.enter(currency="EUR", name="KBC")
    assert desk.cells(0) == ["KBC"]


def test_an_account_with_a_wrong_iban_is_refused_at_its_field(desk: Desk) -> None:
    desk.go("accounts")
    press(desk.panel(), "Add account")
    desk.enter(name="Main", iban="BE68539007547035")
    assert "The IBAN BE68539007547035 is not right." in words(desk.dialog())


def test_number_patterns_are_saved(desk: Desk) -> None:
    desk.go("numbers")
    section = desk.view.findChild(NumbersSection)
    assert section is not None
    section._form.set_json({"invoice_pattern": "F{year}/{number:04}"})
    desk.press("Save")
    assert desk.view._state is not None
    assert desk.view._state.values["invoice_pattern"] == "F{year}/{number:04}"


def test_a_percent_follows_from_a_date_for_all_chosen_rates(desk: Desk) -> None:
    desk.go("tax")
    before = desk.cells(3).count("21%")
    standard = desk.cells(3).index("21%")
    desk.panel().table.selectRow(standard)
    desk.press("Change from a date…")
    dialog = desk.view.findChild(ChangeDialog)
    assert dialog is not None
    dialog.fill(percent=Decimal(22), since=date(2027, 1, 1))
    desk.idle()
    assert "1 rate changes" in words(dialog)
    press(dialog, "Save")
    desk.idle()
    assert (before, "22%" in desk.cells(3), "1 Jan 2027" in desk.cells(5)) == (1, True, True)
    offer = desk.context.messages._toast._action
    assert isinstance(offer, QAbstractButton)
    offer.click()
    desk.idle()
    assert ("22%" in desk.cells(3), desk.cells(3).count("21%")) == (False, 1)


def test_a_change_without_a_percent_is_refused_at_its_field(desk: Desk) -> None:
    desk.go("tax")
    desk.panel().table.selectRow(0)
    desk.press("Change from a date…")
    dialog = desk.view.findChild(ChangeDialog)
    assert dialog is not None
    press(dialog, "Save")
    assert "A value is missing." in words(dialog)


def test_an_added_up_rate_is_entered_with_its_parts_and_opened_again(desk: Desk) -> None:
    desk.go("tax")
    desk.press("Add rate")
    parts = [{"name": "State", "percent": "6.25"}, {"name": "City", "percent": "0.75"}]
    desk.enter(country="US", region="TX", percent=Decimal(7), since=date(2026, 1, 1), parts=parts[:1])
    assert "The parts do not add up to 7 %." in words(desk.dialog()).replace("\u00a0", " ")
    desk.enter(parts=parts)
    section = desk.view.findChild(TaxSection)
    assert section is not None
    section._country.set_value("US")
    section._show()
    desk.panel().opened.emit(desk.panel().model.row(0).record)  # type: ignore[union-attr]  # the list has a row
    assert desk.dialog().form.values()["parts"] == parts


def test_distance_sales_stand_above_the_rates(desk: Desk) -> None:
    desk.go("tax")
    assert "€0.00 of €10,000.00 in 2026, €0.00 in 2025. Consumers in other EU countries pay your own rate." in words(
        desk.view
    )
    desk.press("Show the sales")
    dialog = desk.view.findChild(SalesDialog)
    assert dialog is not None
    assert "No such sale yet" in words(dialog)


def test_the_amount_due_is_rounded_to_a_coin_that_is_chosen(desk: Desk) -> None:
    form = desk.view._company
    assert form is not None
    form._terms.set_values({"cash_rounding_minor": 5})
    desk.press("Save")
    again = desk.view._company
    assert again is not None
    assert again._before is not None
    assert (again._before.cash_rounding_minor, again._terms.values()["cash_rounding_minor"]) == (5, "5")


def test_an_exchange_rate_is_entered_by_hand(desk: Desk) -> None:
    desk.go("rates")
    desk.press("Enter a rate…")
    desk.enter(currency="USD", day=date(2026, 3, 2), rate=Decimal("1.0875"))
    assert (desk.cells(1), desk.cells(2)) == (["USD"], ["1.0875"])


def test_a_test_mail_needs_a_server_first(desk: Desk) -> None:
    desk.go("mail")
    section = desk.view.findChild(MailSection)
    assert section is not None
    section._to.set_value("eva@noordbrug.example")
    desk.press("Send test mail")
    assert "A value is missing." in words(section)


def test_colours_are_chosen_for_this_computer(desk: Desk) -> None:
    desk.go("general")
    section = desk.view.findChild(GeneralSection)
    assert section is not None
    section._choose_theme(ThemeChoice.DARK)
    assert desk.context.preferences.now.theme == "dark"
    section._choose_theme(ThemeChoice.LIGHT)


def test_every_setting_has_its_place() -> None:
    placed = [field for section in ("numbers", "mail", "general") for field in fields_of(section)]
    assert sorted(field.name for field in placed) == sorted(field.name for field in SETTINGS)
