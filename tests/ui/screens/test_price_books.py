from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from billdesk.domain.catalog import BookKind, PriceBook, PriceTerms, RunningPolicy
from billdesk.domain.subscriptions import Subscription
from billdesk.services import customers, price_books, subscriptions
from billdesk.services.book import Book
from billdesk.services.book_holds import TermsChange
from billdesk.services.subscriptions import Start
from billdesk.ui.core.screen import Context
from billdesk.ui.screens.catalog.book_dialogs import BookDialog, BookTermsDialog, CompareDialog, FillDialog
from billdesk.ui.screens.catalog.catalog_view import CatalogView
from builders.book import TODAY, a_book
from builders.catalog import a_catalog
from builders.customers import a_customer
from ui.books import Went, idle, press, show, words

Shown = tuple[CatalogView, Went]
MARCH = date(2026, 3, 1)


def _book(folder: Path) -> Book:
    book = a_book(folder)
    sold = a_catalog(book)
    customer = book.run(customers.create_customer, a_customer(tags=("vip",))).value
    record = Subscription(0, "S1", customer.id, 1, "EUR", MARCH, ())
    book.run(subscriptions.start_subscription, record, Start(sold.basic, MARCH))
    vip = book.run(price_books.create_book, PriceBook(0, "VIP", "Very important", BookKind.SEGMENT, ("vip",))).value
    planned = TermsChange(sold.base, "EUR", PriceTerms("EUR", {"amount": "30"}), date(2026, 4, 1))
    book.run(price_books.change_book_terms, vip.id, [planned])
    return book


@pytest.fixture
def shown(qtbot: QtBot, context: Context, tmp_path: Path) -> Shown:
    view, went = show(qtbot, context, CatalogView, lambda: _book(tmp_path))
    view.show_view("books")
    idle(qtbot, context)
    return view, went


def dialog_of(view: CatalogView, kind: type[QWidget]) -> QWidget:
    return next(one for one in view.findChildren(kind) if one.isVisible())


def test_the_list_says_for_whom_books_are_and_the_panel_what_they_charge(
    qtbot: QtBot, context: Context, shown: Shown
) -> None:
    view, _went = shown
    view._open_book(1)
    idle(qtbot, context)
    text = words(view._side)
    assert "Customers with a tag: vip" in text
    assert "€30.00 instead of €50.00" in text
    assert "Reaches 1 customer" in text


def test_a_price_is_added_after_its_comparison(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._open_book(1)
    idle(qtbot, context)
    press(view._side, "Add a price")
    dialog = cast("BookTermsDialog", dialog_of(view, BookTermsDialog))
    dialog.form.editor("price").set_value("2")
    dialog._choose_price()
    dialog._charge.editor("unit_price").set_value("7")
    dialog._submit()
    idle(qtbot, context)
    asking = cast("CompareDialog", dialog_of(view, CompareDialog))
    assert "1 costs otherwise from 16 Mar 2026: -€3.00 a month" in words(asking)
    asking.accept()
    idle(qtbot, context)
    assert "€7.00 instead of €10.00" in words(view._side)


def test_a_price_waits_for_renewals_when_that_is_chosen(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._open_book(1)
    idle(qtbot, context)
    press(view._side, "Add a price")
    dialog = cast("BookTermsDialog", dialog_of(view, BookTermsDialog))
    dialog.form.set_values({"price": "2", "running": RunningPolicy.AT_RENEWAL.value})
    dialog._choose_price()
    dialog._charge.editor("unit_price").set_value("7")
    dialog._submit()
    idle(qtbot, context)
    asking = cast("CompareDialog", dialog_of(view, CompareDialog))
    assert "1 keeps its price until the day in the list" in words(asking)
    assert "1 costs otherwise from 1 Apr 2026: -€3.00 a month" in words(asking)
    first = asking.list.model.row(0)
    assert first is not None
    assert first.record.on == date(2026, 4, 1)


def test_a_closed_last_tier_is_refused_in_the_dialog_of_a_book(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._open_book(1)
    idle(qtbot, context)
    press(view._side, "Add a price")
    dialog = cast("BookTermsDialog", dialog_of(view, BookTermsDialog))
    dialog.form.editor("until").set_value(date(2026, 3, 1))
    dialog._submit()
    idle(qtbot, context)
    assert "is not after the start" in words(dialog)


def test_a_planned_price_is_taken_back(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._books._tasks.command(price_books.revoke_book_terms, 1, 1)
    idle(qtbot, context)
    view._open_book(1)
    idle(qtbot, context)
    assert "No prices yet" in words(view._side)


def test_a_book_is_made_and_wrong_countries_refused(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._new()
    idle(qtbot, context)
    dialog = cast("BookDialog", dialog_of(view, BookDialog))
    dialog.form.set_values({"code": "EU", "name": "Europe", "reach": "Belgium"})
    dialog._submit()
    idle(qtbot, context)
    assert "not a country" in words(dialog)
    dialog.form.set_values({"reach": "be; nl"})
    dialog._submit()
    idle(qtbot, context)
    assert not dialog.isVisible()


def test_a_book_is_filled_with_a_percentage(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._open_book(1)
    idle(qtbot, context)
    press(view._side, "Fill…")
    dialog = cast("FillDialog", dialog_of(view, FillDialog))
    dialog.form.set_values({"percent": -10, "since": TODAY})
    dialog._submit()
    idle(qtbot, context)
    cast("CompareDialog", dialog_of(view, CompareDialog)).accept()
    idle(qtbot, context)
    assert "€45.00 instead of €50.00" in words(view._side)


def test_the_end_of_a_book_is_compared_before_it_is_saved(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._open_book(1)
    idle(qtbot, context)
    press(view._side, "Edit")
    dialog = cast("BookDialog", dialog_of(view, BookDialog))
    dialog.form.set_values({"until": date(2026, 6, 1)})
    dialog._submit()
    idle(qtbot, context)
    cast("CompareDialog", dialog_of(view, CompareDialog)).accept()
    idle(qtbot, context)
    assert "until" in words(view._side)


def test_a_price_of_a_book_ends_today_after_its_comparison(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    change = TermsChange(1, "EUR", PriceTerms("EUR", {"amount": "25"}), TODAY)
    view._books._tasks.command(price_books.change_book_terms, 1, [change])
    idle(qtbot, context)
    view._open_book(1)
    idle(qtbot, context)
    press(view._side, "End today…")
    idle(qtbot, context)
    cast("CompareDialog", dialog_of(view, CompareDialog)).accept()
    idle(qtbot, context)
    text = words(view._side)
    assert "€25.00" not in text
    assert "€30.00 instead of €50.00" in text
