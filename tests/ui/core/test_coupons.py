from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from billdesk.services.book import Book
from billdesk.services.discounts import create_coupon, list_discounts
from billdesk.ui.core.offers.coupons_dialog import CouponsDialog, UseDialog
from billdesk.ui.core.offers.offer_dialog import OfferDialog
from billdesk.ui.core.record_picker import Hit
from billdesk.ui.core.screen import Context
from builders.offers import a_spring_coupon, an_open_desk
from ui.books import idle, press, words


def _book(folder: Path) -> Book:
    book = an_open_desk(folder).book
    book.run(create_coupon, a_spring_coupon())
    book.run(create_coupon, a_spring_coupon(code="OLD", until=date(2026, 1, 1)))
    return book


@pytest.fixture
def dialog(qtbot: QtBot, context: Context, tmp_path: Path) -> CouponsDialog:
    context.tasks.open_book(lambda: _book(tmp_path))
    idle(qtbot, context)
    window = context.messages.parent()
    assert isinstance(window, QWidget)
    made = CouponsDialog(window, context)
    qtbot.addWidget(made)
    made.show()
    idle(qtbot, context)
    return made


def _codes(dialog: CouponsDialog) -> list[tuple[str, bool]]:
    rows = [dialog.panel.model.row(place) for place in range(dialog.panel.model.rowCount())]
    return [(row.record.coupon.code, row.record.coupon.archived) for row in rows if row is not None]


def test_a_coupon_is_made_with_its_limits(dialog: CouponsDialog, context: Context, qtbot: QtBot) -> None:
    press(dialog, "New coupon…")
    idle(qtbot, context)
    form = dialog.findChildren(OfferDialog)[-1]
    form.form.set_json({"code": "fresh", "amount": "5", "currency": "EUR", "frequency": "periods", "periods_left": 3})
    form.save_button.click()
    idle(qtbot, context)
    assert _codes(dialog) == [("FRESH", False), ("OLD", False), ("SPRING26", False)]
    assert "3 periods" in dialog.panel.model.row(0).cells  # type: ignore[union-attr]


def test_a_discount_above_a_hundred_percent_is_refused_with_what_helps(
    dialog: CouponsDialog, context: Context, qtbot: QtBot
) -> None:
    press(dialog, "New coupon…")
    idle(qtbot, context)
    form = dialog.findChildren(OfferDialog)[-1]
    form.form.set_json({"code": "huge", "percent": "120"})
    form.save_button.click()
    idle(qtbot, context)
    assert "120 % is not possible. Enter a percentage from 0 to 100." in words(form)


def test_a_coupon_is_ended_and_opened_again(dialog: CouponsDialog, context: Context, qtbot: QtBot) -> None:
    dialog.panel.table.selectRow(0)
    dialog.end()
    idle(qtbot, context)
    assert _codes(dialog) == [("SPRING26", False), ("OLD", True)]
    offer = context.messages._toast._action
    assert isinstance(offer, QAbstractButton)
    offer.click()
    idle(qtbot, context)
    assert _codes(dialog) == [("OLD", False), ("SPRING26", False)]


def _use(dialog: CouponsDialog, row: int) -> UseDialog:
    dialog.panel.table.selectRow(row)
    dialog.ask_use()
    return dialog.findChildren(UseDialog)[-1]


def test_a_coupon_is_used_for_a_customer(dialog: CouponsDialog, context: Context, qtbot: QtBot) -> None:
    asked = _use(dialog, 1)
    asked.save_button.click()
    assert asked.isVisible()
    asked._customer.pick(Hit("1", "De Linde"))
    asked.save_button.click()
    idle(qtbot, context)
    found: list[str] = []
    context.tasks.query(list_discounts, then=lambda rows: found.extend(one.granted.discount.label for one in rows))
    idle(qtbot, context)
    assert found == ["Spring"]


def test_a_coupon_that_cannot_be_used_says_why(dialog: CouponsDialog, context: Context, qtbot: QtBot) -> None:
    asked = _use(dialog, 0)
    asked._customer.pick(Hit("1", "De Linde"))
    asked.save_button.click()
    idle(qtbot, context)
    assert asked.isVisible()
    assert "OLD" in words(asked)
