from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from billdesk.domain.discounts import Discount
from billdesk.services.book import Book
from billdesk.services.customer_offers import OffersCard, Owner, load_offers
from billdesk.services.discounts import create_coupon, create_discount
from billdesk.services.wallets import Grant, grant_wallet
from billdesk.ui.core.offers.offer_dialog import OfferDialog
from billdesk.ui.core.offers.offers_section import OffersSection
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


def test_what_is_left_of_a_grant_is_taken_back_after_a_question(
    section: OffersSection, context: Context, qtbot: QtBot
) -> None:
    press(section, "Take back…")
    press(_asked(context), "Take it back")
    idle(qtbot, context)
    assert _offers(context, qtbot) == ["Partner"]
