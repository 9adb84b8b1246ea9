from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from billdesk.domain.discounts import Discount
from billdesk.services.book import Book
from billdesk.services.customer_offers import OffersCard, Owner, load_offers
from billdesk.services.discounts import create_coupon, create_discount
from billdesk.services.wallets import Grant, grant_wallet, statement_file
from billdesk.ui.core.offers.offer_dialog import OfferDialog
from billdesk.ui.core.offers.offers_section import OffersSection
from billdesk.ui.core.offers.wallet_dialog import WalletDialog
from billdesk.ui.core.saving import write
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets.dialogs import MessageDialog
from builders.offers import LINDE, a_spring_coupon, an_open_desk, eur
from ui.books import idle, press, words


def _book(folder: Path) -> Book:
    book = an_open_desk(folder).book
    terms = Discount(0, "Partner", percent=Decimal(20))
    book.run(create_discount, terms, customer_id=LINDE)
    book.run(grant_wallet, Grant(LINDE, 1, "Prepaid", eur("250")))
    book.run(create_coupon, a_spring_coupon())
    return book


@pytest.fixture
def section(qtbot: QtBot, context: Context, tmp_path: Path) -> OffersSection:
    context.tasks.open_book(lambda: _book(tmp_path))
    idle(qtbot, context)
    made = OffersSection(context, Owner(customer_id=LINDE))
    qtbot.addWidget(made)
    made.resize(420, 600)
    made.show()
    idle(qtbot, context)
    return made


def _dialog(section: OffersSection) -> OfferDialog:
    return next(one for one in section.findChildren(OfferDialog) if one.isVisible())


def _asked(context: Context) -> MessageDialog:
    window = context.messages.parent()
    assert window is not None
    return next(one for one in window.findChildren(MessageDialog) if one.isVisible())


def _offers(context: Context, qtbot: QtBot) -> list[str]:
    found: list[str] = []

    def take(card: OffersCard) -> None:
        found.extend([one.granted.discount.label for one in card.discounts])
        found.extend([one.wallet.label for one in card.wallets])

    context.tasks.query(load_offers, Owner(customer_id=LINDE), then=take)
    idle(qtbot, context)
    return found


def test_discounts_and_credit_are_shown_with_what_is_left(section: OffersSection) -> None:
    shown = words(section)
    assert all(text in shown for text in ("Partner", "20%", "every time", "Prepaid", "€250.00"))


def test_a_discount_is_given_from_the_panel(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    press(section, "Give a discount…")
    dialog = _dialog(section)
    dialog.form.set_json({"label": "Loyal", "percent": "5"})
    dialog.save_button.click()
    idle(qtbot, context)
    assert _offers(context, qtbot) == ["Partner", "Loyal", "Prepaid"]
    assert "Loyal" in words(section)


def test_what_is_refused_shows_at_its_field(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    press(section, "Give a discount…")
    dialog = _dialog(section)
    dialog.form.set_json({"label": "Both", "percent": "5", "amount": "10"})
    dialog.save_button.click()
    idle(qtbot, context)
    assert dialog.isVisible()
    assert "percentage" in words(dialog)


def test_a_form_that_is_not_filled_in_is_not_sent(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    press(section, "Give a discount…")
    _dialog(section).save_button.click()
    assert "missing" in words(_dialog(section))


def test_a_coupon_is_used_from_the_panel(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    press(section, "Use a coupon…")
    _dialog(section).form.set_json({"coupon": "spring26"})
    _dialog(section).save_button.click()
    idle(qtbot, context)
    assert _offers(context, qtbot) == ["Partner", "Spring", "Prepaid"]


def test_credit_is_granted_from_the_panel(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    press(section, "Grant credit…")
    dialog = _dialog(section)
    dialog.form.set_json({"label": "Gift", "amount": "25", "is_promotional": True, "expires_on": "2026-12-31"})
    dialog.save_button.click()
    idle(qtbot, context)
    assert _offers(context, qtbot) == ["Partner", "Prepaid", "Gift"]
    assert "given away" in words(section)


def test_a_discount_ends_after_a_question(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    press(section, "End…")
    press(_asked(context), "End it")
    idle(qtbot, context)
    assert "until" in words(section)


def _wallet(section: OffersSection, context: Context, qtbot: QtBot) -> WalletDialog:
    press(section, "Movements…")
    idle(qtbot, context)
    return next(one for one in section.findChildren(WalletDialog) if one.isVisible())


def _form(dialog: WalletDialog) -> OfferDialog:
    return next(one for one in dialog.findChildren(OfferDialog) if one.isVisible())


def test_the_movements_of_a_wallet_are_shown_with_the_balance(
    section: OffersSection, context: Context, qtbot: QtBot
) -> None:
    dialog = _wallet(section, context, qtbot)
    assert "€250.00" in words(dialog)
    first = dialog._table.model.row(0)
    assert first is not None
    assert first.cells[1] == "Granted"


def test_credit_is_added_to_a_wallet(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    dialog = _wallet(section, context, qtbot)
    press(dialog, "Add credit…")
    _form(dialog).form.set_json({"amount": "50", "reason": "Paid again"})
    _form(dialog).save_button.click()
    idle(qtbot, context)
    assert "€300.00" in words(dialog)
    assert "€300.00" in words(section)


def test_a_part_and_then_all_of_a_wallet_is_taken_back(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    dialog = _wallet(section, context, qtbot)
    for amount, left in (("100", "€150.00"), (None, "€0.00")):
        press(dialog, "Take back…")
        _form(dialog).form.set_json({"amount": amount})
        _form(dialog).save_button.click()
        idle(qtbot, context)
        assert dialog._balance.text() == left
    assert not dialog._take.isEnabled()


def test_what_is_refused_stands_in_the_form_of_a_wallet(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    dialog = _wallet(section, context, qtbot)
    press(dialog, "Add credit…")
    form = _form(dialog)
    form.form.set_json({"amount": "-5"})
    form.save_button.click()
    idle(qtbot, context)
    assert form.isVisible()


def test_credit_is_granted_in_units_of_a_meter(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    press(section, "Grant credit…")
    dialog = _dialog(section)
    dialog.form.set_json({"label": "Calls", "units": 1000, "unit_value": "0.05"})
    dialog.save_button.click()
    idle(qtbot, context)
    assert "1,000 units left" in words(section)


def test_a_statement_is_written_where_a_person_wants_it(
    section: OffersSection, context: Context, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = _wallet(section, context, qtbot)
    assert dialog._statement is not None
    write(dialog, context, tmp_path / "credit.csv", partial(statement_file, [dialog._statement]))
    idle(qtbot, context)
    assert "250.00" in (tmp_path / "credit.csv").read_text(encoding="utf-8-sig")


def test_the_end_of_a_discount_is_taken_back(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    press(section, "End…")
    press(_asked(context), "End it")
    idle(qtbot, context)
    offer = context.messages._toast._action
    assert isinstance(offer, QAbstractButton)
    offer.click()
    idle(qtbot, context)
    assert "until" not in words(section)


def _cancelled(folder: Path) -> Book:
    desk = an_open_desk(folder)
    contract = desk.start()
    desk.bill(date(2026, 1, 1))
    desk.cancel(contract.id, date(2026, 1, 16))
    return desk.book


def test_what_a_cancelled_contract_gives_back_becomes_credit(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    context.tasks.open_book(lambda: _cancelled(tmp_path))
    idle(qtbot, context)
    made = OffersSection(context, Owner(subscription_id=1))
    qtbot.addWidget(made)
    made.show()
    idle(qtbot, context)
    press(made, "Turn what it gives back into credit…")
    press(_asked(context), "Turn it into credit")
    idle(qtbot, context)
    assert context.messages._toast.accessibleName() == "€62.46 is prepaid credit now."
    dialog = _wallet(made, context, qtbot)
    press(dialog, "Undo the refund…")
    press(_asked(context), "Undo the refund")
    idle(qtbot, context)
    assert dialog._balance.text() == "€0.00"


def test_the_keyboard_stays_where_it_was_when_the_section_is_read_again(
    section: OffersSection, context: Context, qtbot: QtBot
) -> None:
    section.activateWindow()
    grant = next(one for one in section.findChildren(QAbstractButton) if one.accessibleName() == "Grant credit…")
    grant.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is grant)
    section.reload()
    idle(qtbot, context)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    now = QApplication.focusWidget()
    assert now is not None
    assert (now is grant, now.accessibleName()) == (False, "Grant credit…")


def test_a_long_refusal_makes_the_dialog_taller(section: OffersSection, context: Context, qtbot: QtBot) -> None:
    press(section, "Grant credit…")
    dialog = _dialog(section)
    dialog.form.set_json({"label": "Tegoed", "amount": "-50"})
    dialog.save_button.click()
    idle(qtbot, context)
    layout = dialog.layout()
    assert layout is not None
    qtbot.waitUntil(lambda: dialog.height() >= layout.totalHeightForWidth(dialog.width()))
