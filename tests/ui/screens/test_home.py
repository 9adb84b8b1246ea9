from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from billdesk.services import unbilled_totals
from billdesk.services.book import Book
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets import FigureTile
from billdesk.ui.screens.home.home_view import HomeView
from builders import payments
from builders.book import a_book
from builders.payments import eur, issue, usd
from ui.books import Went, idle, press, show, words


def _trading(folder: Path) -> Book:
    book = payments.a_book(folder)
    book.run(issue, "2026-1", eur("100.00"), due=date(2026, 3, 15), issued=date(2026, 3, 1))
    book.run(issue, "2026-2", eur("50.00"), due=date(2026, 4, 30), issued=date(2026, 3, 2))
    book.run(issue, "2026-3", usd("10.00"), due=date(2026, 3, 20), issued=date(2026, 3, 3))
    return book


@pytest.fixture
def home(qtbot: QtBot, context: Context, tmp_path: Path) -> tuple[HomeView, Went]:
    return show(qtbot, context, HomeView, lambda: _trading(tmp_path))


def _tiles(view: HomeView) -> list[FigureTile]:
    return view.findChildren(FigureTile)


def test_figures_are_in_the_companys_currency(home: tuple[HomeView, Went]) -> None:
    names = [tile.accessibleName() for tile in _tiles(home[0])]
    assert names[:2] == ["Open: €158.00", "Overdue: €108.00"]


def test_a_tile_goes_to_its_list(home: tuple[HomeView, Went]) -> None:
    view, went = home
    _tiles(view)[1].setFocus()
    QTest.keyClick(_tiles(view)[1], Qt.Key.Key_Space)
    assert went == [("invoices", "", "overdue")]


def test_the_latest_overdue_invoice_comes_first_and_opens(home: tuple[HomeView, Went]) -> None:
    view, went = home
    press(view, "2026-3, Brouwerij De Linde NV, due 20 Mar 2026, US$10.00")
    assert went == [("invoices", "3", "")]


def test_an_age_goes_to_the_overdue_invoices(home: tuple[HomeView, Went]) -> None:
    view, went = home
    view._donut.chosen.emit("1")
    assert went == [("invoices", "", "overdue")]


def test_nothing_waits_once_all_is_done(home: tuple[HomeView, Went]) -> None:
    assert "Nothing waits. All is done." in words(home[0])


def test_a_new_book_shows_its_first_steps(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    view, went = show(qtbot, context, HomeView, lambda: a_book(tmp_path))
    press(view, "Your company. Address, VAT number, bank account. Done")
    press(view, "Customers. Enter them or import a spreadsheet. ")
    assert went == [("settings", "", ""), ("customers", "", "")]
    assert "First steps" in words(view)


def test_home_says_what_is_unbilled_and_goes_to_billing(home: tuple[HomeView, Went]) -> None:
    view, went = home
    assert "Unbilled now" in words(view)
    press(view, "Unbilled now: €0.00")
    assert went == [("billing", "", "")]


def test_what_is_unbilled_is_worked_out_on_demand_where_there_is_much(
    qtbot: QtBot, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unbilled_totals, "FEW_CONTRACTS", -1)
    view, went = show(qtbot, context, HomeView, lambda: _trading(tmp_path))
    press(view, "Unbilled now: work out")
    assert went == [("home", "", "unbilled")]
    view.show_view("unbilled")
    idle(qtbot, context)
    assert "work out" not in words(view)
